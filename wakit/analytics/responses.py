"""
How long customers waited: first responses, replies, who waits now, and service levels.

Products agree on the names and on little else. Where they differ there is a
parameter here (see ``Response``), and a preset is a set of its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis
from ibis.expr.types import FloatingColumn, IntegerColumn, Table

from wakit.analytics.hours import BusinessHours
from wakit.analytics.periods import Period, per_period
from wakit.analytics.scope import Scope
from wakit.analytics.turns import begins_conversation
from wakit.analytics.waits import opens_conversation

QUANTILES = (0.5, 0.75, 0.9, 0.95)
#: Seconds of silence after which a conversation with a shop is over: a day, as shared inboxes for WhatsApp have it.
GAP = 86400


@dataclass(frozen=True, kw_only=True)
class Response:
    """
    What counts as waiting, and as its end.

    Attributes:
        which: ``first`` looks at the wait that opens a conversation, ``all`` at each.
        anchor: Whether the clock starts with the ``first`` unanswered message or the ``last``.
        bots_answer: Whether a message of the machine ends the wait.
        ours: What becomes of a conversation that the shop began: ``left_out``, or ``zero`` seconds.
        dated: Whether a wait belongs to the day it was ``asked`` or ``answered``.
        gap: Seconds of silence that end a conversation.
        hours: Counts only the seconds that the shop was open.
    """

    which: Literal["first", "all"] = "first"
    anchor: Literal["first", "last"] = "first"
    bots_answer: bool = False
    ours: Literal["left_out", "zero"] = "left_out"
    dated: Literal["asked", "answered"] = "asked"
    gap: int = GAP
    hours: BusinessHours | None = None


def waited(waits: Table, turns: Table, how: Response, scope: Scope, *, now: int, days: tuple[date, date]) -> Table:
    """
    Return the waits that *how* speaks of, each with ``at``, ``seconds`` and ``is_answered``.

    ``seconds`` of an unanswered wait are those until *now*: it lasted at least so long.

    Args:
        waits: As ``wakit.analytics.waits.waits`` describes them.
        turns: As ``wakit.analytics.turns.turns`` describes them.
        how: What counts.
        scope: Which of them.
        now: Seconds since 1970 at which what is unanswered is looked at.
        days: The first and the last day in UTC of what is stored.
    """
    chosen = waits.filter(waits.bots_answer == how.bots_answer)
    if how.which == "first":
        chosen = chosen.filter(opens_conversation(chosen, how.gap))
    asked = chosen.since if how.anchor == "first" else chosen.latest
    spans = chosen.select("account", "chat", "is_group", "answerer", asked=asked, answered=chosen.answered)
    if how.ours == "zero" and how.which == "first":
        spans = spans.union(_ours(turns, how.gap))
    dated = spans.mutate(is_answered=spans.answered.notnull(), until=ibis.coalesce(spans.answered, now))
    dated = dated.mutate(at=dated.asked if how.dated == "asked" else dated.until)
    kept = scope.span(dated, dated["at"])
    if how.hours is not None:
        return how.hours.opened(kept, "asked", "until", "seconds", days=days)
    return kept.mutate(seconds=kept.until - kept.asked)


def response_times(waited: Table, *, by: Period | None, timezone: str) -> Table:
    """
    Return ``n``, ``unanswered``, ``mean`` and the quantiles of answered waits, in seconds, for each period.

    Args:
        waited: As ``waited`` returns them.
        by: One row for each; ``None`` for one row in all. ``period`` is its
            beginning, in local seconds since 1970.
        timezone: Whose days and hours.
    """
    answered = waited.is_answered
    seconds = answered.ifelse(waited.seconds, None)
    values = {
        "n": answered.cast("int64").sum(),
        "unanswered": (~answered).cast("int64").sum(),
        "mean": seconds.mean(),
        "quantiles": seconds.quantile(QUANTILES),
    }
    found = per_period(waited, by, waited.at, timezone, **values)
    spread = found.mutate(**{f"p{round(100 * q)}": found.quantiles[at] for at, q in enumerate(QUANTILES)}).drop("quantiles")
    return spread if by is None else spread.order_by("period")


def attainment(waited: Table, *, within: int, by: Period | None, timezone: str) -> Table:
    """
    Return how many waits were answered *within* so many seconds: ``n``, ``met`` and ``share``.

    A wait that is still open counts once its time is over: it has failed by then.
    """
    decided = waited.filter(waited.is_answered | (waited.seconds > within))
    met = (decided.is_answered & (decided.seconds <= within)).cast("int64")
    values = {"n": decided.count(), "met": met.sum(), "share": met.mean()}
    return per_period(decided, by, decided.at, timezone, **values)


def unanswered(waited: Table) -> Table:
    """Return the waits that nobody has answered yet, longest first: ``account``, ``chat``, ``asked`` and ``seconds``."""
    still = waited.filter(~waited.is_answered)
    return still.select("account", "chat", "asked", "seconds").order_by(ibis.desc("seconds"), "account", "chat")


def survival(waited: Table) -> Table:
    """
    Return the Kaplan-Meier curve: the share that still waited after so many ``seconds``.

    Its columns: ``seconds``; ``waiting``, how many had waited at least so long;
    ``answered`` and ``censored``, at just this time; ``share``, who still waits after it.
    Open waits count for as long as they have lasted, so leaving the slow ones
    unanswered does not make a shop look fast. Kaplan and Meier, JASA 53 (1958), 457-481.
    """
    at_each = waited.group_by("seconds").aggregate(
        answered=waited.is_answered.cast("int64").sum(), censored=(~waited.is_answered).cast("int64").sum()
    )
    ended = at_each.answered + at_each.censored
    # All but those before: to add up what follows costs an engine five times as much as what was.
    before = ended.sum().over(ibis.cumulative_window(order_by="seconds")) - ended
    counted = at_each.mutate(waiting=ended.sum().over(ibis.window()) - before)
    still = _still(counted.answered, counted.waiting)
    share = still.sum().over(ibis.cumulative_window(order_by="seconds")).exp()
    return counted.mutate(share=share).order_by("seconds")


def _still(answered: IntegerColumn, waiting: IntegerColumn) -> FloatingColumn:
    """Return the logarithm of the share that goes on waiting; none does where all were answered."""
    return ((waiting - answered) / waiting).nullif(0).ln().fill_null(float("-inf"))


def _ours(turns: Table, gap: int) -> Table:
    """Return a wait of no time for each conversation that the shop began."""
    begun = turns.filter(turns.from_me & begins_conversation(turns, gap))
    return begun.select("account", "chat", "is_group", answerer=begun.sender, asked=begun.started, answered=begun.started)
