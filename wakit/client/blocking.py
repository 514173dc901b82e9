"""The client for notebooks, scripts and terminals."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar

import httpx

from wakit import autostart
from wakit.access import run_headers
from wakit.client.ask import BASE_URL, Ask, answered_by, problem
from wakit.client.campaigns import CampaignOutline, Plan
from wakit.client.follow import Follower, Stream
from wakit.client.sends import BlockingSend
from wakit.client.shown import Shown
from wakit.client.stored import Params
from wakit.client.verbs import Verbs
from wakit.config import settings
from wakit.errors import WakitError
from wakit.hostfile import HostInfo
from wakit.ids import DEFAULT_ACCOUNT
from wakit.instants import Moment
from wakit.key import own_key
from wakit.languages import language
from wakit.model import Campaign, Purpose, Send
from wakit.paths import Workspace

if TYPE_CHECKING:
    from wakit.analytics.report import Report
    from wakit.exporting import Exported
    from wakit.snapshot import Snapshot

T = TypeVar("T")


class Client(Shown, Verbs):
    """
    One workspace, as seen from a notebook; may be shared between threads.

    A host that is gone is found or started again at the next call.
    """

    def __init__(self, workspace: Workspace, *, start: bool = True) -> None:
        self._workspace = workspace
        self._start = start
        self._lock = threading.Lock()
        self._info = autostart.ensure(workspace, start=start)
        self._http = _http(self._info)

    @property
    def workspace(self) -> Workspace:
        """Whose host this client speaks to."""
        return self._workspace

    @property
    def host_info(self) -> HostInfo:
        """Which host this client speaks to."""
        return self._info

    @functools.cached_property
    def report(self) -> Report:
        """The figures about the conversations: ``wa.report.first_response(by="week")``."""
        from wakit.analytics.report import Report  # ibis with it: only where figures are wanted

        key = functools.partial(own_key, self._workspace.pseudonym_key)
        return Report(self, timezone=settings().timezone, lang=language(self.language), key=key)

    def login(self, account: str = DEFAULT_ACCOUNT) -> Any:
        """
        Show the login card of *account* in this cell.

        Raises:
            InteractionRequired: Nobody can scan a code here, and the account
                is not linked.
        """
        from wakit.widgets import login  # ipywidgets with it: only where there is a cell

        return login(self, account)

    def feed(self, chats: str | None = None, *, account: str | None = None, private: bool | None = None) -> Any:
        """
        Show what is written in all chats, as it is written, and back through what is stored.

        Args:
            chats: Only chats whose address fits, such as ``*@g.us``.
            account: Only this one.
            private: Initials instead of names, masked numbers, no pictures; unset, as ``wa.private`` says.
        """
        from wakit.widgets import feed

        return feed(self, chats, account=account, private=private)

    def conversation(self, chat: str, *, account: str = DEFAULT_ACCOUNT, private: bool | None = None) -> Any:
        """
        Show one chat.

        Args:
            chat: A phone number in any spelling or a JID.
            account: Whose chat.
            private: Initials instead of names, masked numbers, no pictures; unset, as ``wa.private`` says.

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* is neither.
        """
        from wakit.widgets import conversation

        return conversation(self, chat, account=account, private=private)

    def inbox(self, *, account: str = DEFAULT_ACCOUNT, replies: Any = (), private: bool | None = None) -> Any:
        """
        Show the chats by what needs an answer, the chosen one beside them, and where to answer it.

        Args:
            account: Whose.
            replies: Texts to have at hand: a list, or a DataFrame with a column ``text`` (else its first one).
            private: Initials instead of names, masked numbers, no pictures; unset, as ``wa.private`` says.

        Raises:
            InvalidInput: *replies* are no texts.
        """
        from wakit.widgets import inbox

        return inbox(self, account=account, replies=replies, private=private)

    def send_form(
        self, to: str | None = None, *, reply_to: str | None = None, account: str = DEFAULT_ACCOUNT, private: bool | None = None
    ) -> Any:
        """
        Show a form that sends texts and files, and what became of each.

        Args:
            to: Who it is for: a phone number in any spelling, or a JID; the person may change it.
            reply_to: Id of the message of that chat that it answers.
            account: Who sends.
            private: Initials instead of names, masked numbers; unset, as ``wa.private`` says.

        Raises:
            InvalidPhoneNumber, InvalidJID: *to* is neither.
        """
        from wakit.widgets import send_form

        return send_form(self, to, reply_to=reply_to, account=account, private=private)

    def search_box(
        self, question: str = "", *, account: str | None = None, chat: str | None = None, private: bool | None = None
    ) -> Any:
        """
        Show a field that searches while one types, and each find in its context; one that is pressed opens its chat there.

        Args:
            question: What to begin with, as for ``search``.
            account: Only this one.
            chat: Only this chat: a phone number in any spelling or a JID.
            private: Initials instead of names, masked numbers, no pictures; unset, as ``wa.private`` says.

        Raises:
            InvalidPhoneNumber, InvalidJID: *chat* is neither.
        """
        from wakit.widgets import search_box

        return search_box(self, question, account=account, chat=chat, private=private)

    def status_bar(self, account: str = DEFAULT_ACCOUNT, *, private: bool | None = None) -> Any:
        """
        Show in one line how *account* is: state, network, what waits to be sent, and how much of today is known.

        Args:
            account: Which one.
            private: Initials instead of a name and a masked number; unset, as ``wa.private`` says.
        """
        from wakit.widgets import status_bar

        return status_bar(self, account, private=private)

    def campaign_panel(
        self,
        campaign: CampaignOutline | Plan | Campaign | str | None = None,
        *,
        account: str | None = None,
        private: bool | None = None,
    ) -> Any:
        """
        Show a campaign: who gets what, who is left out and why, the confirmation by its number, and how far it is.

        Args:
            campaign: What ``wa.campaign`` returns, to plan it; a plan, or the id or name of one; unset, those to choose from.
            account: Whose campaigns to choose from.
            private: Initials instead of names, masked numbers; unset, as ``wa.private`` says.

        Raises:
            InvalidInput: *campaign* is none of these.
        """
        from wakit.widgets import campaign_panel

        return campaign_panel(self, campaign, account=account, private=private)

    def snapshot(
        self, folder: Path | str, *, host: str | None = None, account: str | None = None, progress: bool = True
    ) -> Snapshot:
        """
        Write everything as Parquet files below *folder*, by account and month, with a manifest.

        Again, only what has changed is written; one that was interrupted is taken up.

        Args:
            folder: A new or empty folder, or that of an earlier snapshot; with *host*, also a URL such as ``s3://bucket/lake``.
            host: The name of this host where many write into one folder, each its own part.
            account: Only this one.
            progress: Whether to draw a bar.

        Raises:
            InvalidInput: There is something else at *folder*.
            WorkspaceNotWritable, StorageFull: It cannot be made there.
        """
        from wakit.snapshot import take  # pyarrow with it: only for those who want files

        return take(self, folder, host=host, account=account, progress=progress)

    def export(
        self,
        what: str,
        path: Path | str,
        *,
        params: Params = None,
        account: str | None = None,
        chat: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        format: str | None = None,  # noqa: A002 - what people call it
        progress: bool = True,
    ) -> Exported:
        """
        Write what is stored as a file for other programs, in place of what is at *path*, and return what it has.

        In CSV and XLSX a text that a spreadsheet would compute gets a quote in front; instants are in the
        time zone of the settings. Only their owner reads the file.

        Args:
            what: A table, such as ``messages`` or ``conversations``, or one SELECT.
            path: Ends with ``.csv``, ``.xlsx`` or ``.parquet``.
            params: Values of a SELECT, as for ``sql``.
            account: Of a table, only this account's rows.
            chat: Of a table, only this chat's: a phone number in any spelling or a JID.
            since: Of a table, only from this instant on, as for ``messages``.
            until: Of a table, only before this instant.
            format: ``csv``, ``xlsx`` or ``parquet``, where the name does not say.
            progress: Whether to draw a bar.

        Raises:
            InvalidInput: There is no such table or format, the table has no accounts, chats or times to choose
                by, or the rows are more than a sheet has room for.
            UnknownChat: Nobody was ever seen under this chat.
            QueryRefused, QueryFailed: As for ``sql``.
            WorkspaceNotWritable, StorageFull: What was there before is still there.
        """
        from wakit.client.exports import export  # pyarrow with it: only for those who want files

        chosen = {"account": account, "chat": chat, "since": since, "until": until}
        return export(self, what, Path(path), params=params, chosen=chosen, format_name=format, progress=progress)

    def campaign(
        self,
        name: str,
        *,
        audience: Any,
        template: str,
        media: Path | str | bytes | None = None,
        purpose: Purpose | str = Purpose.MARKETING,
        account: str = DEFAULT_ACCOUNT,
        **more: Any,
    ) -> CampaignOutline:
        """
        Say what is to go to many people; ``.plan()`` shows who would get it, and nothing is sent before that is confirmed.

        Args:
            name: Under one name, the same words are never said twice to one person.
            audience: A DataFrame or a CSV file with a column of phones, or a SELECT that gives one.
            template: Jinja2 text with ``{{ column }}`` where a value of each row belongs.
            media: A file that the text stands below, or the address of one.
            purpose: ``marketing`` or ``transactional``.
            account: Who sends.
            more: ``phone``, ``hold_out``, ``limit``, ``not_before``, ``not_after`` as for ``plan_campaign``.
        """
        asked = {"audience": audience, "template": template, "media": media, "purpose": purpose, "account": account}
        return CampaignOutline(self, name, asked | more)

    def perform(self, ask: Ask[T]) -> T:
        """Do one request, and the one that must be done before it."""
        if ask.first is not None:
            self.perform(ask.first)
        with answered_by(self._info):
            try:
                response = self._http.request(**ask.request())
            except httpx.ConnectError:  # nothing was sent, so it may be sent again
                self._attach(start=self._start)
                response = self._http.request(**ask.request())
        return ask.read(response)

    def download(self, ask: Ask[Any], sink: BinaryIO) -> None:
        """Do one request and write its answer to *sink* as it comes."""
        with answered_by(self._info):
            try:
                self._pour(ask, sink)
            except httpx.ConnectError:  # nothing was sent, so it may be sent again
                self._attach(start=self._start)
                self._pour(ask, sink)

    def perform_send(self, ask: Ask[Send]) -> BlockingSend:
        """Do a request about an outgoing message, which can then be waited for."""
        return BlockingSend.of(self.perform(ask), self)

    def follow(self, stream: Stream[T]) -> Generator[T, None, None]:
        """Yield the items of a stream; interruptions are bridged, and closing the client ends it."""
        follower = Follower(stream)
        while not self._http.is_closed:
            cause: Exception | None = None
            try:
                if follower.is_resuming:
                    self._attach(start=self._start and follower.may_start)
                with self._http.stream(**follower.request()) as response:
                    if not response.is_success:
                        response.read()
                        raise problem(response)
                    for line in response.iter_lines():
                        item = follower.line(line)
                        if item is not None:
                            yield item
            except (httpx.TransportError, WakitError) as exc:
                cause = exc
            if self._http.is_closed:
                return
            time.sleep(follower.interrupted(cause))

    def close(self) -> None:
        """Let go of the connections; the host goes on."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client(workspace={self._workspace.root.name!r})"

    def _pour(self, ask: Ask[Any], sink: BinaryIO) -> None:
        with self._http.stream(**ask.request()) as response:
            if not response.is_success:
                response.read()
                raise problem(response)
            for part in response.iter_bytes():
                sink.write(part)

    def _attach(self, *, start: bool) -> None:
        with self._lock:
            info = autostart.ensure(self._workspace, start=start)
            if info.socket != self._info.socket:
                self._http.close()
                self._http = _http(info)
            self._info = info


def _http(info: HostInfo) -> httpx.Client:
    way = httpx.HTTPTransport(uds=info.socket, verify=False)
    return httpx.Client(transport=way, base_url=BASE_URL, headers=run_headers(), trust_env=False)
