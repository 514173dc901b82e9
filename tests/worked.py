"""A conversation that was written by hand, with a shop's machine and its people, and tables of any such in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
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
        sender = SHOP if ours else self.chat
        return {
            "account": "tienda",
            "chat": self.chat,
            "sender": sender,
            "written": seconds(self.when),
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


def seconds(when: str) -> int:
    """Return a time of the shop's clock as the tables have it."""
    return int(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


class Tables:
    """An engine with tables that were written by hand, which runs expressions over them."""

    def __init__(self, *tables: tuple[Table, Sequence[Mapping[str, object]]]) -> None:
        self._db = duckdb.connect()
        for table, rows in tables:
            schema = pa.schema([(name, pa.type_for_alias(str(kind).lower())) for name, kind in table.schema().items()])
            written = pa.Table.from_pylist(list(rows), schema=schema)
            assert len(written)
            self._db.execute(f'CREATE TABLE "{table.get_name()}" AS SELECT * FROM written')

    def run(self, expression: Table) -> pd.DataFrame:
        """Return the rows of an expression."""
        found = self._db.sql(str(ibis.to_sql(expression, dialect="duckdb"))).to_arrow_table()
        # sums have 128 bits in DuckDB, which Arrow only has as decimals
        fields = [field.with_type(pa.int64()) if pa.types.is_decimal(field.type) else field for field in found.schema]
        return found.cast(pa.schema(fields)).to_pandas()


class Worked(Tables):
    """An engine with lines in it, which runs expressions."""

    def __init__(self, lines: Sequence[Line] = WORKED) -> None:
        super().__init__((facts(), [line.row for line in lines]))

    @property
    def turns(self) -> Table:
        return turns_of(facts())

    def waits(self, *, bots_answer: bool = False) -> Table:
        return waits_of(self.turns, bots_answer=bots_answer)
