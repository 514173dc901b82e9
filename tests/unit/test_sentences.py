from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wakit.model import SessionState, SessionStatus
from wakit.sentences import sentence, words

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("state", SessionState)
def test_every_state_has_a_sentence_in_both_languages(state: SessionState, lang: str) -> None:
    """Whatever a session does, a person is told in one sentence, with every placeholder filled."""
    said = sentence(SessionStatus(account="ana", state=state, since=NOW), NOW, lang)
    assert said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize("lang", ["es", "en"])
def test_states_differ_in_icon_and_word(lang: str) -> None:
    """Colour is never the only sign: no two states share an icon or a word."""
    told = [words(state, lang) for state in SessionState]
    assert len(told) == len({w.icon for w in told}) == len({w.word for w in told})


@pytest.mark.parametrize("state", [state for state in SessionState if state.is_final])
def test_states_that_need_a_person_say_the_next_step(state: SessionState) -> None:
    """Where wakit does not go on by itself, it says what to do."""
    assert words(state, "es").next_step
    assert words(state, "en").next_step


def test_sentence_counts_down() -> None:
    """The seconds that a QR is still valid stand in its sentence."""
    status = SessionStatus(account="ana", state=SessionState.QR, since=NOW, code_expires_at=NOW + timedelta(seconds=18))
    assert "Caduca en 18 s." in sentence(status, NOW, "es")


def test_sentence_names_phone_and_last_traffic() -> None:
    """A connected session says who it is and when it last heard something."""
    status = SessionStatus(
        account="ana",
        state=SessionState.CONNECTED,
        since=NOW,
        phone="+573001234567",
        push_name="Café Andino",
        last_traffic_at=NOW - timedelta(minutes=11),
    )
    assert "Connected as Café Andino · +573001234567. Last traffic 11 min ago." == sentence(status, NOW, "en")
