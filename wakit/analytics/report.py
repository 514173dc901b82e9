"""
The reports of a workspace: each figure with its definition, parameters, coverage and SQL.

How they are asked is in ``inquiry``; what they mean, in ``definitions``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Unpack

import ibis
from ibis.expr.types import Table

from wakit.analytics import campaigns, contacts, conversations, definitions, lag, network, volume
from wakit.analytics.definitions import Definition
from wakit.analytics.facts import facts, kinds, names
from wakit.analytics.hours import BusinessHours
from wakit.analytics.inquiry import Inquiry, Where, period_of
from wakit.analytics.periods import Period
from wakit.analytics.presets import preset as preset_of
from wakit.analytics.responses import GAP, Response, attainment, response_times, survival, unanswered, waited
from wakit.analytics.result import Result
from wakit.analytics.scope import Scope
from wakit.analytics.tallies import tallied, tallies
from wakit.analytics.text_report import TextReport
from wakit.analytics.turns import PAUSE, turns
from wakit.analytics.waits import waits
from wakit.errors import InvalidInput, UnknownCampaign
from wakit.languages import mark

_NO_RECEIPTS = mark(
    "No message of ours was seen leaving in this time and these chats. Nobody tells of receipts in exports or a phone's history."
)
_NO_REPLIES = mark("Nobody replied to anybody in this time and these chats. Exports do not tell which message another quotes.")
_NO_CAMPAIGN = mark("No campaign wrote to anybody in this time. See wa.campaigns() for those that were planned.")

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from wakit.analytics.overview import Overview


class Report(Inquiry):
    """The figures about one workspace's conversations."""

    @cached_property
    def text(self) -> TextReport:
        """The figures about what messages say: ``wa.report.text.emoji()``."""
        return TextReport(self._source, timezone=self._timezone, lang=self._lang, key=self._key)

    def table(self, what: Result | pd.DataFrame, *, names: bool = False) -> pd.DataFrame:
        """Return the values of a result, or any table, with pseudonyms for people unless *names*; for what is saved."""
        frame = what.df if isinstance(what, Result) else what
        return frame if names else self.pseudonyms.frame(frame)

    def chart(self, result: Result) -> alt.Chart | str:
        """Return a result as a chart, or why there is nothing to draw, so that a notebook runs to its end in any case."""
        return result.why_empty or result.plot()

    def latest(self, last: str = "30d", /, **where: Unpack[Where]) -> Where:
        """
        Return *where* with a beginning and an end: the last days of what is stored, for all figures of a notebook.

        They end with today, unless nothing was written in them: then with the last message, as in an imported chat of last year.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        from wakit.analytics.overview.making import time_of

        span = time_of(self, {**where, "last": last}, self._zone(where))
        return {**where, "since": span.since, "until": span.until}

    def overview(
        self,
        *,
        within: timedelta = timedelta(minutes=15),
        business_hours: str | None = None,
        holidays: Collection[date] = (),
        names: bool = False,
        **where: Unpack[Where],
    ) -> Overview:
        """
        Return the ten figures that matter on one page, compared with the time before; ``to_html`` and ``to_pdf`` save it.

        It is about whole days: the last 30, or, where nothing was written in those, the last 30 of what is stored.

        Args:
            within: What *answered in time* means.
            business_hours: Counts open hours only, as for ``first_response``.
            holidays: Days on which the shop is closed.
            names: Name people; without it they have pseudonyms, always the same ones, and the page may travel.
            **where: Which messages; see ``Where``; ``last`` in days or weeks.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        from wakit.analytics.overview.making import Remembering, overview_of  # babel with it: only where a page is wanted

        report = Report(Remembering(self._source), timezone=self._timezone, lang=self._lang, key=self._key, runs=self._other)
        shown: dict[str, Any] = {"timezone": self._timezone, "lang": self._lang, "names": names}
        return overview_of(report, where, within=within, business_hours=business_hours, holidays=holidays, **shown)

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
        as_of = self._as_of(scope)
        waits = self._waited(Response(which="all"), scope, as_of)
        called = unanswered(waits).left_join(names(), [("chat", "key")])
        columns = called.select("account", chat=called.jid, chat_name=called.name, asked=called.asked, seconds=called.seconds)
        return self._result(definitions.UNANSWERED, columns.order_by(ibis.desc("seconds"), "chat"), scope, where, as_of=as_of)

    def waiting_curve(
        self, *, business_hours: str | None = None, holidays: Collection[date] = (), **where: Unpack[Where]
    ) -> Result:
        """Return the share of customers who still waited after so many ``seconds``, those without an answer included."""
        how = self._how("all", None, business_hours, holidays, timedelta(seconds=GAP), where)
        scope = self._scope(where)
        as_of = self._as_of(scope)
        curve = survival(self._waited(how, scope, as_of))
        return self._result(definitions.WAITING_CURVE, curve, scope, where, hours=business_hours, as_of=as_of)

    def attainment(
        self,
        within: timedelta,
        *,
        by: Period | str | None = "week",
        business_hours: str | None = None,
        holidays: Collection[date] = (),
        **where: Unpack[Where],
    ) -> Result:
        """Return the share of waits that were answered *within* a time; parameters as for ``first_response``."""
        if within <= timedelta():
            msg = f"within is {within}: a promised time is longer than nothing. Give one such as timedelta(minutes=15)."
            raise InvalidInput(msg, within=str(within))
        how = self._how("all", None, business_hours, holidays, timedelta(seconds=GAP), where)
        scope, zone = self._scope(where), self._zone(where)
        as_of, seconds = self._as_of(scope), int(within.total_seconds())
        table = attainment(self._waited(how, scope, as_of), within=seconds, by=_period_or_all(by), timezone=zone)
        return self._result(definitions.ATTAINMENT, table, scope, where, within=within, by=by, hours=business_hours, as_of=as_of)

    def volume(self, *, by: Period | str = "day", **where: Unpack[Where]) -> Result:
        """Return messages ``received`` and ``sent``, and ``chats`` with any, for each period."""
        return self._of_tallies(definitions.VOLUME, volume.volume, where, by=by)

    def busiest_hours(self, **where: Unpack[Where]) -> Result:
        """Return messages ``received`` and ``sent`` by ``weekday`` (0 is Monday) and ``hour``."""
        return self._of_tallies(definitions.BUSIEST_HOURS, volume.busiest_hours, where)

    def voice(self, *, by: Period | str = "week", **where: Unpack[Where]) -> Result:
        """Return the ``share`` of voice notes among voice notes and texts, for each period."""
        return self._of_kinds(definitions.VOICE, volume.voice_share, where, by=by)

    def mix(self, **where: Unpack[Where]) -> Result:
        """Return the ``share`` of each ``type`` of message, most frequent first."""
        scope = self._scope(where)
        table = kinds()
        return self._result(definitions.MIX, volume.mix(scope.span(scope.chats(table), table.written)), scope, where)

    def conversations(
        self, *, by: Period | str | None = "week", gap: timedelta = timedelta(seconds=GAP), **where: Unpack[Where]
    ) -> Result:
        """Return ``conversations``, and how many of them the account ``began`` and ``ended``, for each period."""
        return self._of_conversations(definitions.CONVERSATIONS, conversations.begun_and_ended, by, gap, where)

    def resolution(
        self, *, by: Period | str | None = "week", gap: timedelta = timedelta(seconds=GAP), **where: Unpack[Where]
    ) -> Result:
        """Return how long conversations took from the customer's first message to the shop's last, in seconds."""
        return self._of_conversations(definitions.RESOLUTION, conversations.resolution_times, by, gap, where)

    def starters(self, *, gap: timedelta = timedelta(seconds=GAP), **where: Unpack[Where]) -> Result:
        """Return how many conversations each ``sender`` ``began`` and ``ended``; what wakit sent by itself is ``automatic``."""
        scope = self._scope(where)
        counted = conversations.starters(self._turns(scope), _seconds_of(gap)).left_join(names(), [("sender", "key")])
        table = counted.select(
            "account", "automatic", "began", "ended", "began_share", "ended_share", sender=counted.jid, name=_name(counted)
        )
        ordered = table.order_by(ibis.desc("began"), ibis.desc("ended"), "sender", "automatic")
        return self._result(definitions.STARTERS, ordered, scope, where, gap=gap)

    def contacts(self, *, by: Period | str | None = "week", **where: Unpack[Where]) -> Result:
        """Return how many customers wrote in each period: ``new`` ones, and ``returning`` ones."""
        scope, zone = self._scope(where), self._zone(where)
        earlier = None if scope.since is None else tallied(replace(scope, since=None, until=scope.since), zone)
        table = contacts.new_and_returning(tallied(scope, zone), earlier, by=_period_or_all(by), timezone=zone)
        return self._result(definitions.CONTACTS, table, scope, where, by=by)

    def retention(self, **where: Unpack[Where]) -> Result:
        """Return, of the customers who first wrote in a week, the ``share`` who wrote again ``weeks`` later."""
        return self._of_tallies(definitions.RETENTION, contacts.retention, where)

    def reactivated(self, *, after_days: int = 90, by: Period | str = "month", **where: Unpack[Where]) -> Result:
        """Return how many ``customers`` wrote in each period after *after_days* days or more of silence."""
        if after_days < 1:
            msg = f"after_days is {after_days}: a silence is at least a day long. Give 30 or 90, for instance."
            raise InvalidInput(msg, after_days=after_days)
        scope = self._scope(where)
        known = tallied(replace(scope, since=None, until=None), self._zone(where))
        back = contacts.reactivated(known, after_days=after_days, by=period_of(by), timezone=self._zone(where))
        return self._result(definitions.REACTIVATED, back, scope, where, by=by, after_days=after_days)

    def load(self, **where: Unpack[Where]) -> Result:
        """Return what each ``sender`` of the account's side wrote: ``turns``, ``messages`` and ``chats``."""
        scope = self._scope(where)
        counted = conversations.load(self._turns(scope)).left_join(names(), [("sender", "key")])
        table = counted.select(
            "account",
            sender=counted.jid,
            name=_name(counted),
            turns="turns",
            messages="messages",
            chats="chats",
        )
        return self._result(definitions.LOAD, table.order_by(ibis.desc("messages"), "sender"), scope, where)

    def response_matrix(self, **where: Unpack[Where]) -> Result:
        """Return how often ``answerer`` wrote right after ``sender``, in ``turns``; groups need ``groups=True``."""
        scope = self._scope(where)
        table = _named(conversations.response_matrix(self._turns(scope)))
        return self._result(definitions.RESPONSE_MATRIX, table.order_by(ibis.desc("turns"), "sender", "answerer"), scope, where)

    def reply_network(self, kind: str = "quoted", **where: Unpack[Where]) -> Result:
        """
        Return how often ``answerer`` replied to ``sender``, in ``replies``, and how often that was ``returned``; in groups.

        Args:
            kind: ``quoted``, replies that quote what they answer; ``adjacent``, whatever was written next.
            **where: Which messages; ``groups=False`` for chats of two.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        where = {"groups": True, **where}
        scope = self._scope(where)
        table = _named(network.network(self._pairs(kind, scope))).order_by(ibis.desc("replies"), "sender", "answerer")
        return self._result(definitions.REPLY_NETWORK, table, scope, where, _NO_REPLIES, kind=kind)

    def _pairs(self, kind: str, scope: Scope) -> Table:
        if kind == "adjacent":
            return conversations.response_matrix(self._turns(scope)).rename(replies="turns")
        if kind == "quoted":
            quotes = scope.chats(network.message_quotes())
            return network.quoted_pairs(scope.span(quotes, quotes.written))
        msg = f"kind is {kind!r}. A network is of replies that are 'quoted' or 'adjacent'."
        raise InvalidInput(msg, kind=kind)

    def lag(self, *, by: Period | str | None = "week", **where: Unpack[Where]) -> Result:
        """
        Return how long the account's messages took to be ``delivered`` and ``read``, in seconds; of the last 30 days unless said.

        A quantile is of all ``n`` messages: it is empty where fewer got so far.
        """
        where = _recent(where)
        scope = self._scope(where)
        table = lag.lags(self._arrived(scope), by=_period_or_all(by), timezone=self._zone(where))
        return self._result(definitions.LAG, table, scope, where, _NO_RECEIPTS, by=by)

    def lag_curve(self, got: str = "read", **where: Unpack[Where]) -> Result:
        """Return the share of the account's messages that were not ``delivered`` or ``read`` after so many ``seconds``."""
        where = _recent(where)
        scope = self._scope(where)
        table = survival(lag.waits(self._arrived(scope), _got(got), now=int(time.time())))
        return self._result(definitions.LAG_CURVE, table, scope, where, _NO_RECEIPTS, got=got)

    def campaigns(self, campaign: str | None = None, *, window: timedelta = timedelta(days=7), **where: Unpack[Where]) -> Result:
        """
        Return what came of each campaign: shares delivered, read, replied and opted out with 95 % intervals, and ``reply_p50``.

        Args:
            campaign: Only this one, by id or name.
            window: How long after a message a reply or an opt-out belongs to it.
            **where: Which campaigns, by when their first message left.

        Raises:
            UnknownCampaign: None has this id or name.
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        if window <= timedelta():
            msg = f"window is {window}: a reply takes some time. Give one such as timedelta(days=7)."
            raise InvalidInput(msg, window=str(window))
        scope = self._scope(where)
        messages = scope.chats(campaigns.campaign_messages())
        if campaign is not None:
            messages = messages.filter(messages.campaign.isin(self._plans(campaign)))
        outcomes = campaigns.outcomes(messages, facts(), campaigns.opt_outs(), window=int(window.total_seconds()))
        found = campaigns.results(outcomes, campaigns.campaigns())
        table = scope.span(found, found.started)
        return self._result(definitions.CAMPAIGNS, table, scope, where, _NO_CAMPAIGN, campaign=campaign, window=window)

    def _plans(self, campaign: str) -> list[str]:
        """Return the ids of the plans that are meant."""
        plans = campaigns.campaigns()
        found = self._ask(plans.filter((plans.id == campaign) | (plans.name == campaign)).select("id"))
        if not len(found):
            msg = f"There is no campaign {campaign!r}. See wa.campaigns() for their names."
            raise UnknownCampaign(msg, campaign=campaign)
        return [str(one) for one in found["id"].to_pylist()]

    def _arrived(self, scope: Scope) -> Table:
        return lag.arrivals(lag.own_messages(), lag.message_arrivals(), scope)

    def _how(
        self,
        which: str,
        preset: str | None,
        hours: str | None,
        holidays: Collection[date],
        gap: timedelta,
        where: Where,
    ) -> Response:
        if holidays and hours is None:
            msg = "Holidays only count where business hours do. Give business_hours as well, such as MON-FRI 09:00-18:00."
            raise InvalidInput(msg)
        opened = None if hours is None else BusinessHours.parse(hours, timezone=self._zone(where), holidays=holidays)
        how = Response(which=which, gap=_seconds_of(gap), hours=opened)  # type: ignore[arg-type]
        return how if preset is None else preset_of(preset, how)

    def _response(
        self, meaning: Definition, how: Response, by: Period | str | None, where: Where, **parameters: object
    ) -> Result:
        scope = self._scope(where)
        table = response_times(self._waited(how, scope, self._as_of(scope)), by=_period_or_all(by), timezone=self._zone(where))
        hours = None if how.hours is None else "business hours"
        return self._result(meaning, table, scope, where, by=by, gap=timedelta(seconds=how.gap), hours=hours, **parameters)

    def _waited(self, how: Response, scope: Scope, as_of: datetime | None) -> Table:
        now = int(time.time() if as_of is None else as_of.timestamp())
        days = (_day(now), _day(now)) if how.hours is None else self._days(now)
        return waited(scope.chats(waits()), scope.chats(turns()), how, scope, now=now, days=days)

    def _turns(self, scope: Scope) -> Table:
        table = scope.chats(turns())
        return scope.span(table, table.started)

    def _days(self, now: int) -> tuple[date, date]:
        """Return the first and the last day of what is stored."""
        first = self._ask(tallies().aggregate(first=tallies().hour.min()))["first"][0].as_py()
        return _day(now if first is None else first), _day(now)

    def _of_tallies(self, meaning: Definition, figure: Callable[..., Table], where: Where, **options: Any) -> Result:
        scope, zone = self._scope(where), self._zone(where)
        by = {name: period_of(value) for name, value in options.items()}
        return self._result(meaning, figure(tallied(scope, zone), timezone=zone, **by), scope, where, **options)

    def _of_kinds(self, meaning: Definition, figure: Callable[..., Table], where: Where, **options: Any) -> Result:
        scope = self._scope(where)
        table = scope.chats(kinds())
        chosen = scope.span(table, table.written)
        by = {name: period_of(value) for name, value in options.items()}
        return self._result(meaning, figure(chosen, timezone=self._zone(where), **by), scope, where, **options)

    def _of_conversations(
        self, meaning: Definition, figure: Callable[..., Table], by: Period | str | None, gap: timedelta, where: Where
    ) -> Result:
        scope = self._scope(where)
        seconds = _seconds_of(gap)
        daily = seconds == GAP
        table = scope.chats(conversations.daily()) if daily else conversations.conversations(scope.chats(turns()), seconds)
        figures = figure(scope.span(table, table.started), by=_period_or_all(by), timezone=self._zone(where))
        return self._result(meaning, figures, scope, where, by=by, gap=gap)


def _period_or_all(by: Period | str | None) -> Period | None:
    return None if by is None else period_of(by)


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


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _got(name: str) -> lag.Got:
    if name == "delivered":
        return "delivered"
    if name == "read":
        return "read"
    msg = f"got is {name!r}. Receipts tell of messages that were 'delivered' and 'read'."
    raise InvalidInput(msg, got=name)


def _recent(where: Where) -> Where:
    """Return *where* with the last 30 days, unless it speaks of a time: whether messages arrive is a question of now."""
    return where if where.keys() & {"since", "until", "last"} else {**where, "last": "30d"}


def _name(joined: Table) -> ibis.Value:
    """Return what a person is called: by name, or by address where there is none."""
    return ibis.coalesce(joined.name, joined.jid)


def _named(pairs: Table) -> Table:
    """Return pairs of ``sender`` and ``answerer`` with their names instead of their numbers, and what else the columns are."""
    rest = [column for column in pairs.columns if column not in {"sender", "answerer"}]
    asked = pairs.left_join(names(), [("sender", "key")])
    asked = asked.select(*rest, asker=_name(asked), answerer_key=asked.answerer)
    both = asked.left_join(names(), [("answerer_key", "key")])
    return both.select(sender=both.asker, answerer=_name(both), **{column: both[column] for column in rest})
