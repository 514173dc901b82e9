"""
What messages say, as metrics read it: one row for each text or caption, as it stands now.

The texts themselves never leave the host. It takes them apart and counts the pieces; what only a library knows about
a piece (whether it is an emoji, what its domain is, its stem) is added here, to each different piece once.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
from ibis.expr import datatypes
from ibis.expr.types import ArrayColumn, StringColumn, Table

from wakit.analytics.scope import Scope

#: Name of the table in an expression, and of the view in the store.
TEXTS = "message_texts"

_COLUMNS = {
    "account": "string",
    "number": "int64",
    "item": "int64",
    "chat": "int64",
    "is_group": "boolean",
    "sender": "int64",
    "written": "int64",
    "from_me": "boolean",
    "text": "string",
}


def message_texts() -> Table:
    """Return the table of texts: ``number`` and ``item`` tell an account's messages apart, the rest is as in ``facts``."""
    return ibis.table(_COLUMNS, name=TEXTS)


def chosen(scope: Scope) -> Table:
    """Return the texts that a report is about."""
    table = scope.chats(message_texts())
    return scope.span(table, table.written)


def found(texts: StringColumn, pattern: str) -> ArrayColumn:
    """Return every place of each text that a pattern fits."""
    places: ArrayColumn = _extract_all(texts, pattern)
    return places


def unaccented(texts: StringColumn) -> StringColumn:
    """Return texts without accents and tildes."""
    plain: StringColumn = _strip_accents(texts)
    return plain


def by_side(pieces: Table, piece: str) -> Table:
    """Return how often each different *piece* was ``received`` and ``sent``."""
    return pieces.group_by(piece).aggregate(
        received=(~pieces.from_me).cast("int64").sum(),
        sent=pieces.from_me.cast("int64").sum(),
    )


def _regexp_extract_all(text: str, pattern: str) -> list[str]:  # type: ignore[empty-body]
    """Return every place of a text that a pattern fits; ibis has no word for it, and DuckDB has."""


_extract_all: Callable[..., ArrayColumn] = ibis.udf.scalar.builtin(
    _regexp_extract_all, name="regexp_extract_all", signature=(("string", "string"), datatypes.Array(datatypes.string))
)


def _no_accents(text: str) -> str:  # type: ignore[empty-body]
    """Return a text without accents, likewise."""


_strip_accents: Callable[..., StringColumn] = ibis.udf.scalar.builtin(
    _no_accents, name="strip_accents", signature=(("string",), "string")
)
