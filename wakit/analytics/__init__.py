"""
Figures about conversations: definitions that can be defended, over a host's store or over a lake of many.

``wa.report`` asks the host. ``engine`` asks a lake, with DuckDB here or with Spark on many machines; the
expressions are the same, and so are the answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wakit.analytics.engines import Engine

__all__ = ["engine"]


def engine(on: str, lake: Path | str, *, conf: Mapping[str, str] | None = None) -> Engine:
    """
    Return what answers reports over a lake; close it, or use it in a ``with``.

    ::

        with engine("local[*]", "s3://bucket/lake") as spark:
            spark.report.first_response(by="week").df

    Args:
        on: ``duckdb``, in this process; or the master of a Spark: ``local[*]``, ``spark://host:7077``, ``yarn``, ``k8s://…``.
        lake: A folder or URL that ``wakit snapshot`` writes to, of many hosts or of one.
        conf: What Spark is to be told, such as ``spark.executor.memory``.

    Raises:
        InvalidInput: There is no lake, no such engine, or the engine cannot read this kind of URL.
        LibraryMissing: Spark, or Java, is not installed here.
    """
    from wakit.analytics.engines import open_engine  # ibis with it: only where figures are wanted

    return open_engine(on, lake, conf or {})
