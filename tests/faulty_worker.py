"""
A worker with one fault in it: ``python faulty_worker.py FD`` with the fault in ``WAKIT_TEST_FAULT``.

The rest is the real worker with the real library. A fault strikes at the
``at``-th message and, where it kills, once: the marker file says that it has.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
from collections import namedtuple
from pathlib import Path
from typing import Any

from wakit.session import worker
from wakit.session.entries import row_of
from wakit.session.journal import Journal

MESSAGE = 17
FAULT = json.loads(os.environ["WAKIT_TEST_FAULT"])
MARKER = Path(FAULT["marker"])


def die() -> None:
    MARKER.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(step: str, at: int) -> None:
    """SIGKILL at one step of the event callback: before insert, before commit, after commit, after return."""
    seen = 0
    real_append, real_event = Journal.append, worker.Worker.on_event

    def append(self: Journal, code: int, payload: bytes, *args: Any) -> int:
        nonlocal seen
        seen += code == MESSAGE
        strikes = code == MESSAGE and seen == at and not MARKER.exists()
        if strikes and step == "before insert":
            die()
        if strikes and step == "before commit":
            self._db.execute("BEGIN IMMEDIATE")
            insert = "INSERT INTO event (code, at, crc, payload) VALUES (?, ?, ?, ?)"
            self._db.execute(insert, row_of(code, payload, self._clock.now()))
            die()
        seq = real_append(self, code, payload, *args)
        if strikes and step == "after commit":
            die()
        return seq

    def on_event(self: worker.Worker, code: int, payload: bytes) -> None:
        real_event(self, code, payload)
        if code == MESSAGE and seen == at and step == "after return" and not MARKER.exists():
            die()

    Journal.append = append  # type: ignore[method-assign]
    worker.Worker.on_event = on_event  # type: ignore[method-assign]


def raising(what: str, at: int) -> None:
    """Raise in the event callback, where ctypes would swallow it."""
    seen = 0
    real = Journal.append
    kinds = {kind.__name__: kind for kind in (ValueError, SystemExit, MemoryError, KeyboardInterrupt)}

    def append(self: Journal, code: int, payload: bytes, *args: Any) -> int:
        nonlocal seen
        seen += code == MESSAGE
        if code == MESSAGE and seen == at and not MARKER.exists():
            MARKER.touch()
            raise kinds[what]
        return real(self, code, payload, *args)

    Journal.append = append  # type: ignore[method-assign]


def unraisable(at: int) -> None:
    """Raise in a callback that is not ours, at the first message."""
    seen = 0
    real = worker.Worker.on_event

    def on_event(self: worker.Worker, code: int, payload: bytes) -> None:
        nonlocal seen
        real(self, code, payload)
        seen += code == MESSAGE
        if code == MESSAGE and seen == at and not MARKER.exists():
            MARKER.touch()
            ctypes.CFUNCTYPE(None)(lambda: 1 / 0)()  # type: ignore[arg-type, return-value]

    worker.Worker.on_event = on_event  # type: ignore[method-assign]


def disk(gauge: str) -> None:
    """Show the worker as much free space as the gauge file says."""
    Disk = namedtuple("Disk", "f_bavail f_frsize")
    os.statvfs = lambda _: Disk(int(Path(gauge).read_text()), 1)  # type: ignore[assignment]


def silent_end(at: int) -> None:
    """End the library's pump while "connected", as it does for a receipt type that it does not know."""
    from wakit.session.adapter import Library

    reached = threading.Event()
    seen = 0
    real_run, real_event = Library.run, worker.Worker.on_event

    def run(self: Library) -> None:
        if MARKER.exists():
            real_run(self)
            return
        threading.Thread(target=real_run, args=(self,), daemon=True).start()
        reached.wait(20)
        MARKER.touch()

    def on_event(self: worker.Worker, code: int, payload: bytes) -> None:
        nonlocal seen
        real_event(self, code, payload)
        seen += code == MESSAGE
        if seen == at:
            reached.set()

    worker.Worker.on_event = on_event  # type: ignore[method-assign]
    Library.run = run  # type: ignore[method-assign]


match FAULT["kind"]:
    case "kill":
        killed_at(FAULT["step"], FAULT["at"])
    case "raise":
        raising(FAULT["what"], FAULT["at"])
    case "unraisable":
        unraisable(FAULT["at"])
    case "disk":
        disk(FAULT["gauge"])
    case "silent end":
        silent_end(FAULT["at"])
worker.main()
