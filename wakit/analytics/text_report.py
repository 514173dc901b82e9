"""
The figures about what messages say: words, mood, emoji, links and commands.

They read texts, which are a hundred times as much as what the other figures read: each takes about half a second for
a million messages (the words, two), so give a time where much is stored. Only counts leave the host.
"""

from __future__ import annotations

from typing import Unpack

from wakit.analytics import definitions
from wakit.analytics.emojis import candidates, emojis
from wakit.analytics.inquiry import Inquiry, Where
from wakit.analytics.links import domains, hosts
from wakit.analytics.result import Result
from wakit.analytics.texts import chosen
from wakit.errors import InvalidInput
from wakit.languages import mark

_NO_EMOJI = mark("Nobody wrote an emoji in this time and these chats.")
_NO_LINK = mark("Nobody sent a link in this time and these chats.")


class TextReport(Inquiry):
    """The figures about what messages say; deleted ones are left out, and edited ones say what they say now."""

    def emoji(self, *, top: int = 50, **where: Unpack[Where]) -> Result:
        """
        Return the *top* emoji with their ``uses``, those ``received`` and ``sent``, and their ``share`` of all uses.

        ``.sql`` counts them as they were written, in each colour.
        """
        most, scope = _most(top), self._scope(where)
        return self._result(
            definitions.EMOJI,
            candidates(chosen(scope)),
            scope,
            where,
            _NO_EMOJI,
            lambda counted: emojis(counted, self._lang, top=most),
            top=top,
        )

    def links(self, *, top: int = 50, **where: Unpack[Where]) -> Result:
        """
        Return the *top* sites that were linked to, by ``domain``, with their ``links``, ``received``, ``sent`` and ``share``.

        ``.sql`` counts hosts as they were written.
        """
        most, scope = _most(top), self._scope(where)
        return self._result(
            definitions.LINKS, hosts(chosen(scope)), scope, where, _NO_LINK, lambda counted: domains(counted, top=most), top=top
        )


def _most(top: int) -> int:
    if top < 1:
        msg = f"top is {top}: a ranking has at least one row. Give 20, for instance."
        raise InvalidInput(msg, top=top)
    return top
