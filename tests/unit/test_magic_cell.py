"""What stands in a ``%%wasql`` cell: options, and values that are never read as SQL."""

from __future__ import annotations

from typing import Any

import pytest

from wakit.errors import InvalidInput
from wakit.magic import read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {}),
        ("-o rows", {"output": "rows"}),
        ("--output rows --as arrow", {"output": "rows", "form": "arrow"}),
        ("rows <<", {"output": "rows"}),
        ("rows<< --seconds 2.5", {"output": "rows", "seconds": 2.5}),
        ("--as=polars -o=año", {"output": "año", "form": "polars"}),
    ],
)
def test_options_stand_before_the_query(line: str, expected: dict[str, Any]) -> None:
    """On a line of their own above it, or on the same line."""
    for cell in (read(line, "SELECT 1"), read(f"{line} SELECT 1")):
        assert "SELECT 1" == cell.query
        assert {"output": None, "form": "pandas", "seconds": None} | expected == {
            "output": cell.output,
            "form": cell.form,
            "seconds": cell.seconds,
        }


@pytest.mark.parametrize(
    ("query", "becomes", "values"),
    [
        ("WHERE chat = :chat", "WHERE chat = $chat", {"chat": "chat"}),
        ("WHERE chat = $chat", "WHERE chat = $chat", {"chat": "chat"}),
        ("WHERE chat IN (:a,:b)", "WHERE chat IN ($a,$b)", {"a": "a", "b": "b"}),
        ("WHERE n > {{ days * 2 }}", "WHERE n > $value_1__", {"value_1__": "days * 2"}),
        ("ts::DATE = :day", "ts::DATE = $day", {"day": "day"}),
        ("':no' || \":no\" || 'it''s :no'", "':no' || \":no\" || 'it''s :no'", {}),
        ("-- :no {{ no }}\n/* $no */ :yes", "-- :no {{ no }}\n/* $no */ $yes", {"yes": "yes"}),
        ("$$ :no $$ || $x$ $no $x$", "$$ :no $$ || $x$ $no $x$", {}),
        ("list[1:n] || list[:n] || {'a':x}", "list[1:n] || list[:n] || {'a':x}", {}),
        ("'{{ no }}'", "'{{ no }}'", {}),
    ],
)
def test_variables_become_parameters_and_nothing_else_does(query: str, becomes: str, values: dict[str, str]) -> None:
    """Strings, names, comments, casts, slices and structures stay as they are."""
    cell = read("", query)
    assert (becomes, values) == (cell.query, cell.values)


@pytest.mark.parametrize(
    "line", ["", "-o rows", "--surprise SELECT 1", "-x", "-o 3x SELECT 1", "--as excel SELECT 1", "--seconds x FROM y"]
)
def test_cell_that_cannot_be_read_says_how_it_is_written(line: str) -> None:
    """The message shows the form, or the choices."""
    with pytest.raises(InvalidInput, match=r"%%wasql|Choose one of|no number"):
        read(line)
