"""
Everything that a client can ask of the host, each verb written once.

A verb is a method that returns an ``Ask`` (or a ``Stream``) instead of doing it.
Seen through a ``Client`` it does it and returns the result; seen through an
``AsyncClient`` it returns a coroutine of the same result. Signature, docstring and
types are those written here.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote

from wakit.access import NewToken, Scope, Token
from wakit.client.ask import MARGIN, QUICK, Ask, arrow_table, delete, get, nothing, polars_frame, post, record, records, table
from wakit.client.follow import Stream
from wakit.client.pointing import point
from wakit.config import settings
from wakit.directory import Blocked, Group, Member, MemberAction, Number, Profile
from wakit.found import Hit
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.imported import Imported
from wakit.model import Event, EventKind, MediaFile, Send, SendState, SessionStatus
from wakit.outgoing import Card, Deletion, Edit, Place, Poll, Reaction, Said, Text
from wakit.sqlvalues import to_wire
from wakit.webhook import DeadEvent, NewWebhook, Webhook

if TYPE_CHECKING:
    import httpx
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from wakit.client.aio import AsyncClient
    from wakit.client.blocking import Client
    from wakit.client.sends import AsyncSend, BlockingSend

#: Seconds for an index over millions of messages.
REBUILDING = 3600.0

P = ParamSpec("P")
T = TypeVar("T")

#: Values of a query: for ``?`` or for ``$name``.
Params = Sequence[Any] | Mapping[str, Any] | None


class verb(Generic[P, T]):  # noqa: N801 - used as a decorator
    """Makes a request out of a method, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> verb[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.perform, "{}")


class stream(Generic[P, T]):  # noqa: N801 - used as a decorator
    """Makes an iterator out of a method, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Stream[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> stream[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.follow, "Iterator[{}]")


class sending(Generic[P]):  # noqa: N801 - used as a decorator
    """Makes a request out of a method whose result can wait for more, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[Send]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> sending[P]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, BlockingSend]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, AsyncSend]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.perform_send, "{}")


def _bound(ask: Callable[..., Any], client: Any, perform: Callable[[Any], Any], gives: str) -> Callable[..., Any]:
    method = ask.__get__(client)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return perform(method(*args, **kwargs))

    # A person who asks for help in a notebook wants to read the result's type, not the plumbing's.
    signature = inspect.signature(method)
    result = str(signature.return_annotation).partition("[")[2].removesuffix("]")
    call.__signature__ = signature.replace(return_annotation=gives.format(result))  # type: ignore[attr-defined]
    return call


class Verbs:
    """The verbs of both clients."""

    @verb
    def status(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """
        Return how the session of *account* is right now.

        Raises:
            UnknownAccount: It was never linked in this workspace.
        """
        return get(_session(account), record(SessionStatus))

    @verb
    def sessions(self) -> Ask[list[SessionStatus]]:
        """Return how all sessions of the workspace are right now."""
        return get("/api/sessions", records(SessionStatus))

    @stream
    def watch(self, account: str = DEFAULT_ACCOUNT) -> Stream[SessionStatus]:
        """Yield how the session of *account* is, now and at each change; an account may still be to come."""
        return Stream(path=_session(account, "watch"), reads=SessionStatus.from_json)

    @verb
    def connect_account(
        self, account: str = DEFAULT_ACCOUNT, *, network: Path | str | None = None, phone: str | None = None
    ) -> Ask[SessionStatus]:
        """
        Connect *account*, and start to link it if it never was; ``watch`` tells how it goes on.

        Args:
            account: Any name of ``a-z 0-9 _ -``.
            network: Descriptor of an emulated network; without one
                ``WAKIT_NETWORK`` decides, and without that WhatsApp itself.
            phone: Link with a code that is typed on this phone instead of a QR.
        """
        descriptor = network or settings().network
        body = {
            "network": str(Path(descriptor).absolute()) if descriptor else None,
            "phone": phone,
            "country": settings().country,
        }
        return post(_session(account, "connect"), record(SessionStatus), body, timeout=_patient())

    @verb
    def pair(self, account: str, phone: str, *, network: Path | str | None = None) -> Ask[SessionStatus]:
        """Link *account* with a code that is typed on *phone*; the status has the code."""
        body = {"network": _descriptor(network), "phone": phone, "country": settings().country}
        return post(_session(account, "pair"), record(SessionStatus), body, timeout=_patient())

    @verb
    def new_code(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Ask for a new QR after the last one ran out."""
        return post(_session(account, "new-code"), record(SessionStatus), timeout=_patient())

    @verb
    def retry(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Reconnect now instead of at the end of the pause."""
        return post(_session(account, "retry"), record(SessionStatus), timeout=_patient())

    @verb
    def take_over(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Take the session back from the other program that uses it."""
        return post(_session(account, "take-over"), record(SessionStatus), timeout=_patient())

    @verb
    def stop_account(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Go offline and stay linked."""
        return post(_session(account, "stop"), record(SessionStatus), timeout=_patient())

    @verb
    def logout(self, account: str = DEFAULT_ACCOUNT, *, force: bool = False) -> Ask[None]:
        """
        Unlink the device on the phone and remove the session; stored messages stay.

        Args:
            account: Which one.
            force: Do it here even if WhatsApp cannot be reached; the phone then
                lists the device until somebody removes it there.

        Raises:
            NotConnected: WhatsApp could not be reached; everything was left as it is.
        """
        return post(_session(account, "logout"), nothing, {"force": force}, timeout=_patient())

    @sending
    def send(
        self,
        to: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        reply_to: str | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Send a text; it is durable before anything goes out and waits in the queue while the account is offline.

        Args:
            to: A phone number in any spelling, or a JID.
            text: What to say.
            mentions: People of a group whose ``@573001234567`` in the text becomes their name and notifies them.
            reply_to: Id of the message that it answers.
            account: Who sends.
            wait: Seconds to wait until WhatsApp has the message; unset, as long
                as a connected account usually needs.
            idempotency_key: The same key never sends twice.

        Raises:
            InvalidInput: The text is empty or longer than 64 kB, or says not where a mention belongs.
            UnknownMessage: The chat has no message *reply_to*.
        """
        said = Text(text=text, mentions=tuple(mentions), reply_to=reply_to)
        return _sent(account, to, said, wait, idempotency_key)

    @sending
    def send_location(
        self,
        to: str,
        latitude: float,
        longitude: float,
        *,
        name: str = "",
        address: str = "",
        reply_to: str | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """Send a place on the map, in degrees; *name* and *address* are shown below it."""
        place = Place(latitude=latitude, longitude=longitude, name=name, address=address, reply_to=reply_to)
        return _sent(account, to, place, wait, idempotency_key)

    @sending
    def send_contact(
        self,
        to: str,
        name: str,
        phone: str,
        *,
        reply_to: str | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Send somebody's name and number as a card.

        Raises:
            InvalidPhoneNumber: *phone* is none.
        """
        return _sent(account, to, Card(name=name, phone=phone, reply_to=reply_to), wait, idempotency_key)

    @sending
    def send_poll(
        self,
        to: str,
        question: str,
        options: Sequence[str],
        *,
        choices: int = 1,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Ask a question with 2 to 12 answers, of which one person may choose *choices*.

        Raises:
            InvalidInput: Fewer, more, or the same answer twice.
        """
        poll = Poll(question=question, options=tuple(options), choices=choices)
        return _sent(account, to, poll, wait, idempotency_key)

    @sending
    def react(
        self, to: str, message_id: str, emoji: str, *, account: str = DEFAULT_ACCOUNT, wait: float | None = None
    ) -> Ask[Send]:
        """
        Put an emoji under a message of a chat; an empty one takes it back.

        Raises:
            UnknownMessage: The chat has no such message.
        """
        return _sent(account, to, Reaction(message_id=message_id, emoji=emoji), wait)

    @sending
    def edit(
        self,
        to: str,
        message_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
    ) -> Ask[Send]:
        """
        Replace one of our texts, which everybody sees as edited.

        Raises:
            UnknownMessage: The chat has no such message.
            NotChangeable: It is somebody else's, no text, or older than 20 minutes.
        """
        return _sent(account, to, Edit(message_id=message_id, text=text, mentions=tuple(mentions)), wait)

    @sending
    def delete(self, to: str, message_id: str, *, account: str = DEFAULT_ACCOUNT, wait: float | None = None) -> Ask[Send]:
        """
        Take one of our messages back, for everyone.

        Raises:
            UnknownMessage: The chat has no such message.
            NotChangeable: It is somebody else's, or older than 60 hours.
        """
        return _sent(account, to, Deletion(message_id=message_id), wait)

    @sending
    def sent(self, send_id: str, *, until: SendState | str = SendState.SENT, wait: float = 0.0) -> Ask[Send]:
        """
        Return how far an outgoing message got.

        Args:
            send_id: Id of the send.
            until: With *wait*, return as soon as it got this far or never will.
            wait: Most seconds for that.
        """
        ask = get(f"/api/sends/{send_id}", record(Send), until=str(SendState(until)), wait=wait)
        return replace(ask, timeout=max(QUICK, wait + MARGIN))

    @verb
    def pending(self, *, account: str | None = None) -> Ask[list[Send]]:
        """Return what waits in the queue, is being sent, or may or may not have gone out; oldest first."""
        return get("/api/sends", records(Send), account=account)

    @sending
    def cancel_send(self, send_id: str) -> Ask[Send]:
        """Take a message back that still waits in the queue."""
        return post(f"/api/sends/{send_id}/cancel", record(Send))

    @sending
    def send_again(self, send_id: str) -> Ask[Send]:
        """
        Queue a message once more that failed, was cancelled, or is ``unknown``.

        wakit never does that by itself: an unknown one may arrive twice, and that is for a person to decide.
        """
        return post(f"/api/sends/{send_id}/again", record(Send))

    @verb
    def mark_read(self, chat: str, sender: str, message_ids: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Tell *sender* that these messages were read."""
        body = {"account": account_id(account), "chat": chat, "sender": sender, "message_ids": list(message_ids)}
        return post("/api/messages/read", nothing, body, timeout=_patient())

    @verb
    def typing(self, to: str, on: bool = True, *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Show "typing…" to the people of a chat, or end it; WhatsApp ends it by itself after some seconds."""
        return post("/api/typing", nothing, {**_from(account), "to": to, "on": on}, timeout=_patient())

    @verb
    def groups(self, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Group]]:
        """Return the groups that the account is in, as WhatsApp knows them now."""
        return _asked("/api/groups", records(Group), account)

    @verb
    def group(self, group: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[Group]:
        """
        Return one group and its members.

        Raises:
            UnknownGroup: There is none, or the account is not in it.
        """
        return _asked(_group(group), record(Group), account)

    @verb
    def create_group(self, subject: str, members: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[Group]:
        """Make a group of these people (numbers or JIDs); each member's ``problem`` says why somebody is not in it."""
        body = {**_from(account), "subject": subject, "members": list(members)}
        return post("/api/groups", record(Group), body, timeout=_patient())

    @verb
    def add_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Add people to a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.ADD, people, account)

    @verb
    def remove_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Remove people from a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.REMOVE, people, account)

    @verb
    def promote_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Make members admins of a group; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.PROMOTE, people, account)

    @verb
    def demote_members(self, group: str, people: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Member]]:
        """Take the admin role of members away; each one's ``problem`` says why it did not happen."""
        return _members(group, MemberAction.DEMOTE, people, account)

    @verb
    def rename_group(self, group: str, subject: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Give a group another subject."""
        return post(f"{_group(group)}/subject", nothing, {**_account(account), "subject": subject}, timeout=_patient())

    @verb
    def group_link(self, group: str, *, renew: bool = False, account: str = DEFAULT_ACCOUNT) -> Ask[str]:
        """
        Return a group's invite link.

        Args:
            group: Its JID.
            renew: Make a new one; the old one leads nowhere then.
            account: Who asks; an admin of the group.

        Raises:
            NotAllowed: Only admins may.
        """
        if renew:
            return post(f"{_group(group)}/link", _link, _account(account), timeout=_patient())
        return _asked(f"{_group(group)}/link", _link, account)

    @verb
    def check_numbers(self, numbers: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Number]]:
        """
        Say for each phone number whether it has WhatsApp, in the order given.

        Raises:
            InvalidPhoneNumber: One of them is none.
        """
        return post("/api/numbers", records(Number), {**_from(account), "numbers": list(numbers)}, timeout=_patient())

    @verb
    def profile(self, who: str | None = None, *, account: str = DEFAULT_ACCOUNT) -> Ask[Profile]:
        """Return what somebody shows of themselves to us, or the account itself where *who* is left out."""
        return _asked("/api/profile", record(Profile), account, who=who)

    @verb
    def set_profile(self, *, name: str | None = None, about: str | None = None, account: str = DEFAULT_ACCOUNT) -> Ask[Profile]:
        """Change the account's own name or about text, for everybody who sees it."""
        body = {**_account(account), "name": name, "about": about}
        return post("/api/profile", record(Profile), body, timeout=_patient())

    @verb
    def picture(self, who: str | None = None, *, account: str = DEFAULT_ACCOUNT) -> Ask[bytes | None]:
        """Return a person's or group's picture as a JPEG, or ``None`` where there is none or we may not see it."""
        return _asked("/api/profile/picture", _picture, account, who=who)

    @verb
    def blocked(self, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Return whom the account has blocked."""
        return _asked("/api/blocked", records(Blocked), account)

    @verb
    def block(self, who: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Block somebody: they can no longer write or call. Returns whom the account has blocked then."""
        return post("/api/blocked", records(Blocked), {**_from(account), "who": who, "blocked": True}, timeout=_patient())

    @verb
    def unblock(self, who: str, *, account: str = DEFAULT_ACCOUNT) -> Ask[list[Blocked]]:
        """Unblock somebody; returns whom the account still has blocked."""
        return post("/api/blocked", records(Blocked), {**_from(account), "who": who, "blocked": False}, timeout=_patient())

    @verb
    def messages(
        self,
        *,
        account: str | None = None,
        chat: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> Ask[pd.DataFrame]:
        """Return the newest stored messages, at most *limit*, oldest first."""
        bounds = {"since": since and since.isoformat(), "until": until and until.isoformat(), "limit": limit}
        return table("GET", "/api/messages", params={"account": account, "chat": chat, **bounds})

    @verb
    def timeline(
        self,
        *,
        account: str | None = None,
        chat: str | None = None,
        pattern: str | None = None,
        from_me: bool | None = None,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        limit: int = 50,
    ) -> Ask[list[dict[str, Any]]]:
        """
        Return a page of messages as a person reads them, oldest first: the newest, or those beside one.

        Each is a dictionary with the columns of ``messages`` and with ``quoted``,
        ``reactions``, ``state`` (its ticks), ``media`` and ``cursor``.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID.
            pattern: Only chats whose address fits, such as ``*@g.us``.
            from_me: Only what the account wrote, or only what others did.
            before: Cursor of a message; the page ends before it.
            after: Cursor of a message; the page begins behind it.
            around: Id of a message; half of the page ends with it.
            limit: Most messages, 200 at most.

        Raises:
            InvalidInput: A cursor is none, or two places were asked for.
        """
        chosen = {"account": account, "chat": chat, "pattern": pattern, "from_me": from_me, "limit": limit}
        return get("/api/timeline", lambda response: response.json(), before=before, after=after, around=around, **chosen)

    @verb
    def chats(self, *, account: str | None = None) -> Ask[pd.DataFrame]:
        """Return the conversations."""
        return table("GET", "/api/chats", params={"account": account})

    @verb
    def contacts(self, *, account: str | None = None) -> Ask[pd.DataFrame]:
        """Return the people and their addresses."""
        return table("GET", "/api/contacts", params={"account": account})

    @verb
    def intervals(self, *, account: str | None = None) -> Ask[pd.DataFrame]:
        """Return when the accounts were listening and when they were not."""
        return table("GET", "/api/intervals", params={"account": account})

    @verb
    def coverage(self, account: str | None = None, chat: str | None = None) -> Ask[pd.DataFrame]:
        """
        Return what is known of which time: intervals that are ``complete``, ``partial`` or ``blind``.

        An interval holds its first instant and not its last one. The account
        was listening in a complete one. In a partial one it was not, but the
        phone's history, an imported chat, or messages that WhatsApp delivered
        later tell something (``sources``). Nothing tells of a blind one. The
        last interval has no end yet.

        Args:
            account: Only this one.
            chat: Of this chat; unset, of the accounts as a whole. All chats are
                in the table ``coverage``.
        """
        return table("GET", "/api/coverage", params={"account": account, "chat": chat})

    @verb
    def media(self, message: Any, *, account: str | None = None, chat: str | None = None) -> Ask[MediaFile]:
        """
        Return the file of a message, fetched from WhatsApp if it is not here: ``path``, ``type``, ``read()``.

        Args:
            message: Its id, a row of ``messages()``, or an event.
            account: Whose; default is what the message says.
            chat: Its chat, where two have a message with this id; likewise.

        Raises:
            UnknownMedia: There is no such message, or it has no file.
            MediaFailed: WhatsApp no longer has it, it is too large, or it is not what was announced.
            NotConnected: It is not here, and WhatsApp cannot be asked now.
        """
        meant = point(message)
        whose = account_id(account or meant.account or DEFAULT_ACCOUNT)
        path = f"/api/media/{whose}/{quote(meant.message_id, safe='')}"
        params, headers = {"chat": chat or meant.chat}, {"accept": "application/json"}
        patience = settings().media_timeout + MARGIN
        return Ask(method="GET", path=path, reads=record(MediaFile), params=params, headers=headers, timeout=patience)

    @verb
    def sql(self, query: str, params: Params = None, *, seconds: float | None = None) -> Ask[pd.DataFrame]:
        """
        Return the rows of one read-only query over the stored data, as pandas has them.

        Args:
            query: One SELECT; ``"describe messages"`` tells the columns of a table.
            params: Values for ``?`` (a list) or ``$name`` (a dictionary): texts,
                numbers, dates, aware instants, lists of them.
            seconds: Stop it after this time; unset, after ``WAKIT_QUERY_SECONDS``.
                Ctrl-C stops it at once.

        Raises:
            QueryRefused: It is no SELECT, or would write or reach a file.
            QueryFailed: The words of the database on what is wrong with it.
            QueryTimeout: It took too long.
            QueryBusy: Too many queries are running.
        """
        return table("POST", "/api/sql", **_query(query, params, seconds))

    @verb
    def arrow(self, query: str, params: Params = None, *, seconds: float | None = None) -> Ask[pa.Table]:
        """Return what ``sql`` does as an Arrow table, without a copy for pandas."""
        return arrow_table("POST", "/api/sql", **_query(query, params, seconds))

    @verb
    def polars(self, query: str, params: Params = None, *, seconds: float | None = None) -> Ask[pl.DataFrame]:
        """
        Return what ``sql`` does as polars has it.

        Raises:
            LibraryMissing: polars is not installed here.
        """
        return polars_frame("POST", "/api/sql", **_query(query, params, seconds))

    @verb
    def search(
        self,
        question: str,
        *,
        account: str | None = None,
        chat: str | None = None,
        sender: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        types: Sequence[str] = (),
        loose: bool = False,
        newest: bool = False,
        limit: int = 20,
    ) -> Ask[pd.DataFrame]:
        """
        Return the stored messages that answer a question, the best first, each with a snippet and the places in it.

        Args:
            question: All words must be there, in any form; ``"…"`` is a phrase,
                ``word*`` a beginning, ``-word`` must not be there. Accents do not
                matter, ñ does.
            account: Only this one.
            chat: Only this chat: a phone number in any spelling or a JID.
            sender: Only what this person wrote.
            since: From this instant on.
            until: Before this instant.
            types: Only these types of messages, e.g. ``["image"]``.
            loose: Whether n and ñ count as one letter.
            newest: Whether the newest come first, not the best.
            limit: How many.

        Raises:
            InvalidInput: There is no word in it that must be there.
        """
        asked = _question(question, account, chat, sender, since, until, types, loose, newest, limit)
        return table("GET", "/api/search", params=asked)

    @verb
    def hits(
        self,
        question: str,
        *,
        account: str | None = None,
        chat: str | None = None,
        sender: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        types: Sequence[str] = (),
        loose: bool = False,
        newest: bool = False,
        limit: int = 20,
    ) -> Ask[list[Hit]]:
        """Return what ``search`` does as records, for programs that have no use for pandas."""
        asked = _question(question, account, chat, sender, since, until, types, loose, newest, limit)
        return get("/api/search", records(Hit), **asked)

    @verb
    def context(self, chat: str, message_id: str, *, account: str = DEFAULT_ACCOUNT, size: int = 3) -> Ask[pd.DataFrame]:
        """Return a message and *size* messages before and behind it in its chat, oldest first."""
        asked = {"account": account_id(account), "chat": chat, "message_id": message_id, "size": size}
        return table("GET", "/api/search/context", params=asked)

    @verb
    def rebuild_search(self) -> Ask[int]:
        """Make the search index anew from the database; return how many messages it holds."""
        return post("/api/search/rebuild", lambda answer: int(answer.json()["messages"]), timeout=REBUILDING)

    @verb
    def import_chat(
        self,
        path: Path | str,
        *,
        account: str = DEFAULT_ACCOUNT,
        chat: str | None = None,
        date_order: str | None = None,
        tz: str | None = None,
        me: str | None = None,
    ) -> Ask[Imported]:
        """
        Import an exported chat (``.txt`` or ``.zip``); again, or with a longer export, only what is new is added.

        Args:
            path: The file, on the machine of the host.
            account: Whose chat it is.
            chat: Name, phone number or JID of the chat; default is what the file says.
            date_order: ``dmy``, ``mdy`` or ``ymd``; needed where the file does not tell.
            tz: Time zone of the phone; default is that of the settings.
            me: The name under which the account itself wrote, where that is not plain.

        Raises:
            InvalidInput: It is no export, or its dates can be read in two orders.
        """
        body = {"path": str(Path(path).absolute()), "account": account_id(account)}
        told = {"chat": chat, "date_order": date_order, "tz": tz, "me": me}
        return post("/api/imports", record(Imported), {**body, **told}, timeout=_patient())

    @verb
    def imports(self, *, account: str | None = None) -> Ask[list[Imported]]:
        """Return the imports of exported chats, the undone ones included."""
        return get("/api/imports", records(Imported), account=account)

    @verb
    def undo_import(self, number: int) -> Ask[Imported]:
        """Take an import back; messages that another import knows as well stay with that."""
        return post(f"/api/imports/{int(number)}/undo", record(Imported), timeout=_patient())

    @verb
    def tokens(self) -> Ask[list[Token]]:
        """Return the tokens for programs that come over TCP, without their secrets."""
        return get("/api/tokens", records(Token))

    @verb
    def create_token(
        self,
        name: str,
        scopes: Sequence[Scope | str] = (Scope.READ,),
        *,
        days: float | None = None,
        rate: str | None = None,
    ) -> Ask[NewToken]:
        """
        Make a token; its ``secret`` is shown this once.

        Args:
            name: What to call it, and to revoke it by.
            scopes: ``read``, ``send`` and ``admin``, which is all of them.
            days: When it expires; unset means never.
            rate: How much it may ask, as in ``60/minute``; unset means ``WAKIT_RATE_LIMIT``.
        """
        body = {"name": name, "scopes": [str(Scope(scope)) for scope in scopes], "days": days, "rate": rate}
        return post("/api/tokens", record(NewToken), body)

    @verb
    def revoke_token(self, name: str) -> Ask[Token]:
        """Make a token worthless, at once."""
        return delete(f"/api/tokens/{quote(name, safe='')}", record(Token))

    @verb
    def webhooks(self) -> Ask[list[Webhook]]:
        """Return the addresses that events are posted to, and how far that got."""
        return get("/api/webhooks", records(Webhook))

    @verb
    def add_webhook(
        self, url: str, *, account: str | None = None, kinds: Sequence[EventKind | str] = (), after: str | None = None
    ) -> Ask[NewWebhook]:
        """
        Post what happens to *url*, in order and until it is taken; the ``secret`` of the signatures is shown this once.

        Args:
            url: An ``https://`` address; ``WAKIT_WEBHOOK_HOSTS`` can allow others.
            account: Only events of this one.
            kinds: Only these.
            after: Id of an event to begin behind, ``"0"`` for the very beginning,
                unset for what happens from now on.
        """
        body = {"url": url, "account": account, "kinds": [str(EventKind(kind)) for kind in kinds], "after": after}
        return post("/api/webhooks", record(NewWebhook), body)

    @verb
    def remove_webhook(self, webhook_id: str) -> Ask[Webhook]:
        """Post nothing more to a webhook, and forget it."""
        return delete(f"/api/webhooks/{quote(webhook_id, safe='')}", record(Webhook))

    @verb
    def dead_events(self, webhook_id: str) -> Ask[list[DeadEvent]]:
        """Return the events that a webhook's receiver refused until they were given up on."""
        return get(f"/api/webhooks/{quote(webhook_id, safe='')}/dead", records(DeadEvent))

    @verb
    def retry_webhook(self, webhook_id: str, event: str | None = None) -> Ask[int]:
        """Send one of these events again, or all; return how many."""
        path = f"/api/webhooks/{quote(webhook_id, safe='')}/retry"
        return post(path, lambda response: int(response.json()["retried"]), {"event": event})

    @stream
    def events(
        self, after: str | None = None, *, account: str | None = None, kinds: Sequence[EventKind | str] = ()
    ) -> Stream[Event]:
        """
        Yield what happens, live, and go on by itself where the host is restarted.

        Args:
            after: Id of the last event that was seen, ``"0"`` for everything
                from the beginning, unset for what happens from now on.
            account: Only this one.
            kinds: Only these.
        """
        chosen = ",".join(str(EventKind(kind)) for kind in kinds) or None
        return Stream(path="/api/events", reads=Event.from_json, params={"after": after, "account": account, "kinds": chosen})

    @verb
    def stop_host(self) -> Ask[None]:
        """Ask the host to end; its accounts go offline and stay linked."""
        return post("/api/host/stop", nothing)


def _sent(account: str, to: str, said: Said, wait: float | None, idempotency_key: str | None = None) -> Ask[Send]:
    body = {"account": account_id(account), "to": to, "content": said.to_json(), "wait": wait, "country": settings().country}
    timeout = _patient() if wait is None else wait + MARGIN
    return post("/api/sends", record(Send), body | {"idempotency_key": idempotency_key}, timeout=timeout)


def _query(query: str, params: Params, seconds: float | None) -> dict[str, Any]:
    limit = max(seconds or 0.0, settings().query_seconds, settings().call_timeout)
    body = {"query": query, "params": to_wire(params), "seconds": seconds}
    return {"json": body, "timeout": limit + MARGIN}


def _account(account: str) -> dict[str, Any]:
    return {"account": account_id(account)}


def _from(account: str) -> dict[str, Any]:
    """Return the fields of a body with numbers in it."""
    return {**_account(account), "country": settings().country}


def _asked(path: str, reads: Callable[[httpx.Response], T], account: str, **params: Any) -> Ask[T]:
    """Return a question that the host asks WhatsApp."""
    return replace(get(path, reads, account=account_id(account), **params), timeout=_patient())


def _group(group: str) -> str:
    return f"/api/groups/{quote(group, safe='@')}"


def _members(group: str, action: MemberAction, people: Sequence[str], account: str) -> Ask[list[Member]]:
    body = {**_from(account), "action": str(action), "people": list(people)}
    return post(f"{_group(group)}/members", records(Member), body, timeout=_patient())


def _link(response: httpx.Response) -> str:
    return str(response.json()["link"])


def _picture(response: httpx.Response) -> bytes | None:
    return response.content or None


def _question(
    question: str,
    account: str | None,
    chat: str | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    types: Sequence[str],
    loose: bool,
    newest: bool,
    limit: int,
) -> dict[str, Any]:
    bounds = {"since": since and since.isoformat(), "until": until and until.isoformat(), "limit": limit}
    where = {"account": account, "chat": chat, "sender": sender, "type": list(types) or None}
    return {"q": question, **where, **bounds, "loose": loose, "newest": newest}


def _session(account: str, action: str = "") -> str:
    return f"/api/sessions/{account_id(account)}{f'/{action}' if action else ''}"


def _descriptor(network: Path | str | None) -> str | None:
    """Return the descriptor's path as the host can open it, whatever its working directory."""
    chosen = network or settings().network
    return str(Path(chosen).expanduser().absolute()) if chosen else None


def _patient() -> float:
    """Seconds for a verb behind which the host asks WhatsApp."""
    return settings().call_timeout + MARGIN
