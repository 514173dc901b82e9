"""Which files of messages are wanted, and where the journal says how to fetch them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from wakit.errors import InvalidInput, UnknownMedia
from wakit.model import MediaFile, MediaState, MediaStatus, MessageType
from wakit.session.media_files import MediaFiles
from wakit.store.engine import rows
from wakit.store.import_media import unneeded

_COLUMNS = """
SELECT
    account, chat, chat_jid, sender_jid, from_me, message_id, type::VARCHAR, mimetype, file_name,
    size, sha256, announced_sha256, status::VARCHAR, reason, tries, seq
FROM core.shown_media
"""
#: Newest first: those are looked at, and WhatsApp still has them.
_WANTED = f"""
{_COLUMNS}
WHERE account = $account AND status = 'pending' AND type::VARCHAR IN (SELECT unnest($types)) AND ts >= $since AND seq > 0
    AND NOT list_contains($skip, message_id)
ORDER BY ts DESC, seq DESC, item DESC
LIMIT $limit
"""
_OF_MESSAGE = f"{_COLUMNS} WHERE account = $account AND message_id = $message_id"
_SHOWN = "SELECT DISTINCT shown FROM core.address WHERE jid = $chat OR shown = $chat"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a message announced, and how it stands."""

    account: str
    #: As it is shown, and as it came.
    chat: str
    chat_jid: str
    sender_jid: str
    from_me: bool
    message_id: str
    type: MessageType
    mimetype: str | None
    file_name: str | None
    #: As announced until it is stored.
    size: int | None
    sha256: str | None
    announced_sha256: str | None
    status: MediaStatus
    reason: str | None
    tries: int
    #: The journal entry that brought it; negative is an import.
    seq: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Identifies it."""
        return self.account, self.chat_jid, "" if self.from_me else self.sender_jid, self.message_id

    def state(
        self,
        status: MediaStatus,
        ts: datetime,
        *,
        tries: int = 0,
        size: int | None = None,
        sha256: str | None = None,
        reason: str | None = None,
    ) -> MediaState:
        """Return the record of what became of it."""
        return MediaState(
            account=self.account,
            chat=self.chat_jid,
            sender=self.sender_jid,
            from_me=self.from_me,
            message_id=self.message_id,
            status=status,
            ts=ts,
            tries=tries,
            size=size,
            sha256=sha256,
            reason=reason,
        )

    def file(self, sha256: str, size: int, path: str) -> MediaFile:
        """Return it as stored."""
        return MediaFile(
            account=self.account,
            chat=self.chat,
            message_id=self.message_id,
            type=self.type,
            mimetype=self.mimetype,
            file_name=self.file_name,
            size=size,
            sha256=sha256,
            path=path,
        )


class Media:
    """
    The files that the messages of a workspace announce.

    Args:
        files: Those that are here.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: MediaFiles) -> None:
        self.files = files
        self._connection = connection
        self._holders: list[Callable[[str], bool]] = []
        self._lock = threading.Lock()

    def wanted(
        self, account: str, types: Collection[MessageType], since: datetime, skip: Collection[str], limit: int
    ) -> list[Wanted]:
        """
        Return files that are not here yet, of the newest messages.

        Args:
            account: Whose.
            types: Only of these messages.
            since: Only of messages from then on.
            skip: Not those of messages with these ids.
            limit: How many.
        """
        values = {"account": account, "types": [str(kind) for kind in types], "since": since, "skip": list(skip), "limit": limit}
        return self._read(_WANTED, values)

    def find(self, account: str, message_id: str, chat: str | None) -> Wanted:
        """
        Return the file of one message.

        Args:
            account: Whose.
            message_id: Its id.
            chat: Address of its chat, any of the person's; needed where two chats have such a message.

        Raises:
            UnknownMedia: There is no such message, or it has no file.
            InvalidInput: Several messages have this id.
        """
        found = self._read(_OF_MESSAGE, {"account": account, "message_id": message_id})
        if chat is not None:
            names = self._names(chat)
            found = [one for one in found if one.chat in names]
        if not found:
            raise UnknownMedia(account=account, message_id=message_id)
        if len(found) > 1:
            chats = ", ".join(sorted({one.chat for one in found}))
            raise InvalidInput(
                f"{len(found)} messages have the id {message_id!r}. Say which chat: {chats}.", message_id=message_id
            )
        return found[0]

    def held_by(self, holds: Callable[[str], bool]) -> None:
        """Let somebody else than messages hold files, such as those on their way out; *holds* is asked by hash."""
        self._holders.append(holds)

    def release(self, hashes: Iterable[str]) -> None:
        """Remove those of these files that no message has and nobody holds."""
        with self._lock, self._connection.cursor() as cursor:
            found = unneeded(cursor, hashes)
        for digest in found:
            if not any(holds(digest) for holds in self._holders):
                self.files.remove(digest)

    def _names(self, chat: str) -> set[str]:
        """Return the addresses that the chat with this address is shown under."""
        with self._lock, self._connection.cursor() as cursor:
            return {str(shown) for (shown,) in rows(cursor, _SHOWN, {"chat": chat})}

    def _read(self, query: str, values: dict[str, object]) -> list[Wanted]:
        with self._lock, self._connection.cursor() as cursor:
            return [_wanted(*row) for row in rows(cursor, query, values)]


def _wanted(*row: Any) -> Wanted:
    values = dict(zip((field.name for field in fields(Wanted)), row, strict=True))
    return Wanted(**values | {"type": MessageType(values["type"]), "status": MediaStatus(values["status"])})
