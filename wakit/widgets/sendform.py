"""The form in a cell: ``wa.send_form()`` sends texts and files, and shows what became of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from wakit.client import Client
from wakit.client.pages import TimelinePage
from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.directory import Number
from wakit.errors import HostError, InvalidInput, NotOnWhatsApp, SessionError, WakitError
from wakit.ids import DEFAULT_ACCOUNT, JID, account_id, phone_number, recipient
from wakit.languages import Language, language, speak, translate
from wakit.model import Event
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.composer_words import composer_texts
from wakit.widgets.composing import KINDS, Composing, Sends
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.live import Live
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.people import Row
from wakit.widgets.words import error_text

#: Most chats that are offered while somebody types a name.
_OFFERED = 500
#: Most characters of what is typed for a recipient.
_TYPED = 200


class Hosts(Sends, Protocol):
    """The part of the client that the form needs (``AsyncClient`` has it)."""

    async def timeline(self, **chosen: Any) -> TimelinePage: ...
    def events(self, after: str | None = None, *, account: str | None = None, kinds: Any = ()) -> AsyncIterator[Event]:
        """Yield what happens behind *after*."""

    async def contacts(self) -> Any: ...
    async def chats(self) -> Any: ...
    async def check_numbers(self, numbers: Any, *, account: str) -> list[Number]: ...
    async def close(self) -> None: ...


class Form(Live[Hosts]):
    """The live side of one form."""

    def __init__(
        self,
        account: str,
        opener: Callable[[bool], Awaitable[Hosts]],
        send: Callable[[dict[str, Any]], None],
        *,
        clock: Clock,
        bubbles: Bubbles,
        to: str | None = None,
        reply_to: str | None = None,
    ) -> None:
        super().__init__(opener, send, clock=clock, lang=bubbles.lang)
        self._account = account
        self._bubbles = bubbles
        self._to = to
        self._reply_to = reply_to
        self._chats: list[Row] = []
        self._composing = Composing(account, send, self._attached, self._name, clock=clock, lang=bubbles.lang)

    async def greet(self) -> None:
        self._composing.greet()
        await self._introduce(await self.attach(start=False))

    async def follow(self, client: Hosts) -> None:
        contacts, chats = await client.contacts(), await client.chats()
        self._chats = [chat for chat in chats.to_dict("records") if chat["account"] == self._account]
        self._bubbles.people.learn(contacts.to_dict("records"), self._chats)
        after = (await client.timeline(account=self._account, limit=1)).events
        await self._composing.begin(client)
        self._composing.greet()
        await self._introduce(client)
        async for event in client.events(after, account=self._account, kinds=KINDS):
            self.well()
            self._composing.happened(event)

    async def do(self, command: str, message: dict[str, Any]) -> None:
        try:
            if command == "check":
                await self._check(message)
            else:
                await self._composing.do(command, message)
        except WakitError as exc:
            self.fail(exc)

    def lost(self) -> None:
        self.send({"t": "lost"})

    def fail(self, exc: BaseException) -> None:
        self.send({"t": "problem", "text": error_text(exc, self.lang)})

    def end(self) -> None:
        self._composing.close()

    async def _attached(self) -> Sends:
        return await self.attach(start=False)

    async def _introduce(self, client: Hosts) -> None:
        """Send what the form begins with: the chats that there are, the recipient, and the message to answer."""
        offered = [self._offer(chat["chat"]) for chat in self._chats[:_OFFERED]]
        reply = await self._quoted(client) if self._reply_to else None
        self.send({"t": "begin", "chats": offered, "to": self._to, "reply": reply})

    def _offer(self, address: str) -> Row:
        about = self._bubbles.of_chat(self._account, address)
        return {"label": about["name"], "more": about["number"] if about["number"] != about["name"] else ""}

    async def _quoted(self, client: Hosts) -> Row:
        found = await client.timeline(account=self._account, ids=[self._reply_to], limit=1)
        if not found:
            return {"id": self._reply_to, "name": "", "text": "…"}
        row = self._bubbles.of_timeline(found[0])
        who = speak(self.lang, "You") if row["mine"] else self._bubbles.name(self._account, found[0]["sender"])
        return {"id": self._reply_to, "name": who, "text": row["text"] or row["label"] or "…"}

    async def _check(self, message: dict[str, Any]) -> None:
        """Say who is meant by what somebody typed, or why nobody is."""
        typed = str(message.get("value") or "").strip()[:_TYPED]
        answer = {"t": "checked", "view": message.get("view"), "value": typed, "jid": None, "note": None, "problem": None}
        try:
            jid = self._meant(typed)
            answer |= {"jid": str(jid), "note": await self._called(jid)}
        except WakitError as exc:
            answer["problem"] = error_text(exc, self.lang)
        self.send(answer)

    def _meant(self, typed: str) -> JID:
        names = {chat["chat"]: self._bubbles.name(self._account, chat["chat"]) for chat in self._chats}
        named = {chat for chat, name in names.items() if name.casefold() == typed.casefold()}
        if len(named) == 1:
            return JID.parse(named.pop())
        if named:
            raise InvalidInput(speak(self.lang, "Several chats are called so. Write the phone number."))
        return recipient(typed, country=settings().country)

    async def _called(self, jid: JID) -> str:
        about = self._bubbles.of_chat(self._account, str(jid))
        if jid.is_phone and not self._bubbles.people.is_known(self._account, self._bubbles.people.shown(self._account, str(jid))):
            try:
                client = await self.attach(start=False)
                (number,) = await client.check_numbers([f"+{jid.user}"], account=self._account)
            except (SessionError, HostError):
                return speak(self.lang, "{number} · it cannot be checked now whether it has WhatsApp", number=about["number"])
            if not number.on_whatsapp:
                raise NotOnWhatsApp(f"+{jid.user} has no WhatsApp account.")
        return about["name"] if about["name"] == about["number"] else f"{about['name']} · {about['number']}".rstrip(" ·")

    def _name(self, address: str) -> str:
        try:
            return self._bubbles.name(self._account, self._bubbles.people.shown(self._account, address))
        except InvalidInput:
            return address


class SendFormWidget(Panel):
    """A recipient, a text, a file, and what became of it."""

    _esm, _css = assets("thread", "composer", "sendform").values()
    kept = "WhatsApp send form · run this cell to see it / ejecuta esta celda para verlo"

    def __init__(
        self, account: str, open_client: Any, lang: Language, *, to: str | None, reply_to: str | None, private: bool
    ) -> None:
        super().__init__(lang, form_texts(lang))
        bubbles = Bubbles(lang=lang, private=private)
        self.animate(Form(account, open_client, self.send, clock=SystemClock(), bubbles=bubbles, to=to, reply_to=reply_to))


def send_form(
    client: Client,
    to: str | None = None,
    *,
    reply_to: str | None = None,
    account: str = DEFAULT_ACCOUNT,
    private: bool | None = None,
) -> SendFormWidget | Unattended:
    """
    Return the form, the same one each time for the same question; the cell displays it.

    Args:
        client: Of the workspace.
        to: Who it is for: a phone number in any spelling, or a JID; the person may change it.
        reply_to: Id of the message of that chat that it answers.
        account: Who sends.
        private: Initials instead of names, masked numbers; unset, as the client says.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidPhoneNumber, InvalidJID: *to* is neither.
    """
    account_id(account)
    jid = recipient(to, country=settings().country) if to is not None else None
    if not is_attended():
        return Unattended(SendFormWidget.kept)
    written = None if jid is None else phone_number(f"+{jid.user}").pretty if jid.is_phone else str(jid)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace

    def make() -> SendFormWidget:
        return SendFormWidget(account, opener(workspace), lang, to=written, reply_to=reply_to, private=private)

    return only(("send_form", workspace.root, account, written, reply_to, lang, private), make)


def form_texts(lang: Language) -> dict[str, str]:
    """Return the words of the form; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        **composer_texts(lang),
        "title": _("Send a WhatsApp message"),
        "to": _("To"),
        "to_hint": _("Phone number or name of a chat"),
        "to_missing": _("Say who it is for: a phone number with its country code, or the name of a chat."),
        "checking": _("Checking…"),
        "host_lost": _("The host of wakit does not answer. Try again when it is back."),
        "kernel_gone": _("No connection to the kernel: what you see is no longer current. Run this cell again."),
    }
