"""``wakit coverage`` draws intervals as a strip and counts their shares."""

from __future__ import annotations

from stored import at

from wakit.cli.coverage import Interval, strip, summary


def interval(since: float, until: float | None, state: str) -> Interval:
    return Interval(since=at(since), until=None if until is None else at(until), state=state, sources=None, cause=None)


DAY = [interval(0, 50, "partial"), interval(50, 60, "complete"), interval(60, 70, "blind"), interval(70, None, "complete")]


def test_the_strip_has_a_place_for_each_part_of_the_time() -> None:
    """Left is the beginning, right is now."""
    assert "▒▒▒▒▒█·███" == strip(DAY, at(100), width=10)


def test_a_place_shows_the_least_that_is_known_of_it() -> None:
    """A short outage is not drawn over."""
    hour = [interval(0, 1800, "complete"), interval(1800, 1801, "blind"), interval(1801, None, "complete")]
    assert "██·█" == strip(hour, at(3600), width=4)


def test_shares_are_of_the_time_since_the_first_interval() -> None:
    """The last interval counts until now."""
    assert "complete 40.0% · partial 50.0% · blind 10.0%" == summary(DAY, at(100), "en")
    assert "completo 40.0% · parcial 50.0% · ciego 10.0%" == summary(DAY, at(100), "es")


def test_an_interval_that_begins_now_is_all_there_is() -> None:
    """Nothing is divided by a time that has not passed."""
    now = [interval(0, None, "complete")]
    assert 10 == len(strip(now, at(0), width=10))
    assert summary(now, at(0), "en").startswith("complete 0.0%")
