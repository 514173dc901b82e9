"""
Who is told of a run that did not end well: a chat, a webhook or a command.

It is read when somebody says it, which for a schedule is long before anybody is told: a typing error shows at once and
not in the night in which it matters.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum

from wakit.config import Settings
from wakit.errors import InvalidInput
from wakit.ids import recipient
from wakit.redact import mask_numbers


class Way(StrEnum):
    """How somebody is told."""

    CHAT = "chat"
    WEBHOOK = "webhook"
    COMMAND = "command"


@dataclass(frozen=True, kw_only=True)
class Whom:
    """One who is told."""

    way: Way
    #: The chat's JID, the address, or the program with its arguments.
    target: str | tuple[str, ...]


def whom(text: str, settings: Settings) -> Whom:
    """
    Read ``chat:NUMBER``, ``https://ADDRESS`` or ``command:PROGRAM``.

    Args:
        text: What somebody wrote.
        settings: What a number without a country means, and where webhooks may go.

    Raises:
        InvalidInput: It is none of them, or can never be told anything.
    """
    kind, _, rest = text.partition(":")
    if kind == "chat":
        return Whom(way=Way.CHAT, target=str(recipient(rest, country=settings.country)))
    if kind == "command":
        return Whom(way=Way.COMMAND, target=_argv(rest))
    if kind in {"https", "http"}:
        from wakit.destinations import Destinations  # httpx and ssl: only for those who have one

        Destinations(settings.webhook_hosts).read(text)
        return Whom(way=Way.WEBHOOK, target=text)
    msg = f"{mask_numbers(text)[:64]!r} is nobody who can be told of a run. Give chat:NUMBER, https://ADDRESS or command:PROGRAM."
    raise InvalidInput(msg)


def _argv(line: str) -> tuple[str, ...]:
    try:
        argv = tuple(shlex.split(line))
    except ValueError as exc:
        raise InvalidInput(f"The command cannot be read: {exc}.") from exc
    if not argv:
        raise InvalidInput("Behind command: stands the program that is told.")
    return argv
