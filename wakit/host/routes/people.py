"""People: who has WhatsApp, what they show of themselves, whom the account has blocked, and typing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, model_validator

from wakit.host.routes.bodies import AccountBody, Country
from wakit.host.routes.dependencies import AccountQuery, Host
from wakit.ids import JID, phone_number, recipient

router = APIRouter(prefix="/api", tags=["people"])

#: WhatsApp's own limits.
NAME_LIMIT, ABOUT_LIMIT = 25, 139


class NumbersBody(AccountBody):
    """Which numbers to look up."""

    numbers: Annotated[list[str], Field(min_length=1, max_length=500)]
    country: Country = None


class ProfileBody(AccountBody):
    """What to change of the account's own profile."""

    name: Annotated[str | None, Field(min_length=1, max_length=NAME_LIMIT)] = None
    about: Annotated[str | None, Field(max_length=ABOUT_LIMIT)] = None

    @model_validator(mode="after")
    def _something(self) -> ProfileBody:
        if self.name is None and self.about is None:
            msg = "nothing to change: give a name or an about text"
            raise ValueError(msg)
        return self


class BlockBody(AccountBody):
    """Whom to block or unblock."""

    who: str
    blocked: bool
    country: Country = None


class TypingBody(AccountBody):
    """Where to show "typing…", or to end it."""

    to: str
    on: bool = True
    country: Country = None


@router.post("/numbers")
async def numbers(host: Host, body: NumbersBody) -> list[dict[str, Any]]:
    """Say for each number whether it has WhatsApp."""
    country = body.country or host.settings.country
    phones = [phone_number(number, country=country) for number in body.numbers]
    return [found.to_json() for found in await host.directory(body.account).numbers(phones)]


@router.get("/profile")
async def profile(host: Host, account: AccountQuery, who: str | None = None) -> dict[str, Any]:
    """Return what somebody shows of themselves; without *who*, the account itself."""
    return (await host.directory(account).profile(_who(host, who))).to_json()


@router.post("/profile")
async def set_profile(host: Host, body: ProfileBody) -> dict[str, Any]:
    """Change the account's own name or about text."""
    await host.directory(body.account).set_profile(body.name, body.about)
    return (await host.directory(body.account).profile(None)).to_json()


@router.get("/profile/picture", responses={200: {"content": {"image/jpeg": {}}}, 204: {"description": "There is none for us."}})
async def picture(host: Host, account: AccountQuery, who: str | None = None) -> Response:
    """Return a picture of somebody, of a group or of the account itself."""
    found = await host.directory(account).picture(_who(host, who))
    return Response(found, media_type="image/jpeg") if found else Response(status_code=204)


@router.get("/blocked")
async def blocked(host: Host, account: AccountQuery) -> list[dict[str, Any]]:
    """Return whom the account has blocked."""
    return [one.to_json() for one in await host.directory(account).blocked()]


@router.post("/blocked")
async def block(host: Host, body: BlockBody) -> list[dict[str, Any]]:
    """Block or unblock somebody; returns whom the account has blocked then."""
    who = recipient(body.who, country=body.country or host.settings.country)
    return [one.to_json() for one in await host.directory(body.account).block(who, on=body.blocked)]


@router.post("/typing")
async def typing(host: Host, body: TypingBody) -> dict[str, Any]:
    """Show "typing…" in a chat, or end it."""
    to = recipient(body.to, country=body.country or host.settings.country)
    await host.registry.get(body.account).typing(to, body.on)
    return {"typing": body.on}


def _who(host: Host, who: str | None) -> JID | None:
    return recipient(who, country=host.settings.country) if who else None
