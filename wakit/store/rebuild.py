"""
The database and the key set, made anew from what is the truth: the journals and the kept imports.

That is how a better decoder reaches old data, and what is left to do where the
files are damaged or say more than the journal (a power cut can take its last
50 ms, also where the database had them already). Nobody may have the workspace
open meanwhile; the old files stay until the new ones are complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wakit.config import Settings
from wakit.errors import CorruptFile
from wakit.paths import Workspace
from wakit.session.events import meaning
from wakit.session.journal import NAME, Journal
from wakit.session.parts import parts_in
from wakit.store import swap
from wakit.store.drain import Decoded
from wakit.store.fingerprints import Fingerprint
from wakit.store.store import Store

log = logging.getLogger(__name__)

#: Rows of one transaction, and entries of one read: nobody waits for the next event here.
_BATCH = 10_000


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One table before and after."""

    name: str
    before: Fingerprint
    after: Fingerprint

    @property
    def equal(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Entries that the old database knew and whose journal lacks them."""

    account: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What was read of one journal."""

    entries: int
    #: The number of its last entry.
    last: int
    #: The numbers before that which could not be read.
    missing: tuple[range, ...]


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What a rebuild did."""

    #: Journal entries that were read.
    entries: int
    messages: int
    #: Imports that were done again.
    imports: int
    #: Whether the new files are in place.
    replaced: bool
    compared: tuple[Compared, ...] = field(default=())
    #: What is in no journal and so not in the new files.
    dropped: tuple[Dropped, ...] = field(default=())


def entries(workspace: Workspace) -> int:
    """Return about how many journal entries there are, for a progress bar."""
    total = 0
    for account in _accounts(workspace):
        journal = Journal(workspace.journal_dir(account))
        try:
            first = journal.first_seq
            total += journal.last_seq - first + 1 if first else 0
        finally:
            journal.close()
    return total


def rebuild(
    workspace: Workspace, settings: Settings, *, verify: bool = False, moved: Callable[[int], object] = lambda _: None
) -> Rebuilt:
    """
    Make the database and the key set of a workspace anew; its life lock is held by the caller.

    Args:
        workspace: Whose files; no host has them open.
        settings: Of the workspace.
        verify: Compare with the files that are there, once these are up to
            date, and replace them only if everything is equal.
        moved: Told how many journal entries were read since the last call.

    Raises:
        CorruptFile: A journal or a kept import cannot be read, or, with
            *verify*, the old database; the old files were left as they are.
        StorageFull, WorkspaceNotWritable: Likewise.
    """
    swap.finish(workspace)
    before, reach = _known(workspace, settings, verify=verify)
    building = swap.begin(workspace)
    try:
        with Store(building, settings.model_copy(update={"drain_batch": _BATCH})) as store:
            replayed = {account: _replay(workspace, account, store, moved) for account in _accounts(workspace)}
            imports = len(store.imports.replay())
            store.catch_up()
            after = store.fingerprints()
        compared = tuple(Compared(name=name, before=was, after=after[name]) for name, was in before.items())
        replace = all(one.equal for one in compared)
        if replace:
            swap.commit(workspace)
    finally:
        swap.discard(workspace)
    return Rebuilt(
        entries=sum(one.entries for one in replayed.values()),
        messages=after["messages"].rows,
        imports=imports,
        replaced=replace,
        compared=compared,
        dropped=tuple(_dropped(replayed, reach)),
    )


def _known(workspace: Workspace, settings: Settings, *, verify: bool) -> tuple[dict[str, Fingerprint], dict[str, int]]:
    """
    Finish what the old database began, and bring it up to date if it is to be compared.

    Return what it holds then, and by account the last entry that it knew before.
    """
    if not workspace.database.exists() and not verify:
        return {}, {}
    try:
        with Store(workspace, settings) as store:
            reach = {account: store.reach(account) for account in store.accounts()["account"].to_pylist()}
            if not verify:
                return {}, reach
            for account in _accounts(workspace):
                _replay(workspace, account, store)
                store.imports.settle(account)
            return store.fingerprints(), reach
    except CorruptFile as exc:
        if verify:
            raise
        log.warning("the old database is not read: %s", exc.message)
        return {}, {}


def _dropped(replayed: Mapping[str, Replayed], reach: Mapping[str, int]) -> Iterator[Dropped]:
    """Yield what no journal has, as far as the old database knew it."""
    for account, last in reach.items():
        read = replayed.get(account, Replayed(entries=0, last=0, missing=()))
        for missing in (*read.missing, range(read.last + 1, last + 1)):
            if missing.start < min(missing.stop, last + 1):
                yield Dropped(account=account, first=missing.start, last=min(missing.stop - 1, last))


def _replay(workspace: Workspace, account: str, store: Store, moved: Callable[[int], object] = lambda _: None) -> Replayed:
    """Move everything behind the watermark of an account into a store."""
    journal = Journal(workspace.journal_dir(account))
    try:
        # An account whose journal is empty is one too.
        total, mark, missing = 0, store.drain(account, ()), []
        while found := journal.read(mark, _BATCH):
            missing += [one.missing for one in found if one.missing]
            mark = store.drain(account, (Decoded(seq=one.seq, at=one.at, records=meaning(account, one)) for one in found))
            total += len(found)
            moved(len(found))
        return Replayed(entries=total, last=mark, missing=tuple(missing))
    finally:
        journal.close()


def _accounts(workspace: Workspace) -> list[str]:
    """Return all accounts that have a journal."""
    return sorted(path.name for path in workspace.journals.iterdir() if _has_journal(path))


def _has_journal(folder: Path) -> bool:
    return folder.is_dir() and bool((folder / NAME).exists() or parts_in(folder))
