"""
Every error of the library as one of ours, with what to do next.

The class says which call failed, the text says why; both come from Go as
strings. A send whose answer did not come is ``SendUnknown``, never ``SendFailed``:
the library chooses the message id inside the call, so nobody can ask later.
"""

from __future__ import annotations

import re

from wakit.errors import (
    LibraryError,
    LinkingFailed,
    MediaFailed,
    NotAllowed,
    NotConnected,
    NotOnWhatsApp,
    RateLimited,
    SendFailed,
    SendUnknown,
    UnknownGroup,
    WakitError,
)

_SENDING = {"SendMessageError"}
_NUMBER = re.compile(r"(?:returned error|status|code) (\d{3})")
#: WhatsApp restricts writing to people who never wrote (463) or asks to slow down (429).
_LIMITS = {429, 463}

# fmt: off
_REFUSED = (
    "NeonizeError", "BuildPollVoteError", "BuildPollVoteCreationError", "DecryptPollVoteError",
    "CreateGroupError", "GetGroupInfoError", "GetGroupInviteLinkError", "GetJoinedGroupsError",
    "GetLinkedGroupParticipantsError", "GetGroupRequestParticipantsError", "GetSubGroupsError", "JoinGroupWithInviteError",
    "InviteLinkError", "LinkGroupError", "UnlinkGroupError", "SetGroupPhotoError", "SetGroupAnnounceError",
    "SetGroupLockedError", "SetGroupTopicError", "UpdateGroupParticipantsError", "CreateNewsletterError",
    "FollowNewsletterError", "UnfollowNewsletterError", "GetNewsletterInfoError", "GetNewsletterInfoWithInviteError",
    "GetNewsletterMessagesError", "GetNewsletterMessageUpdateError", "GetSubscribedNewslettersError",
    "NewsletterMarkViewedError", "NewsletterSendReactionError", "NewsletterSubscribeLiveUpdatesError",
    "NewsletterToggleMuteError", "ContactStoreError", "GetContactQrLinkError", "GetProfilePictureError", "GetUserInfoError",
    "GetUserDevicesError", "GetJIDFromStoreError", "IsOnWhatsAppError", "ResolveContactQRLinkError",
    "ResolveBusinessMessageLinkError", "GetBlocklistError", "UpdateBlocklistError", "GetStatusPrivacyError",
    "SetPrivacySettingError", "SendPresenceError", "SubscribePresenceError", "GetChatSettingsError", "PutMutedUntilError",
    "PutPinnedError", "PutArchivedError", "LogoutError", "MarkReadError", "SendAppStateError",
    "SetDefaultDisappearingTimerError", "SetDisappearingTimerError", "SetPassiveError", "SetStatusMessageError",
    "SetProxyAddressError", "UnsupportedEvent", "RejectCallError", "LeaveGroupError", "SetGroupNameError",
)
# fmt: on

#: Class of ``neonize.exc`` → ours, where the text does not say more.
LIBRARY_ERRORS: dict[str, type[WakitError]] = {
    **dict.fromkeys(_REFUSED, LibraryError),
    **dict.fromkeys(("UploadError", "DownloadError", "ConvertStickerError", "FFProbeError"), MediaFailed),
    "SendMessageError": SendFailed,
    "PairPhoneError": LinkingFailed,
}

_MESSAGES: dict[type[WakitError], str] = {
    LibraryError: "The WhatsApp library refused the call ({reason}). Try again; if it stays so, look into the worker's log.",
    LinkingFailed: "The account could not be linked ({reason}). Try again in a few minutes, or link by QR.",
    MediaFailed: "The file could not be transferred ({reason}). Try again.",
    NotAllowed: "WhatsApp does not allow this account to do that ({reason}). In groups, an admin may have to.",
    NotConnected: "The account is not connected right now ({reason}). It reconnects by itself: try again then.",
    NotOnWhatsApp: "This number has no WhatsApp account. Check the number and its country code.",
    RateLimited: "WhatsApp asked us to slow down ({reason}). Wait before you send again.",
    SendFailed: "WhatsApp refused the message ({reason}). It was not sent.",
    UnknownGroup: "WhatsApp has no such group, or this account is not in it ({reason}). See wa.groups().",
    SendUnknown: "Nobody can tell whether the message was sent ({reason}). It is not sent again by itself.",
}


def translated(exc: Exception) -> WakitError:
    """Return our error for one of the library's."""
    reason = str(exc) or type(exc).__name__
    kind = _kind(exc, reason.lower())
    number = _NUMBER.search(reason)
    data = {"number": int(number[1])} if number else {}
    return kind(_MESSAGES[kind].format(reason=reason), reason=reason, call=type(exc).__name__, **data)


def _kind(exc: Exception, reason: str) -> type[WakitError]:
    names = [base.__name__ for base in type(exc).__mro__]
    number = _NUMBER.search(reason)
    if number and int(number[1]) in _LIMITS:
        return RateLimited
    if "group does not exist" in reason or "not participating" in reason:
        return UnknownGroup
    if "permission" in reason or "not-authorized" in reason:
        return NotAllowed
    if "no lid found" in reason or "not on whatsapp" in reason:
        return NotOnWhatsApp
    if "websocket not connected" in reason or "device jid" in reason or "client is nil" in reason:
        return NotConnected
    if "timed out" in reason or "deadline" in reason or "disconnected before" in reason:
        return SendUnknown if _SENDING & set(names) else NotConnected
    return next((LIBRARY_ERRORS[name] for name in names if name in LIBRARY_ERRORS), LibraryError)
