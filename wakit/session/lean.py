"""
Keep out of a worker what neonize imports but wakit never uses.

``import neonize`` also brings in three HTTP clients, a page parser, a QR
drawer and a progress bar: two thirds of its import time and 15 MB, in every
worker, at every restart. They serve link previews, media given as a URL, QR codes on
stdout, and the download of native code when the library is missing. wakit does
none of that in a worker, and the last one must not happen at all. So
these names are taken by modules that refuse.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

UNUSED = ("httpx", "linkpreview", "requests", "segno", "tqdm")


class Refused(RuntimeError):
    """A worker tried to use a library that has no place in it."""


class _Absent(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_: Any, **__: Any) -> Any:
            msg = f"{self.__name__}.{name} was called in a worker"
            raise Refused(msg)

        return refuse


def keep_out() -> None:
    """Take the names of the unused libraries, unless somebody imported them before."""
    for name in UNUSED:
        sys.modules.setdefault(name, _Absent(name))
