"""What every engine has: reports, queries, and an end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from wakit.config import settings
from wakit.languages import language

if TYPE_CHECKING:
    import pyarrow as pa

    from wakit.analytics.inquiry import Runs, Source
    from wakit.analytics.report import Report


class Engine(ABC):
    """Answers reports over a lake."""

    #: The figures, as ``wa.report`` has them: ``engine.report.first_response(by="week")``.
    report: Report

    @abstractmethod
    def arrow(self, query: str, params: Any = None) -> pa.Table:
        """Return the rows of a query in the SQL of this engine, with values for its names."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything; the lake stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reports(source: Source, runs: Runs | None = None) -> Report:
    """Return the reports of an engine, in the language and time zone of the settings."""
    from wakit.analytics.report import Report

    return Report(source, timezone=settings().timezone, lang=language(settings().lang), runs=runs)
