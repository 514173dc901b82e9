"""
What every set of figures needs: whose messages, of which time, by which clock, and the answer with all that defends it.

A report is an expression that is compiled here to the SQL that the host runs: nothing but its rows leaves the host.
Whatever has ``arrow`` can be asked: the client of a notebook, or DuckDB over a lake. Only another engine says otherwise.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypedDict, Unpack

import ibis
import pandas as pd
import pyarrow as pa
from ibis.expr.types import Table

from wakit.analytics.coverage import BLIND, EXPORTED, KNOWN, shares
from wakit.analytics.definitions import Definition
from wakit.analytics.facts import facts, names
from wakit.analytics.periods import Period
from wakit.analytics.pseudonyms import Pseudonyms
from wakit.analytics.result import Result
from wakit.analytics.scope import Scope
from wakit.config import settings
from wakit.errors import InvalidInput, UnknownAccount, UnknownChat
from wakit.ids import recipient
from wakit.instants import Moment, instant, time_zone
from wakit.key import new_key
from wakit.languages import Language, mark, translate

_NOTHING = mark("Nothing is stored of this time and these chats. wa.coverage() tells of which times something is known.")
_ADDRESSES = ibis.table({"account": "string", "jid": "string", "address": "string"}, name="contact_addresses")
_ACCOUNTS = "SELECT account FROM accounts ORDER BY account"
_NAMED = "SELECT jid, name FROM fact_names WHERE name IS NOT NULL"
_LAST = re.compile(r"(\d{1,4})([hdw])\Z", re.ASCII)
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Source(Protocol):
    """Who answers queries in DuckDB's words."""

    def arrow(self, query: str, params: Any = None) -> pa.Table: ...


class Runs(Protocol):
    """Who runs expressions, in whose words."""

    def compiled(self, expression: Table) -> str: ...

    def arrow(self, query: str) -> pa.Table: ...


class _Source:
    """Who answers queries runs expressions as well, in DuckDB's words."""

    def __init__(self, source: Source) -> None:
        self.arrow: Callable[[str], pa.Table] = source.arrow

    def compiled(self, expression: Table) -> str:
        return str(ibis.to_sql(expression, dialect="duckdb"))


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


class Inquiry:
    """Who asks a workspace for figures: the figures themselves are methods of who is one."""

    def __init__(
        self, source: Source, *, timezone: str, lang: Language, key: Callable[[], bytes] = new_key, runs: Runs | None = None
    ) -> None:
        """
        Make one who asks.

        Args:
            source: Who answers.
            timezone: Whose days and hours, unless a figure is asked for others.
            lang: Language of definitions and charts.
            key: Secret behind the pseudonyms; without one they are others each time.
            runs: Who runs expressions, where that is somebody else.
        """
        self._source = source
        self._other = runs
        self._runs: Runs = _Source(source) if runs is None else runs
        self._timezone = timezone
        self._lang = lang
        self._key = key

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """What people are called where they are not to be named; ``wa.report.pseudonyms.frame(df)`` veils a table."""
        return Pseudonyms(self._key(), self._known, self._lang)

    def newest(self, **where: Unpack[Where]) -> datetime | None:
        """Return when the newest message that is stored was written; nothing where none is."""
        scope = self._scope(where)
        table = facts()
        chosen = scope.span(scope.chats(table), table.written)
        [at] = self._ask(chosen.aggregate(at=chosen.written.max()))["at"].to_pylist()
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def known(self, **where: Unpack[Where]) -> Mapping[str, float]:
        """
        Return which share of a time is known how, by the shares' names.

        ``complete``: the account was listening; ``partial``: the phone told of it later; ``blind``: neither. Nothing where no
        chat has any time.
        """
        return self._shares(self._scope(where))

    def _known(self) -> Iterator[tuple[str, str]]:
        found = self._source.arrow(_NAMED)
        return zip(found["jid"].to_pylist(), found["name"].to_pylist(), strict=True)

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
            if since is not None:
                msg = f"since is {since.isoformat()} and last {last!r}: both say when the time begins. Give one of them."
                raise InvalidInput(msg, since=since.isoformat(), last=last)
            since = _ago(last)
        if since is not None and until is not None and since >= until:
            msg = f"since is {since.isoformat()} and until {until.isoformat()}: there is no time between them."
            raise InvalidInput(msg, since=since.isoformat(), until=until.isoformat())
        account = self._account(where.get("account"))
        return Scope(
            account=account,
            chat=self._chat(where.get("chat"), account),
            is_group=where.get("groups", False) if where.get("chat") is None else None,
            since=None if since is None else int(since.timestamp()),
            until=None if until is None else int(until.timestamp()),
        )

    def _account(self, account: str | None) -> str | None:
        """Return the account, which there is."""
        if account is not None and account not in (known := self._source.arrow(_ACCOUNTS)["account"].to_pylist()):
            msg = f"There is no account {account!r} in this workspace, but {', '.join(known) or 'none at all'}."
            raise UnknownAccount(msg, account=account)
        return account

    def _chat(self, chat: str | None, account: str | None) -> int | None:
        """Return the number of a chat."""
        if chat is None:
            return None
        wanted = str(recipient(chat, country=settings().country))
        found = self._ask(_keys_of(wanted, account)).to_pylist()
        if not found:
            msg = f"Nobody was ever seen under the chat {chat!r}. See wa.chats() for those that are stored."
            raise UnknownChat(msg, chat=chat)
        if len(found) > 1:
            accounts = ", ".join(row["account"] for row in found)
            msg = (
                f"The chat {chat!r} is one of several accounts ({accounts}). Say of which, as in account={found[0]['account']!r}."
            )
            raise InvalidInput(msg, chat=chat)
        return int(found[0]["key"])

    def _result(
        self,
        meaning: Definition,
        table: Table,
        scope: Scope,
        where: Where,
        nothing: str = _NOTHING,
        finish: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
        /,
        **parameters: object,
    ) -> Result:
        sql = self._runs.compiled(table)
        values = _readable(self._runs.arrow(sql))
        if finish is not None:
            values = finish(values)
        chosen = {name: value for name, value in {**where, **parameters}.items() if value is not None}
        return Result(
            df=values,
            meaning=meaning,
            parameters={**chosen, "timezone": self._zone(where)},
            sql=sql,
            coverage=self._coverage(scope),
            lang=self._lang,
            why_empty=translate(self._lang, nothing) if values.empty else "",
        )

    def _as_of(self, scope: Scope) -> datetime | None:
        """Return when the last export of chats ends whose accounts were never linked: of now nothing is known there."""
        chosen = {"account": scope.account, "chat": scope.chat}
        ends = self._source.arrow(EXPORTED, chosen)["until"].to_pylist()
        return datetime.fromtimestamp(ends[0], UTC) if ends else None

    def _ask(self, expression: Table) -> pa.Table:
        return self._runs.arrow(self._runs.compiled(expression))

    def _coverage(self, scope: Scope) -> float | None:
        found = self._shares(scope)
        return 1 - found[BLIND] if found else None

    def _shares(self, scope: Scope) -> Mapping[str, float]:
        """Return which share of the time of a scope is known how well; nothing where it has no time."""
        now = time.time()
        chosen = {"account": scope.account, "chat": scope.chat, "is_group": scope.is_group, "now": now}
        return shares(self._source.arrow(KNOWN, chosen).to_pylist(), since=scope.since, until=scope.until, now=now)


def _keys_of(jid: str, account: str | None) -> Table:
    """Return the number of the chat with an address, whichever of a person's it is, for each account that has one."""
    called = names().left_join(_ADDRESSES, ["account", "jid"])
    meant = called.filter((called.jid == jid) | (called.address == jid)).select("key", "account").distinct()
    return (meant if account is None else meant.filter(meant.account == account)).order_by("account")


def period_of(by: Period | str) -> Period:
    """
    Return a period by its name.

    Raises:
        InvalidInput: A report has no such rows.
    """
    if by not in set(Period):
        msg = f"by is {by!r}. This report has one row for each {', '.join(Period)}."
        raise InvalidInput(msg, by=str(by))
    return Period(by)


def _readable(table: pa.Table) -> pd.DataFrame:
    """Return values as pandas has them: sums as integers, periods by the clock on the wall, instants in UTC."""
    # DuckDB sums integers into 128 bits, which Arrow only has as decimals and pandas as objects.
    # Its enumerations are dictionaries there.
    values = table.cast(pa.schema([_plain(field) for field in table.schema])).to_pandas()
    for column in ("period", "cohort"):
        if column in values:
            values[column] = pd.to_datetime(values[column], unit="s")
    for column in ("asked", "started"):
        if column in values:
            values[column] = pd.to_datetime(values[column], unit="s", utc=True)
    return values


def _plain(field: pa.Field) -> pa.Field:
    if pa.types.is_decimal(field.type):
        return field.with_type(pa.int64())
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def _instant(value: Moment | None, name: str, zone: str) -> datetime | None:
    return None if value is None else instant(value, name, zone)


def _ago(last: str) -> datetime:
    match = _LAST.match(last)
    if match is None:
        msg = f"last is {last!r}. Write how long ago the time begins as 24h, 30d or 12w."
        raise InvalidInput(msg, last=last)
    return datetime.now(UTC) - timedelta(**{_UNITS[match[2]]: int(match[1])})
