"""``wakit campaign``: a table in a file is planned, and only its confirmed number is sent."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from wakit.cli import campaigns
from wakit.model import Campaign, CampaignState, Purpose

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
    run("start", "café", "--confirm", "2")
    assert asked.done == [("café", people, "Hola {{ nombre }}", "marketing"), ("c1", 2, "d")]
