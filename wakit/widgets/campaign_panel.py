"""
The campaign panel in a cell: who gets what, who is left out and why, the typed confirmation, and how far it is.

What is confirmed here is what the host planned: the panel hands on the number that somebody typed and the digest
of the plan that was shown, and the host refuses every other one. How far a campaign is comes from the ledger whenever
an event tells that something changed, so a page that is loaded again, a kernel that is new and a host that was
restarted all show the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from wakit.client import Client
from wakit.client.campaigns import CampaignOutline, Plan
from wakit.client.pages import TimelinePage
from wakit.client.rehearsal import Rehearsal
from wakit.clock import Clock, SystemClock
from wakit.errors import (
    HostError,
    InvalidAudience,
    InvalidInput,
    InvalidTemplate,
    NotNow,
    SessionError,
    WakitError,
)
from wakit.ids import account_id
from wakit.languages import Language, language, mark, translate
from wakit.model import Campaign, CampaignState, Event, EventKind, SessionState, SessionStatus
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.campaign_card import ENDED, Shown, card
from wakit.widgets.campaign_words import campaign_texts
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.live import FIELD, Live
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.planned import EVERYBODY, Planned
from wakit.widgets.words import error_text

if TYPE_CHECKING:
    import pandas as pd

#: What happens that may change what is seen.
KINDS = (EventKind.SEND, EventKind.CAMPAIGN, EventKind.STATE)
#: Seconds between two looks while nothing is told, and at least between two while much is.
LOOK, PAUSE = 5.0, 0.3
#: Seconds between two questions for the rates, which ask the store.
MEASURE = 10.0
#: Campaigns that are offered.
LISTED = 50
#: Most characters that a view may send.
_TEMPLATE = 65536
#: A number, with the signs that people write between thousands.
_NUMBER = re.compile(r"[0-9]{1,3}(?:[\s.,'’][0-9]{3})+|[0-9]{1,9}")
_OFFLINE = mark("The account is offline: what was planned waits in the queue, and goes out by itself.")


class Offers(Protocol):
    """The part of the client that the panel needs (``AsyncClient`` has it)."""

    async def timeline(self, **chosen: Any) -> TimelinePage: ...
    def events(self, after: str | None = None, *, account: str | None = None, kinds: Any = ()) -> AsyncIterator[Event]:
        """Yield what happens behind *after*."""

    async def plan_campaign(self, name: str, audience: Any, template: str, **how: Any) -> Campaign: ...
    async def campaigns(self, *, account: str | None = None, limit: int = 1000) -> list[Campaign]: ...
    async def campaign_named(self, campaign: str) -> Campaign: ...
    async def campaign_plan(self, campaign: str) -> pd.DataFrame: ...
    async def campaign_progress(self, campaign: str) -> dict[str, Any]: ...
    async def campaign_results(self, campaign: str) -> dict[str, Any]: ...
    async def rehearse_campaign(self, campaign: str) -> Rehearsal: ...
    async def start_campaign(self, campaign: str, *, confirm: int, digest: str) -> Campaign: ...
    async def pause_campaign(self, campaign: str) -> Campaign: ...
    async def resume_campaign(self, campaign: str) -> Campaign: ...
    async def cancel_campaign(self, campaign: str) -> Campaign: ...
    async def arrived(self, send: Any) -> object: ...
    async def send_again(self, send: Any) -> object: ...
    async def status(self, account: str) -> SessionStatus: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the panel is to show: a campaign to be planned, one that there is, or those to choose from."""

    name: str = ""
    #: As for ``plan_campaign``; ``None`` where nothing is to be planned.
    how: dict[str, Any] | None = None
    campaign: str | None = None
    account: str | None = None
    #: What it was made from, which lives as long: its identity tells whether the same is asked again.
    origin: object = None

    @property
    def chooses(self) -> bool:
        """Whether a person chooses among the campaigns that there are."""
        return self.how is None and self.campaign is None


class CampaignPanel(Live[Offers]):
    """The live side of one panel."""

    def __init__(
        self,
        asked: Asked,
        opener: Callable[[bool], Awaitable[Offers]],
        send: Callable[[dict[str, Any]], None],
        *,
        clock: Clock,
        lang: Language,
        private: bool = False,
    ) -> None:
        super().__init__(opener, send, clock=clock, lang=lang)
        self._asked = asked
        self._private = private
        self._shown = Shown()
        self._plan: Planned | None = None
        self._page = (EVERYBODY, 0)
        self._changed = asyncio.Event()
        self._measure_at = 0.0

    async def greet(self) -> None:
        self._tell_plan()
        self._tell()

    async def follow(self, client: Offers) -> None:
        after = (await client.timeline(limit=1)).events
        await self._begin(client)
        looking = asyncio.create_task(self._keep_looking(client))
        try:
            async for event in client.events(after or None, kinds=KINDS):
                self.well()
                self._happened(event)
        finally:
            looking.cancel()

    async def do(self, command: str, message: dict[str, Any]) -> None:
        value = message.get("value")
        if command == "page" and isinstance(value, dict):
            self._turn_to(value)
            return
        verbs: dict[str, Callable[[Offers, str], Awaitable[None]]] = {
            "plan": self._plan_again,
            "open": self._open,
            "back": self._back,
            "rehearse": self._rehearse,
            "start": lambda client, typed: self._start(client, typed, str(message.get("digest") or "")[:FIELD]),
            "pause": lambda client, _: self._change(client.pause_campaign),
            "resume": lambda client, _: self._change(client.resume_campaign),
            "cancel": lambda client, _: self._change(client.cancel_campaign),
            "arrived": lambda client, send: self._decide(client.arrived, send),
            "again": lambda client, send: self._decide(client.send_again, send),
        }
        does = verbs.get(command)
        if does is None or self._shown.busy is not None:
            return
        self._see(busy=command, problem=None)
        try:
            await does(await self.attach(start=False), str(value or "")[:_TEMPLATE])
        except WakitError as exc:
            self.fail(exc)
        finally:
            self._see(busy=None)
        self._changed.set()

    def lost(self) -> None:
        self._see(problem=campaign_texts(self.lang)["host_lost"])

    def fail(self, exc: BaseException) -> None:
        text = error_text(exc, self.lang)
        if isinstance(exc, InvalidAudience | InvalidTemplate | NotNow) and text != exc.message:
            text = f"{text}\n{exc.message}"  # it names columns, rows and states, which no catalogue has
        self._see(problem=text)

    # What a person asks for

    async def _plan_again(self, client: Offers, template: str) -> None:
        if self._asked.how is not None:
            await self._make_plan(client, {**self._asked.how, "template": template})

    async def _open(self, client: Offers, campaign: str) -> None:
        await self._turn(client, await client.campaign_named(campaign[:FIELD]))

    async def _back(self, client: Offers, _: str) -> None:
        if self._asked.chooses:
            self._plan = None
            self._shown = Shown(busy=self._shown.busy, listed=self._shown.listed)
            await self._look(client)

    async def _rehearse(self, client: Offers, campaign: str) -> None:
        """Play the plan that the view shows through, and tell what came of it."""
        if self._shown.campaign is not None and campaign == self._shown.campaign.id:
            told = (await client.rehearse_campaign(campaign)).told
            if self._shown.campaign.id == campaign:
                self._see(rehearsal=str(Rehearsal(told, self.lang)))

    async def _start(self, client: Offers, typed: str, digest: str) -> None:
        """Send the plan that the view shows: the host refuses it where it is no longer the one that is kept here."""
        campaign = self._shown.campaign
        if campaign is None or not _NUMBER.fullmatch(typed.strip()):
            raise InvalidInput(campaign_texts(self.lang)["wrong_count"])
        count = int("".join(filter(str.isdigit, typed)))
        self._see(campaign=await client.start_campaign(campaign.id, confirm=count, digest=digest))

    async def _change(self, change: Callable[[str], Awaitable[Campaign]]) -> None:
        if self._shown.campaign is not None:
            self._see(campaign=await change(self._shown.campaign.id))

    async def _decide(self, decide: Callable[[str], Awaitable[object]], send: str) -> None:
        """Do what a person decided about a message of this campaign, and of no other."""
        undecided = (self._shown.progress or {}).get("undecided", ())
        if send in {one["id"] for one in undecided}:
            await decide(send)

    def _turn_to(self, value: dict[str, Any]) -> None:
        begin = value.get("from")
        self._page = (str(value.get("chosen") or "")[:FIELD], begin if isinstance(begin, int) else 0)
        self._tell_page()

    # What is looked at

    async def _begin(self, client: Offers) -> None:
        """Find out what is to be shown; what cannot be planned is told, and may be planned again in other words."""
        try:
            if self._shown.campaign is None and self._asked.how is not None:
                await self._resume_or_plan(client, self._asked.how)
            elif self._shown.campaign is None and self._asked.campaign is not None:
                await self._turn(client, await client.campaign_named(self._asked.campaign))
            self._see(problem=None)
        except HostError:
            raise
        except WakitError as exc:
            self.fail(exc)
        await self._learn_account(client)
        await self._look(client)

    async def _resume_or_plan(self, client: Offers, how: dict[str, Any]) -> None:
        """Plan it, unless the campaign of this name goes on already, or has told all of them the same."""
        listed = await client.campaigns(account=how.get("account"), limit=LISTED)
        before = [one for one in listed if one.name == self._asked.name.strip()]  # a newer plan of the same name stops nothing
        going = next((one for one in before if one.state in {CampaignState.RUNNING, CampaignState.PAUSED}), None)
        if going is not None:
            await self._turn(client, going)
            return
        made = await self._make_plan(client, how)
        ended = next((one for one in before if one.state in ENDED), None)
        if ended is not None and not made.recipients:
            await self._turn(client, ended)

    async def _make_plan(self, client: Offers, how: dict[str, Any]) -> Campaign:
        """Plan it; a plan that is shown is always of the words that are kept, because it may be confirmed."""
        self._see(busy="plan")
        try:
            made = await client.plan_campaign(self._asked.name, **how)
            self._asked = replace(self._asked, how=how)
            await self._turn(client, made)
        finally:
            self._see(busy=None)
        return made

    async def _turn(self, client: Offers, campaign: Campaign) -> None:
        self._page = (EVERYBODY, 0)
        await self._load(client, campaign)
        self._measure_at = 0.0
        self._see(campaign=campaign, progress=None, results=None, rehearsal=None)
        await self._learn_account(client)

    async def _load(self, client: Offers, campaign: Campaign) -> None:
        frame = await client.campaign_plan(campaign.id)
        self._plan = Planned(account=campaign.account, frame=frame, bubbles=Bubbles(lang=self.lang, private=self._private))
        self._tell_plan()

    async def _keep_looking(self, client: Offers) -> None:
        while True:
            if self.is_seen:
                # A host that is gone is noticed by whoever follows the events.
                with contextlib.suppress(WakitError):
                    await self._look(client)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._changed.wait()
            self._changed.clear()
            await self.clock.sleep(PAUSE)

    async def _look(self, client: Offers) -> None:
        before = self._shown.campaign
        if before is None:
            if self._asked.chooses:
                self._see(listed=tuple(await client.campaigns(account=self._asked.account, limit=LISTED)))
            return
        progress = await client.campaign_progress(before.id)
        campaign = Campaign.from_json(progress["campaign"])
        if not self._is_shown(campaign):
            return
        if campaign.excluded != before.excluded:
            await self._load(client, campaign)
        self._see(campaign=campaign, progress=progress)
        if campaign.started_at is not None and self.clock.monotonic() >= self._measure_at:
            self._measure_at = self.clock.monotonic() + MEASURE
            results = await client.campaign_results(campaign.id)
            if self._is_shown(campaign):
                self._see(results=results)

    def _is_shown(self, campaign: Campaign) -> bool:
        """Whether nobody turned to another one while the host was asked about it."""
        return self._shown.campaign is not None and self._shown.campaign.id == campaign.id

    async def _learn_account(self, client: Offers) -> None:
        if self._shown.campaign is not None:
            with contextlib.suppress(SessionError):
                self._learn(await client.status(self._shown.campaign.account))

    def _learn(self, status: SessionStatus) -> None:
        self._see(note=None if status.state is SessionState.CONNECTED else translate(self.lang, _OFFLINE))

    def _happened(self, event: Event) -> None:
        campaign = self._shown.campaign
        about = event.data.get("campaign") if event.kind is EventKind.SEND else event.data.get("id")
        if event.kind is EventKind.STATE:
            if campaign is not None and event.account == campaign.account:
                self._learn(SessionStatus.from_json(event.data))
        elif (campaign is None and event.kind is EventKind.CAMPAIGN) or (campaign is not None and about == campaign.id):
            self._changed.set()

    # What a view is told

    def _see(self, **changes: Any) -> None:
        shown = replace(self._shown, **changes)
        if shown != self._shown:
            self._shown = shown
            self._tell()

    def _tell(self) -> None:
        template = None if self._asked.how is None else self._asked.how["template"]
        self.send(card(self._shown, self.lang, named=self._named, template=template, lists=self._asked.chooses))

    def _named(self, address: str) -> str:
        return "" if self._plan is None else self._plan.named(address)

    def _tell_plan(self) -> None:
        if self._plan is None:
            self.send({"t": "plan", "plan": None})
            return
        self.send({"t": "plan", "plan": self._plan.overview()})
        self._tell_page()

    def _tell_page(self) -> None:
        if self._plan is not None:
            self.send({"t": "page", **self._plan.page(*self._page)})


class CampaignPanelWidget(Panel):
    """A campaign: its plan, its confirmation, and how far it is."""

    _esm, _css = assets("campaign").values()
    kept = "WhatsApp campaign · run this cell to see it / ejecuta esta celda para verla"

    def __init__(self, asked: Asked, open_client: Any, lang: Language, *, private: bool) -> None:
        super().__init__(lang, campaign_texts(lang))
        self.animate(CampaignPanel(asked, open_client, self.send, clock=SystemClock(), lang=lang, private=private))


def campaign_panel(
    client: Client,
    campaign: CampaignOutline | Plan | Campaign | str | None = None,
    *,
    account: str | None = None,
    private: bool | None = None,
) -> CampaignPanelWidget | Unattended:
    """
    Return the panel, the same one each time for the same campaign; the cell displays it.

    Args:
        client: Of the workspace.
        campaign: One to be planned, as ``wa.campaign`` returns it; a plan, or the id or name of one; unset, those to choose from.
        account: Whose campaigns to choose from.
        private: Initials instead of names, masked numbers; unset, as the client says.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidInput: *campaign* is none of these.
    """
    if account is not None:
        account_id(account)
    asked, key = _asked(campaign, account)
    if not is_attended():
        return Unattended(CampaignPanelWidget.kept)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace

    def make() -> CampaignPanelWidget:
        return CampaignPanelWidget(asked, opener(workspace), lang, private=private)

    return only(("campaign_panel", workspace.root, key, account, lang, private), make)


def _asked(campaign: object, account: str | None) -> tuple[Asked, object]:
    """Return what to show, and what tells whether it is the same as before."""
    if isinstance(campaign, CampaignOutline):
        return Asked(name=campaign.name, how=dict(campaign.asked), origin=campaign), id(campaign)
    if isinstance(campaign, Plan):
        campaign = campaign.campaign
    if isinstance(campaign, Campaign):
        campaign = campaign.id
    if campaign is None:
        return Asked(account=account), None
    if isinstance(campaign, str):
        return Asked(campaign=campaign), campaign
    msg = f"Give wa.campaign(…), a plan, or the name of a campaign, not a {type(campaign).__name__}."
    raise InvalidInput(msg)
