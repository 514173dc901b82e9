"""
What the status bar shows, as a function of what is known: no browser, no kernel, no clock of its own.

How much of today is known is what the analyst's figures of today rest on, so it
stands beside the state: an account that is connected now may have been deaf all morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wakit.config import settings
from wakit.ids import DEFAULT_ACCOUNT
from wakit.languages import Language, speak, speak_many
from wakit.model import Send, SendState, SessionState, SessionStatus
from wakit.pacing import Stop, stopped
from wakit.sentences import emulated, sentence, words
from wakit.widgets.card import phone_of, veiled
from wakit.widgets.words import no_host, texts


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What has not gone out."""

    waiting: int = 0
    #: Sends of which nobody can tell whether they went out.
    undecided: int = 0

    @classmethod
    def of(cls, sends: Iterable[Send]) -> Queue:
        """Count what the host says is pending."""
        states = [send.state for send in sends]
        undecided = states.count(SendState.UNKNOWN)
        return cls(waiting=len(states) - undecided, undecided=undecided)


@dataclass(frozen=True, kw_only=True)
class Today:
    """Which shares of today are known."""

    complete: float
    partial: float

    @classmethod
    def of(cls, intervals: Sequence[tuple[datetime, datetime | None, str]], now: datetime, zone: ZoneInfo) -> Today:
        """Return how much of the day so far is in intervals of each kind: (first instant, end or none, kind)."""
        begin = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        day = (now - begin).total_seconds() or 1.0

        def share(kind: str) -> float:
            inside = (min(until or now, now) - max(since, begin) for since, until, known in intervals if known == kind)
            return sum(max(0.0, one.total_seconds()) for one in inside) / day

        return cls(complete=share("complete"), partial=share("partial"))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Everything that is known of one account, from which its bar follows; nothing is ``None`` before it is known."""

    account: str
    status: SessionStatus | None = None
    queue: Queue | None = None
    today: Today | None = None
    #: Name and time of the scheduled run that is due next.
    coming: tuple[str, datetime] | None = None
    #: What keeps the account from sending.
    stop: Stop | None = None
    #: Whether a host answers.
    attached: bool = True
    private: bool = False


def bar(seen: Seen, now: datetime, lang: Language) -> dict[str, Any]:
    """Return the message that draws the whole bar."""
    status = seen.status
    shown = veiled(status) if status and seen.private else status
    return {
        "t": "bar",
        **_state(seen, shown, now, lang),
        "phone": phone_of(status, private=seen.private) if status else None,
        "name": shown.push_name if shown else None,
        "account": seen.account if seen.account != DEFAULT_ACCOUNT else None,
        "emulated": emulated(lang) if status and status.emulated else None,
        "queue": _queue(seen.queue, lang) if seen.queue and seen.attached else None,
        "undecided": bool(seen.queue and seen.queue.undecided),
        "coming": _coming(seen.coming, now, lang) if seen.coming and seen.attached else None,
        "stopped": _stopped(seen.stop, lang) if seen.stop and seen.attached else None,
        "today": _today(seen.today, lang) if seen.today and seen.attached else None,
        "today_more": _shares(seen.today, lang) if seen.today else None,
    }


def line(seen: Seen, lang: Language) -> str:
    """Return the bar for places that keep what they are told: no number, no name."""
    if seen.status is None:
        return texts(lang).kernel_wait
    told = words(seen.status.state, lang)
    network = texts(lang).emulated if seen.status.emulated else None
    queue = _queue(seen.queue, lang) if seen.queue else None
    today = _today(seen.today, lang) if seen.today else None
    held = _stopped(seen.stop, lang) if seen.stop else None
    return " · ".join(part for part in (f"{told.icon} {told.word}", seen.account, network, queue, today, held) if part)


def _state(seen: Seen, shown: SessionStatus | None, now: datetime, lang: Language) -> dict[str, Any]:
    if not seen.attached:
        absent = no_host(lang)
        return {"state": "no_host", "icon": absent.icon, "word": absent.word, "sentence": absent.sentence}
    if shown is None:
        return {"state": SessionState.STARTING.value, "icon": "◌", "word": texts(lang).kernel_wait, "sentence": ""}
    told = words(shown.state, lang)
    return {"state": shown.state.value, "icon": told.icon, "word": told.word, "sentence": sentence(shown, now, lang)}


def _queue(queue: Queue, lang: Language) -> str:
    parts = []
    if queue.undecided:
        parts.append(speak_many(lang, "{count} send undecided", "{count} sends undecided", queue.undecided))
    if queue.waiting or not queue.undecided:
        waiting = speak_many(lang, "{count} send waits", "{count} sends wait", queue.waiting)
        parts.insert(0, waiting if queue.waiting else speak(lang, "Queue empty"))
    return ", ".join(parts)


def _stopped(stop: Stop, lang: Language) -> str:
    return stopped(stop, ZoneInfo(settings().timezone), lang)


def _today(today: Today, lang: Language) -> str:
    return speak(lang, "Coverage today {percent} %", percent=_percent(today.complete))


def _coming(coming: tuple[str, datetime], now: datetime, lang: Language) -> str:
    name, due = coming
    zone = ZoneInfo(settings().timezone)
    at, today = due.astimezone(zone), now.astimezone(zone)
    return speak(
        lang, "Next run: {name}, {at}", name=name, at=f"{at:%H:%M}" if at.date() == today.date() else f"{at:%Y-%m-%d %H:%M}"
    )


def _shares(today: Today, lang: Language) -> str:
    shares = {"complete": _percent(today.complete), "partial": _percent(today.partial)}
    return speak(lang, "Listening today: {complete} %. Known in part from elsewhere: {partial} %.", **shares)


def _percent(share: float) -> int:
    """Return whole percent; only all of it is a hundred."""
    return 100 if share > 1 - 1e-6 else min(99, round(share * 100))
