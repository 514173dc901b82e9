"""
``wakit login``: link a phone from the terminal.

It draws the QR with half blocks and replaces it as WhatsApp replaces it, can
keep it as a picture for a phone elsewhere, and ends when the account is
connected and, where somebody looks on, the phone has told its history. Without
a terminal each code is printed once and nothing waits for the history.
"""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import NetworkOption, lang, network_name, open_client, pretty_phone, told
from wakit.cli.exits import Exit, exit_of_state
from wakit.cli.terminal import Block, say
from wakit.cli.texts import text
from wakit.errors import LinkingFailed
from wakit.ids import DEFAULT_ACCOUNT, account_id, phone_number
from wakit.languages import Language, speak
from wakit.model import SessionState, SessionStatus
from wakit.sentences import DONE, past

if TYPE_CHECKING:
    from wakit.client import Client

#: Seconds between two looks at the countdown.
_TICK = 1.0
#: How long a connected account may wait for its name; some accounts have none.
_NAME_PATIENCE = timedelta(seconds=2)
#: Seconds that a history may take to begin, and to be followed in the terminal.
_HISTORY_PATIENCE, _HISTORY_SECONDS = 10.0, 1800.0
_BAR = 30
#: States in which the terminal has nothing more to wait for, beside the final ones.
_ENDS = {SessionState.CONNECTED, SessionState.STORAGE_FULL}


def login(
    account: Annotated[str, typer.Argument(help="Name of the account in this workspace.")] = DEFAULT_ACCOUNT,
    phone: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Link with a code that is typed on this phone, instead of a QR.")
    ] = None,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the current QR as a picture in this file.")] = None,
    network: NetworkOption = None,
    timeout: Annotated[int, typer.Option(min=1, help="Seconds after which to give up.")] = 300,
) -> None:
    """Link a phone by QR or code. Ends when it is connected."""
    from wakit.config import settings

    language = lang()
    account_id(account)
    number = phone_number(phone, country=settings().country) if phone else None
    network = network or settings().network
    if png is not None and not png.absolute().parent.is_dir():
        raise typer.BadParameter(f"{str(png.absolute().parent)!r} is no folder.", param_hint="--png")
    say(text("account", language, account=account, network=network_name("emulated:" if network else "whatsapp", language)))
    if network is None:
        say(text("unofficial", language))
    if number:
        assumed = text("country_assumed", language, country=number.assumed_country) if number.assumed_country else ""
        say(f"{text('number', language, phone=number.pretty)} {assumed}".rstrip())
    with open_client() as client:
        client.connect_account(account, network=network, phone=number.e164 if number else None)
        try:
            linking = Linking(language, png)
            status = linking.follow(client, account, timeout)
        except KeyboardInterrupt:
            _cancel(client, account)
            say(text("login_cancelled", language))
            raise typer.Exit(Exit.INTERRUPTED) from None
        if status and linking.is_new:
            _watch_history(client, account, language)
    raise typer.Exit(exit_of_state(status.state) if status else Exit.TIMEOUT)


class Linking:
    """What a person sees between the call and the connected account."""

    def __init__(self, language: Language, png: Path | None) -> None:
        self._language = language
        self._png = png
        self._block = Block()
        self._shown: tuple[object, ...] = ()
        #: Whether a phone was linked just now.
        self.is_new = False

    def follow(self, client: Client, account: str, timeout: float) -> SessionStatus | None:
        """Show the session until it is connected or only a person can go on; ``None`` when time is up."""
        for status in newest(client.watch(account), timeout):
            if _is_nameless(status):
                continue
            self._show(status)
            if status.state in _ENDS or status.state.is_final:
                return status
        say(text("login_timeout", self._language, seconds=int(timeout), account=account))
        return None

    def _show(self, status: SessionStatus) -> None:
        code = status.qr or status.pairing_code
        self.is_new = self.is_new or bool(code)
        fresh = (status.state, code) != self._shown
        self._shown = (status.state, code)
        if fresh and status.qr:
            self._save(status.qr)
        if status.state is SessionState.CONNECTED:
            self._block.draw(self._connected(status))
            self._block.keep()
        elif fresh or self._block.in_place:
            self._draw(status, fresh=fresh)

    def _draw(self, status: SessionStatus, *, fresh: bool) -> None:
        from wakit.qr_image import half_blocks

        said = told(status, self._language)
        if not status.qr:
            self._block.draw(said)
            return
        picture = half_blocks(status.qr, color=self._block.in_place)
        whole = f"{picture}\n{said}"
        if self._block.fits(whole) or not self._block.in_place:
            self._block.draw(whole)
        elif fresh:
            columns, rows = shutil.get_terminal_size()
            self._block.draw(f"{whole}\n{text('small_window', self._language, columns=columns, rows=rows)}")

    def _save(self, qr: str) -> None:
        if self._png is None:
            return
        from wakit.paths import write_private
        from wakit.qr_image import png

        write_private(self._png.absolute(), png(qr))
        if not self._block.in_place:
            say(text("saved", self._language, path=self._png))

    def _connected(self, status: SessionStatus) -> str:
        linked = text("linked", self._language, phone=pretty_phone(status.phone), name=status.push_name or status.account)
        device = text("device", self._language, device=status.device or "—")
        return f"{linked}\n{device}"


def _watch_history(client: Client, account: str, language: Language) -> None:
    """Show how the phone's history comes in, until it is there, none begins, or somebody has seen enough."""
    block = Block()
    if not block.in_place:
        return
    began = time.monotonic()
    try:
        for status in newest(client.watch(account), _HISTORY_SECONDS):
            said = past(status, language)
            if said:
                block.draw(f"{_bar(status.history_percent or 0)}  {said}")
            is_late = not said and time.monotonic() - began > _HISTORY_PATIENCE
            if is_late or status.state is not SessionState.CONNECTED or status.history_percent == DONE:
                return
    except KeyboardInterrupt:
        say(speak(language, "The history goes on coming in; wakit status tells how far it is."))


def _bar(percent: int) -> str:
    full = percent * _BAR // DONE
    return "█" * full + "░" * (_BAR - full)


def newest(statuses: Iterator[SessionStatus], timeout: float) -> Iterator[SessionStatus]:
    """
    Yield each status as it comes, and the last one again each second, because countdowns run.

    Args:
        statuses: Blocks between two statuses, so it is read in a thread of its own.
        timeout: Seconds after which it ends.
    """
    arrived: queue.SimpleQueue[SessionStatus | BaseException] = queue.SimpleQueue()

    def read() -> None:
        try:
            for status in statuses:
                arrived.put(status)
            arrived.put(LinkingFailed("The host stopped telling how the session is. Run: wakit status"))
        except BaseException as exc:  # noqa: BLE001 - raised again where somebody can act on it
            arrived.put(exc)

    threading.Thread(target=read, name="wakit-watch", daemon=True).start()
    deadline = time.monotonic() + timeout
    last: SessionStatus | None = None
    while (left := deadline - time.monotonic()) > 0:
        try:
            item = arrived.get(timeout=min(_TICK, left))
        except queue.Empty:
            if last is not None:
                yield last
            continue
        if isinstance(item, BaseException):
            raise item
        last = item
        yield item


def _is_nameless(status: SessionStatus) -> bool:
    """Whether the account is connected, but its name is still on its way from the phone and worth an instant."""
    young = datetime.now(UTC) - status.since < _NAME_PATIENCE
    return status.state is SessionState.CONNECTED and status.push_name is None and young


def _cancel(client: Client, account: str) -> None:
    """End an attempt that nobody waits for; a linked account goes on."""
    if not client.status(account).state.is_linked:
        client.stop_account(account)
