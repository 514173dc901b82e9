"""
The reply network: who answers whom, by what follows what, or by what quotes what.

The two are different questions. In a lively group whoever writes next need not have answered, while a quote names
whom it answers, and few messages have one. So a network says which of both it is.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

#: Name of the table in an expression, and of the view in the store.
QUOTES = "message_quotes"

_COLUMNS = {"account": "string", "chat": "int64", "is_group": "boolean", "sender": "int64", "quoted": "int64", "written": "int64"}


def message_quotes() -> Table:
    """Return the table of messages that quote one: who wrote them, and who is ``quoted``."""
    return ibis.table(_COLUMNS, name=QUOTES)


def quoted_pairs(quotes: Table) -> Table:
    """Return how often ``answerer`` quoted ``sender``, in ``replies``; nobody answers themselves."""
    others = quotes.filter(quotes.sender != quotes.quoted)
    named = others.select(sender=others.quoted, answerer=others.sender)
    return named.group_by("sender", "answerer").aggregate(replies=named.count())


def network(pairs: Table) -> Table:
    """
    Return the edges of a network.

    Args:
        pairs: ``replies`` of ``answerer`` to ``sender``.

    Its columns beside those: ``share``, of all replies that ``answerer`` gives; ``returned``, replies the other way.
    """
    back = pairs.select(sender=pairs.answerer, answerer=pairs.sender, returned=pairs.replies)
    both = pairs.left_join(back, ["sender", "answerer"])
    given = both.replies.sum().over(ibis.window(group_by="answerer"))
    return both.select("sender", "answerer", "replies", share=both.replies / given, returned=both.returned.fill_null(0))
