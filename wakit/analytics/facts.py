"""
What the metrics read: one narrow row for each message.

A fact has no text and no names, so a report never carries what somebody wrote, and
a column store reads a tenth of what it would read of ``messages``. The expressions
are written over an unbound table with this schema. Who runs them says what is
behind it: the host's view ``message_facts`` (whose chats and senders are numbers,
three times faster to group by than addresses), or Parquet files of many hosts.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

#: Name of the table in an expression, and of the view in the store.
FACTS = "message_facts"
#: Name of the same without who wrote it, which costs a tenth.
KINDS = "message_kinds"
#: Name of the table that says what the numbers in it stand for.
NAMES = "fact_names"

_COLUMNS = {
    "account": "string",
    "chat": "int64",
    "sender": "int64",
    "written": "int64",
    "from_me": "boolean",
    "type": "string",
    "is_group": "boolean",
    "automatic": "boolean",
}


def facts() -> Table:
    """
    Return the table that metrics are expressions over.

    Its columns: ``account``; ``chat`` and ``sender``, persons rather than addresses;
    ``written``, whole seconds since 1970 in UTC, which is what WhatsApp's servers stamp;
    ``from_me``; ``type``; ``is_group``; ``automatic``, sent by wakit itself rather
    than by a person.
    """
    return ibis.table(_COLUMNS, name=FACTS)


def kinds() -> Table:
    """Return the table of facts without ``sender`` and ``automatic``, for figures that only count."""
    columns = {name: kind for name, kind in _COLUMNS.items() if name not in {"sender", "automatic"}}
    return ibis.table(columns, name=KINDS)


def names() -> Table:
    """Return the table of what ``chat`` and ``sender`` stand for: ``key``, ``account``, ``jid`` and ``name``."""
    return ibis.table({"key": "int64", "account": "string", "jid": "string", "name": "string"}, name=NAMES)
