"""
Spark over a lake: the same expressions on as many machines as the company has.

Spark buys scale, not speed: on one machine DuckDB is several times faster. Expressions are compiled for it by
Ibis, sums and quantiles are exact, and the order of rows is the expression's, so the answers are those
of DuckDB.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from sqlglot import exp

from wakit.analytics.engines.duck import DuckEngine
from wakit.analytics.engines.engine import Engine, reports
from wakit.errors import InvalidInput, LibraryMissing, QueryFailed
from wakit.lake import Lake, LakeTable

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_CONF = {
    # Reports are asked from a notebook on this machine; nobody else has business with its Spark.
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    # An account may be called 123, and a month is no date.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
#: Only where Spark is this process: on a cluster the machines must reach each other.
_ALONE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
_WORD = re.compile(r"\w+")
_INSTALL = "Run: pip install 'wakit-notebooks[spark]'"


class SparkEngine(Engine):
    """One Spark session with a view of each table."""

    def __init__(self, lake: Lake, master: str, conf: Mapping[str, str]) -> None:
        """
        Connect to a Spark, or start one.

        Raises:
            InvalidInput: Spark cannot read where the lake is.
            LibraryMissing: pyspark or Java is not installed here.
        """
        url = lake.place.url("")
        if not lake.place.is_local and url.startswith("memory:"):
            raise InvalidInput(f"{url!r} is in the memory of this process, where Spark does not see it.", place=url)
        self._session = _session(master, conf)
        self._ibis = ibis.pyspark.connect(self._session)
        self._lake = lake
        # What is known of which time, and what texts say, are DuckDB's words, and few rows or another's regular expressions.
        self._duck = DuckEngine(lake)
        self.report = reports(self._duck, runs=self)
        self._unread = {table.name: table for table in lake.tables}

    def compiled(self, expression: ir.Table) -> str:
        """Return an expression in the SQL of Spark."""
        return str(self._ibis.compile(expression))

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        """
        Return the rows of a query, with values for its ``:name``.

        Raises:
            QueryFailed: Spark's words on what is wrong with it.
        """
        from pyspark.errors import PySparkException

        self._read(query)
        try:
            return self._session.sql(query, args=params).toArrow()
        except PySparkException as exc:
            raise QueryFailed(str(exc)) from exc

    def close(self) -> None:
        self._session.stop()
        self._duck.close()

    def _read(self, query: str) -> None:
        """Make the tables known that a query may name: Spark takes a moment for each, and there are many."""
        for name in self._unread.keys() & set(_WORD.findall(query)):
            _rows(self._session, self._lake, self._unread.pop(name)).createOrReplaceTempView(name)


def _session(master: str, conf: Mapping[str, str]) -> SparkSession:
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as exc:
        raise LibraryMissing(f"Spark is not installed here. {_INSTALL}", library="pyspark") from exc
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        msg = "Spark needs Java 17 or newer, which is not installed here. On Debian: apt install openjdk-17-jre-headless"
        raise LibraryMissing(msg, library="java")
    building = SparkSession.builder.master(master).appName("wakit")
    alone = _ALONE if master.startswith("local") else {}
    for name, value in {**_CONF, **alone, **conf}.items():
        building = building.config(name, value)
    return building.getOrCreate()


def _rows(session: SparkSession, lake: Lake, table: LakeTable) -> DataFrame:
    types = {name: exp.DataType.build(kind, dialect="duckdb").sql("spark") for name, kind in table.columns.items()}
    if not table.files:
        return session.sql(f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS `{name}`' for name, kind in types.items())} WHERE false")
    urls = [_hadoop(lake, path) for path in table.files]
    # What the columns are is known: Spark would open every file to find out.
    columns = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
    rows = session.read.schema(columns).option("basePath", _hadoop(lake, table.name)).parquet(*urls)
    return rows.selectExpr("* EXCEPT (account)", f"{lake.account} AS account")


def _hadoop(lake: Lake, path: str) -> str:
    """Return what Spark calls a file: Hadoop has its own name for S3."""
    url = lake.place.url(path)
    return f"file://{url}" if lake.place.is_local else url.replace("s3://", "s3a://", 1)
