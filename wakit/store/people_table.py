"""How people are read from and written to their tables."""

from __future__ import annotations

from typing import Any

import duckdb

from wakit.ids import JID
from wakit.store import derived
from wakit.store.engine import append, execute, instant, rows
from wakit.store.people import ME, Address, AddressKind, Changes, NameKind, People

_ADDRESSES = """
SELECT * REPLACE (epoch_us(title_ts) AS title_ts, epoch_us(push_ts) AS push_ts) FROM core.address ORDER BY id
"""
_ALIASES = "SELECT phone, lid, epoch_us(ts) FROM core.alias"
_UPDATE = """
UPDATE core.address SET
    person = new.person, shown = new.shown, name = new.name, own = new.own, phone = new.phone,
    title = new.title, title_ts = new.title_ts, push_name = new.push_name, push_ts = new.push_ts
FROM (
    SELECT
        unnest($id::INTEGER[]) AS id, unnest($person::INTEGER[]) AS person,
        unnest($shown::VARCHAR[]) AS shown, unnest($name::VARCHAR[]) AS name,
        unnest($own::BOOLEAN[]) AS own, unnest($phone::VARCHAR[]) AS phone,
        unnest($title::VARCHAR[]) AS title, unnest($title_ts::TIMESTAMPTZ[]) AS title_ts,
        unnest($push_name::VARCHAR[]) AS push_name, unnest($push_ts::TIMESTAMPTZ[]) AS push_ts
) AS new
WHERE address.id = new.id
"""
_COLUMNS = (
    "id",
    "account",
    "jid",
    "kind",
    "person",
    "shown",
    "name",
    "own",
    "phone",
    "title",
    "title_ts",
    "push_name",
    "push_ts",
)
_FIXED = {"account", "jid", "kind"}


def load(connection: duckdb.DuckDBPyConnection) -> People:
    """Return all people of the database."""
    people = People()
    aliases = ((phone, lid, instant(ts)) for phone, lid, ts in rows(connection, _ALIASES))
    people.restore((_address(*row) for row in rows(connection, _ADDRESSES)), aliases)
    return people


def save(connection: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """Write what changed, within the transaction of the rows that changed it."""
    if changes.new:
        append(connection, "core.address", [_row(address) for address in changes.new.values()])
    if changes.moved:
        derived.move(connection, ((one, changes.changed[one].person.id) for one in sorted(changes.moved)))
    if changes.changed:
        columns = zip(*(_row(address) for address in changes.changed.values()), strict=True)
        values = {name: list(column) for name, column in zip(_COLUMNS, columns, strict=True) if name not in _FIXED}
        execute(connection, _UPDATE, values)
    if changes.aliases:
        append(connection, "core.alias", [(one.account, one.phone.id, one.lid.id, one.ts) for one in changes.aliases])


def _row(address: Address) -> tuple[object, ...]:
    names = [part for kind in (NameKind.TITLE, NameKind.PUSH) for part in address.names.get(kind, (None, None))]
    shown = (address.shown, address.name, address.own, address.phone)
    return (address.id, address.account, str(address.jid), address.kind, address.person.id, *shown, *names)


def _address(*row: Any) -> tuple[Address, int]:
    number, account, jid, kind, person, shown, name, own, phone, title, title_ts, push_name, push_ts = row
    address = Address(id=number, account=account, jid=ME if jid == str(ME) else JID.parse(jid), kind=AddressKind(kind))
    address.shown, address.name, address.own, address.phone = shown, name, own, phone
    for named, text, ts in ((NameKind.TITLE, title, title_ts), (NameKind.PUSH, push_name, push_ts)):
        if text is not None:
            address.names[named] = (text, instant(ts))
    return address, person
