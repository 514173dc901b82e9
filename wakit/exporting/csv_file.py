"""
Rows as CSV.

UTF-8 with a byte order mark: without it Excel takes accents for something else, and
pandas, polars and DuckDB skip it. Instants are ISO 8601 with the offset of the time
zone; nothing is an empty cell, and an empty text is ``""``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from wakit.exporting.cells import guarded_names, in_text, is_plain


def write_csv(sink: BinaryIO, schema: pa.Schema, batches: Iterable[pa.RecordBatch], zone: str) -> None:
    """Write rows."""
    sink.write(codecs.BOM_UTF8)
    kinds = [field.type if _is_kept(field.type) else pa.string() for field in schema]
    cells = pa.schema(list(zip(guarded_names(schema.names), kinds, strict=True)))
    with pacsv.CSVWriter(pa.PythonFile(sink, "w"), cells) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays([_cells(column, zone) for column in batch.columns], schema=cells))


def _is_kept(kind: pa.DataType) -> bool:
    return is_plain(kind) and getattr(kind, "tz", None) is None


def _cells(values: pa.Array, zone: str) -> pa.Array:
    if _is_kept(values.type):
        return values
    if not pa.types.is_timestamp(values.type):
        return in_text(values)
    written = pc.strftime(values.cast(pa.timestamp(values.type.unit, zone)), "%Y-%m-%dT%H:%M:%S%z")
    return pc.replace_substring_regex(pc.replace_substring_regex(written, r"\.0+([+-])", r"\1"), r"(\d{2})$", r":\1")
