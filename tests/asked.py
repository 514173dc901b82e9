"""Reports asked of a store in this process, without a host."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from wakit.analytics.report import Report
from wakit.store import Store


class Asked:
    """A store as a source of reports."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        with self._store.sql(query, params) as answer:
            return answer.read_all()


def report(store: Store, timezone: str = "America/Bogota") -> Report:
    """Return the reports of a store, in English."""
    return Report(Asked(store), timezone=timezone, lang="en")
