"""
The words of the login card that are not about a state: labels, steps, hints, errors.

States have theirs in ``wakit.sentences``. Errors of wakit speak English because
they are also read in logs and searched for; the ones that a person can cause or
meet in the card have words for the other languages here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from wakit import errors
from wakit.ids import Phone
from wakit.languages import Language, mark, speak, translate
from wakit.sentences import Words


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What the card says in one language whatever the session does; the browser gets all of it once."""

    title: str
    account: str
    accounts: str
    account_field: str
    account_hint: str
    account_go: str
    qr_alt: str
    qr_steps: tuple[str, str, str]
    code_steps: tuple[str, str, str]
    no_camera: str
    phone_field: str
    phone_hint: str
    phone_go: str
    back_to_qr: str
    code: str
    copy: str
    copied: str
    time_left: str
    more: str
    cancel: str
    stop: str
    disconnect: str
    confirm: str
    confirm_more: str
    confirm_go: str
    change_account: str
    close: str
    scan: str
    type_code: str
    device: str
    emulated: str
    unofficial: str
    kernel_wait: str
    kernel_gone: str


@cache
def texts(lang: Language) -> Texts:
    """Return what the card says in *lang*."""
    _ = partial(translate, lang)
    return Texts(
        title=_("WhatsApp login"),
        account=_("Account"),
        accounts=_("Accounts of this folder"),
        account_field=_("Another account"),
        account_hint=_("A word to recognise it by here, such as sales or north-branch: a-z, 0-9, “_” and “-”, up to 32."),
        account_go=_("Use"),
        qr_alt=_("QR code to link this computer with WhatsApp"),
        qr_steps=(
            _("Open WhatsApp on the phone"),
            _("Tap ⋮ or Settings → Linked devices → Link a device"),
            _("Point the camera at this code"),
        ),
        code_steps=(
            _("Open WhatsApp on the phone"),
            _("Tap ⋮ or Settings → Linked devices → Link a device → Link with phone number"),
            _("Type this code"),
        ),
        no_camera=_("No camera? Use a code"),
        phone_field=_("Phone number of the account"),
        phone_hint=_("With the country code, as in +57 300 123 4567."),
        phone_go=_("Get a code"),
        back_to_qr=_("Back to the QR code"),
        code=_("Pairing code"),
        copy=_("Copy"),
        copied=_("Copied"),
        time_left=_("Time left"),
        more=_("More options"),
        cancel=_("Cancel"),
        stop=_("Stop"),
        disconnect=_("Disconnect…"),
        confirm=_("Disconnect {who}?"),
        confirm_more=_("The phone ends the session as well, and the account must be linked again. Stored messages stay here."),
        confirm_go=_("Disconnect"),
        change_account=_("Change account…"),
        close=_("Close"),
        scan=_("Scan with the emulated phone"),
        type_code=_("Type it on the emulated phone"),
        device=_("Linked device no. {number}"),
        emulated=_("Emulated network"),
        unofficial=_("wakit is not a WhatsApp product. WhatsApp may restrict accounts that use unofficial programs."),
        kernel_wait=_("Connecting to the kernel…"),
        kernel_gone=_("No connection to the kernel: what you see is no longer current. Run this cell again."),
    )


def no_host(lang: Language) -> Words:
    """Return what is shown where a session's state would be while no host answers."""
    return Words(
        icon="⚠",
        word=speak(lang, "No service"),
        sentence=speak(lang, "The wakit host of this folder does not answer. Still looking for it."),
        next_step=speak(lang, "Start it again"),
    )


#: What a person can cause or meet in a widget, told without the details that English messages have.
_TOLD: dict[type[errors.WakitError], str] = {
    errors.InvalidPhoneNumber: mark("That is no phone number. Write it with its country code, as in +57 300 123 4567."),
    errors.InvalidAccountId: mark("That name will not do: 1 to 32 of a-z, 0-9, “_” and “-”, beginning with a letter or a digit."),
    errors.ForeignNetwork: mark("This account was linked on another network and will not connect to this one."),
    errors.NetworkDescriptorError: mark("The emulated network cannot be used. Is it running? Run: wakit emulator"),
    errors.HostVersionMismatch: mark("The running host is of another version of wakit. Run: wakit host restart"),
    errors.HostError: mark("The wakit host did not answer. Try again."),
    errors.UnknownAccount: mark("This account does not exist in this folder yet. Link it first."),
    errors.ForeignSession: mark("The session file belongs to another account. Put it aside and link again."),
    errors.NotLinked: mark("The account is not linked to a phone. Link it first."),
    errors.NotConnected: mark("The account is not connected right now."),
    errors.LinkingFailed: mark("Linking failed. Try again, or with a pairing code."),
    errors.NotOnWhatsApp: mark("That number has no WhatsApp account."),
    errors.RateLimited: mark("WhatsApp asked to go slower. Wait a while before the next try."),
    errors.WorkerGone: mark("The session was cut off and is restarting. Try again in a few seconds."),
    errors.StorageFull: mark("The disk is full. Free some space: the session resumes by itself."),
    errors.InvalidJID: mark("That is neither a phone number nor the address of a chat."),
    errors.FileTooLarge: mark("The file is too large. Choose a smaller one."),
    errors.UnknownFile: mark("The file is no longer here. Choose it again."),
    errors.UnknownMessage: mark("That message is not in this chat, so it cannot be answered."),
    errors.NotChangeable: mark("That message can no longer be changed."),
    errors.PlanChanged: mark("That is not the number of recipients of this plan. Nothing was sent."),
    errors.NotNow: mark("That cannot be done with this campaign now."),
    errors.UnknownCampaign: mark("There is no such campaign in this folder."),
    errors.InvalidAudience: mark("That cannot be the audience of a campaign."),
    errors.InvalidTemplate: mark("That text cannot be used."),
    errors.DryRun: mark("This is a dry run: nothing is sent from it."),
    errors.UnknownChat: mark("Nobody was ever seen under that address."),
    errors.SendFailed: mark("WhatsApp did not take the message."),
    errors.WorkspaceNotWritable: mark("The workspace folder cannot be written to. Check its owner and permissions."),
}


def error_text(exc: BaseException, lang: Language) -> str:
    """Return what to tell a person about an error: in their language where it has words for it."""
    if not isinstance(exc, errors.WakitError):
        return f"{type(exc).__name__}: {exc}".rstrip(": ")
    told = next((_TOLD[kind] for kind in type(exc).__mro__ if kind in _TOLD), None)
    return exc.message if told is None or lang == "en" else speak(lang, told)


def phone_hint(lang: Language, country: str | None) -> str:
    """Return how to write the phone number, given the country that settings assume."""
    if not country:
        return texts(lang).phone_hint
    return speak(
        lang, "Without a country code {country} is assumed; from elsewhere, as in +34 612 34 56 78.", country=country.upper()
    )


def device_text(lang: Language, device: int) -> str:
    """Return how the phone lists this companion."""
    return texts(lang).device.format(number=device)


def who(phone: str | None, account: str) -> str:
    """Return the account's phone number as people write it, else its id."""
    return Phone(phone).pretty if phone else account
