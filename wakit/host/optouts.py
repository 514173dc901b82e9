"""
Who writes BAJA is out: reads what comes in for people who want no more messages, or want them again.

The journal is read behind a durable cursor that is committed together with what
was found, so a message is heard once, whatever ends this process and when. It is
read soon after it comes, and in any case before the next message with a purpose
leaves: the gate asks for it in the transaction of its claim.

Heard are people in their own chat. What is quoted, forwarded, said in a group or
written by ourselves says nothing of its sender. An opt-out is always written
down; its confirmation is a courtesy that leaves once, and not at all where a
machine may be at the other end: it answered faster than a person can, got its
answers for the day, or too many asked within an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from wakit.clock import Clock
from wakit.config import Settings
from wakit.consent import MESSAGE, THEMSELVES, Consent
from wakit.errors import InvalidJID, UnknownSend, WakitError
from wakit.host.journals import Journals
from wakit.host.rounds import Rounds
from wakit.ids import JID
from wakit.model import Message, MessageType, Send, Source, Terms
from wakit.outbox import Outbox
from wakit.outbox.consent import EVERYTHING, Consents, Statement
from wakit.outbox.optout import Way, Wish, wish
from wakit.outgoing import Text
from wakit.session.entries import Entry, EventCode
from wakit.session.events import LIBRARY_EVENTS, decode

log = logging.getLogger(__name__)

#: Entries that are read at a time, and lines that are told at a time.
_BATCH = 500
#: Entries after which the cursor is written down although nothing was found.
_FAR = 2000
#: A message that comes sooner behind our answer was written by a machine.
_FASTER_THAN_PEOPLE = timedelta(seconds=2)
#: A confirmation that has not left by then is no answer any more.
_STILL_AN_ANSWER = timedelta(days=1)
#: It goes before everything that was planned.
_AHEAD_OF_ALL = 1000
_SAID = frozenset({MessageType.TEXT, MessageType.EDIT, MessageType.IMAGE, MessageType.VIDEO})

_DONE = {
    "es": "Listo: no te escribiremos más avisos ni ofertas.",
    "en": "Done: you are off our list, for offers and notices alike.",
    "pt": "Pronto: você saiu da nossa lista de avisos e ofertas.",
}
_WAY_BACK = {
    "es": " Si cambias de opinión, responde ALTA.",
    "en": " If you change your mind, reply START.",
    "pt": " Se mudar de ideia, responda VOLTAR.",
}


class OptOuts:
    """
    Hears for all accounts who wants out.

    Args:
        journals: What came in; for this reader alone.
        outbox: Takes the confirmations.
        consents: The ledger.
        settings: Whether and how often opt-outs are answered.
        clock: Tells how old an answer is.
        on_change: Told, on the event loop, each message that was cancelled or queued here.
        on_lines: Called, on the event loop, when the ledger has new lines.
        on_message: Told, in whatever thread, every message that is heard.
        on_event: Told, in whatever thread, the events of the library as they are read: whose, which, and when.
    """

    def __init__(
        self,
        journals: Journals,
        outbox: Outbox,
        consents: Consents,
        settings: Settings,
        clock: Clock,
        on_change: Callable[[Send], None],
        on_lines: Callable[[], None],
        on_message: Callable[[Message], None],
        on_event: Callable[[str, str | None, datetime], None],
    ) -> None:
        self._journals = journals
        self._outbox = outbox
        self._consents = consents
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._on_lines = on_lines
        self._on_message = on_message
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        #: How far each journal was read where nothing was found behind the durable cursor.
        self._read: dict[str, int] = {}
        self._rounds = Rounds(clock, settings.drain_every)

    def begin(self, account: str) -> None:
        """Go on where the last host stopped, or at the end of what a power cut left of the journal."""
        with self._outbox.writing():
            end, heard = self._journals.get(account).last_seq, self._consents.heard(account)
            if heard > end or self._consents.is_new:  # what was said before there was a ledger is not answered now
                self._consents.hear(account, end)
        self.moved(account)

    def moved(self, account: str) -> None:
        """Note that the journal of *account* has something new."""
        self._rounds.moved(account)

    async def run(self) -> None:
        """Hear what is new, until closed."""
        await self._rounds.run(self._heard_all)

    def close(self) -> None:
        """Hear nothing more; the next host goes on here."""
        self._rounds.close()

    def listen(self, account: str) -> None:
        """
        Hear everything that is in the journal of *account* by now, in the transaction that is open.

        Raises:
            WakitError: It cannot be read; then nothing may leave that depends on it.
        """
        while self._hear_some(account):
            pass

    async def _heard_all(self, account: str) -> bool:
        """Hear all that is new of one account, and return whether that went well."""
        try:
            await asyncio.to_thread(self._catch_up, account)
        except WakitError as exc:
            log.warning("%s: nobody can opt out by message for now: %s", account, exc.message)
            return False
        return True

    def _catch_up(self, account: str) -> None:
        while not self._rounds.closing and self._hear_some(account):
            pass

    def _hear_some(self, account: str) -> bool:
        """Hear the next entries; return whether there may be more."""
        with self._outbox.writing():  # nobody else hears at the same time
            durable = self._consents.heard(account)
            entries = self._journals.get(account).read(max(self._read.get(account, 0), durable), _BATCH)
            if not entries:
                return False
            found = sum(self._hear(account, entry) for entry in entries)
            through = entries[-1].seq
            if found or through - durable >= _FAR:
                self._consents.hear(account, through)
                self._read.pop(account, None)  # the transaction may be taken back: what was found is heard again then
            else:
                self._read[account] = through
            return True

    def _hear(self, account: str, entry: Entry) -> bool:
        event = LIBRARY_EVENTS.get(entry.code)
        self._on_event(account, event, entry.at)
        if event != "Message":
            return False
        messages = [one for one in decode(account, entry) if isinstance(one, Message)]
        for message in messages:
            self._on_message(message)
        return sum(self._understood(message, entry) for message in messages) > 0

    def _understood(self, message: Message, entry: Entry) -> bool:
        """Write down what a message asks for, if it asks for something."""
        asked = wish(message.text) if message.text and _is_own_word(message) else None
        if asked is None:
            return False
        said = Statement(
            channel=MESSAGE,
            by=THEMSELVES,
            text=message.text,
            at=min(message.ts, self._clock.now()),
            evidence=message.message_id,
        )
        if asked.way is Way.IN:
            return self._back(message, said)
        return self._out(message, said, asked, entry)

    def _back(self, message: Message, said: Statement) -> bool:
        if not self._settings.opt_in_words:
            return False
        lines = self._consents.take_back(message.account, message.chat, said, aliases=_aliases(message))
        self._tell([])
        return bool(lines)

    def _out(self, message: Message, said: Statement, asked: Wish, entry: Entry) -> bool:
        revoked = self._consents.opt_out(message.account, message.chat, EVERYTHING, said, aliases=_aliases(message))
        changed = [send.id for send in revoked.cancelled]
        if revoked.is_new and revoked.lines and self._may_reply(message, entry):
            changed.append(self._reply(message, asked, has_way_back=revoked.had_agreed).id)
        self._tell(changed)
        return True

    def _may_reply(self, message: Message, entry: Entry) -> bool:
        if not self._settings.opt_out_reply:
            return False
        may = self._consents.may_reply(
            message.account,
            message.chat,
            at=entry.at,
            per_chat=self._settings.opt_out_replies_per_chat,
            per_hour=self._settings.opt_out_replies_per_hour,
            pause=_FASTER_THAN_PEOPLE,
        )
        if not may:
            log.warning("%s: an opt-out is written down and not answered: too many, or a machine wrote it", message.account)
        return may

    def _reply(self, message: Message, asked: Wish, *, has_way_back: bool) -> Send:
        language = asked.language or self._settings.lang or "es"
        text = self._settings.opt_out_text or _DONE[language]
        if has_way_back and self._settings.opt_in_words and not self._settings.opt_out_text:
            text += _WAY_BACK[language]
        terms = Terms(priority=_AHEAD_OF_ALL, not_after=self._clock.now() + _STILL_AN_ANSWER)
        key = f"opt-out:{message.account}:{message.message_id}"
        return self._outbox.add(message.account, message.chat, Text(text=text), key, terms)

    def _tell(self, sends: list[str]) -> None:
        """Tell it once it is committed: the loop waits for the outbox, and looks then."""
        self._loop.call_soon_threadsafe(self._told, sends)

    def _told(self, sends: list[str]) -> None:
        for one in sends:
            with contextlib.suppress(UnknownSend):  # taken back with its transaction; it is heard again
                self._on_change(self._outbox.get(one))
        self._on_lines()


class Lines:
    """
    Writes new lines of the ledger where streams and store read them, each at least once.

    Args:
        consents: The ledger.
        journals: Where to.
        on_journal: Told, on the event loop, of each account the number of the last entry.
    """

    def __init__(self, consents: Consents, journals: Journals, on_journal: Callable[[str, int], None]) -> None:
        self._consents = consents
        self._journals = journals
        self._on_journal = on_journal
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def changed(self) -> None:
        """Tell what is new, soon."""
        task = asyncio.create_task(self._tell(), name="consents")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let what is being written be written; the next host writes the rest."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self) -> None:
        async with self._lock:
            try:
                lines = iter(await asyncio.to_thread(self._consents.untold))
                while some := list(islice(lines, _BATCH)):
                    for account in sorted({line.account for line in some}):
                        await self._write(account, [line for line in some if line.account == account])
            except WakitError as exc:
                log.warning("what people agreed to is not in the database yet: %s", exc.message)

    async def _write(self, account: str, lines: list[Consent]) -> None:
        rows = [(EventCode.CONSENT, json.dumps(line.to_json()).encode(), None) for line in lines]
        self._on_journal(account, await asyncio.to_thread(self._journals.get(account).append_many, rows))
        await asyncio.to_thread(self._consents.tell, lines)


def _is_own_word(message: Message) -> bool:
    """Whether a person says this to us, in their own chat and words."""
    if message.from_me or message.forwarded or message.source is not Source.LIVE or message.type not in _SAID:
        return False
    try:
        chat = JID.parse(message.chat)
    except InvalidJID:
        return False
    return chat.is_phone or chat.is_lid


def _aliases(message: Message) -> list[str]:
    return [address for address in (message.sender, message.sender_alt) if address]
