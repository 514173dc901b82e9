"""Who begins, who ends and who replies to whom, against answers that were worked out by hand."""

from __future__ import annotations

import pytest
from stored import ANA, GROUP, LUIS, entries, opened, said, table
from worked import SHOP, Tables, Worked

from wakit.analytics.conversations import starters
from wakit.analytics.network import message_quotes, network, quoted_pairs
from wakit.analytics.responses import GAP
from wakit.paths import Workspace

ANNA, BEN, CARO = 1, 2, 3


def quote(sender: int, quoted: int) -> dict[str, object]:
    return {"account": "tienda", "chat": 90, "is_group": True, "sender": sender, "quoted": quoted, "written": 0}


#: Ben quotes Anna twice and Caro twice, Caro quotes Anna once, Anna quotes Ben once and herself once.
QUOTED = [
    *(quote(BEN, ANNA), quote(BEN, CARO), quote(BEN, ANNA), quote(BEN, CARO)),
    *(quote(CARO, ANNA), quote(ANNA, BEN), quote(ANNA, ANNA)),
]


def test_who_begins_and_ends_conversations_is_counted_by_sender() -> None:
    """Of six conversations the shop began one and ended five; customer 10 began two, and 50 both began and ended one."""
    worked = Worked()
    rows = worked.run(starters(worked.turns, GAP)).set_index("sender")
    assert dict(rows.began) == {SHOP: 1, 10: 2, 20: 1, 40: 1, 50: 1}
    assert dict(rows.ended) == {SHOP: 5, 10: 0, 20: 0, 40: 0, 50: 1}
    assert rows.began_share[SHOP] == pytest.approx(1 / 6)
    assert rows.ended_share[SHOP] == pytest.approx(5 / 6)


def test_a_quote_names_whom_it_answers() -> None:
    """Half of Ben's four replies go to each; Anna returned one of two; who quotes herself answers nobody."""
    tables = Tables((message_quotes(), QUOTED))
    edges = tables.run(network(quoted_pairs(message_quotes())))
    found = {(row.sender, row.answerer): (row.replies, row.share, row.returned) for row in edges.itertuples()}
    assert found == {
        (ANNA, BEN): (2, 0.5, 1),
        (CARO, BEN): (2, 0.5, 0),
        (ANNA, CARO): (1, 1.0, 0),
        (BEN, ANNA): (1, 1.0, 2),
    }


def test_the_store_gives_who_wrote_what_is_quoted(workspace: Workspace) -> None:
    """A message that quotes Luis, in a group, and none that quotes nobody."""
    with opened(workspace) as store:
        quoting = said("M2", "sí", chat=GROUP, sender=ANA, target_id="M1", target_sender=LUIS)
        store.drain("default", entries([said("M1", chat=GROUP, sender=LUIS), quoting]))
        found = table(
            store,
            "SELECT one.jid AS answerer, other.jid AS answered, is_group FROM message_quotes AS quotes"
            " JOIN fact_names AS one ON one.key = sender JOIN fact_names AS other ON other.key = quoted",
        )
    assert found == [(ANA, LUIS, True)]
