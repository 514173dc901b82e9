"""
The figures about what messages say: words, mood, emoji, links and commands.

They read texts, which are a hundred times as much as what the other figures read: each takes about half a second for
a million messages (the words two, the mood four), so give a time where much is stored. Only counts leave the host.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Unpack

from ibis.expr.types import Table

from wakit.analytics import definitions
from wakit.analytics import mood as moods
from wakit.analytics.emojis import candidates, emojis
from wakit.analytics.funnel import attempts, funnel, patterns
from wakit.analytics.inquiry import Inquiry, Where, period_of
from wakit.analytics.links import domains, hosts
from wakit.analytics.periods import Period
from wakit.analytics.result import Result
from wakit.analytics.terms import spellings, terms
from wakit.analytics.texts import chosen
from wakit.errors import InvalidInput
from wakit.languages import mark

_NO_TERM = mark("No word was written often enough in this time and these chats. With at_least=1 once is enough.")
_NO_STEP = mark("Nobody wrote the first step in this time and these chats.")
_NO_EMOJI = mark("Nobody wrote an emoji in this time and these chats.")
_NO_LINK = mark("Nobody sent a link in this time and these chats.")


class TextReport(Inquiry):
    """The figures about what messages say; deleted ones are left out, and edited ones say what they say now."""

    def terms(
        self,
        *,
        by: Period | str = "week",
        top: int = 10,
        side: str | None = None,
        at_least: int = 2,
        ignore: Collection[str] = (),
        **where: Unpack[Where],
    ) -> Result:
        """
        Return the *top* terms of each period by TF-IDF: ``term``, ``uses``, in how many ``periods`` it is, ``score``.

        ``.sql`` counts spellings; their stems are made of those.

        Args:
            by: What is compared: each ``hour``, ``day``, ``week`` or ``month``.
            top: Most terms of a period.
            side: Only what was ``received``, or only what was ``sent``.
            at_least: Spellings with fewer uses in a period do not count.
            ignore: Words that are no terms, in any form, such as your own name.
            **where: Which messages; see ``Where``.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        most, scope = _most(top), self._scope(where)
        if at_least < 1:
            msg = f"at_least is {at_least}: what is written is written once at least. Give 1 or more."
            raise InvalidInput(msg, at_least=at_least)
        counted = spellings(_of_side(chosen(scope), side), by=period_of(by), timezone=self._zone(where), at_least=at_least)
        return self._result(
            definitions.TERMS,
            counted,
            scope,
            where,
            _NO_TERM,
            lambda found: terms(found, top=most, ignore=ignore),
            by=by,
            top=top,
            side=side,
            at_least=at_least,
        )

    def mood(
        self,
        *,
        by: Period | str = "week",
        side: str | None = "received",
        lexicon: Mapping[str, float] | None = None,
        **where: Unpack[Where],
    ) -> Result:
        """
        Return how many messages sound ``positive``, ``negative`` or ``mixed``, by the words of ``mood.txt``, for each period.

        ``n`` are those with a word of mood, and ``known`` is which share of all ``messages`` they are.

        Args:
            by: One row for each ``hour``, ``day``, ``week`` or ``month``.
            side: What was ``received``, what was ``sent``, or ``None`` for both.
            lexicon: Words that you add, or that are worth something else to you: from -2, very bad, to 2; 0 takes one out.
            **where: Which messages; see ``Where``.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        scope, zone = self._scope(where), self._zone(where)
        values = moods.lexicon(lexicon)
        table = moods.moods(_of_side(chosen(scope), side), values, by=period_of(by), timezone=zone)
        words = None if lexicon is None else len(lexicon)
        return self._result(definitions.MOOD, table, scope, where, by=by, side=side, own_words=words)

    def funnel(self, steps: Sequence[str], *, within: timedelta = timedelta(days=1), **where: Unpack[Where]) -> Result:
        """
        Return how many ``people`` got to each of *steps* in order, with ``share``, ``of_previous`` and ``p50``, in seconds.

        Args:
            steps: What customers write: a command with which a message begins, such as ``/menu``, or words anywhere in it,
                such as ``pagar|pago``, which is either of two. Accents and upper case do not matter.
            within: How long a way through all steps may take.
            **where: Which messages; see ``Where``.

        Raises:
            InvalidInput, UnknownChat: A parameter cannot be; the message says what can.
        """
        wanted, scope = patterns(steps), self._scope(where)
        if within <= timedelta():
            msg = f"within is {within}: a way through takes some time. Give one such as timedelta(hours=2)."
            raise InvalidInput(msg, within=str(within))
        table = attempts(_of_side(chosen(scope), "received"), wanted, within=within)
        finish = partial(funnel, steps=steps)
        told = " → ".join(steps)
        return self._result(definitions.FUNNEL, table, scope, where, _NO_STEP, finish, steps=told, within=within)

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


def _of_side(texts: Table, side: str | None) -> Table:
    if side is None:
        return texts
    if side not in {"received", "sent"}:
        msg = f"side is {side!r}. Texts are 'received' or 'sent'; leave it out for both."
        raise InvalidInput(msg, side=side)
    return texts.filter(texts.from_me == (side == "sent"))


def _most(top: int) -> int:
    if top < 1:
        msg = f"top is {top}: a ranking has at least one row. Give 20, for instance."
        raise InvalidInput(msg, top=top)
    return top
