"""
The journals as streams of events, decoded once for however many listen.

There is no second path for live events: a reader holds positions in the journals
and asks for what comes next, be that an hour or a millisecond old. So nothing
can fall between replay and live, nothing is told twice, and a slow reader costs
no memory. The newest decoded entries are kept at hand; older ones are read and
decoded again, in a thread.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from wakit.host.bells import Bells
from wakit.host.cursor import Cursor, Position, write
from wakit.model import Event, EventKind, Record
from wakit.session.journal import Entry, Journal

#: Decoded entries kept per account.
KEPT = 1000
#: Entries read at a time: on the event loop when they are new, in a thread when they are old.
FRESH, OLD = 32, 500
#: Bytes read at a time on the event loop: chunks of a history come by the dozen, and others wait meanwhile.
FRESH_BYTES = 2**20
#: Bytes read at a time in a thread: what a listener that stops reading keeps from being freed.
OLD_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Told:
    """One record of an entry, as events tell it."""

    kind: EventKind
    at: datetime
    record: Record

    def event(self, cursor: str, account: str) -> Event:
        """Return this as an entry of the stream."""
        return Event(id=cursor, account=account, kind=self.kind, at=self.at, data=self.record.to_json())


@dataclass(frozen=True, slots=True)
class Decoded:
    """One journal entry and what is to be told of it; ``None`` stands for a record that was told before."""

    seq: int
    told: tuple[Told | None, ...]


class Feed:
    """The stream of one account."""

    def __init__(self, account: str, journal: Journal, decode: Callable[[Entry], Decoded]) -> None:
        self.account = account
        self._journal = journal
        self._decode = decode
        #: The newest entry that is known to be there.
        self.head = journal.last_seq
        self._kept: deque[Decoded] = deque(maxlen=KEPT)
        self._kept_after = self.head
        self._kept_through = self.head

    async def after(self, seq: int) -> list[Decoded]:
        """Return the next entries behind number *seq*, a handful or none."""
        if seq >= self.head:
            return []
        if seq < self._kept_after:
            return await asyncio.to_thread(self._read, seq, OLD, OLD_BYTES)
        if seq >= self._kept_through:
            return self._load(seq)
        newest_first = itertools.takewhile(lambda decoded: decoded.seq > seq, reversed(self._kept))
        return list(newest_first)[::-1]

    def _load(self, seq: int) -> list[Decoded]:
        """Read what is new behind *seq*, and keep it for the others."""
        if seq > self._kept_through:  # nobody listened for a while
            self._kept.clear()
            self._kept_after = self._kept_through = seq
        fresh = self._read(seq, FRESH, FRESH_BYTES)
        for decoded in fresh:
            if len(self._kept) == KEPT:
                self._kept_after = self._kept[0].seq
            self._kept.append(decoded)
            self._kept_through = decoded.seq
        return fresh

    def _read(self, after: int, limit: int, size: int) -> list[Decoded]:
        return [self._decode(entry) for entry in self._journal.read(after, limit, size)]


class Feeds:
    """The streams of all accounts, and the bell that says that one of them moved."""

    def __init__(self, open_feed: Callable[[str], Feed]) -> None:
        self._open = open_feed
        self._feeds: dict[str, Feed] = {}
        self._bells = Bells()

    def add(self, account: str) -> Feed:
        """Return the feed of an account, opened if it is new."""
        if account not in self._feeds:
            self._feeds[account] = self._open(account)
        return self._feeds[account]

    def moved(self, account: str, seq: int) -> None:
        """Note that entry *seq* of *account* is committed."""
        feed = self.add(account)
        feed.head = max(feed.head, seq)
        self.ring()

    def ring(self) -> None:
        """Wake all readers, if only to see that the host is stopping."""
        self._bells.ring()

    async def find(self, cursor: Cursor) -> Event | None:
        """Return the event with the id that *cursor* is the reading of; ``None`` if there is none."""
        for account, position in cursor.items():
            feed = self._feeds.get(account)
            decoded = next(iter(await feed.after(position.seq - 1)), None) if feed and position.seq else None
            if decoded is None or decoded.seq != position.seq or not decoded.told or position.read > len(decoded.told):
                return None
            told = decoded.told[(position.read or len(decoded.told)) - 1]
            return None if told is None else told.event(write(cursor), account)
        return None

    def now(self, accounts: Collection[str]) -> Cursor:
        """Return the cursor behind everything that is there."""
        return {feed.account: Position(feed.head) for feed in self._chosen(accounts)}

    async def follow(
        self,
        cursor: Cursor,
        *,
        accounts: Collection[str],
        kinds: Collection[EventKind],
        pause: float,
        stopping: asyncio.Event,
    ) -> AsyncGenerator[tuple[str, Event | None], None]:
        """
        Go on behind *cursor* until the host stops.

        The order within an account is its journal's; there is none between accounts.

        Args:
            cursor: Where to start; an account that it does not name starts at its beginning.
            accounts: Only these; empty means all, those to come included.
            kinds: Only these; empty means all.
            pause: Seconds without an event after which ``(cursor, None)`` is yielded.
            stopping: Set when the host stops.
        """
        cursor = dict(cursor)
        with self._bells.listening() as listener:
            while not stopping.is_set():
                listener.silence()
                quiet = True
                for feed in self._chosen(accounts):
                    for position, told in await self._next(feed, cursor.get(feed.account, Position(0))):
                        quiet = False
                        cursor[feed.account] = position
                        if told is not None and (not kinds or told.kind in kinds):
                            yield write(cursor), told.event(write(cursor), feed.account)
                if quiet and not await listener.wait(pause):
                    yield write(cursor), None

    async def _next(self, feed: Feed, position: Position) -> list[tuple[Position, Told | None]]:
        """Return what comes behind *position* in one feed, each with the position behind it."""
        steps: list[tuple[Position, Told | None]] = []
        for decoded in await feed.after(position.complete_through):
            seq, count = decoded.seq, len(decoded.told)
            read = position.read if seq == position.seq else 0
            steps += [(Position(seq, n if n < count else 0), told) for n, told in enumerate(decoded.told, 1) if n > read]
            if not count:
                steps.append((Position(seq), None))
        return steps

    def _chosen(self, accounts: Collection[str]) -> list[Feed]:
        return [feed for feed in self._feeds.values() if not accounts or feed.account in accounts]
