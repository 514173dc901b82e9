"""
Why a Signal message could not be read.

It never leaves the emulator: the phone answers with a retry receipt, as a real
one does, and the sender encrypts again.
"""

from __future__ import annotations

from enum import StrEnum

from wakit.errors import WakitError


class Reason(StrEnum):
    """Why a ciphertext could not be opened."""

    #: There is no session, or no sender key, with this sender.
    NO_SESSION = "no session"
    #: A prekey that the message names is used up or was never ours.
    NO_PREKEY = "no such prekey"
    #: The message was read before, or its key was dropped.
    DUPLICATE = "already read"
    #: More skipped messages than the protocol allows.
    TOO_FAR = "too far in the future"
    #: The MAC, signature or padding is wrong.
    CORRUPT = "not encrypted for this session"
    #: A companion that no account vouches for, or that did not countersign.
    NOT_VOUCHED = "not vouched for by its account"
    #: Not a message of protocol version 3.
    VERSION = "unknown version"


class DecryptFailed(WakitError):
    """The phone could not decrypt a message. It asks for it again."""

    def __init__(self, reason: Reason, who: str = "") -> None:
        self.reason = reason
        super().__init__(f"The phone could not decrypt a message of {who or 'somebody'}: {reason}. It asks for it again.")
