"""
Room on the disk: when a session must pause, and when it may go on.

It pauses while the event at hand can still be written, because WhatsApp keeps
what nobody has confirmed and keeps nothing else. It goes on when a file of some
size can really be made: a quota says no where the disk says yes.
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

#: Free bytes below which a worker ends while the event at hand can still be written.
LOW_SPACE = 4 * 2**20
#: Free bytes with which it goes on: more, so that it does not come and go.
ENOUGH = 2 * LOW_SPACE
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def free(folder: Path) -> int:
    """Return how many bytes its disk says that this user may still write in *folder*."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def has_room(folder: Path) -> bool:
    """Return whether a session that paused may go on writing in *folder*; what else is wrong with it, the next start reports."""
    try:
        if free(folder) < ENOUGH:
            return False
        with tempfile.TemporaryFile(dir=folder) as trial:
            os.posix_fallocate(trial.fileno(), 0, ENOUGH)
    except OSError as exc:
        return exc.errno not in _FULL
    return True
