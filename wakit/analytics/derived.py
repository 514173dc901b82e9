"""What a store keeps for the metrics, as expressions over facts: for whoever has only those, and to hold a store to."""

from __future__ import annotations

from ibis.expr.types import Table

from wakit.analytics.conversations import CONVERSATIONS, conversations
from wakit.analytics.facts import KINDS
from wakit.analytics.responses import GAP
from wakit.analytics.tallies import TALLIES, tallies_of
from wakit.analytics.turns import TURNS, turns_of
from wakit.analytics.waits import WAITS, waits_of


def derived(facts: Table) -> dict[str, Table]:
    """Return each table that metrics read beside *facts* by its name, made from them."""
    turns = turns_of(facts)
    return {
        KINDS: facts.drop("sender", "automatic"),
        TALLIES: tallies_of(facts),
        TURNS: turns,
        CONVERSATIONS: conversations(turns, GAP),
        WAITS: waits_of(turns, bots_answer=False).union(waits_of(turns, bots_answer=True)),
    }
