"""
What a value becomes in a cell.

A spreadsheet computes a text that begins like a formula, also one out of a CSV file and, in
East Asian editions, one that begins with the full-width or small form of such a sign (OWASP, CSV
injection; ASVS 1.2.10). A quote in front makes it a text everywhere, and the rest of it stays
as it was written. Numbers are no texts, so ``-5`` stays a number.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

#: Begins what a spreadsheet may compute: the signs, their full-width and small forms, and what is skipped before them.
_FORMULA = r"^[=+\-@\t\r\n\x00＝＋－＠﹦﹢﹣﹫]"
QUOTE = "'"


def guarded(texts: pa.Array) -> pa.Array:
    """Return texts of which none is a formula."""
    return pc.if_else(pc.match_substring_regex(texts, _FORMULA), pc.binary_join_element_wise(QUOTE, texts, ""), texts)


def guarded_names(names: list[str]) -> list[str]:
    """Return the names of columns of which none is a formula."""
    return guarded(pa.array(names, pa.string())).to_pylist()  # type: ignore[no-any-return]


def local(instants: pa.Array, zone: str) -> pa.Array:
    """Return instants as the clock on the wall of a time zone shows them."""
    return pc.local_timestamp(instants.cast(pa.timestamp(instants.type.unit, zone)))


def in_text(values: pa.Array) -> pa.Array:
    """Return what has no cell of its own kind as guarded text: texts, lists and records (as JSON), bytes (in hexadecimal)."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return in_text(values.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return guarded(values)
    return guarded(pa.array([None if value is None else _written(value) for value in values.to_pylist()], pa.string()))


def is_plain(kind: pa.DataType) -> bool:
    """Whether values of a type are written as they are: numbers, truths, days and instants."""
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(kind) for test in (*tests, pa.types.is_date, pa.types.is_timestamp))


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
