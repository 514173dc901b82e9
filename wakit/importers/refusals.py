"""How a file that cannot be imported is refused: its name, what is wrong with it, and what to do next."""

from __future__ import annotations

from typing import Any

from wakit.errors import InvalidInput

EXPORT_AGAIN = "Export the chat again on the phone (chat → ⋮ → More → Export chat) and give the .txt or .zip as it came."


def refused(name: str, why: str, next_step: str = EXPORT_AGAIN, **data: Any) -> InvalidInput:
    """Return the error for a file: *why* goes behind its name, *next_step* closes the message."""
    return InvalidInput(f"{name!r} {why}. {next_step}", file=name, **data)
