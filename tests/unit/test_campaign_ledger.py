"""The ledger of campaigns: nothing is queued unconfirmed, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest

from wakit.clock import ManualClock
from wakit.errors import NotNow, PlanChanged, UnknownCampaign
from wakit.model import Campaign, CampaignState, Purpose, SendState
from wakit.outbox import Outbox
from wakit.outbox.campaigns import CANCELLED, CampaignGate, Campaigns, Draft
from wakit.outbox.planning import Audience, Facts, Rules, plan
from wakit.outbox.results import difference, rate
from wakit.outbox.templates import Template
from wakit.store.sqlite import open_database

_BEFORE_ACCOUNTS = (
    *("0001_texts.sql", "0002_any_content.sql", "0003_decisions.sql", "0004_webhooks.sql", "0005_terms.sql"),
    *("0006_schedules.sql", "0007_runs.sql", "0008_consent.sql", "0009_pacing.sql", "0010_campaigns.sql", "0011_told.sql"),
)


class Desk:
    """A ledger over an outbox, as one host has them."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock(datetime(2026, 11, 24, 15, tzinfo=UTC))
        self.outbox = Outbox(path, self.clock)
        self.outbox.guard(CampaignGate())
        self.told: list[Campaign] = []
        self.ledger = Campaigns(self.outbox, self.clock, self.told.append)

    def draft(self, people: int = 10, words: str = "Hola {{ n }}", name: str = "café", account: str = "default") -> Campaign:
        """Keep a plan for so many people."""
        audience = Audience(columns=("telefono", "n"), rows=[(f"+57310{n:07d}", n) for n in range(people)])
        template = Template(words)
        lines = plan(audience, template, Rules(campaign=name), Facts())
        return self.ledger.draft(Draft(name=name, account=account, purpose=Purpose.MARKETING, template=template), lines)

    def started(self, people: int = 10, words: str = "Hola {{ n }}") -> Campaign:
        """Start a plan for so many people."""
        made = self.draft(people, words)
        return self.ledger.start(made.id, confirm=made.recipients, digest=made.digest)

    def recipients(self) -> list[str]:
        """Return who is in the queue."""
        return [send.to for send in self.outbox.pending()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "private" / "outbox.db")
    yield made
    made.outbox.close()


def test_plan_is_queued_only_when_it_is_confirmed(desk: Desk) -> None:
    """Another count or digest starts nothing, and a draft is never queued."""
    made = desk.draft()
    for confirm, digest in ((9, made.digest), (10, "0" * 32)):
        with pytest.raises(PlanChanged):
            desk.ledger.start(made.id, confirm=confirm, digest=digest)
    assert desk.ledger.enqueue(made.id) == []
    assert desk.recipients() == []


def test_queueing_goes_on_where_it_was_cut(desk: Desk, tmp_path: Path) -> None:
    """A host that ends in the middle leaves whole chunks; the next one queues the rest, each person once."""
    made = desk.started()
    assert len(desk.ledger.enqueue(made.id, limit=4)) == 4
    desk.outbox.close()
    again = Desk(tmp_path / "private" / "outbox.db")
    assert [one.id for one in again.ledger.unfinished()] == [made.id]
    while again.ledger.enqueue(made.id, limit=4):
        pass
    assert len(again.recipients()) == len(set(again.recipients())) == 10
    again.outbox.close()


def test_same_words_under_one_name_are_said_once(desk: Desk) -> None:
    """A second plan, made before the first one was queued, skips whoever has the message already."""
    first, second = desk.started(), desk.started(12)
    while desk.ledger.enqueue(first.id):
        pass
    while desk.ledger.enqueue(second.id, limit=5):
        pass
    assert len(desk.recipients()) == len(set(desk.recipients())) == 12
    assert desk.ledger.get(second.id).recipients == 2
    assert len(desk.ledger.already("default", "café", first.template_hash)) == 12


def test_other_words_are_another_message(desk: Desk) -> None:
    """The template is part of what was said."""
    for words in ("Hola {{ n }}", "Adiós {{ n }}"):
        desk.ledger.enqueue(desk.started(3, words).id)
    assert len(desk.recipients()) == 6


def test_paused_campaign_holds_also_what_comes_back(desk: Desk) -> None:
    """Nothing of it leaves, not even a message that was claimed and given back meanwhile; resuming lets all go."""
    made = desk.started(2)
    desk.ledger.enqueue(made.id)
    task = desk.outbox.claim("default").task
    assert task is not None
    desk.ledger.pause(made.id, reason="mal precio")
    desk.outbox.settle(task.send.id, SendState.QUEUED)
    assert desk.outbox.claim("default").task is None
    desk.ledger.resume(made.id)
    assert desk.outbox.claim("default").task is not None


def test_cancelled_campaign_takes_back_what_waits(desk: Desk) -> None:
    """What left stays, the rest never will, and it cannot be resumed."""
    made = desk.started(5)
    desk.ledger.enqueue(made.id)
    desk.outbox.claim("default")
    done = desk.ledger.cancel(made.id)
    (taken,) = desk.ledger.withdrawn(done)
    assert done.campaign.state is CampaignState.CANCELLED
    assert [(send.state, send.error) for send in taken] == [(SendState.CANCELLED, CANCELLED)] * 4
    with pytest.raises(NotNow):
        desk.ledger.resume(made.id)


def test_two_accounts_say_the_same_each_to_its_own(desk: Desk) -> None:
    """The same name and words of another account are another campaign, and each says it once."""
    for account in ("default", "branch", "branch"):
        made = desk.draft(account=account)
        desk.ledger.start(made.id, confirm=10, digest=made.digest)
        desk.ledger.enqueue(made.id)
    accounts = [send.account for send in desk.outbox.pending()]
    assert (accounts.count("default"), accounts.count("branch")) == (10, 10)


def test_what_was_said_stays_said_by_its_account(tmp_path: Path) -> None:
    """A ledger from before accounts were told apart knows whose campaign it was."""
    path = tmp_path / "private" / "outbox.db"
    path.parent.mkdir(mode=0o700)
    folder = resources.files("wakit.outbox")
    db = open_database(path, [folder.joinpath(name).read_text() for name in _BEFORE_ACCOUNTS], synchronous="FULL")
    with db:
        values = {"id": "a", "name": "café", "account": "branch", "purpose": "marketing", "state": "done", "template": "Hola"}
        values |= {"template_hash": "t", "digest": "d"} | dict.fromkeys(("recipients", "excluded", "held_out", "hold_out"), 0)
        values |= {"created_at": 1.0, "updated_at": 1.0}
        marks = ", ".join("?" * len(values))
        db.execute(f"INSERT INTO campaign ({', '.join(values)}) VALUES ({marks})", [*values.values()])
        db.execute("INSERT INTO campaign_said VALUES ('café', 't', 'ana', 1, 's')")
    db.close()
    desk = Desk(path)
    assert desk.ledger.already("branch", "café", "t") == {"ana"}
    assert desk.ledger.already("default", "café", "t") == set()
    desk.outbox.close()


def test_campaign_is_done_with_its_last_message(desk: Desk) -> None:
    """Each change is told, and the outcomes name each person once."""
    made = desk.started(2)
    desk.ledger.enqueue(made.id)
    for number in range(2):
        assert desk.ledger.settle(made.id).state is CampaignState.RUNNING
        task = desk.outbox.claim("default").task
        assert task is not None
        desk.outbox.settle(task.send.id, SendState.SENT, f"M{number}")
    assert desk.ledger.settle(made.id).state is CampaignState.DONE
    assert [one.state for one in desk.told] == [CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.DONE]
    assert [one.state for one in desk.ledger.outcomes(made.id)] == [SendState.SENT] * 2


def test_newest_plan_of_a_name_is_found(desk: Desk) -> None:
    """By its name or its id; others are unknown."""
    desk.draft()
    newest = desk.draft()
    assert desk.ledger.get("café") == desk.ledger.get(newest.id) == newest
    with pytest.raises(UnknownCampaign):
        desk.ledger.get("té")


def test_rates_have_wilsons_interval() -> None:
    """3 of 3 is not certainty, and nothing is claimed of nobody."""
    assert rate(3, 3)["low"] == pytest.approx(0.4385, abs=1e-3)
    assert rate(50, 100)["low"] == pytest.approx(0.4038, abs=1e-3)
    assert rate(0, 0)["share"] is None
    found = difference(rate(56, 70), rate(48, 80))
    assert found is not None
    assert (found["low"], found["high"]) == (pytest.approx(0.0524, abs=1e-3), pytest.approx(0.3339, abs=1e-3))


def test_progress_says_how_far_why_not_and_what_is_undecided(desk: Desk) -> None:
    """Counts are of persons: a message that was sent again stands for the one that nobody knew of."""
    made = desk.started(3)
    desk.ledger.enqueue(made.id)
    task = desk.outbox.claim("default").task
    assert task is not None
    desk.outbox.settle(task.send.id, SendState.UNKNOWN)
    desk.ledger.pause(made.id)
    seen = desk.ledger.progress(made.id)
    assert (seen.campaign.state, dict(seen.states)) == (CampaignState.PAUSED, {SendState.UNKNOWN: 1, SendState.QUEUED: 2})
    assert [(one.reason, one.count, one.until) for one in seen.waiting] == [("The campaign is paused.", 2, None)]
    assert [send.id for send in seen.undecided] == [task.send.id]
    desk.outbox.again(task.send.id, "Luisa")
    seen = desk.ledger.progress(made.id)
    assert (dict(seen.states), list(seen.undecided)) == ({SendState.QUEUED: 3}, [])
    assert {*seen.to_json()} == {"campaign", "states", "waiting", "never", "undecided"}


def test_progress_says_why_messages_never_left(desk: Desk) -> None:
    """Each reason once, with its count: withdrawing a campaign is one for all of it."""
    made = desk.started(3)
    desk.ledger.enqueue(made.id)
    task = desk.outbox.claim("default").task
    assert task is not None
    desk.outbox.settle(task.send.id, SendState.FAILED, error="No such number.")
    desk.ledger.cancel(made.id)
    told = [(one.state, one.count) for one in desk.ledger.progress(made.id).never]
    assert told == [(SendState.CANCELLED, 2), (SendState.FAILED, 1)]
