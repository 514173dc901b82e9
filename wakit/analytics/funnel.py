"""
Command funnel: how many of those who asked for the menu chose, and how many of those paid.

A step is what somebody writes: a command, with which a message begins (``/menu``), or a word anywhere in it (``pagar``). People
go through it in order within a time, and may skip nothing. Whoever begins several times counts once, as far as they got in the
best of their attempts; so somebody who looked twice and bought once has bought.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import ibis
import pandas as pd
from ibis.expr.types import Table

from wakit.errors import InvalidInput
from wakit.words import ENYE, fold

#: What accents may stand over a letter that is asked for without one.
_LETTERS = {"a": "aáàâãä", "e": "eéèêë", "i": "iíìîï", "o": "oóòôõö", "u": "uúùûü", "c": "cç", ENYE: "ñ"}
_EDGE = r"[^\pL\pN_]"
_MOST = 10


def patterns(steps: Sequence[str]) -> list[str]:
    """
    Return for each step the pattern of the messages that are it; ``pagar|pago`` is either of two.

    Raises:
        InvalidInput: These are too few steps, or too many, or one is empty.
    """
    if isinstance(steps, str) or not 2 <= len(steps) <= _MOST:
        msg = f"steps is {steps!r}. Give two to {_MOST} of them in order, such as ['/menu', 'pedido', 'pagar|pago']."
        raise InvalidInput(msg, steps=str(steps))
    return [_pattern(step) for step in steps]


def attempts(texts: Table, wanted: Sequence[str], *, within: timedelta) -> Table:
    """
    Return one row: people who got to each step, ``people_1`` and so on, and the median seconds from the one before, ``p50_2``.

    Args:
        texts: What customers wrote, as ``texts.message_texts`` has it.
        wanted: The pattern of each step.
        within: How long a way through may take.
    """
    longest = int(within.total_seconds())
    begun = _said(texts, wanted[0]).rename(at_1="at")
    for number, pattern in enumerate(wanted[1:], 2):
        begun = _next(begun, _said(texts, pattern), number, longest)
    times = [begun[f"at_{number}"] for number in range(1, len(wanted) + 1)]
    depth = sum((time.notnull().cast("int64") for time in times[1:]), start=times[0].notnull().cast("int64"))
    ranked = begun.mutate(depth=depth)
    first = ibis.window(group_by=["account", "sender"], order_by=[ibis.desc("depth"), "at_1"])
    best = ranked.mutate(rank=ibis.row_number().over(first)).filter(lambda table: table["rank"] == 0)
    numbers = range(1, len(wanted) + 1)
    people = {f"people_{number}": best[f"at_{number}"].count() for number in numbers}
    waits = {f"p50_{number}": (best[f"at_{number}"] - best[f"at_{number - 1}"]).quantile(0.5) for number in numbers[1:]}
    return best.aggregate(**people, **waits)


def funnel(counted: pd.DataFrame, steps: Sequence[str]) -> pd.DataFrame:
    """
    Return one row for each step, and none where nobody began.

    Its columns: ``step``; ``people`` who got there; ``share`` of those who began, and ``of_previous``, of those one step before;
    ``p50``, the median seconds from that one.
    """
    row = counted.iloc[0]
    people = [int(row[f"people_{number}"]) for number in range(1, len(steps) + 1)]
    if not people[0]:
        return pd.DataFrame(columns=["step", "people", "share", "of_previous", "p50"])
    before = [people[0], *people[:-1]]
    return pd.DataFrame(
        {
            "step": list(steps),
            "people": people,
            "share": [count / people[0] for count in people],
            "of_previous": [count / last if last else float("nan") for count, last in zip(people, before, strict=True)],
            "p50": [float("nan"), *(float(row[f"p50_{number}"]) for number in range(2, len(steps) + 1))],
        }
    )


def _said(texts: Table, pattern: str) -> Table:
    """Return who wrote when what a step is."""
    fitting = texts.filter(texts.text.re_search(pattern))
    return fitting.select("account", "sender", at="written")


def _next(begun: Table, said: Table, number: int, longest: int) -> Table:
    """Return the attempts with the first time of the next step, empty where it was not taken in time."""
    before = begun[f"at_{number - 1}"]
    joined = begun.left_join(
        said,
        [
            begun.account == said.account,
            begun.sender == said.sender,
            said["at"] > before,
            said["at"] <= begun.at_1 + longest,
        ],
    )
    known = ["account", "sender", *(f"at_{earlier}" for earlier in range(1, number))]
    return joined.group_by(known).aggregate(joined["at"].min().name(f"at_{number}"))


def _pattern(step: str) -> str:
    words = [word.strip() for word in step.split("|")]
    if not all(words):
        msg = f"The step {step!r} is empty somewhere. A step is a command such as '/menu', or words such as 'pagar|pago'."
        raise InvalidInput(msg, step=step)
    return "(?i)" + "|".join(_of_word(word) for word in words)


def _of_word(word: str) -> str:
    letters = "".join(rf"[{_LETTERS[letter]}]" if letter in _LETTERS else _plain(letter) for letter in fold(word))
    begins = rf"(?:^|{_EDGE})" if word[0].isalnum() else r"^\s*"
    return rf"{begins}{letters}(?:$|{_EDGE})"


def _plain(letter: str) -> str:
    return r"\s+" if letter.isspace() else re.escape(letter)
