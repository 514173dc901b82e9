"""What ``wa.login()`` gives to a cell: a card where somebody sits, a line or a typed error where nobody does."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from anywidget import AnyWidget
from scripted_client import PHONE, PUSH_NAME, QR_TEXT, ScriptedClient, connected, showing_qr, status

from wakit.client import AsyncClient
from wakit.errors import InteractionRequired, InvalidAccountId
from wakit.model import SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.widgets import LoginWidget, frontend, login, panel
from wakit.widgets.frontend import is_attended

module = importlib.import_module("wakit.widgets.login")  # the package's name for it is the function


def kernel(**content: Any) -> SimpleNamespace:
    """Return an IPython whose kernel runs a request with this content."""
    return SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda: {"content": content}))


@pytest.mark.parametrize(
    ("shell", "environment", "expected"),
    [
        (kernel(code="wa.login()", allow_stdin=True), {}, True),
        (kernel(code="wa.login()", allow_stdin=False), {}, False),
        (kernel(code="wa.login()", allow_stdin=False), {"VOILA_REQUEST_URL": "http://127.0.0.1:8866/"}, True),
        (kernel(comm_id="1", data={}), {}, True),
        (SimpleNamespace(), {}, False),
        (None, {}, False),
    ],
    ids=["jupyterlab", "papermill", "voila", "callback", "terminal-ipython", "python"],
)
def test_frontend_is_told_by_the_request(
    monkeypatch: pytest.MonkeyPatch, shell: Any, environment: dict[str, str], expected: bool
) -> None:
    """A person is where the frontend can answer: what runs the cell says so."""
    monkeypatch.setattr(frontend, "get_ipython", lambda: shell)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expected == is_attended()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedClient]:
    """Return a host that follows a script; cards that a test makes are closed."""
    script = ScriptedClient()

    async def attach(workspace: Workspace) -> ScriptedClient:
        return script

    monkeypatch.setattr(AsyncClient, "connect", attach)
    monkeypatch.setattr(module, "opener", lambda workspace: script.open)
    monkeypatch.setattr(panel, "_shown", {})
    yield script
    for widget in panel._shown.values():
        widget.close()


@pytest.fixture
def client(workspace: Workspace) -> Any:
    """Return a client as far as ``login`` looks at it."""
    return SimpleNamespace(workspace=workspace, language="es", private=False)


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a person before the cell."""
    monkeypatch.setattr(module, "is_attended", lambda: True)


@pytest.mark.usefixtures("attended")
def test_second_run_gives_the_same_card(host: ScriptedClient, client: Any) -> None:
    """Running the cell again gives the card that is there; another account has its own, a closed card is made anew."""
    first = login(client)
    assert first is login(client)
    assert first is not login(client, "ventas")
    assert isinstance(first, LoginWidget)
    first.close()
    assert first is not login(client)


@pytest.mark.usefixtures("attended")
def test_wrong_account_id_is_refused_before_anything_is_made(host: ScriptedClient, client: Any) -> None:
    """An id that no account can have is a typed error."""
    with pytest.raises(InvalidAccountId, match="Mi Tienda"):
        login(client, "Mi Tienda")
    assert {} == panel._shown


@pytest.mark.usefixtures("attended")
def test_repr_of_a_card_says_nothing(host: ScriptedClient, client: Any) -> None:
    """What a notebook keeps of the card is one line that says to run the cell."""
    host.tell(connected())
    card = login(client)
    bundle = card._repr_mimebundle_()
    kept = bundle[0] if isinstance(bundle, tuple) else bundle
    assert {"text/plain", "application/vnd.jupyter.widget-view+json"} == set(kept)
    assert "run this cell" in kept["text/plain"]
    assert not any(secret in json.dumps(kept) for secret in (PHONE, PUSH_NAME, "default"))


@pytest.mark.usefixtures("attended")
def test_synced_traits_are_words_only(host: ScriptedClient, client: Any) -> None:
    """What frontends may store of the card's state has neither code nor number, whatever the card shows."""
    host.tell(showing_qr(phone=PHONE, push_name=PUSH_NAME))
    card = login(client)
    assert {"lang", "texts", "_esm", "_css", "_anywidget_id"} == {
        name for name in card.keys if name not in AnyWidget.class_trait_names()
    }
    state = json.dumps(card.get_state(), default=str)
    assert not any(secret in state for secret in (QR_TEXT, PHONE, PUSH_NAME))


@pytest.mark.parametrize(
    "one",
    [status(SessionState.STOPPED), showing_qr(), status(SessionState.LOGGED_OUT), status(SessionState.BANNED)],
    ids=lambda one: one.state,
)
def test_unattended_login_refuses_to_prompt(host: ScriptedClient, client: Any, one: SessionStatus) -> None:
    """Where nobody can answer, an account that is not connected is a typed error that says what to run."""
    host.tell(one)
    with pytest.raises(InteractionRequired, match="wakit login default") as caught:
        login(client)
    assert {"account": "default", "state": one.state} == caught.value.data


def test_unattended_login_of_a_connected_account_is_one_line(host: ScriptedClient, client: Any) -> None:
    """Where nobody looks, a connected account gives one plain line without number or name."""
    host.tell(connected())
    assert "● Conectado · default · Red emulada" == repr(login(client))


def test_unattended_login_waits_for_a_session_that_starts(
    monkeypatch: pytest.MonkeyPatch, host: ScriptedClient, client: Any
) -> None:
    """A host that was just started is still bringing the account back: that is waited for, but not forever."""
    monkeypatch.setenv("WAKIT_START_TIMEOUT", "0.2")
    host.tell(status(SessionState.STARTING))
    with pytest.raises(InteractionRequired, match="starting"):
        login(client)
    host.when_watched = connected()
    assert "● Conectado · default · Red emulada" == repr(login(client))
