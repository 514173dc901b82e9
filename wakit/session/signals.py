"""
What can happen to a session, in words of ours.

The supervisor's state machine is driven by these and by nothing else. Most come
from the worker: library events (read here from their protobuf), its word about
QR codes and linking, and its end; the rest are clocks and people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError

from wakit.errors import StorageFull, error_code
from wakit.ids import JID
from wakit.proto import neonize_pb
from wakit.session.channel import ExitCode
from wakit.session.wire import text


@dataclass(frozen=True)
class Ready:
    """The worker is set up; whether its session file holds a device."""

    device: str | None


@dataclass(frozen=True)
class QrShown:
    """A new QR code."""

    text: str


@dataclass(frozen=True)
class CodeShown:
    """A pairing code to be typed on the phone."""

    code: str


@dataclass(frozen=True)
class LoginSaid:
    """The library's word about a linking attempt."""

    status: str


@dataclass(frozen=True)
class Linked:
    """The phone accepted this companion; it is not online yet."""

    device: str


@dataclass(frozen=True)
class LinkRefused:
    """The phone answered, and linking failed."""

    reason: str


@dataclass(frozen=True)
class DeviceKnown:
    """What the session file says of this device and its phone."""

    device: str
    lid: str | None
    push_name: str | None


@dataclass(frozen=True)
class NameKnown:
    """The name that the phone gave itself."""

    push_name: str


@dataclass(frozen=True)
class Online:
    """Connected and logged in."""


@dataclass(frozen=True)
class Offline:
    """The connection is lost; the library tries again by itself."""


@dataclass(frozen=True)
class NoPong:
    """WhatsApp does not answer pings."""


@dataclass(frozen=True)
class StreamFailed:
    """WhatsApp ended the stream with a code; ``Offline`` follows."""

    code: str


@dataclass(frozen=True)
class LoginRefused:
    """WhatsApp refused the login for a reason that is none of the others."""

    reason: str


@dataclass(frozen=True)
class LoggedOut:
    """The phone or WhatsApp ended the session."""

    reason: str


@dataclass(frozen=True)
class Replaced:
    """Another program uses the session."""


@dataclass(frozen=True)
class Outdated:
    """WhatsApp no longer accepts this version of the library."""


@dataclass(frozen=True)
class Banned:
    """WhatsApp restricted the account, until then where it says so."""

    reason: str
    until: datetime | None


@dataclass(frozen=True)
class Exited:
    """The worker process ended: its exit code (negative is a signal) and its last words."""

    code: int
    reason: str
    #: Stable name of the error that kept it from being set up or from writing.
    error: str = ""

    @property
    def is_full_disk(self) -> bool:
        """Whether it ended because the disk is full, in time or one event too late."""
        return self.code == ExitCode.STORAGE_FULL or self.error == error_code(StorageFull)

    @property
    def cause(self) -> str:
        """One word for gap records."""
        if self.code < 0:
            return "killed"
        if self.is_full_disk:
            return ExitCode.STORAGE_FULL.name.lower()
        try:
            return ExitCode(self.code).name.lower()
        except ValueError:
            return "crashed"


@dataclass(frozen=True)
class TimedOut:
    """What the state waits for did not come in time."""


@dataclass(frozen=True)
class Unanswered:
    """A question to WhatsApp, asked because nothing came for long, got no answer."""


@dataclass(frozen=True)
class Silent:
    """The worker process lives, but its heartbeat has stopped."""


@dataclass(frozen=True)
class SpaceGone:
    """The store cannot be written because the disk is full."""


@dataclass(frozen=True)
class SpaceBack:
    """The disk has room again."""


@dataclass(frozen=True)
class Wanted:
    """Somebody wants the session to run: start, new code, retry now, take over."""


@dataclass(frozen=True)
class Unwanted:
    """Somebody wants the session to stop."""


@dataclass(frozen=True)
class Unlinked:
    """We logged out: the session is gone on both sides."""


Signal = (
    Ready
    | QrShown
    | CodeShown
    | LoginSaid
    | Linked
    | LinkRefused
    | DeviceKnown
    | NameKnown
    | Online
    | Offline
    | NoPong
    | StreamFailed
    | LoginRefused
    | LoggedOut
    | Replaced
    | Outdated
    | Banned
    | Exited
    | TimedOut
    | Unanswered
    | Silent
    | SpaceGone
    | SpaceBack
    | Wanted
    | Unwanted
    | Unlinked
)


def signal_of(code: int, payload: bytes, now: datetime) -> Signal | None:
    """Return what a library event means for the session, or nothing."""
    try:
        return _signal(code, payload, now)
    except (DecodeError, ValueError):
        return None


def _signal(code: int, payload: bytes, now: datetime) -> Signal | None:  # noqa: C901 - a table of events
    match code:
        case 0:
            device = neonize_pb.Device.FromString(payload)
            lid = str(JID(device.LID.User, device.LID.Server)) if device.LID.User else None
            return DeviceKnown(_with_device(device.JID), lid, text(device.PushName))
        case 2:
            pairing = neonize_pb.PairStatus.FromString(payload)
            if pairing.Status == neonize_pb.PairStatus.PStatus.SUCCESS:
                return Linked(_with_device(pairing.ID))
            return LinkRefused(text(pairing.Error) or "refused")
        case 3:
            return Online()
        case 4:
            return NoPong()
        case 6:
            ended = neonize_pb.LoggedOut.FromString(payload)
            return LoggedOut(_login_failure(ended))
        case 7:
            return Replaced()
        case 8:
            return _ban(neonize_pb.TemporaryBan.FromString(payload), now)
        case 9:
            refused = neonize_pb.ConnectFailure.FromString(payload)
            return LoginRefused(_login_failure(refused))
        case 10:
            return Outdated()
        case 11:
            return StreamFailed(text(neonize_pb.StreamError.FromString(payload).Code) or "")
        case 12:
            return Offline()
    return None


def _login_failure(event: Any) -> str:
    names = event.DESCRIPTOR.fields_by_name["Reason"].enum_type.values_by_number
    return str(names[event.Reason].name).lower()


def _ban(ban: Any, now: datetime) -> Banned:
    reason = neonize_pb.TemporaryBan.TempBanReason.Name(ban.Code).lower()
    until = now + timedelta(seconds=ban.Expire) if ban.Expire > 0 else None
    return Banned(reason, until.astimezone(UTC) if until else None)


def _with_device(jid: Any) -> str:
    return str(JID(jid.User, jid.Server, jid.Device))
