"""Which part of what is stored a report is about."""

from __future__ import annotations

from dataclasses import dataclass

from ibis.expr.types import IntegerColumn, Table


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose chats, and a span of time; what is ``None`` is not restricted."""

    account: str | None = None
    #: Key of the chat, as the tables have it.
    chat: int | str | None = None
    #: Only groups, or only chats of two.
    is_group: bool | None = False
    #: Seconds since 1970: from this one on, and before that one.
    since: int | None = None
    until: int | None = None

    def chats(self, table: Table) -> Table:
        """Return the rows of the chats, of any time."""
        conditions = [
            table[column] == value
            for column, value in (("account", self.account), ("chat", self.chat), ("is_group", self.is_group))
            if value is not None
        ]
        return table.filter(conditions) if conditions else table

    def span(self, table: Table, at: IntegerColumn) -> Table:
        """Return the rows whose time *at* is in the span."""
        conditions = []
        if self.since is not None:
            conditions.append(at >= self.since)
        if self.until is not None:
            conditions.append(at < self.until)
        return table.filter(conditions) if conditions else table
