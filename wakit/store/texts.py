"""Texts as the tables can hold them."""

from __future__ import annotations


def sound(text: str) -> str:
    """Replace halves of characters (lone surrogates): Arrow, DuckDB and SQLite hold UTF-8 only."""
    return text.encode("utf-8", "replace").decode()
