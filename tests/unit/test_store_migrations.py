"""The schema: all migrations together give the tables that schema.sql shows."""

from __future__ import annotations

from importlib import resources
from typing import Any

import duckdb
import pytest

from wakit.errors import CorruptFile
from wakit.model import MessageType, ReceiptState, SendState, Source
from wakit.store import migrations
from wakit.store.engine import execute, rows
from wakit.store.people import AddressKind
from wakit.store.rows import CHANGES

_COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()
WHERE schema_name = 'core' AND table_name IN (SELECT table_name FROM duckdb_tables())
ORDER BY table_name, column_index
"""
_TYPES = "SELECT type_name, labels FROM duckdb_types() WHERE schema_name = 'core' ORDER BY type_name"


def schema_of(connection: duckdb.DuckDBPyConnection) -> tuple[list[Any], list[Any]]:
    return rows(connection, _COLUMNS), rows(connection, _TYPES)


def labels(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return next(labels for named, labels in rows(connection, _TYPES) if named == name)


def test_migrations_give_the_schema_that_is_shown() -> None:
    """schema.sql is what a migrated database looks like."""
    with duckdb.connect() as migrated, duckdb.connect() as shown:
        migrations.migrate(migrated)
        execute(shown, resources.files("wakit.store").joinpath("schema", "schema.sql").read_text("utf-8"))
        assert schema_of(shown) == schema_of(migrated)


def test_migrations_are_numbered_without_holes() -> None:
    """The order is in the names."""
    numbers = [number for number, _, _ in migrations.scripts()]
    assert list(range(1, len(numbers) + 1)) == numbers


def test_migrating_twice_changes_nothing() -> None:
    """A migration is applied once."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        first = rows(connection, "SELECT epoch_us(applied_at) FROM core.migration")
        migrations.migrate(connection)
        assert first == rows(connection, "SELECT epoch_us(applied_at) FROM core.migration")


def test_database_of_a_newer_wakit_is_refused() -> None:
    """A newer schema is not touched."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        execute(connection, "INSERT INTO core.migration VALUES (99, 'future', now())")
        with pytest.raises(CorruptFile, match="newer wakit"):
            migrations.migrate(connection)


def test_enums_are_those_of_the_model() -> None:
    """A value that the model knows can be stored."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        assert [kind for kind in MessageType if kind not in CHANGES] == labels(connection, "message_type")
        assert set(CHANGES) == set(labels(connection, "change_kind"))
        assert list(Source) == labels(connection, "source")
        assert list(ReceiptState) == labels(connection, "receipt_state")
        assert list(SendState) == labels(connection, "send_state")
        assert list(AddressKind) == labels(connection, "address_kind")


def test_no_table_has_an_index() -> None:
    """Keys in DuckDB cost two orders of magnitude; the key set does their work."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        unwanted = "FROM duckdb_constraints() WHERE constraint_type <> 'NOT NULL' AND schema_name = 'core'"
        assert rows(connection, f"SELECT 1 {unwanted}") == []
        assert rows(connection, "FROM duckdb_indexes()") == []


def test_files_of_messages_that_are_gone_go_as_well() -> None:
    """What an earlier version left behind of messages that were stored twice is removed, and nothing else."""
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        execute(connection, "INSERT INTO core.media (account, seq, item) VALUES (1, 7, 0), (1, 8, 0), (2, 7, 0)")
        message = "SELECT 1, 1, 1, 'A', now(), FALSE, 'image', FALSE, 'live', FALSE, 7, 0"
        columns = "account, chat, sender, message_id, ts, from_me, type, forwarded, source, clock_suspect, seq, item"
        execute(connection, f"INSERT INTO core.message ({columns}) {message}")
        execute(connection, next(script for number, _, script in migrations.scripts() if number == 8))
        assert [(1, 7, 0)] == rows(connection, "SELECT account, seq, item FROM core.media")
