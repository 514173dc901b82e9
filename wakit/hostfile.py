"""
How the host of a workspace is found: its locks and ``host.json``.

Both lie in ``auth_sessions/``, beside what they protect, and not in a run-time
directory: cron and a desktop session see different ``XDG_RUNTIME_DIR``, and two
hosts would be two WhatsApp connections. The **life lock** is a ``flock`` held for
as long as the host lives; the kernel drops it on any death, so a pid is never
guessed from. The **start lock** lets one of many starters win. ``host.json`` is
written after the host listens and says where.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from wakit.config import PROTOCOL
from wakit.errors import CorruptFile, HostBusy
from wakit.paths import Workspace, check_private_file, read_private, write_private


@dataclass(frozen=True, kw_only=True)
class HostInfo:
    """What ``host.json`` says of the running host."""

    pid: int
    #: When it started, ISO 8601 in UTC.
    started: str
    #: Generation of the API; a client of another one asks for a restart.
    protocol: int
    version: str
    #: Path of the Unix socket.
    socket: str
    #: ``http://127.0.0.1:PORT`` where TCP was asked for.
    tcp: str | None = None
    #: File with the bearer token of the TCP address.
    token_file: str | None = None

    @classmethod
    def read(cls, workspace: Workspace) -> HostInfo | None:
        """
        Return what ``host.json`` says, or ``None`` where there is none.

        Raises:
            CorruptFile: It is not what a host writes.
            UnsafePath: It is a link or others can read it.
        """
        path = workspace.host_file
        try:
            data = json.loads(read_private(path))
            info = cls(**{name: data[name] for name in cls.__dataclass_fields__})
            datetime.fromisoformat(info.started)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as exc:
            msg = f"{str(path)!r} is damaged ({type(exc).__name__}). Run: wakit host restart"
            raise CorruptFile(msg, path=str(path)) from exc
        if not (isinstance(info.pid, int) and isinstance(info.protocol, int) and isinstance(info.socket, str)):
            msg = f"{str(path)!r} is damaged (a field has the wrong type). Run: wakit host restart"
            raise CorruptFile(msg, path=str(path))
        return info

    def write(self, workspace: Workspace) -> None:
        """Publish this host, readable by its owner only."""
        write_private(workspace.host_file, json.dumps(asdict(self)).encode())

    @property
    def compatible(self) -> bool:
        """Whether this process speaks the same API as that host."""
        return self.protocol == PROTOCOL


@dataclass(frozen=True, kw_only=True)
class TcpOptions:
    """Where a host also listens on 127.0.0.1."""

    #: 0 takes any free port.
    port: int
    certfile: Path | None = None
    keyfile: Path | None = None

    def arguments(self) -> list[str]:
        """Return the command line of ``python -m wakit.host`` for this."""
        tls = {"--certfile": self.certfile, "--keyfile": self.keyfile}
        return ["--tcp", str(self.port), *(part for name, path in tls.items() if path for part in (name, str(path)))]


def start_lock(workspace: Workspace, timeout: float) -> FileLock:
    """Return the lock of whoever starts a host; ``with`` raises ``filelock.Timeout`` after *timeout*."""
    return _lock(workspace.start_lock, timeout)


@contextlib.contextmanager
def life_lock(workspace: Workspace, started: str, *, pid: int, timeout: float = 0.5) -> Iterator[None]:
    """
    Hold the life lock for the length of the block, and note in it who has it.

    Args:
        workspace: What the host will own.
        started: When it started, ISO 8601.
        pid: Whose life it is.
        timeout: A client that asks ``is_alive`` holds the lock for an instant.

    Raises:
        HostBusy: With pid and start of the host that has it.
    """
    lock = _lock(workspace.life_lock, timeout)
    try:
        held = lock.acquire()
    except Timeout as exc:
        other = life_holder(workspace)
        who = f"pid {other['pid']}, since {other['started']}" if other else "pid unknown"
        msg = f"Another host of {str(workspace.root)!r} is alive ({who}). Stop it first: wakit host stop"
        raise HostBusy(msg, **other) from exc
    with held:
        workspace.life_lock.write_text(json.dumps({"pid": pid, "started": started}))
        yield


def is_alive(workspace: Workspace) -> bool:
    """Return whether some host holds the life lock, be it starting, serving, frozen or stopping."""
    try:
        with _lock(workspace.life_lock, 0):
            return False
    except Timeout:
        return True


def life_holder(workspace: Workspace) -> dict[str, Any]:
    """Return ``pid`` and ``started`` as the last taker of the life lock noted them; empty when unreadable."""
    try:
        data = json.loads(read_private(workspace.life_lock))
        return {"pid": int(data["pid"]), "started": str(data["started"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _lock(path: Path, timeout: float) -> FileLock:
    check_private_file(path)
    # A soft lock (a file that exists) would survive its holder; better no host than two.
    return FileLock(path, timeout, mode=0o600, poll_interval=0.02, fallback_to_soft=False)
