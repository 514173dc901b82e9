"""``wakit token …``: what programs need to come in over TCP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.languages import mark, speak

if TYPE_CHECKING:
    from wakit.access import Token
    from wakit.languages import Language

_MADE = mark("Token {name} ({scopes}, {rate}, {until}). Copy it now, it is not shown again:")
_LISTED = mark("{name} · {scopes} · {rate} · {until}")

app = typer.Typer(help="Tokens for programs that come over TCP.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="What to call it: a-z, 0-9, _ and -.")]


@app.command()
def create(
    name: Name,
    scope: Annotated[
        list[str], typer.Option("--scope", metavar="read|send|admin", help="What it may do; may be given more than once.")
    ] = ["read"],  # noqa: B006 - typer copies it
    days: Annotated[float | None, typer.Option("--days", min=0, help="Days until it expires [default: never].")] = None,
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="N/PERIOD", help="How much it may ask [default: WAKIT_RATE_LIMIT].")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token and write it, this once, on standard output."""
    from wakit.access import Scope

    language = lang()
    if unknown := set(scope) - set(Scope):
        raise typer.BadParameter(f"{sorted(unknown)[0]!r} is no scope. There are read, send and admin.")
    with open_client() as client:
        made = client.create_token(name, scope, days=days, rate=rate)
    if as_json:
        say(json.dumps(made.to_json(), indent=2))
        return
    typer.echo(_described(_MADE, made, language), err=True)
    say(made.secret)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """List the tokens, without their secrets."""
    language = lang()
    with open_client() as client:
        found = client.tokens()
    if as_json:
        say(json.dumps([token.to_json() for token in found], indent=2))
        return
    for token in found:
        say(_described(_LISTED, token, language))
    if not found:
        say(speak(language, "There are no tokens. Run: wakit token create NAME"))


@app.command()
def revoke(name: Name) -> None:
    """Make a token worthless, at once; streams that it opened end."""
    language = lang()
    with open_client() as client:
        client.revoke_token(name)
    say(speak(language, "The token {name} is worthless now.", name=name))


def _described(message: str, token: Token, language: Language) -> str:
    return speak(
        language, message, name=token.name, scopes=", ".join(token.scopes), rate=token.rate, until=_until(token, language)
    )


def _until(token: Token, language: Language) -> str:
    if token.expires_at is None:
        return speak(language, "does not expire")
    at = f"{token.expires_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at <= datetime.now(UTC):
        return speak(language, "expired {at}", at=at)
    return speak(language, "until {at}", at=at)
