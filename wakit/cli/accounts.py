"""``wakit status``, ``wakit send`` and ``wakit logout``: what is done with linked accounts."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

import typer

from wakit.cli.common import JsonOption, lang, network_name, open_client, pretty_phone, public_json, told
from wakit.cli.exits import Exit, exit_of_send, exit_of_state
from wakit.cli.terminal import say
from wakit.cli.texts import text
from wakit.errors import HostGone, InteractionRequired, SendFailed, SendUnknown, UnknownAccount
from wakit.filekinds import FILE_KINDS, FileKind
from wakit.ids import account_id
from wakit.languages import Language, speak, translate
from wakit.model import SendState, SessionState, SessionStatus
from wakit.pacing import Stop, stopped
from wakit.schedule import first_due
from wakit.sentences import past

Account = Annotated[str, typer.Argument(help="Name of the account in this workspace.")]

_TICKS = {
    SendState.SENT: "✓",
    SendState.DELIVERED: "✓✓",
    SendState.READ: "✓✓",
    SendState.QUEUED: "◷",
    SendState.SENDING: "◷",
}


def status(
    account: Annotated[str | None, typer.Argument(help="Only this account; the exit code then tells its state.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how the accounts are. Starts nothing."""
    language = lang()
    if account is not None:
        account_id(account)
    running, sessions, coming, stops = _known()
    if account is not None:
        sessions = [session for session in sessions if session.account == account]
        if not sessions:
            msg = f"There is no account {account!r} in this workspace. Run: wakit login {account}"
            raise UnknownAccount(msg, account=account)
    if as_json:
        shown = [public_json(session) for session in sessions]
        say(json.dumps(shown[0] if account is not None else shown, ensure_ascii=False, indent=2))
    else:
        for session in sessions:
            say(_described(session, stops.get(session.account), language))
        if not sessions:
            say(text("no_accounts", language))
        if coming is not None and account is None:
            from wakit.config import settings

            name, due = coming
            at = f"{due.astimezone(ZoneInfo(settings().timezone)):%Y-%m-%d %H:%M}"
            say(speak(language, "Next run: {name}, {at}", name=name, at=at))
        if not running:
            say(text("no_host", language))
    raise typer.Exit(exit_of_state(sessions[0].state) if account is not None else Exit.OK)


def send(
    account: Account,
    to: Annotated[str, typer.Argument(help="Phone number with country code, or a JID.")],
    message: Annotated[str, typer.Argument(metavar="[TEXT]", help="What to say; with --file, the words below it.")] = "",
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Send this file.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=f"As what: {', '.join(FILE_KINDS)}.")] = None,
    reply_to: Annotated[str | None, typer.Option(metavar="ID", help="Message that it answers.")] = None,
    purpose: Annotated[
        str | None, typer.Option(metavar="PURPOSE", help="What an automated message is for: transactional, marketing.")
    ] = None,
    priority: Annotated[int, typer.Option(metavar="N", help="Higher ones leave first.")] = 0,
    not_before: Annotated[
        str | None, typer.Option(metavar="TIME", help="Wait until then: 18:00 of today, or 2026-10-24T18:00-05:00.")
    ] = None,
    not_after: Annotated[str | None, typer.Option(metavar="TIME", help="Cancel it if it has not left by then.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until WhatsApp has the message.")] = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Send one text or file."""
    language = lang()
    account_id(account)
    more: dict[str, Any] = {"reply_to": reply_to, "account": account, "wait": wait}
    more |= {"purpose": purpose, "priority": priority, "not_before": not_before, "not_after": not_after}
    with open_client() as client:
        if file is not None:
            sent = client.send_file(to, file, kind=cast("FileKind | None", kind), caption=message, **more)
        else:
            sent = client.send(to, message, **more)
    if as_json:
        say(json.dumps(sent.to_json(), ensure_ascii=False, indent=2))
        raise typer.Exit(exit_of_send(sent.state))
    if sent.state in {SendState.FAILED, SendState.CANCELLED}:
        why = translate(language, sent.error or "") or sent.state
        raise SendFailed(f"The message was not sent: {why.rstrip('.')}.", send=sent.id)
    if sent.state is SendState.UNKNOWN:
        raise SendUnknown(None, send=sent.id)
    say(text("send", language, icon=_TICKS[sent.state], state=sent.state, id=sent.message_id or sent.id))
    if sent.state is SendState.QUEUED and sent.not_before is not None:
        say(text("send_later", language, at=_local(sent.not_before), why=translate(language, sent.waiting_for or "")).rstrip())
    elif sent.state in {SendState.QUEUED, SendState.SENDING}:
        say(text("send_queued", language))
    raise typer.Exit(exit_of_send(sent.state))


def _local(instant: datetime) -> str:
    """Return an instant as the clocks of the account show it."""
    from wakit.config import settings

    return f"{instant.astimezone(ZoneInfo(settings().timezone)):%Y-%m-%d %H:%M}"


def logout(
    account: Account,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Remove the session here even if the phone cannot be told.")] = False,
) -> None:
    """Unlink an account from its phone. Its session is removed, stored messages stay."""
    language = lang()
    account_id(account)
    with open_client() as client:
        session = client.status(account)
        question = text("logout_question", language, account=account, phone=pretty_phone(session.phone))
        if not yes and not _confirmed(question, account):
            say(text("logout_kept", language))
            raise typer.Exit(Exit.ERROR)
        client.logout(account, force=force)
    say(text("logged_out", language))


def _confirmed(question: str, account: str) -> bool:
    if not sys.stdin.isatty():
        msg = f"Nobody can answer here. To log out without a question run: wakit logout {account} --yes"
        raise InteractionRequired(msg, account=account)
    return typer.confirm(question)


def _known() -> tuple[bool, list[SessionStatus], tuple[str, datetime] | None, dict[str, Stop]]:
    """Return whether a host runs, its sessions or what is on the disk, what it runs next, and what stops accounts."""
    try:
        with open_client(start=False) as client:
            sessions = client.sessions()
            standings = [client.pacing(session.account) for session in sessions]
            stops = {one.account: one.stop for one in standings if one.stop is not None}
            return True, sessions, first_due(client.schedules()), stops
    except HostGone:
        return False, _stored(), None, {}


def _stored() -> list[SessionStatus]:
    """Return what the account files say; without a host nobody is connected."""
    from wakit.paths import Workspace
    from wakit.session.account_file import AccountFile

    workspace = Workspace.find()
    known = [AccountFile.load(workspace, account) for account in workspace.accounts()]
    return [
        SessionStatus(
            account=file.account,
            state=SessionState.STOPPED,
            since=datetime.now(UTC),
            network=file.network,
            phone=file.phone,
            push_name=file.push_name,
            device=file.device,
        )
        for file in known
        if file is not None
    ]


def _described(session: SessionStatus, stop: Stop | None, language: Language) -> str:
    from wakit.config import settings

    facts = (
        session.account,
        pretty_phone(session.phone),
        session.push_name,
        network_name(session.network, language),
    )
    held = "" if stop is None else stopped(stop, ZoneInfo(settings().timezone), language)
    lines = (" · ".join(fact for fact in facts if fact), told(session, language), past(session, language), held)
    return "\n  ".join(line for line in lines if line)
