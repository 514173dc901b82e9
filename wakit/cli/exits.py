"""
How a command ends: one number per kind of ending, so that scripts need not read text.

The numbers are listed in the README; they are a contract.
"""

from __future__ import annotations

from enum import IntEnum

from wakit import errors
from wakit.model import SendState, SessionState


class Exit(IntEnum):
    """Exit codes of ``wakit``."""

    OK = 0
    ERROR = 1
    USAGE = 2
    INPUT = 3
    WORKSPACE = 4
    NETWORK = 5
    HOST = 6
    SESSION = 7
    INTERACTION = 8
    #: The account is on its way (starting, waiting for a scan, reconnecting).
    NOT_YET = 9
    QR_EXPIRED = 10
    STALLED = 11
    LOGGED_OUT = 12
    REPLACED = 13
    OUTDATED = 14
    BANNED = 15
    STORAGE_FULL = 16
    STOPPED = 17
    TIMEOUT = 18
    #: The message waits in the queue until the account is connected.
    SEND_WAITING = 20
    SEND_FAILED = 21
    #: Sent or not, nobody can tell.
    SEND_UNKNOWN = 22
    #: A cell of the notebook raised.
    RUN_FAILED = 23
    RUN_TIMEOUT = 24
    #: The kernel died.
    RUN_CRASHED = 25
    #: The job is running already: sysexits' "try again later".
    RUN_BUSY = 75
    #: What ended a run, as shells count it: the end of its terminal, Ctrl-C, SIGTERM.
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


_ERRORS: tuple[tuple[type[errors.WakitError], Exit], ...] = (
    (errors.RunBusy, Exit.RUN_BUSY),
    (errors.RunFailed, Exit.RUN_FAILED),
    (errors.RunTimeout, Exit.RUN_TIMEOUT),
    (errors.RunCrashed, Exit.RUN_CRASHED),
    (errors.InvalidInput, Exit.INPUT),
    (errors.WorkspaceError, Exit.WORKSPACE),
    (errors.NetworkDescriptorError, Exit.NETWORK),
    (errors.ForeignNetwork, Exit.NETWORK),
    (errors.HostError, Exit.HOST),
    (errors.SendUnknown, Exit.SEND_UNKNOWN),
    (errors.SendFailed, Exit.SEND_FAILED),
    (errors.SessionError, Exit.SESSION),
    (errors.InteractionRequired, Exit.INTERACTION),
    (errors.StorageFull, Exit.STORAGE_FULL),
)

_STATES = {
    SessionState.CONNECTED: Exit.OK,
    SessionState.QR_EXPIRED: Exit.QR_EXPIRED,
    SessionState.STALLED: Exit.STALLED,
    SessionState.LOGGED_OUT: Exit.LOGGED_OUT,
    SessionState.REPLACED: Exit.REPLACED,
    SessionState.OUTDATED: Exit.OUTDATED,
    SessionState.BANNED: Exit.BANNED,
    SessionState.STORAGE_FULL: Exit.STORAGE_FULL,
    SessionState.STOPPED: Exit.STOPPED,
}

_SENDS = {
    SendState.QUEUED: Exit.SEND_WAITING,
    SendState.SENDING: Exit.SEND_WAITING,
    SendState.FAILED: Exit.SEND_FAILED,
    SendState.CANCELLED: Exit.SEND_FAILED,
    SendState.UNKNOWN: Exit.SEND_UNKNOWN,
}


def exit_of_error(error: errors.WakitError) -> Exit:
    """Return the exit code of a command that ended with *error*."""
    if isinstance(error, errors.RunAborted):
        return Exit(128 + error.data["signal"])
    return next((code for kind, code in _ERRORS if isinstance(error, kind)), Exit.ERROR)


def exit_of_state(state: SessionState) -> Exit:
    """Return the exit code that tells a session's state."""
    return _STATES.get(state, Exit.NOT_YET)


def exit_of_send(state: SendState) -> Exit:
    """Return the exit code that tells how far a message got."""
    return _SENDS.get(state, Exit.OK)
