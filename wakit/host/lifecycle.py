"""
The life of a host: lock, listen, publish, serve, and leave nothing behind.

The order is the point. The life lock comes before anything that two hosts could
both do; ``host.json`` comes after the sockets listen, so whoever reads it can
connect; on the way out it goes first, so nobody finds a host that is leaving. A
SIGKILL leaves a stale file and a stale socket, which the next holder of the lock
replaces.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from wakit.clock import Clock, SystemClock
from wakit.config import PROTOCOL, settings
from wakit.errors import HostBusy, WakitError
from wakit.host.lean import collect_rarely, keep_out, share_heaps
from wakit.hostfile import HostInfo, TcpOptions, life_lock
from wakit.network import REAL
from wakit.paths import UMASK, Workspace, refused
from wakit.redact import log_to

log = logging.getLogger(__name__)

#: Another host is alive: sysexits' "try again later".
EXIT_BUSY = 75
EXIT_FAILED = 1


def run(workspace: Workspace, *, tcp: TcpOptions | None = None, ready_fd: int | None = None) -> int:
    """
    Serve *workspace* until SIGTERM, SIGINT, ``POST /api/host/stop`` or idleness; return the exit code.

    Args:
        workspace: What this host owns.
        tcp: Whether to listen on 127.0.0.1 too.
        ready_fd: Where to write one JSON line: ``ready``, or the error.
    """
    os.umask(UMASK)
    starter = Starter(ready_fd)
    clock = SystemClock()
    started = clock.now().isoformat()
    try:
        workspace.create()
        with life_lock(workspace, started, pid=os.getpid()):
            log_to(workspace.host_log, network=REAL, level=settings().log_level)
            asyncio.run(_serve(workspace, started, tcp, starter, clock))
    except (WakitError, OSError) as exc:
        error = exc if isinstance(exc, WakitError) else refused(Path(exc.filename or workspace.root), exc)
        starter.tell(error)
        log.error("the host ends: %s", error.message)  # noqa: TRY400 - the message is made for people
        return EXIT_BUSY if isinstance(error, HostBusy) else EXIT_FAILED
    finally:
        starter.close()
    return 0


class Starter:
    """The process that started this one and waits to hear how it went, if there is one."""

    def __init__(self, fd: int | None) -> None:
        self._fd = fd
        if fd is not None:
            os.set_inheritable(fd, False)  # a worker that kept it open would look like a host that never answers

    def ready(self) -> None:
        """Say that the host serves."""
        self._write({"ready": True})

    def tell(self, error: WakitError) -> None:
        """Say what keeps the host from serving."""
        from wakit.host.problems import describe

        self._write(describe(error))

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _write(self, answer: dict[str, Any]) -> None:
        if self._fd is not None:
            with contextlib.suppress(BrokenPipeError):  # it gave up waiting
                os.write(self._fd, json.dumps(answer).encode() + b"\n")
        self.close()


async def _serve(workspace: Workspace, started: str, tcp: TcpOptions | None, starter: Starter, clock: Clock) -> None:
    # A second of imports comes with these (fastapi, duckdb, pyarrow): the lock is decided before it.
    keep_out()
    share_heaps()
    collect_rarely()
    from wakit.host.app import create_app
    from wakit.host.doors import Doors
    from wakit.host.services import running

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    doors = Doors(workspace, tcp)
    try:
        doors.open()
        info = HostInfo(
            pid=os.getpid(),
            started=started,
            protocol=PROTOCOL,
            version=_version(),
            socket=str(workspace.socket),
            tcp=doors.tcp_url,
            token_file=doors.token_file,
        )
        async with contextlib.AsyncExitStack() as stack:
            services = await stack.enter_async_context(running(workspace, info, settings(), clock, stop.set))
            await stack.enter_async_context(doors.serve(create_app(services), services.tokens))
            info.write(workspace)
            starter.ready()
            services.watch_idleness()
            log.info("wakit %s serves, pid %d, protocol %d", info.version, info.pid, info.protocol)
            try:
                await stop.wait()
            finally:
                workspace.host_file.unlink(missing_ok=True)
                services.say_goodbye()
    finally:
        doors.close()
        log.info("the host ended, pid %d", os.getpid())


def _version() -> str:
    try:
        return version("wakit-notebooks")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"
