"""
The login card in a cell: ``wa.login()``.

A cell may be run again and again: there is one card per account and kernel, and
a second view of it mirrors the first. What the card shows is never part of the
notebook; the notebook keeps one neutral line. Where nobody can scan a code
(papermill, nbclient), a linked account gives one line of text and any other the
typed error ``InteractionRequired``.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wakit import autostart
from wakit.client import AsyncClient, Client
from wakit.clock import SystemClock
from wakit.config import settings
from wakit.errors import InteractionRequired
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.languages import Language, language
from wakit.model import SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.widgets.bridge import bridge
from wakit.widgets.card import summary
from wakit.widgets.controller import Controller, Opener
from wakit.widgets.frontend import is_attended
from wakit.widgets.words import phone_hint, texts

_HERE = Path(__file__).parent


class LoginWidget(anywidget.AnyWidget):
    """The card of one account; its traits hold words only, everything else goes by message."""

    _esm = _HERE / "login.js"
    _css = _HERE / "login.css"
    lang = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, account: str, opener: Opener, lang: Language) -> None:
        said = replace(texts(lang), phone_hint=phone_hint(lang, settings().country))
        super().__init__(lang=lang, texts=asdict(said))
        self._controller = Controller(account, opener, self.send, clock=SystemClock(), lang=lang)
        self._running = bridge().submit(self._controller.run(), self._controller.fail)
        self.on_msg(self._receive)

    def show(self, account: str) -> None:
        """Turn to *account*, from whatever the person was looking at."""
        bridge().submit(self._controller.turn_to(account), self._controller.fail)

    def close(self) -> None:
        """Stop following the account and take the card out of the page."""
        self._running.cancel()
        super().close()

    def _receive(self, _widget: object, message: Any, _buffers: object) -> None:
        if isinstance(message, dict):
            bridge().submit(self._controller.handle(message), self._controller.fail)

    def __repr__(self) -> str:
        return "WhatsApp login · run this cell to see it / ejecuta esta celda para verlo"


@dataclass(frozen=True)
class LoginSummary:
    """What a cell says that nobody looks at; it is kept in the output notebook, so it has no number and no name."""

    text: str

    def __repr__(self) -> str:
        return self.text


_widgets: dict[tuple[Path, str], LoginWidget] = {}


def login(client: Client, account: str = DEFAULT_ACCOUNT) -> LoginWidget | LoginSummary:
    """
    Return the login card of *account*, the same one each time; the cell displays it.

    Raises:
        InvalidAccountId: No account can have this id.
        InteractionRequired: Nobody can scan a code here, and the account is
            not connected.
    """
    account_id(account)
    lang = language(settings().lang)
    workspace = client._workspace  # noqa: SLF001 - a client of the same workspace is made of it
    if not is_attended():
        return _unattended(workspace, account, lang)
    key = (workspace.root, account)
    widget = _widgets.get(key)
    if widget is None or widget.comm is None:
        widget = _widgets[key] = LoginWidget(account, _opener(workspace), lang)
    else:
        widget.show(account)
    return widget


def _opener(workspace: Workspace) -> Opener:
    async def attach(start: bool) -> AsyncClient:
        info = await asyncio.to_thread(autostart.ensure, workspace, start=start)
        return AsyncClient(workspace, info, start=True)

    return attach


def _unattended(workspace: Workspace, account: str, lang: Language) -> LoginSummary:
    patience = settings().start_timeout
    status = bridge().submit(_settled(workspace, account, patience), lambda _: None).result(2 * patience)
    if status.state is SessionState.CONNECTED:
        return LoginSummary(summary(status, lang))
    msg = (
        f"Account {account!r} is not connected ({status.state}), and nobody can scan a code or answer in this run. "
        f"Link it first, in a notebook or with: wakit login {account}"
    )
    raise InteractionRequired(msg, account=account, state=status.state.value)


async def _settled(workspace: Workspace, account: str, patience: float) -> SessionStatus:
    """Return how the account is once it no longer starts: a host that was just started is still bringing it back."""
    async with await AsyncClient.connect(workspace) as client:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                async for status in client.watch(account):
                    if status.state not in {SessionState.STARTING, SessionState.RECONNECTING}:
                        return status
        return await client.status(account)
