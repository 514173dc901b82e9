"""F27, F39: who wants out is out before the next message leaves, and machines get no endless conversation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import wakit.host.optouts as module
from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.consent import Standing
from wakit.errors import CorruptFile, InvalidInput, OptedOut
from wakit.host.optouts import OptOuts
from wakit.ids import JID, spellings
from wakit.key import own_key
from wakit.model import Message, Purpose, Send, SendState, Source, Terms
from wakit.outbox import Outbox
from wakit.outbox.consent import EVERYTHING, ConsentGate, Consents, Statement
from wakit.outbox.consent_file import import_consents
from wakit.outbox.optout import wish
from wakit.outgoing import Text
from wakit.paths import Workspace
from wakit.session.entries import Entry

pytestmark = [pytest.mark.faults, pytest.mark.outbox]
START = datetime(2026, 11, 24, 15, tzinfo=UTC)
ANA, BETO = "573001234567@s.whatsapp.net", "573001234568@s.whatsapp.net"
ANA_LID = "101596383778080@lid"
OFFER = Terms(purpose=Purpose.MARKETING)
AGREED = Statement(channel="form", by="owner", text="Acepto recibir ofertas")


class Journal:
    """Messages as a journal's entries, without the library's encoding."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @property
    def last_seq(self) -> int:
        return len(self.messages)

    def get(self, account: str) -> Journal:
        return self

    def read(self, after: int, limit: int) -> list[Entry]:
        some = range(after, min(after + limit, len(self.messages)))
        return [Entry(seq=n + 1, code=17, at=START, payload=str(n).encode()) for n in some]


class Shop:
    """One workspace's outbox, ledger and listener; ``reopen`` is a new host on the same files."""

    def __init__(self, workspace: Workspace, **settings: Any) -> None:
        self.workspace, self.settings = workspace, Settings(**settings)
        self.clock, self.journal = ManualClock(START), Journal()
        self.told: list[Send] = []
        self.loop = asyncio.new_event_loop()
        self.open()

    def open(self) -> None:
        self.outbox = Outbox(self.workspace.outbox, self.clock)
        pairs = {ANA_LID: [ANA], ANA: [ANA_LID]}
        key = own_key(self.workspace.consent_key)
        self.consents = Consents(self.outbox, self.clock, key, lambda _, jid: pairs.get(jid, []))

        async def listener() -> OptOuts:
            return OptOuts(
                self.journal,
                self.outbox,
                self.consents,
                self.settings,
                self.clock,
                self.told.append,
                lambda: None,  # type: ignore[arg-type]
                lambda _: None,
                lambda *_: None,
            )

        self.opt_outs = self.loop.run_until_complete(listener())
        self.outbox.guard(ConsentGate(self.consents, self.opt_outs.listen))

    def reopen(self) -> None:
        self.outbox.close()
        self.open()

    def says(self, text: str, chat: str = ANA, **changes: Any) -> None:
        number = len(self.journal.messages)
        made = Message(account="default", chat=chat, sender=chat, message_id=f"M{number}", ts=START, text=text)
        self.journal.messages.append(replace(made, **changes))

    def left(self) -> list[tuple[str, str]]:
        """Claim everything that may leave: recipient and text."""
        found = []
        while (turn := self.outbox.claim("default")).task is not None or turn.again_at is not None:
            if turn.task is not None:
                found.append((turn.task.send.to, turn.task.content.text))
        return found

    def offer(self, to: str = ANA) -> Send:
        return self.outbox.add("default", to, Text(text="oferta"), terms=OFFER)

    def close(self) -> None:
        self.outbox.close()
        self.loop.close()


@pytest.fixture
def shop(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Yield a shop whose customer Ana agreed to offers."""
    made = Shop(workspace)
    monkeypatch.setattr(module, "decode", lambda _, entry: [made.journal.messages[int(entry.payload)]])
    made.consents.opt_in("default", ANA, Purpose.MARKETING, AGREED)
    yield made
    made.close()


def replies(left: list[tuple[str, str]]) -> list[str]:
    return [text for _, text in left if text != "oferta"]


def test_F27_nothing_leaves_without_consent(shop: Shop) -> None:
    """A purpose that nobody agreed to is refused with its reason; a person's own message passes."""
    refused, group = shop.offer(BETO), shop.offer("120363000000000000@g.us")
    shop.outbox.add("default", BETO, Text(text="hola"))
    shop.offer()
    assert shop.left() == [(BETO, "hola"), (ANA, "oferta")]
    assert [shop.outbox.get(one.id).state for one in (refused, group)] == [SendState.CANCELLED] * 2
    assert "never agreed" in (shop.outbox.get(refused.id).error or "")


@pytest.mark.parametrize("chat", [ANA, ANA_LID])
def test_F27_queued_messages_are_cancelled_before_the_next_one_leaves(shop: Shop, chat: str) -> None:
    """What waits for whoever wrote BAJA a moment ago does not leave, under either address, and one confirmation does."""
    queued = [shop.offer() for _ in range(3)]
    shop.says("BAJA", chat)
    left = shop.left()
    assert len(left) == len(replies(left)) == 1
    assert {shop.outbox.get(send.id).state for send in queued} == {SendState.CANCELLED}
    assert shop.consents.lines(address=ANA)[0].evidence == "M0"
    shop.says("baja", chat)
    shop.says("STOP", chat)
    shop.offer()
    assert shop.left() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_F27_an_opt_out_is_answered_once_across_restarts(shop: Shop, moment: str) -> None:
    """A host that ends before or after it heard an opt-out leaves one line of it and one confirmation."""
    shop.says("no quiero más mensajes")
    if moment == "after":
        shop.opt_outs.listen("default")
    for _ in range(3):
        shop.reopen()
        shop.opt_outs.listen("default")
    assert len(replies(shop.left())) == 1
    assert len(shop.consents.lines(address=ANA, state=None)) == 1 + len(EVERYTHING)


def test_F27_a_transaction_that_is_taken_back_is_heard_again(shop: Shop) -> None:
    """An opt-out heard in a claim that fails is not lost."""
    shop.says("BAJA")
    with contextlib.suppress(RuntimeError), shop.outbox.writing():
        shop.opt_outs.listen("default")
        raise RuntimeError
    shop.offer()
    assert len(replies(shop.left())) == 1
    assert shop.consents.standing("default", ANA, Purpose.MARKETING) is Standing.OPTED_OUT


@pytest.mark.parametrize(
    "changes",
    [{"from_me": True}, {"chat": "120363000000000000@g.us"}, {"forwarded": True}, {"source": Source.HISTORY}],
    ids=["own", "group", "forwarded", "history"],
)
def test_F39_what_is_not_a_persons_own_word_is_neither_heard_nor_answered(shop: Shop, changes: dict[str, Any]) -> None:
    """Our own messages, groups, forwards and old histories opt nobody out and get no answer."""
    shop.says("BAJA", **changes)
    shop.offer()
    assert shop.left() == [(ANA, "oferta")]


def test_F39_two_machines_do_not_answer_each_other(shop: Shop) -> None:
    """A machine that answers each of our confirmations gets its answers for the day and no more; its wishes still count."""
    for _ in range(20):
        shop.says("BAJA")
        shop.opt_outs.listen("default")
        shop.says("ALTA")
        shop.opt_outs.listen("default")
        shop.clock.advance(1)
    shop.says("BAJA")
    shop.opt_outs.listen("default")
    assert len(replies(shop.left())) <= shop.settings.opt_out_replies_per_chat
    assert shop.consents.standing("default", ANA, Purpose.MARKETING) is Standing.OPTED_OUT


def test_F39_our_own_words_are_no_wish() -> None:
    """Whoever sends our confirmation back asks for nothing."""
    said = [text + back for text, back in zip(module._DONE.values(), module._WAY_BACK.values(), strict=True)]
    assert [wish(text) for text in said] == [None] * 3


def test_F27_only_the_person_comes_back(shop: Shop, tmp_path: Any) -> None:
    """No import takes an opt-out back, nor an opt-in that does not say so; ALTA gives back what they had."""
    shop.consents.opt_out("default", ANA, EVERYTHING, Statement(channel="phone", by="owner"))
    file = tmp_path / "in.csv"
    file.write_text(f"phone,purpose,text\n+{ANA.split('@')[0]},marketing,Acepto\n+573001234569,marketing,Acepto\n")
    options: dict[str, Any] = {"account": "default", "by": "owner", "country": None, "dry_run": False}
    done = import_consents(shop.outbox, shop.consents, file, **options)
    assert (done.added, done.opted_out) == (1, (2,))
    assert import_consents(shop.outbox, shop.consents, file, **options).unchanged == 1
    with pytest.raises(OptedOut):
        shop.consents.opt_in("default", ANA, Purpose.MARKETING, AGREED)
    shop.says("ALTA")
    shop.opt_outs.listen("default")
    assert shop.consents.standing("default", ANA, Purpose.MARKETING) is Standing.ALLOWED
    assert shop.consents.standing("default", ANA, Purpose.TRANSACTIONAL) is Standing.OPTED_OUT


def test_F27_wrong_rows_are_named_and_nothing_is_imported(shop: Shop, tmp_path: Any) -> None:
    """A file with wrong rows is refused as a whole, with their numbers."""
    file = tmp_path / "in.csv"
    file.write_text(
        "phone;purpose;text\n+573001234569;marketing;Acepto\nnadie;marketing;Acepto\n+573001234570;spam;x\n+573001234571;marketing;\n"
    )
    with pytest.raises(InvalidInput, match=r"row 3: .*row 4: .*row 5: "):
        import_consents(shop.outbox, shop.consents, file, account="default", by="owner", country=None, dry_run=False)
    assert len(shop.consents.lines()) == 1


def test_F27_the_suppression_list_outlives_the_person(shop: Shop) -> None:
    """An erased person still gets nothing, in any spelling of the number; without the key the list is refused."""
    mexican = "5215512345678@s.whatsapp.net"
    shop.consents.opt_out("default", mexican, EVERYTHING, Statement(channel="phone", by="owner"))
    assert shop.consents.forget("default", mexican) == len(EVERYTHING)
    assert shop.consents.lines(address=mexican) == []
    for spelling in spellings(JID.parse(mexican)):
        assert shop.consents.standing("default", spelling, Purpose.MARKETING) is Standing.OPTED_OUT
    assert shop.consents.standings("default", [mexican, ANA, BETO], Purpose.MARKETING) == {
        mexican: Standing.OPTED_OUT,
        ANA: Standing.ALLOWED,
        BETO: Standing.NO_CONSENT,
    }
    assert shop.workspace.consent_key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CorruptFile, match=r"consent\.key"):
        Consents(shop.outbox, shop.clock, b"x" * 32, lambda _, jid: [])


def test_F27_consent_is_not_of_the_future(shop: Shop) -> None:
    """What was said tomorrow cannot be written down today."""
    with pytest.raises(InvalidInput, match="future"):
        shop.consents.opt_in("default", BETO, Purpose.MARKETING, replace(AGREED, at=START + timedelta(days=1)))
