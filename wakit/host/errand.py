"""
One run of a notebook as a process: started for a slot, bounded, and its last words kept.

It is a process, and a session, of its own: a notebook can take hours, can end its interpreter and
can need gigabytes, none of which a host that holds connections may have to do with. It writes
into a file and not into a pipe, so it can go on where the host dies under it; a host
that is *stopped* takes it along, or the run would start the next host right away. Either
way the next host asks again under the same key, and ``wakit run`` knows under it what is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wakit.paths import Workspace, refused
from wakit.schedule import Schedule

#: Another run of the same notebook goes on: sysexits' "try again later", as ``wakit run`` says it.
BUSY = 75
#: Bytes of what a run wrote that are kept.
_TAIL = 8_000


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a process ended."""

    code: int
    output: str = ""
    #: Why it did not end by itself.
    why: str | None = None


class Errands:
    """
    Starts ``wakit run`` for the schedules of one workspace.

    Args:
        seconds: Most time for one run.
        grace: Seconds between asking a run to end and ending it.
        program: What is started; what to do follows it.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        seconds: float,
        grace: float,
        program: Sequence[str] = (sys.executable, "-P", "-m", "wakit.cli"),
    ) -> None:
        self._workspace = workspace
        self._seconds = seconds
        self._grace = grace
        self._program = program

    async def run(self, schedule: Schedule, key: str) -> Ended:
        """Run the notebook of *schedule* under *key*; being cancelled ends the run."""
        argv = [*schedule.arguments(), "--key", key]
        log = self._workspace.logs / f"schedule-{key.replace(':', '')}.log"
        try:
            code, why = await self._carry_out(argv, log)
            output = _last_words(log)
            log.unlink(missing_ok=True)
        except OSError as exc:
            raise refused(log, exc) from exc
        return Ended(code=code, output=output, why=why)

    async def _carry_out(self, argv: Sequence[str], log: Path) -> tuple[int, str | None]:
        file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program,
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=self._workspace.root,
                env={**os.environ, "WAKIT_HOME": str(self._workspace.root)},
                start_new_session=True,
            )
        finally:
            os.close(file)
        try:
            async with asyncio.timeout(self._seconds):
                return await process.wait(), None
        except TimeoutError:
            return await self._end(process), f"It took longer than {self._seconds:g} s (WAKIT_SCHEDULE_LIMIT) and was ended."
        finally:
            if process.returncode is None:
                await self._end(process)

    async def _end(self, process: asyncio.subprocess.Process) -> int:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._grace):
                    return await process.wait()
        return await process.wait()


def _last_words(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        return file.read().decode(errors="replace")
