"""
Keep the host small: it lives for weeks on a machine that has other things to do.

**No pandas.** pyarrow imports pandas the first time it makes an array of Python values, only to
see whether they are a pandas object: 50 MB and half a second in a process that
lives for weeks and never touches a DataFrame. pyarrow and DuckDB both run
without it, so here it is not installed.

**Few heaps.** glibc gives each new thread a heap of its own and keeps what was
freed in it, large blocks too once it has seen one come and go. The search index
has a new thread write each commit: after 200 messages 180 MB lay about in heaps.

**Few searches for cycles.** Python looks for them whenever 700 objects more live;
a batch of messages is tens of thousands, none of them in a cycle: a tenth of the drain.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

#: What libraries load only to see whether it is there: pyarrow the first, tenacity the other.
UNUSED = frozenset({"pandas", "tornado"})
#: Heaps for all threads together: enough for those that run at once.
HEAPS = 2
#: Bytes from which on a block goes back to the system when it is freed.
LARGE = 1_000_000
#: Objects more that may live before cycles among them are looked for.
YOUNG = 10_000
#: glibc's names for them.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


class _NotHere(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        if fullname in UNUSED:
            msg = f"{fullname} is kept out of the host"
            raise ModuleNotFoundError(msg, name=fullname)
        return None


def keep_out() -> None:
    """Make the unused libraries look as if they were not installed, in this process only."""
    sys.meta_path.insert(0, _NotHere())


def collect_rarely() -> None:
    """Look for cycles of objects less often, in this process."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def share_heaps() -> None:
    """Let all threads share a few heaps and give large blocks back, where the C library is glibc; others do so by themselves."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(_M_ARENA_MAX, HEAPS)
        libc.mallopt(_M_MMAP_THRESHOLD, LARGE)
