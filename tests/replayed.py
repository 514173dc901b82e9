"""A session's journal beside a store that was filled from it: what both say of messages and gaps."""

from __future__ import annotations

from dataclasses import dataclass

from driven_session import Driven
from stored import opened, table

from wakit.model import Gap, Message
from wakit.session.events import meaning
from wakit.session.journal import Journal
from wakit.store import Decoded


@dataclass(frozen=True)
class Replayed:
    """Ids of text messages and causes of gaps: as the journal has them, without repetitions, and as the store does."""

    journaled: list[str]
    stored: list[str]
    gaps_journaled: list[str]
    gaps_stored: list[str]


def replayed(session: Driven) -> Replayed:
    """Move the whole journal into a store, and once more from its beginning, as after a crash."""
    journal = Journal(session.workspace.journal_dir(session.account))
    entries = journal.read(0, 1_000_000)
    journal.close()
    moved = [Decoded(seq=one.seq, at=one.at, records=list(meaning(session.account, one))) for one in entries]
    records = [record for one in moved for record in one.records]
    with opened(session.workspace) as store:
        for _ in range(2):
            assert store.drain(session.account, moved) == entries[-1].seq
        return Replayed(
            journaled=sorted({one.message_id for one in records if isinstance(one, Message) and one.type == "text"}),
            stored=[str(found) for (found,) in table(store, "SELECT message_id FROM messages WHERE type = 'text' ORDER BY 1")],
            gaps_journaled=[one.cause for one in records if isinstance(one, Gap)],
            gaps_stored=[str(cause) for (cause,) in table(store, "SELECT cause FROM gaps ORDER BY since")],
        )
