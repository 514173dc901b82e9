"""
The reports of a workspace: each figure with its definition, parameters, coverage and SQL.

A report is an expression over ``message_facts``, compiled here to the SQL that the
host runs: nothing but its rows leaves the host. Whatever has ``arrow`` and
``coverage`` can be asked, which is the client of a notebook.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Protocol, TypedDict, Unpack

import ibis
import pandas as pd
import pyarrow as pa
from ibis.expr.types import Table

from wakit.analytics import contacts, conversations, definitions, volume
from wakit.analytics.coverage import known_share
from wakit.analytics.definitions import Definition
from wakit.analytics.facts import facts, names
from wakit.analytics.hours import BusinessHours
from wakit.analytics.periods import Period
from wakit.analytics.presets import preset as preset_of
from wakit.analytics.responses import GAP, Response, attainment, response_times, survival, unanswered, waited
from wakit.analytics.result import Result
from wakit.analytics.scope import Scope
from wakit.analytics.turns import PAUSE, turns_of
from wakit.analytics.waits import waits_of
from wakit.config import settings
from wakit.errors import InvalidInput, UnknownChat
from wakit.ids import recipient
from wakit.instants import Moment, instant, time_zone
from wakit.languages import Language, mark, speak

_NOTHING = mark("Nothing is stored of this time and these chats. wa.coverage() tells of which times something is known.")
_KEY_OF = """
SELECT fact_names.key FROM fact_names
LEFT JOIN contact_addresses USING (account, jid)
WHERE jid = $jid OR address = $jid
LIMIT 1
"""
_LAST = re.compile(r"(\d{1,4})([hdw])\Z", re.ASCII)
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Source(Protocol):
    """Who answers queries."""

    def arrow(self, query: str, params: Any = None) -> pa.Table: ...

    def coverage(self, account: str | None = None, chat: str | None = None) -> pd.DataFrame: ...


class Where(TypedDict, total=False):
    """
    Which messages a report is about.

    ``account``; ``chat``, an address or a phone number as ``wa.chats()`` shows it;
    ``groups``, only groups, or ``None`` for groups as well; ``since`` and ``until``,
    aware instants, dates, or texts such as ``2026-10``; ``last``, such as ``30d`` or ``12w``,
    instead of them; ``timezone`` of days and hours.
    """

    account: str | None
    chat: str | None
    groups: bool | None
    since: Moment | None
    until: Moment | None
    last: str | None
    timezone: str | None


class Report:
    """The figures about one workspace's conversations."""

    def __init__(self, source: Source, *, timezone: str, lang: Language) -> None:
        self._source = source
        self._timezone = timezone
        self._lang = lang

    def first_response(
        self,
        *,
        by: Period | str | None = "week",
        preset: str | None = None,
        business_hours: str | None = None,
        holidays: Collection[date] = (),
        gap: timedelta = timedelta(seconds=GAP),
        anchor: str = "first",
        bots_answer: bool = False,
        **where: Unpack[Where],
    ) -> Result:
        """
        Return how long customers waited for the first answer of a conversation, in seconds.

        Args:
            by: One row for each ``hour``, ``day``, ``week`` or ``month``; ``None`` for one in all.
            preset: ``chatwoot``, ``intercom`` or ``plain``: what those call a first response.
            business_hours: Counts open hours only, such as ``MON-FRI 09:00-18:00, SAT 09:00-13:00``.
            holidays: Days on which the shop is closed.
            gap: Silence that ends a conversation.
            anchor: Whether the clock starts with the ``first`` unanswered message or the ``last``.
            bots_answer: Whether what wakit sent for a purpose is an answer; a preset decides this and the anchor itself.
            **where: Which messages; see ``Where``.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        how = self._how("first", preset, business_hours, holidays, gap, where)
        if preset is None:
            how = replace(how, anchor=_anchor(anchor), bots_answer=bots_answer)
        chosen = {"preset": preset, "anchor": how.anchor, "bots_answer": how.bots_answer}
        return self._response(definitions.FIRST_RESPONSE, how, by, where, **chosen)

    def reply_time(
        self,
        *,
        by: Period | str | None = "week",
        business_hours: str | None = None,
        holidays: Collection[date] = (),
        **where: Unpack[Where],
    ) -> Result:
        """Return how long customers waited, each time that they did, in seconds; parameters as for ``first_response``."""
        how = self._how("all", None, business_hours, holidays, timedelta(seconds=GAP), where)
        return self._response(definitions.REPLY_TIME, how, by, where)

    def unanswered(self, **where: Unpack[Where]) -> Result:
        """Return the chats in which a customer waits for an answer now, the longest first, with ``seconds``."""
        scope = self._scope(where)
        waits = self._waited(Response(which="all"), scope)
        called = unanswered(waits).left_join(names(), [("chat", "key")])
        columns = called.select("account", chat=called.jid, chat_name=called.name, asked=called.asked, seconds=called.seconds)
        return self._result(definitions.UNANSWERED, columns.order_by(ibis.desc("seconds"), "chat"), scope, where)

    def waiting_curve(self, *, business_hours: str | None = None, **where: Unpack[Where]) -> Result:
        """Return the share of customers who still waited after so many ``seconds``, those without an answer included."""
        how = self._how("all", None, business_hours, (), timedelta(seconds=GAP), where)
        scope = self._scope(where)
        return self._result(definitions.WAITING_CURVE, survival(self._waited(how, scope)), scope, where, hours=business_hours)

    def attainment(
        self, within: timedelta, *, by: Period | str | None = "week", business_hours: str | None = None, **where: Unpack[Where]
    ) -> Result:
        """Return the share of waits that were answered *within* a time; parameters as for ``first_response``."""
        if within <= timedelta():
            msg = f"within is {within}: a promised time is longer than nothing. Give one such as timedelta(minutes=15)."
            raise InvalidInput(msg, within=str(within))
        how = self._how("all", None, business_hours, (), timedelta(seconds=GAP), where)
        scope, zone = self._scope(where), self._zone(where)
        seconds = int(within.total_seconds())
        table = attainment(self._waited(how, scope), within=seconds, by=_period_or_all(by), timezone=zone)
        return self._result(definitions.ATTAINMENT, table, scope, where, within=within, by=by, hours=business_hours)

    def volume(self, *, by: Period | str = "day", **where: Unpack[Where]) -> Result:
        """Return messages ``received`` and ``sent``, and ``chats`` with any, for each period."""
        return self._of_facts(definitions.VOLUME, volume.volume, where, by=by)

    def busiest_hours(self, **where: Unpack[Where]) -> Result:
        """Return messages ``received`` and ``sent`` by ``weekday`` (0 is Monday) and ``hour``."""
        return self._of_facts(definitions.BUSIEST_HOURS, volume.busiest_hours, where)

    def voice(self, *, by: Period | str = "week", **where: Unpack[Where]) -> Result:
        """Return the ``share`` of voice notes among voice notes and texts, for each period."""
        return self._of_facts(definitions.VOICE, volume.voice_share, where, by=by)

    def mix(self, **where: Unpack[Where]) -> Result:
        """Return the ``share`` of each ``type`` of message, most frequent first."""
        scope = self._scope(where)
        table = facts()
        return self._result(definitions.MIX, volume.mix(scope.span(scope.chats(table), table.written)), scope, where)

    def conversations(
        self, *, by: Period | str = "week", gap: timedelta = timedelta(seconds=GAP), **where: Unpack[Where]
    ) -> Result:
        """Return ``conversations``, and how many of them the account ``began`` and ``ended``, for each period."""
        return self._of_conversations(definitions.CONVERSATIONS, conversations.begun_and_ended, by, gap, where)

    def resolution(self, *, by: Period | str = "week", gap: timedelta = timedelta(seconds=GAP), **where: Unpack[Where]) -> Result:
        """Return how long conversations took from the customer's first message to the shop's last, in seconds."""
        return self._of_conversations(definitions.RESOLUTION, conversations.resolution_times, by, gap, where)

    def contacts(self, *, by: Period | str = "week", **where: Unpack[Where]) -> Result:
        """Return how many customers wrote in each period: ``new`` ones, and ``returning`` ones."""
        return self._of_facts(definitions.CONTACTS, contacts.new_and_returning, where, by=by)

    def retention(self, **where: Unpack[Where]) -> Result:
        """Return, of the customers who first wrote in a week, the ``share`` who wrote again ``weeks`` later."""
        return self._of_facts(definitions.RETENTION, contacts.retention, where)

    def reactivated(self, *, after_days: int = 90, by: Period | str = "month", **where: Unpack[Where]) -> Result:
        """Return how many ``customers`` wrote in each period after *after_days* days or more of silence."""
        if after_days < 1:
            msg = f"after_days is {after_days}: a silence is at least a day long. Give 30 or 90, for instance."
            raise InvalidInput(msg, after_days=after_days)
        scope = self._scope(where)
        table = scope.chats(facts())
        back = contacts.reactivated(table, after_days=after_days, by=_period(by), timezone=self._zone(where))
        return self._result(definitions.REACTIVATED, back, scope, where, by=by, after_days=after_days)

    def load(self, **where: Unpack[Where]) -> Result:
        """Return what each ``sender`` of the account's side wrote: ``turns``, ``messages`` and ``chats``."""
        scope = self._scope(where)
        counted = conversations.load(self._turns(scope)).left_join(names(), [("sender", "key")])
        table = counted.select(
            "account",
            sender=counted.jid,
            name=ibis.coalesce(counted.name, counted.jid),
            turns="turns",
            messages="messages",
            chats="chats",
        )
        return self._result(definitions.LOAD, table.order_by(ibis.desc("messages"), "sender"), scope, where)

    def response_matrix(self, **where: Unpack[Where]) -> Result:
        """Return how often ``answerer`` wrote right after ``sender``, in ``turns``; groups need ``groups=True``."""
        scope = self._scope(where)
        pairs = conversations.response_matrix(self._turns(scope))
        asked = pairs.left_join(names(), [("sender", "key")])
        asked = asked.select(asker=ibis.coalesce(asked.name, asked.jid), answerer_key=asked.answerer, turns=asked.turns)
        both = asked.left_join(names(), [("answerer_key", "key")])
        table = both.select(sender=both.asker, answerer=ibis.coalesce(both.name, both.jid), turns=both.turns)
        return self._result(definitions.RESPONSE_MATRIX, table.order_by(ibis.desc("turns"), "sender", "answerer"), scope, where)

    def _how(
        self,
        which: str,
        preset: str | None,
        hours: str | None,
        holidays: Collection[date],
        gap: timedelta,
        where: Where,
    ) -> Response:
        opened = None if hours is None else BusinessHours.parse(hours, timezone=self._zone(where), holidays=holidays)
        how = Response(which=which, gap=_seconds_of(gap), hours=opened)  # type: ignore[arg-type]
        return how if preset is None else preset_of(preset, how)

    def _response(
        self, meaning: Definition, how: Response, by: Period | str | None, where: Where, **parameters: object
    ) -> Result:
        scope = self._scope(where)
        table = response_times(self._waited(how, scope), by=_period_or_all(by), timezone=self._zone(where))
        hours = None if how.hours is None else "business hours"
        return self._result(meaning, table, scope, where, by=by, gap=timedelta(seconds=how.gap), hours=hours, **parameters)

    def _waited(self, how: Response, scope: Scope) -> Table:
        turns = turns_of(scope.chats(facts()))
        now = int(time.time())
        return waited(waits_of(turns, bots_answer=how.bots_answer), turns, how, scope, now=now, days=self._days(now))

    def _turns(self, scope: Scope) -> Table:
        table = turns_of(scope.chats(facts()))
        return scope.span(table, table.started)

    def _days(self, now: int) -> tuple[date, date]:
        """Return the first and the last day of what is stored."""
        first = self._source.arrow("SELECT min(written) AS first FROM message_facts")["first"][0].as_py()
        return _day(now if first is None else first), _day(now)

    def _of_facts(self, meaning: Definition, figure: Callable[..., Table], where: Where, **options: Any) -> Result:
        scope = self._scope(where)
        table = scope.chats(facts())
        chosen = scope.span(table, table.written)
        by = {name: _period(value) for name, value in options.items()}
        return self._result(meaning, figure(chosen, timezone=self._zone(where), **by), scope, where, **options)

    def _of_conversations(
        self, meaning: Definition, figure: Callable[..., Table], by: Period | str, gap: timedelta, where: Where
    ) -> Result:
        scope = self._scope(where)
        table = conversations.conversations(turns_of(scope.chats(facts())), _seconds_of(gap))
        figures = figure(scope.span(table, table["at"]), by=_period(by), timezone=self._zone(where))
        return self._result(meaning, figures, scope, where, by=by, gap=gap)

    def _zone(self, where: Where) -> str:
        return time_zone(where.get("timezone") or self._timezone).key

    def _scope(self, where: Where) -> Scope:
        unknown = set(where) - set(Where.__annotations__)
        if unknown:
            msg = (
                f"There is no parameter {', '.join(sorted(unknown))}. A report knows {', '.join(sorted(Where.__annotations__))}."
            )
            raise InvalidInput(msg, parameters=sorted(unknown))
        zone = self._zone(where)
        since = _instant(where.get("since"), "since", zone)
        until = _instant(where.get("until"), "until", zone)
        if (last := where.get("last")) is not None:
            since = _ago(last)
        if since is not None and until is not None and since >= until:
            msg = f"since is {since.isoformat()} and until {until.isoformat()}: there is no time between them."
            raise InvalidInput(msg, since=since.isoformat(), until=until.isoformat())
        return Scope(
            account=where.get("account"),
            chat=self._chat(where.get("chat")),
            is_group=where.get("groups", False) if where.get("chat") is None else None,
            since=None if since is None else int(since.timestamp()),
            until=None if until is None else int(until.timestamp()),
        )

    def _chat(self, chat: str | None) -> int | None:
        """Return the number of a chat."""
        if chat is None:
            return None
        wanted = str(recipient(chat, country=settings().country))
        found = self._source.arrow(_KEY_OF, {"jid": wanted})["key"]
        if not len(found):
            msg = f"Nobody was ever seen under the chat {chat!r}. See wa.chats() for those that are stored."
            raise UnknownChat(msg, chat=chat)
        return int(found[0].as_py())

    def _result(self, meaning: Definition, table: Table, scope: Scope, where: Where, **parameters: object) -> Result:
        sql = str(ibis.to_sql(table, dialect="duckdb"))
        values = _readable(self._source.arrow(sql))
        chosen = {name: value for name, value in {**where, **parameters}.items() if value is not None}
        return Result(
            df=values,
            meaning=meaning,
            parameters={**chosen, "timezone": self._zone(where)},
            sql=sql,
            coverage=self._coverage(scope),
            lang=self._lang,
            why_empty=speak(self._lang, _NOTHING) if values.empty else "",
        )

    def _coverage(self, scope: Scope) -> float | None:
        known = self._source.coverage(scope.account)
        if known.empty:
            return None
        now = datetime.now(UTC)
        since = known["since"].min().to_pydatetime() if scope.since is None else datetime.fromtimestamp(scope.since, UTC)
        until = now if scope.until is None else min(now, datetime.fromtimestamp(scope.until, UTC))
        rows = ((row.since, None if pd.isna(row.until) else row.until, row.state) for row in known.itertuples())
        return known_share(rows, since, until) if since < until else None


def _readable(table: pa.Table) -> pd.DataFrame:
    """Return values as pandas has them: sums as integers, periods by the clock on the wall, instants in UTC."""
    # DuckDB sums integers into 128 bits, which Arrow only has as decimals and pandas as objects.
    fields = [field.with_type(pa.int64()) if pa.types.is_decimal(field.type) else field for field in table.schema]
    values = table.cast(pa.schema(fields)).to_pandas()
    for column in ("period", "cohort"):
        if column in values:
            values[column] = pd.to_datetime(values[column], unit="s")
    if "asked" in values:
        values["asked"] = pd.to_datetime(values["asked"], unit="s", utc=True)
    return values


def _period(by: Period | str) -> Period:
    if by not in set(Period):
        msg = f"by is {by!r}. This report has one row for each {', '.join(Period)}."
        raise InvalidInput(msg, by=str(by))
    return Period(by)


def _period_or_all(by: Period | str | None) -> Period | None:
    return None if by is None else _period(by)


def _anchor(name: str) -> Literal["first", "last"]:
    if name == "first":
        return "first"
    if name == "last":
        return "last"
    msg = f"anchor is {name!r}. The clock starts with the 'first' unanswered message or the 'last'."
    raise InvalidInput(msg, anchor=name)


def _seconds_of(gap: timedelta) -> int:
    if gap < timedelta(seconds=PAUSE):
        msg = f"gap is {gap}: silences of less than {timedelta(seconds=PAUSE)} end no conversation. Give at least that."
        raise InvalidInput(msg, gap=str(gap))
    return int(gap.total_seconds())


def _instant(value: Moment | None, name: str, zone: str) -> datetime | None:
    return None if value is None else instant(value, name, zone)


def _ago(last: str) -> datetime:
    match = _LAST.match(last)
    if match is None:
        msg = f"last is {last!r}. Write how long ago the time begins as 24h, 30d or 12w."
        raise InvalidInput(msg, last=last)
    return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
