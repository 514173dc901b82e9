"""Who comes, who comes back, and who came back after long."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from wakit.analytics.periods import DAY, Period, begin_of, local

WEEK = 7 * DAY


def new_and_returning(facts: Table, *, by: Period, timezone: str) -> Table:
    """Return for each period how many customers wrote: the ``new`` ones, who never had before, and the ``returning`` ones."""
    seen = _periods(facts, by, timezone)
    first = seen.mutate(first=seen.period.min().over(ibis.window(group_by=["account", "chat"])))
    is_new = (first.period == first.first).cast("int64")
    counted = first.group_by("period").aggregate(new=is_new.sum(), returning=(1 - is_new).sum())
    return counted.order_by("period")


def retention(facts: Table, *, timezone: str) -> Table:
    """
    Return of the customers who first wrote in a week how many wrote again, week by week.

    Its columns: ``cohort``, the beginning of their first week; ``weeks`` since; ``customers`` who
    wrote in that week; ``size`` of the cohort and their ``share``.
    """
    seen = _periods(facts, Period.WEEK, timezone)
    first = seen.mutate(cohort=seen.period.min().over(ibis.window(group_by=["account", "chat"])))
    weeks = ((first.period - first.cohort) // WEEK).cast("int64")
    counted = first.group_by(cohort=first.cohort, weeks=weeks).aggregate(customers=first.count())
    size = counted.customers.max().over(ibis.window(group_by="cohort"))
    return counted.mutate(size=size, share=counted.customers / size).order_by("cohort", "weeks")


def reactivated(facts: Table, *, after_days: int, by: Period, timezone: str) -> Table:
    """Return for each period how many ``customers`` wrote after *after_days* days or more of silence."""
    theirs = facts.filter(~facts.from_me)
    days = theirs.select("account", "chat", day=(local(theirs.written, timezone) // DAY).cast("int64")).distinct()
    silence = days.day - days.day.lag().over(ibis.window(group_by=["account", "chat"], order_by="day"))
    back = days.mutate(silence=silence).filter(ibis._.silence >= after_days)
    per_period = back.select("account", "chat", period=begin_of(by, back.day * DAY)).distinct()
    return per_period.group_by("period").aggregate(customers=per_period.count()).order_by("period")


def _periods(facts: Table, by: Period, timezone: str) -> Table:
    """Return in which periods each customer wrote."""
    theirs = facts.filter(~facts.from_me)
    return theirs.select("account", "chat", period=begin_of(by, local(theirs.written, timezone))).distinct()
