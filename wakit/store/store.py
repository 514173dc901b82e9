"""The store of one workspace: the only door to its database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from wakit.config import Settings
from wakit.errors import UnknownChat
from wakit.found import Hit
from wakit.ids import JID, account_id, recipient, spellings
from wakit.model import Message, Record
from wakit.paths import Workspace
from wakit.session.media_files import MediaFiles
from wakit.store import engine, migrations, reads, swap
from wakit.store.changed import Changed
from wakit.store.deriving import Deriving
from wakit.store.drain import Decoded, Drain, Mark
from wakit.store.earlier import find_message
from wakit.store.engine import Limits, execute, rows, transaction, translated
from wakit.store.fingerprints import Fingerprint, fingerprints
from wakit.store.imports import Imports
from wakit.store.inbox import INBOX
from wakit.store.index import Filter, Index
from wakit.store.indexing import Indexing
from wakit.store.keyset import KeySet
from wakit.store.live import Live, live_key
from wakit.store.media import Media
from wakit.store.query import Answer, Queries
from wakit.store.question import Question
from wakit.store.search import Search
from wakit.store.timeline import Choice, page

_ACCOUNTS = "SELECT no, id FROM core.account"
_ADD_ACCOUNT = "INSERT INTO core.account VALUES (?, ?, NULL, NULL, NULL, ?)"
_ADD_MARK = "INSERT INTO core.watermark VALUES (?, 0, 0, 0)"
_STORED = """
SELECT DISTINCT message_id FROM core.message
WHERE account = ? AND ts >= ? AND list_contains(?, message_id) AND source <> 'import'
"""
_WROTE = "SELECT 1 FROM core.message WHERE account = ? AND list_contains(?, chat) AND NOT from_me AND type <> 'system' LIMIT 1"
_WRITERS = "SELECT DISTINCT chat FROM core.message WHERE account = ? AND NOT from_me AND type <> 'system'"
_TIMEZONE = "UPDATE core.account SET timezone = ? WHERE timezone <> ?"


class Store:
    """
    Messages, people, receipts and sessions of one workspace, in DuckDB.

    Reading and writing may happen in different threads; writers wait for each
    other. ``open`` before use, ``close`` after: DuckDB hangs at exit otherwise.

    Args:
        workspace: Whose database it is.
        settings: ``drain_batch``, ``timezone`` and what queries may take count here.
        limits: What queries may take, if not what the settings say.
        at: Told of each step of the drain; for tests that die there.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        *,
        limits: Limits | None = None,
        at: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._limits = limits or Limits(memory=settings.query_memory, seconds=settings.query_seconds)
        self._at = at
        self._lock = threading.RLock()
        self._accounts: dict[str, int] = {}

    def open(self) -> Self:
        """
        Open or create the database, the newest schema and the key set.

        Raises:
            HostBusy: Another process has it open.
            UnsafePath, WorkspaceNotWritable, StorageFull, CorruptFile: It cannot
                be used; nothing was changed.
        """
        with ExitStack() as opened:
            self._open(opened)
            self._closing = opened.pop_all()
        self._indexing.wake()
        self._deriving.wake()
        return self

    def close(self) -> None:
        """Close everything; open results are cut."""
        with self._lock:
            self._closing.close()

    def _open(self, opened: ExitStack) -> None:
        path = self._workspace.database
        swap.finish(self._workspace)
        self._connection = engine.connect(path)
        opened.callback(self._connection.close)
        with translated(path):
            migrations.migrate(self._connection)
            execute(self._connection, _TIMEZONE, [self._settings.timezone] * 2)
            engine.lock(self._connection, self._limits)
            self._accounts = {name: no for no, name in rows(self._connection, _ACCOUNTS)}
        self._keys = KeySet(self._workspace.keys)
        opened.callback(self._keys.close)
        self._live = Live(self._keys)
        self._changed = Changed(self._connection)
        self._drain = Drain(
            self._connection, self._keys, path, batch=self._settings.drain_batch, at=self._at, changed=self._changed
        )
        for no in self._accounts.values():
            mark = self._drain.mark(no)
            self._keys.release(no, *((mark.part_seq, mark.part) if mark.part_seq > mark.seq else (mark.seq + 1, 0)))
        self._deriving = Deriving(self._connection, path)
        opened.callback(self._deriving.close)
        index = Index(self._workspace.search)
        self._indexing = Indexing(self._connection, path, index)
        opened.callback(self._indexing.close)
        #: Files of messages.
        self.media = Media(self._connection, MediaFiles(self._workspace.media))
        #: Exported chats.
        self.imports = Imports(
            self._connection,
            self._drain,
            path,
            self._workspace.data / "imports",
            self._lock,
            self._number,
            changed=self._imports_changed,
            media=self.media,
            country=self._settings.country,
        )
        self._search = Search(self._connection, index, self._changed)
        opened.callback(self._search.close)
        self._queries = Queries(self._connection, self._limits)
        opened.callback(self._queries.close)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _imports_changed(self) -> None:
        self._changed.forget()
        self._indexing.imports_changed()
        self._deriving.wake()

    def drain(self, account: str, entries: Iterable[Decoded]) -> int:
        """
        Move decoded journal entries into the database, exactly once; return how far.

        Entries come in the journal's order. Those that were moved before are
        skipped, so it does no harm to give them again.
        """
        with self._lock:
            self._revive()
            no = self._number(account)
            seq = self._drain.move((no, account), entries)
            self._live.drained(account, seq)
            self._indexing.wake()
            self._deriving.wake()
            return seq

    def watermark(self, account: str) -> int:
        """Return the number of the last journal entry that was moved completely; 0 if none was."""
        with self._lock:
            no = self._accounts.get(account_id(account))
            return 0 if no is None else self._drain.mark(no).seq

    def reach(self, account: str) -> int:
        """Return the number of the last journal entry of which anything was moved, be it a part; 0 if none was."""
        with self._lock:
            no = self._accounts.get(account_id(account))
            mark = Mark() if no is None else self._drain.mark(no)
            return max(mark.seq, mark.part_seq)

    def is_new(self, account: str, seq: int, record: Record) -> bool:
        """Return whether entry *seq* is the first to tell this message, drained or not; other records always are."""
        if not isinstance(record, Message):
            return True
        no = self._accounts.get(account_id(account), 0)
        key = live_key(account, record, self._drain.people, no)
        return key is None or self._live.is_first(key, account, seq)

    def fingerprints(self) -> dict[str, Fingerprint]:
        """Return what is in each table, as numbers that do not depend on any order."""
        with self._lock, translated(self._workspace.database):
            self._deriving.catch_up()
            return fingerprints(self._connection)

    def accounts(self) -> pa.Table:
        """Return the accounts that ever had a journal."""
        return self._select(reads.ACCOUNTS)

    def chats(self, account: str | None = None) -> pa.Table:
        """Return the conversations, the liveliest first."""
        return self._select(reads.CHATS, {"account": account})

    def contacts(self, account: str | None = None) -> pa.Table:
        """Return the people, each under the address that stands for them."""
        return self._select(reads.CONTACTS, {"account": account})

    def intervals(self, account: str | None = None) -> pa.Table:
        """Return when accounts were listening and when they were not."""
        return self._select(reads.INTERVALS, {"account": account})

    def coverage(self, account: str | None = None, chat: str | None = None) -> pa.Table:
        """
        Return what is known of which time: of a chat, or of accounts as a whole.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID.

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* is neither.
            UnknownChat: Nobody of that address was ever seen.
        """
        people, seen = self._drain.people, self._seen(chat, "chat")
        chats = [0] if seen is None else sorted({people[one].person.id for one in seen})
        no = None if account is None else self._accounts.get(account, -1)
        return self._select(reads.COVERAGE, {"account": no, "chats": chats})

    def receipts(self, account: str | None = None) -> pa.Table:
        """Return the receipts, oldest first."""
        return self._select(reads.RECEIPTS, {"account": account})

    def messages(
        self,
        account: str | None = None,
        chat: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
        *,
        sender: str | None = None,
        types: Sequence[str] = (),
        from_me: bool | None = None,
    ) -> pa.Table:
        """
        Return the newest messages, at most *limit*, oldest first.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID; any address of a
                person finds all their messages.
            since: From this instant on.
            until: Before this instant.
            limit: How many.
            sender: Only what this person wrote, under any address.
            types: Only messages of these types.
            from_me: Only what the account itself wrote, or only what others did.

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* or *sender* is neither.
            UnknownChat: Nobody of that address was ever seen.
        """
        return self.page_of_messages(account, chat, since, until, limit, sender=sender, types=types, from_me=from_me)[0]

    def page_of_messages(
        self,
        account: str | None = None,
        chat: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
        *,
        sender: str | None = None,
        types: Sequence[str] = (),
        from_me: bool | None = None,
        before: reads.MessageKey | None = None,
    ) -> tuple[pa.Table, reads.MessageKey | None]:
        """Return ``messages`` before the one at *before*, and the key of the oldest of them if there may be more."""
        who = {"chats": self._seen(chat, "chat"), "senders": self._seen(sender, "sender")}
        no = None if account is None else self._accounts.get(account, -1)
        key = before._asdict() if before else dict.fromkeys(reads.MessageKey._fields)
        what = {"types": list(types) or None, "from_me": from_me, "since": since, "until": until, "limit": limit}
        values = {"account": no, **who, **what}
        found = self._select(reads.MESSAGES, values | {f"before_{name}": value for name, value in key.items()})
        more = None
        if found.num_rows == limit:
            more = reads.MessageKey(*(found[name][0].as_py() for name in ("ts", "account_no", "seq", "item")))
        return found.drop_columns(["account_no", "seq", "item"]), more

    def search(
        self,
        question: str,
        *,
        account: str | None = None,
        chat: str | None = None,
        sender: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        types: Sequence[str] | None = None,
        loose: bool = False,
        newest: bool = False,
        limit: int = 20,
    ) -> list[Hit]:
        """
        Return the messages that answer a question best, or the newest of them.

        Args:
            question: All words must be there; ``"…"`` is a phrase, ``word*`` a
                beginning, ``-word`` must not be there. Accents do not matter.
            account: Only this one.
            chat: Only this chat, under any of its addresses.
            sender: Only what this person wrote.
            since: From this instant on.
            until: Before this instant.
            types: Only these types of messages.
            loose: Whether n and ñ count as one letter.
            newest: Whether the newest come first, not the best.
            limit: How many.

        Raises:
            InvalidInput: The question has no word that must be there.
            InvalidPhoneNumber, InvalidJID: *chat* or *sender* is neither.
            UnknownChat: Nobody of that address was ever seen.
        """
        where = Filter(
            account=None if account is None else self._accounts.get(account, 0),
            chats=self._seen(chat, "chat"),
            senders=self._seen(sender, "sender"),
            since=since,
            until=until,
            types=types,
        )
        asked = Question.parse(question, loose=loose)
        names = {no: name for name, no in self._accounts.items()}
        return self._search.find(asked, where, self._drain.people, names, limit=limit, newest=newest)

    def context(self, account: str, chat: str, message_id: str, *, size: int = 3) -> pa.Table:
        """Return what was said around a message: it and *size* messages before and behind it, oldest first."""
        values = {"account": self._accounts.get(account, 0), "chats": self._seen(chat, "chat"), "id": message_id, "size": size}
        return self._select(reads.CONTEXT, values)

    def catch_up(self) -> int:
        """Bring the search index up to date now, which otherwise happens by itself; return how many rows were new."""
        return self._indexing.catch_up()

    def rebuild_search(self) -> int:
        """Make the search index anew from the database; return how many rows it holds."""
        return self._indexing.rebuild()

    def timeline(
        self,
        account: str | None = None,
        chat: str | None = None,
        *,
        pattern: str | None = None,
        is_group: bool | None = None,
        from_me: bool | None = None,
        words: str | None = None,
        ids: list[str] | None = None,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        limit: int = 50,
    ) -> pa.Table:
        """
        Return a page of messages with what belongs to them, oldest first; see ``timeline``.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID; any address of a
                person finds all their messages.
            pattern: Only chats whose address fits, such as ``*@g.us``.
            is_group: Only groups, or only chats of two.
            from_me: Only what the account wrote, or only what others did.
            words: Only texts with this in them, whatever its capitals and accents.
            ids: Only the messages with these ids.
            before: Cursor of a message; the page ends before it.
            after: Cursor of a message; the page begins behind it.
            around: Id of a message; half of the page ends with it.
            limit: Most messages.

        Raises:
            InvalidPhoneNumber, InvalidJID, InvalidInput: An argument cannot be read.
            UnknownChat: Nobody of that address was ever seen.
        """
        chats = self._seen(chat, "chat")
        no = None if account is None else self._accounts.get(account, -1)
        choice = Choice(
            account=no, chats=chats, pattern=pattern, is_group=is_group, from_me=from_me, words=words or None, ids=ids or None
        )
        return page(self._select, choice, before=before, after=after, around=around, limit=limit)

    def inbox(self, account: str | None = None, *, since: datetime, limit: int = 200) -> pa.Table:
        """
        Return the chats by what needs an answer, each with its newest message; see ``inbox``.

        Args:
            account: Only this one.
            since: What was written before needs none any more.
            limit: Most chats.
        """
        no = None if account is None else self._accounts.get(account, -1)
        return self._select(INBOX, {"account": no, "since": since, "limit": limit})

    def message(self, account: str, chat: str, message_id: str) -> tuple[Message, bool] | None:
        """Return a message that WhatsApp knows, and whether it was taken back; see ``earlier.find_message``."""
        return find_message(self._select, account, chat, message_id)

    def sql(self, query: str, params: Any = None, *, seconds: float | None = None) -> Answer:
        """Run one read-only query; see ``Queries.prepare`` and ``Answer.start``."""
        return self.prepare(query, params, seconds=seconds).start()

    def prepare(self, query: str, params: Any = None, *, seconds: float | None = None) -> Answer:
        """Return a read-only query that is not started yet; see ``Queries.prepare``."""
        return self._queries.prepare(query, params, seconds=seconds, revive=self._revived, before=self._before)

    def _before(self, query: str, seconds: float) -> None:
        """Bring up to date what a query reads, in the database that is open by now."""
        self._deriving.before(query, seconds)

    def _revived(self) -> Queries | None:
        """Return the queries of the database that was opened again, if it had given up."""
        if engine.is_usable(self._connection):
            return None
        with self._lock:
            self._revive()
            return self._queries

    def _select(self, query: str, params: Any = None) -> pa.Table:
        with self.sql(query, params) as answer:
            return answer.read_all()

    def _seen(self, who: str | None, role: str) -> list[int] | None:
        """Return the addresses of a person or group that somebody asks for, of which there must be one."""
        found = None if who is None else self._addresses(who)
        if found == []:
            msg = f"Nobody was ever seen under the {role} {who!r}. See wa.chats() and wa.contacts() for those who were."
            raise UnknownChat(msg, **{role: who})
        return found

    def _addresses(self, chat: str) -> list[int]:
        everywhere, accounts = self._drain.people.everywhere, tuple(self._accounts.values())
        # Addresses that stand for a name of an export are no recipients.
        if known := everywhere(chat, accounts):
            return known
        jid = recipient(chat, country=self._settings.country)
        return sorted({one for spelling in spellings(jid) for one in everywhere(spelling, accounts)})

    def identities(self, account: str, address: str) -> list[str]:
        """
        Return every address that is known to be the same person, this one included.

        It waits for nobody: senders ask it while the store drains. What a batch changes right then counts from
        the next question on.
        """
        known, jid = {address}, JID.parse(address).bare
        for spelling in spellings(jid):
            no = self._accounts.get(account)
            found = None if no is None else self._drain.people.find(no, spelling)
            if found is not None:
                known.update(self._drain.people.same(found))
        return sorted(known)

    def wrote(self, account: str, address: str) -> bool:
        """Return whether this person ever wrote to *account*, in their own chat, as far as the store knows by now."""
        no = self._accounts.get(account)
        if no is None:
            return False
        people = {one for spelling in spellings(JID.parse(address).bare) for one in self._drain.people.everywhere(spelling, [no])}
        return bool(people) and self._select(_WROTE, [no, sorted(people)]).num_rows > 0

    def writers(self, account: str) -> set[str]:
        """Return every known address of all who ever wrote to *account* in their own chat, and its groups; see ``wrote``."""
        no = self._accounts.get(account)
        if no is None:
            return set()
        people = self._drain.people
        return {text for chat in self._select(_WRITERS, [no]).column(0).to_pylist() for text in people.same(people[chat])}

    def stored_ids(self, account: str, message_ids: Collection[str], since: datetime) -> set[str]:
        """Return those of these ids of messages that *account* has, of what was written since a time."""
        no = self._accounts.get(account)
        if no is None:
            return set()
        return set(self._select(_STORED, [no, since, [*message_ids]])["message_id"].to_pylist())

    def _revive(self) -> None:
        """
        Open the database again where a full disk has ended it.

        DuckDB gives up for good when a checkpoint finds no room. What it had
        committed by then is in its log.
        """
        if not engine.is_usable(self._connection):
            self.close()
            self.open()

    def _number(self, account: str) -> int:
        """Return the number of an account, which is entered when it is first seen."""
        no = self._accounts.get(account_id(account))
        if no is not None:
            return no
        with self._lock, translated(self._workspace.database), transaction(self._connection):
            no = self._accounts.get(account) or max(self._accounts.values(), default=0) + 1
            execute(self._connection, _ADD_ACCOUNT, [no, account, self._settings.timezone])
            execute(self._connection, _ADD_MARK, [no])
        self._accounts[account] = no
        return no
