"""What is set once for all widgets: the language, and whether anybody is named."""

from __future__ import annotations

import pytest

from wakit.client.shown import Shown
from wakit.config import settings
from wakit.errors import InvalidInput
from wakit.redact import initials, veil_numbers


def test_language_is_that_of_the_settings_until_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """``WAKIT_LANG`` rules unless somebody said otherwise; ``None`` goes back to it."""
    monkeypatch.setenv("WAKIT_LANG", "en")
    settings.cache_clear()
    shown = Shown()
    assert shown.language == "en"
    shown.language = "es"
    assert shown.language == "es"
    shown.language = None
    assert shown.language == "en"
    settings.cache_clear()


def test_language_that_wakit_does_not_speak_is_refused() -> None:
    """The error names it and those that there are."""
    shown = Shown()
    with pytest.raises(InvalidInput, match=r"'fr'.*es, en"):
        shown.language = "fr"


def test_nobody_is_hidden_until_it_is_asked_for() -> None:
    """Private is a switch."""
    shown = Shown()
    assert shown.private is False
    shown.private = True
    assert shown.private is True


@pytest.mark.parametrize(
    ("name", "short"), [("Ana Mejía", "A. M."), ("  ñandú ", "Ñ."), ("🙂", "·"), ("", "·"), ("a b c d", "A. B. C.")]
)
def test_initials_name_nobody(name: str, short: str) -> None:
    """At most three letters are left of a name."""
    assert initials(name) == short


def test_veiled_numbers_keep_every_character_in_its_place() -> None:
    """Marks into the text stay right."""
    text = "🙂 +57 320 111 2233 y 12 bolsas"
    assert veil_numbers(text) == "🙂 +·· ··· ··· ··33 y 12 bolsas"
    assert len(veil_numbers(text)) == len(text)
