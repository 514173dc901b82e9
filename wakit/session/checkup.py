"""
What is wrong with a journal, found by looking only.

The same that whoever opens it next would find: a log that ends before its last
commit, rows and parts that cannot be read, numbers that are missing. Nothing is
repaired here, and others may be writing meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from wakit.session.entries import Entry, EventCode
from wakit.session.journal import NAME, Journal
from wakit.session.wal import committed_frames, sound_frames

#: Entries of one look.
_BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class Damage:
    """A stretch of entries that cannot be read."""

    first: int
    last: int
    file: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """How a journal is."""

    entries: int
    damages: tuple[Damage, ...]
    #: Whether the log has commits behind a damaged place; whoever opens the journal next keeps it aside and reads around it.
    log_damaged: bool
    #: Logs that were kept aside, by name.
    kept: tuple[str, ...]


def check(directory: Path) -> Checkup:
    """
    Look at the journal of a folder.

    Raises:
        CorruptFile, WorkspaceNotWritable: It cannot be opened at all.
    """
    journal = Journal(directory, read_only=True)
    try:
        entries, damages, after = 0, [], 0
        while found := journal.read(after, _BATCH):
            entries += len(found)
            damages += [_damage(entry) for entry in found if entry.code == EventCode.DAMAGED]
            after = found[-1].seq
    finally:
        journal.close()
    return Checkup(
        entries=entries,
        damages=tuple(one for one in damages if one is not None),
        log_damaged=_is_damaged(directory / f"{NAME}-wal"),
        kept=tuple(sorted(path.name for path in directory.glob(f"{NAME}-wal.damaged-*"))),
    )


def _damage(entry: Entry) -> Damage | None:
    """Return what an entry says is damaged; a log that was kept aside has its name, and its rows are missing by number."""
    note = json.loads(entry.payload)
    if "recovered" in note:
        return None
    return Damage(first=note.get("first", entry.seq), last=note.get("last", entry.seq), file=note["file"], reason=note["reason"])


def _is_damaged(log: Path) -> bool:
    # Twice: a frame that is being written looks damaged for an instant.
    return all(sound_frames(log) < committed_frames(log) for _ in range(2))
