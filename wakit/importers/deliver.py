"""One exported file into the store, from its path to what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.errors import InvalidInput, InvalidJID, InvalidPhoneNumber
from wakit.ids import recipient
from wakit.imported import Imported
from wakit.importers.attachments import extract, not_kept
from wakit.importers.export import Export, read
from wakit.store import Store
from wakit.store.import_files import Facts


def import_file(
    store: Store,
    path: Path,
    *,
    account: str,
    chat: str | None = None,
    date_order: str | None = None,
    tz: str | None = None,
    me: str | None = None,
    clock: Clock | None = None,
) -> Imported:
    """
    Import an exported chat; doing it again, or with a longer export of the same chat, adds only what is new.

    Args:
        store: Where to.
        path: The ``.txt`` or ``.zip``.
        account: Whose chat it is.
        chat: Name, phone number or JID of the chat; default is what the file's name says.
        date_order: ``dmy``, ``mdy`` or ``ymd``, where the file does not tell.
        tz: Time zone of the phone; default is that of the settings.
        me: The name under which the account itself wrote, where that is not plain.
        clock: Tells when it is done.

    Raises:
        InvalidInput: It is no export, its dates can be read in two orders, or two chats have that name.
        StorageFull, WorkspaceNotWritable: Nothing was imported.
    """
    address = _address(chat)
    clock = clock or SystemClock()
    with read(path, date_order=date_order, tz=tz, chat=None if address else chat, clock=clock) as export:
        if me is not None and me not in export.senders:
            told = ", ".join(repr(name) for name in export.senders)
            raise InvalidInput(f"Nobody in {export.file!r} is called {me!r}. Its people are {told}.", me=me)
        name = export.chat or Path(export.file).stem
        attachments = extract(path, export, store.media.files, settings().media_limit) if export.media else []
        facts = _facts(export, account, address or name, name, me, clock)
        facts = facts.with_(warnings=(*facts.warnings, *not_kept(attachments)))
        return store.imports.add(facts, _all_of(export), attachments)


def _all_of(export: Export) -> Iterator[pa.RecordBatch]:
    """Yield the messages and let go of the file: the store works from its own copy."""
    yield from export.batches()
    export.close()


def _address(chat: str | None) -> str | None:
    """Return the address that *chat* spells, if it is more than a name."""
    try:
        return None if chat is None else str(recipient(chat))
    except (InvalidPhoneNumber, InvalidJID):
        return None


def _facts(export: Export, account: str, chat: str, name: str, me: str | None, clock: Clock) -> Facts:
    return Facts(
        account=account,
        chat=chat,
        chat_name=name,
        is_group=export.is_group,
        file=export.file,
        digest=export.digest,
        format=export.format,
        date_order=export.date_order,
        timezone=export.timezone,
        has_seconds=export.has_seconds,
        first=export.first,
        last=export.last,
        messages=export.count,
        senders=export.senders,
        own_names=tuple(sorted(export.own_names)),
        me=me,
        imported_at=clock.now(),
        warnings=export.warnings,
    )
