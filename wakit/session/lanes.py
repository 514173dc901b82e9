"""
The threads that a worker makes its calls of the library on, and the downloads that nobody waits for any more.

The library puts no limit on the time of a download, and nobody can end one: it
keeps its thread until it comes back or the process ends. So one that is given
up goes on beside the others, up to a bound; then only a fresh worker helps, and
the account would have no more files without it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

#: Downloads that the host asks for at one time.
_AT_ONCE = 2
#: Downloads that may hang beside them; each may hold its file in memory.
MOST_HANGING = 4


class Lanes:
    """
    One queue of calls for each kind, so that a file is in the way of no message.

    Args:
        too_many: Called where ``MOST_HANGING`` downloads hang.
    """

    def __init__(self, too_many: Callable[[], None]) -> None:
        self._too_many = too_many
        self._pools = {
            "send": ThreadPoolExecutor(1, "send"),
            "download": ThreadPoolExecutor(_AT_ONCE + MOST_HANGING, "media"),
            "upload": ThreadPoolExecutor(1, "upload"),
            "": ThreadPoolExecutor(2, "call"),
        }
        self._hanging: list[Future[None]] = []

    def start(self, name: str, work: Callable[..., None], *args: Any) -> Future[None]:
        """Put a call of this name behind those of its kind."""
        return self._pools.get(name, self._pools[""]).submit(work, *args)

    def give_up(self, name: str, call: Future[None]) -> bool:
        """Take a call back, and say whether that was still possible; a download that runs counts as one that hangs."""
        if call.cancel():
            return True
        if name == "download":
            # Looked at only here: one that came back late, or comes back between the two, is done and counts no more.
            self._hanging = [one for one in (*self._hanging, call) if not one.done()]
            if len(self._hanging) >= MOST_HANGING:
                self._too_many()
        return False
