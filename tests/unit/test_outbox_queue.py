"""The send queue: order, states that only move forward, and receipts that come at any time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from importlib import resources

import pytest

from wakit.clock import ManualClock
from wakit.errors import CorruptFile, IdempotencyConflict, InvalidInput, UnknownSend, UnsafePath
from wakit.model import MessageType, Receipt, ReceiptState, SendState
from wakit.outbox import Outbox, Turn
from wakit.outgoing import Text
from wakit.paths import Workspace
from wakit.store.sqlite import open_database

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
ANA = "573001234567@s.whatsapp.net"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def outbox(workspace: Workspace, clock: ManualClock) -> Iterator[Outbox]:
    """Yield an empty queue."""
    queue = Outbox(workspace.outbox, clock)
    yield queue
    queue.close()


def receipt(message_id: str, state: ReceiptState, account: str = "default") -> Receipt:
    return Receipt(account=account, chat=ANA, recipient=ANA, message_ids=(message_id,), state=state, ts=START)


def test_claim_takes_the_oldest_of_the_account(outbox: Outbox) -> None:
    """Each account has its own order, first in, first out."""
    outbox.add("other", ANA, Text(text="not mine"))
    first = outbox.add("default", ANA, Text(text="one"))
    outbox.add("default", ANA, Text(text="two"))
    task = outbox.claim("default").task
    assert task is not None
    assert (first.id, "one", SendState.SENDING) == (task.send.id, task.content.text, task.send.state)


def test_claim_of_an_empty_queue_is_none(outbox: Outbox) -> None:
    """Nothing queued is no error."""
    assert outbox.claim("default") == Turn()


def test_settle_gives_the_message_id(outbox: Outbox, clock: ManualClock) -> None:
    """A sent message carries WhatsApp's id and the time of the change."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    clock.advance(2)
    done = outbox.settle(send.id, SendState.SENT, "3EB0A")
    assert (SendState.SENT, "3EB0A", START + timedelta(seconds=2)) == (done.state, done.message_id, done.updated_at)


def test_rows_survive_a_new_outbox(outbox: Outbox, workspace: Workspace, clock: ManualClock) -> None:
    """What was queued is there for the next host."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.close()
    again = Outbox(workspace.outbox, clock)
    try:
        assert [send] == again.pending("default")
    finally:
        again.close()


def test_recover_marks_what_was_being_sent_as_unknown(outbox: Outbox) -> None:
    """A cut-off call is undecidable; a queued message is not."""
    cut = outbox.add("default", ANA, Text(text="cut"))
    queued = outbox.add("default", ANA, Text(text="queued"))
    outbox.claim("default")
    assert [cut.id] == [send.id for send in outbox.recover()]
    assert [SendState.UNKNOWN, SendState.QUEUED] == [outbox.get(send.id).state for send in (cut, queued)]


def test_recover_twice_changes_nothing(outbox: Outbox) -> None:
    """Only what is being sent is recovered."""
    outbox.add("default", ANA, Text(text="cut"))
    outbox.claim("default")
    outbox.recover()
    assert outbox.recover() == []


@pytest.mark.parametrize("order", [(ReceiptState.DELIVERED, ReceiptState.READ), (ReceiptState.READ, ReceiptState.DELIVERED)])
def test_receipts_move_the_state_only_forward(outbox: Outbox, order: tuple[ReceiptState, ...]) -> None:
    """Whatever the order, read stays read."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.SENT, "ID1")
    for state in order:
        outbox.apply_receipt(receipt("ID1", state))
    assert SendState.READ is outbox.get(send.id).state


def test_receipt_before_the_answer_is_applied_with_it(outbox: Outbox) -> None:
    """A receipt can overtake the call's answer; it waits for the id."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    assert outbox.apply_receipt(receipt("ID1", ReceiptState.DELIVERED)) == []
    assert SendState.DELIVERED is outbox.settle(send.id, SendState.SENT, "ID1").state


def test_receipt_of_another_account_changes_nothing(outbox: Outbox) -> None:
    """Message ids are only unique within an account."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.SENT, "ID1")
    assert outbox.apply_receipt(receipt("ID1", ReceiptState.READ, account="other")) == []
    assert SendState.SENT is outbox.get(send.id).state


def test_receipt_without_progress_changes_nothing(outbox: Outbox) -> None:
    """Retry and peer receipts say nothing of how far a message got."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.SENT, "ID1")
    assert outbox.apply_receipt(receipt("ID1", ReceiptState.OTHER)) == []


def test_apply_receipt_returns_only_what_changed(outbox: Outbox) -> None:
    """A repeated receipt is silent."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.SENT, "ID1")
    assert [send.id] == [s.id for s in outbox.apply_receipt(receipt("ID1", ReceiptState.READ))]
    assert outbox.apply_receipt(receipt("ID1", ReceiptState.READ)) == []


def test_late_answer_keeps_the_state_further_on(outbox: Outbox) -> None:
    """An unknown send that a late answer names is sent; what came before it stays."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.recover()
    outbox.apply_receipt(receipt("ID1", ReceiptState.READ))
    done = outbox.settle(send.id, SendState.SENT, "ID1")
    assert (SendState.READ, None) == (done.state, done.error)


def test_message_that_was_not_handed_over_goes_back(outbox: Outbox) -> None:
    """The session was away: the same row is the next one again."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.QUEUED)
    task = outbox.claim("default").task
    assert task is not None
    assert send.id == task.send.id


@pytest.mark.parametrize("state", [SendState.SENT, SendState.UNKNOWN])
def test_message_that_may_have_gone_out_does_not_go_back(outbox: Outbox, state: SendState) -> None:
    """No row is ever handed over twice, also not when a person sends it again."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, state)
    with pytest.raises(InvalidInput, match=f"is {state}"):
        outbox.settle(send.id, SendState.QUEUED)


def test_failure_keeps_its_reason(outbox: Outbox) -> None:
    """A refused message says why."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.FAILED, error="429")
    assert (SendState.FAILED, "429") == (outbox.get(send.id).state, outbox.get(send.id).error)


def test_queued_message_can_be_cancelled(outbox: Outbox) -> None:
    """A cancelled message is never claimed."""
    send = outbox.add("default", ANA, Text(text="hola"))
    assert SendState.CANCELLED is outbox.cancel(send.id).state
    assert outbox.claim("default") == Turn()


def test_claimed_message_cannot_be_cancelled(outbox: Outbox) -> None:
    """It may be on its way already."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    with pytest.raises(InvalidInput, match="is sending"):
        outbox.cancel(send.id)


def test_unknown_id_is_named(outbox: Outbox) -> None:
    """The error names what was asked for."""
    with pytest.raises(UnknownSend, match="nope"):
        outbox.get("nope")


def test_half_a_character_is_refused(outbox: Outbox) -> None:
    """Text that cannot be UTF-8 is refused before it is a row."""
    with pytest.raises(InvalidInput, match="surrogate"):
        outbox.add("default", ANA, Text(text="a\ud800b"))
    assert outbox.pending() == []


def test_nul_and_emoji_come_back_as_they_were(outbox: Outbox) -> None:
    """The queue carries any text."""
    text = "a\x00b \N{FAMILY}\u202e'; DROP TABLE send; --"
    outbox.add("default", ANA, Text(text=text))
    task = outbox.claim("default").task
    assert task is not None
    assert text == task.content.text


def test_conflict_carries_the_first_id(outbox: Outbox) -> None:
    """Who reuses a key learns what it stands for."""
    first = outbox.add("default", ANA, Text(text="hola"), "key-1")
    with pytest.raises(IdempotencyConflict) as caught:
        outbox.add("default", ANA, Text(text="adiós"), "key-1")
    assert (409, first.id) == (caught.value.status, caught.value.data["id"])


def test_early_receipts_are_dropped_when_nothing_is_undecided(outbox: Outbox, workspace: Workspace) -> None:
    """Receipts of messages sent from the phone do not pile up."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    for n in range(5):
        outbox.apply_receipt(receipt(f"PHONE{n}", ReceiptState.READ))
    outbox.settle(send.id, SendState.SENT, "ID1")
    assert 0 == outbox._db.execute("SELECT count(*) FROM early_receipt").fetchone()[0]


def test_damaged_file_is_named_and_left_as_it_is(workspace: Workspace, clock: ManualClock) -> None:
    """A queue that is no database is refused, not replaced."""
    workspace.outbox.write_bytes(b"not a database at all" * 500)
    workspace.outbox.chmod(0o600)
    before = workspace.outbox.read_bytes()
    with pytest.raises(CorruptFile, match=r"outbox\.db"):
        Outbox(workspace.outbox, clock)
    assert before == workspace.outbox.read_bytes()


def test_file_that_others_can_read_is_refused(workspace: Workspace, clock: ManualClock) -> None:
    """The error says which chmod to run."""
    workspace.outbox.touch(0o644)
    workspace.outbox.chmod(0o644)
    with pytest.raises(UnsafePath, match="chmod 600"):
        Outbox(workspace.outbox, clock)


def test_files_are_private_whatever_the_umask(outbox: Outbox, workspace: Workspace) -> None:
    """The database and its journals are 0600."""
    outbox.add("default", ANA, Text(text="hola"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in workspace.data.glob("outbox.db*")}
    assert {"outbox.db": 0o600, "outbox.db-wal": 0o600, "outbox.db-shm": 0o600} == modes


def test_file_of_a_newer_wakit_is_refused(outbox: Outbox, workspace: Workspace, clock: ManualClock) -> None:
    """A newer schema is not touched."""
    outbox._db.execute("PRAGMA user_version = 99")
    outbox.close()
    with pytest.raises(CorruptFile, match="newer wakit"):
        Outbox(workspace.outbox, clock)


def test_queue_of_an_older_wakit_goes_on(workspace: Workspace, clock: ManualClock) -> None:
    """A file from before there were other kinds keeps its messages, their order, their states and their keys."""
    text = 'uno "dos" \\ \x00 ñ 🎉'
    folder = resources.files("wakit.outbox")
    old = open_database(workspace.outbox, [folder.joinpath("0001_texts.sql").read_text("utf-8")])
    digest = blake2b("\x1f".join(("default", ANA, text)).encode(), digest_size=16).digest()
    row = ("old", "default", ANA, text, "queued", "key-1", digest, START.timestamp(), START.timestamp())
    old.execute("INSERT INTO send VALUES (1, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, NULL)", row)
    old.execute("INSERT INTO early_receipt VALUES ('default', 'X', 'read', 0)")
    old.close()
    outbox = Outbox(workspace.outbox, clock)
    try:
        assert "old" == outbox.add("default", ANA, Text(text=text), "key-1").id
        with pytest.raises(IdempotencyConflict):
            outbox.add("default", ANA, Text(text=text, reply_to="3EB0A"), "key-1")
        task = outbox.claim("default").task
        assert task is not None
        assert (("old", MessageType.TEXT), Text(text=text)) == ((task.send.id, task.send.type), task.content)
    finally:
        outbox.close()


def test_content_that_nobody_can_read_fails_and_lets_the_next_one_go(outbox: Outbox) -> None:
    """A row of a newer wakit does not stop the queue."""
    strange, next_one = outbox.add("default", ANA, Text(text="a")), outbox.add("default", ANA, Text(text="b"))
    outbox._db.execute('UPDATE send SET content = \'{"kind":"hologram"}\' WHERE id = ?', (strange.id,))
    task = outbox.claim("default").task
    assert task is not None
    assert (next_one.id, SendState.FAILED) == (task.send.id, outbox.get(strange.id).state)
    assert "hologram" in (outbox.get(strange.id).error or "")


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.UNKNOWN])
def test_person_can_send_again_what_may_not_have_arrived(outbox: Outbox, state: SendState) -> None:
    """A new message with the same content and without the error; the old one keeps its state and tells who decided."""
    send = outbox.add("default", ANA, Text(text="hola", reply_to="ID0"), "key-1")
    outbox.claim("default")
    outbox.settle(send.id, state, error="why")
    old, new = outbox.again(send.id, "Ana")
    assert (state, "why", "Ana", START) == (old.state, old.error, old.decided_by, old.decided_at)
    assert (SendState.QUEUED, None, send.id, None) == (new.state, new.error, new.again_of, new.decided_by)
    assert [new] == outbox.pending()
    task = outbox.claim("default").task
    assert task is not None
    assert (new.id, Text(text="hola", reply_to="ID0")) == (task.send.id, task.content)


def test_person_can_say_that_an_unknown_message_arrived(outbox: Outbox, clock: ManualClock) -> None:
    """It counts as sent from then on, with who said so and when, and waits for nobody."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.recover()
    clock.advance(60)
    done = outbox.arrived(send.id, "Ana")
    assert (SendState.SENT, "Ana", START + timedelta(seconds=60)) == (done.state, done.decided_by, done.decided_at)
    assert done.error is None
    assert outbox.pending() == []


@pytest.mark.parametrize("state", [SendState.FAILED, SendState.SENT])
def test_only_of_an_unknown_message_one_can_say_that_it_arrived(outbox: Outbox, state: SendState) -> None:
    """What is known is not a matter of opinion; nor is what still waits."""
    send = outbox.add("default", ANA, Text(text="hola"))
    with pytest.raises(InvalidInput, match="is queued"):
        outbox.arrived(send.id, "Ana")
    outbox.claim("default")
    outbox.settle(send.id, state)
    with pytest.raises(InvalidInput, match=f"is {state}"):
        outbox.arrived(send.id, "Ana")


def test_two_people_decide_only_once(outbox: Outbox) -> None:
    """The second one is told what the first one did, whatever either of them chose."""
    sends = [outbox.add("default", ANA, Text(text=text)) for text in ("one", "two")]
    for send in sends:
        outbox.claim("default")
        outbox.settle(send.id, SendState.UNKNOWN)
    outbox.again(sends[0].id, "Ana")
    outbox.arrived(sends[1].id, "Ana")
    for send, did in zip(sends, ("sent it again", "said that it arrived"), strict=True):
        for decide in (outbox.again, outbox.arrived):
            with pytest.raises(InvalidInput, match=f"Ana {did}"):
                decide(send.id, "Beto")
    assert 1 == len(outbox.pending())


def test_newest_sends_come_first_in_pages(outbox: Outbox) -> None:
    """A page begins behind the send that ended the one before; states and account choose."""
    sends = [outbox.add(account, ANA, Text(text="hola")) for account in ("default", "default", "other")]
    outbox.claim("default")
    first = outbox.newest(None, limit=2)
    assert [sends[2].id, sends[1].id] == [send.id for send in first]
    assert [sends[0].id] == [send.id for send in outbox.newest(None, before=first[-1].id)]
    assert [sends[0].id] == [send.id for send in outbox.newest("default", [SendState.SENDING, SendState.READ])]


def test_what_arrived_is_not_sent_again(outbox: Outbox) -> None:
    """Nobody sends twice by mistake."""
    send = outbox.add("default", ANA, Text(text="hola"))
    outbox.claim("default")
    outbox.settle(send.id, SendState.SENT, "3EB0A")
    with pytest.raises(InvalidInput, match="is sent"):
        outbox.again(send.id, "Ana")


@pytest.mark.parametrize(
    ("state", "goal", "settled"),
    [
        (SendState.QUEUED, SendState.SENT, False),
        (SendState.SENT, SendState.SENT, True),
        (SendState.SENT, SendState.READ, False),
        (SendState.READ, SendState.DELIVERED, True),
        (SendState.FAILED, SendState.READ, True),
        (SendState.UNKNOWN, SendState.SENT, True),
    ],
)
def test_send_is_settled_where_it_is_of_no_use_to_wait(state: SendState, goal: SendState, settled: bool) -> None:
    """Far enough, or never getting there by itself."""
    assert settled is state.is_settled(goal)


def test_begin_claims_what_is_next_in_the_same_step(outbox: Outbox, workspace: Workspace, clock: ManualClock) -> None:
    """An empty queue gives the message at once, as sending on disk; the next host knows that nobody knows of it."""
    send, task = outbox.begin("default", ANA, Text(text="hola"))
    assert task is not None
    assert (SendState.SENDING, send, Text(text="hola")) == (send.state, task.send, task.content)
    assert send == outbox.get(send.id)
    outbox.close()
    again = Outbox(workspace.outbox, clock)
    try:
        assert [(send.id, SendState.UNKNOWN)] == [(one.id, one.state) for one in again.recover()]
    finally:
        again.close()


def test_begin_does_not_overtake(outbox: Outbox) -> None:
    """Behind a queued message of the account it only queues; one of another account is not in the way."""
    first = outbox.add("default", ANA, Text(text="one"))
    second, task = outbox.begin("default", ANA, Text(text="two"))
    assert (SendState.QUEUED, None) == (second.state, task)
    claimed = outbox.claim("default").task
    assert claimed is not None
    assert first.id == claimed.send.id
    assert outbox.begin("other", ANA, Text(text="three"))[1] is not None


def test_begin_with_a_used_key_gives_the_first_and_nothing_to_do(outbox: Outbox) -> None:
    """The same key never sends twice, whether the first is on its way or through."""
    first, _ = outbox.begin("default", ANA, Text(text="hola"), "key-1")
    again, task = outbox.begin("default", ANA, Text(text="hola"), "key-1")
    assert (first, None) == (again, task)
    with pytest.raises(IdempotencyConflict):
        outbox.begin("default", ANA, Text(text="adiós"), "key-1")


def test_outcome_is_committed_at_once_and_flushed_when_asked(outbox: Outbox) -> None:
    """A killed process loses no outcome; what the disk has not taken yet is flushed without another commit."""
    send, _ = outbox.begin("default", ANA, Text(text="hola"))
    outbox.settle(send.id, SendState.SENT, "3EB0A")
    assert 1 == outbox._db.execute("PRAGMA synchronous").fetchone()[0]
    outbox.flush()
    outbox.add("default", ANA, Text(text="next"))
    assert 2 == outbox._db.execute("PRAGMA synchronous").fetchone()[0]
