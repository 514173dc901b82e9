"""
One definition, whichever engine answers: a store, DuckDB over a lake of two hosts, and Spark over the same lake.

Every report is asked, whatever its name: one that is added is compared as well.
"""

from __future__ import annotations

import inspect
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from stored import opened
from talked import NOW, StoreSource, talked

from wakit.analytics import definitions, engine
from wakit.analytics.definitions import Definition
from wakit.analytics.engines import Engine
from wakit.analytics.report import Report
from wakit.analytics.result import Result
from wakit.analytics.text_report import TextReport
from wakit.config import settings
from wakit.errors import InvalidInput, LibraryMissing, QueryFailed, UnknownCampaign, UnknownChat
from wakit.lake import Manifest, Place
from wakit.languages import language
from wakit.paths import Workspace
from wakit.snapshot import take

#: What pyspark says of a pandas that it works with, for these answers: the tests below are the proof; and what it leaves
#: to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

SINCE = "2026-10-01"
#: Arguments of reports that do not answer without, and others that make another query.
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "attainment": [{"within": timedelta(minutes=30)}],
    "first_response": [{}, {"preset": "chatwoot", "by": "day"}, {"business_hours": "MON-FRI 09:00-18:00", "by": None}],
    "volume": [{"by": "hour"}, {"by": "month", "timezone": "Europe/Madrid"}],
    "reactivated": [{"after_days": 5}],
    "reply_network": [{}, {"kind": "adjacent"}],
    "text.funnel": [{"steps": ["/menu", "precio|excelente"]}],
}


def asked() -> list[str]:
    """Return the names of all reports."""
    found = [(kind, *one) for kind in (Report, TextReport) for one in inspect.getmembers(kind, inspect.isfunction)]
    reports = [one for one in found if not one[1].startswith("_") and one[2].__annotations__["return"] == "Result"]
    return sorted({f"{'text.' if kind is TextReport else ''}{name}" for kind, name, _ in reports})


CASES = [(name, arguments) for name in asked() for arguments in ARGUMENTS.get(name, [{}])]
EACH = pytest.mark.parametrize(("name", "arguments"), CASES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(CASES)])
#: What texts say is asked of DuckDB, by Spark too: its regular expressions are RE2's, and Java's are others.
EXPRESSIONS = pytest.mark.parametrize(("name", "arguments"), [one for one in CASES if not one[0].startswith("text.")])


def a_report(source: StoreSource) -> Report:
    return Report(source, timezone="America/Bogota", lang=language(settings().lang))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of two hosts, each with an account of its own."""
    folder = tmp_path_factory.mktemp("lake")
    for seed, account in enumerate(("north", "south")):
        with opened(Workspace(folder / account).create()) as store:
            store.drain(account, talked(account, seed))
            take(StoreSource(store), folder / "lake", host=account, progress=False)  # type: ignore[arg-type]
    return folder / "lake"


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Yield the reports of one store that has both accounts."""
    with opened(Workspace(tmp_path_factory.mktemp("w") / "both").create()) as store:
        for seed, account in enumerate(("north", "south")):
            store.drain(account, talked(account, seed))
        yield a_report(StoreSource(store))


@pytest.fixture(scope="module")
def duck(lake: Path) -> Iterator[Engine]:
    with engine("duckdb", lake) as opened_engine:
        yield opened_engine


@pytest.fixture(scope="module")
def spark(lake: Path) -> Iterator[Engine]:
    """Yield a Spark in this process, the smallest that there is."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed, so Spark cannot be asked.")
    pytest.importorskip("pyspark", reason="pyspark is not installed, so Spark cannot be asked.")
    # To compile a query takes longer than to answer it, where there are this few rows.
    conf = {
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.ui.showConsoleProgress": "false",
    }
    with engine("local[1]", lake, conf=conf) as opened_engine:
        yield opened_engine


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the waits that go on be looked at in one instant."""
    monkeypatch.setattr(time, "time", lambda: float(NOW))


def told(report: Report, name: str, arguments: dict[str, Any]) -> Result:
    """Return what a report says, of all time and of groups as well."""
    return attrgetter(name)(report)(**{"since": SINCE, "groups": None, **arguments})  # type: ignore[no-any-return]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Require the same rows in the same order, numbers to 1e-9."""
    pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_every_definition_is_compared(duck: Engine) -> None:
    """There is a report for each definition, and it has rows to compare."""
    results = [told(duck.report, name, arguments) for name, arguments in CASES]
    known = {one.id for one in vars(definitions).values() if isinstance(one, Definition)}
    assert known == {result.meaning.id for result in results}
    assert [] == [result.meaning.id for result in results if result.df.empty]


@EACH
def test_a_lake_of_hosts_answers_as_one_store_of_all(
    answered: Report, duck: Engine, name: str, arguments: dict[str, Any]
) -> None:
    """Two hosts that count their people from one are as if they had always been one."""
    same(told(answered, name, arguments).df, told(duck.report, name, arguments).df)


@EXPRESSIONS
def test_spark_answers_as_duckdb_does(duck: Engine, spark: Engine, name: str, arguments: dict[str, Any]) -> None:
    """The same expression, to 1e-9."""
    same(told(duck.report, name, arguments).df, told(spark.report, name, arguments).df)


def test_an_engine_says_what_a_chat_is_and_of_what_is_known(duck: Engine, answered: Report) -> None:
    """One chat by a phone in any spelling, one account, and the share of the time that is known, as the store says it."""
    for arguments in ({"chat": "+57 301 000 0000"}, {"account": "south"}):
        stored, lake = (told(report, "volume", {"by": "week", **arguments}) for report in (answered, duck.report))
        same(stored.df, lake.df)
        assert not lake.df.empty
        assert lake.coverage == pytest.approx(stored.coverage)
        assert lake.definition
    with pytest.raises(UnknownChat):
        duck.report.volume(chat="+57 300 555 5555")
    with pytest.raises(UnknownCampaign):
        duck.report.campaigns("none")


def test_queries_that_fail_say_why(duck: Engine) -> None:
    """In the words of the engine; a table without rows is there."""
    assert 0 == duck.arrow("SELECT count(*) AS n FROM polls")["n"][0].as_py()
    assert 2 == duck.arrow("SELECT $n + 1 AS n", {"n": 1})["n"][0].as_py()
    with pytest.raises(QueryFailed, match="nowhere"):
        duck.arrow("SELECT * FROM nowhere")


def test_spark_dials_nobody_and_says_what_it_cannot(spark: Engine) -> None:
    """Its page is off, it listens on this machine only, and a query that fails is an error of ours."""
    conf = {row["key"]: row["value"] for row in spark.arrow("SET").to_pylist()}
    assert ("false", "127.0.0.1", "127.0.0.1") == tuple(
        conf[name] for name in ("spark.ui.enabled", "spark.driver.host", "spark.driver.bindAddress")
    )
    assert 2 == spark.arrow("SELECT :n + 1 AS n", {"n": 1})["n"][0].as_py()
    with pytest.raises(QueryFailed, match="nowhere"):
        spark.arrow("SELECT * FROM nowhere")


def test_what_is_no_engine_says_what_is(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name, settings that mean nothing to DuckDB, a lake that Spark cannot see, no Java."""
    with pytest.raises(InvalidInput, match="Choose duckdb"):
        engine("polars", lake)
    with pytest.raises(InvalidInput, match="Leave it out"):
        engine("duckdb", lake, conf={"spark.executor.memory": "2g"})
    place = Place("memory://there/lake")
    place.write("manifest.json", Manifest(parts=(), tables={}, coverage=[]).written())
    with pytest.raises(InvalidInput, match="memory of this process"):
        engine("local[1]", "memory://there/lake")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LibraryMissing, match="openjdk-17"):
        engine("local[1]", lake)
