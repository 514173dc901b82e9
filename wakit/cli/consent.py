"""``wakit consent …``: who agreed to which messages, and who wants no more."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import plain, say
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.languages import Language, speak, speak_many

if TYPE_CHECKING:
    from wakit.consent import Consent, ConsentImport

app = typer.Typer(help="Who agreed to which messages, and who wants no more.", no_args_is_help=True, rich_markup_mode=None)

Person = Annotated[str, typer.Argument(metavar="PERSON", help="A phone number in any spelling, or a JID.")]
AccountOption = Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Whom they told it.")]
ChannelOption = Annotated[str, typer.Option("--channel", metavar="CHANNEL", help="How they said it: a form, the counter.")]
EvidenceOption = Annotated[str | None, typer.Option("--evidence", metavar="ID", help="The message that shows it.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When they said it: 2026-10-24, or 2026-10-24T18:00-05:00 [default: now]."),
]


@app.command("list")
def list_(
    person: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="Only of this number or JID.")] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only what this one was told.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="PURPOSE", help="transactional or marketing.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="in|out", help="Only those who agreed, or took it back.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="Most of them.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List what people agreed to and took back, the newest first."""
    from wakit.consent import ConsentState

    language = lang()
    _check_purpose(purpose)
    if state is not None and state not in set(ConsentState):
        raise typer.BadParameter(f"{state!r} is neither {' nor '.join(ConsentState)}.")
    with open_client() as client:
        found = client.consents(person, account=account, purpose=purpose, state=state, limit=limit)
    if as_json:
        _say_json([line.to_json() for line in found])
        return
    for line in found:
        say(_described(line, language))
    if not found:
        say(speak(language, "Nobody agreed to anything or took it back."))


@app.command("in")
def in_(
    person: Person,
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="What for: transactional or marketing.")],
    words: Annotated[str, typer.Option("--text", metavar="TEXT", help="The exact words that they agreed to.")],
    channel: ChannelOption = "terminal",
    evidence: EvidenceOption = None,
    at: AtOption = None,
    account: AccountOption = DEFAULT_ACCOUNT,
    again: Annotated[bool, typer.Option("--again", help="They opted out before and asked for it again themselves.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write down that somebody agreed to messages."""
    language = lang()
    account_id(account)
    _check_purpose(purpose)
    when = _instant(at)
    with open_client() as client:
        line = client.opt_in(
            person, purpose, text=words, channel=channel, evidence=evidence, at=when, account=account, again=again
        )
    if as_json:
        _say_json(line.to_json())
        return
    say(_described(line, language))


@app.command()
def out(
    person: Person,
    purpose: Annotated[str | None, typer.Argument(metavar="[PURPOSE]", help="Of what they want no more [default: all].")] = None,
    words: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Their words.")] = None,
    channel: ChannelOption = "terminal",
    evidence: EvidenceOption = None,
    at: AtOption = None,
    account: AccountOption = DEFAULT_ACCOUNT,
    as_json: JsonOption = False,
) -> None:
    """Write down that somebody wants no more, and cancel what waits for them."""
    language = lang()
    account_id(account)
    _check_purpose(purpose)
    when = _instant(at)
    with open_client() as client:
        lines = client.opt_out(person, purpose, text=words, channel=channel, evidence=evidence, at=when, account=account)
    if as_json:
        _say_json([line.to_json() for line in lines])
        return
    for line in lines:
        say(_described(line, language))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV with the columns phone, purpose and text.")],
    account: Annotated[
        str, typer.Option("--account", metavar="ACCOUNT", help="Whose messages they agreed to.")
    ] = DEFAULT_ACCOUNT,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CC", help="Country of numbers without a code, as in CO.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write down every opt-in of a file, all or none; who opted out stays out."""
    language = lang()
    account_id(account)
    with open_client() as client:
        done = client.import_consents(file, account=account, country=country, dry_run=dry_run)
    if as_json:
        _say_json(done.to_json())
        return
    say(_told(done, language))


def _check_purpose(given: str | None) -> None:
    from wakit.model import Purpose

    if given is not None and given not in set(Purpose):
        raise typer.BadParameter(f"{given!r} is no purpose. There are {', '.join(Purpose)}.")


def _instant(given: str | None) -> datetime | None:
    from wakit.config import settings
    from wakit.instants import instant

    return None if given is None else instant(given, "--at", settings().timezone)


def _say_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=2))


def _described(line: Consent, language: Language) -> str:
    said = speak(language, "agreed") if line.state == "in" else speak(language, "wants no more")
    words = f"“{line.text}”" if line.text else ""
    facts = (f"{line.at:%Y-%m-%d %H:%M} UTC", line.account, line.person, line.purpose, said, words, line.channel, line.by)
    return plain(" · ".join(fact for fact in (*facts, line.evidence) if fact))


def _told(done: ConsentImport, language: Language) -> str:
    if done.dry_run:
        counted = speak_many(language, "{count} line would be new", "{count} lines would be new", done.added)
    else:
        counted = speak_many(language, "{count} line is new", "{count} lines are new", done.added)
    told = counted + " · " + speak(language, "known already: {count}", count=done.unchanged)
    if not done.opted_out:
        return told
    rows = ", ".join(str(row) for row in done.opted_out)
    return told + "\n" + speak(language, "These rows were left out, their persons opted out: {rows}", rows=rows)
