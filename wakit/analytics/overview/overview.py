"""The ten figures that matter on one page, for a cell, a file or the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakit.analytics.overview.figure import Figure
from wakit.analytics.overview.span import Span
from wakit.languages import Language
from wakit.paths import write_private

if TYPE_CHECKING:
    import pandas as pd

#: What a notebook says of itself to ``wakit run``.
_RESULT = "application/vnd.wakit.result+json"


@dataclass(frozen=True, kw_only=True)
class Overview:
    """
    The figures of a time, compared with the time before.

    Attributes:
        figures: The ten of them.
        span: Of which time they are.
        known: Shares of it, as ``wa.report.known`` gives them.
        known_before: The same of the time before.
        about: Of whom they are: account and chat, where not of all.
        waiting: Who has waited longest, and since when; pseudonyms unless ``names``.
        names: Whether people are named.
        made: When the figures were asked for.
        why_empty: Why there are none; empty where there are some.
    """

    figures: tuple[Figure, ...]
    span: Span
    known: Mapping[str, float]
    known_before: Mapping[str, float]
    about: str
    waiting: tuple[tuple[str, datetime], ...]
    names: bool
    made: datetime
    lang: Language
    why_empty: str = ""

    @property
    def df(self) -> pd.DataFrame:
        """The figures as a table: seconds, shares from 0 to 1, counts."""
        import pandas as pd

        rows = [(one.name, one.title, one.amount, one.before, one.n, one.meaning.id) for one in self.figures]
        return pd.DataFrame(rows, columns=["figure", "title", "value", "before", "n", "definition"])

    def html(self) -> str:
        """Return the page as a file of its own: it fetches nothing, and is readable in light and dark."""
        from wakit.analytics.overview import page

        return page.document(self)

    def to_html(self, file: Path | str) -> Path:
        """
        Write the page as one file that only you can read, and return where.

        Raises:
            WorkspaceNotWritable, StorageFull: It cannot be written there.
        """
        return _written(file, self.html().encode())

    def to_pdf(self, file: Path | str) -> Path:
        """
        Write the page as PDF, A4, and return where.

        Raises:
            WorkspaceNotWritable, StorageFull: It cannot be written there.
        """
        from wakit.analytics.overview.pdf import pdf

        return _written(file, pdf(self))

    def __str__(self) -> str:
        """Return the figures as lines for a terminal."""
        from wakit.analytics.overview import page

        shown = page.page_of(self)
        wide = max(len(card.title) for card in shown.cards)
        rows = [(card.title.ljust(wide), card.value, card.change, card.note, f"n={card.n}") for card in shown.cards]
        lines = ["  ".join(part for part in row if part) for row in rows]
        return "\n".join((shown.title, shown.subtitle, *(line.text for line in shown.lines), "", *lines))

    def __repr__(self) -> str:
        return f"Overview({len(self.figures)} figures, {self.span.since:%Y-%m-%d} to {self.span.until:%Y-%m-%d})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        from wakit.analytics.overview import page

        told = {one.name: one.amount for one in self.figures if one.amount is not None}
        return {"text/plain": repr(self), "text/html": page.fragment(self), _RESULT: told}


def _written(file: Path | str, content: bytes) -> Path:
    path = Path(file).expanduser().absolute()
    write_private(path, content)
    return path
