"""What the campaign panel shows beside the rows of its plan, as a function of what is known: no browser, no host, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wakit.languages import Language, translate
from wakit.model import Campaign, CampaignState, SendState
from wakit.widgets.bubbles import ticked
from wakit.widgets.campaign_words import PURPOSES, STATES
from wakit.widgets.people import Row

#: The states of messages as the bar has them: who got furthest first.
_BAR = (
    *(SendState.READ, SendState.DELIVERED, SendState.SENT, SendState.SENDING, SendState.QUEUED),
    *(SendState.UNKNOWN, SendState.FAILED, SendState.CANCELLED),
)
ENDED = frozenset({CampaignState.DONE, CampaignState.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that a view is told beside the rows of the plan."""

    campaign: Campaign | None = None
    #: What the host said last of it.
    progress: dict[str, Any] | None = None
    results: dict[str, Any] | None = None
    listed: tuple[Campaign, ...] = ()
    #: What is being done.
    busy: str | None = None
    problem: str | None = None
    #: What came of a rehearsal of this plan, in words.
    rehearsal: str | None = None
    #: That the account is offline.
    note: str | None = None


def card(
    shown: Shown, lang: Language, *, named: Callable[[str], str], template: str | None = None, lists: bool = False
) -> dict[str, Any]:
    """
    Return the message that draws all of it.

    Args:
        shown: What is known.
        lang: Of the words.
        named: Returns what to call a recipient.
        template: The words of the plan, where they may be changed here.
        lists: Whether a person chooses among campaigns.
    """
    campaign = shown.campaign
    return {
        "t": "now",
        "busy": shown.busy,
        "problem": shown.problem,
        "note": shown.note,
        "rehearsal": shown.rehearsal,
        "template": template,
        "lists": lists,
        "listed": [_about(one, lang) for one in shown.listed] if campaign is None else [],
        "campaign": None if campaign is None else _about(campaign, lang),
        "progress": None if campaign is None or shown.progress is None else _counted(campaign, shown.progress, lang, named),
        "results": None if shown.results is None else _measured(shown.results),
    }


def _about(campaign: Campaign, lang: Language) -> Row:
    sign, word, sentence = STATES[campaign.state]
    return {
        "id": campaign.id,
        "name": campaign.name,
        "account": campaign.account,
        "purpose": translate(lang, PURPOSES[campaign.purpose]),
        "state": campaign.state,
        "sign": sign,
        "word": translate(lang, word),
        "sentence": translate(lang, sentence),
        "digest": campaign.digest,
        "recipients": campaign.recipients,
        "excluded": campaign.excluded,
        "held_out": campaign.held_out,
        "made": round(campaign.created_at.timestamp() * 1000),
        "draft": campaign.state is CampaignState.DRAFT,
        "ended": campaign.state in ENDED,
    }


def _counted(campaign: Campaign, progress: dict[str, Any], lang: Language, named: Callable[[str], str]) -> Row:
    states = progress["states"]
    return {
        "states": [{**ticked(state, lang), "count": states[state]} for state in _BAR if states.get(state)],
        "not_queued": 0 if campaign.state in ENDED else max(0, campaign.recipients - campaign.queued),
        "waiting": [{**one, "reason": translate(lang, one["reason"])} for one in progress["waiting"]],
        "never": [{**ticked(one["state"], lang), **one, "reason": translate(lang, one["reason"])} for one in progress["never"]],
        "undecided": [{"id": one["id"], "who": named(one["to"])} for one in progress["undecided"]],
    }


def _measured(results: dict[str, Any]) -> Row:
    rates = {name: results[name] for name in ("delivered", "read", "replied", "opted_out")}
    return {**rates, "replied_out": results["held_out"] if results["held_out"]["of"] else None}
