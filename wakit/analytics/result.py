"""A report: its values, and all that is needed to defend them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakit.analytics.definitions import Definition
from wakit.languages import Language, speak
from wakit.redact import mask_numbers

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from wakit.exporting import Exported


@dataclass(frozen=True, kw_only=True)
class Result:
    """
    The values of one figure, with its definition.

    Attributes:
        df: The values, as a DataFrame.
        meaning: Its definition.
        parameters: What the definition leaves open, as it was chosen here.
        sql: The query that the values come from; ``wa.sql(result.sql)`` gives them again.
        coverage: Share of the time of these chats of which is known what was written, 0 to 1, as
            ``wakit.analytics.coverage`` counts it; empty where nothing is stored.
        why_empty: Why there are no values; empty where there are some.
    """

    df: pd.DataFrame
    meaning: Definition
    parameters: Mapping[str, Any]
    sql: str
    coverage: float | None
    lang: Language
    why_empty: str = ""
    draw: Callable[[Result], alt.Chart] | None = field(default=None, repr=False)

    @property
    def n(self) -> int:
        """How many observations the values stand on."""
        for column in ("n", "conversations", "messages", "size", "uses", "links"):
            if column in self.df:
                return int(self.df[column].sum())
        return len(self.df)

    @property
    def definition(self) -> str:
        """What the figure says, with its parameters and coverage, in one line."""
        said = {name: mask_numbers(value) if name == "chat" else value for name, value in self.parameters.items()}
        chosen = " · ".join(f"{name}={value}" for name, value in said.items())
        known = "" if self.coverage is None else speak(self.lang, "coverage {share}", share=f"{self.coverage:.0%}")
        return " · ".join(part for part in (self.meaning.words(self.lang), f"[{self.meaning.id}]", chosen, known) if part)

    def plot(self) -> alt.Chart:
        """Return the figure as a chart; JupyterLab shows it without a network."""
        from wakit.analytics import plots  # altair with it: only where there is something to look at

        return plots.chart(self)

    def to_csv(self, path: Path | str) -> Exported:
        """Write the values as CSV, and return what was written; texts that a spreadsheet would compute get a quote in front."""
        return self._to(path, "csv")

    def to_xlsx(self, path: Path | str) -> Exported:
        """Write the values as XLSX, with the definition on a second sheet; see ``to_csv``."""
        return self._to(path, "xlsx")

    def to_parquet(self, path: Path | str) -> Exported:
        """Write the values as Parquet, with the definition in its metadata."""
        return self._to(path, "parquet")

    def _to(self, path: Path | str, kind: str) -> Exported:
        from wakit.exporting import write_frame  # pyarrow and XlsxWriter with it: only for those who want files

        about = {"figure": self.meaning.title(self.lang), "definition": self.definition}
        return write_frame(self.df, path, kind, zone=self.parameters["timezone"], about=about)

    def __repr__(self) -> str:
        return f"Result({self.meaning.id}, {len(self.df)} rows)"

    def _repr_html_(self) -> str:
        about = f"<b>{escape(self.meaning.title(self.lang))}</b><br><small>{escape(self.definition)}</small>"
        table = escape(self.why_empty) if self.why_empty else self.df.to_html(index=False, max_rows=20, notebook=True)
        return f"<div>{about}{table}</div>"
