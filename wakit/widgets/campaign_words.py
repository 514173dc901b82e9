"""What the campaign panel says, whatever the campaign does: why somebody is left out, how far it is, and its labels."""

from __future__ import annotations

from functools import cache, partial

from wakit.languages import Language, mark, translate
from wakit.model import CampaignState, Purpose

#: Why a row of an audience gets no message, by the code in the plan.
EXCLUDED = {
    "invalid-number": mark("That is no phone number"),
    "duplicate": mark("The same person stands in an earlier row"),
    "missing-field": mark("A value that the text needs is missing"),
    "bad-value": mark("The text cannot be made with the values of this row"),
    "empty-text": mark("Nothing would stand in the message"),
    "too-long": mark("The text is longer than WhatsApp carries"),
    "already-sent": mark("This campaign told them the same before"),
    "no-consent": mark("Never agreed to messages of this kind"),
    "opted-out": mark("Wants no more messages of this kind"),
    "not-on-whatsapp": mark("Has no WhatsApp account"),
    "held-out": mark("Kept back, to compare with"),
    "cap": mark("More than may be sent"),
    "cold": mark("Never wrote to this account; nothing is sent by itself to such people"),
    "quiet-hours": mark("It could only leave at night, on a day off or on a holiday"),
}
#: Sign, word and sentence of each state.
STATES: dict[CampaignState, tuple[str, str, str]] = {
    CampaignState.DRAFT: ("✎", mark("Plan"), mark("Nothing has been sent. Look through it, and confirm it at the end.")),
    CampaignState.RUNNING: (
        "▶",
        mark("Being sent"),
        mark("Messages leave one by one. You can pause or stop it at any time."),
    ),
    CampaignState.PAUSED: ("⏸", mark("Paused"), mark("Nothing more leaves until you resume it.")),
    CampaignState.DONE: ("✓", mark("Done"), mark("Everything has left, or never will.")),
    CampaignState.CANCELLED: ("⊘", mark("Stopped"), mark("What had not left never will.")),
}
PURPOSES = {Purpose.MARKETING: mark("Offers"), Purpose.TRANSACTIONAL: mark("About an order or appointment")}


@cache
def campaign_texts(lang: Language) -> dict[str, str]:
    """Return the words of the panel; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        "title": _("WhatsApp campaign"),
        "campaigns": _("Campaigns"),
        "empty": _("No campaign was planned yet. Plan one: wa.campaign_panel(wa.campaign(name, audience=…, template=…))"),
        "back": _("All campaigns"),
        "audience": _("Audience"),
        "preview": _("Preview"),
        "left_out": _("Who is left out, and why"),
        "confirm": _("Confirm"),
        "the_plan": _("The plan"),
        "rows": _("Rows"),
        "recipients": _("Recipients"),
        "excluded": _("Left out"),
        "held_out": _("Kept back, to compare with"),
        "purpose": _("Purpose"),
        "account": _("Account"),
        "leaves": _("Leaves"),
        "template": _("Text, with {{ column }} where a value of each row belongs"),
        "stale": _("The text was changed. Plan again before it is sent."),
        "replan": _("Plan again"),
        "planning": _("Planning…"),
        "length": _("{count} characters"),
        "longest": _("The longest, row {row}"),
        "sample": _("Row {row}"),
        "nobody": _("Nobody would get this."),
        "nobody_out": _("Nobody is left out."),
        "everybody": _("All"),
        "row": _("Row"),
        "who": _("Who"),
        "what": _("Text, or why not"),
        "earlier": _("Earlier rows"),
        "later": _("Later rows"),
        "range": _("{from}–{to} of {total}"),
        "type_count": _("To send it, write the number of recipients: {count}"),
        "wrong_count": _("That is not the number of recipients."),
        "rehearse": _("Rehearse"),
        "rehearse_what": _("Among emulated phones, on a clock that runs ahead: nothing is sent."),
        "rehearsing": _("Rehearsing… this takes some seconds."),
        "start": _("Send to {count}"),
        "pause": _("Pause"),
        "resume": _("Resume"),
        "stop": _("Stop…"),
        "stop_sure": _("Stop it for good? What has not left never will."),
        "stop_go": _("Stop it"),
        "stop_no": _("Go on"),
        "progress": _("Progress"),
        "not_queued": _("Not in the queue yet"),
        "waits_until": _("until {time}"),
        "undecided": _("Nobody can tell whether these arrived. Look at the phone before you send one again."),
        "arrived": _("It arrived"),
        "again": _("Send again"),
        "results": _("Results"),
        "delivered": _("Delivered"),
        "read": _("Read"),
        "replied": _("Answered"),
        "opted_out": _("Want no more"),
        "replied_out": _("Wrote without having got it"),
        "of": _("{count} of {of}"),
        "interval": _("95 % interval: {low} to {high}"),
        "host_lost": _("The host of wakit does not answer. Try again when it is back."),
        "kernel_gone": _("No connection to the kernel: what you see is no longer current. Run this cell again."),
    }
