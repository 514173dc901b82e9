"""
The write-ahead log of a journal: flush it behind every commit, and miss nothing when it was damaged.

SQLite with ``synchronous=NORMAL`` survives a killed process but not a power cut,
because a commit is not flushed. One ``fdatasync`` of the log in the background
closes that window without putting the disk's flush time (10 ms and more on
consumer disks) on the path of an event. With ``FULL``, a flush in each commit,
500 events a second and 10 ms a flush leave hundreds of events unjournaled, which
SIGKILL takes and WhatsApp does not send again; this way it is the one that is
being written (``tests/benchmarks/bench_journal.py``). SQLite's own checkpoints
flush twice inside a commit, so they are off and the same thread makes them.

When SQLite recovers a log it stops at the first frame whose checksum is wrong
and forgets all later frames without a word. So the committed frames are counted
before it opens the file; where it took fewer, the log is kept aside and the
rows behind the damage are read from a copy with mended checksums. Rows carry a
checksum of their own, so what is really damaged is found out there.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

#: Fixed for all journals, so that a log with a damaged header can still be read.
PAGE_SIZE = 4096

#: Bytes of commits behind which the log is copied into the file; SQLite then begins anew at its head.
CHECKPOINT = 2 * 2**20

_HEADER = struct.Struct(">IIIIIIII")
_FRAME = struct.Struct(">IIIIII")
_STEP = _FRAME.size + PAGE_SIZE
#: Magic number of a log whose checksums are computed on little-endian words.
_MAGIC = 0x377F0682
_VERSION = 3007000
_WORD = 0xFFFFFFFF


def flush(log: Path) -> None:
    """Make what is in a log survive a power cut; without a log everything is in the file, where a checkpoint flushed it."""
    try:
        fd = os.open(log, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)


def committed_frames(log: Path) -> int:
    """Return how many frames the log holds up to its last commit, wherever it may be damaged before that."""
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return 0
    salts = _salts(data)
    last = 0
    for number, offset in enumerate(range(_HEADER.size, len(data) - _STEP + 1, _STEP), start=1):
        _, size_after, *rest = _FRAME.unpack_from(data, offset)
        if size_after and tuple(rest[:2]) == salts:
            last = number
    return last


def sound_frames(log: Path) -> int:
    """Return how many frames SQLite would take from the log: up to the last commit before the first wrong checksum."""
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return 0
    if len(data) < _HEADER.size or _HEADER.unpack_from(data)[6:8] != (sums := _checksum(data[:24], (0, 0))):
        return 0
    salts, last = _salts(data), 0
    for number, offset in enumerate(range(_HEADER.size, len(data) - _STEP + 1, _STEP), start=1):
        _, size_after, *rest = _FRAME.unpack_from(data, offset)
        body = offset + _FRAME.size
        sums = _checksum(data[offset : offset + 8] + data[body : body + PAGE_SIZE], sums)
        if (*salts, *sums) != tuple(rest):
            break
        last = number if size_after else last
    return last


def mended(log: Path) -> bytes:
    """Return the content of a log with the checksums that its frames should have."""
    data = bytearray(log.read_bytes())
    salts = _salts(bytes(data))
    head = struct.pack(">IIIIII", _MAGIC, _VERSION, PAGE_SIZE, 0, *salts)
    sums = _checksum(head, (0, 0))
    data[: _HEADER.size] = head + struct.pack(">II", *sums)
    for offset in range(_HEADER.size, len(data) - _STEP + 1, _STEP):
        body = offset + _FRAME.size
        sums = _checksum(bytes(data[offset : offset + 8]) + bytes(data[body : body + PAGE_SIZE]), sums)
        struct.pack_into(">IIII", data, offset + 8, *salts, *sums)
        page = struct.unpack_from(">I", data, offset)[0]
        if page == 0:
            return bytes(data[:offset])
    return bytes(data)


def _salts(data: bytes) -> tuple[int, ...]:
    """Return the two numbers that all frames of this generation of the log carry."""
    if len(data) < _HEADER.size:
        return (0, 0)
    head = _HEADER.unpack_from(data)
    if head[0] == _MAGIC and _checksum(data[:24], (0, 0)) == head[6:8]:
        return head[4:6]
    if len(data) < _HEADER.size + _FRAME.size:
        return (0, 0)
    return _FRAME.unpack_from(data, _HEADER.size)[2:4]


def _checksum(data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = iter(struct.unpack(f"<{len(data) // 4}I", data))
    for one, two in zip(words, words, strict=True):
        first = (first + one + second) & _WORD
        second = (second + two + first) & _WORD
    return first, second


class Flusher:
    """
    Flushes one log in the background, at most *every* seconds after the first unflushed commit.

    Args:
        checkpoint: Called behind a flush whenever enough was written since the last time.
        on_error: Told why there will be no more flushes.
    """

    def __init__(self, log: Path, every: float, checkpoint: Callable[[], None], on_error: Callable[[Exception], None]) -> None:
        self._fd = os.open(log, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        self._pause = every / 2
        self._checkpoint = checkpoint
        self._on_error = on_error
        self._written = 0
        self._dirty = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal-flush", daemon=True)
        self._thread.start()

    def touch(self, size: int) -> None:
        """Say that something of this size was committed."""
        self._written += size + PAGE_SIZE
        self._dirty.set()

    def flush(self) -> None:
        """Flush now, on the calling thread."""
        self._dirty.clear()
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Flush what is left and end the thread."""
        self._closed.set()
        self._dirty.set()
        self._thread.join()
        os.close(self._fd)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._dirty.wait()
            began = time.monotonic()
            try:
                self.flush()
                if self._written > CHECKPOINT:
                    self._written = 0
                    self._checkpoint()
            except Exception as exc:  # noqa: BLE001 - whoever appends next must know
                self._on_error(exc)
                return
            # On a slow disk the flush is part of the pause: a commit waits for the rest of this one and for the next.
            self._closed.wait(max(0.0, self._pause - (time.monotonic() - began)))
