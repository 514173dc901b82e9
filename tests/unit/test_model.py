from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from wakit.model import Message, SessionState, SessionStatus

INSTANT = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=-5)))


def message(**changes: object) -> Message:
    base = {"account": "ana", "chat": "1@lid", "sender": "1@lid", "message_id": "3EB0", "ts": INSTANT, "text": "hola"}
    return Message(**(base | changes))


def test_record_refuses_naive_instants() -> None:
    """A datetime without a zone never enters a record."""
    with pytest.raises(ValueError, match="aware"):
        message(ts=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_record_holds_utc() -> None:
    """Whatever the zone of the input, the record holds UTC."""
    assert datetime(2026, 11, 24, 15, 0, tzinfo=UTC) == message().ts
    assert UTC is message().ts.tzinfo


def test_record_round_trips_through_json() -> None:
    """What went over REST is what arrives."""
    one = message(mentions=("2@lid",))
    assert one == Message.from_json(one.to_json())


def test_repr_shows_neither_body_nor_number() -> None:
    """Notebooks keep what is printed, so it says only kind, id and state."""
    assert "Message(account='ana', message_id='3EB0', type='text')" == repr(message())


def test_status_repr_hides_the_codes() -> None:
    """A printed status never shows the QR or the pairing code."""
    status = SessionStatus(account="ana", state=SessionState.QR, since=INSTANT, qr="2@secret", pairing_code="ABCD-EFGH")
    assert "SessionStatus(account='ana', state='qr')" == repr(status)


def test_every_state_is_final_or_leaves_by_itself() -> None:
    """Only states that need a person are final."""
    moving = {"starting", "qr", "pairing", "connected", "reconnecting", "deaf", "storage_full"}
    assert moving == {state.value for state in SessionState if not state.is_final}
