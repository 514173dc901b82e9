"""Campaign results against answers that were worked out by hand, and what the store gives for them."""

from __future__ import annotations

import pytest
from stored import ANA, LUIS, START, at, entries, opened, table
from worked import Line, Tables, seconds

from wakit.analytics.campaigns import campaign_messages, campaigns, opt_outs, outcomes, results
from wakit.analytics.facts import facts
from wakit.consent import Consent, ConsentState
from wakit.model import Purpose, Send, SendState
from wakit.paths import Workspace

DAY = 86_400
TEN = seconds("2026-11-03 10:00:00")


def message(chat: int, state: str, left_at: int | None = TEN, campaign: str = "c1") -> dict[str, object]:
    row = {"account": "tienda", "campaign": campaign, "id": f"{campaign}-{chat}", "chat": chat, "is_group": False}
    return {**row, "state": state, "left_at": left_at}


#: Five were planned: four left, of which three arrived and two were read; one waits still. Of another campaign none left.
MESSAGES = [
    *(message(10, "read"), message(20, "read"), message(30, "delivered"), message(40, "sent"), message(50, "queued", None)),
    message(10, "cancelled", None, campaign="c2"),
]
#: 10 wrote before, and ten minutes and an hour after; 20 after half an hour; 30 after eight days; 50 got nothing.
WRITTEN = [
    Line(10, "customer", "2026-11-03 09:00:00"),
    Line(10, "customer", "2026-11-03 10:10:00"),
    Line(10, "customer", "2026-11-03 11:00:00"),
    Line(20, "customer", "2026-11-03 10:30:00"),
    Line(30, "customer", "2026-11-11 10:00:00"),
    Line(40, "shop", "2026-11-03 10:30:00"),
    Line(50, "customer", "2026-11-03 10:30:00"),
]
#: 20 was out before, which is not the campaign's; 30 two days after.
OUT = [{"account": "tienda", "chat": 20, "said": TEN - 60}, {"account": "tienda", "chat": 30, "said": TEN + 2 * DAY}]
NAMES = [{"account": "tienda", "id": "c1", "name": "café"}, {"account": "tienda", "id": "c2", "name": "té"}]


@pytest.fixture(scope="module")
def tables() -> Tables:
    lines = (facts(), [line.row for line in WRITTEN])
    return Tables((campaign_messages(), MESSAGES), lines, (opt_outs(), OUT), (campaigns(), NAMES))


def test_shares_are_of_what_left(tables: Tables) -> None:
    """3 of 4 delivered, 2 of 4 read, 2 of 4 replied after 10 and 30 minutes, 1 of 4 opted out; of another none left."""
    found = results(outcomes(campaign_messages(), facts(), opt_outs(), window=7 * DAY), campaigns())
    rows = tables.run(found).set_index("campaign")
    cafe = rows.loc["café"]
    assert (cafe.messages, cafe.sent, cafe.delivered, cafe.read, cafe.replied, cafe.opted_out) == (5, 4, 3, 2, 2, 1)
    assert (cafe.delivered_share, cafe.replied_share, cafe.opted_out_share) == (0.75, 0.5, 0.25)
    assert (cafe.reply_p50, cafe.started) == (20 * 60, TEN)
    none = rows.loc["té"]
    assert (none.messages, none.sent) == (1, 0)
    assert none.isna()[["delivered_share", "replied_low", "reply_p50", "started"]].all()


def test_a_longer_window_has_later_replies(tables: Tables) -> None:
    """With ten days the one of the eighth counts as well."""
    found = results(outcomes(campaign_messages(), facts(), opt_outs(), window=10 * DAY), campaigns())
    assert list(tables.run(found).set_index("campaign").replied) == [3, 0]


def test_the_interval_is_wilsons(tables: Tables) -> None:
    """Of 2 of 4 it is 15 to 85 %, as the tables have it; of 3 of 4, 30.1 to 95.4 %."""
    found = results(outcomes(campaign_messages(), facts(), opt_outs(), window=7 * DAY), campaigns())
    cafe = tables.run(found).set_index("campaign").loc["café"]
    assert (cafe.read_low, cafe.read_high) == pytest.approx((0.1500, 0.8500), abs=5e-5)
    assert (cafe.delivered_low, cafe.delivered_high) == pytest.approx((0.3006, 0.9544), abs=5e-5)


def test_the_store_gives_when_a_message_of_a_campaign_left(workspace: Workspace) -> None:
    """The first instant at which WhatsApp had it, however far it got later; and who took back what."""
    send = Send(id="s1", account="default", to=ANA, state=SendState.QUEUED, created_at=START, updated_at=START, campaign="c1")
    states = [(SendState.SENDING, 1), (SendState.SENT, 2.5), (SendState.READ, 9)]
    out = Consent(
        id="k1",
        account="default",
        person=LUIS,
        purpose=Purpose.MARKETING,
        state=ConsentState.OUT,
        at=at(5),
        recorded_at=at(5),
        channel="message",
        by="wakit",
    )
    with opened(workspace) as store:
        records = [
            send,
            *(send.with_(state=state, updated_at=at(after)) for state, after in states),
            send.with_(id="s2", campaign=None),
        ]
        store.drain("default", entries([*records, out, out.with_(id="k2", state=ConsentState.IN)]))
        messages = table(
            store, "SELECT campaign, id, state, left_at - epoch(?::TIMESTAMPTZ)::BIGINT FROM campaign_messages", [START]
        )
        outs = table(
            store, "SELECT jid, said - epoch(?::TIMESTAMPTZ)::BIGINT FROM opt_outs JOIN fact_names ON key = chat", [START]
        )
    assert messages == [("c1", "s1", "read", 2)]
    assert outs == [(LUIS, 5)]
