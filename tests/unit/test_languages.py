"""Every text is said in every language."""

from __future__ import annotations

import string
from pathlib import Path

import catalogues
import pytest

from wakit.languages import language, speak, speak_many, translate

FILES = catalogues.catalogues()


def test_every_language_but_the_one_of_the_code_has_a_catalogue() -> None:
    """Spanish is there."""
    assert ["es"] == [file.parts[-3] for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_no_text_is_untranslated(file: Path) -> None:
    """What the code says and what the catalogue translates is the same; run ``python tests/catalogues.py`` after a change."""
    translated = {message.id for message in catalogues.read(file) if message.id and message.string and not message.fuzzy}
    assert {message.id for message in catalogues.said() if message.id} == translated


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_translations_keep_the_placeholders(file: Path) -> None:
    """A translation names the same values, so no sentence breaks in one language only."""
    pairs = [(message.id, message.string) for message in catalogues.read(file) if isinstance(message.id, str) and message.id]
    assert pairs
    assert [] == [pair for pair in pairs if _placeholders(pair[0]) != _placeholders(pair[1])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_compiled_catalogue_is_the_text_one(file: Path) -> None:
    """What runs is what a translator reads."""
    assert catalogues.compiled(catalogues.read(file)) == file.with_suffix(".mo").read_bytes()


def test_language_prefers_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting wins over LANG, LANG over the default, and the default is Spanish."""
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert ("es", "en") == (language("es"), language())
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert "es" == language()


def test_values_are_filled_in() -> None:
    """A text gets its values in whichever language it is said."""
    assert "¿Desconectar Ana?" == speak("es", "Disconnect {who}?", who="Ana")
    assert "Disconnect Ana?" == speak("en", "Disconnect {who}?", who="Ana")


def test_what_has_no_words_stays_without() -> None:
    """An empty text is not the header of the catalogue."""
    assert "" == translate("es", "")


def test_one_thing_and_many_differ() -> None:
    """Counts are told in the form that belongs to them, in a language without the text as well."""
    assert ["1 apple", "2 apples"] == [speak_many("es", "{count} apple", "{count} apples", count) for count in (1, 2)]


def _placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}
