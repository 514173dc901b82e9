"""``wakit pacing …``: how much accounts may still send by themselves, and what stops them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.ids import DEFAULT_ACCOUNT
from wakit.languages import speak, translate

if TYPE_CHECKING:
    from wakit.pacing import Standing

app = typer.Typer(
    help="How much accounts may still send by themselves, and what stops them.", no_args_is_help=True, rich_markup_mode=None
)

Account = Annotated[str, typer.Argument(metavar="[ACCOUNT]", help="Name of the account in this workspace.")]


@app.command()
def show(account: Account = DEFAULT_ACCOUNT, as_json: JsonOption = False) -> None:
    """Show what an account may still send by itself, and when the next message may leave."""
    with open_client() as client:
        _told(client.pacing(account), as_json)


@app.command()
def pause(
    account: Account = DEFAULT_ACCOUNT,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="For those who find it stopped.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Stop an account: nothing leaves, what is queued waits."""
    with open_client() as client:
        _told(client.pause_sending(account, why), as_json)


@app.command()
def resume(account: Account = DEFAULT_ACCOUNT, as_json: JsonOption = False) -> None:
    """End every stop of an account; find out why it stopped first."""
    with open_client() as client:
        _told(client.resume_sending(account), as_json)


def _told(standing: Standing, as_json: bool) -> None:
    if as_json:
        say(json.dumps(standing.to_json(), ensure_ascii=False, indent=2))
        return
    from wakit.config import settings
    from wakit.pacing import stopped

    language, zone = lang(), ZoneInfo(settings().timezone)
    if standing.stop is not None:
        say(stopped(standing.stop, zone, language))
        if standing.stop.detail:
            say(f"  {standing.stop.detail}")
    say(
        speak(
            language,
            "Automated messages left: {hour} this hour, {day} today, {cold} of them to people who never wrote.",
            hour=standing.left_in_hour,
            day=standing.left_in_day,
            cold=standing.left_cold,
        )
    )
    if standing.why is not None:
        say(speak(language, "Next one: {at}", at=_clock(standing.next_at, zone)) + f" · {translate(language, standing.why)}")


def _clock(time: datetime, zone: ZoneInfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}"
