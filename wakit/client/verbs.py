"""Everything that a client can ask of the host, each verb written once; see ``verb`` for how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wakit.access import NewToken, Scope, Token
from wakit.client.ask import MARGIN, Ask, arrow_table, delete, get, nothing, polars_frame, post, record, records, table
from wakit.client.ask import patient as _patient
from wakit.client.follow import Stream
from wakit.client.people import PeopleVerbs
from wakit.client.pointing import point
from wakit.client.sending import SendingVerbs
from wakit.client.verb import stream, verb
from wakit.config import settings
from wakit.found import Hit
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.imported import Imported
from wakit.model import Event, EventKind, MediaFile, MessageType, SessionStatus
from wakit.sqlvalues import require_aware, to_wire
from wakit.webhook import DeadEvent, NewWebhook, Webhook

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

#: Seconds for an index over millions of messages.
REBUILDING = 3600.0

#: Values of a query: for ``?`` or for ``$name``.
Params = Sequence[Any] | Mapping[str, Any] | None


class Verbs(SendingVerbs, PeopleVerbs):
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

    @verb
    def messages(
        self,
        *,
        account: str | None = None,
        chat: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
        sender: str | None = None,
        types: Sequence[MessageType | str] = (),
        from_me: bool | None = None,
    ) -> Ask[pd.DataFrame]:
        """
        Return the newest stored messages, at most *limit*, oldest first.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID; any address of a
                person finds all their messages.
            since: From this instant on; it has a time zone.
            until: Before this instant.
            limit: How many.
            sender: Only what this person wrote, as for *chat*.
            types: Only these types, e.g. ``["image", "video"]``.
            from_me: ``True`` for what the account wrote, ``False`` for what others did.

        Raises:
            InvalidInput: A time has no zone, or there is no such type.
            UnknownChat: Nobody was ever seen under this chat or sender.
        """
        bounds = {"since": _instant(since, "since"), "until": _instant(until, "until"), "limit": limit}
        who = {"account": account, "chat": chat, "sender": sender}
        return table("GET", "/api/messages", params={**who, **bounds, "type": list(types) or None, "from_me": from_me})

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


def _instant(value: datetime | None, name: str) -> str | None:
    return None if value is None else require_aware(value, name).isoformat()


def _query(query: str, params: Params, seconds: float | None) -> dict[str, Any]:
    limit = max(seconds or 0.0, settings().query_seconds, settings().call_timeout)
    body = {"query": query, "params": to_wire(params), "seconds": seconds}
    return {"json": body, "timeout": limit + MARGIN}


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
