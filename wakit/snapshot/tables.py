"""One table of a snapshot: which parts it has, and the rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: In the order in which the columns sort the rows, where a table has them: readers skip what they need not see.
_SORTED_BY = ("chat", "ts", "since", "message_id", "sender", "id", "jid")


#: Seconds since 1970 that say when a row was, in tables without an instant.
_SECONDS = ("written", "started", "arrived", "since", "said", "hour")
#: Numbers that stand for people.
_PEOPLE = ("key", "chat", "sender", "sender_before", "answerer", "quoted")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table that can be asked for."""

    name: str
    #: Column → its type in DuckDB's words.
    columns: dict[str, str]

    @property
    def written(self) -> dict[str, str]:
        """The columns as the files have them: texts for an enumeration and JSON, and room in the numbers of people."""
        plain = {name: "VARCHAR" if kind.startswith(("ENUM", "JSON")) else kind for name, kind in self.columns.items()}
        return plain | dict.fromkeys(self._people, "BIGINT")

    @property
    def inventory(self) -> str:
        """The query that tells which parts there are, and in which state."""
        month = f"strftime({self._when}, '%Y-%m')" if self._column else "NULL::VARCHAR"
        return (
            f"SELECT account, {month} AS month, count(*) || ':' || sum(hash(whole)) AS state "  # noqa: S608 - names of the catalogue
            f'FROM "{self.name}" AS whole WHERE $account IS NULL OR account = $account GROUP BY ALL ORDER BY ALL'
        )

    @property
    def rows(self) -> str:
        """The query for the rows of one part, without what the names of its folders say."""
        # By all columns in the end: rows that the first ones leave in no order would make another file each time.
        first = [name for name in _SORTED_BY if name in self.columns]
        order = ", ".join(f'"{name}"' for name in dict.fromkeys([*first, *self.columns]) if name != "account")
        column = self._column
        months = f'AND "{column}" >= $since AND "{column}" < $until' if column else ""
        moved = ", ".join(f'"{name}"::BIGINT + $space AS "{name}"' for name in self._people)
        moved = f"REPLACE ({moved})" if moved else ""
        return f'SELECT * EXCLUDE (account) {moved} FROM "{self.name}" WHERE account = $account {months} ORDER BY {order}'  # noqa: S608

    def values(self, account: str, month: str | None, space: int) -> dict[str, Any]:
        """
        Return the values of ``rows``.

        Args:
            account: Whose rows.
            month: Of which month.
            space: What is added to the numbers of people.
        """
        values: dict[str, Any] = {"account": account}
        if self._people:
            values["space"] = space
        if month is not None:
            number = int(month[:4]) * 12 + int(month[5:]) - 1
            for name, at in (("since", number), ("until", number + 1)):
                instant = datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC)
                values[name] = instant if self._column == "ts" else int(instant.timestamp())
        return values

    @property
    def _people(self) -> list[str]:
        return [name for name in _PEOPLE if self.columns.get(name) in {"INTEGER", "BIGINT"}]

    @property
    def _column(self) -> str | None:
        """The column that says when a row was; tables of people and of chats have none."""
        if "ts" in self.columns:
            return "ts"
        return next((name for name in _SECONDS if self.columns.get(name) == "BIGINT"), None)

    @property
    def _when(self) -> str:
        return "ts AT TIME ZONE 'UTC'" if self._column == "ts" else f'make_timestamp("{self._column}" * 1000000)'
