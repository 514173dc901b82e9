"""DuckDB over a lake, in this process: no host, no database file, and what the lake holds is read where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from wakit.analytics.engines.engine import Engine, reports
from wakit.errors import QueryFailed
from wakit.lake import Lake, LakeTable

if TYPE_CHECKING:
    import pyarrow as pa

#: What the names of folders say.
_FOLDERS = ("host", "account", "month")


class DuckEngine(Engine):
    """One connection with a view of each table; safe for threads, each query on a cursor of its own."""

    def __init__(self, lake: Lake) -> None:
        # Nothing is fetched from anywhere: what is not in DuckDB itself is not to be had.
        self._db = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        if not lake.place.is_local:
            self._db.register_filesystem(lake.place.files)
        for table in lake.tables:
            self._db.execute(_view(lake, table))
        self.report = reports(self)

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        """
        Return the rows of a query, with values for its ``?`` or ``$name``.

        Raises:
            QueryFailed: DuckDB's words on what is wrong with it.
        """
        try:
            with self._db.cursor() as cursor:
                return cursor.sql(query, params=params).to_arrow_table()
        except duckdb.Error as exc:
            raise QueryFailed(f"{exc}") from exc

    def close(self) -> None:
        self._db.close()


def _view(lake: Lake, table: LakeTable) -> str:
    """Return the statement that makes a table of the lake known under its name."""
    whole = {name: f'"{name}"' for name in table.columns} | {"account": lake.account}
    columns = ", ".join(f'CAST({whole[name]} AS {kind}) AS "{name}"' for name, kind in table.columns.items())
    if not table.files:
        nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in table.columns.items())
        return f'CREATE VIEW "{table.name}" AS SELECT {nothing} WHERE false'
    files = ", ".join(_quoted(lake.place.url(path)) for path in table.files)
    types = ", ".join(f"{name}: VARCHAR" for name in _FOLDERS if f"{name}=" in table.files[0])
    return (
        f'CREATE VIEW "{table.name}" AS SELECT {columns} FROM '  # noqa: S608 - names of the manifest, quoted
        f"read_parquet([{files}], union_by_name = true, hive_partitioning = true, hive_types = {{{types}}})"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
