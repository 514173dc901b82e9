"""
The line between host and worker: JSON lines over an inherited socket pair.

The worker's end never blocks, because it is used inside the library's callback:
what the socket does not take is kept and sent later. A wake-up ("there is a
new row") is dropped when the host is slow; a later wake-up or heartbeat says the
same and more. End of file is how each side learns that the other is gone.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

#: Seconds between two heartbeats of a worker.
BEAT = 2.0

_CHUNK = 65536


class ExitCode(IntEnum):
    """Why a worker ended by itself."""

    #: The host asked for it.
    STOPPED = 0
    #: The library's event pump is dead: events would no longer arrive.
    PUMP_DEAD = 20
    #: An event could not be journaled, or the callback failed.
    JOURNAL_FAILED = 21
    #: The disk is almost full: it ended in order, and nothing was lost.
    STORAGE_FULL = 22
    #: The first dial failed.
    UNREACHABLE = 23
    #: The session file holds another device than the account.
    FOREIGN_SESSION = 24
    #: Another worker of this account is alive.
    LOCKED = 25
    #: The host went away.
    HOST_GONE = 26
    #: The worker could not be set up, or failed for a reason that is none of the others.
    FAILED = 27
    #: So many downloads hang that the account could soon have no more files.
    DOWNLOADS_HANG = 28


class WorkerEnd:
    """The worker's end of the line; every method may be called from any thread, and none blocks but ``first``."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()
        self._unsent = bytearray()
        self._received = bytearray()
        self._gone = False

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether something waits for the socket to become writable."""
        return bool(self._unsent)

    def first(self) -> dict[str, Any] | None:
        """Wait for the first message, or return nothing where the host is gone already."""
        self._sock.setblocking(True)
        while b"\n" not in self._received:
            chunk = self._sock.recv(_CHUNK)
            if not chunk:
                return None
            self._received += chunk
        self._sock.setblocking(False)
        return next(self._lines())

    def send(self, message: dict[str, Any], *, droppable: bool = False) -> None:
        """Send a message, or keep it until the socket takes it; a droppable one is not kept."""
        with self._lock:
            if droppable and self._unsent:
                return
            self._unsent += json.dumps(message, separators=(",", ":")).encode() + b"\n"
            self._push()

    def flush(self) -> None:
        """Send what waits, as far as the socket takes it."""
        with self._lock:
            self._push()

    def receive(self) -> list[dict[str, Any]] | None:
        """Return the messages that are there, or ``None`` when the host is gone."""
        try:
            chunk = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not chunk:
            return None
        self._received += chunk
        return list(self._lines())

    def _push(self) -> None:
        while self._unsent and not self._gone:
            try:
                sent = self._sock.send(self._unsent)
            except BlockingIOError:
                return
            except OSError:
                self._gone = True
                return
            del self._unsent[:sent]

    def _lines(self) -> Iterator[dict[str, Any]]:
        while b"\n" in self._received:
            line, _, rest = self._received.partition(b"\n")
            self._received = rest
            yield json.loads(line)


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the host's and the worker's socket of a new line."""
    host, worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.suppress(OSError):
        host.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
        worker.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
    return host, worker
