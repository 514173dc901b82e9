"""Who comes, who comes back, and who came back after long."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerColumn, Table

from wakit.analytics.periods import DAY, Period, begin_of, local

WEEK = 7 * DAY


def new_and_returning(tallies: Table, earlier: Table | None, *, by: Period | None, timezone: str) -> Table:
    """
    Return for each period how many customers wrote: the ``new`` ones, who never had before, and the ``returning`` ones.

    Args:
        tallies: Of the time that the periods are of.
        earlier: Of the time before it: who wrote in that is not new; ``None`` where there is none.
        by: The periods; ``None`` for one row in all.
        timezone: Whose days.
    """
    seen = _periods(tallies, by, timezone)
    firsts = seen.group_by("account", "chat").aggregate(first=seen.period.min())
    if earlier is not None:
        known = earlier.filter(earlier.received > 0).select("account", "chat").distinct()
        firsts = firsts.anti_join(known, ["account", "chat"])
    both = seen.left_join(firsts, ["account", "chat"])
    marked = both.select(period=both.period, is_new=(both.period == both["first"]).fill_null(False).cast("int64"))
    counted = marked.group_by("period").aggregate(new=marked.is_new.sum(), returning=(1 - marked.is_new).sum())
    return counted.drop("period") if by is None else counted.order_by("period")


def retention(tallies: Table, *, timezone: str) -> Table:
    """
    Return of the customers who first wrote in a week how many wrote again, week by week.

    Its columns: ``cohort``, the beginning of their first week; ``weeks`` since; ``customers`` who
    wrote in that week; ``size`` of the cohort and their ``share``.
    """
    seen = _periods(tallies, Period.WEEK, timezone)
    first = seen.mutate(cohort=seen.period.min().over(ibis.window(group_by=["account", "chat"])))
    weeks = ((first.period - first.cohort) // WEEK).cast("int64")
    counted = first.group_by(cohort=first.cohort, weeks=weeks).aggregate(customers=first.count())
    size = counted.customers.max().over(ibis.window(group_by="cohort"))
    return counted.mutate(size=size, share=counted.customers / size).order_by("cohort", "weeks")


def reactivated(tallies: Table, *, after_days: int, by: Period, timezone: str) -> Table:
    """Return for each period how many ``customers`` wrote after *after_days* days or more of silence."""
    theirs = tallies.filter(tallies.received > 0)
    days = theirs.select("account", "chat", day=(local(theirs.hour, timezone) // DAY).cast("int64")).distinct()
    silence = days.day - days.day.lag().over(ibis.window(group_by=["account", "chat"], order_by="day"))
    back = days.mutate(silence=silence).filter(ibis._.silence >= after_days)
    per_period = back.select("account", "chat", period=begin_of(by, back.day * DAY)).distinct()
    return per_period.group_by("period").aggregate(customers=per_period.count()).order_by("period")


def _begin(by: Period | None, at: IntegerColumn, timezone: str) -> IntegerColumn:
    return at * 0 if by is None else begin_of(by, local(at, timezone))


def _periods(tallies: Table, by: Period | None, timezone: str) -> Table:
    """Return in which periods each customer wrote."""
    theirs = tallies.filter(tallies.received > 0)
    return theirs.select("account", "chat", period=_begin(by, theirs.hour, timezone)).distinct()
