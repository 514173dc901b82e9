"""
The drain: what is in the journals moves into the store, in small batches, soon.

It works behind the live stream and never in its way: reading, decoding and
writing happen in a thread. An entry counts as moved when the store has committed
it together with its number; whatever ends this process in between, the next one
goes on behind that number. Receipts and what the worker sent move outgoing messages
forward on the way, before the number is committed, so none of them is missed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import StorageFull, WakitError
from wakit.host.journals import Journals
from wakit.host.past import Past, Progress
from wakit.host.rounds import Rounds
from wakit.model import MediaState, Message, Receipt, Record, Send
from wakit.outbox import Outbox
from wakit.outbox.evidence import Evidence
from wakit.session.entries import Entry, EventCode
from wakit.session.events import LIBRARY_EVENTS, meaning
from wakit.store import Decoded, Store

log = logging.getLogger(__name__)


class Drain:
    """
    Moves entries of all journals into the store.

    Args:
        outbox: Told of receipts.
        evidence: Told what was sent, and what the store knows of what was cut off.
        on_sent: Told, on the event loop, each outgoing message that moved forward because of an entry.
        on_files: Told, on the event loop, each account whose store knows more of files of messages.
        on_full: Told, on the event loop, when the store finds no room on the disk (true), and when it does again.
        on_history: Told, on the event loop, how much of a phone's history is stored.
    """

    def __init__(
        self,
        journals: Journals,
        store: Store,
        outbox: Outbox,
        evidence: Evidence,
        settings: Settings,
        clock: Clock,
        on_sent: Callable[[Send], None],
        on_files: Callable[[str], None],
        on_full: Callable[[bool], None],
        on_history: Callable[[str, Progress], None],
    ) -> None:
        self._journals = journals
        self._store = store
        self._outbox = outbox
        self._evidence = evidence
        self._settings = settings
        self._on_sent = on_sent
        self._on_files = on_files
        self._on_full = on_full
        self._on_history = on_history
        self._past = Past(self._tell_history)
        self._loop: asyncio.AbstractEventLoop
        self._full: set[str] = set()
        self._rounds = Rounds(clock, settings.drain_every)

    def moved(self, account: str) -> None:
        """Note that the journal of *account* has something new."""
        self._rounds.moved(account)

    async def run(self) -> None:
        """Move what is new, every ``drain_every`` seconds, until closed."""
        await self._rounds.run(self._move_all)

    async def close(self) -> None:
        """Move what is left, as far as it goes in one batch for each journal; the next host moves the rest."""
        self._rounds.close()

    async def _move_all(self, account: str) -> bool:
        """Move all that is new of one account, and return whether that went well."""
        self._loop = asyncio.get_running_loop()
        try:
            more = True
            while more:
                more = await asyncio.to_thread(self._move, account) and not self._rounds.closing
            await asyncio.to_thread(self._settle, account)
            self._moved_forward(await asyncio.to_thread(self._evidence.weigh, account))
        except WakitError as exc:
            log.warning("%s: what its journal holds is not in the store yet: %s", account, exc.message)
            if isinstance(exc, StorageFull):
                self._note_full(account)
            return False
        except Exception:  # one account's trouble must not end the drain of all, and with it of this one
            log.exception("%s: what its journal holds is not in the store yet", account)
            return False
        self._note_room(account)
        return True

    def _note_full(self, account: str) -> None:
        self._full.add(account)
        self._on_full(True)

    def _note_room(self, account: str) -> None:
        if account in self._full:
            self._full.discard(account)
            if not self._full:
                self._on_full(False)

    def _move(self, account: str) -> bool:
        """Move one batch and return whether there may be more."""
        journal = self._journals.get(account)
        entries = journal.read(self._store.watermark(account), self._settings.drain_batch)
        if not entries:
            return False
        # The store must never know what a power cut can still take from the journal.
        journal.flush()
        changed = self._went_out(account, entries)
        files: set[str] = set()
        self._past.begin(account)
        through = self._store.drain(account, (self._decoded(account, entry, changed, files) for entry in entries))
        self._moved_forward(changed)
        for name in files:
            self._loop.call_soon_threadsafe(self._on_files, name)
        self._past.moved(account)
        journal.rotate(through)
        return True

    def _went_out(self, account: str, entries: Iterable[Entry]) -> list[Send]:
        """Let the outbox know what the worker sent; journals of before told no send."""
        facts = [json.loads(entry.payload) for entry in entries if entry.code == EventCode.SENT]
        ids = {one["send"]: one["message_id"] for one in facts if one.get("send")}
        return self._evidence.went_out(account, ids) if ids else []

    def _moved_forward(self, sends: Iterable[Send]) -> None:
        for send in sends:
            self._loop.call_soon_threadsafe(self._on_sent, send)

    def _tell_history(self, account: str, progress: Progress) -> None:
        self._loop.call_soon_threadsafe(self._on_history, account, progress)

    def _settle(self, account: str) -> None:
        """Let imported messages make room for the same ones that came in."""
        try:
            self._store.imports.settle(account)
        except WakitError as exc:
            log.warning("%s: an import was not compared with what came in: %s", account, exc.message)

    def _decoded(self, account: str, entry: Entry, changed: list[Send], files: set[str]) -> Decoded:
        records = meaning(account, entry)
        name = LIBRARY_EVENTS.get(entry.code)
        if name == "HistorySync":
            records = self._past.counted(account, records)
        elif name == "Receipt":
            records = list(records)
            for record in records:
                if isinstance(record, Receipt):
                    changed += self._outbox.apply_receipt(record)
        return Decoded(seq=entry.seq, at=entry.at, records=_noting_files(records, files))


def _noting_files(records: Iterable[Record], accounts: set[str]) -> Iterator[Record]:
    """Yield the records, and note the account of those that have a file, or say what became of one."""
    for record in records:
        if isinstance(record, MediaState) or (isinstance(record, Message) and record.media is not None):
            accounts.add(record.account)
        yield record
