"""
How the widgets of a client speak, and whether they name anybody; each takes both from here where nobody says otherwise.

The language is a ``str`` to the outside: jedi cannot read a property that returns a
``Literal``, and then offers no completions of the whole client.
"""

from __future__ import annotations

from typing import get_args

from wakit.config import settings
from wakit.errors import InvalidInput
from wakit.languages import Language, language


class Shown:
    """What is set once for all widgets that are shown from then on."""

    _language: Language | None = None
    _private = False

    @property
    def language(self) -> str:
        """
        The language of widgets, ``"es"`` or ``"en"``.

        It is what was set here, else ``WAKIT_LANG``, else that of ``LANG``, else Spanish.

        Raises:
            InvalidInput: wakit does not speak what was set.
        """
        return self._language or language(settings().lang)

    @language.setter
    def language(self, chosen: str | None) -> None:
        if chosen is not None and chosen not in get_args(Language):
            known = ", ".join(get_args(Language))
            msg = f"wakit does not speak {str(chosen)[:20]!r}. Known languages: {known}; None for the usual one."
            raise InvalidInput(msg, language=str(chosen)[:20])
        self._language = None if chosen is None else language(chosen)

    @property
    def private(self) -> bool:
        """Whether widgets show initials instead of names, masked numbers and no pictures; for screens that others see."""
        return self._private

    @private.setter
    def private(self, chosen: bool) -> None:
        self._private = bool(chosen)
