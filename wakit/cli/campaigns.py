"""``wakit campaign …``: one message to many people, from a table in a file; a plan sends nothing before it is confirmed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import plain, say
from wakit.languages import speak
from wakit.rehearsed import Assumptions

if TYPE_CHECKING:
    from wakit.model import Campaign

app = typer.Typer(help="Campaigns: one message to many people.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, or its name for the newest plan.")]


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the campaigns, the newest first."""
    with open_client() as client:
        found = client.campaigns()
    if as_json:
        say(json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        say(_line(one))


@app.command()
def show(campaign: Name) -> None:
    """Show who of its audience gets what, and why the others do not."""
    with open_client() as client:
        found = client.campaign_named(campaign)
        rows = client.campaign_plan(found.id)
    say(_line(found))
    for row in rows.itertuples():
        facts = (row.row, row.person, row.name, row.excluded or row.text, row.detail)
        say(plain(" · ".join(str(fact) for fact in facts if isinstance(fact, str | int))))


@app.command()
def plan(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Under one name, nobody is told the same twice.")],
    audience: Annotated[Path, typer.Argument(metavar="FILE", exists=True, help="A CSV file with a column of phones.")],
    template: Annotated[str, typer.Argument(metavar="TEXT", help="With {{ column }} where a value of each row belongs.")],
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Who sends.")] = "default",
    purpose: Annotated[str, typer.Option("--purpose", metavar="PURPOSE", help="marketing or transactional.")] = "marketing",
) -> None:
    """Plan a campaign; nothing is sent."""
    language = lang()
    with open_client() as client:
        made = client.plan_campaign(name, audience, template, account=account, purpose=purpose)
    say(_line(made))
    say(
        speak(
            language,
            "Nothing was sent. To send it: wakit campaign start {id} --confirm {count}",
            id=made.id,
            count=made.recipients,
        )
    )


@app.command()
def rehearse(
    campaign: Name,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another number draws other people.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Play a plan through among emulated phones: how long it takes, and what comes back. Nothing is sent."""
    with open_client() as client:
        found = client.rehearse_campaign(campaign, assumptions=Assumptions(seed=seed))
    if as_json:
        say(json.dumps(found.told, ensure_ascii=False, indent=2))
        return
    for line in str(found).splitlines():
        say(plain(line))


@app.command()
def start(
    campaign: Name, confirm: Annotated[int, typer.Option("--confirm", metavar="N", help="Its number of recipients.")]
) -> None:
    """Send a plan that was looked at."""
    with open_client() as client:
        found = client.campaign_named(campaign)
        say(_line(client.start_campaign(found.id, confirm=confirm, digest=found.digest)))


@app.command()
def pause(campaign: Name) -> None:
    """Let nothing more of it leave until it is resumed."""
    with open_client() as client:
        say(_line(client.pause_campaign(campaign)))


@app.command()
def resume(campaign: Name) -> None:
    """Let it go on."""
    with open_client() as client:
        say(_line(client.resume_campaign(campaign)))


@app.command()
def cancel(campaign: Name) -> None:
    """End it: what has not left never will."""
    with open_client() as client:
        say(_line(client.cancel_campaign(campaign)))


@app.command()
def results(campaign: Name) -> None:
    """Show what came of it, as JSON."""
    with open_client() as client:
        say(json.dumps(client.campaign_results(campaign), ensure_ascii=False, indent=2))


def _line(campaign: Campaign) -> str:
    counts = f"{campaign.queued}/{campaign.recipients} (-{campaign.excluded})"
    return plain(" · ".join((campaign.id, f"{campaign.created_at:%Y-%m-%d %H:%M} UTC", campaign.name, campaign.state, counts)))
