"""The verbs about what is stored: messages, people, times, files, SQL, search and imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wakit.client.ask import MARGIN, Ask, arrow_table, get, patient, polars_frame, post, record, records, table
from wakit.client.pages import TimelinePage
from wakit.client.pointing import point
from wakit.client.verb import verb
from wakit.config import settings
from wakit.found import Hit
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.imported import Imported
from wakit.instants import Moment, instant
from wakit.model import MediaFile, MessageType
from wakit.sqlvalues import to_wire

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

#: Seconds for an index over millions of messages.
REBUILDING = 3600.0

#: Values of a query: for ``?`` or for ``$name``.
Params = Sequence[Any] | Mapping[str, Any] | None


class StoredVerbs:
    """What is stored, for both clients."""

    @verb
    def messages(
        self,
        *,
        account: str | None = None,
        chat: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
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
            since: From this instant or day on: an aware datetime, a date, or a
                text such as ``2026-10-24`` or ``2026-10``.
            until: Before this instant.
            limit: How many.
            sender: Only what this person wrote, as for *chat*.
            types: Only these types, e.g. ``["image", "video"]``.
            from_me: ``True`` for what the account wrote, ``False`` for what others did.

        Raises:
            InvalidInput: A time cannot be read or has no zone, or there is no such type.
            UnknownChat: Nobody was ever seen under this chat or sender.
        """
        bounds = {"since": _bound(since, "since"), "until": _bound(until, "until"), "limit": limit}
        who = {"account": account, "chat": chat, "sender": sender}
        return table("GET", "/api/messages", params={**who, **bounds, "type": list(types) or None, "from_me": from_me})

    @verb
    def timeline(
        self,
        *,
        account: str | None = None,
        chat: str | None = None,
        pattern: str | None = None,
        is_group: bool | None = None,
        from_me: bool | None = None,
        words: str | None = None,
        ids: Sequence[str] = (),
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        behind: str | None = None,
        limit: int = 50,
    ) -> Ask[TimelinePage]:
        """
        Return a page of messages as a person reads them, oldest first: the newest, or those beside one.

        Each is a dictionary with the columns of ``messages`` and with ``quoted``,
        ``reactions``, ``state`` (its ticks), ``media`` and ``cursor``.
        ``wa.events(page.events)`` goes on with what the page does not have.

        Args:
            account: Only this one.
            chat: A phone number in any spelling or a JID.
            pattern: Only chats whose address fits, such as ``*@g.us``.
            is_group: Only groups, or only chats of two.
            from_me: Only what the account wrote, or only what others did.
            words: Only texts with this in them, whatever its capitals and accents.
            ids: Only the messages with these ids, 200 at most.
            before: Cursor of a message; the page ends before it.
            after: Cursor of a message; the page begins behind it.
            around: Id of a message; half of the page ends with it.
            behind: Id of an event: what it told is in the page, which waits for it
                two seconds at most.
            limit: Most messages, 200 at most.

        Raises:
            InvalidInput: A cursor is none, or two places were asked for.
            UnknownChat: Nobody was ever seen under this chat.
        """
        chosen = {"account": account, "chat": chat, "pattern": pattern, "is_group": is_group, "from_me": from_me, "words": words}
        place = {"before": before, "after": after, "around": around, "behind": behind, "limit": limit}
        return get("/api/timeline", TimelinePage.read, id=list(ids) or None, **chosen, **place)

    @verb
    def waiting(self, *, account: str | None = None, days: int = 30, limit: int = 200) -> Ask[pd.DataFrame]:
        """
        Return the chats with their newest message: those that wait for an answer, the longest first, then the others.

        ``waiting_since`` is when the first message was written that nobody answered, ``waiting``
        how many they are. In a group only those count that answer or mention us.

        Args:
            account: Only this one.
            days: What was written before that many days waits no longer.
            limit: Most chats, 1,000 at most.
        """
        return table("GET", "/api/inbox", params={"account": account, "days": days, "limit": limit})

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
        return query_for_arrow(query, params, seconds)

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
        since: Moment | None = None,
        until: Moment | None = None,
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
            since: From this instant or day on, as for ``messages``.
            until: Before this instant.
            types: Only these types of messages, e.g. ``["image"]``.
            loose: Whether n and ñ count as one letter.
            newest: Whether the newest come first, not the best.
            limit: How many.

        Raises:
            InvalidInput: There is no word in it that must be there, or a time cannot be read.
            UnknownChat: Nobody was ever seen under this chat or sender.
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
        since: Moment | None = None,
        until: Moment | None = None,
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
        return post("/api/imports", record(Imported), {**body, **told}, timeout=patient())

    @verb
    def imports(self, *, account: str | None = None) -> Ask[list[Imported]]:
        """Return the imports of exported chats, the undone ones included."""
        return get("/api/imports", records(Imported), account=account)

    @verb
    def undo_import(self, number: int) -> Ask[Imported]:
        """Take an import back; messages that another import knows as well stay with that."""
        return post(f"/api/imports/{int(number)}/undo", record(Imported), timeout=patient())


def _bound(moment: Moment | None, name: str) -> str | None:
    return None if moment is None else instant(moment, name, settings().timezone).isoformat()


def query_for_arrow(query: str, params: Params = None, seconds: float | None = None) -> Ask[pa.Table]:
    """Ask for the rows of a query as they travel."""
    return arrow_table("POST", "/api/sql", **_query(query, params, seconds))


def _query(query: str, params: Params, seconds: float | None) -> dict[str, Any]:
    limit = max(seconds or 0.0, settings().query_seconds, settings().call_timeout)
    body = {"query": query, "params": to_wire(params), "seconds": seconds}
    return {"json": body, "timeout": limit + MARGIN}


def _question(
    question: str,
    account: str | None,
    chat: str | None,
    sender: str | None,
    since: Moment | None,
    until: Moment | None,
    types: Sequence[str],
    loose: bool,
    newest: bool,
    limit: int,
) -> dict[str, Any]:
    bounds = {"since": _bound(since, "since"), "until": _bound(until, "until"), "limit": limit}
    where = {"account": account, "chat": chat, "sender": sender, "type": list(types) or None}
    return {"q": question, **where, **bounds, "loose": loose, "newest": newest}
