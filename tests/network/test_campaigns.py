"""A campaign from the plan to the answer: through the host, over the network, onto the customers' phones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hosts import until
from network.shop import ANA, BETO, Shop, open_shop

from wakit.client import Client
from wakit.errors import InvalidAudience, InvalidInput, NotNow, PlanChanged
from wakit.model import CampaignState
from wakit.rehearsed import Assumptions

pytestmark = pytest.mark.network

NOBODY, DORA = "+57 312 000 0001", "+57 312 000 0002"
CARLA = "+57 312 999 8877"
OUTCOMES = ("delivered", "read", "replied", "opted_out")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("campaigns")) as found:
        for person in (ANA, BETO):
            found.client.opt_in(person, "marketing", text="Sí, quiero las novedades")
        yield found


def audience() -> pd.DataFrame:
    """Return two who agreed, one of them twice, one who did not, and one without a number."""
    people = [
        (ANA, "Ana", 18_000.0),
        (BETO, "Beto", None),
        (ANA.replace(" ", ""), "Anita", 18_000.0),
        (CARLA, "Carla", 1.0),
        ("12", "x", 1.0),
    ]
    return pd.DataFrame(people, columns=["telefono", "nombre", "precio"])


def test_campaign_reaches_those_who_agreed_once(shop: Shop) -> None:
    """The plan says who and why not; only its confirmed number starts it; the same words do not go out again."""
    campaign = shop.client.campaign("café", audience=audience(), template="Hola {{ nombre }}, {{ precio | default('pregunte') }}")
    plan = campaign.plan()
    assert list(plan.excluded["excluded"]) == ["duplicate", "no-consent", "invalid-number"]
    assert list(plan.excluded["row"]) == [3, 4, 5]
    for confirm in (None, 3):
        with pytest.raises(PlanChanged):
            plan.start(confirm=confirm)
    assert shop.client.pending() == []
    plan.start(confirm=len(plan))
    until(lambda: plan.status().state is CampaignState.DONE, 60)
    got = shop.ana.wait_for(text="Hola Ana, 18000")
    shop.beto.wait_for(text="Hola Beto, pregunte")
    seen = shop.client.campaign_progress(plan.campaign.id)
    assert (sum(seen["states"].values()), seen["waiting"], seen["undecided"]) == (2, [], [])
    sent = [send for send in shop.client.sends() if send.campaign == plan.campaign.id]
    assert got.id in {send.message_id for send in sent}
    again = campaign.plan()
    assert (len(again), list(again.excluded["excluded"])[:2]) == (0, ["already-sent", "already-sent"])
    shop.asked("¿tienen molido?")
    until(lambda: plan.results()["replied"]["count"] == 1, 30)
    shop.asked("BAJA", by=shop.beto)
    until(lambda: plan.results()["opted_out"]["count"] == 1, 30)
    # one is asked of the store and the other of the ledger, and receipts go on coming
    until(lambda: rates_of_report(shop.client, plan.campaign.id) == pytest.approx(rates_of_plan(plan.results())), 30)
    shop.client.opt_in(BETO, "marketing", text="Sí, otra vez", again=True)
    query = "SELECT state FROM campaigns WHERE id = ?"
    until(lambda: shop.client.sql(query, [plan.campaign.id]).to_numpy().tolist() == [["done"]], 30)


def rates_of_report(client: Client, campaign: str) -> list[Any]:
    """Return counts, shares and intervals as the report has them."""
    [row] = client.report.campaigns(campaign).df.to_dict("records")
    parts = ("", "_share", "_low", "_high")
    return [row["sent"], *(row[name + part] for name in OUTCOMES for part in parts)]


def rates_of_plan(results: dict[str, Any]) -> list[Any]:
    """Return the same of the campaign's own results."""
    parts = ("count", "share", "low", "high")
    return [results["sent"]["count"], *(results[name][part] for name in OUTCOMES for part in parts)]


def test_stranger_without_whatsapp_is_left_out(shop: Shop) -> None:
    """WhatsApp is asked before anything is sent; who has it stays in the plan."""
    shop.hosted.network.phone(DORA, name="Dora")
    for person in (NOBODY, DORA):
        shop.client.opt_in(person, "marketing", text="Sí")
    people = pd.DataFrame({"phone": [NOBODY, DORA]})
    plan = shop.client.campaign("nadie", audience=people, template="Hola", purpose="marketing").plan()
    assert [*plan.frame["excluded"].fillna("")] == ["not-on-whatsapp", ""]


def test_query_is_an_audience(shop: Shop) -> None:
    """What the store knows can be written to; without a column of phones nothing is planned."""
    plan = shop.client.campaign("sql", audience="SELECT phone, name FROM contacts", template="Hola {{ name }}").plan()
    assert len(plan.frame) >= 1
    with pytest.raises(InvalidAudience):
        shop.client.campaign("sql", audience="SELECT 1 AS uno", template="Hola").plan()


def test_plan_is_rehearsed_and_nothing_leaves(shop: Shop) -> None:
    """The plan is played through among emulated phones: a timeline comes back, and no row, no message and no event does."""
    plan = shop.client.campaign("ensayo", audience=audience(), template="Hola {{ nombre }}").plan()
    before = len(shop.client.sends())
    rehearsal = plan.rehearse(read=1, phone_off=0)
    assert list(rehearsal.frame["person"]) == list(plan.frame["person"][plan.frame["excluded"].isna()])
    assert rehearsal.frame["read"].notna().all()
    assert rehearsal.assumptions == Assumptions(read=1, phone_off=0)
    assert (len(shop.client.sends()), plan.status().state) == (before, CampaignState.DRAFT)
    with pytest.raises(InvalidInput):
        plan.rehearse(mood=1)
    nobody = shop.client.campaign("ensayo", audience=audience()[3:], template="Hola").plan()
    with pytest.raises(NotNow):
        nobody.rehearse()
