"""What a worker that ends waits for: the send under way, and that recipients could read the last ones."""

from __future__ import annotations

import threading
import time

import pytest

from wakit.proto import neonize_pb
from wakit.session import last_sends
from wakit.session.last_sends import LastSends

ANA, GROUP = "573001234567@s.whatsapp.net", "120363000000000001@g.us"
RECEIPT, LONG = 18, 30.0


def receipt(kind: str, *names: str) -> bytes:
    return bytes(neonize_pb.Receipt(MessageIDs=names, Type=neonize_pb.Receipt.ReceiptType.Value(kind)).SerializePartialToString())


def seconds(sends: LastSends, limit: float = LONG) -> float:
    """Return how long it waits."""
    before = time.monotonic()
    sends.wait(limit)
    return time.monotonic() - before


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> LastSends:
    """Return one that waits long for each message, so that a test that ends early shows why."""
    monkeypatch.setattr(last_sends, "PATIENCE", LONG)
    return LastSends()


def test_nothing_to_wait_for_is_no_wait() -> None:
    """A worker that sent nothing ends at once."""
    assert seconds(LastSends()) < 1


def test_confirmed_message_ends_the_wait(patient: LastSends) -> None:
    """A receipt from a phone that could read it, in another thread."""
    patient.sent(ANA, "A")
    patient.heard(RECEIPT, receipt("RETRY", "A"))
    patient.heard(RECEIPT, b"\xff")
    patient.heard(17, receipt("READ", "A"))
    threading.Timer(0.05, patient.heard, (RECEIPT, receipt("DELIVERED", "A"))).start()
    assert 0.04 < seconds(patient) < LONG / 2


def test_confirmation_can_overtake_the_answer(patient: LastSends) -> None:
    """The receipt came during the call."""
    with patient.calling():
        patient.heard(RECEIPT, receipt("READ", "A"))
        patient.sent(ANA, "A")
    assert seconds(patient) < LONG / 2


def test_unconfirmed_message_is_waited_for_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that is off says nothing; one of a group that confirms is not all of them."""
    monkeypatch.setattr(last_sends, "PATIENCE", 0.2)
    sends = LastSends()
    for chat in (ANA, GROUP):
        with sends.calling():
            sends.sent(chat, "A")
        if chat == GROUP:
            sends.heard(RECEIPT, receipt("DELIVERED", "A"))
        assert 0.15 < seconds(sends) < LONG / 2
        assert seconds(sends) < 0.15  # its time is over


def test_limit_ends_the_wait(patient: LastSends) -> None:
    """Whatever is open."""
    patient.sent(ANA, "A")
    with patient.calling():
        assert seconds(patient, 0.05) < LONG / 2


def test_call_under_way_is_waited_for(patient: LastSends) -> None:
    """It ends, and what it sent is waited for as well."""
    ends, started = threading.Event(), threading.Event()

    def call() -> None:
        with patient.calling():
            started.set()
            ends.wait(LONG)

    thread = threading.Thread(target=call)
    thread.start()
    started.wait(LONG)
    assert seconds(patient, 0.05) >= 0.05
    threading.Timer(0.05, ends.set).start()
    assert seconds(patient) < LONG / 2
    assert ends.is_set()
    thread.join()
