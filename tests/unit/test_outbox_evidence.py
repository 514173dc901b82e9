"""What tells of messages whose call said nothing, and what proves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from wakit.clock import ManualClock
from wakit.model import Receipt, ReceiptState, Send, SendState
from wakit.outbox import Outbox
from wakit.outbox.evidence import KEPT_FOR, Evidence
from wakit.outgoing import Text
from wakit.paths import Workspace

pytestmark = pytest.mark.outbox

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
ANA, ANA_LID, BETO = "573001234567@s.whatsapp.net", "111222333@lid", "573009998877@s.whatsapp.net"
SAME = {ANA: [ANA, ANA_LID]}


def library_id(number: int) -> str:
    return f"3EB0{number:018X}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def outbox(workspace: Workspace, clock: ManualClock) -> Iterator[Outbox]:
    queue = Outbox(workspace.outbox, clock)
    yield queue
    queue.close()


class Shop:
    """An outbox, what proves something to it, and the ids that its store has."""

    def __init__(self, outbox: Outbox, clock: ManualClock) -> None:
        self.outbox, self.clock = outbox, clock
        self.stored: set[str] = set()
        self.evidence = Evidence(outbox, clock, lambda _, address: SAME.get(address, [address]), self._stored)

    def _stored(self, account: str, ids: Collection[str], since: datetime) -> set[str]:
        assert (account, since) == ("default", START - KEPT_FOR)
        return self.stored & set(ids)

    def cut_off(self, *people: str) -> list[Send]:
        """Messages whose call was cut off."""
        sends = [self.outbox.add("default", to, Text(text="hola")) for to in people]
        for _ in sends:
            self.outbox.claim("default")
        self.outbox.recover()
        return sends

    def told(self, number: int | str, state: ReceiptState = ReceiptState.DELIVERED, **more: object) -> list[Send]:
        """A receipt comes, and what it proves is weighed."""
        name = number if isinstance(number, str) else library_id(number)
        facts = {"chat": ANA_LID, "recipient": ANA_LID, "raw_type": state.upper(), "ts": self.clock.now()} | more
        self.outbox.apply_receipt(Receipt(account="default", message_ids=(name,), state=state, **facts))  # type: ignore[arg-type]
        return self.evidence.weigh("default")

    def now(self, *sends: Send) -> list[tuple[SendState, str | None]]:
        """How far messages got, and under which ids."""
        found = [self.outbox.get(send.id) for send in sends]
        return [(send.state, send.message_id) for send in found]


@pytest.fixture
def shop(outbox: Outbox, clock: ManualClock) -> Shop:
    return Shop(outbox, clock)


UNKNOWN = (SendState.UNKNOWN, None)


@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        (ReceiptState.DELIVERED, SendState.DELIVERED),
        (ReceiptState.READ, SendState.READ),
        (ReceiptState.PLAYED, SendState.READ),
    ],
)
def test_receipt_under_another_address_of_the_person_settles(shop: Shop, state: ReceiptState, becomes: SendState) -> None:
    """One undecided message and one unknown id in its chat: that is its id, and later receipts find it."""
    (send,) = shop.cut_off(ANA)
    assert [(one.id, one.state) for one in shop.told(1, state)] == [(send.id, becomes)]
    shop.told(1, ReceiptState.READ)
    assert shop.now(send) == [(SendState.READ, library_id(1))]


def test_receipts_settle_as_many_as_they_are(shop: Shop) -> None:
    """Two undecided messages wait for two ids, and get them in the order in which they left; other chats are none of theirs."""
    first, second, other = shop.cut_off(ANA, ANA, BETO)
    assert shop.told(7) == []
    assert shop.told(3)
    assert shop.now(first, second, other) == [(SendState.DELIVERED, library_id(7)), (SendState.DELIVERED, library_id(3)), UNKNOWN]


def test_more_ids_than_messages_leave_a_choice(shop: Shop) -> None:
    """Two ids for one message: a person decides."""
    (send,) = shop.cut_off(ANA)
    for number in (1, 2):
        shop.outbox.apply_receipt(
            Receipt(
                account="default",
                chat=ANA,
                recipient=ANA,
                message_ids=(library_id(number),),
                state=ReceiptState.DELIVERED,
                raw_type="DELIVERED",
                ts=START,
            )
        )
    assert shop.evidence.weigh("default") == []
    assert shop.now(send) == [UNKNOWN]


def test_what_proves_nothing_settles_nothing(shop: Shop) -> None:
    """Ids of phones, of stored messages and of other sends, receipts of before, of other chats and of what we read ourselves."""
    sent = shop.outbox.add("default", ANA, Text(text="antes"))
    shop.outbox.claim("default")
    shop.outbox.settle(sent.id, SendState.SENT, library_id(9))
    (send,) = shop.cut_off(ANA)
    shop.stored.add(library_id(2))
    assert shop.told("3A6F0C1D2E3F40516273") == []
    assert shop.told(2) == []
    assert shop.told(9) == []
    assert shop.told(4, ts=START - timedelta(hours=1)) == []
    assert shop.told(5, chat=BETO) == []
    assert shop.told(6, ReceiptState.READ, raw_type="READ_SELF") == []
    assert shop.now(send) == [UNKNOWN]
    assert shop.told(8)
    assert shop.now(send, sent) == [(SendState.DELIVERED, library_id(8)), (SendState.DELIVERED, library_id(9))]


def test_nothing_is_settled_while_the_chat_gets_another(shop: Shop) -> None:
    """The id may be of what is being sent right now; once that is known, what is left over settles."""
    (send,) = shop.cut_off(ANA)
    other = shop.outbox.add("default", ANA, Text(text="otro"))
    shop.outbox.claim("default")
    assert shop.told(1) == []
    shop.outbox.settle(other.id, SendState.SENT, library_id(2))
    assert [one.id for one in shop.evidence.weigh("default")] == [send.id]


def test_sent_again_still_becomes_known(shop: Shop) -> None:
    """A person did not wait: the first message is settled all the same, and the second keeps its own id."""
    (send,) = shop.cut_off(ANA)
    _, new = shop.outbox.again(send.id, "ana@example.com")
    shop.outbox.claim("default")
    shop.outbox.settle(new.id, SendState.SENT, library_id(2))
    shop.told(2)
    shop.told(1)
    assert shop.now(send, new) == [(SendState.DELIVERED, library_id(1)), (SendState.DELIVERED, library_id(2))]


def test_receipts_outlive_a_restart_and_are_forgotten_in_the_end(shop: Shop, workspace: Workspace, clock: ManualClock) -> None:
    """What was kept before a crash still settles; after a week without a match it is gone."""
    sends = shop.cut_off(ANA, ANA)
    assert shop.told(1) == []
    again = Outbox(workspace.outbox, clock)
    try:
        later = Shop(again, clock)
        again.recover()
        clock.advance(KEPT_FOR.total_seconds() + 1)
        assert later.evidence.weigh("default") == []
        assert later.told(2) == []
    finally:
        again.close()
    assert shop.now(*sends) == [UNKNOWN, UNKNOWN]


def test_journal_tells_what_the_host_did_not_hear(shop: Shop) -> None:
    """The worker's word settles what is being sent or undecided, with the receipts that were there before; nothing else."""
    (cut,) = shop.cut_off(ANA)
    sending, failed = (shop.outbox.add("default", BETO, Text(text=text)) for text in ("uno", "dos"))
    shop.outbox.claim("default")
    shop.outbox.claim("default")
    shop.outbox.settle(failed.id, SendState.FAILED, error="no")
    shop.told("3A00", ReceiptState.READ)
    ids = {cut.id: "3A00", sending.id: library_id(2), failed.id: library_id(3), "of another workspace": library_id(4)}
    assert [(one.id, one.state) for one in shop.evidence.went_out("default", ids)] == [
        (cut.id, SendState.READ),
        (sending.id, SendState.SENT),
    ]
    assert shop.evidence.went_out("default", ids) == []
    assert shop.evidence.went_out("other", {cut.id: "X"}) == []
    assert shop.now(failed) == [(SendState.FAILED, None)]


def test_journal_adds_the_id_to_what_a_person_saw(shop: Shop) -> None:
    """It arrived, says a person; the id comes later, so that receipts find it."""
    (send,) = shop.cut_off(ANA)
    shop.outbox.arrived(send.id, "ana@example.com")
    shop.evidence.went_out("default", {send.id: library_id(1)})
    shop.told(1, ReceiptState.READ)
    assert shop.now(send) == [(SendState.READ, library_id(1))]
