"""``wakit campaign``: a table in a file is planned, and only its confirmed number is sent."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from wakit.cli import campaigns
from wakit.client.rehearsal import Rehearsal
from wakit.model import Campaign, CampaignState, Purpose
from wakit.rehearsed import Assumptions

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
CAFE = Campaign(
    id="c1",
    name="café",
    account="default",
    purpose=Purpose.MARKETING,
    state=CampaignState.DRAFT,
    recipients=2,
    digest="d",
    template_hash="t",
    created_at=NOW,
    updated_at=NOW,
)


class Asked:
    """A client that notes what it is asked."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def plan_campaign(self, name: str, people: Path, template: str, **more: Any) -> Campaign:
        self.done.append((name, people, template, more["purpose"]))
        return CAFE

    def campaign_named(self, key: str) -> Campaign:
        return CAFE.with_(name=key)

    def rehearse_campaign(self, key: str, *, assumptions: Assumptions) -> Rehearsal:
        person = {"person": "a", "planned": None, "sent": "2026-11-24T21:00:00+00:00", "opted_out": False, "why": None}
        person |= dict.fromkeys(("delivered", "read", "answered"))
        hour = {"hour": "2026-11-24T21:00:00+00:00", "sent": 1, "left_in_day": 299, "waits_for": None}
        told = {"name": key, "recipients": 1, "timezone": "America/Bogota", "stopped": None, "people": [person], "hours": [hour]}
        return Rehearsal({**told, "assumptions": assumptions.to_json()}, "en")

    def start_campaign(self, key: str, *, confirm: int, digest: str) -> Campaign:
        self.done.append((key, confirm, digest))
        return CAFE


def run(*words: str) -> str:
    """Return what a command says, which must go well."""
    done = CliRunner().invoke(campaigns.app, words)
    assert done.exit_code == 0, done.output
    return done.output


def test_file_is_planned_and_its_number_confirmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of a file says how to send it, and starting it names the plan that was seen."""
    asked = Asked()
    monkeypatch.setattr(campaigns, "open_client", lambda: nullcontext(asked))
    monkeypatch.setattr(campaigns, "lang", lambda: "en")
    people = tmp_path / "people.csv"
    people.write_text("telefono,nombre\n")
    assert "wakit campaign start c1 --confirm 2" in run("plan", "café", str(people), "Hola {{ nombre }}")
    assert "Rehearsal of café: 1 people. Nothing was sent." in run("rehearse", "café", "--seed", "7")
    assert json.loads(run("rehearse", "café", "--json"))["assumptions"]["seed"] == 1
    run("start", "café", "--confirm", "2")
    assert asked.done == [("café", people, "Hola {{ nombre }}", "marketing"), ("c1", 2, "d")]
