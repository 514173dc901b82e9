"""``wakit media …``: the files of messages, which are here, which are not and why, and fetching them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.exits import exit_of_error
from wakit.cli.terminal import complain, plain, say
from wakit.errors import HostGone, MediaFailed, NotConnected, WakitError
from wakit.ids import account_id
from wakit.languages import Language, speak, speak_many
from wakit.paths import Workspace

if TYPE_CHECKING:
    from wakit.client import Client
    from wakit.model import MediaFile

app = typer.Typer(help="Files of messages: where they are, and fetching them.", no_args_is_help=True, rich_markup_mode=None)

AccountOption = Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only of this account.")]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="Most of them, the newest first.")]

_LIST = """
SELECT account, chat, chat_name, message_id, ts, type, file_name, size, status, reason, path
FROM media
WHERE ($account IS NULL OR account = $account) AND (len($statuses) = 0 OR status::VARCHAR IN (SELECT unnest($statuses)))
ORDER BY ts DESC, message_id
LIMIT $limit
"""


@app.command("list")
def list_(
    account: AccountOption = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", metavar="STATUS", help="Only these; may be given more than once.")
    ] = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """List files, the newest first: where each one is, or why it is not here."""
    from wakit.model import MediaStatus

    language = lang()
    if unknown := set(status or ()) - set(MediaStatus):
        raise typer.BadParameter(f"{sorted(unknown)[0]!r} is no status of a file. There are {', '.join(MediaStatus)}.")
    with open_client() as client:
        found = _files(client, account, status or [], limit)
    folder = Workspace.find().data
    for one in found:
        one["path"] = one["path"] and str(folder / one["path"])
    if as_json:
        say(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    for one in found:
        say(_described(one, language))
    if not found:
        say(speak(language, "There are no files of messages."))


@app.command()
def get(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id, as `wakit media list` shows it.")],
    account: AccountOption = None,
    chat: Annotated[
        str | None, typer.Option("--chat", metavar="NUMBER", help="Its chat, where two have a message with this id.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the file of a message, if it is not here, and write where it is."""
    lang()
    with open_client() as client:
        file = client.media(message, account=account, chat=chat)
    say(json.dumps(file.to_json(), ensure_ascii=False, indent=2) if as_json else file.path)


@app.command()
def missing(account: AccountOption = None, limit: LimitOption = 1_000, as_json: JsonOption = False) -> None:
    """Fetch every file that is not here yet; one that cannot be had is told and the others go on."""
    language = lang()
    fetched: list[MediaFile] = []
    failed: list[dict[str, str]] = []
    with open_client() as client:
        for one in _files(client, account, ["pending"], limit):
            try:
                fetched.append(client.media(one["message_id"], account=one["account"], chat=one["chat"]))
            except (HostGone, NotConnected):
                raise
            except WakitError as exc:
                failed.append({"message_id": one["message_id"], "code": exc.code, "reason": exc.message})
                if not as_json:
                    complain(exc)
    if as_json:
        say(json.dumps({"fetched": [file.to_json() for file in fetched], "failed": failed}, ensure_ascii=False, indent=2))
    else:
        size = sum(file.size for file in fetched)
        say(
            speak_many(
                language, "{count} file fetched, {size}.", "{count} files fetched, {size}.", len(fetched), size=_size(size)
            )
        )
    if failed:
        raise typer.Exit(exit_of_error(MediaFailed()))


def _files(client: Client, account: str | None, statuses: list[str], limit: int) -> list[dict[str, Any]]:
    values = {"account": account and account_id(account), "statuses": statuses, "limit": limit}
    found: list[dict[str, Any]] = client.arrow(_LIST, values).to_pylist()
    return found


def _described(file: dict[str, Any], language: Language) -> str:
    """Return a file as a line, and below it where it is or why it is not here."""
    facts = (
        f"{file['ts']:%Y-%m-%d %H:%M} UTC",
        file["account"],
        plain(file["chat_name"] or file["chat"]),
        file["type"],
        file["message_id"],
        _size(file["size"]) if file["size"] is not None else "",
        file["status"],
    )
    line = " · ".join(fact for fact in facts if fact)
    more = file["path"] or plain(file["reason"] or "")
    if file["status"] == "pending":
        more = speak(language, "→ wakit media get {id}", id=file["message_id"])
    return f"{line}\n  {more}" if more else line


def _size(count: int) -> str:
    """Return a number of bytes as people read it."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"
