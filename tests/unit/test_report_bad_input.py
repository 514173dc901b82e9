"""Every report with nothing to report and with what cannot be meant: a typed error, or an empty Result that says why."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from asked import report
from stored import ANA, at, entries, opened, said

from wakit.analytics.report import Report
from wakit.analytics.result import Result
from wakit.errors import InvalidInput, UnknownAccount, UnknownChat
from wakit.model import SessionState, SessionStatus
from wakit.paths import UMASK, Workspace

#: What a report must be told.
NEEDED = {"attainment": {"within": timedelta(minutes=15)}}
FIGURES = sorted(
    name
    for name, method in inspect.getmembers(Report, callable)
    if not name.startswith("_") and inspect.signature(method).return_annotation == "Result"
)
NAIVE = datetime.fromisoformat("2026-11-01")
#: A value of each parameter that cannot be meant, and what the error must say.
WRONG: dict[str, list[tuple[object, str]]] = {
    "since": [(NAIVE, "without a time zone"), ("yesterday", "yesterday")],
    "until": [(NAIVE, "without a time zone"), ("2026-02-30", "2026-02-30")],
    "last": [("a month", "30d"), ("-3d", "30d"), ("", "30d")],
    "timezone": [("America/Bogotá", "America/Bogota"), ("Mars/Olympus", "Mars/Olympus")],
    "by": [("fortnight", "fortnight"), (3, "3")],
    "gap": [(timedelta(minutes=1), "0:30:00"), (timedelta(days=-1), "0:30:00")],
    "business_hours": [
        ("MON-FRI 09:00-13:00, MON 12:00-18:00", "overlap"),
        ("SUN 20:00-02:00, MON 01:00-05:00", "overlap"),
        ("nine to five", "MON-FRI 09:00-18:00"),
        ("MON 25:00-26:00", "00:00 and 24:00"),
        ("", "never opens"),
    ],
    "holidays": [(["2026-12-25"], "no date"), ([NAIVE], "no date"), ([date(2026, 12, 25)], "business_hours")],
    "within": [(timedelta(), "minutes=15"), (timedelta(minutes=-5), "minutes=15")],
    "window": [(timedelta(), "days=7"), (timedelta(days=-1), "days=7")],
    "after_days": [(0, "30 or 90"), (-90, "30 or 90")],
    "anchor": [("middle", "'first'")],
    "preset": [("zendesk", "chatwoot")],
    "got": [("seen", "read")],
    "kind": [("nearby", "quoted")],
    "colour": [("red", "colour")],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Yield the reports of a small store, with a question and its answer."""
    with _opened(tmp_path_factory.mktemp("small")) as store:
        connected = SessionStatus(account="default", state=SessionState.CONNECTED, since=at(-60))
        store.drain("default", entries([connected, said("M1"), said("M2", "¡Hola!", ts=at(60), from_me=True)]))
        yield report(store)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Yield the reports of an empty store."""
    with _opened(tmp_path_factory.mktemp("empty")) as store:
        yield report(store)


def _opened(folder: Path) -> Any:
    folder.chmod(0o777 & ~UMASK)
    return opened(Workspace(folder / "shop").create())


def asked(figures: Report, name: str, **parameters: Any) -> Result:
    """Return a report with what it must be told."""
    return getattr(figures, name)(**{**NEEDED.get(name, {}), **parameters})


def taken(name: str) -> set[str]:
    """Return which parameters a report takes."""
    named = inspect.signature(getattr(Report, name)).parameters
    return {*named, "since", "until", "last", "timezone", "colour"}


def ways(name: str) -> list[dict[str, Any]]:
    """Return what a report is asked that has no answer: with rows by period, and with one row in all where that can be."""
    by = inspect.signature(getattr(Report, name)).parameters.get("by")
    return [{}, *([{"by": None}] if by is not None and "None" in str(by.annotation) else [])]


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_store_gives_no_zeros(nothing: Report, name: str) -> None:
    """No row at all, and why."""
    for parameters in ways(name):
        require_empty(asked(nothing, name, **parameters))


@pytest.mark.parametrize("name", FIGURES)
def test_a_time_without_messages_gives_no_zeros(shop: Report, name: str) -> None:
    """Neither before anything was stored nor in groups, of which there are none."""
    for parameters in ways(name):
        require_empty(asked(shop, name, since="2020-01", until="2020-02", **parameters))
        require_empty(asked(shop, name, groups=True, since="2026", until="2027", **parameters))


def require_empty(result: Result) -> None:
    """Check that a result has no row, says why, and can still be shown."""
    assert result.df.empty
    assert result.n == 0
    assert "in this time" in result.why_empty or "of this time" in result.why_empty
    assert escape(result.why_empty) in result._repr_html_()
    with pytest.raises(InvalidInput):
        result.plot()


@pytest.mark.parametrize("name", FIGURES)
def test_whom_nobody_knows_is_an_error(shop: Report, nothing: Report, name: str) -> None:
    """A chat or an account that is not there is no chat without messages."""
    for figures in (shop, nothing):
        with pytest.raises(UnknownChat, match="300 000 0000"):
            asked(figures, name, chat="+57 300 000 0000")
        with pytest.raises(UnknownAccount, match="nobody"):
            asked(figures, name, account="nobody")


@pytest.mark.parametrize("name", FIGURES)
def test_what_cannot_be_meant_is_an_error(shop: Report, name: str) -> None:
    """Each parameter of each report: the error names the value or says what can be."""
    tried = 0
    for parameter in taken(name) & set(WRONG):
        for value, says in WRONG[parameter]:
            with pytest.raises(InvalidInput, match=says):
                asked(shop, name, **{parameter: value}, **_beside(parameter, says))
            tried += 1
    assert tried > 9


def _beside(parameter: str, says: str) -> dict[str, Any]:
    """Return what a wrong value needs beside it to be looked at."""
    return {"business_hours": "MON-FRI 09:00-18:00"} if parameter == "holidays" and says == "no date" else {}


@pytest.mark.parametrize("name", FIGURES)
def test_times_that_contradict_each_other_are_an_error(shop: Report, name: str) -> None:
    """An end before the beginning, and two beginnings."""
    with pytest.raises(InvalidInput, match="no time between"):
        asked(shop, name, since="2026-11", until="2026-10")
    with pytest.raises(InvalidInput, match="last"):
        asked(shop, name, since="2026-11", last="30d")


def test_a_chat_of_two_accounts_is_not_guessed(tmp_path: Path) -> None:
    """Ana writes to two accounts: without saying to which there is no answer, and with it there is that account's."""
    with _opened(tmp_path) as store:
        store.drain("one", entries([said("M1", account="one")]))
        store.drain("two", entries([said("M1", account="two"), said("M2", account="two")]))
        figures = report(store)
        with pytest.raises(InvalidInput, match="account='one'"):
            figures.volume(chat=ANA)
        for account, received in (("one", 1), ("two", 2)):
            assert list(figures.volume(chat=ANA, account=account).df.received) == [received]
