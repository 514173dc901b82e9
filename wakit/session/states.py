"""
The state machine of a session: what each signal means in each state, as a pure function.

``step`` says how the session stands after a signal, what the supervisor must do, and how
long it may take until the next one. It touches nothing, so every row of the
failure table is a test of one call. A state from which only a person can leave
(logged out, replaced, outdated, banned, …) is never restarted from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wakit.ids import JID
from wakit.model import SessionState as S
from wakit.model import SessionStatus
from wakit.session.channel import ExitCode
from wakit.session.signals import (
    Banned,
    CodeShown,
    DeviceKnown,
    Exited,
    Linked,
    LinkRefused,
    LoggedOut,
    LoginRefused,
    LoginSaid,
    NameKnown,
    NoPong,
    Offline,
    Online,
    Outdated,
    QrShown,
    Ready,
    Replaced,
    Signal,
    Silent,
    SpaceBack,
    SpaceGone,
    StreamFailed,
    TimedOut,
    Unanswered,
    Unlinked,
    Unwanted,
    Wanted,
)

#: WhatsApp shows the first code for a minute and each of the following for a third of one.
FIRST_QR, NEXT_QR = timedelta(seconds=60), timedelta(seconds=20)
#: All codes of one attempt together; a pairing code lives as long.
LINKING = timedelta(seconds=160)
#: Seconds more than WhatsApp gives before we stop waiting for its word.
GRACE = 5.0


class Action(StrEnum):
    """What the supervisor does after a step."""

    NOTHING = "nothing"
    #: Ask WhatsApp something: is anybody there?
    PROBE = "probe"
    #: End the worker and start another one, after a pause that grows.
    RESTART = "restart"
    #: End the worker and start another one now.
    RESTART_NOW = "restart now"
    #: End the worker and wait until the disk has room.
    AWAIT_SPACE = "await space"
    #: End the worker; a person must act.
    END = "end"
    #: End the worker and keep its session file aside: the phone ended the session.
    SET_ASIDE = "set aside"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a session waits, in seconds."""

    start: float = 20.0
    scan: float = 20.0
    deaf: float = 600.0
    #: How long the library may reconnect by itself; a fresh worker leaks nothing and its pauses are capped.
    reconnect: float = 5.0
    #: Without a heartbeat of the worker.
    silent: float = 15.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a session stands: what people see, and what the machine must remember."""

    status: SessionStatus
    #: Whether the session file holds a device.
    linked: bool = False
    #: Whether this worker has shown a QR before.
    shown: bool = False
    #: Whether the phone has accepted this companion in this run, and when.
    scanned_at: datetime | None = None

    def patience(self, now: datetime, limits: Limits) -> float:
        """Return the seconds that a worker has to get anywhere; behind a scan, what is left of ``scan_timeout``."""
        if self.scanned_at is None:
            return limits.start
        return max(0.05, limits.scan - (now - self.scanned_at).total_seconds())

    def enter(self, state: S, now: datetime, **changes: Any) -> Standing:
        """Return the standing in another state; codes and other passing facts are forgotten."""
        cleared: dict[str, Any] = {
            "qr": None,
            "pairing_code": None,
            "code_expires_at": None,
            "retry_at": None,
            "banned_until": None,
            "reason": None,
        }
        if self.status.state is S.CONNECTED and state is not S.CONNECTED:
            cleared["last_connected_at"] = now
        since = self.status.since if state is self.status.state else now
        return replace(self, status=self.status.with_(**{**cleared, "state": state, "since": since, **changes}))


@dataclass(frozen=True, kw_only=True)
class Step:
    """The outcome of one signal."""

    standing: Standing
    action: Action = Action.NOTHING
    #: Seconds until ``TimedOut`` is due; ``None`` leaves a running wait as it is, 0 ends it.
    wait: float | None = None


def step(now_at: Standing, signal: Signal, now: datetime, limits: Limits) -> Step:  # noqa: C901 - one case per signal
    """Return what *signal* does to a session that stands as *now_at*."""
    state = now_at.status.state
    match signal:
        case Wanted():
            return _start(now_at, now, limits)
        case Unwanted():
            return Step(standing=now_at.enter(S.STOPPED, now), action=Action.END, wait=0)
        case Unlinked():
            gone = replace(now_at, linked=False, scanned_at=None)
            return Step(standing=gone.enter(S.STOPPED, now, device=None, phone=None, push_name=None), action=Action.END, wait=0)
        case DeviceKnown(device, _, known):
            status = now_at.status.with_(device=device, phone=_phone(device), push_name=known or now_at.status.push_name)
            return Step(standing=replace(now_at, status=status))
        case NameKnown(name):
            return Step(standing=replace(now_at, status=now_at.status.with_(push_name=name)))
    if state.is_final:
        return Step(standing=now_at)
    match signal:
        case Ready(held):
            return Step(standing=replace(now_at, linked=held is not None), wait=now_at.patience(now, limits))
        case QrShown() | CodeShown() | LoginSaid() | Linked() | LinkRefused():
            return _linking(now_at, signal, now, limits)
        case Online():
            online = replace(now_at, linked=True, scanned_at=None)
            return Step(standing=online.enter(S.CONNECTED, now, last_connected_at=now), wait=limits.deaf)
        case Offline() if state is S.CONNECTED:
            until = now + timedelta(seconds=limits.reconnect)
            return Step(
                standing=now_at.enter(S.RECONNECTING, now, retry_at=until, reason=now_at.status.reason), wait=limits.reconnect
            )
        case StreamFailed(code):
            return Step(standing=replace(now_at, status=now_at.status.with_(reason=f"stream error {code}")))
        case NoPong() if state is S.CONNECTED:
            return Step(standing=now_at, action=Action.PROBE)
        case Unanswered() if state is S.CONNECTED:
            return Step(standing=now_at.enter(S.DEAF, now, reason="no answer"), action=Action.RESTART_NOW)
        case Silent() if state is S.CONNECTED:
            return Step(standing=now_at.enter(S.DEAF, now, reason="no heartbeat"), action=Action.RESTART_NOW)
        case Silent():
            return _again(now_at, now, "no heartbeat", limits)
        case LoginRefused(reason):
            return _again(now_at, now, reason, limits)
        case LoggedOut(reason):
            gone = replace(now_at, linked=False, scanned_at=None)
            return Step(standing=gone.enter(S.LOGGED_OUT, now, reason=reason, device=None), action=Action.SET_ASIDE, wait=0)
        case Replaced():
            return _final(now_at, S.REPLACED, now, None)
        case Outdated():
            return _final(now_at, S.OUTDATED, now, None)
        case Banned(reason, until):
            return _final(now_at, S.BANNED, now, reason, banned_until=until)
        case Exited():
            return _exited(now_at, signal, now, limits)
        case TimedOut():
            return _timed_out(now_at, now, limits)
        case SpaceGone() if state is not S.STORAGE_FULL:
            return _full(now_at, now, "the disk is full")
        case SpaceBack() if state is S.STORAGE_FULL:
            return _start(now_at, now, limits)
    return Step(standing=now_at)


def _start(now_at: Standing, now: datetime, limits: Limits) -> Step:
    state = S.RECONNECTING if now_at.linked and now_at.status.state in {S.RECONNECTING, S.DEAF} else S.STARTING
    fresh = replace(now_at, shown=False, scanned_at=None)
    return Step(standing=fresh.enter(state, now), action=Action.RESTART_NOW, wait=limits.start)


def _final(now_at: Standing, state: S, now: datetime, reason: str | None, **changes: Any) -> Step:
    return Step(standing=now_at.enter(state, now, reason=reason, **changes), action=Action.END, wait=0)


def _again(now_at: Standing, now: datetime, reason: str | None, limits: Limits) -> Step:
    """Start another worker after a pause; behind a scan only while ``scan_timeout`` lasts."""
    if now_at.scanned_at is not None:
        return _after_scan(now_at, now, reason, Action.RESTART, limits)
    state = S.RECONNECTING if now_at.linked else S.STARTING
    return Step(standing=now_at.enter(state, now, reason=reason), action=Action.RESTART, wait=0)


def _after_scan(now_at: Standing, now: datetime, reason: str | None, action: Action, limits: Limits) -> Step:
    if (now - (now_at.scanned_at or now)).total_seconds() >= limits.scan:
        return _final(now_at, S.STALLED, now, "no login after the scan")
    # The session is saved; whatsmeow can miss the word to log in with it when the socket closes early.
    return Step(standing=now_at.enter(S.STARTING, now, reason=reason), action=action, wait=now_at.patience(now, limits))


def _linking(now_at: Standing, signal: Signal, now: datetime, limits: Limits) -> Step:
    state = now_at.status.state
    match signal:
        case QrShown(text) if state in {S.STARTING, S.QR} and not now_at.linked:
            lives = NEXT_QR if now_at.shown else FIRST_QR
            standing = replace(now_at, shown=True).enter(S.QR, now, qr=text, code_expires_at=now + lives)
            return Step(standing=standing, wait=lives.total_seconds() + GRACE)
        case CodeShown(code) if not now_at.linked:
            standing = now_at.enter(S.PAIRING, now, pairing_code=code, code_expires_at=now + LINKING)
            return Step(standing=standing, wait=LINKING.total_seconds() + GRACE)
        case Linked(device):
            standing = replace(now_at, linked=True, scanned_at=now)
            return Step(standing=standing.enter(S.STARTING, now, device=device, phone=_phone(device)), wait=limits.scan / 2)
        case LinkRefused(reason) if not now_at.linked:
            return _final(now_at, S.STALLED, now, reason)
        case LoginSaid(word) if not now_at.linked:
            return _login_said(now_at, word, now)
    return Step(standing=now_at)


def _login_said(now_at: Standing, word: str, now: datetime) -> Step:
    if word == "timeout":
        return _final(now_at, S.QR_EXPIRED, now, None)
    if word == "err-client-outdated":
        return _final(now_at, S.OUTDATED, now, word)
    if word.startswith(("passkey", "err")):
        return _final(now_at, S.STALLED, now, word)
    return Step(standing=now_at)


def _full(now_at: Standing, now: datetime, reason: str) -> Step:
    return Step(standing=now_at.enter(S.STORAGE_FULL, now, reason=reason), action=Action.AWAIT_SPACE, wait=0)


def _exited(now_at: Standing, exited: Exited, now: datetime, limits: Limits) -> Step:
    if exited.is_full_disk:
        return _full(now_at, now, exited.reason)
    match exited.code:
        case ExitCode.FOREIGN_SESSION:
            return _final(now_at, S.STOPPED, now, "the session file belongs to another account")
        case ExitCode.FAILED if exited.error:
            return _final(now_at, S.STOPPED, now, exited.reason)
        case ExitCode.PUMP_DEAD if "TemporaryBan" in exited.reason:
            # The library dies of a ban whose code it does not know, before it can say until when.
            return _final(now_at, S.BANNED, now, "unknown code")
    return _again(now_at, now, exited.reason or exited.cause, limits)


def _timed_out(now_at: Standing, now: datetime, limits: Limits) -> Step:
    state = now_at.status.state
    if state in {S.QR, S.PAIRING}:
        return _final(now_at, S.QR_EXPIRED, now, None)
    if state is S.CONNECTED:
        return Step(standing=now_at, action=Action.PROBE, wait=limits.deaf)
    if now_at.scanned_at is not None:
        return _after_scan(now_at, now, None, Action.RESTART_NOW, limits)
    return _again(now_at, now, now_at.status.reason or "no answer in time", limits)


def _phone(device: str) -> str | None:
    jid = JID.parse(device)
    return f"+{jid.user}" if jid.is_phone else None
