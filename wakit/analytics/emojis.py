"""
Emoji: which are used how often, as a person counts them.

A family of four, a flag and a hand of any colour are one emoji each, though they are up to ten characters. The host
finds what may be emoji by their blocks of characters; ``emoji`` knows which are, and what they are called.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd
from ibis.expr.types import Table

from wakit.analytics.texts import by_side, found
from wakit.languages import Language

_TONES = dict.fromkeys(range(0x1F3FB, 0x1F400))
#: What may follow a sign and belongs to it: how it is shown, its colour, letters of a flag.
_AFTER = r"[\x{FE0F}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]*"
_SIGN = rf"[\x{{203C}}-\x{{2121}}\x{{2123}}-\x{{3299}}\x{{1F000}}-\x{{1FAFF}}]{_AFTER}"
#: Two letters of a flag, a key, or signs that are joined to one.
_MAY_BE = rf"[\x{{1F1E6}}-\x{{1F1FF}}]{{2}}|[0-9#*]\x{{FE0F}}?\x{{20E3}}|{_SIGN}(?:\x{{200D}}{_SIGN})*"


def candidates(texts: Table) -> Table:
    """Return what may be emoji, each as it was written: how often it was ``received`` and ``sent``."""
    pieces = texts.select("from_me", emoji=found(texts.text, _MAY_BE).unnest())
    return by_side(pieces, "emoji")


def emojis(candidates: pd.DataFrame, lang: Language, *, top: int) -> pd.DataFrame:
    """
    Return the *top* emoji, most used first.

    Its columns: ``emoji`` and its ``meaning``; ``uses``, those ``received`` and ``sent``, and its ``share`` of all uses.
    """
    import emoji  # 60 ms that no other figure needs

    received: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    for row in candidates.itertuples():
        for one in emoji.emoji_list(str(row.emoji).translate(_TONES)):
            name = emoji.demojize(one["emoji"])
            received[name] += row.received
            sent[name] += row.sent
    uses = received + sent
    rows = [
        {
            "emoji": (sign := emoji.emojize(name)),
            "meaning": emoji.demojize(sign, language=lang).strip(":").replace("_", " "),
            "uses": count,
            "received": received[name],
            "sent": sent[name],
            "share": count / uses.total(),
        }
        for name, count in sorted(uses.items(), key=lambda one: (-one[1], one[0]))[:top]
    ]
    return pd.DataFrame(rows, columns=["emoji", "meaning", "uses", "received", "sent", "share"])
