"""
The languages that wakit speaks: English stands in the code, the others in gettext catalogues.

A text is written where it is used, in English: ``speak(lang, "Sent to {who}.", who=…)``.
Tables that are made before anybody listens ``mark`` theirs and ``speak`` them later.
Babel finds both for the catalogues below ``locale/``; ``python tests/catalogues.py``
brings them up to date, and a test fails on a text that has no translation. Compiled
catalogues are part of the repository because an editable install runs no build, and
to read a text catalogue costs a command 80 ms.
"""

from __future__ import annotations

import gettext
import os
from functools import cache
from importlib import resources
from typing import Literal, get_args

Language = Literal["es", "en"]

#: The language of the texts in the code.
_SOURCE: Language = "en"


def language(preferred: str | None = None) -> Language:
    """Return the language to speak: *preferred*, else that of ``LANG``, else Spanish."""
    for text in (preferred, os.environ.get("LC_ALL"), os.environ.get("LANG")):
        for known in get_args(Language):
            if text and text[:2].lower() == known:
                return known  # type: ignore[no-any-return]
    return "es"


def mark(message: str) -> str:
    """Return *message* as it is; what is marked gets into the catalogues."""
    return message


def translate(lang: Language, message: str) -> str:
    """Return a marked text in *lang* with its placeholders still open."""
    return _catalogue(lang).gettext(message) if message else ""


def speak(lang: Language, message: str, /, **values: object) -> str:
    """Return a text in *lang* with its values filled in."""
    return translate(lang, message).format_map(values)


def speak_many(lang: Language, one: str, many: str, count: int, /, **values: object) -> str:
    """Return the text for *count* things, which it may name as ``{count}``, in *lang*."""
    return _catalogue(lang).ngettext(one, many, count).format_map({"count": count, **values})


@cache
def _catalogue(lang: Language) -> gettext.NullTranslations:
    if lang == _SOURCE:
        return gettext.NullTranslations()
    file = resources.files("wakit").joinpath("locale", lang, "LC_MESSAGES", "wakit.mo")
    with file.open("rb") as catalogue:
        return gettext.GNUTranslations(catalogue)
