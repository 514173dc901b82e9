"""Taking a snapshot: what there is, what of it has changed, and the rows of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from tqdm.auto import tqdm

from wakit.errors import InvalidInput
from wakit.lake import Manifest, Part, Place
from wakit.snapshot.folder import Folder, Snapshot
from wakit.snapshot.host_part import HostPart
from wakit.snapshot.tables import Table

if TYPE_CHECKING:
    from wakit.client.blocking import Client

_COLUMNS = """
SELECT
    table_name,
    list(column_name ORDER BY ordinal_position) AS columns,
    list(data_type ORDER BY ordinal_position) AS types
FROM information_schema.columns
WHERE table_schema = 'main'
GROUP BY table_name
HAVING list_contains(columns, 'account')
ORDER BY table_name
"""
_SCHEMA_VERSION = "SELECT max(number) AS number FROM core.migration"
_COVERAGE = """
SELECT account, since, until, state, sources, cause FROM coverage
WHERE chat IS NULL AND ($account IS NULL OR account = $account)
ORDER BY account, since
"""


class Target(Protocol):
    """Where a snapshot is made."""

    host: str | None
    space: int

    @property
    def shown(self) -> Path | str: ...

    def making(self) -> AbstractContextManager[None]: ...

    def file_name(self, state: str) -> str: ...

    def kept(self, path: str, state: str) -> Part | None: ...

    def write(self, rows: pa.Table, part: dict[str, Any]) -> Part: ...

    def finish(self, manifest: Manifest) -> None: ...


def take(
    client: Client, place: Path | str, *, host: str | None = None, account: str | None = None, progress: bool = True
) -> Snapshot:
    """
    Write everything that can be asked for as Parquet files below *place*, and return what is there.

    Again, only what has changed is written; a snapshot that was interrupted is
    taken up. Until it is complete, what was there before stays as it was.

    Args:
        client: Whose host is asked.
        place: A folder; with *host*, also a URL.
        host: The name of this host in a lake of many.
        account: Only this one.
        progress: Whether to draw a bar.

    Raises:
        InvalidInput: There is something else at *place*.
        WorkspaceNotWritable, StorageFull: It cannot be made there.
    """
    target = _target(place, host)
    began = datetime.now(UTC)
    parts: list[Part] = []
    written = 0
    with target.making():
        tables = [
            Table(name=row["table_name"], columns=dict(zip(row["columns"], row["types"], strict=True)))
            for row in client.arrow(_COLUMNS).to_pylist()
        ]
        wanted = list(_inventory(client, tables, target, account))
        for table, part in tqdm(wanted, unit=" files", disable=None if progress else True, leave=False):
            kept = target.kept(part["path"], part["state"])
            written += kept is None
            parts.append(kept or target.write(_rows(client, table, part, target.space), part))
        taken = Snapshot(folder=target.shown, parts=tuple(parts), written=written)
        target.finish(_manifest(client, tables, taken, began, host, account))
    return taken


def _target(place: Path | str, host: str | None) -> Target:
    if host is not None:
        return HostPart(Place(place), host)
    if "://" in str(place):
        msg = f'{str(place)!r} is for many hosts. Say which one this is: --host NAME, or host="tienda-1".'
        raise InvalidInput(msg, place=str(place))
    return Folder(Path(place).expanduser().absolute())


def _manifest(
    client: Client, tables: list[Table], taken: Snapshot, began: datetime, host: str | None, account: str | None
) -> Manifest:
    coverage = client.arrow(_COVERAGE, {"account": account}).to_pylist()
    facts = {
        "wakit": version("wakit-notebooks"),
        "schema_version": client.arrow(_SCHEMA_VERSION)["number"][0].as_py(),
        "began_at": began.isoformat(),
        "taken_at": datetime.now(UTC).isoformat(),
        "months": "UTC",
        "host": host,
        "accounts": sorted({part.account for part in taken.parts}),
        "rows": taken.rows,
    }
    return Manifest(
        parts=taken.parts,
        tables={table.name: table.written for table in tables},
        coverage=[{name: _plain(value) for name, value in row.items()} for row in coverage],
        facts=facts,
    )


def _inventory(
    client: Client, tables: list[Table], target: Target, account: str | None
) -> Iterator[tuple[Table, dict[str, Any]]]:
    for table in tables:
        for found in client.arrow(table.inventory, {"account": account}).to_pylist():
            names = {"host": target.host, "account": found["account"], "month": found["month"]}
            folders = "/".join(f"{name}={value}" for name, value in names.items() if value)
            path = f"{table.name}/{folders}/{target.file_name(found['state'])}"
            yield table, {**found, "table": table.name, "path": path}


def _rows(client: Client, table: Table, part: dict[str, Any], space: int) -> pa.Table:
    rows = client.arrow(table.rows, table.values(part["account"], part["month"], space))
    return rows.cast(pa.schema([pa.field(field.name, _portable(field.type)) for field in rows.schema]))


def _portable(kind: pa.DataType) -> pa.DataType:
    """Return the type that every engine reads: an enumeration is a text elsewhere."""
    return pa.string() if pa.types.is_dictionary(kind) else kind


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
