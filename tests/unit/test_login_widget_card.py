"""What the login card shows, from what is known."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wakit import errors, qr_image
from wakit.model import SessionState, SessionStatus
from wakit.widgets.card import QR_SCALE, View, beat, card, summary
from wakit.widgets.words import error_text, phone_hint

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PHONE = "+573001234567"


def status(state: SessionState, **values: Any) -> SessionStatus:
    return SessionStatus(**{"account": "default", "state": state, "since": NOW, "network": "emulated:00", **values})


def view(state: SessionState, **values: Any) -> View:
    one = status(state, **values)
    return View(account=one.account, status=one, accounts=(one,))


def shown(state: SessionState, **values: Any) -> dict[str, Any]:
    return card(view(state, **values), NOW, "es")


def test_card_carries_the_very_picture() -> None:
    """The card's data URL is the PNG of the code."""
    picture = qr_image.png("2@abc", scale=QR_SCALE)
    one = View(account="default", status=status(SessionState.QR, qr="2@abc"), picture=picture)
    head, _, body = card(one, NOW, "es")["qr"]["src"].partition(",")
    assert ("data:image/png;base64", picture) == (head, base64.b64decode(body))


@pytest.mark.parametrize("state", [state for state in SessionState if not state.is_waiting])
def test_codes_are_shown_in_their_state_only(state: SessionState) -> None:
    """A code that should no longer be there is not shown, whatever the snapshot still says."""
    one = View(account="default", status=status(state, qr="2@abc", pairing_code="K7QX-M2VD"), picture=b"PNG")
    drawn = card(one, NOW, "es")
    assert (None, None, False) == (drawn["qr"], drawn["code"], drawn["scans"])
    assert "K7QX" not in json.dumps(drawn)


@pytest.mark.parametrize(
    ("state", "does"),
    [
        (SessionState.STOPPED, "connect"),
        (SessionState.LOGGED_OUT, "connect"),
        (SessionState.QR_EXPIRED, "new_code"),
        (SessionState.STALLED, "ask_phone"),
        (SessionState.REPLACED, "take_over"),
        (SessionState.RECONNECTING, "retry"),
    ],
)
def test_next_step_is_a_button(state: SessionState, does: str) -> None:
    """A state that a person can leave offers how."""
    assert does == shown(state)["step"]["does"]


@pytest.mark.parametrize("state", [SessionState.QR, SessionState.BANNED, SessionState.OUTDATED, SessionState.STORAGE_FULL])
def test_next_step_is_advice_where_nothing_can_be_clicked(state: SessionState) -> None:
    """Where the next step happens elsewhere it is told in words."""
    assert (None, True) == (shown(state)["step"], bool(shown(state)["advice"]))


def test_seconds_left_never_fall_below_zero() -> None:
    """A code that ran out shows zero until the next one comes."""
    late = view(SessionState.QR, qr="2@abc", code_expires_at=NOW - timedelta(seconds=3))
    assert 0.0 == beat(late, NOW, "es")["left"]


def test_beat_tells_the_seconds_in_words() -> None:
    """The sentence counts down with the bar."""
    soon = view(SessionState.QR, qr="2@abc", code_expires_at=NOW + timedelta(seconds=18))
    assert 18.0 == beat(soon, NOW, "es")["left"]
    assert "Caduca en 18 s" in beat(soon, NOW, "es")["sentence"]


def test_connected_card_names_phone_and_device() -> None:
    """Connected, the card has number, name and device, and is folded."""
    drawn = shown(SessionState.CONNECTED, phone=PHONE, push_name="Café Andino", device="573001234567:2@s.whatsapp.net")
    assert (True, "+57 300 1234567", "Café Andino", "Dispositivo vinculado n.º 2") == (
        drawn["folded"],
        drawn["phone"],
        drawn["name"],
        drawn["device"],
    )


def test_history_is_told_while_it_comes() -> None:
    """A line and how far the bar is; without a history there is neither."""
    coming = shown(SessionState.CONNECTED, history_percent=63, history_messages=12_600)
    assert ("Historial: 63 %, 12\u202f600 mensajes", 63) == (coming["past"], coming["past_percent"])
    assert ("", None) == (shown(SessionState.CONNECTED)["past"], shown(SessionState.CONNECTED)["past_percent"])


def test_host_that_is_gone_hides_what_it_knew() -> None:
    """Without a host there is no code to scan and nothing to disconnect, but a way to start it."""
    one = View(account="default", status=status(SessionState.QR, qr="2@abc"), picture=b"PNG", attached=False)
    drawn = card(one, NOW, "es")
    assert ("no_host", None, None, False) == (drawn["state"], drawn["qr"], drawn["left"], drawn["linked"])
    assert "start_host" == drawn["step"]["does"]


def test_account_is_named_where_there_is_a_choice() -> None:
    """The account's name is shown unless it is the only, default one."""
    ventas = status(SessionState.STOPPED, account="ventas")
    default = status(SessionState.STOPPED)
    assert card(View(account="default", status=default, accounts=(default,)), NOW, "es")["tag"] is None
    assert "default" == card(View(account="default", status=default, accounts=(default, ventas)), NOW, "es")["tag"]
    assert "ventas" == card(View(account="ventas", status=ventas), NOW, "es")["tag"]


@pytest.mark.parametrize(("network", "expected"), [("whatsapp", True), ("emulated:00", False)])
def test_terms_are_mentioned_before_linking_for_real(network: str, expected: bool) -> None:
    """Before an account is linked on WhatsApp itself the card says what that may mean; never afterwards."""
    assert expected == shown(SessionState.STOPPED, network=network)["unofficial"]
    assert not shown(SessionState.CONNECTED, network=network, phone=PHONE)["unofficial"]


def test_summary_is_fit_to_be_kept() -> None:
    """The line for output notebooks has state and account, neither number nor name."""
    line = summary(status(SessionState.CONNECTED, phone=PHONE, push_name="Café Andino"), "es")
    assert "● Conectado · default · Red emulada" == line


def test_errors_speak_the_language_of_the_card() -> None:
    """What a person can cause is told in Spanish; what has no words yet keeps its English."""
    assert "Eso no es un número" in error_text(errors.InvalidPhoneNumber("'x' is not a phone number."), "es")
    assert "'x' is not a phone number." == error_text(errors.InvalidPhoneNumber("'x' is not a phone number."), "en")
    assert "El servicio de wakit no respondió" in error_text(errors.HostGone(), "es")
    assert "Something else." == error_text(errors.WakitError("Something else."), "es")
    assert "ValueError: odd" == error_text(ValueError("odd"), "es")


def test_phone_hint_says_which_country_is_assumed() -> None:
    """With a country in the settings the hint names it."""
    assert "CO" in phone_hint("es", "co")
    assert "+57" in phone_hint("en", None)
