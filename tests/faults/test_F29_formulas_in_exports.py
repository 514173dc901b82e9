"""F29: what customers write is a text in a spreadsheet, never a formula; everything else arrives as it was written."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hosts import ending
from stored import ANA, LUIS, at, entries, opened, said

from wakit.client import Client, connect
from wakit.errors import InvalidInput, QueryRefused, StorageFull, UnknownChat, WorkspaceNotWritable
from wakit.exporting import format_of, write, writing
from wakit.exporting.xlsx_file import CELL
from wakit.paths import Workspace

pytestmark = pytest.mark.faults

FORMULAS = [
    "=1+1",
    "+57 300",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\x00=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹦1",
    "=cmd|' /C calc'!A0",
]
TEXTS = ["hola", "", "'quoted'", 'a "b", c', "two\nlines", "¿ñandú? 🙂 =", " - milk", "5-3", None, "a=b"]
ZONE = "America/Bogota"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a host with hostile and normal messages of two chats."""
    workspace = Workspace(tmp_path_factory.mktemp("w") / "shop").create()
    with opened(workspace) as store:
        hostile = [said(f"F{n}", text.replace("\x00", "\x01"), ts=at(n)) for n, text in enumerate(FORMULAS)]
        normal = [said(f"T{n}", text or "hola", ts=at(100 + n), chat=LUIS) for n, text in enumerate(TEXTS)]
        store.drain("default", entries([*hostile, *normal]))
    with ending(workspace), connect(workspace) as client:
        yield client


def written(path: Path, **columns: list[object]) -> Path:
    """Write columns as the file *path*."""
    table = pa.table(columns)
    write(path, table.schema, table.to_batches(), rows=table.num_rows, kind=format_of(path), zone=ZONE)
    return path


def csv_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def xlsx_rows(path: Path) -> list[tuple[object, ...]]:
    return [tuple(cell.value for cell in row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]


def test_F29_formulas_get_a_quote_in_csv(tmp_path: Path) -> None:
    """Each sign, its full-width form, and what is skipped before it; the column's name as well."""
    head, *rows = csv_rows(written(tmp_path / "a.csv", **{"=name": FORMULAS}))
    assert ["'=name"] == head
    assert [[f"'{text}"] for text in FORMULAS] == rows


def test_F29_formulas_are_quoted_texts_in_xlsx(tmp_path: Path) -> None:
    """No cell of the sheet computes anything, and each formula has its quote."""
    visible = [text for text in FORMULAS if "\x00" not in text and "\r" not in text]
    path = written(tmp_path / "a.xlsx", **{"=name": visible})
    assert [("'=name",), *((f"'{text}",) for text in visible)] == xlsx_rows(path)
    assert {"s", "inlineStr"} >= {cell.data_type for row in openpyxl.load_workbook(path).worksheets[0] for cell in row}


def test_F29_parquet_is_untouched(tmp_path: Path) -> None:
    """Programs get what was written."""
    path = written(tmp_path / "a.parquet", text=FORMULAS)
    assert pq.read_table(path)["text"].to_pylist() == FORMULAS


def test_F29_normal_texts_arrive_as_they_were(tmp_path: Path) -> None:
    """Quotes, commas, lines, accents and emoji, read by pandas, polars and openpyxl; nothing and an empty text differ."""
    path = written(tmp_path / "a.csv", text=TEXTS, n=list(range(len(TEXTS))))
    assert pl.read_csv(path)["text"].to_list() == TEXTS
    frame = pd.read_csv(path, keep_default_na=False)
    assert ["text", "n"] == list(frame)
    assert [text or "" for text in TEXTS] == frame["text"].to_list()
    sheet = xlsx_rows(written(tmp_path / "a.xlsx", text=TEXTS))
    assert TEXTS == [row[0] for row in sheet[1:]]


def test_F29_numbers_days_and_instants_are_what_they_are(tmp_path: Path) -> None:
    """A negative number is one, an instant is the clock of the zone, and a number of too many digits keeps them."""
    instant = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    columns = {
        "n": [-5],
        "x": [-1.5],
        "big": [2**60],
        "ok": [True],
        "day": [date(2026, 11, 3)],
        "ts": [instant],
        "l": [["=a"]],
        "b": [b"=1"],
    }
    head, row = csv_rows(written(tmp_path / "a.csv", **columns))
    assert list(columns) == head
    assert ["-5", "-1.5", str(2**60), "true", "2026-11-03", "2026-11-03T10:00:00-05:00", '["=a"]', "3d31"] == row
    head, row = xlsx_rows(written(tmp_path / "a.xlsx", **columns))
    assert "ts (America/Bogota)" == head[5]
    local = instant.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
    assert (-5, -1.5, str(2**60), True, datetime.fromisoformat("2026-11-03"), local, '["=a"]', "3d31") == row


def test_F29_a_text_that_is_too_long_for_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    """A sheet would lose it without a word."""
    table = pa.table({"text": ["x" * (CELL + 1), "y" * CELL]})
    done = write(tmp_path / "a.xlsx", table.schema, table.to_batches(), rows=2, kind="xlsx", zone=ZONE)
    assert 1 == done.cut
    assert [CELL, CELL] == [len(str(row[0])) for row in xlsx_rows(done.path)[1:]]


def test_F29_too_many_rows_for_a_sheet_are_refused(tmp_path: Path) -> None:
    """Before anything is written, with the next step."""
    schema = pa.schema({"n": pa.int64()})
    with pytest.raises(InvalidInput, match="csv or parquet"):
        write(tmp_path / "a.xlsx", schema, iter(()), rows=1_048_576, kind="xlsx", zone=ZONE)
    assert [] == list(tmp_path.iterdir())


def test_F29_a_file_is_private_and_complete_or_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mode 0600; a full disk in the middle leaves what was there and nothing beside it, in each format."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    paths = [tmp_path / f"a.{kind}" for kind in writing.FORMATS]
    before = [(written(path, n=[1]), path.read_bytes())[1] for path in paths]
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in paths}
    monkeypatch.setattr(writing.os, "fsync", full)
    for path in paths:
        with pytest.raises(StorageFull):
            written(path, n=[2])
    assert before == [path.read_bytes() for path in paths]
    assert sorted(paths) == sorted(tmp_path.iterdir())


def test_F29_what_was_stored_is_exported_safely(client: Client, tmp_path: Path) -> None:
    """Through a host: messages of one chat as CSV, all as XLSX and Parquet, in the order they were written."""
    ana = client.export("messages", tmp_path / "a.csv", chat=str(ANA))
    everything = client.export("messages", tmp_path / "a.xlsx", account="default")
    raw = client.export("messages", tmp_path / "a.parquet")
    assert (len(FORMULAS), len(FORMULAS) + len(TEXTS)) == (ana.rows, everything.rows)
    stored = pq.read_table(raw.path)
    assert client.arrow("SELECT * FROM messages ORDER BY ts, account, chat, message_id").equals(stored)
    head, *rows = csv_rows(ana.path)
    texts = [row[head.index("text")] for row in rows]
    assert all(text[0] == "'" for text in texts if text[0] != "\x01")
    assert {ZONE} == {name.split("(")[1].strip(")") for name in xlsx_rows(everything.path)[0] if str(name).startswith("ts (")}
    assert 1 == client.export("messages", tmp_path / "b.csv", since=at(3), until=at(4)).rows


def test_F29_what_cannot_be_exported_says_why(client: Client, tmp_path: Path) -> None:
    """No such table or format, a choice that a table does not have, a query that writes, a stranger, no folder."""
    place = tmp_path / "a.csv"
    with pytest.raises(InvalidInput, match="conversations, "):
        client.export("mesages", place)
    with pytest.raises(InvalidInput, match="csv, xlsx, parquet"):
        client.export("messages", tmp_path / "a.doc")
    with pytest.raises(InvalidInput, match="no column 'chat'"):
        client.export("contacts", place, chat=str(ANA))
    with pytest.raises(InvalidInput, match="WHERE"):
        client.export("SELECT 1 AS n", place, account="default")
    with pytest.raises(QueryRefused):
        client.export("DELETE FROM core.message", place)
    with pytest.raises(UnknownChat):
        client.export("messages", place, chat="+57 300 555 5555")
    with pytest.raises(WorkspaceNotWritable):
        client.export("messages", tmp_path / "nowhere" / "a.csv")
    assert [] == list(tmp_path.iterdir())
    assert 1 == client.export("SELECT $n AS n", place, params={"n": 1}).rows
