"""``wakit webhooks …``: events, posted to programs elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.languages import speak, speak_many

if TYPE_CHECKING:
    from wakit.languages import Language
    from wakit.webhook import Webhook

app = typer.Typer(help="Addresses that events are posted to.", no_args_is_help=True, rich_markup_mode=None)

WebhookId = Annotated[str, typer.Argument(metavar="ID", help="As `wakit webhooks list` shows it.")]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="An https:// address; WAKIT_WEBHOOK_HOSTS can allow others.")],
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only events of this account.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only events of this kind; may be given more than once.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="EVENT", help="Begin behind this event; 0 for all [default: new ones].")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Post what happens to an address, and write the secret of its signatures, this once, on standard output."""
    from wakit.model import EventKind

    language = lang()
    if unknown := set(kind or ()) - set(EventKind):
        raise typer.BadParameter(f"{sorted(unknown)[0]!r} is no kind of event. There are {', '.join(EventKind)}.")
    with open_client() as client:
        made = client.add_webhook(url, account=account, kinds=kind or (), after=after)
    if as_json:
        say(json.dumps(made.to_json(), indent=2))
        return
    told = speak(language, "Webhook {id} → {url}. Keep its secret now, it is not shown again:", id=made.id, url=made.url)
    typer.echo(told, err=True)
    say(made.secret)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the webhooks and how they are."""
    language = lang()
    with open_client() as client:
        found = client.webhooks()
    if as_json:
        say(json.dumps([webhook.to_json() for webhook in found], indent=2))
        return
    for webhook in found:
        say(_described(webhook, language))
    if not found:
        say(speak(language, "There are no webhooks. Run: wakit webhooks add URL"))


@app.command()
def remove(webhook: WebhookId) -> None:
    """Post nothing more there."""
    language = lang()
    with open_client() as client:
        client.remove_webhook(webhook)
    say(speak(language, "The webhook {id} is removed.", id=webhook))


@app.command()
def dead(webhook: WebhookId, as_json: JsonOption = False) -> None:
    """List the events that the receiver refused until they were given up on."""
    language = lang()
    with open_client() as client:
        found = client.dead_events(webhook)
    if as_json:
        say(json.dumps([event.to_json() for event in found], indent=2))
        return
    for event in found:
        attempts = speak(language, "attempts: {count}", count=event.attempts)
        say(f"{event.event} · {event.at:%Y-%m-%d %H:%M} UTC · {event.error} · {attempts}")
    if not found:
        say(speak(language, "Nothing was given up on."))


@app.command()
def retry(
    webhook: WebhookId,
    event: Annotated[str | None, typer.Option("--event", metavar="EVENT", help="Only this one [default: all].")] = None,
) -> None:
    """Send events again that were given up on."""
    language = lang()
    with open_client() as client:
        count = client.retry_webhook(webhook, event)
    say(speak_many(language, "{count} event is sent again.", "{count} events are sent again.", count))


def _described(webhook: Webhook, language: Language) -> str:
    if webhook.failing_since is None:
        state = speak(language, "up to date")
    else:
        at = f"{webhook.failing_since:%Y-%m-%d %H:%M} UTC"
        state = speak(language, "failing since {at}: {error}", at=at, error=webhook.error or "")
    facts = (
        webhook.id,
        webhook.url,
        webhook.account or speak(language, "all accounts"),
        ", ".join(webhook.kinds) or speak(language, "everything"),
        state,
        speak(language, "{count} dead", count=webhook.dead) if webhook.dead else "",
    )
    return " · ".join(fact for fact in facts if fact)
