"""The state machine of a session, as a pure function: every signal in the states where it matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakit.model import SessionState as S
from wakit.model import SessionStatus
from wakit.proto import neonize_pb
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
    signal_of,
)
from wakit.session.states import Action, Limits, Standing, Step, step

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LIMITS = Limits(start=20, scan=20, deaf=600, reconnect=5)
DEVICE = "573001234567:2@s.whatsapp.net"


def standing(state: S, *, linked: bool = True, **facts: Any) -> Standing:
    own = {name: facts.pop(name) for name in ("shown", "scanned_at") if name in facts}
    status = SessionStatus(account="ana", state=state, since=START - timedelta(hours=1), **facts)
    return Standing(status=status, linked=linked, **own)


def after(state: S, signal: Signal, *, seconds: float = 0, **facts: Any) -> Step:
    return step(standing(state, **facts), signal, START + timedelta(seconds=seconds), LIMITS)


def outcome(done: Step) -> tuple[S, Action]:
    return done.standing.status.state, done.action


UNLINKED = {"linked": False}


@pytest.mark.parametrize(
    ("state", "signal", "facts", "state_after", "action"),
    [
        # starting and stopping
        (S.STOPPED, Wanted(), {}, S.STARTING, Action.RESTART_NOW),
        (S.LOGGED_OUT, Wanted(), UNLINKED, S.STARTING, Action.RESTART_NOW),
        (S.REPLACED, Wanted(), {}, S.STARTING, Action.RESTART_NOW),
        (S.RECONNECTING, Wanted(), {}, S.RECONNECTING, Action.RESTART_NOW),
        (S.CONNECTED, Unwanted(), {}, S.STOPPED, Action.END),
        (S.QR, Unwanted(), UNLINKED, S.STOPPED, Action.END),
        (S.STORAGE_FULL, Unwanted(), {}, S.STOPPED, Action.END),
        (S.CONNECTED, Unlinked(), {}, S.STOPPED, Action.END),
        (S.STARTING, Ready(DEVICE), {}, S.STARTING, Action.NOTHING),
        # linking
        (S.STARTING, QrShown("qr"), UNLINKED, S.QR, Action.NOTHING),
        (S.QR, QrShown("qr"), UNLINKED, S.QR, Action.NOTHING),
        (S.PAIRING, QrShown("qr"), UNLINKED, S.PAIRING, Action.NOTHING),
        (S.QR, CodeShown("AAAA-BBBB"), UNLINKED, S.PAIRING, Action.NOTHING),
        (S.QR, Linked(DEVICE), UNLINKED, S.STARTING, Action.NOTHING),
        (S.PAIRING, Linked(DEVICE), UNLINKED, S.STARTING, Action.NOTHING),
        (S.QR, LinkRefused("bad"), UNLINKED, S.STALLED, Action.END),
        (S.QR, LoginSaid("success"), UNLINKED, S.QR, Action.NOTHING),
        (S.QR, LoginSaid("timeout"), UNLINKED, S.QR_EXPIRED, Action.END),
        (S.PAIRING, LoginSaid("timeout"), UNLINKED, S.QR_EXPIRED, Action.END),
        (S.QR, LoginSaid("passkey-request"), UNLINKED, S.STALLED, Action.END),
        (S.QR, LoginSaid("err-client-outdated"), UNLINKED, S.OUTDATED, Action.END),
        (S.QR, LoginSaid("err-scanned-without-multidevice"), UNLINKED, S.STALLED, Action.END),
        (S.STARTING, LoginSaid("timeout"), {}, S.STARTING, Action.NOTHING),
        (S.CONNECTED, CodeShown("AAAA-BBBB"), {}, S.CONNECTED, Action.NOTHING),
        (S.QR, TimedOut(), UNLINKED, S.QR_EXPIRED, Action.END),
        (S.PAIRING, TimedOut(), UNLINKED, S.QR_EXPIRED, Action.END),
        # connection
        (S.STARTING, Online(), {}, S.CONNECTED, Action.NOTHING),
        (S.RECONNECTING, Online(), {}, S.CONNECTED, Action.NOTHING),
        (S.CONNECTED, Offline(), {}, S.RECONNECTING, Action.NOTHING),
        (S.STARTING, Offline(), {}, S.STARTING, Action.NOTHING),
        (S.RECONNECTING, TimedOut(), {}, S.RECONNECTING, Action.RESTART),
        (S.STARTING, TimedOut(), {}, S.RECONNECTING, Action.RESTART),
        (S.STARTING, TimedOut(), UNLINKED, S.STARTING, Action.RESTART),
        (S.CONNECTED, TimedOut(), {}, S.CONNECTED, Action.PROBE),
        (S.CONNECTED, NoPong(), {}, S.CONNECTED, Action.PROBE),
        (S.RECONNECTING, NoPong(), {}, S.RECONNECTING, Action.NOTHING),
        (S.CONNECTED, Unanswered(), {}, S.DEAF, Action.RESTART_NOW),
        (S.RECONNECTING, Unanswered(), {}, S.RECONNECTING, Action.NOTHING),
        (S.CONNECTED, Silent(), {}, S.DEAF, Action.RESTART_NOW),
        (S.RECONNECTING, Silent(), {}, S.RECONNECTING, Action.RESTART),
        (S.QR, Silent(), UNLINKED, S.STARTING, Action.RESTART),
        (S.DEAF, Online(), {}, S.CONNECTED, Action.NOTHING),
        (S.DEAF, TimedOut(), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, LoginRefused("generic"), {}, S.RECONNECTING, Action.RESTART),
        # ends that only a person can undo
        (S.CONNECTED, LoggedOut("logged_out"), {}, S.LOGGED_OUT, Action.SET_ASIDE),
        (S.STARTING, LoggedOut("logged_out"), {}, S.LOGGED_OUT, Action.SET_ASIDE),
        (S.CONNECTED, Replaced(), {}, S.REPLACED, Action.END),
        (S.RECONNECTING, Outdated(), {}, S.OUTDATED, Action.END),
        (S.STARTING, Banned("broadcast_list", None), {}, S.BANNED, Action.END),
        # the worker ends
        (S.CONNECTED, Exited(-9, ""), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, Exited(-6, ""), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, Exited(1, ""), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, Exited(ExitCode.PUMP_DEAD, "Receipt.Type not set"), {}, S.RECONNECTING, Action.RESTART),
        (S.STARTING, Exited(ExitCode.PUMP_DEAD, "neonize.TemporaryBan.Code not set"), {}, S.BANNED, Action.END),
        (S.CONNECTED, Exited(ExitCode.JOURNAL_FAILED, ""), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, Exited(ExitCode.STORAGE_FULL, ""), {}, S.STORAGE_FULL, Action.AWAIT_SPACE),
        (S.STARTING, Exited(ExitCode.UNREACHABLE, "refused"), {}, S.RECONNECTING, Action.RESTART),
        (S.STARTING, Exited(ExitCode.UNREACHABLE, "refused"), UNLINKED, S.STARTING, Action.RESTART),
        (S.QR, Exited(-9, ""), UNLINKED, S.STARTING, Action.RESTART),
        (S.STARTING, Exited(ExitCode.LOCKED, ""), {}, S.RECONNECTING, Action.RESTART),
        (S.STARTING, Exited(ExitCode.FOREIGN_SESSION, "other"), {}, S.STOPPED, Action.END),
        (S.STARTING, Exited(ExitCode.FAILED, "a link", "unsafe-path"), {}, S.STOPPED, Action.END),
        (S.CONNECTED, Exited(ExitCode.FAILED, "a bug"), {}, S.RECONNECTING, Action.RESTART),
        (S.CONNECTED, Exited(ExitCode.JOURNAL_FAILED, "", "storage-full"), {}, S.STORAGE_FULL, Action.AWAIT_SPACE),
        (S.CONNECTED, SpaceGone(), {}, S.STORAGE_FULL, Action.AWAIT_SPACE),
        (S.QR, SpaceGone(), UNLINKED, S.STORAGE_FULL, Action.AWAIT_SPACE),
        (S.STORAGE_FULL, SpaceGone(), {}, S.STORAGE_FULL, Action.NOTHING),
        (S.STORAGE_FULL, SpaceBack(), {}, S.STARTING, Action.RESTART_NOW),
    ],
)
def test_a_signal_in_a_state(state: S, signal: Signal, facts: dict[str, Any], state_after: S, action: Action) -> None:
    """Each row: in this state, this signal leads to that state and that action."""
    assert outcome(after(state, signal, **facts)) == (state_after, action)


FINAL = [state for state in S if state.is_final]
UNASKED = [
    QrShown("qr"), CodeShown("code"), LoginSaid("timeout"), LoginSaid("passkey-request"), Linked(DEVICE), Online(), Offline(),
    NoPong(), StreamFailed("500"), LoginRefused("x"), LoggedOut("x"), Replaced(), Outdated(), Banned("x", None), Exited(-9, ""),
    Exited(ExitCode.STORAGE_FULL, ""), TimedOut(), Unanswered(), Silent(), SpaceGone(), SpaceBack(),
    Ready(DEVICE),
]  # fmt: skip


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("signal", UNASKED, ids=lambda signal: type(signal).__name__)
def test_F17_nothing_but_a_person_leaves_a_final_state(state: S, signal: Signal) -> None:
    """Logged out, replaced, outdated, banned, expired, stalled, stopped: no event and no clock starts anything."""
    done = after(state, signal)
    assert outcome(done) == (state, Action.NOTHING)
    assert done.standing.status == standing(state).status


def test_the_first_code_lives_a_minute_and_the_others_twenty_seconds() -> None:
    """The QR's validity is WhatsApp's, and a code that is not followed by another one ends the attempt a little later."""
    first = after(S.STARTING, QrShown("one"), linked=False)
    assert first.standing.status.code_expires_at == START + timedelta(seconds=60)
    assert first.wait == 65
    second = step(first.standing, QrShown("two"), START + timedelta(seconds=60), LIMITS)
    assert second.standing.status.code_expires_at == START + timedelta(seconds=80)
    assert (second.wait, second.standing.status.qr) == (25, "two")
    assert second.standing.status.since == START


def test_codes_do_not_outlive_their_state() -> None:
    """As soon as the phone has answered, or the attempt is over, no code is in the status."""
    shown = after(S.STARTING, QrShown("qr"), linked=False).standing
    typed = step(shown, CodeShown("AAAA-BBBB"), START, LIMITS).standing
    assert (typed.status.qr, typed.status.pairing_code) == (None, "AAAA-BBBB")
    for signal in (Linked(DEVICE), LoginSaid("timeout"), Unwanted(), Exited(-9, "")):
        status = step(typed, signal, START, LIMITS).standing.status
        assert (status.qr, status.pairing_code, status.code_expires_at) == (None, None, None)


def test_a_scan_that_does_not_end_online_is_tried_again_and_then_stalled() -> None:
    """Half of scan_timeout after the scan a fresh worker tries the saved session; at its end the session is stalled."""
    scanned = after(S.QR, Linked(DEVICE), linked=False)
    assert (scanned.wait, scanned.standing.status.device, scanned.standing.status.phone) == (10, DEVICE, "+573001234567")
    again = step(scanned.standing, TimedOut(), START + timedelta(seconds=10), LIMITS)
    assert outcome(again) == (S.STARTING, Action.RESTART_NOW)
    stalled = step(again.standing, TimedOut(), START + timedelta(seconds=20), LIMITS)
    assert outcome(stalled) == (S.STALLED, Action.END)
    assert stalled.standing.status.reason == "no login after the scan"


def test_workers_that_end_after_a_scan_do_not_outlast_it() -> None:
    """However often and fast workers end behind a scan, the session is stalled when scan_timeout is over."""
    now = after(S.QR, Linked(DEVICE), linked=False).standing
    for seconds in range(1, 20, 3):
        done = step(now, Exited(ExitCode.UNREACHABLE, "refused"), START + timedelta(seconds=seconds), LIMITS)
        assert (*outcome(done), done.wait) == (S.STARTING, Action.RESTART, 20 - seconds)
        now = step(done.standing, Ready(DEVICE), START + timedelta(seconds=seconds), LIMITS).standing
    assert outcome(step(now, TimedOut(), START + timedelta(seconds=20), LIMITS)) == (S.STALLED, Action.END)
    assert outcome(step(now, Exited(-9, ""), START + timedelta(seconds=21), LIMITS)) == (S.STALLED, Action.END)


def test_online_forgets_why_it_was_offline() -> None:
    """Connected carries no reason, no retry and no ban of the time before."""
    done = after(S.RECONNECTING, Online(), reason="stream error 500", retry_at=START)
    status = done.standing.status
    assert (status.reason, status.retry_at, status.since, status.last_connected_at) == (None, None, START, START)
    assert done.wait == LIMITS.deaf


def test_offline_says_when_a_fresh_worker_would_try() -> None:
    """The library gets a few seconds to reconnect by itself; the reason of a stream error stays."""
    failed = after(S.CONNECTED, StreamFailed("500")).standing
    status = step(failed, Offline(), START, LIMITS).standing.status
    assert (status.reason, status.retry_at) == ("stream error 500", START + timedelta(seconds=5))


def test_a_ban_carries_its_end() -> None:
    """Until when and why are in the status, for the sentence."""
    until = START + timedelta(hours=1)
    status = after(S.CONNECTED, Banned("blocked_by_users", until)).standing.status
    assert (status.banned_until, status.reason) == (until, "blocked_by_users")


def test_logging_out_forgets_who_was_linked() -> None:
    """After our own logout nothing of the phone is in the status; after the phone's the number stays."""
    facts = {"phone": "+573001234567", "device": DEVICE, "push_name": "Café"}
    ours = after(S.CONNECTED, Unlinked(), **facts).standing
    assert (ours.status.phone, ours.status.device, ours.status.push_name, ours.linked) == (None, None, None, False)
    theirs = after(S.CONNECTED, LoggedOut("logged_out"), **facts).standing
    assert (theirs.status.phone, theirs.status.device, theirs.linked) == ("+573001234567", None, False)


def test_names_become_known_in_any_state() -> None:
    """Device and name are facts, not states."""
    known = after(S.STARTING, DeviceKnown(DEVICE, None, None), push_name="Café").standing.status
    assert (known.device, known.phone, known.push_name) == (DEVICE, "+573001234567", "Café")
    assert after(S.CONNECTED, NameKnown("Café Andino")).standing.status.push_name == "Café Andino"


ANY_SIGNAL = st.sampled_from([*UNASKED, Wanted(), Unwanted(), Unlinked(), NameKnown("x"), DeviceKnown(DEVICE, None, None)])


@given(st.lists(ANY_SIGNAL, max_size=30))
def test_no_sequence_of_signals_confuses_the_machine(signals: list[Signal]) -> None:
    """Whatever comes in whatever order: codes only while one waits for them, a retry time only while offline."""
    now, at = standing(S.STOPPED, linked=False), START
    for signal in signals:
        at += timedelta(seconds=1)
        done = step(now, signal, at, LIMITS)
        now, status = done.standing, done.standing.status
        assert (status.qr is None) or status.state is S.QR
        assert (status.pairing_code is None) or status.state is S.PAIRING
        assert (status.code_expires_at is None) or status.state.is_waiting
        assert (status.retry_at is None) or status.state is S.RECONNECTING
        assert (status.banned_until is None) or status.state is S.BANNED
        assert status.since <= at
        if status.state is S.CONNECTED:
            assert now.linked


def event(name: str, **fields: Any) -> bytes:
    return bytes(getattr(neonize_pb, name)(**fields).SerializeToString())


JID_ = neonize_pb.JID(User="573001234567", Server="s.whatsapp.net", Device=2, RawAgent=0, Integrator=0)
LID_ = neonize_pb.JID(User="191383143045913", Server="lid", Device=2, RawAgent=0, Integrator=0)


@pytest.mark.parametrize(
    ("code", "payload", "signal"),
    [
        (
            0,
            event("Device", JID=JID_, LID=LID_, Platform="android", BussinessName="", PushName="Café", Initialized=True),
            DeviceKnown(DEVICE, "191383143045913@lid", "Café"),
        ),
        (2, event("PairStatus", ID=JID_, BusinessName="", Platform="", Status=2), Linked(DEVICE)),
        (2, event("PairStatus", ID=JID_, BusinessName="", Platform="", Status=1, Error="no"), LinkRefused("no")),
        (3, event("Connected", status=True), Online()),
        (4, event("KeepAliveTimeout", ErrorCount=1, LastSuccess=0), NoPong()),
        (5, b"", None),
        (6, event("LoggedOut", OnConnect=False, Reason=2), LoggedOut("logged_out")),
        (7, b"", Replaced()),
        (8, event("TemporaryBan", Code=1, Expire=3600), Banned("send_to_too_many_people", START + timedelta(hours=1))),
        (8, event("TemporaryBan", Code=1, Expire=0), Banned("send_to_too_many_people", None)),
        (10, b"", Outdated()),
        (11, event("StreamError", Code="503", Raw=neonize_pb.Node(Tag="x")), StreamFailed("503")),
        (12, event("Disconnected", status=True), Offline()),
        (17, b"anything", None),
        (6, b"\xff\xff", None),
    ],
)
def test_library_events_become_signals(code: int, payload: bytes, signal: Signal | None) -> None:
    """Each control event is read from its protobuf; other events and damaged ones mean nothing to the machine."""
    assert signal_of(code, payload, START) == signal


def test_a_worker_that_ends_says_why_in_one_word() -> None:
    """Gap records name the cause: killed, crashed, or the exit code's name."""
    causes = [Exited(code, "").cause for code in (-9, -6, 1, ExitCode.PUMP_DEAD, ExitCode.STORAGE_FULL)]
    assert causes == ["killed", "killed", "crashed", "pump_dead", "storage_full"]


def test_a_restart_of_a_linked_session_is_not_shown_as_a_first_start() -> None:
    """While a deaf or offline session is restarted people see that it reconnects."""
    assert after(S.DEAF, Wanted()).standing.status.state is S.RECONNECTING
    assert after(S.STORAGE_FULL, SpaceBack()).standing.status.state is S.STARTING
