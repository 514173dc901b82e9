"""
What tells of messages whose call said nothing: whether they went out after all.

Nothing is ever sent again because of it. Two things prove that a message went out:

* the worker wrote so into its journal before it answered. A host that was killed
  in between reads it there at its next start;
* receipts for a message that nobody knows. The library chooses ids itself, so the id
  of a message that was cut off is not known, but its recipient's phone confirms it.

A receipt only counts where it leaves no choice: in the chat of the message, under an
id of the form that the library makes (phones make others), not of a message that the
store has, dated behind the row, while nothing else is being sent there, and with exactly
as many such ids as undecided messages. All else is for a person to decide.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from wakit.clock import Clock
from wakit.model import Send, SendState, utc
from wakit.outbox import receipts
from wakit.outbox.queue import Outbox
from wakit.outbox.rows import PROGRESS, move, send_of

#: How long a receipt waits for a message that it could be of.
KEPT_FOR = timedelta(days=7)
#: How far the clocks here and at WhatsApp may be apart.
_CLOCKS = timedelta(minutes=1)
#: An id that the library made.
_LIBRARY_ID = re.compile(r"3EB0[0-9A-F]{18}")
#: What the worker's word is news about; a person may have said before that it arrived.
_WITHOUT_ID = (SendState.SENDING, SendState.UNKNOWN, SendState.SENT)

_BY_ID = "SELECT * FROM shown WHERE id = ?"
_OPEN = "SELECT * FROM shown WHERE account = ? AND state IN ('sending', 'unknown') ORDER BY no"
_ANY_KEPT = "SELECT 1 FROM early_receipt WHERE account = ? LIMIT 1"
_SPARE = """
SELECT message_id, chat, state, at FROM early_receipt
WHERE account = :account AND chat IS NOT NULL
    AND message_id NOT IN (SELECT message_id FROM send WHERE account = :account AND message_id IS NOT NULL)
ORDER BY min(no) OVER (PARTITION BY message_id), no
"""
_FORGET = "DELETE FROM early_receipt WHERE account = ? AND at < ?"


@dataclass(frozen=True, kw_only=True)
class _Spare:
    """A message that nobody knows of, as its receipts tell."""

    message_id: str
    chats: frozenset[str]
    state: SendState
    #: When it was first confirmed.
    at: datetime


class Evidence:
    """
    Settles what was cut off.

    Args:
        outbox: The queue.
        clock: Tells how long receipts were kept.
        same: Returns all addresses of the person with this one, for an account.
        stored: Returns those of some message ids that the store has, for an account, of messages not older than a time.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        same: Callable[[str, str], Collection[str]],
        stored: Callable[[str, Collection[str], datetime], Collection[str]],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._same = same
        self._stored = stored

    def went_out(self, account: str, ids: Mapping[str, str]) -> list[Send]:
        """
        Write down what the worker's journal says: the message ids of sends. Return those that nobody knew of.

        It survives a power cut, also where the outcome was known and not flushed yet: the journal is not read again.
        """
        with self._outbox.writing() as db:
            now = self._clock.now()
            news = [one for one in ids if self._is_news(db, account, one)]
            for one in news:
                move(db, one, SendState.SENT, now, message_id=ids[one])
                receipts.catch_up(db, account, ids[one], now)
            changed = [_get(db, one) for one in news]
        if len(news) < len(ids):
            self._outbox.flush()
        return changed

    def weigh(self, account: str) -> list[Send]:
        """Settle undecided messages of which receipts leave no doubt, and return them; call when the store is up to date."""
        with self._outbox.reading() as db:
            if db.execute(_ANY_KEPT, (account,)).fetchone() is None:
                return []
            ids, since = [one.message_id for one in _spares(db, account)], self._since(db, account)
        stored = set(self._stored(account, ids, since)) if ids else set()
        with self._outbox.writing() as db:
            spares = [one for one in _spares(db, account) if one.message_id in ids and one.message_id not in stored]
            settled = [pair for chat in self._chats(db, account) for pair in _matched(chat, spares)]
            now = self._clock.now()
            for send, spare in settled:
                move(db, send.id, spare.state, now, message_id=spare.message_id)
            db.execute(_FORGET, (account, (now - KEPT_FOR).timestamp()))
            return [_get(db, send.id) for send, _ in settled]

    def _since(self, db: sqlite3.Connection, account: str) -> datetime:
        opened = [send.created_at for send in _open(db, account)]
        return min(opened, default=self._clock.now()) - KEPT_FOR

    def _is_news(self, db: sqlite3.Connection, account: str, send_id: str) -> bool:
        row = db.execute(_BY_ID, (send_id,)).fetchone()
        send = None if row is None else send_of(row)
        return send is not None and send.account == account and send.message_id is None and send.state in _WITHOUT_ID

    def _chats(self, db: sqlite3.Connection, account: str) -> list[tuple[Collection[str], list[Send]]]:
        """Return who has open messages, under all addresses, and these in the order of the queue."""
        found: list[tuple[Collection[str], list[Send]]] = []
        for send in _open(db, account):
            known = next((chat for chat in found if send.to in chat[0]), None)
            if known is None:
                found.append(known := (self._same(account, send.to), []))
            known[1].append(send)
        return found


def _matched(chat: tuple[Collection[str], list[Send]], spares: list[_Spare]) -> list[tuple[Send, _Spare]]:
    """Return which undecided message each unknown id of a chat is of, or nothing where there is a choice."""
    addresses, sends = chat
    since = min(send.created_at for send in sends) - _CLOCKS
    there = [one for one in spares if not one.chats.isdisjoint(addresses) and one.at >= since]
    if len(there) != len(sends) or any(send.state is SendState.SENDING for send in sends):
        return []
    return list(zip(sends, there, strict=True))


def _open(db: sqlite3.Connection, account: str) -> list[Send]:
    return [send_of(row) for row in db.execute(_OPEN, (account,)).fetchall()]


def _get(db: sqlite3.Connection, send_id: str) -> Send:
    return send_of(db.execute(_BY_ID, (send_id,)).fetchone())


def _spares(db: sqlite3.Connection, account: str) -> list[_Spare]:
    """Return the ids of the library's form that no send has, in the order in which their first receipts came."""
    rows = db.execute(_SPARE, {"account": account}).fetchall()
    return [
        _spare(name, list(kept)) for name, kept in groupby(rows, lambda row: row["message_id"]) if _LIBRARY_ID.fullmatch(name)
    ]


def _spare(message_id: str, kept: list[sqlite3.Row]) -> _Spare:
    return _Spare(
        message_id=message_id,
        chats=frozenset(row["chat"] for row in kept),
        state=max((SendState(row["state"]) for row in kept), key=PROGRESS.__getitem__),
        at=utc(min(row["at"] for row in kept)),
    )
