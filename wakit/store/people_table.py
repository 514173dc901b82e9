"""How people are read from and written to their tables."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from wakit.ids import JID
from wakit.store.engine import insert, select
from wakit.store.people import Address, AddressKind, Changes, NameKind, People

_WHEN = pa.timestamp("us", "UTC")
_ADDRESS = pa.schema(
    [
        ("id", pa.int32()),
        ("account", pa.uint16()),
        ("jid", pa.string()),
        ("kind", pa.string()),
        ("person", pa.int32()),
        ("shown", pa.string()),
        ("name", pa.string()),
        ("own", pa.bool_()),
        ("phone", pa.string()),
        ("title", pa.string()),
        ("title_ts", _WHEN),
        ("push_name", pa.string()),
        ("push_ts", _WHEN),
    ]
)
_ALIAS = pa.schema([("account", pa.uint16()), ("phone", pa.int32()), ("lid", pa.int32()), ("ts", _WHEN)])

_UPDATE = """
UPDATE core.address SET
    person = batch.person, shown = batch.shown, name = batch.name, own = batch.own, phone = batch.phone,
    title = batch.title, title_ts = batch.title_ts, push_name = batch.push_name, push_ts = batch.push_ts
FROM batch
WHERE address.id = batch.id
"""


def load(connection: duckdb.DuckDBPyConnection) -> People:
    """Return all people of the database."""
    people = People()
    addresses = select(connection, "SELECT * REPLACE (kind::VARCHAR AS kind) FROM core.address ORDER BY id")
    aliases = select(connection, "SELECT phone, lid, ts FROM core.alias")
    people.restore(
        (_address(*row) for row in zip(*(column.to_pylist() for column in addresses.columns), strict=True)),
        zip(*(column.to_pylist() for column in aliases.columns), strict=True),
    )
    return people


def save(connection: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """Write what changed, within the transaction of the rows that changed it."""
    if changes.new:
        insert(connection, "INSERT INTO core.address SELECT * FROM batch", _arrow(changes.new.values()))
    if changes.changed:
        insert(connection, _UPDATE, _arrow(changes.changed.values()))
    if changes.aliases:
        rows = [(alias.account, alias.phone.id, alias.lid.id, alias.ts) for alias in changes.aliases]
        insert(connection, "INSERT INTO core.alias SELECT * FROM batch", _table(rows, _ALIAS))


def _arrow(addresses: Iterable[Address]) -> pa.Table:
    return _table([_row(address) for address in addresses], _ADDRESS)


def _table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)


def _row(address: Address) -> tuple[object, ...]:
    names = [part for kind in (NameKind.TITLE, NameKind.PUSH) for part in address.names.get(kind, (None, None))]
    shown = (address.shown, address.name, address.own, address.phone)
    return (address.id, address.account, str(address.jid), address.kind, address.person.id, *shown, *names)


def _address(*row: object) -> tuple[Address, int]:
    number, account, jid, kind, person, shown, name, own, phone, title, title_ts, push_name, push_ts = row
    address = Address(id=number, account=account, jid=JID.parse(jid), kind=AddressKind(kind))  # type: ignore[arg-type]
    address.shown, address.name, address.own, address.phone = shown, name, own, phone  # type: ignore[assignment]
    for named, text, ts in ((NameKind.TITLE, title, title_ts), (NameKind.PUSH, push_name, push_ts)):
        if text is not None:
            address.names[named] = (text, ts)  # type: ignore[assignment]
    return address, person  # type: ignore[return-value]
