"""
Of how much of a time is known what was written: what every figure of it rests on.

Each chat that a report is about has its own time: from the first thing that is known of
it until now, or, where its account was never linked, until the end of its last export; ``since``
and ``until`` of the report count instead where they are given. Of that time an instant is

* ``complete`` while the account was listening: what WhatsApp delivered is stored;
* ``partial`` where only the phone told of the chat, in its history or in an export: nothing of
  it is missing but what had been deleted there before, which nobody can know;
* ``blind`` otherwise. What was delivered late proves itself and nothing else of its time.

The shares are of all these times together, so an export of one chat says nothing
of a thousand others. A figure can be relied on as far as its time is not blind.

The sums are made here: as one query they take twice as long, most of it to plan it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, groupby
from typing import Any, NamedTuple

COMPLETE, PARTIAL, BLIND = "complete", "partial", "blind"

#: Of each account in a scope: when it was listening (chat 0), of which time the phone told of which chat,
#: and (no chat) of how many other chats there are messages. Instants in seconds since 1970.
KNOWN = """
SELECT account, 0 AS chat, epoch(since) AS since, coalesce(epoch(until), $now) AS until, 0 AS chats
FROM intervals
WHERE listening AND account = coalesce($account, account)
UNION ALL
SELECT account, chat, epoch(since), epoch(until), 0
FROM fact_told
WHERE account = coalesce($account, account) AND chat = coalesce($chat, chat) AND is_group = coalesce($is_group, is_group)
UNION ALL
SELECT account, NULL, NULL, NULL, count(*)
FROM fact_chats
ANTI JOIN fact_told USING (account, chat)
WHERE account = coalesce($account, account) AND chat = coalesce($chat, chat) AND is_group = coalesce($is_group, is_group)
GROUP BY account
ORDER BY account, chat NULLS LAST, since, until
"""
#: Where the last export ends, if nothing else is known of a scope.
EXPORTED = """
SELECT max(epoch(until)) AS until
FROM fact_told
WHERE account = coalesce($account, account) AND chat = coalesce($chat, chat)
HAVING max(until) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM intervals WHERE account = coalesce($account, account))
"""


class Span(NamedTuple):
    """A time in seconds since 1970, its end not in it."""

    since: float
    until: float

    @property
    def seconds(self) -> float:
        return self.until - self.since


class Listening:
    """When an account was listening, in order and without overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans = list(spans)
        self._starts = [span.since for span in self.spans]
        self._before = list(accumulate((span.seconds for span in self.spans), initial=0.0))

    def within(self, span: Span) -> float:
        """Return for how many seconds of *span* it was."""
        return self._until(span.until) - self._until(span.since)

    def _until(self, at: float) -> float:
        number = bisect_right(self._starts, at) - 1
        return 0.0 if number < 0 else self._before[number] + min(at, self.spans[number].until) - self.spans[number].since


def shares(rows: Iterable[Mapping[str, Any]], *, since: float | None, until: float | None, now: float) -> Mapping[str, float]:
    """
    Return the share of each state, 0 to 1, in the time of all chats.

    Args:
        rows: As ``KNOWN`` gives them.
        since: Where the time of all chats begins.
        until: Where it ends; no later than *now*.
        now: Where a time ends that goes on.

    Returns:
        Nothing where no chat has any time: nothing is known of whether something is known.
    """
    total = complete = partial = 0.0
    for _, known in groupby(rows, key=lambda row: row["account"]):
        listening = Listening([])
        for chat, group in groupby(known, key=lambda row: row["chat"]):
            found = list(group)
            spans = [Span(row["since"], row["until"]) for row in found]
            if chat == 0:
                listening = Listening(spans)
                continue
            told = [] if chat is None else _joined(spans)
            time = _time(listening.spans, told, since, until, now)
            if time is not None:
                chats = found[0]["chats"] or 1
                total += chats * time.seconds
                complete += chats * listening.within(time)
                partial += sum(span.seconds - listening.within(span) for span in _within(told, time))
    if not total:
        return {}
    return {COMPLETE: complete / total, PARTIAL: partial / total, BLIND: max(0.0, 1 - (complete + partial) / total)}


def _time(listening: list[Span], told: list[Span], since: float | None, until: float | None, now: float) -> Span | None:
    """Return the time of a chat, if it has any."""
    ends = now if listening else max((span.until for span in told), default=None)
    begins = min((span.since for span in (*listening[:1], *told[:1])), default=None)
    first, last = begins if since is None else since, ends if until is None else until
    return None if first is None or last is None or first >= min(last, now) else Span(first, min(last, now))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans, which come in the order of their beginnings, with those that overlap as one."""
    found: list[Span] = []
    for span in spans:
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        else:
            found.append(span)
    return found


def _within(spans: Iterable[Span], time: Span) -> Iterator[Span]:
    """Yield what of *spans* is in *time*."""
    for span in spans:
        cut = Span(max(span.since, time.since), min(span.until, time.until))
        if cut.since < cut.until:
            yield cut
