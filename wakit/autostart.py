"""
Finding the host of a workspace, and starting it where there is none.

Whoever needs the host first starts it, as with ssh-agent. A start is one short
conversation: the new process gets the write end of a pipe and says into it
either that it serves or why it cannot, so nobody has to poll or read a log.
It runs in a session of its own because Jupyter ends a kernel by killing the
kernel's process group, and with ``-P`` because the workspace is its working
directory and a notebook's ``random.py`` must not become the standard library's.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import Timeout

import wakit
from wakit.access import RUN_VARIABLE
from wakit.config import PROTOCOL, settings
from wakit.errors import (
    CorruptFile,
    HostBusy,
    HostError,
    HostGone,
    HostNotResponding,
    HostVersionMismatch,
    WakitError,
    WorkspaceNotWritable,
    error_named,
)
from wakit.hostfile import HostInfo, TcpOptions, is_alive, life_holder, start_lock
from wakit.paths import Workspace

#: Seconds for a living host to answer; a healthy one needs a millisecond.
PROBE_TIMEOUT = 3.0
#: Seconds between two looks at a host that is starting or stopping.
_POLL = 0.02


def ensure(workspace: Workspace, *, start: bool = True) -> HostInfo:
    """
    Return the host of *workspace*; without one, start it.

    Args:
        workspace: Whose host.
        start: Whether to start one; ``False`` raises ``HostGone`` instead.

    Raises:
        HostNotResponding: A host is alive but frozen, or does not come up.
        HostVersionMismatch: It speaks another API.
        CorruptFile: ``host.json`` is damaged and its host is alive.
    """
    info = find(workspace)
    if info is not None:
        return info
    if not start:
        msg = f"No host of {str(workspace.root)!r} is running. Run: wakit host start"
        raise HostGone(msg, workspace=str(workspace.root))
    return launch(workspace)


def find(workspace: Workspace) -> HostInfo | None:
    """
    Return the host that answers for *workspace*, or ``None`` where nobody does.

    What a dead host left behind (``host.json``, a socket, a damaged file) is
    not an error: the next host replaces it.
    """
    try:
        info = HostInfo.read(workspace)
    except CorruptFile:
        if is_alive(workspace):
            raise
        return None
    if info is None or not _answers(info):
        return None
    if not info.compatible:
        msg = f"The running host speaks protocol {info.protocol} (wakit {info.version}), not {PROTOCOL}. Run: wakit host restart"
        raise HostVersionMismatch(msg, pid=info.pid, host=info.protocol, client=PROTOCOL)
    return info


def launch(workspace: Workspace, tcp: TcpOptions | None = None) -> HostInfo:
    """
    Start the host of *workspace*, or return the one that somebody else just started.

    Args:
        workspace: What it shall own; its folders are made where missing.
        tcp: Whether it shall listen on 127.0.0.1 too.

    Raises:
        WakitError: What kept the new host from serving, as it said itself.
    """
    workspace.create()
    limit = settings().start_timeout
    deadline = time.monotonic() + limit
    try:
        with start_lock(workspace, limit):
            while time.monotonic() < deadline:
                info = find(workspace)
                if info is not None:
                    return _with_tcp(info, tcp)
                if not is_alive(workspace):
                    # HostBusy: started by hand in this very moment
                    with contextlib.suppress(HostBusy):
                        return _spawn(workspace, tcp, deadline)
                time.sleep(_POLL)
    except Timeout as exc:
        raise _silent(workspace, limit) from exc
    raise _silent(workspace, limit)


def stop(workspace: Workspace) -> bool:
    """
    End the host of *workspace* and return whether there was one.

    It is asked to (SIGTERM) and, after twice the time that a worker gets, killed; a
    frozen host ends too. The journals survive either way.
    """
    holder = life_holder(workspace)
    if not is_alive(workspace):
        return False
    if not holder:
        msg = f"A host of {str(workspace.root)!r} is alive but {str(workspace.life_lock)!r} does not say its pid."
        raise HostError(msg, path=str(workspace.life_lock))
    for number, patience in ((signal.SIGTERM, 2 * settings().stop_timeout + 1), (signal.SIGKILL, PROBE_TIMEOUT)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder["pid"], number)
        if _ended(workspace, patience):
            return True
    msg = f"The host (pid {holder['pid']}) did not end, not even by SIGKILL."
    raise HostNotResponding(msg, pid=holder["pid"])


def restart(workspace: Workspace, tcp: TcpOptions | None = None) -> HostInfo:
    """End the host of *workspace*, if any, and start a new one."""
    stop(workspace)
    return launch(workspace, tcp)


class _Unix(http.client.HTTPConnection):
    """HTTP to a Unix socket; unlike httpx's, it closes a socket that nobody answers."""

    def __init__(self, path: str) -> None:
        super().__init__("wakit", timeout=PROBE_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _answers(info: HostInfo) -> bool:
    """Ask the host for its health; a dead one refuses, a frozen one raises ``HostNotResponding``."""
    try:
        with contextlib.closing(_Unix(info.socket)) as unix:
            unix.request("GET", "/api/health")
            health = json.loads(unix.getresponse().read())
    except TimeoutError as exc:
        msg = f"The host (pid {info.pid}) is alive but did not answer within {PROBE_TIMEOUT:g} s. Run: wakit host restart"
        raise HostNotResponding(msg, pid=info.pid) from exc
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return bool(health.get("pid") == info.pid)


def _with_tcp(info: HostInfo, tcp: TcpOptions | None) -> HostInfo:
    if tcp is None or info.tcp is not None:
        return info
    msg = f"The host (pid {info.pid}) is running without TCP. Run: wakit host restart --tcp {tcp.port}"
    raise HostBusy(msg, pid=info.pid)


def command() -> list[str]:
    """Return the command line of a host, without its arguments."""
    return [sys.executable, "-P", "-m", "wakit.host"]


def _spawn(workspace: Workspace, tcp: TcpOptions | None, deadline: float) -> HostInfo:
    ready, report = os.pipe()
    arguments = ["--workspace", str(workspace.root), "--ready-fd", str(report), *(tcp.arguments() if tcp else [])]
    with os.fdopen(ready, "rb") as pipe:
        try:
            with _log(workspace.host_log) as log:
                process = subprocess.Popen(  # noqa: S603 - the arguments are ours
                    [*command(), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=workspace.root,
                    env=_environment(),
                    start_new_session=True,
                    pass_fds=(report,),
                )
        finally:
            os.close(report)
        # Reaps the host whenever it ends; nobody waits for it.
        threading.Thread(target=process.wait, name=f"wakit-host-{process.pid}", daemon=True).start()
        answer = _line(pipe.fileno(), deadline)
    if answer is None:
        raise _silent(workspace, settings().start_timeout)
    info = HostInfo.read(workspace) if answer.get("ready") else None
    if info is not None:
        return info
    raise _told(answer, workspace)


def _environment() -> dict[str, str]:
    """Return the variables of a host: it must run the very wakit that starts it."""
    paths = [str(Path(wakit.__file__).parents[1]), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {name: value for name, value in os.environ.items() if name != RUN_VARIABLE}  # a host outlives the run that starts it
    return {**own, "PYTHONPATH": os.pathsep.join(paths)}


def _told(answer: dict[str, Any], workspace: Workspace) -> WakitError:
    """Return the error that kept the host from starting, as the host said it or as its silence means it."""
    if "code" in answer:
        error = error_named(answer["code"])(answer["detail"])
        error.data = answer["data"]
        return error
    log = str(workspace.host_log)
    return HostError(f"The host ended while it was starting. Its log says why: {log}", log=log)


def _line(fd: int, deadline: float) -> dict[str, Any] | None:
    """Read one JSON line; ``{}`` when the other end closed without a word, ``None`` when time is up."""
    text = b""
    while not text.endswith(b"\n"):
        if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return None
        chunk = os.read(fd, 65536)
        if not chunk:
            return {}
        text += chunk
    return dict(json.loads(text))


@contextlib.contextmanager
def _log(path: Path) -> Iterator[int]:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        msg = f"{str(path)!r} cannot be written to ({exc.strerror})."
        raise WorkspaceNotWritable(msg, path=str(path)) from exc
    try:
        yield fd
    finally:
        os.close(fd)


def _ended(workspace: Workspace, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while is_alive(workspace):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _silent(workspace: Workspace, limit: float) -> HostNotResponding:
    holder = life_holder(workspace)
    who = f" (pid {holder['pid']})" if holder else ""
    msg = f"The host of {str(workspace.root)!r}{who} did not answer within {limit:g} s. Run: wakit host restart"
    return HostNotResponding(msg, workspace=str(workspace.root), **holder)
