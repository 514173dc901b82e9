"""
``Phone``: what a test, a notebook or the demo holds of an emulated phone.

Synchronous and usable from any thread; the work happens on the network's loop,
and every call has a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from wakit.emulator.history import GeneratedHistory, HistoryChat, chunks
from wakit.emulator.link import Runtime
from wakit.emulator.phone.handset import Handset
from wakit.emulator.phone.media import File
from wakit.emulator.phone.records import Activity, Group, Receipt, Received
from wakit.emulator.qr import Picture
from wakit.ids import JID, phone_number, recipient
from wakit.model import MessageType

T = TypeVar("T")
#: A number in any spelling, an address, another phone, or a group.
To: TypeAlias = "str | JID | Phone | Group"

_CALL_TIMEOUT = 30.0
#: Scanning and typing wait for the companion, which may be slow on a busy machine.
_LINK_TIMEOUT = 60.0


class Phone:
    """A phone with WhatsApp, on the emulated network."""

    def __init__(self, runtime: Runtime, number: str, *, name: str = "") -> None:
        """
        Register the number and go online.

        Args:
            runtime: The network.
            number: With country code, in any spelling.
            name: What others see; the number where it is empty.

        Raises:
            InvalidPhoneNumber: It is not a phone number.
        """
        self.number = phone_number(number)
        self._runtime = runtime
        self.handset: Handset = self._run(self._start(name))

    async def _start(self, name: str) -> Handset:
        handset = Handset(self._runtime.exchange, self.number.digits, name or self.number.pretty)
        await handset.connect()
        return handset

    def __repr__(self) -> str:
        return f"<Phone {self.name!r}>"

    def close(self) -> None:
        """Switch the phone off; the network keeps what is sent to it."""
        self._run(self.handset.close())

    def switch_on(self) -> None:
        """Go online again after ``close``."""
        self._run(self.handset.connect())

    @property
    def name(self) -> str:
        """What others see."""
        return self.handset.name

    @property
    def jid(self) -> JID:
        """The phone-number address."""
        return self.handset.device.pn

    @property
    def lid(self) -> JID:
        """The private alias of the number."""
        return self.handset.device.lid

    # Linked devices

    def scan(self, picture: Picture) -> JID:
        """
        Scan the picture of a QR code and link the companion that shows it.

        Returns:
            The phone-number address of the new device; see ``wait_ready``.

        Raises:
            LinkingFailed: No readable code, or nobody waits behind it any more.
        """
        return self._run(self.handset.linking.scan(picture), timeout=_LINK_TIMEOUT)

    def scan_text(self, text: str) -> JID:
        """Link the companion whose QR code says *text*."""
        return self._run(self.handset.linking.scan_text(text), timeout=_LINK_TIMEOUT)

    def type_code(self, code: str) -> JID:
        """
        Type a pairing code such as ``FKPW-H7ER`` and link the companion that shows it.

        Raises:
            LinkingFailed: The code is wrong, or no companion asked this number for one.
        """
        return self._run(self.handset.linking.type_code(code), timeout=_LINK_TIMEOUT)

    def wait_ready(self, device: JID, *, timeout: float = 30.0) -> None:
        """
        Wait until a linked companion has logged in, published its keys and got the account's.

        Raises:
            NotConnected: It did not within *timeout* seconds.
        """
        self._run(self.handset.companions.ready(device, timeout), timeout=timeout + 1)

    @property
    def devices(self) -> list[JID]:
        """The linked companions as phone-number addresses, oldest first."""
        return self._call(self.handset.companions.linked)

    def unlink(self, device: JID) -> None:
        """Remove a companion; it is told so and forgotten."""
        self._run(self._runtime.exchange.unlink_device(device))

    # Messages out

    def send(self, to: To, text: str, *, message_id: str | None = None) -> str:
        """Send a text; returns the message's id."""
        return self._run(self.handset.chat.text(_address(to), text, message_id=message_id))

    def send_media(
        self,
        to: To,
        kind: str,
        data: bytes,
        *,
        caption: str = "",
        mimetype: str = "",
        file_name: str = "",
        seconds: int = 0,
        ptt: bool = False,
    ) -> str:
        """
        Send a file; returns the message's id.

        Args:
            to: Who gets it.
            kind: ``image``, ``video``, ``audio``, ``voice``, ``document`` or ``sticker``.
            data: The file.
            caption: Words below an image, video or document.
            mimetype: Where the usual one of the kind is wrong.
            file_name: Of a document.
            seconds: Length of audio and video.
            ptt: Make an ``audio`` a voice note.
        """
        kind = "voice" if ptt and kind == "audio" else kind
        file = File(kind=kind, data=data, caption=caption, mimetype=mimetype, file_name=file_name, seconds=seconds)
        return self._run(self.handset.chat.file(_address(to), file))

    def send_message(self, to: To, message: Any, *, message_id: str | None = None) -> str:
        """Send any protobuf message as it is; returns its id."""
        return self._run(self.handset.outgoing.send(_address(to), message, message_id=message_id))

    def reply(self, to: To, message_id: str, text: str) -> str:
        """Answer a message, quoting it."""
        return self._run(self.handset.chat.reply(_address(to), message_id, text))

    def react(self, to: To, message_id: str, emoji: str) -> str:
        """React to a message; an empty *emoji* takes the reaction back."""
        return self._run(self.handset.chat.react(_address(to), message_id, emoji))

    def edit(self, to: To, message_id: str, text: str) -> str:
        """Replace the text of an own message."""
        return self._run(self.handset.chat.edit(_address(to), message_id, text))

    def revoke(self, to: To, message_id: str) -> str:
        """Delete a message for everyone."""
        return self._run(self.handset.chat.revoke(_address(to), message_id))

    def forward(self, message_id: str, to: To) -> str:
        """Send a copy of a message, marked as forwarded."""
        return self._run(self.handset.chat.forward(message_id, _address(to)))

    def poll(self, to: To, question: str, options: Sequence[str], *, choices: int = 1) -> str:
        """Ask a question with fixed answers; returns the poll's id."""
        return self._run(self.handset.chat.poll(_address(to), question, options, choices=choices))

    def vote(self, to: To, poll_id: str, options: Sequence[str]) -> str:
        """Vote in a poll that this phone has seen."""
        return self._run(self.handset.chat.vote(_address(to), poll_id, options))

    def location(self, to: To, latitude: float, longitude: float, *, name: str = "", address: str = "") -> str:
        """Send a place on the map."""
        return self._run(self.handset.chat.location(_address(to), latitude, longitude, name=name, address=address))

    def contact_card(self, to: To, name: str, number: str) -> str:
        """Send somebody's number."""
        return self._run(self.handset.chat.contact_card(_address(to), name, phone_number(number).digits))

    def typing(self, to: To, *, on: bool = True, voice: bool = False) -> None:
        """Show or hide "typing…" (or "recording…") in a chat."""
        self._run(self.handset.profile.typing(_address(to), on=on, voice=voice))

    def mark_read(self, messages: Received | Iterable[Received], *, played: bool = False) -> None:
        """Send read (or played) receipts for received messages."""
        listed = [messages] if isinstance(messages, Received) else list(messages)
        self._run(self.handset.chat.mark_read(listed, played=played))

    # Messages in

    @property
    def inbox(self) -> list[Received]:
        """Every message that this phone decrypted, own companions' copies included."""
        return self.handset.device.messages.all()

    @property
    def receipts(self) -> list[Receipt]:
        """What became of the messages that this phone sent."""
        return self.handset.device.receipts.all()

    @property
    def activities(self) -> list[Activity]:
        """Presence and typing that this phone was told of."""
        return self.handset.device.activities.all()

    def wait_for(
        self,
        match: Callable[[Received], bool] | None = None,
        *,
        text: str | None = None,
        type: MessageType | str | None = None,  # noqa: A002 - it is the field's name
        timeout: float = 10.0,
    ) -> Received:
        """
        Return the first message, past or future, that matches everything given.

        Raises:
            TimeoutError: None came within *timeout* seconds.
        """
        return self.handset.device.messages.wait(
            lambda one: text in (None, one.text) and type in (None, one.type) and (match is None or match(one)), timeout
        )

    def wait_receipt(self, message_id: str, kind: str = "delivered", *, timeout: float = 10.0) -> Receipt:
        """Return the first receipt of this kind (``delivered``, ``read``, ``inactive``, …) for a sent message."""
        return self.handset.device.receipts.wait(lambda one: message_id in one.ids and one.type == kind, timeout)

    def wait_activity(self, state: str, *, timeout: float = 10.0) -> Activity:
        """Return the first presence or typing update with this state."""
        return self.handset.device.activities.wait(lambda one: one.state == state, timeout)

    def download(self, received: Received) -> bytes:
        """
        Return the file of a message.

        Raises:
            InvalidInput: It carries none.
            MediaFailed: The file is gone or damaged.
        """
        return self._call(lambda: self.handset.media.open(received.message))

    def read_vote(self, received: Received) -> list[str]:
        """Return what somebody chose in a poll that this phone has seen."""
        return self._call(lambda: self.handset.chat.read_vote(received))

    # Groups

    def create_group(self, subject: str, members: Sequence[To]) -> Group:
        """Create a group with these people and this phone as its admin."""
        return self._run(self.handset.groups.create(subject, [_address(member) for member in members]))

    def group(self, group: To) -> Group:
        """Return a group as the network knows it now."""
        return self._run(self.handset.groups.info(_address(group)))

    def group_add(self, group: To, *members: To) -> None:
        """Add people to a group."""
        self._run(self.handset.groups.change(_address(group), "add", [_address(one) for one in members]))

    def group_remove(self, group: To, *members: To) -> None:
        """Remove people from a group."""
        self._run(self.handset.groups.change(_address(group), "remove", [_address(one) for one in members]))

    def group_promote(self, group: To, *members: To) -> None:
        """Make members admins."""
        self._run(self.handset.groups.change(_address(group), "promote", [_address(one) for one in members]))

    def group_demote(self, group: To, *members: To) -> None:
        """Take the admin role away."""
        self._run(self.handset.groups.change(_address(group), "demote", [_address(one) for one in members]))

    def group_rename(self, group: To, subject: str) -> None:
        """Give a group another subject."""
        self._run(self.handset.groups.rename(_address(group), subject))

    def group_leave(self, group: To) -> None:
        """Leave a group."""
        self._run(self.handset.groups.leave(_address(group)))

    # Account

    def lose_sessions(self) -> None:
        """Forget every Signal session, as a phone restored from an old backup does."""
        endpoint = self.handset.device.endpoint
        self._call(lambda: endpoint.forget(endpoint.sessions()))

    def rename(self, name: str) -> None:
        """Call the account something else, here and on its companions."""
        self._run(self.handset.rename(name))

    def set_picture(self, picture: bytes, *, group: To | None = None) -> None:
        """Show this JPEG as the account's picture, or as a group's."""
        self._run(self.handset.profile.set_picture(picture, group=None if group is None else _address(group)))

    def set_about(self, text: str) -> None:
        """Show this text under the account's name."""
        self._run(self.handset.profile.set_about(text))

    def presence(self, *, available: bool = True) -> None:
        """Be online or away."""
        self._run(self.handset.profile.presence(self.name, available=available))

    def watch(self, who: To) -> None:
        """Ask to be told when somebody comes and goes."""
        self._run(self.handset.profile.watch(_address(who)))

    def set_contacts(self, names: Mapping[str, str]) -> None:
        """Share the phone's address book (number → name) with the companions."""
        self._run(self.handset.app_state.set_contacts({recipient(number): name for number, name in names.items()}))

    # History

    def push_history(
        self,
        chats: Iterable[HistoryChat] | int = 20,
        *,
        messages_per_chat: int = 50,
        seed: int = 1,
        device: JID | None = None,
    ) -> int:
        """
        Give the companions the chats from before they were linked; returns how many messages.

        Args:
            chats: The chats, or how many to make up.
            messages_per_chat: Of made-up chats.
            seed: Of made-up chats: the same seed gives the same history.
            device: One companion; all of them where omitted.
        """
        if isinstance(chats, int):
            chats = GeneratedHistory(chats, messages_per_chat, seed=seed)
        sender = self.handset.history
        targets = self._run(sender.targets(device))
        count = 0
        # Built here, chunk by chunk, in the caller's thread: the network goes on meanwhile.
        for chunk in chunks(chats, self._register):
            self._run(sender.send(chunk, targets))
            count += chunk.messages
        return count

    def _register(self, digits: str, name: str) -> JID:
        return self._call(lambda: self._runtime.exchange.register_account(digits, push_name=name).lid_jid)

    # Threads

    def _run(self, work: Coroutine[Any, Any, T], *, timeout: float = _CALL_TIMEOUT) -> T:
        return self._runtime.run(work, timeout=timeout)

    def _call(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return self._run(call())


def _address(to: Any) -> JID:
    if isinstance(to, JID):
        return to.bare
    if isinstance(to, Phone | Group):
        return to.jid
    return recipient(str(to))
