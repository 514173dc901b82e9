"""``wakit sends …``: what became of outgoing messages, and what a person decides of those that nobody knows of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, LimitOption, StatesOption, lang, open_client, states_of
from wakit.cli.terminal import plain, say
from wakit.languages import Language, speak, translate

if TYPE_CHECKING:
    from wakit.model import Send

app = typer.Typer(help="Outgoing messages: how far they got, and what to do.", no_args_is_help=True, rich_markup_mode=None)

SendId = Annotated[str, typer.Argument(metavar="ID", help="As `wakit sends list` shows it.")]


@app.command("list")
def list_(
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only of this account.")] = None,
    states: StatesOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """List outgoing messages, the newest first, and say what to do with unknown ones."""
    from wakit.model import SendState

    language = lang()
    wanted = states_of(states, SendState)
    with open_client() as client:
        found = client.sends(states=wanted, account=account, limit=limit)
    if as_json:
        say(json.dumps([send.to_json() for send in found], ensure_ascii=False, indent=2))
        return
    for send in found:
        say(_described(send, language))
    if not found:
        say(speak(language, "There are no outgoing messages."))


@app.command()
def arrived(send: SendId) -> None:
    """Say of an unknown message that it arrived: you saw it on a phone."""
    language = lang()
    with open_client() as client:
        client.arrived(send)
    say(speak(language, "The message {id} counts as sent.", id=send))


@app.command()
def again(send: SendId) -> None:
    """Send what failed, was cancelled, or is unknown once more, as a new message."""
    language = lang()
    with open_client() as client:
        new = client.send_again(send)
    say(speak(language, "The message {id} is sent again as {new}.", id=send, new=new.id))


@app.command()
def cancel(send: SendId) -> None:
    """Take a message back that still waits in the queue."""
    language = lang()
    with open_client() as client:
        client.cancel_send(send)
    say(speak(language, "The message {id} is taken back.", id=send))


def _described(send: Send, language: Language) -> str:
    why = translate(language, send.error or send.waiting_for or "")
    facts = (send.id, f"{send.created_at:%Y-%m-%d %H:%M} UTC", send.account, send.to, send.type, send.state, why)
    line = plain(" · ".join(fact for fact in facts if fact))
    if send.state == "queued" and send.not_before is not None:
        waits = speak(language, "not before {at}", at=f"{send.not_before:%Y-%m-%d %H:%M} UTC")
        return f"{line} · {plain(waits)}"
    if send.decided_by is not None:
        decided = speak(language, "decided by {who}, {at}", who=send.decided_by, at=f"{send.decided_at:%Y-%m-%d %H:%M} UTC")
        return f"{line} · {plain(decided)}"
    if send.state == "unknown":
        hint = speak(language, "→ Look at the phone: wakit sends arrived {id}, or wakit sends again {id}", id=send.id)
        return f"{line}\n  {hint}"
    return line
