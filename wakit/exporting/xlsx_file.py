"""
Rows as XLSX, one sheet, in constant memory.

A cell has no time zone, so instants are the clock on the wall of one, which the head of their
column names. A cell holds 32,767 characters and fifteen digits: longer texts are cut and counted, longer
numbers are texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from wakit.exporting.cells import guarded_names, in_text, is_plain, local

#: Rows of a sheet, its head among them.
SHEET_ROWS = 1_048_576
#: Characters of a cell.
CELL = 32_767
_CUT = "…"
#: Integers that a spreadsheet keeps: it has fifteen digits.
_EXACT = 10**15
_WIDTH = 18
_HEAD, _INSTANT, _DAY = {"bold": True}, {"num_format": "yyyy-mm-dd hh:mm:ss"}, {"num_format": "yyyy-mm-dd"}


def write_xlsx(
    sink: BinaryIO, schema: pa.Schema, batches: Iterable[pa.RecordBatch], zone: str, *, scratch: Path, about: Mapping[str, str]
) -> int:
    """
    Write rows, and return how many texts were cut.

    Args:
        sink: Where to.
        schema: Of the rows.
        batches: The rows.
        zone: Time zone of instants.
        scratch: Private folder for what is half made.
        about: What a second sheet says of them.
    """
    book = xlsxwriter.Workbook(sink, {"constant_memory": True, "tmpdir": str(scratch)})
    book.use_zip64()
    sheet = _Sheet(book, book.add_worksheet())
    sheet.head([_title(field, zone) for field in schema])
    for batch in batches:
        sheet.rows([_cells(column, zone) for column in batch.columns])
    if about:
        side = book.add_worksheet()
        for at, row in enumerate(about.items()):
            for column, text in enumerate(row):
                side.write_string(at, column, text[:CELL])
    try:
        book.close()
    except FileCreateError as exc:
        raise exc.args[0] from exc  # what the system said
    return sheet.cut


class _Sheet:
    """One sheet that is written from above to below."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._book, self._sheet = book, sheet
        self._instant, self._day = book.add_format(_INSTANT), book.add_format(_DAY)
        self._row = 0
        #: Texts that did not fit.
        self.cut = 0

    def head(self, names: list[str]) -> None:
        self._sheet.set_column(0, max(len(names) - 1, 0), _WIDTH)
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format(_HEAD)
        for column, name in enumerate(guarded_names(names)):
            self._sheet.write_string(0, column, name[:CELL], bold)

    def rows(self, columns: list[pa.Array]) -> None:
        writers = [self._writer(column.type) for column in columns]
        for values in zip(*(column.to_pylist() for column in columns), strict=True):
            self._row += 1
            for at, value in enumerate(values):
                if value is not None:
                    writers[at](self._row, at, value)

    def _writer(self, kind: pa.DataType) -> Callable[[int, int, Any], Any]:
        if pa.types.is_boolean(kind):
            return self._sheet.write_boolean  # type: ignore[no-any-return]
        if pa.types.is_date(kind):
            return lambda row, column, value: self._sheet.write_datetime(row, column, value, self._day)
        if pa.types.is_timestamp(kind):
            return lambda row, column, value: self._sheet.write_datetime(row, column, value, self._instant)
        return self._text if pa.types.is_string(kind) or pa.types.is_large_string(kind) else self._number

    def _text(self, row: int, column: int, value: str) -> None:
        if len(value) > CELL:
            value = value[: CELL - len(_CUT)] + _CUT
            self.cut += 1
        self._sheet.write_string(row, column, value)

    def _number(self, row: int, column: int, value: Any) -> None:
        if (isinstance(value, int) and abs(value) >= _EXACT) or not math.isfinite(value):
            self._sheet.write_string(row, column, str(value))
        else:
            self._sheet.write_number(row, column, value)


def _title(field: pa.Field, zone: str) -> str:
    return f"{field.name} ({zone})" if getattr(field.type, "tz", None) is not None else str(field.name)


def _cells(values: pa.Array, zone: str) -> pa.Array:
    if not is_plain(values.type):
        return in_text(values)
    if getattr(values.type, "tz", None) is not None:
        values = local(values, zone)
    return values.cast(pa.timestamp("us"), safe=False) if pa.types.is_timestamp(values.type) else values
