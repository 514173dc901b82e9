"""
What reports cost over a lake, with DuckDB and with Spark on the same machine, in one run.

``python tests/benchmarks/bench_lake.py [MESSAGES]``. Two hosts with half of the messages each, in two years and
chats of very different size; the files are as ``wakit snapshot`` writes them. Answers are compared.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from wakit.analytics import engine
from wakit.analytics.derived import derived
from wakit.analytics.facts import facts
from wakit.lake import Manifest, Part, Place, manifest_of, space_of

REPORTS = ("volume", "busiest_hours", "first_response", "reply_time", "conversations", "retention")
_MADE = """
CREATE TABLE message_facts AS
SELECT
    'tienda' AS account,
    chat + {space} AS chat,
    CASE WHEN from_me THEN {space} ELSE chat + {space} END AS sender,
    1730000000 + (hash(i, 3) % 63072000)::BIGINT AS written,
    from_me,
    CASE hash(i, 4) % 5 WHEN 0 THEN 'voice' ELSE 'text' END AS type,
    chat % 8 = 0 AS is_group,
    false AS automatic
FROM (
    SELECT i, 1 + floor(power((hash(i, 1) % 1000000) / 1e6, 3) * {chats})::BIGINT AS chat, hash(i, 2) % 5 < 2 AS from_me
    FROM range({rows}) AS made (i)
)
"""
_MONTH = "strftime(make_timestamp(written * 1000000), '%Y-%m')"
_NAMES = """
SELECT DISTINCT account, chat AS key, chat::VARCHAR || '@s.whatsapp.net' AS jid, 'cliente ' || chat AS name FROM message_facts
"""

#: Nothing is known of any time.
_CHATS = {"account": "VARCHAR", "chat": "BIGINT", "is_group": "BOOLEAN"}
_TIMES = {"since": "TIMESTAMP WITH TIME ZONE", "until": "TIMESTAMP WITH TIME ZONE"}
_KNOWN = {
    "intervals": {"account": "VARCHAR", "listening": "BOOLEAN", **_TIMES},
    "fact_told": {**_CHATS, **_TIMES},
    "fact_chats": _CHATS,
}

#: As many parts as there are cores here: with Spark's own 200 most of the time would go into parts without a row.
_CONF = {"spark.sql.shuffle.partitions": "2", "spark.ui.showConsoleProgress": "false"}


def main(rows: int) -> None:
    """Make the lake, ask both engines, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        for host in ("north", "south"):
            made(lake, host, rows // 2)
        with engine("duckdb", lake) as duck, engine("local[2]", lake, conf=_CONF) as spark:
            print(f"{rows:,} messages of two hosts\n{'report':<16}{'DuckDB':>10}{'Spark':>10}{'ratio':>8}")
            for name in REPORTS:
                first, ducks = asked(duck, name)
                second, sparks = asked(spark, name)
                pd.testing.assert_frame_equal(first, second, check_dtype=False, rtol=1e-9)
                print(f"{name:<16}{ducks:>8.2f} s{sparks:>8.2f} s{sparks / ducks:>8.1f}", flush=True)


def asked(one, name: str) -> tuple[pd.DataFrame, float]:
    """Return the answer of a report and the seconds that the second time took: the first one finds the files."""
    getattr(one.report, name)()
    began = time.perf_counter()
    frame = getattr(one.report, name)().df
    return frame, time.perf_counter() - began


def made(lake: Path, host: str, rows: int) -> None:
    """Write one host's part."""
    space, place, parts = space_of(host), Place(lake), []
    with duckdb.connect() as db:
        db.execute(_MADE.format(space=space, rows=rows, chats=max(rows // 400, 1)))
        db.execute(f"CREATE TABLE fact_names AS {_NAMES}")
        kept = derived(facts())
        for name, expression in kept.items():
            db.execute(f"CREATE TABLE {name} AS {ibis.to_sql(expression, dialect='duckdb')}")
            for column in [column for column, kind in columns(db, name).items() if kind == "HUGEINT"]:
                db.execute(f"ALTER TABLE {name} ALTER {column} TYPE BIGINT")  # as a store has its sums
        for (month,) in db.execute(f"SELECT DISTINCT {_MONTH} FROM message_facts").fetchall():
            parts.append(part(db, lake, "message_facts", host, month))
        parts += [part(db, lake, name, host) for name in ("fact_names", *kept)]
        tables = {name: columns(db, name) for name in ("message_facts", "fact_names", *kept)} | _KNOWN
    place.write(manifest_of(host), Manifest(parts=tuple(parts), tables=tables, coverage=[]).written())


def part(db: duckdb.DuckDBPyConnection, lake: Path, table: str, host: str, month: str | None = None) -> Part:
    """Write one file."""
    names = {"host": host, "account": "tienda", "month": month}
    folder = "/".join(f"{name}={value}" for name, value in names.items() if value)
    path = f"{table}/{folder}/part-0.parquet"
    (lake / path).parent.mkdir(parents=True)
    where = f"WHERE {_MONTH} = '{month}' ORDER BY chat, written" if month else ""
    db.execute(f"COPY (SELECT * EXCLUDE (account) FROM {table} {where}) TO '{lake / path}' (COMPRESSION zstd)")
    size = (lake / path).stat().st_size
    return Part(path=path, table=table, account="tienda", month=month, rows=0, bytes=size, sha256="", state="")


def columns(db: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the columns of a table with their types."""
    return dict(db.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?", [table]).fetchall())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
