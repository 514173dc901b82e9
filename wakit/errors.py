"""
Every exception that wakit raises.

::

    WakitError
    ├── InvalidInput                 the caller's value cannot be used
    │   ├── InvalidAccountId
    │   ├── InvalidPhoneNumber
    │   ├── InvalidJID
    │   ├── IdempotencyConflict
    │   ├── UnknownSend
    │   ├── UnknownMedia             no such message, or it has no file
    │   ├── UnknownToken
    │   ├── UnknownWebhook
    │   ├── UnknownSchedule
    │   ├── UnknownRun
    │   ├── OptedOut                 only the person can take it back
    │   ├── NotebookRefused          not in the workspace, or without a parameters cell
    │   ├── NameTaken
    │   ├── UnknownChat
    │   ├── UnknownMessage           not in this chat
    │   ├── NotChangeable            not ours, or too old
    │   ├── UnknownFile              not handed over before
    │   ├── FileTooLarge
    │   ├── InvalidAudience          no column of phones, or nobody in it
    │   ├── InvalidTemplate          cannot be read, or names unknown fields
    │   ├── UnknownCampaign
    │   ├── PlanChanged              confirmed with another count or plan
    │   ├── NotNow                   a campaign in this state cannot do that
    │   └── QueryRefused             not one SELECT
    ├── WorkspaceError               the folder, not the call, is the problem
    │   ├── WorkspaceNotFound
    │   ├── WorkspaceNotWritable
    │   ├── UnsafePath
    │   └── CorruptFile              host.json, a journal, the database
    ├── NetworkDescriptorError       network.json missing, malformed or unreachable
    ├── ForeignNetwork               an account of another network
    ├── HostError
    │   ├── HostBusy                 another host is alive
    │   ├── HostNotResponding
    │   ├── HostGone
    │   ├── HostVersionMismatch
    │   └── PortInUse
    ├── SessionError
    │   ├── UnknownAccount
    │   ├── ForeignSession           session.db of another account
    │   ├── NotLinked
    │   ├── NotConnected
    │   ├── LinkingFailed
    │   ├── NotOnWhatsApp
    │   ├── UnknownGroup             or this account is not in it
    │   ├── NotAllowed               an admin may have to
    │   ├── RateLimited
    │   ├── SendFailed
    │   ├── SendUnknown              sent or not, nobody can tell
    │   ├── MediaFailed
    │   ├── LibraryError             anything else the library says
    │   └── WorkerGone
    ├── QueryFailed                  what the database said of a query
    │   ├── QueryTimeout
    │   ├── QueryStopped             whoever asked is gone
    │   └── QueryBusy
    ├── DryRun                       the host refuses a dry run everything but reading
    ├── RunError
    │   ├── RunBusy                  the job is running already
    │   ├── RunFailed                a cell raised
    │   ├── RunCrashed               its kernel died
    │   ├── RunTimeout
    │   └── RunAborted               by a signal
    ├── LibraryMissing               an optional library is not installed
    ├── InteractionRequired          a prompt where nobody can answer
    └── StorageFull

The docstring of a class is its default message. Every message says what to do
next; what the caller may want to branch on is an attribute. ``code`` is the
stable name that travels over REST and back: the client raises the same class
that the host did.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar


class WakitError(Exception):
    """wakit could not do what was asked."""

    status: ClassVar[int] = 500

    def __init__(self, message: str | None = None, **data: Any) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.data = data
        super().__init__(self.message)

    @property
    def code(self) -> str:
        """The stable name of this error over REST, e.g. ``unknown-account``."""
        return error_code(type(self))


class InvalidInput(WakitError):
    """This value cannot be used."""

    status = 400


class InvalidAccountId(InvalidInput):
    """An account id is 1 to 32 of a-z, 0-9, "_" and "-", and starts with a letter or digit."""


class InvalidPhoneNumber(InvalidInput):
    """This is not a phone number. Write it with its country code, as in +57 300 123 4567."""


class InvalidJID(InvalidInput):
    """This is not a WhatsApp address. Write a phone number or a JID such as 573001234567@s.whatsapp.net."""


class IdempotencyConflict(InvalidInput):
    """This idempotency key was used for another message. Choose a new key, or ask for the first message by its id."""

    status = 409


class UnknownSend(InvalidInput):
    """There is no such send in this workspace. Its id is what the first call returned."""

    status = 404


class UnknownMedia(InvalidInput):
    """There is no message with this id and a file in this account. The view media lists those that have one."""

    status = 404


class UnknownChat(InvalidInput):
    """Nobody was ever seen under this address. See wa.chats() and wa.contacts() for those who were."""

    status = 404


class UnknownMessage(InvalidInput):
    """This chat has no such message. Take the id from wa.messages(chat=…), or from the record of the send."""

    status = 404


class UnknownFile(InvalidInput):
    """The host has no file with this hash. Hand it over first: POST /api/files."""

    status = 404


class FileTooLarge(InvalidInput):
    """The file is larger than WAKIT_MEDIA_LIMIT allows. Make it smaller, or raise the limit."""

    status = 413


class NotChangeable(InvalidInput):
    """This message cannot be changed: only our own can, and only for a while."""

    status = 409


class OptedOut(InvalidInput):
    """This person wants no more messages of this kind. Only they themselves can take that back."""

    status = 409


class UnknownToken(InvalidInput):
    """There is no such token in this workspace. Run: wakit token list"""

    status = 404


class UnknownWebhook(InvalidInput):
    """There is no such webhook in this workspace. Run: wakit webhooks list"""

    status = 404


class UnknownSchedule(InvalidInput):
    """There is no such schedule in this workspace. Run: wakit schedule list"""

    status = 404


class InvalidAudience(InvalidInput):
    """This cannot be the audience of a campaign. It needs rows with a column of phone numbers, such as phone or telefono."""


class InvalidTemplate(InvalidInput):
    """This template cannot be used. Write the text with {{ column }} where a value of each row belongs."""


class UnknownCampaign(InvalidInput):
    """There is no such campaign in this workspace. See wa.campaigns(), or run: wakit campaign list"""

    status = 404


class UnknownRun(InvalidInput):
    """There is no such run in this workspace. Run: wakit runs list"""

    status = 404


class PlanChanged(InvalidInput):
    """This is not the plan that would be sent. Look at it again, and start it with its number of recipients."""

    status = 409


class NotNow(InvalidInput):
    """The campaign is in a state in which that cannot be done."""

    status = 409


class NameTaken(InvalidInput):
    """This name is in use. Choose another one."""

    status = 409


class QueryRefused(InvalidInput):
    """Only one SELECT or EXPLAIN statement can be run, and it cannot write or reach files."""


class WorkspaceError(WakitError):
    """The workspace cannot be used."""


class WorkspaceNotFound(WorkspaceError):
    """There is no wakit workspace here. Run: wakit init DIR, or set WAKIT_HOME."""

    status = 404


class WorkspaceNotWritable(WorkspaceError):
    """The workspace cannot be written to. Check the owner and the permissions of the folder."""


class UnsafePath(WorkspaceError):
    """A private file or folder is a link, or other users can read it. Nothing was opened."""


class CorruptFile(WorkspaceError):
    """A file of the workspace is damaged. It was left as it is."""


class NetworkDescriptorError(WakitError):
    """The network descriptor cannot be used. It is a JSON file with "proxy", "ca" and "noise_root"."""

    status = 400


class ForeignNetwork(WakitError):
    """This account was linked on another network. It will not be connected to this one."""

    status = 409


class HostError(WakitError):
    """The host of this workspace cannot be used."""

    status = 503


class HostBusy(HostError):
    """Another host of this workspace is alive."""


class HostNotResponding(HostError):
    """The host of this workspace is alive but does not answer. Run: wakit host restart"""


class HostGone(HostError):
    """The host of this workspace went away during the call. Call again: it is started on demand."""


class HostVersionMismatch(HostError):
    """The running host is of another version of wakit. Run: wakit host restart"""


class PortInUse(HostError):
    """The port is in use. Choose another one, or 0 for any free port."""


class SessionError(WakitError):
    """The WhatsApp session could not do that."""

    status = 409


class UnknownAccount(SessionError):
    """There is no such account in this workspace. Run: wakit login ACCOUNT"""

    status = 404


class ForeignSession(SessionError):
    """The session file belongs to another account. Move it away and link again."""


class NotLinked(SessionError):
    """The account is not linked to a phone. Run: wakit login ACCOUNT"""


class NotConnected(SessionError):
    """The account is not connected right now."""

    status = 503


class LinkingFailed(SessionError):
    """The account could not be linked. Try again, or link with a pairing code."""


class NotOnWhatsApp(SessionError):
    """This number has no WhatsApp account."""

    status = 422


class UnknownGroup(SessionError):
    """WhatsApp has no such group, or this account is not in it. See wa.groups()."""

    status = 404


class NotAllowed(SessionError):
    """WhatsApp does not allow this account to do that. In groups, an admin may have to."""

    status = 403


class RateLimited(SessionError):
    """WhatsApp asked us to slow down. Wait before you send again."""

    status = 429


class SendFailed(SessionError):
    """WhatsApp refused the message."""

    status = 502


class SendUnknown(SessionError):
    """Nobody can tell whether the message was sent. It is not sent again by itself. Run: wakit sends list"""

    status = 504


class MediaFailed(SessionError):
    """The file could not be uploaded or downloaded."""

    status = 502


class LibraryError(SessionError):
    """The WhatsApp library refused the call."""

    status = 502


class WorkerGone(SessionError):
    """The worker process of this account ended during the call. It is restarted by itself."""

    status = 503


class QueryFailed(WakitError):
    """The database could not answer this query."""

    status = 422


class QueryTimeout(QueryFailed):
    """The query took too long and was stopped. Ask for less: fewer days, fewer columns, a LIMIT."""

    status = 408


class QueryStopped(QueryFailed):
    """The query was stopped before its end: whoever asked left, or the host ended. Ask again."""

    status = 503


class QueryBusy(QueryFailed):
    """Too many queries are running. Wait for one to end, or close the results that are open."""

    status = 429


class NotebookRefused(InvalidInput):
    """This cannot be run: it is not in the workspace, or has no cell with the tag parameters."""


class DryRun(WakitError):
    """This run is a dry run: it may read and plan, and nothing else. Run it with --send to do it."""

    status = 403


class RunError(WakitError):
    """The run of a notebook did not end well."""


class RunBusy(RunError):
    """This job is running already. It runs once at a time: wait for it, or look at: wakit runs list"""

    status = 409


class RunFailed(RunError):
    """A cell of the notebook raised an exception."""


class RunCrashed(RunError):
    """The kernel of the run died."""


class RunTimeout(RunError):
    """The run took longer than it was given and was ended."""


class RunAborted(RunError):
    """The run was ended by a signal."""


class LibraryMissing(WakitError):
    """This needs a library that is not installed here."""

    status = 501


class InteractionRequired(WakitError):
    """This needs a person with a phone, and nobody can answer here. Link the account first: wakit login ACCOUNT"""

    status = 409


class StorageFull(WakitError):
    """The disk is full. Free some space: the session resumes by itself."""

    status = 507


def error_code(kind: type[WakitError]) -> str:
    """Return the stable name of an error class: ``UnknownAccount`` is ``unknown-account``."""
    name = kind.__name__.replace("JID", "Jid")
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


def _tree(kind: type[WakitError]) -> list[type[WakitError]]:
    return [kind, *(leaf for sub in kind.__subclasses__() for leaf in _tree(sub))]


def error_named(code: str) -> type[WakitError]:
    """Return the error class of a stable name; unknown names give ``WakitError``."""
    return next((kind for kind in _tree(WakitError) if error_code(kind) == code), WakitError)
