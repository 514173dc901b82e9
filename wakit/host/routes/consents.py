"""Consents: who agreed to which messages, and who wants no more."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from wakit.consent import ConsentState
from wakit.errors import InvalidInput
from wakit.host.routes.bodies import AccountBody, Country
from wakit.host.routes.dependencies import AccountFilter, Asker, Host
from wakit.ids import recipient
from wakit.model import Purpose
from wakit.outbox.consent import EVERYTHING, Statement

router = APIRouter(prefix="/api/consents", tags=["consents"])


class ConsentBody(AccountBody):
    """Who says something, and how."""

    person: str = Field(min_length=1, max_length=128, description="A phone number in any spelling, or the JID of a person.")
    country: Country = None
    channel: str = Field("api", min_length=1, max_length=100, description="How they said it: a form, the counter, a call.")
    at: AwareDatetime | None = Field(None, description="When they said it; unset means now.")
    evidence: str | None = Field(None, min_length=1, max_length=128, description="Id of the message that shows it.")
    by: str | None = Field(None, min_length=1, max_length=100, description="Who writes it down; unset means the token's name.")

    def statement(self, text: str | None, asker: str) -> Statement:
        """Return how they said it."""
        at: datetime | None = self.at
        return Statement(channel=self.channel, by=self.by or asker, text=text, at=at, evidence=self.evidence)


class OptInBody(ConsentBody):
    """What somebody agreed to."""

    purpose: Purpose
    text: str = Field(min_length=1, max_length=4096, description="The exact words that they agreed to.")
    again: bool = Field(False, description="They opted out before and want back: they said so themselves.")


class OptOutBody(ConsentBody):
    """What somebody wants no more."""

    purpose: Purpose | None = Field(None, description="Unset means all of it.")
    text: str | None = Field(None, min_length=1, max_length=4096, description="Their words.")


class ConsentFileBody(AccountBody):
    """Which file to import."""

    path: Path = Field(description="Absolute path of the CSV on the machine of the host.")
    country: Country = None
    by: str | None = Field(None, min_length=1, max_length=100, description="Who imports it; unset means the token's name.")
    dry_run: bool = Field(False, description="Only say what would be done.")


@router.get("")
def consents(
    host: Host,
    account: AccountFilter,
    person: Annotated[str | None, Query(max_length=128)] = None,
    purpose: Purpose | None = None,
    state: ConsentState | None = None,
    before: Annotated[str | None, Query(max_length=64, description="Id of a line; older ones follow.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> list[dict[str, Any]]:
    """Return the lines of the ledger, newest first."""
    address = None if person is None else str(recipient(person, country=host.settings.country))
    found = host.consents.lines(account=account, address=address, purpose=purpose, state=state, before=before, limit=limit)
    return [line.to_json() for line in found]


@router.post("/opt-in", status_code=201)
async def opt_in(host: Host, body: OptInBody, asker: Asker) -> dict[str, Any]:
    """Write down that somebody agreed to messages for a purpose."""
    address, said = _address(host, body), body.statement(body.text, asker)
    line = await asyncio.to_thread(host.consents.opt_in, host.known(body.account), address, body.purpose, said, again=body.again)
    host.lines.changed()
    return line.to_json()


@router.post("/opt-out", status_code=201)
async def opt_out(host: Host, body: OptOutBody, asker: Asker) -> list[dict[str, Any]]:
    """Write down that somebody wants no more, and cancel what is queued for them."""
    address, said = _address(host, body), body.statement(body.text, asker)
    purposes = EVERYTHING if body.purpose is None else (body.purpose,)
    revoked = await asyncio.to_thread(host.consents.opt_out, host.known(body.account), address, purposes, said)
    for send in revoked.cancelled:
        host.sender.anew(send)
    host.lines.changed()
    return [line.to_json() for line in revoked.lines]


@router.post("/import", status_code=201)
async def import_(host: Host, body: ConsentFileBody, asker: Asker) -> dict[str, Any]:
    """Write down every opt-in of a CSV file, all or none; who opted out stays out."""
    if not body.path.is_absolute():
        raise InvalidInput(f"{str(body.path)!r} is no absolute path. The host does not know your folder.", path=str(body.path))
    country = body.country or host.settings.country
    done = await host.import_consents(body.path, host.known(body.account), body.by or asker, country, dry_run=body.dry_run)
    return done.to_json()


def _address(host: Host, body: ConsentBody) -> str:
    return str(recipient(body.person, country=body.country or host.settings.country))
