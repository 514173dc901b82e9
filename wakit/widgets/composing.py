"""
The kernel's side of what a person writes in a widget: drafts, files on their way, and what became of each message.

Records of the host about outgoing messages hold no text, so what was written here is kept here, for as long as the
kernel lives: a page that is loaded again shows it as before. Each message has a key that the browser made when the
writing began; whatever is clicked or loaded again, the host sends one key once.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from wakit.clock import Clock
from wakit.config import settings
from wakit.errors import InvalidInput, SessionError, WakitError
from wakit.filekinds import HEAD, usual_kind
from wakit.languages import Language, mark, speak, translate
from wakit.model import Event, EventKind, Send, SendState, SessionState, SessionStatus
from wakit.widgets.bridge import Latest
from wakit.widgets.bubbles import ticked
from wakit.widgets.people import Row
from wakit.widgets.words import error_text

#: Most bytes of a file that a widget takes.
LIMIT = 16 * 2**20
#: Messages that are kept; the oldest ones that have arrived go first.
KEPT = 50
#: Files that are on their way from the browser, or wait for their message, at a time.
_FILES = 4
#: Most characters of a draft that is kept; the host takes no more bytes either.
_DRAFT = 65536
#: Kinds of file below which words can stand.
_CAPTIONED = {"image", "video", "document"}
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Sends that were told of before the answer that names them.
_TOLD = 200

#: What happens to be told of outgoing messages and of the account.
KINDS = (EventKind.SEND, EventKind.STATE)

_NOTES = {
    SendState.QUEUED: mark("Waits in the queue until the account is online."),
    SendState.FAILED: mark("WhatsApp did not take it."),
    SendState.UNKNOWN: mark("I cannot tell whether it arrived. Look at the phone before you send it again."),
    SendState.CANCELLED: mark("You took it back."),
}
_OFFERS = {
    SendState.QUEUED: ("cancel",),
    SendState.FAILED: ("again", "discard"),
    SendState.UNKNOWN: ("arrived", "again"),
    SendState.CANCELLED: ("again", "discard"),
}
_GONE_WELL = frozenset({SendState.SENT, SendState.DELIVERED, SendState.READ})


class Sends(Protocol):
    """The part of the client that writing needs (``AsyncClient`` has it)."""

    async def send(self, to: str, text: str, **how: Any) -> Send: ...
    async def send_file(self, to: str, file: bytes, **how: Any) -> Send: ...
    async def sent(self, send_id: str) -> Send: ...
    async def pending(self, *, account: str | None = None) -> list[Send]: ...
    async def cancel_send(self, send_id: str) -> Send: ...
    async def arrived(self, send: Any) -> Send: ...
    async def send_again(self, send: Any) -> Send: ...
    async def status(self, account: str) -> SessionStatus: ...


@dataclass(frozen=True, kw_only=True)
class Written:
    """One message that was written here, or one of which nobody knows what became."""

    key: str
    to: str
    text: str
    at: datetime
    file: bytes | None = field(default=None, repr=False)
    file_name: str | None = None
    reply_to: str | None = None
    #: What the host said last of it; ``None`` until it took it.
    send: Send | None = None
    #: Why the host did not take it.
    problem: str | None = None

    @property
    def state(self) -> SendState:
        if self.send is None:
            return SendState.FAILED if self.problem else SendState.SENDING
        return self.send.state


@dataclass
class Parts:
    """A file that comes from the browser piece by piece: one message of it all would be more than a Jupyter server passes on."""

    name: str
    parts: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))


class Composing:
    """
    What is written in one widget.

    Args:
        account: Who sends.
        tell: Hands a message to all views.
        attach: Returns the client of the host.
        name: Returns what to call somebody; it is also given what is no address.
        clock: Of what is written.
        lang: Of what is said.
    """

    def __init__(
        self,
        account: str,
        tell: Callable[[dict[str, Any]], None],
        attach: Callable[[], Awaitable[Sends]],
        name: Callable[[str], str],
        *,
        clock: Clock,
        lang: Language,
    ) -> None:
        self.account = account
        self._tell = tell
        self._attach = attach
        self._name = name
        self._clock = clock
        self._lang = lang
        self._written: dict[str, Written] = {}
        self._drafts: dict[str, Row] = {}
        self._files: dict[str, Parts] = {}
        self._told: dict[str, Send] = {}
        self._standing: Row = {"t": "account", "note": None}
        self._news: Latest[None] = Latest(lambda _: self._show(), 0.1)

    async def begin(self, client: Sends) -> None:
        """Learn how the account and all that is on its way are now."""
        await self._learn_account(client)
        for send in await client.pending(account=self.account):
            self._heard(send)
        for one in list(self._written.values()):
            if one.send is not None and not one.send.state.is_settled(SendState.READ):
                self._heard(await client.sent(one.send.id))
        self._news.offer(None)

    def greet(self) -> None:
        """Tell a view that was opened what was written, and what is not sent yet."""
        self._tell(self._standing)
        self._show()
        self._tell({"t": "drafts", "drafts": self._drafts, "limit": min(LIMIT, settings().media_limit)})

    def happened(self, event: Event) -> None:
        """Take what the host tells."""
        if event.kind is EventKind.SEND:
            self._heard(Send.from_json(event.data))
            self._news.offer(None)
        elif event.kind is EventKind.STATE and event.account == self.account:
            self._tell_account(SessionStatus.from_json(event.data))

    async def do(self, command: str, message: dict[str, Any]) -> bool:
        """Do what a view asks for; return whether this was for the composer."""
        now = {"draft": self._draft, "part": self._part, "discard": self._discard}.get(command)
        later = {"send": self._send, "again": self._again, "arrived": self._arrived, "cancel": self._cancel}.get(command)
        if now is not None:
            now(message)
        if later is not None:
            await later(message)
        return now is not None or later is not None

    def close(self) -> None:
        """Tell nothing more."""
        self._news.close()

    # What a view asks for

    def _draft(self, message: dict[str, Any]) -> None:
        """Keep what is not sent yet, for a page that is loaded again."""
        place = str(message.get("value", ""))[:_DRAFT]
        told = message.get("draft")
        if not isinstance(told, dict) or str(told.get("key")) in self._written:
            return
        draft = {name: told.get(name) for name in ("key", "to", "text", "file", "reply")}
        if any(draft[name] for name in ("to", "text", "file", "reply")) and len(str(draft["text"] or "")) <= _DRAFT:
            self._drafts[place] = draft
        else:
            self._drafts.pop(place, None)

    def _part(self, message: dict[str, Any]) -> None:
        name, file = _key(message), str(message.get("name") or "")[:255]
        parts = self._files.setdefault(name, Parts(name=file))
        parts.parts.extend(bytes(buffer) for buffer in message.get("buffers", ()))
        if parts.size > min(LIMIT, settings().media_limit):
            del self._files[name]
        while len(self._files) > _FILES:
            self._files.pop(next(iter(self._files)))

    async def _send(self, message: dict[str, Any]) -> None:
        key = _key(message)
        if key in self._written:
            return  # a second click, or a page that was loaded again
        text, to = str(message.get("text") or ""), str(message.get("to") or "")
        parts = self._files.pop(str(message.get("file")), None) if message.get("file") else None
        self._drafts = {place: draft for place, draft in self._drafts.items() if draft["key"] != key}
        reply_to = str(message["reply"]) if message.get("reply") else None
        one = Written(key=key, to=to, text=text, at=self._clock.now(), reply_to=reply_to)
        if message.get("file") and parts is None:
            problem = speak(self._lang, "The file did not get here as a whole. Choose it again.")
            self._put(replace(one, problem=problem))
            return
        for each in _messages(one, parts):
            self._put(each)
            await self._hand_over(each)

    async def _again(self, message: dict[str, Any]) -> None:
        one = self._one(message)
        if one.send is None and one.problem is not None:
            waits = replace(one, problem=None)
            self._put(waits)
            await self._hand_over(waits)  # the same key: if the host did take it, it is not sent twice
        elif one.send is not None and one.send.state in _OFFERS:
            await self._decide(one, lambda client, send: client.send_again(send))

    async def _arrived(self, message: dict[str, Any]) -> None:
        await self._decide(self._one(message), lambda client, send: client.arrived(send))

    async def _cancel(self, message: dict[str, Any]) -> None:
        await self._decide(self._one(message), lambda client, send: client.cancel_send(send))

    def _discard(self, message: dict[str, Any]) -> None:
        one = self._one(message)
        if one.state in {SendState.FAILED, SendState.CANCELLED}:
            self._written.pop(one.key)
            self._news.offer(None)

    async def _decide(self, one: Written, how: Callable[[Sends, str], Awaitable[Send]]) -> None:
        """Do what a person decided about a message; what comes back is what stands for it from then on."""
        if one.send is None:
            return
        decided = await how(await self._attach(), one.send.id)
        self._put(replace(one, send=self._newest(decided)))

    async def _hand_over(self, one: Written) -> None:
        how: dict[str, Any] = {"account": self.account, "reply_to": one.reply_to, "wait": 0.0, "idempotency_key": one.key}
        try:
            client = await self._attach()
            if one.file is None:
                send = await client.send(one.to, one.text, **how)
            else:
                send = await client.send_file(one.to, one.file, name=one.file_name, caption=one.text, **how)
        except WakitError as exc:
            self._put(replace(one, problem=error_text(exc, self._lang)))
        else:
            self._put(replace(one, file=None, send=self._newest(send)))

    # What is known

    def _one(self, message: dict[str, Any]) -> Written:
        one = self._written.get(str(message.get("value")))
        if one is None:
            raise InvalidInput("The view names a message that was not written here. Reload the page.")
        return one

    def _put(self, one: Written) -> None:
        if one.send is not None and one.key != one.send.id:
            self._written.pop(one.send.id, None)  # it was told of before we knew that it is ours
        self._written[one.key] = one
        arrived = [key for key, old in self._written.items() if old.state in _GONE_WELL]
        for key in arrived[: max(0, len(self._written) - KEPT)]:
            del self._written[key]
        self._news.offer(None)

    def _heard(self, send: Send) -> None:
        """Take what the host says of a message; one that nobody knows of is shown here whoever has written it."""
        if send.account != self.account:
            return
        self._told[send.id] = send
        while len(self._told) > _TOLD:
            self._told.pop(next(iter(self._told)))
        ours = next((one for one in self._written.values() if one.send is not None and one.send.id == send.id), None)
        if ours is not None:
            self._written[ours.key] = replace(ours, send=self._newest(send))
        elif send.state is SendState.UNKNOWN and send.decided_by is None:
            self._written[send.id] = Written(key=send.id, to=send.to, text="", at=send.created_at, send=send)

    def _newest(self, send: Send) -> Send:
        told = self._told.get(send.id)
        return told if told is not None and told.updated_at > send.updated_at else send

    async def _learn_account(self, client: Sends) -> None:
        try:
            self._tell_account(await client.status(self.account))
        except SessionError as exc:
            self._stand(error_text(exc, self._lang))

    def _tell_account(self, status: SessionStatus) -> None:
        note = None
        if status.state is not SessionState.CONNECTED:
            linked = status.state.is_linked or status.device is not None
            offline = mark("The account is offline: what you send waits in the queue, and goes out by itself.")
            unlinked = mark("The account is not linked to a phone. Link it first.")
            note = translate(self._lang, offline if linked else unlinked)
        self._stand(note)

    def _stand(self, note: str | None) -> None:
        self._standing = {"t": "account", "note": note}
        self._tell(self._standing)

    def _show(self) -> None:
        self._tell({"t": "written", "written": [self._row(one) for one in self._written.values()]})

    def _row(self, one: Written) -> Row:
        note = one.problem if one.send is None else translate(self._lang, _NOTES.get(one.state, ""))
        detail = one.send.error if one.send is not None else None
        address = one.to if one.send is None else one.send.to
        return {
            "key": one.key,
            "to": one.to,
            "name": self._name(address),
            "text": one.text or (None if one.file_name else speak(self._lang, "A message that was written elsewhere or earlier")),
            "file": one.file_name,
            "ts": round(one.at.timestamp() * 1000),
            "message_id": one.send.message_id if one.send is not None else None,
            "note": note or None,
            "detail": detail,
            "offers": _OFFERS.get(one.state, ()),
            **ticked(one.state, self._lang),
        }


def _messages(one: Written, parts: Parts | None) -> list[Written]:
    """Return what is to be sent: a file and the words below it, or two messages where no words can stand below it."""
    if parts is None:
        return [one]
    data = b"".join(parts.parts)
    file = replace(one, file=data, file_name=parts.name or None)
    if not one.text or usual_kind(data[:HEAD]) in _CAPTIONED:
        return [file]
    return [replace(file, text=""), replace(one, key=f"{one.key}-t", reply_to=None)]


def _key(message: dict[str, Any]) -> str:
    key = str(message.get("value", ""))
    if not _KEY.fullmatch(key):
        raise InvalidInput("A view gave a message no key. Reload the page.")
    return key
