"""
A worker process seen from the host: started by exec, spoken to over a line, and certain to end.

It is spawned, never forked, because the Go runtime does not survive a fork. Proxy and
certificates must be in the environment at exec: Go copies it before Python can change
anything. It is a session of its own, so Ctrl-C in the host's terminal does not
reach it, and it ends by itself when the host's end of the line closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wakit
from wakit.errors import NotConnected, SendUnknown, WakitError, WorkerGone, error_named
from wakit.network import NetworkDescriptor
from wakit.paths import UMASK
from wakit.session.channel import pair
from wakit.session.worker_log import WorkerLog

log = logging.getLogger(__name__)

#: Calls that may have had their effect, or still go on, when nobody answers any more.
_UNDECIDABLE = {"send", "upload", "download"}
_LONGEST_LINE = 2**22
_CHUNK = 65536
#: Seconds between SIGTERM and SIGKILL.
_TERM_SECONDS = 1.0
#: Seconds for a worker to say whether a call could be taken back.
_CANCEL_SECONDS = 1.0
#: Would send a worker on an emulated network past its proxy or to other certificates.
_BYPASSES = ("NO_PROXY", "no_proxy", "https_proxy", "SSL_CERT_DIR")


class WorkerProcess:
    """
    One run of a worker.

    Args:
        on_line: Called with each message of the worker.
        on_exit: Called once, with exit code and last words, when it has ended and all its messages were handled.
    """

    def __init__(
        self,
        on_line: Callable[[WorkerProcess, dict[str, Any]], None],
        on_exit: Callable[[WorkerProcess, int, dict[str, Any]], None],
        log: WorkerLog,
    ) -> None:
        self._on_line = on_line
        self._on_exit = on_exit
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._life: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self, orders: dict[str, Any], network: NetworkDescriptor | None, cwd: Path) -> None:
        """
        Start the process and give it its orders.

        Raises:
            OSError: The machine has no room for another process.
        """
        host_end, worker_end = pair()
        with worker_end:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command(worker_end.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    pass_fds=(worker_end.fileno(),),
                    start_new_session=True,
                    umask=UMASK,
                    cwd=cwd,
                    env=environment(network),
                )
            except BaseException:
                host_end.close()
                raise
        reader, self._writer = await asyncio.open_unix_connection(sock=host_end, limit=_LONGEST_LINE)
        self._tell(orders)
        self._life = asyncio.create_task(self._live(reader))

    async def call(self, name: str, within: float, /, **args: Any) -> Any:
        """
        Call the library in the worker.

        Raises:
            WakitError: As the worker answered.
            WorkerGone: The worker ended during the call.
            NotConnected: No answer in time, and nothing was done.
            SendUnknown: No answer, and nobody can tell whether it was done.
        """
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._tell({"id": number, "call": name, "args": args})
            return _value(await self._answer(number, answer, within), name, within)
        finally:
            self._answers.pop(number, None)

    async def end(self, within: float) -> None:
        """End the process: ask it, then SIGTERM, then SIGKILL. Returns when it is gone and was reaped."""
        if self._process is None or self._life is None:
            return
        self._tell({"stop": True})
        for patience, signal in ((within, self._process.terminate), (_TERM_SECONDS, self._process.kill)):
            try:
                await asyncio.wait_for(asyncio.shield(self._life), patience)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    signal()
        await self._life

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _answer(self, number: int, answer: asyncio.Future[dict[str, Any]], within: float) -> dict[str, Any]:
        try:
            return await asyncio.wait_for(asyncio.shield(answer), within)
        except TimeoutError:
            self._tell({"cancel": number})
        try:
            return await asyncio.wait_for(answer, _CANCEL_SECONDS)
        except TimeoutError:
            return {"silent": True}

    async def _live(self, reader: asyncio.StreamReader) -> None:
        assert self._process is not None
        drain = asyncio.create_task(self._drain())
        last: dict[str, Any] = {}
        with contextlib.suppress(ConnectionError):  # it ended with something of ours unread
            async for line in reader:
                message = json.loads(line)
                if message["ev"] == "exit":
                    last = message
                self._take(message)
        code = await self._process.wait()
        await drain
        if self._writer is not None:
            self._writer.close()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result({"gone": True})
        self._on_exit(self, code, last)

    def _take(self, message: dict[str, Any]) -> None:
        if message["ev"] != "answer":
            self._tell_owner(message)
            return
        answer = self._answers.get(message["id"])
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _tell_owner(self, message: dict[str, Any]) -> None:
        try:
            self._on_line(self, message)
        except Exception:  # one message that nobody can handle must not end the supervision
            log.exception("a message of the worker was not handled: %s", message["ev"])

    async def _drain(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            self._log.feed(chunk)

    def _tell(self, message: dict[str, Any]) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")


def command(fd: int) -> list[str]:
    """Return the command line of a worker; it holds nothing secret."""
    return [sys.executable, "-P", "-m", "wakit.session.worker", str(fd)]


def environment(network: NetworkDescriptor | None) -> dict[str, str]:
    """
    Return the environment of a worker.

    On WhatsApp itself the user's proxy settings stay. On an emulated network the
    proxy is the emulator, whatever the user has set, so that nothing leaves the machine.
    """
    package = str(Path(wakit.__file__).parents[1])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NEONIZE_BOT_TAG": "off"}
    if network is not None:
        env = {name: value for name, value in env.items() if name not in _BYPASSES} | network.environment
    return env


def _value(answer: dict[str, Any], name: str, within: float) -> Any:
    if "value" in answer:
        return answer["value"]
    if "error" in answer:
        error = answer["error"]
        raise error_named(error["code"])(error["message"], **error["data"])
    raise _no_answer(answer, name, within)


def _no_answer(answer: dict[str, Any], name: str, within: float) -> WakitError:
    if "cancelled" in answer:
        msg = f"Another call was in the way for {within:.0f} s, so this one was not started. Try again."
        return NotConnected(msg)
    why = "the worker ended" if "gone" in answer else f"no answer within {within:.0f} s"
    if name in _UNDECIDABLE:
        msg = f"Nobody can tell whether the message was sent ({why}). It is not sent again by itself."
        return SendUnknown(msg, reason=why)
    if "gone" in answer:
        return WorkerGone()
    return NotConnected(f"WhatsApp did not answer within {within:.0f} s. Try again later.")
