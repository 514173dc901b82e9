"""
The login card in a cell: ``wa.login()``.

Where nobody can scan a code (papermill, nbclient), a linked account gives one
line of text and any other the typed error ``InteractionRequired``.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, dataclass, replace

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
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.words import phone_hint, texts


class LoginWidget(Panel):
    """The card of one account."""

    _esm, _css = assets("login").values()
    kept = "WhatsApp login · run this cell to see it / ejecuta esta celda para verlo"

    def __init__(self, account: str, opener: Opener, lang: Language, *, private: bool = False) -> None:
        said = replace(texts(lang), phone_hint=phone_hint(lang, settings().country))
        super().__init__(lang, asdict(said))
        self._card = Controller(account, opener, self.send, clock=SystemClock(), lang=lang, private=private)
        self.animate(self._card)

    def show(self, account: str) -> None:
        """Turn to *account*, from whatever the person was looking at."""
        bridge().submit(self._card.turn_to(account), self._card.fail)


@dataclass(frozen=True)
class LoginSummary:
    """What a cell says that nobody looks at; it is kept in the output notebook, so it has no number and no name."""

    text: str

    def __repr__(self) -> str:
        return self.text


def login(client: Client, account: str = DEFAULT_ACCOUNT) -> LoginWidget | LoginSummary:
    """
    Return the login card of *account*, the same one each time; the cell displays it.

    Raises:
        InvalidAccountId: No account can have this id.
        InteractionRequired: Nobody can scan a code here, and the account is
            not connected.
    """
    account_id(account)
    lang, private = language(client.language), client.private
    workspace = client.workspace
    if not is_attended():
        return _unattended(workspace, account, lang)

    def make() -> LoginWidget:
        return LoginWidget(account, opener(workspace), lang, private=private)

    widget = only(("login", workspace.root, account, lang, private), make)
    widget.show(account)
    return widget


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
