"""
What a view sees of a plan: three real renderings, the longest, who is left out and why, and the rows page by page.

A plan may have a hundred thousand rows, of which a browser gets those that somebody looks at. What people are called
and what is written to them are words only; in private, names are initials, numbers are masked, and the words of a
name are initials in the text as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wakit.languages import translate
from wakit.redact import initials, mask_numbers
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.campaign_words import EXCLUDED
from wakit.widgets.people import Row

if TYPE_CHECKING:
    import pandas as pd

#: Renderings: the longest, the first, and others from farther on.
SAMPLES = 3
#: Rows of one page.
PAGE = 50
#: Most characters of a text: in a rendering, and in a row of the table.
_RENDERED, _LINE = 4000, 200
#: What is chosen instead of a reason: everybody, and those who get something.
EVERYBODY, RECIPIENTS = "", "recipients"
#: Here the detail is what somebody wrote instead of a number.
_WRITTEN = "invalid-number"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan, and how to call those in it."""

    account: str
    frame: pd.DataFrame
    bubbles: Bubbles

    def __post_init__(self) -> None:
        left = self.frame[self.frame["excluded"].isna()]
        for address, name in zip(left["person"], left["name"], strict=True):
            self.bubbles.people.call(self.account, address, name)

    def overview(self) -> Row:
        """Return all but the rows."""
        left = self.frame[self.frame["excluded"].isna()]
        lengths = left["text"].fillna("").str.len()
        longest = int(lengths.to_numpy().argmax()) if len(left) else 0
        places = [*dict.fromkeys((longest, 0, len(left) // 2, len(left) - 1))][:SAMPLES] if len(left) else []
        return {
            "rows": len(self.frame),
            "samples": [self._rendered(left.iloc[place]) for place in sorted(places)],
            "longest": int(left.iloc[longest]["row"]) if len(left) else None,
            "first": _ms(left["when"].min()) if len(left) else None,
            "last": _ms(left["when"].max()) if len(left) else None,
            "reasons": [
                {"code": code, "label": self.why(code), "count": int(count)}
                for code, count in self.frame["excluded"].dropna().value_counts().items()
            ],
        }

    def page(self, chosen: str, begin: int) -> Row:
        """Return the rows of a reason, of the recipients or of everybody, from the place *begin* on."""
        excluded = self.frame["excluded"]
        matches = excluded.isna() if chosen == RECIPIENTS else excluded == chosen
        found = self.frame if chosen == EVERYBODY else self.frame[matches]
        begin = max(0, min(begin, (len(found) - 1) // PAGE * PAGE))
        rows = [self._row(row) for row in found.iloc[begin : begin + PAGE].to_dict("records")]
        return {"chosen": chosen, "from": begin, "total": len(found), "rows": rows}

    def why(self, code: str) -> str:
        """Return why somebody gets nothing, in words."""
        return translate(self.bubbles.lang, EXCLUDED[code]) if code in EXCLUDED else code

    def who(self, address: str | None, name: str | None) -> tuple[str, str]:
        """Return what to call somebody, and their number where that is something else."""
        if not isinstance(address, str) or not address:
            return (initials(name) if self.bubbles.private else name[:80]) if isinstance(name, str) and name else "", ""
        called = self.bubbles.name(self.account, address, name if isinstance(name, str) else None)
        number = self.bubbles.of_chat(self.account, address)["number"]
        return called, "" if number == called else number

    def named(self, address: str) -> str:
        """Return what the plan calls a recipient, in whatever spelling of the number."""
        return self.bubbles.name(self.account, self.bubbles.people.shown(self.account, address))

    def _rendered(self, row: Any) -> Row:
        text = str(row["text"] or "")
        who, _ = self.who(row["person"], row["name"])
        return {"row": int(row["row"]), "who": who, "text": self._said(text, row["name"])[:_RENDERED], "length": len(text)}

    def _row(self, row: Row) -> Row:
        who, number = self.who(row["person"], row["name"])
        code = row["excluded"] if isinstance(row["excluded"], str) else None
        detail = row["detail"] if isinstance(row["detail"], str) else ""
        return {
            "row": int(row["row"]),
            "who": who,
            "number": number,
            "text": None if code else self._said(str(row["text"] or ""), row["name"])[:_LINE],
            "why": None if code is None else self.why(code),
            "detail": "" if self.bubbles.private and code == _WRITTEN else detail[:_LINE],
            "when": _ms(row["when"]),
        }

    def _said(self, text: str, name: Any) -> str:
        if not self.bubbles.private:
            return text
        words = name.split() if isinstance(name, str) else []
        for word in sorted({word for word in words if len(word) > 1}, key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(word)}\b", initials(word), text, flags=re.IGNORECASE)
        return mask_numbers(text)


def _ms(when: Any) -> int | None:
    """Return an instant of a table as the browser counts; a table has NaT where there is none."""
    return None if when is None or when != when else round(when.timestamp() * 1000)
