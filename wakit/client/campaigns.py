"""
One message to many people: planned, looked at, confirmed, and measured.

``wa.campaign(…)`` in a notebook says what, ``.plan()`` shows who gets it and who does not and why, and only
``.start(confirm=len(plan))`` sends. The host holds to that: it keeps the plan, and starts nothing but
the plan whose number of recipients and digest it is told.
"""

from __future__ import annotations

import getpass
import time
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from wakit.client.ask import Ask, get, post, record, records, table
from wakit.client.audience import audience_body
from wakit.client.download import downloaded, is_address
from wakit.client.files import handed_over, read_file
from wakit.client.rehearsal import Rehearsal
from wakit.client.tally import Tally, is_under_way
from wakit.client.verb import verb
from wakit.config import settings
from wakit.errors import PlanChanged
from wakit.filekinds import HEAD, usual_kind
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.languages import language
from wakit.model import Campaign, Purpose
from wakit.outgoing import File
from wakit.rehearsed import Assumptions

if TYPE_CHECKING:
    import pandas as pd

    from wakit.client.blocking import Client

#: Seconds for a plan of a hundred thousand people, and for its table.
PLANNING = 120.0
#: Seconds for a rehearsal, and for those that are asked for before it.
REHEARSING = 600.0
#: Seconds between two looks at how far a campaign got.
_LOOK = 0.5


class CampaignVerbs:
    """Campaigns, for both clients; in notebooks, ``wa.campaign`` is the shorter way."""

    @verb
    def plan_campaign(
        self,
        name: str,
        audience: Any,
        template: str,
        *,
        media: Path | str | bytes | None = None,
        purpose: Purpose | str = Purpose.MARKETING,
        account: str = DEFAULT_ACCOUNT,
        phone: str | None = None,
        hold_out: float = 0.0,
        limit: int | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Ask[Campaign]:
        """
        Plan a campaign and keep the plan; nothing is queued.

        Args:
            name: Under one name, the same words are never said twice to one person.
            audience: A DataFrame or a CSV file with a column of phones, or a SELECT that gives one.
            template: Jinja2 text with ``{{ column }}`` where a value of each row belongs.
            media: A file that the text stands below.
            purpose: ``marketing`` or ``transactional``.
            account: Who sends.
            phone: The column of phones, where it is not called phone, telefono, celular, whatsapp, …
            hold_out: Share of the persons that is kept back, to compare with.
            limit: Most recipients.
            not_before: Nothing leaves before.
            not_after: What has not left by then never will.

        Raises:
            InvalidAudience, InvalidTemplate, InvalidInput: Nothing was kept.
        """
        body = {
            "account": account_id(account),
            "name": name,
            "template": template,
            "purpose": str(Purpose(purpose)),
            "phone": phone,
            "hold_out": hold_out,
            "limit": limit,
            "not_before": None if not_before is None else not_before.isoformat(),
            "not_after": None if not_after is None else not_after.isoformat(),
            "country": settings().country,
            "by": getpass.getuser(),
            **audience_body(audience),
        }
        if media is None:
            return post("/api/campaigns", record(Campaign), body, timeout=PLANNING)
        data, own_name = read_file(media)
        kind = usual_kind(data[:HEAD])
        file = File(kind=kind, sha256=sha256(data).hexdigest(), name=own_name if kind == "document" else None)
        ask = post("/api/campaigns", record(Campaign), body | {"media": file.to_json()}, timeout=PLANNING)
        return replace(ask, first=handed_over(data))

    @verb
    def campaigns(self, *, account: str | None = None, limit: int = 1000) -> Ask[list[Campaign]]:
        """Return the campaigns, the newest first."""
        return get("/api/campaigns", records(Campaign), account=account, limit=limit)

    @verb
    def campaign_named(self, campaign: str) -> Ask[Campaign]:
        """
        Return a campaign by its id, or the newest plan of a name.

        Raises:
            UnknownCampaign: There is none.
        """
        return get(_path(campaign), record(Campaign))

    @verb
    def campaign_plan(self, campaign: str) -> Ask[pd.DataFrame]:
        """Return what a plan says of each row of its audience: person, text, when; or ``excluded`` and ``detail``."""
        return table("GET", _path(campaign, "plan"), timeout=PLANNING)

    @verb
    def campaign_progress(self, campaign: str) -> Ask[dict[str, Any]]:
        """
        Return how far a campaign is: itself, how many messages are in which state, why some wait, and the undecided ones.

        Cheaper than ``campaign_results``, for those who look often.
        """
        return get(_path(campaign, "progress"), _json)

    @verb
    def campaign_results(self, campaign: str) -> Ask[dict[str, Any]]:
        """Return what came of it so far: rates with 95 % intervals, those kept back, and how soon people answered."""
        return replace(get(_path(campaign, "results"), _json), timeout=PLANNING)

    @verb
    def rehearse_campaign(self, campaign: str, *, assumptions: Assumptions | None = None) -> Ask[Rehearsal]:
        """
        Play a plan through as if it were started now, among emulated phones and on a clock that is moved: nothing is sent.

        Args:
            campaign: Its id, or a name for the newest plan.
            assumptions: What to take for granted of people.

        Raises:
            UnknownCampaign: There is no such plan.
            NotNow: Nobody would get it.
        """
        ask = post(_path(campaign, "rehearse"), _rehearsal, {"assumptions": (assumptions or Assumptions()).to_json()})
        return replace(ask, timeout=REHEARSING)

    @verb
    def start_campaign(self, campaign: str, *, confirm: int, digest: str) -> Ask[Campaign]:
        """
        Send a plan that was looked at.

        Args:
            campaign: Its id.
            confirm: Its number of recipients.
            digest: What it is known by.

        Raises:
            PlanChanged: It has another number or digest; nothing was sent.
        """
        return _change(campaign, "start", confirm=confirm, digest=digest)

    @verb
    def pause_campaign(self, campaign: str, *, reason: str | None = None) -> Ask[Campaign]:
        """Let nothing more of it leave until it is resumed."""
        return _change(campaign, "pause", reason=reason)

    @verb
    def resume_campaign(self, campaign: str) -> Ask[Campaign]:
        """Let it go on."""
        return _change(campaign, "resume")

    @verb
    def cancel_campaign(self, campaign: str, *, reason: str | None = None) -> Ask[Campaign]:
        """End it: what has not left never will."""
        return _change(campaign, "cancel", reason=reason)


@dataclass(frozen=True, repr=False)
class Plan:
    """
    Who gets which text, and why the others do not; ``len()`` is the number of recipients.

    Nothing of it is sent before ``start(confirm=len(plan))``.
    """

    client: Client
    campaign: Campaign
    #: One row for each row of the audience.
    frame: pd.DataFrame

    def __len__(self) -> int:
        return self.campaign.recipients

    def __repr__(self) -> str:
        return f"Plan(name={self.campaign.name!r}, recipients={len(self)}, excluded={self.campaign.excluded})"

    def _repr_html_(self) -> str:
        return f"<p>{self.campaign.name}: {len(self)} + {self.campaign.excluded}</p>{self.frame.head(20).to_html()}"

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that get nothing: why, and what it is about."""
        return self.frame[self.frame["excluded"].notna()]

    def rehearse(self, **assumptions: float) -> Rehearsal:
        """
        Play it through as if it were started now, among emulated phones and on a clock that is moved: nothing is sent.

        Args:
            assumptions: What to take for granted of people, such as ``read=0.9`` or ``seed=2``; see ``Assumptions``.

        Raises:
            InvalidInput: There is no such assumption, or it cannot have this value.
            NotNow: Nobody would get it.
        """
        return self.client.rehearse_campaign(self.campaign.id, assumptions=Assumptions.from_json(assumptions))

    def start(self, confirm: int | None = None) -> Campaign:
        """
        Send this plan.

        Args:
            confirm: Its number of recipients, ``len(plan)``: without it nothing is sent.

        Raises:
            PlanChanged: That is not its number; nothing was sent.
        """
        if confirm is None:
            msg = f"Nothing was sent: this is a dry run. To send to {len(self):,} people: plan.start(confirm={len(self)})"
            raise PlanChanged(msg, recipients=len(self))
        return self.client.start_campaign(self.campaign.id, confirm=confirm, digest=self.campaign.digest)

    def pause(self, reason: str | None = None) -> Campaign:
        """Let nothing more of it leave until it is resumed."""
        return self.client.pause_campaign(self.campaign.id, reason=reason)

    def resume(self) -> Campaign:
        """Let it go on."""
        return self.client.resume_campaign(self.campaign.id)

    def cancel(self, reason: str | None = None) -> Campaign:
        """End it: what has not left never will."""
        return self.client.cancel_campaign(self.campaign.id, reason=reason)

    def status(self) -> Campaign:
        """Return how far it got."""
        return self.client.campaign_named(self.campaign.id)

    def results(self) -> dict[str, Any]:
        """Return what came of it so far; see ``wa.campaign_results``."""
        return self.client.campaign_results(self.campaign.id)

    def tally(self, *, wait: float = 0.0) -> Tally:
        """
        Return how many were sent, delivered and read so far.

        Args:
            wait: Most seconds to wait until everything has left and was delivered.
        """
        deadline = time.monotonic() + wait
        found = self.results()
        while is_under_way(found) and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(_LOOK, left))
            found = self.results()
        return Tally.of(found)


@dataclass(frozen=True, repr=False)
class CampaignOutline:
    """What a campaign is to say to whom, before it is planned."""

    client: Client
    name: str
    asked: dict[str, Any]

    def __repr__(self) -> str:
        return f"CampaignOutline(name={self.name!r}): .plan() shows who would get it"

    def plan(self) -> Plan:
        """
        Return who would get which text, and why the others would not; nothing is sent.

        Raises:
            InvalidAudience, InvalidTemplate, InvalidInput: It cannot be planned like this.
        """
        media = self.asked["media"]
        file = downloaded(media) if is_address(media) else media
        made = self.client.plan_campaign(self.name, **self.asked | {"media": file})
        return Plan(self.client, made, self.client.campaign_plan(made.id))


def _path(campaign: str, *rest: str) -> str:
    return "/".join(("/api/campaigns", quote(campaign, safe=""), *rest))


def _change(campaign: str, change: str, **body: Any) -> Ask[Campaign]:
    return post(_path(campaign, change), record(Campaign), {"by": getpass.getuser(), **body}, timeout=PLANNING)


def _rehearsal(answer: httpx.Response) -> Rehearsal:
    return Rehearsal(answer.json(), language(settings().lang))


def _json(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found
