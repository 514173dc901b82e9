"""What most commands begin with: the language, the workspace's client, how a session is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wakit.cli.texts import text
from wakit.errors import InvalidInput
from wakit.ids import Phone
from wakit.languages import Language, language
from wakit.model import SessionStatus
from wakit.sentences import emulated, sentence, words

if TYPE_CHECKING:
    from wakit.client import Client

NetworkOption = Annotated[
    Path | None,
    typer.Option(
        "--network", metavar="FILE", help="Descriptor of an emulated network [default: WAKIT_NETWORK, else WhatsApp itself]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
StatesOption = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Only in this state; may be given more than once.")
]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="Most of them.")]
NotifyOption = Annotated[
    list[str] | None,
    typer.Option("--notify", metavar="WHOM", help="Tell of a failure: chat:NUMBER, https://ADDRESS, command:PROGRAM."),
]
ParameterOption = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A value; may be given more than once.")
]

#: Codes that own the account while they are valid; they are drawn, never printed as data.
_SECRETS = {"qr", "pairing_code"}


def parameters_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return what stands behind each ``-p``, by its name."""
    values: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or name in values:
            raise typer.BadParameter(f"{one[:64]!r} is not NAME=VALUE, or the name is there twice.")
        values[name] = value
    return values


def states_of(given: Sequence[str] | None, known: Iterable[str]) -> Sequence[str]:
    """Return what stands behind each ``--state``; all of them are *known*."""
    if unknown := sorted(set(given or ()) - set(known)):
        raise typer.BadParameter(f"{unknown[0]!r} is no state. There are {', '.join(known)}.")
    return given or ()


def lang() -> Language:
    """
    Return the language to speak.

    Raises:
        InvalidInput: A ``WAKIT_…`` variable has a value that cannot be used.
    """
    from pydantic import ValidationError

    from wakit.config import settings

    try:
        return language(settings().lang)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = f"WAKIT_{str(first['loc'][0]).upper()}"
        msg = f"{name}={first['input']!r} cannot be used: {first['msg']}. Correct or unset the variable."
        raise InvalidInput(msg, variable=name) from exc


def open_client(*, start: bool = True) -> Client:
    """Return a client of this folder's workspace; without a host, start one or raise ``HostGone``."""
    from wakit.client import connect

    return connect(start=start)


def pretty_phone(e164: str | None) -> str:
    """Return a number as people read it, or a dash."""
    return Phone(e164).pretty if e164 else "—"


def network_name(network: str, language: Language) -> str:
    """Return what to call a network: WhatsApp, or that it is emulated."""
    return emulated(language) if network.startswith("emulated:") else text("real_network", language)


def public_json(status: SessionStatus) -> dict[str, Any]:
    """Return a session as JSON values without its codes."""
    return {name: value for name, value in status.to_json().items() if name not in _SECRETS}


def told(status: SessionStatus, language: Language) -> str:
    """Return icon, sentence and next step of a session in one text."""
    said = words(status.state, language)
    parts = [f"{said.icon} {sentence(status, datetime.now(UTC), language)}"]
    if said.next_step:
        parts.append(f"→ {said.next_step}")
    return " ".join(parts)
