"""
Search: the index proposes, the database has the last word.

Hits are looked up in the database and checked there: a message that was edited
is found by its newest text, one that is gone is not found, and a beginning that
stems cannot tell apart is told apart by the text.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import duckdb

from wakit.found import Hit
from wakit.store.changed import Changed
from wakit.store.engine import instant, rows, translated
from wakit.store.hits import snippet
from wakit.store.index import Filter, Index, Origin
from wakit.store.people import People
from wakit.store.question import Question

#: Hits that are looked at before a search gives up to find more: only beginnings of words can need many.
MOST_HITS = 2_000

#: Conditions on single columns: a join would read every column of every block that it touches.
_MESSAGES = """
SELECT account, seq, item, chat, sender, message_id, epoch_us(ts), from_me, type::VARCHAR, text
FROM core.message
WHERE seq IN (SELECT unnest($seqs)) AND item IN (SELECT unnest($items::INTEGER[]))
"""
#: Live messages are the first rows of their entries: to compare one number takes less than to look into a list.
_FIRST = _MESSAGES.replace("item IN (SELECT unnest($items::INTEGER[]))", "item = 0")
#: What the edits among the hits are edits of.
_EDITED = """
SELECT change.account, change.seq, change.item, message.seq, message.item
FROM core.change AS change
JOIN core.message AS message ON message.account = change.account AND message.message_id = change.target_id
JOIN core.address AS here ON here.id = change.chat
JOIN core.address AS there ON there.id = message.chat AND there.person = here.person
WHERE change.kind = 'edit' AND change.seq IN (SELECT unnest($seqs)) AND change.item IN (SELECT unnest($items::INTEGER[]))
"""
_NEWEST = """
SELECT account_no, seq, item, text, epoch_us(edited_at), epoch_us(revoked_at)
FROM core.shown_message
WHERE message_id IN (SELECT unnest($ids)) AND (edited_at IS NOT NULL OR revoked_at IS NOT NULL)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """One message as the tables have it."""

    chat: int
    sender: int
    message_id: str
    ts: datetime
    from_me: bool
    type: str
    text: str
    edited_at: datetime | None = None
    revoked_at: datetime | None = None


class Answer(NamedTuple):
    """A message that is what was asked for."""

    origin: Origin
    message: Stored
    marks: Sequence[tuple[int, int]]
    score: float


class Search:
    """Answers questions over an open database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, index: Index, changed: Changed) -> None:
        self._cursor = connection.cursor()
        self._changed = changed
        self._index = index
        self._lock = threading.Lock()

    def close(self) -> None:
        with self._lock:
            self._cursor.close()

    def find(
        self,
        question: Question,
        where: Filter,
        people: People,
        names: Mapping[int, str],
        *,
        limit: int,
        newest: bool = False,
    ) -> list[Hit]:
        """
        Return the best (or the newest) messages that answer a question, at most *limit*.

        Args:
            question: What they must have.
            where: Where to look.
            people: Whose addresses and names are shown.
            names: The accounts, by their number.
            limit: How many.
            newest: Whether the newest come first, not the best.
        """
        found: dict[Origin, Hit] = {}
        # Where the commonest words with a beginning are enough, nothing of the rest would be among the best.
        quick = not newest and any(term.prefix for term in question.terms)
        for thorough in (False, True) if quick else (True,):
            for origin, message, marks, score in self._answers(question, where, limit, newest, thorough):
                found.setdefault(origin, _hit(names[origin.account], people, message, marks, score))
                if len(found) == limit:
                    return list(found.values())
        return list(found.values())

    def _answers(self, question: Question, where: Filter, limit: int, newest: bool, thorough: bool) -> Iterator[Answer]:
        """Yield what the index proposes and the database has, page by page; a search in vain takes ever larger ones."""
        offset, size = 0, limit
        while offset < max(MOST_HITS, limit):
            proposed = self._index.search(question, where, size, offset=offset, newest=newest, thorough=thorough)
            with self._lock, translated():
                stored = self._stored([origin for _, origin in proposed])
            for score, proposal in proposed:
                origin, message = stored.get(proposal, (proposal, None))
                marks = question.marks(message.text) if message and _fits(message, where) else None
                if message is not None and marks is not None:
                    yield Answer(origin, message, marks, score)
            if len(proposed) < size:
                return
            offset, size = offset + size, size * 2

    def _stored(self, origins: Sequence[Origin]) -> dict[Origin, tuple[Origin, Stored]]:
        """Return by what was proposed the message that is meant, which for an edit is another row."""
        meant = {origin: origin for origin in origins}
        found = self._messages(origins)
        missing = [origin for origin in origins if origin not in found]
        if missing:
            edits = rows(self._cursor, _EDITED, _wanted(missing))
            meant |= {Origin(no, seq, item): Origin(no, *target) for no, seq, item, *target in edits}
            found |= self._messages([meant[origin] for origin in missing])
        return {origin: (target, found[target]) for origin, target in meant.items() if target in found}

    def _messages(self, origins: Sequence[Origin]) -> dict[Origin, Stored]:
        wanted, values = set(origins), _wanted(origins)
        query = _MESSAGES
        if values["items"] == [0]:
            query, values = _FIRST, {"seqs": values["seqs"]}
        found = {
            origin: Stored(
                chat=chat,
                sender=sender,
                message_id=message_id,
                ts=instant(ts),
                from_me=from_me,
                type=kind,
                text=text or "",
            )
            for account, seq, item, chat, sender, message_id, ts, from_me, kind, text in rows(self._cursor, query, values)
            if (origin := Origin(account, seq, item)) in wanted
        }
        # The view with its joins costs more than everything else, and few messages are ever changed.
        ids = self._changed.maybe([message.message_id for message in found.values()])
        if ids:
            for account, seq, item, text, edited, revoked in rows(self._cursor, _NEWEST, {"ids": ids}):
                origin = Origin(account, seq, item)
                if origin in found:
                    found[origin] = replace(found[origin], text=text or "", edited_at=_maybe(edited), revoked_at=_maybe(revoked))
        return found


def _hit(account: str, people: People, message: Stored, marks: Sequence[tuple[int, int]], score: float) -> Hit:
    chat, sender = people[message.chat], people[message.sender]
    part, inside = snippet(message.text, marks)
    return Hit(
        account=account,
        chat=chat.shown,
        chat_name=chat.name,
        sender=sender.shown,
        sender_name=sender.name,
        message_id=message.message_id,
        ts=message.ts,
        from_me=message.from_me,
        type=message.type,
        text=message.text,
        edited_at=message.edited_at,
        revoked_at=message.revoked_at,
        snippet=part,
        marks=inside,
        score=score,
    )


def _fits(message: Stored, where: Filter) -> bool:
    """Whether a message is where to look: the edit that the index knows has another time and type."""
    return (
        (where.since is None or message.ts >= where.since)
        and (where.until is None or message.ts < where.until)
        and (where.types is None or message.type in where.types)
    )


def _wanted(origins: Sequence[Origin]) -> dict[str, list[int]]:
    return {"seqs": [origin.seq for origin in origins], "items": sorted({origin.item for origin in origins})}


def _maybe(micros: int | None) -> datetime | None:
    return None if micros is None else instant(micros)
