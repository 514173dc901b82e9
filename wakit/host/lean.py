"""
Keep pandas out of the host.

pyarrow imports pandas the first time it makes an array of Python values, only to
see whether they are a pandas object: 50 MB and half a second in a process that
lives for weeks and never touches a DataFrame. pyarrow and DuckDB both run
without it, so here it is not installed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

UNUSED = frozenset({"pandas"})


class _NotHere(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        if fullname in UNUSED:
            msg = f"{fullname} is kept out of the host"
            raise ModuleNotFoundError(msg, name=fullname)
        return None


def keep_out() -> None:
    """Make the unused libraries look as if they were not installed, in this process only."""
    sys.meta_path.insert(0, _NotHere())
