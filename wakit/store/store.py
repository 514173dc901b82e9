"""The store of one workspace: the only door to its database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from wakit.config import Settings
from wakit.errors import WakitError
from wakit.ids import account_id, recipient, spellings
from wakit.model import Message, Record
from wakit.paths import Workspace
from wakit.store import engine, migrations, swap
from wakit.store.drain import Decoded, Drain, Mark
from wakit.store.earlier import find_message
from wakit.store.engine import Limits, execute, rows, transaction, translated
from wakit.store.fingerprints import Fingerprint, fingerprints
from wakit.store.imports import Imports
from wakit.store.keyset import KeySet
from wakit.store.live import Live, live_key
from wakit.store.media import Media
from wakit.store.query import Answer, Queries

_ACCOUNTS = "SELECT no, id FROM core.account"
_ADD_ACCOUNT = "INSERT INTO core.account VALUES (?, ?, NULL, NULL, NULL, ?)"
_ADD_MARK = "INSERT INTO core.watermark VALUES (?, 0, 0, 0)"
_TIMEZONE = "UPDATE core.account SET timezone = ? WHERE timezone <> ?"
_ADDRESSES = """
SELECT id FROM core.address
WHERE person IN (SELECT person FROM core.address WHERE list_contains(?, jid) OR list_contains(?, shown))
"""

#: The newest messages that fit are chosen in the bare table, and only they are joined.
_MESSAGES = """
WITH chosen AS (
    SELECT account, seq, item
    FROM core.message
    WHERE ($account IS NULL OR account = $account)
        AND ($chats IS NULL OR chat IN (SELECT unnest($chats)))
        AND ($since IS NULL OR ts >= $since)
        AND ($until IS NULL OR ts < $until)
    ORDER BY ts DESC, seq DESC, item DESC
    LIMIT $limit
)

SELECT shown.* EXCLUDE (account_no, seq, item)
FROM core.shown_message AS shown
JOIN chosen ON chosen.account = shown.account_no AND chosen.seq = shown.seq AND chosen.item = shown.item
ORDER BY shown.ts, shown.seq, shown.item
"""
_CHATS = "SELECT * FROM conversations WHERE account = coalesce($account, account) ORDER BY last_ts DESC NULLS LAST, chat"
_CONTACTS = "SELECT * FROM contacts WHERE account = coalesce($account, account) ORDER BY name, jid"
_INTERVALS = "SELECT * FROM intervals WHERE account = coalesce($account, account) ORDER BY account, since"
#: Filters on both numbers reach the bottom of the view: one chat costs no look at the others.
_COVERAGE = """
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    covered.since,
    covered.until,
    covered.state,
    covered.sources,
    covered.cause
FROM core.covered AS covered
JOIN core.account AS account ON account.no = covered.account
LEFT JOIN core.address AS chat ON chat.id = covered.chat
WHERE covered.account = coalesce($account, covered.account) AND list_contains($chats, covered.chat)
ORDER BY account.id, chat.shown, covered.since
"""
_PERSONS = "SELECT DISTINCT person FROM core.address WHERE list_contains(?, jid) OR list_contains(?, shown)"
_RECEIPTS = "SELECT * FROM receipts WHERE account = coalesce($account, account) ORDER BY ts"


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
        path = self._workspace.database
        swap.finish(self._workspace)
        self._connection = engine.connect(path)
        try:
            with translated(path):
                migrations.migrate(self._connection)
                execute(self._connection, _TIMEZONE, [self._settings.timezone] * 2)
                engine.lock(self._connection, self._limits)
                self._accounts = {name: no for no, name in rows(self._connection, _ACCOUNTS)}
            self._keys = KeySet(self._workspace.keys)
        except BaseException:
            self._connection.close()
            raise
        self._queries = Queries(self._connection, self._limits)
        self._drain = Drain(self._connection, self._keys, path, batch=self._settings.drain_batch, at=self._at)
        self._live = Live(self._keys)
        #: Files of messages.
        self.media = Media(self._connection)
        #: Exported chats.
        self.imports = Imports(
            self._connection,
            self._drain,
            path,
            self._workspace.data / "imports",
            self._lock,
            self._number,
            country=self._settings.country,
        )
        for no in self._accounts.values():
            mark = self._drain.mark(no)
            self._keys.release(no, *((mark.part_seq, mark.part) if mark.part_seq > mark.seq else (mark.seq + 1, 0)))
        return self

    def close(self) -> None:
        """Close everything; open results are cut."""
        with self._lock:
            self._queries.close()
            self._keys.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

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
            return fingerprints(self._connection)

    def accounts(self) -> pa.Table:
        """Return the accounts that ever had a journal."""
        return self._select("SELECT * FROM accounts ORDER BY account")

    def chats(self, account: str | None = None) -> pa.Table:
        """Return the conversations, the liveliest first."""
        return self._select(_CHATS, {"account": account})

    def contacts(self, account: str | None = None) -> pa.Table:
        """Return the people, each under the address that stands for them."""
        return self._select(_CONTACTS, {"account": account})

    def intervals(self, account: str | None = None) -> pa.Table:
        """Return when accounts were listening and when they were not."""
        return self._select(_INTERVALS, {"account": account})

    def coverage(self, account: str | None = None, chat: str | None = None) -> pa.Table:
        """
        Return what is known of which time: of a chat, or of accounts as a whole.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID.

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* is neither.
        """
        chats = [0] if chat is None else self._found(_PERSONS, chat, "person")
        no = None if account is None else self._accounts.get(account, -1)
        return self._select(_COVERAGE, {"account": no, "chats": chats})

    def receipts(self, account: str | None = None) -> pa.Table:
        """Return the receipts, oldest first."""
        return self._select(_RECEIPTS, {"account": account})

    def messages(
        self,
        account: str | None = None,
        chat: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
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

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* is neither.
        """
        chats = None if chat is None else self._found(_ADDRESSES, chat, "id")
        no = None if account is None else self._accounts.get(account, -1)
        values = {"account": no, "chats": chats, "since": since, "until": until, "limit": limit}
        return self._select(_MESSAGES, values)

    def message(self, account: str, chat: str, message_id: str) -> tuple[Message, bool] | None:
        """Return a message that WhatsApp knows, and whether it was taken back; see ``earlier.find_message``."""
        return find_message(self._select, account, chat, message_id)

    def sql(self, query: str, params: Any = None, *, seconds: float | None = None) -> Answer:
        """Run one read-only query; see ``Queries.run``."""
        try:
            with translated():
                return self._queries.run(query, params, seconds=seconds)
        except WakitError:
            if engine.is_usable(self._connection):
                raise
        with self._lock:
            self._revive()
            return self._queries.run(query, params, seconds=seconds)

    def prepare(self, query: str, params: Any = None, *, seconds: float | None = None) -> Answer:
        """Return a read-only query that is not started yet; see ``Queries.prepare``."""
        return self._queries.prepare(query, params, seconds=seconds)

    def _select(self, query: str, params: Any = None) -> pa.Table:
        with self.sql(query, params) as answer:
            return answer.read_all()

    def _found(self, query: str, chat: str, column: str) -> list[int]:
        known = spellings(recipient(chat, country=self._settings.country))
        found: list[int] = self._select(query, [known, known])[column].to_pylist()
        return found

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
