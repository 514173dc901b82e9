"""
Exporting: which query gives the rows, and where they wait until their file is written.

A spreadsheet is written more slowly than a database reads, and the database's time for a
query is short. So the rows first go into a file without a name, as they come, and the query is over.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import httpx
import pyarrow as pa

from wakit.client.ask import problem
from wakit.client.stored import Params, query_for_arrow
from wakit.config import settings
from wakit.errors import InvalidInput, UnknownChat
from wakit.exporting import Exported, format_of, write
from wakit.ids import account_id, recipient
from wakit.instants import instant
from wakit.paths import refused

if TYPE_CHECKING:
    from wakit.client.blocking import Client

_NAME = re.compile(r"\w+\Z")
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'main' AND table_name = $name"
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
_ADDRESSES = "SELECT DISTINCT jid FROM contact_addresses WHERE address = $chat OR jid = $chat"
_CHATS = "SELECT DISTINCT chat AS jid FROM conversations WHERE chat = $chat"
#: Which column of a table each choice is about, and how it is compared.
_CONDITIONS = {
    "account": ("account", '"account" = $account'),
    "chat": ("chat", 'list_contains($chat, "chat")'),
    "since": ("ts", '"ts" >= $since'),
    "until": ("ts", '"ts" < $until'),
}
#: In this order, where a table has them: a person reads a file from above to below.
_ORDER = ("ts", "account", "chat", "message_id")


def export(
    client: Client, what: str, path: Path, *, params: Params, chosen: dict[str, Any], format_name: str | None, progress: bool
) -> Exported:
    """Write a table or a query as a file; see ``Client.export``."""
    place = path.expanduser().absolute()
    kind = format_of(place, format_name)
    wanted = {name: value for name, value in chosen.items() if value is not None}
    if _NAME.match(what):
        query, params = _table(client, what, wanted)
    else:
        query = what
        if wanted:
            msg = f"{', '.join(wanted)}: these choose rows of a table. In a SELECT, write them as its WHERE and give params."
            raise InvalidInput(msg, parameters=sorted(wanted))
    with _Spool.of(client, query, params, place) as rows:
        zone = settings().timezone
        return write(place, rows.schema, rows.batches(), rows=rows.count, kind=kind, zone=zone, progress=progress)


def _table(client: Client, name: str, wanted: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the query for rows of a table, all names of which come from the catalogue."""
    columns = client.arrow(_COLUMNS, {"name": name})["column_name"].to_pylist()
    if not columns:
        known = ", ".join(client.arrow(_TABLES)["table_name"].to_pylist())
        msg = f"There is no table {name!r}. Export one of {known}, or a SELECT."
        raise InvalidInput(msg, table=name)
    for choice in wanted:
        column, _ = _CONDITIONS[choice]
        if column not in columns:
            msg = f"{name} has no column {column!r} to choose by {choice}. Leave {choice} out, or export a SELECT."
            raise InvalidInput(msg, table=name, parameter=choice)
    where = " AND ".join(_CONDITIONS[choice][1] for choice in wanted) or "true"
    order = ", ".join(f'"{column}"' for column in _ORDER if column in columns) or "ALL"
    values = {choice: _value(client, choice, value) for choice, value in wanted.items()}
    return f'SELECT * FROM "{name}" WHERE {where} ORDER BY {order}', values  # noqa: S608 - a name of the catalogue


def _value(client: Client, choice: str, value: Any) -> Any:
    if choice == "account":
        return account_id(value)
    if choice == "chat":
        return _addresses(client, value)
    return instant(value, choice, settings().timezone)


def _addresses(client: Client, chat: str) -> list[str]:
    """Return the addresses under which tables show a chat."""
    jid = str(recipient(chat, country=settings().country))
    found = [row for query in (_ADDRESSES, _CHATS) for row in client.arrow(query, {"chat": jid})["jid"].to_pylist()]
    if not found:
        msg = f"Nobody was ever seen under the chat {chat!r}. See wa.chats() for those that are stored."
        raise UnknownChat(msg, chat=chat)
    return found


class _Spool:
    """The rows of one answer, in a file without a name: nobody else sees it, and it is gone when it is closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.schema: pa.Schema = pa.schema([])
        self.count = sum(batch.num_rows for batch in self.batches())
        if told := file.read():  # the query failed when its first rows were out already
            raise problem(httpx.Response(500, content=told))

    @classmethod
    def of(cls, client: Client, query: str, params: Params, beside: Path) -> Self:
        """Return the rows of a query, in the folder of the file that they are for."""
        try:
            file = tempfile.TemporaryFile(dir=beside.parent)  # noqa: SIM115 - closed by whoever has the rows
        except OSError as exc:
            raise refused(beside, exc) from exc
        try:
            client.download(query_for_arrow(query, params), file)
            return cls(file)
        except OSError as exc:
            file.close()
            raise refused(beside, exc) from exc
        except BaseException:
            file.close()
            raise

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, from the first one."""
        self._file.seek(0)
        with pa.ipc.open_stream(pa.PythonFile(self._file, "r")) as reader:
            self.schema = reader.schema
            yield from reader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
