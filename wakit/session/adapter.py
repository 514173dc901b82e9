"""
The only importer of neonize: one client, its events as raw bytes, its calls with our types and errors.

What the library needs and why: its callbacks run on one Go thread and swallow
exceptions, so nothing is parsed there; the database name is a DSN, built here from
a path of ours only; ``uuid`` is always given, because the default would be that
name; ``connect`` is called once per process, because every call leaks a database
handle; ``stop`` is never called, because it hangs while a QR is shown and races
with every other call: a worker ends by exiting.
"""

from __future__ import annotations

import base64
import ctypes
import importlib.util
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from wakit.errors import LibraryError, NotConnected, WakitError
from wakit.ids import JID, LID_SERVER
from wakit.session import asked, pictures, wire
from wakit.session.lean import keep_out
from wakit.session.library_errors import translated
from wakit.session.noise_root import trust

#: Without it every message to a person carries a mark that shows as "AI" on their phone.
os.environ["NEONIZE_BOT_TAG"] = "off"


def _require_native_library() -> None:
    """Refuse before neonize would try to download its native code."""
    spec = importlib.util.find_spec("neonize")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    if folder is None or not any(folder.glob("neonize-*.so")):
        msg = "The native library of neonize is missing. Install it again: pip install --force-reinstall 'neonize==0.5.2'"
        raise LibraryError(msg)


_require_native_library()
keep_out()

from neonize._binder import consume_bytes_struct, func_callback_bytes2, gocode  # noqa: E402
from neonize.client import NewClient  # noqa: E402
from neonize.events import INT_TO_EVENT, Event  # noqa: E402
from neonize.exc import DecryptPollVoteError, NeonizeError  # noqa: E402
from neonize.proto import Neonize_pb2 as neonize_pb  # noqa: E402
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import DeviceProps  # noqa: E402
from neonize.utils.enum import (  # noqa: E402
    BlocklistAction,
    ChatPresence,
    ChatPresenceMedia,
    ClientName,
    ClientType,
    MediaType,
    ParticipantChange,
    ReceiptType,
)
from neonize.utils.log import log as _library_log  # noqa: E402
from neonize.utils.platform import generated_name  # noqa: E402

#: Events whose content is a secret: the QR codes, and the key behind them.
SECRET_CODES = frozenset({1, 45})
#: Name of the client inside the Go library.
_UUID = "wakit"
_DEVICE_SEPARATOR = "|\x01|"
#: What the library says where there is no picture, or none for us.
_NO_PICTURE = ("missing <picture>", "does not have a profile picture", "hidden", "not-authorized")
# Its answer is the only one that the library's Python forgot to unpack; its own method raises TypeError.
gocode.DecryptPollVote.errcheck = consume_bytes_struct
#: Kind of a file → with which keys it is encrypted.
_MEDIA_TYPES = {
    "image": MediaType.MediaImage,
    "sticker": MediaType.MediaImage,
    "video": MediaType.MediaVideo,
    "audio": MediaType.MediaAudio,
    "voice": MediaType.MediaAudio,
    "document": MediaType.MediaDocument,
}
_NO_LOG = func_callback_bytes2(lambda *_: None)


class Listener(Protocol):
    """What the library tells; called on its only event thread, one call at a time."""

    def on_event(self, code: int, payload: bytes) -> None:
        """One event of ``events.LIBRARY_EVENTS``, as it came."""

    def on_qr(self, text: str) -> None:
        """A new QR code, as it must be drawn."""

    def on_login(self, status: str) -> None:
        """``success``, ``timeout``, ``error``, ``err-client-outdated``, ``passkey-request``, …"""


class _Events(Event):  # type: ignore[misc]
    """Hands every event over unparsed; all codes are subscribed, because the list is read once at connect."""

    def __init__(self, client: Any, listener: Listener) -> None:
        super().__init__(client)
        self._listener = listener
        self.list_func = dict.fromkeys(INT_TO_EVENT)

    def execute(self, uuid: int, binary: int, size: int, code: int) -> None:  # noqa: ARG002 - the signature is neonize's
        payload = b"" if code in SECRET_CODES or not binary else ctypes.string_at(binary, size)
        self._listener.on_event(code, payload)


class _Client(NewClient):  # type: ignore[misc]
    """A client whose QR codes and login status go to the listener instead of stdout."""

    def __init__(self, dsn: str, props: Any, listener: Listener) -> None:
        super().__init__(dsn, props=props, uuid=_UUID)
        self._listener = listener
        self.event = _Events(self, listener)

    def _NewClient__onQr(self, uuid: int, address: int) -> None:  # noqa: ARG002, N802 - neonize's private names
        self._listener.on_qr(ctypes.string_at(address).decode())

    def _NewClient__onLoginStatus(self, uuid: int, address: int) -> None:  # noqa: ARG002, N802
        self._listener.on_login(ctypes.string_at(address).decode())


class Library:
    """
    The WhatsApp library with one session.

    Args:
        database: The session's file; a path of ``wakit.paths``, never text of a user.
        name: What the phone lists under linked devices.
        noise_root: Root key of an emulated network, or ``None`` for WhatsApp.
    """

    def __init__(self, database: Path, name: str, listener: Listener, noise_root: bytes | None) -> None:
        _library_log.setLevel(logging.WARNING)
        logging.getLogger("neonize.utils.ffmpeg").setLevel(logging.ERROR)
        if noise_root is not None:
            trust(noise_root, generated_name())
        self._dsn = dsn(database)
        props = DeviceProps(os=name, platformType=DeviceProps.DESKTOP)
        self._client = _Client(self._dsn, props, listener)

    def linked_devices(self) -> list[JID]:
        """Return the devices that the session file holds: none before linking, then one."""
        listed = gocode.GetAllDevices(self._dsn.encode(), _NO_LOG).decode("utf-8", "replace")
        return [JID.parse(device.split(",", 1)[0]) for device in listed.split(_DEVICE_SEPARATOR) if device]

    def run(self) -> None:
        """
        Connect and handle events until the library gives up.

        Raises:
            WakitError: WhatsApp could not be reached, or the event pump died.
        """
        try:
            self._client.connect()
        except NeonizeError as exc:
            raise translated(exc) from exc

    def disconnect(self) -> None:
        """Close the connection; events that already came are still handed over."""
        self._client.disconnect()

    def pair_phone(self, digits: str) -> str:
        """Ask for a pairing code for this number; the first QR must have been seen."""
        # WhatsApp accepts only well-known browsers and systems here.
        return str(self._call(self._client.PairPhone, digits, True, ClientName.LINUX, ClientType.CHROME))

    def send(self, to: JID, message: Any) -> dict[str, Any]:
        """Send a ``waE2E.Message`` as it is; nothing in it is looked up."""
        answer = self._call(self._client.send_message, _proto(to), message)
        return {
            "message_id": answer.ID,
            "ts": answer.Timestamp,
            "chat": _text(answer.Chat) if answer.HasField("Chat") else str(to),
            "sender": _text(answer.Sender) if answer.HasField("Sender") else "",
        }

    def upload(self, data: bytes, kind: str) -> Any:
        """Encrypt and upload a file of a kind of ``outgoing.File``; return the library's ``UploadResponse``."""
        return self._call(self._client.upload, data, _MEDIA_TYPES[kind])

    def mark_read(self, chat: JID, sender: JID, ids: Sequence[str]) -> None:
        """Tell the sender that these messages were read."""
        self._call(self._client.mark_read, *ids, chat=_proto(chat), sender=_proto(sender), receipt=ReceiptType.READ)

    def typing(self, chat: JID, on: bool) -> None:
        """Show or end "typing…" in a chat."""
        state = ChatPresence.CHAT_PRESENCE_COMPOSING if on else ChatPresence.CHAT_PRESENCE_PAUSED
        self._call(self._client.send_chat_presence, _proto(chat), state, ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT)

    def is_on_whatsapp(self, numbers: Sequence[str]) -> list[dict[str, Any]]:
        """Return for each number (with plus) whether it has WhatsApp, and its address."""
        found = self._call(self._client.is_on_whatsapp, *numbers)
        return [{"number": one.Query, "jid": _text(one.JID) if one.IsIn else None} for one in found]

    # Groups and people: plain JSON in and out, in the form of ``wakit.directory``

    def groups(self) -> list[dict[str, Any]]:
        """Return the groups that the account is in."""
        return [asked.group(info) for info in self._call(self._client.get_joined_groups)]

    def group_lists(self) -> list[dict[str, Any]]:
        """Return who is in the groups of the account, in the form of ``asked.listed``."""
        return [asked.listed(info) for info in self._call(self._client.get_joined_groups)]

    def group(self, group: str) -> dict[str, Any]:
        """Return one group."""
        return asked.group(self._call(self._client.get_group_info, _jid(group)))

    def create_group(self, subject: str, members: list[str]) -> dict[str, Any]:
        """Make a group."""
        return asked.group(self._call(self._client.create_group, subject, [_jid(member) for member in members]))

    def change_members(self, group: str, action: str, members: list[str]) -> list[dict[str, Any]]:
        """Add, remove, promote or demote members."""
        people = [_jid(member) for member in members]
        changed = self._call(self._client.update_group_participants, _jid(group), people, ParticipantChange(action))
        return [asked.member(one) for one in changed]

    def rename_group(self, group: str, subject: str) -> None:
        """Give a group another subject."""
        self._call(self._client.set_group_name, _jid(group), subject)

    def leave_group(self, group: str) -> None:
        """Leave a group."""
        self._call(self._client.leave_group, _jid(group))

    def group_link(self, group: str, renew: bool) -> str:
        """Return a group's invite link."""
        return str(self._call(self._client.get_group_invite_link, _jid(group), renew))

    def profile(self, who: str | None) -> dict[str, Any]:
        """Return what somebody, or the account itself, shows of themselves."""
        jid = JID.parse(who or self.own_address(lid=False))
        (found,) = self._call(self._client.get_user_info, _proto(jid)) or [None]
        info = found.UserInfo if found is not None else neonize_pb.UserInfo()
        return {
            "jid": str(jid),
            "phone": asked.phone(str(jid)),
            "name": self._name(jid) if who else self.push_name(),
            "about": wire.text(info.Status),
            "picture_id": wire.text(info.PictureID),
        }

    def set_profile(self, name: str | None, about: str | None) -> None:
        """Change the account's own name or about text."""
        if name is not None:
            self._call(self._client.set_profile_name, name)
        if about is not None:
            self._call(self._client.set_status_message, about)

    def picture(self, who: str | None) -> str | None:
        """Return a picture as base64, or ``None`` where there is none or we may not see it."""
        try:
            found = self._call(self._client.get_profile_picture, _jid(who or self.own_address(lid=False)))
        except LibraryError as exc:
            if any(sign in str(exc.data["reason"]) for sign in _NO_PICTURE):
                return None
            raise
        return base64.b64encode(pictures.fetch(found.URL)).decode() if found.URL else None

    def blocked(self) -> list[dict[str, Any]]:
        """Return whom the account has blocked."""
        return self._blocked(self._call(self._client.get_blocklist))

    def block(self, who: str, on: bool) -> list[dict[str, Any]]:
        """Block or unblock somebody."""
        action = BlocklistAction.BLOCK if on else BlocklistAction.UNBLOCK
        return self._blocked(self._call(self._client.update_blocklist, _jid(who), action))

    def _blocked(self, found: Any) -> list[dict[str, Any]]:
        jids = [_text(jid) for jid in found.JIDs]
        return [{"jid": jid, "phone": asked.phone(self._number(jid))} for jid in jids]

    def _number(self, jid: str) -> str:
        """Return the phone-number address of a LID where the library knows it."""
        try:
            return _text(self._call(self._client.get_pn_from_lid, _jid(jid))) if jid.endswith(f"@{LID_SERVER}") else jid
        except WakitError:
            return jid

    def _name(self, jid: JID) -> str | None:
        """Return how the phone's address book, or else the person, names them."""
        found = self._call(self._client.contact.get_contact, _proto(jid))
        return wire.text(found.FullName) or wire.text(found.BusinessName) or wire.text(found.PushName)

    def own_address(self, *, lid: bool) -> str:
        """Return the account's own address, as a LID or as a phone number."""
        me = self._call(self._client.get_me)
        return _text(me.LID if lid else me.JID)

    def download(self, message: Any) -> bytes:
        """Fetch and decrypt the file of a ``waE2E.Message``; all of it is in memory meanwhile."""
        return bytes(self._call(self._client.download_any, message))

    def push_name(self) -> str | None:
        """Return the name that the phone gave itself; it comes some time after linking, without an event."""
        return wire.text(self._call(self._client.get_me).PushName)

    def read_vote(self, event: bytes) -> list[str]:
        """
        Return the SHA-256 of each option that the poll vote of a ``Message`` event chose, in hexadecimal.

        Raises:
            LibraryError: The library has no secret for that poll, or the vote is not what it says.
        """
        found = neonize_pb.ReturnFunctionWithError.FromString(gocode.DecryptPollVote(_UUID.encode(), event, len(event)))
        if found.Error:
            raise translated(DecryptPollVoteError(found.Error))
        return [bytes(option).hex() for option in found.PollVoteMessage.selectedOptions]

    def logout(self) -> None:
        """Unlink this device; the library deletes the session from its file."""
        self._call(self._client.logout)

    @staticmethod
    def _call(function: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except NeonizeError as exc:
            raise translated(exc) from exc
        except ValueError as exc:  # a NULL answer of the Go side
            msg = "The account is not connected right now (the library gave no answer)."
            raise NotConnected(msg) from exc


def dsn(database: Path) -> str:
    """
    Return the library's database name for a file of ours.

    It is put verbatim into ``file:%s?_foreign_keys=on``. The write-ahead log
    makes linking ~50 times faster than the default, because 812 prekeys are one
    transaction each; NORMAL keeps it safe against a killed process.
    """
    options = "_foreign_keys=on&_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_x="
    return f"{quote(str(database.absolute()))}?{options}"


def _proto(jid: JID) -> Any:
    return neonize_pb.JID(User=jid.user, Server=jid.server, Device=jid.device, RawAgent=0, Integrator=0, IsEmpty=False)


def _jid(address: str) -> Any:
    return _proto(JID.parse(address))


def _text(jid: Any) -> str:
    return str(JID(jid.User, jid.Server)) if jid.Server else ""
