"""Taking a snapshot: what there is, what of it has changed, and the rows of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from tqdm.auto import tqdm

from wakit.snapshot.folder import Folder, Part, Snapshot

if TYPE_CHECKING:
    from wakit.client.blocking import Client

_COLUMNS = """
SELECT table_name, list(column_name ORDER BY ordinal_position) AS columns
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
#: In the order in which the columns sort the rows, where a table has them: readers skip what they need not see.
_SORTED_BY = ("chat", "ts", "since", "message_id", "sender", "id", "jid")


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table that can be asked for."""

    name: str
    columns: tuple[str, ...]

    @property
    def has_months(self) -> bool:
        return "ts" in self.columns

    @property
    def inventory(self) -> str:
        """The query that tells which parts there are, and in which state."""
        month = "strftime(ts AT TIME ZONE 'UTC', '%Y-%m')" if self.has_months else "NULL::VARCHAR"
        return (
            f"SELECT account, {month} AS month, count(*) || ':' || sum(hash(whole)) AS state "  # noqa: S608 - names of the catalogue
            f'FROM "{self.name}" AS whole WHERE $account IS NULL OR account = $account GROUP BY ALL ORDER BY ALL'
        )

    @property
    def rows(self) -> str:
        """The query for the rows of one part, without what the names of its folders say."""
        # By all columns in the end: rows that the first ones leave in no order would make another file each time.
        first = [name for name in _SORTED_BY if name in self.columns]
        order = ", ".join(f'"{name}"' for name in dict.fromkeys([*first, *self.columns]) if name != "account")
        months = "AND ts >= $since AND ts < $until" if self.has_months else ""
        return f'SELECT * EXCLUDE (account) FROM "{self.name}" WHERE account = $account {months} ORDER BY {order}'  # noqa: S608


def take(client: Client, place: Path | str, *, account: str | None = None, progress: bool = True) -> Snapshot:
    """
    Write everything that can be asked for as Parquet files below *place*, and return what is there.

    Again, only what has changed is written; a snapshot that was interrupted is
    taken up. Until it is complete, what was there before stays as it was.

    Raises:
        InvalidInput: There is something else at *place*.
        WorkspaceNotWritable, StorageFull: It cannot be made there.
    """
    folder = Folder(Path(place).expanduser().absolute())
    began = datetime.now(UTC)
    parts: list[Part] = []
    written = 0
    with folder.making():
        wanted = list(_inventory(client, account))
        for table, part in tqdm(wanted, unit=" files", disable=None if progress else True, leave=False):
            kept = folder.kept(part["path"], part["state"])
            written += kept is None
            parts.append(kept or folder.write(_rows(client, table, part), part))
        number = client.arrow(_SCHEMA_VERSION)["number"][0].as_py()
        coverage = client.arrow(_COVERAGE, {"account": account}).to_pylist()
        facts = {
            "wakit": version("wakit-notebooks"),
            "schema_version": number,
            "began_at": began.isoformat(),
            "taken_at": datetime.now(UTC).isoformat(),
            "months": "UTC",
            "accounts": sorted({part.account for part in parts}),
            "rows": Snapshot(folder=folder.place, parts=tuple(parts), written=written).rows,
            "coverage": [{name: _plain(value) for name, value in row.items()} for row in coverage],
        }
        folder.finish(parts, facts)
    return Snapshot(folder=folder.place, parts=tuple(parts), written=written)


def _inventory(client: Client, account: str | None) -> Iterator[tuple[_Table, dict[str, Any]]]:
    for row in client.arrow(_COLUMNS).to_pylist():
        table = _Table(name=row["table_name"], columns=tuple(row["columns"]))
        for found in client.arrow(table.inventory, {"account": account}).to_pylist():
            folders = [table.name, f"account={found['account']}", *([f"month={found['month']}"] if found["month"] else [])]
            yield table, {**found, "table": table.name, "path": "/".join([*folders, "part-0.parquet"])}


def _rows(client: Client, table: _Table, part: dict[str, Any]) -> pa.Table:
    values: dict[str, Any] = {"account": part["account"]}
    if part["month"]:
        year, month = map(int, part["month"].split("-"))
        values["since"] = datetime(year, month, 1, tzinfo=UTC)
        values["until"] = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    rows = client.arrow(table.rows, values)
    return rows.cast(pa.schema([pa.field(field.name, _portable(field.type)) for field in rows.schema]))


def _portable(kind: pa.DataType) -> pa.DataType:
    """Return the type that every engine reads: an enumeration is a text elsewhere."""
    return pa.string() if pa.types.is_dictionary(kind) else kind


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
