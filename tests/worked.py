"""A conversation that was written by hand, with a shop's machine and its people, and tables of any such in a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pandas as pd
from ibis.expr.types import Table

from wakit.analytics.facts import facts
from wakit.analytics.turns import turns_of
from wakit.analytics.waits import waits_of

ZONE = "America/Bogota"
SHOP = 1


@dataclass(frozen=True)
class Line:
    """One line of a chat, as a person writes it down: who, when, and by which kind of message."""

    chat: int
    who: str
    when: str
    type: str = "text"

    @property
    def row(self) -> dict[str, object]:
        ours = self.who in {"shop", "bot"}
        written = int(datetime.fromisoformat(self.when).replace(tzinfo=ZoneInfo(ZONE)).timestamp())
        sender = SHOP if ours else self.chat
        return {
            "account": "tienda",
            "chat": self.chat,
            "sender": sender,
            "written": written,
            "from_me": ours,
            "type": self.type,
            "is_group": False,
            "automatic": self.who == "bot",
        }


#: Monday 2026-11-02 (a holiday in Colombia) and the days after it.
WORKED = (
    # Chat 10: two questions, one answer after five minutes; on the next day one after two hours.
    Line(10, "customer", "2026-11-03 10:00:00"),
    Line(10, "customer", "2026-11-03 10:02:00"),
    Line(10, "shop", "2026-11-03 10:05:00"),
    Line(10, "customer", "2026-11-05 16:30:00", "voice"),
    Line(10, "shop", "2026-11-05 18:30:00"),
    # Chat 20: the machine greets at once, a person answers after twenty minutes.
    Line(20, "customer", "2026-11-03 12:00:00"),
    Line(20, "bot", "2026-11-03 12:00:05"),
    Line(20, "shop", "2026-11-03 12:20:00"),
    # Chat 30: the shop began, so nobody waited for its first answer; the customer's reply was answered in a minute.
    Line(30, "shop", "2026-11-04 09:00:00", "image"),
    Line(30, "customer", "2026-11-04 09:10:00"),
    Line(30, "shop", "2026-11-04 09:11:00"),
    # Chat 40: asked after hours, answered on the next morning.
    Line(40, "customer", "2026-11-03 20:00:00"),
    Line(40, "shop", "2026-11-04 09:30:00"),
    # Chat 50: nobody ever answered.
    Line(50, "customer", "2026-11-06 11:00:00"),
    Line(50, "customer", "2026-11-06 11:30:00"),
)
#: The instant at which the unanswered are looked at.
NOW = int(datetime(2026, 11, 6, 15, tzinfo=ZoneInfo(ZONE)).timestamp())


class Worked:
    """An engine with lines in it, which runs expressions."""

    def __init__(self, lines: Sequence[Line] = WORKED) -> None:
        self._db = duckdb.connect()
        frame = pd.DataFrame([line.row for line in lines])
        self._db.execute("CREATE TABLE message_facts AS SELECT * FROM frame")
        assert len(frame)

    def run(self, expression: Table) -> pd.DataFrame:
        """Return the rows of an expression."""
        return self._db.sql(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table().to_pandas()

    @property
    def turns(self) -> Table:
        return turns_of(facts())

    def waits(self, *, bots_answer: bool = False) -> Table:
        return waits_of(self.turns, bots_answer=bots_answer)
