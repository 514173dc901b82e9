"""The overview without a host: which time it is of, how amounts are read, and what its small plots show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from wakit.analytics import definitions
from wakit.analytics.overview import amounts
from wakit.analytics.overview.figure import Figure, Kind, Point
from wakit.analytics.overview.small import HEIGHT, svg
from wakit.analytics.overview.span import span_of
from wakit.errors import InvalidInput

BOGOTA, MADRID = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)
NOTHING = {"since": None, "until": None, "last": None, "newest": None, "now": NOW}


def test_an_overview_is_of_whole_days_up_to_today() -> None:
    """The last thirty days by the shop's clock, and the thirty before them."""
    span = span_of(BOGOTA, **NOTHING)
    assert (span.since.isoformat(), span.until.isoformat()) == ("2026-10-26T00:00:00-05:00", "2026-11-25T00:00:00-05:00")
    assert (span.before.since.date().isoformat(), span.before.until) == ("2026-09-26", span.since)
    assert (span.days, span.by, span.is_past) == (30, "day", False)


def test_an_overview_of_an_old_chat_ends_with_it() -> None:
    """What was written last is in it; a newer message than that leaves the time where it is."""
    old = span_of(BOGOTA, **NOTHING | {"newest": datetime(2025, 3, 2, 3, tzinfo=UTC), "last": "2w"})
    assert (old.since.date().isoformat(), old.until.date().isoformat()) == ("2025-02-16", "2025-03-02")
    assert old.is_past
    recent = span_of(BOGOTA, **NOTHING | {"newest": NOW - timedelta(days=3)})
    assert (recent.until.date().isoformat(), recent.is_past) == ("2026-11-25", False)


def test_the_time_before_has_as_many_days_over_a_change_of_the_clock() -> None:
    """In Madrid the clock went back on 25 October: days are compared with days, not hours with hours."""
    span = span_of(MADRID, **NOTHING | {"until": datetime(2026, 10, 30, tzinfo=MADRID), "last": "7d"})
    assert (span.since.isoformat(), span.days) == ("2026-10-23T00:00:00+02:00", 7)
    assert span.before.since.isoformat() == "2026-10-16T00:00:00+02:00"
    assert span_of(MADRID, **NOTHING | {"last": "20w"}).by == "week"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"last": "24h"}, "30d or 12w"),
        ({"last": "0d"}, "30d or 12w"),
        ({"last": "7d", "since": NOW}, "one of them"),
        ({"since": NOW, "until": NOW - timedelta(days=1)}, "no time between"),
    ],
)
def test_a_time_that_cannot_be_is_refused(asked: dict[str, object], said: str) -> None:
    """A typed error that says what can be asked for."""
    with pytest.raises(InvalidInput, match=said):
        span_of(BOGOTA, **NOTHING | asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "read"),
    [(0, "0 s"), (59.6, "1 min"), (330, "5 min 30 s"), (3600, "1 h"), (7500, "2 h 5 min"), (183600, "2 d 3 h")],
)
def test_durations_are_read_in_their_two_largest_units(seconds: float, read: str) -> None:
    """Amount and unit stay together."""
    assert amounts.duration(seconds) == read.replace(" ", "\u00a0")


def test_what_changed_is_a_sign_and_an_amount() -> None:
    """Colour is not needed to read it; shares change by points; what was nothing has no percentage."""
    assert amounts.change(112, 100, "en") == "↑ 12%"
    assert amounts.change(50, 100, "es") == "↓ 50\u00a0%"
    assert amounts.change(0.92, 0.95, "es", of_share=True) == "↓ 3 puntos"
    assert amounts.change(100, 100, "en") == "= as before"
    assert amounts.change(5, 0, "en") == ""


def figure(kind: Kind, *points: Point) -> Figure:
    return Figure(name="volume", meaning=definitions.VOLUME, title="", amount=1, n=1, value="1", kind=kind, points=points)


def test_a_gap_is_no_zero() -> None:
    """Bars and lines leave out what is not known, and a line is not drawn across it."""
    known = [Point(0, 4), Point(1, 2), Point(2, None), Point(3, 2), Point(4, 0)]
    drawn = ElementTree.fromstring(svg(figure(Kind.BARS, *known)))
    assert len(drawn) == 1 + 3
    drawn = ElementTree.fromstring(svg(figure(Kind.SHARES, *known)))
    assert [len(drawn.findall(f"{{*}}{tag}")) for tag in ("path", "circle")] == [2, 4]
    assert svg(figure(Kind.BARS, Point(0, None))) == ""


def test_one_bad_day_leaves_the_others_apart() -> None:
    """A median of two days beside minutes: five and twenty minutes are still at different heights."""
    drawn = ElementTree.fromstring(svg(figure(Kind.TIMES, Point(0, 300), Point(1, 1200), Point(2, 172800))))
    five, twenty, _ = (float(dot.attrib["cy"]) for dot in drawn.findall("{*}circle"))
    assert five - twenty > HEIGHT / 10
