"""Who comes, who comes back, and who came back after long."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerColumn, Table

from wakit.analytics.periods import DAY, Period, begin_of, local
from wakit.analytics.scope import Scope

WEEK = 7 * DAY


def new_and_returning(facts: Table, scope: Scope, *, by: Period | None, timezone: str) -> Table:
    """
    Return for each period how many customers wrote: the ``new`` ones, who never had before, and the ``returning`` ones.

    Args:
        facts: Of any time: whether somebody is new is a question about the past.
        scope: Of which time the periods are.
        by: The periods; ``None`` for one row in all.
        timezone: Whose days.
    """
    theirs = facts.filter(~facts.from_me)
    firsts = theirs.group_by("account", "chat").aggregate(first=theirs.written.min())
    inside = scope.span(theirs, theirs.written)
    seen = inside.group_by("account", "chat", period=_begin(by, inside.written, timezone)).aggregate(at=inside.written.min())
    is_new = (seen.join(firsts, ["account", "chat"])).mutate(is_new=lambda both: (both["at"] == both["first"]).cast("int64"))
    counted = is_new.group_by("period").aggregate(new=is_new.is_new.sum(), returning=(1 - is_new.is_new).sum())
    return counted.drop("period") if by is None else counted.order_by("period")


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


def _begin(by: Period | None, written: IntegerColumn, timezone: str) -> IntegerColumn:
    return written * 0 if by is None else begin_of(by, local(written, timezone))


def _periods(facts: Table, by: Period, timezone: str) -> Table:
    """Return in which periods each customer wrote."""
    theirs = facts.filter(~facts.from_me)
    return theirs.select("account", "chat", period=begin_of(by, local(theirs.written, timezone))).distinct()
