"""
The data dictionary: every view and table with its columns, types and what they mean, as Markdown.

What things mean stands beside them in the SQL, as comments; types are asked of a
database of this version. A column without words of its own means what the column
of that name means where it first has some, among views or among tables.

``python -m wakit.store.dictionary README.md`` writes it between the marks of a
file; a test fails when that was forgotten.
"""

from __future__ import annotations

import re
import sys
from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import duckdb

from wakit.store import migrations
from wakit.store.engine import rows

BEGIN, END = "<!-- data dictionary -->", "<!-- /data dictionary -->"

_VIEW = re.compile(r"(?P<about>(?:^--[^\n]*\n)*)^CREATE OR REPLACE VIEW (?P<name>[\w.]+) AS\n(?P<body>.*?);$", re.M | re.S)
_TABLE = re.compile(r"(?P<about>(?:^--[^\n]*\n)*)^CREATE TABLE core\.(?P<name>\w+) \(\n(?P<body>.*?)^\);$", re.M | re.S)
_SAID_OF_VIEW = re.compile(r"(?P<column>\w+),?[ ]+-- (?P<meaning>.+)$", re.M)
_SAID_OF_TABLE = re.compile(r"^ {4}(?P<column>\w+) .*?-- (?P<meaning>.+)$", re.M)
_WHOLE = re.compile(r"\ASELECT \*.*? FROM (?P<name>[\w.]+)\Z", re.S)
_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal AND schema_name IN ('main', 'core') ORDER BY column_index
"""
_ENUMS = """
SELECT 'core.' || type_name, labels FROM duckdb_types() WHERE schema_name = 'core' AND labels IS NOT NULL ORDER BY type_name
"""
_SHORT = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


class Described(NamedTuple):
    """What the SQL says of one view or table."""

    name: str
    about: str
    #: Of its columns, where it says something of them.
    meanings: dict[str, str]
    #: The view of which it shows all columns, where it does.
    shows: str | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a view or a table."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One view or table."""

    name: str
    about: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """Everything that can be queried."""

    views: tuple[Relation, ...]
    tables: tuple[Relation, ...]
    #: Enumerations: their type and its values.
    enums: tuple[tuple[str, tuple[str, ...]], ...]

    def markdown(self) -> str:
        """Return it as Markdown: the views that people query, then what they are made of."""
        parts = ["Views, for queries:", *map(_section, self.views)]
        parts += ["Tables, which the views are made of:", *map(_section, self.tables)]
        kinds = [f"| `{name}` | {', '.join(f'`{value}`' for value in values)} |" for name, values in self.enums]
        parts.append("\n".join(["| type | values |", "|---|---|", *kinds]))
        return "\n\n".join(parts)


def dictionary() -> Dictionary:
    """Return the dictionary of this version."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        columns, enums = rows(connection, _COLUMNS), rows(connection, _ENUMS)
    types = {f"ENUM({', '.join(repr(label) for label in labels)})": name for name, labels in enums} | _SHORT
    shapes: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in columns:
        shapes.setdefault(table if schema == "main" else f"{schema}.{table}", []).append((column, types.get(kind, kind)))
    views = [_parsed(found, _SAID_OF_VIEW) for script in migrations.views() for found in _VIEW.finditer(script)]
    schema_sql = resources.files("wakit.store").joinpath("schema", "schema.sql").read_text("utf-8")
    tables = [_parsed(found, _SAID_OF_TABLE, "core.") for found in _TABLE.finditer(schema_sql)]
    return Dictionary(
        views=tuple(_relation(view, shapes, views) for view in views if "." not in view.name),
        tables=tuple(_relation(table, shapes, tables) for table in tables),
        enums=tuple((name, tuple(labels)) for name, labels in enums),
    )


def written(text: str) -> str:
    """
    Return the text of a file with the dictionary between its marks.

    Raises:
        ValueError: It has no marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"The file has no place for the data dictionary: it needs the lines {BEGIN} and {END}."
        raise ValueError(msg)
    return f"{before}{BEGIN}\n\n{dictionary().markdown()}\n\n{END}{after}"


def _parsed(found: re.Match[str], said: re.Pattern[str], prefix: str = "") -> Described:
    about = " ".join(line.removeprefix("--").strip() for line in found["about"].splitlines())
    meanings = {one["column"]: one["meaning"] for one in said.finditer(found["body"])}
    whole = _WHOLE.search(found["body"])
    return Described(f"{prefix}{found['name']}", about, meanings, whole["name"] if whole else None)


def _relation(one: Described, shapes: dict[str, list[tuple[str, str]]], all_of_them: Sequence[Described]) -> Relation:
    source = [other for other in all_of_them if other.name == one.shows]
    words = ChainMap(one.meanings, *(other.meanings for other in (*source, *all_of_them)))
    columns = (Column(name=column, type=kind, meaning=words.get(column, "")) for column, kind in shapes[one.name])
    return Relation(name=one.name, about=one.about, columns=tuple(columns))


def _section(relation: Relation) -> str:
    return "\n".join([f"**`{relation.name}`**: {relation.about}", "", *_lines(relation)])


def _lines(relation: Relation) -> Iterator[str]:
    yield from ("| column | type | meaning |", "|---|---|---|")
    for column in relation.columns:
        yield f"| `{column.name}` | {column.type} | {column.meaning.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(written(readme.read_text("utf-8")), "utf-8")
