"""
Telling somebody that a run did not end well: in a chat, by a webhook, by a command.

The runner does it and not the host, because it also knows what never reached a host, and so that a command is one of
the person who starts the run, or who may schedule notebooks, which is to run programs. Neither parameters nor
results are told: they hold texts and numbers, and who is told need not be who may read those.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wakit.config import settings
from wakit.errors import RunBusy, WakitError
from wakit.languages import language, speak
from wakit.redact import mask_numbers
from wakit.whom import Way, Whom, whom

if TYPE_CHECKING:
    from wakit.paths import Workspace

#: Seconds for a receiver, and for a command.
_ATTEMPT = 10.0
_COMMAND = 30.0
_LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is told."""

    #: For people.
    text: str
    #: Id of the run; unset where none began.
    run: str | None
    #: What went wrong, as over REST: ``run-failed``, ``notebook-refused``, …
    code: str
    job: str
    account: str
    error: str
    at: str


#: Tells a notice, or raises with the reason why it could not.
Alarm = Callable[["Workspace", Notice], None]


@contextlib.contextmanager
def alarmed(told: Sequence[str], where: Workspace, job: str, account: str) -> Iterator[None]:
    """
    Tell those of *told* if the body does not end well; that a job is busy already is no failure.

    Args:
        told: Each ``chat:NUMBER``, ``https://ADDRESS`` or ``command:PROGRAM``; none means who stands in the settings.
        where: Whose host sends to chats.
        job: What is run.
        account: Who writes to chats.

    Raises:
        InvalidInput: One of them can never be told anything; nothing was begun.
    """
    default = settings().run_notify
    alarms = {one: _alarm(whom(one, settings())) for one in told or ([default] if default else [])}
    try:
        yield
    except RunBusy:
        raise
    except Exception as exc:
        notice = _notice(exc, job, account)
        for one, alarm in alarms.items():
            try:
                alarm(where, notice)
            except Exception as why:  # noqa: BLE001 - whatever it was, the others are told, and the run's own error stands
                exc.add_note(f"{_shown(one)} could not be told: {mask_numbers(str(why))[:_LONGEST]}")
        raise


def _notice(exc: Exception, job: str, account: str) -> Notice:
    known = exc if isinstance(exc, WakitError) else None
    error = mask_numbers(str(exc))[:_LONGEST] if known else type(exc).__name__
    said = speak(language(settings().lang), "The run of {job} did not end well. {error}", job=job, error=error)
    return Notice(
        text=said,
        run=known.data.get("run") if known else None,
        code=known.code if known else "internal",
        job=job,
        account=account,
        error=error,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _alarm(one: Whom) -> Alarm:
    if isinstance(one.target, tuple):
        return _command(one.target)
    return _chat(one.target) if one.way is Way.CHAT else _webhook(one.target)


def _chat(to: str) -> Alarm:
    def tell(where: Workspace, notice: Notice) -> None:
        from wakit.client import connect

        key = f"run-alarm-{notice.run or uuid.uuid4().hex}-{to}"
        with connect(where) as client:  # durable once it is queued; nobody waits for a phone
            client.send(to, notice.text, account=notice.account, wait=0, idempotency_key=key)

    return tell


def _webhook(url: str) -> Alarm:
    def tell(_: Workspace, notice: Notice) -> None:
        import httpx

        from wakit.destinations import Destinations, Transport

        async def post() -> None:
            way = Transport(Destinations(settings().webhook_hosts))
            async with httpx.AsyncClient(transport=way, timeout=_ATTEMPT, trust_env=False) as http, asyncio.timeout(_ATTEMPT):
                answer = await http.post(url, json=asdict(notice))
            if not answer.is_success:
                raise WakitError(f"It answered HTTP {answer.status_code}.")

        with ThreadPoolExecutor(1) as thread:  # a notebook that calls wakit.run() has a loop going on in this one
            thread.submit(lambda: asyncio.run(post())).result()

    return tell


def _command(argv: tuple[str, ...]) -> Alarm:
    def tell(_: Workspace, notice: Notice) -> None:
        done = subprocess.run(  # noqa: S603 - the person who starts the run, or schedules it, names it
            argv,
            input=f"{json.dumps(asdict(notice), ensure_ascii=False)}\n".encode(),
            env={**os.environ, "WAKIT_SAYS": notice.text},
            capture_output=True,
            timeout=_COMMAND,
            check=False,
        )
        if done.returncode:
            raise WakitError(f"It ended with {done.returncode}. {done.stderr.decode(errors='replace').strip()[-200:]}".strip())

    return tell


def _shown(text: str) -> str:
    """Return enough of a destination to know it by: an address may have a secret in its path, a command anything."""
    kind, _, target = text.partition(":")
    if kind in {"https", "http"}:
        return "/".join(text.split("/", 3)[:3])[:100]
    return (
        mask_numbers(text)[:100]
        if kind == "chat"
        else f"{kind[:20]}:{target.split(maxsplit=1)[0][:60] if target.split() else ''}"
    )
