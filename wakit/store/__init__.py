"""
What was received and sent, exactly once, and how it is queried.

DuckDB holds what is read in bulk; one SQLite file beside it holds the keys that
make ingest idempotent. Nobody but the host opens either of them.
"""

from __future__ import annotations

from wakit.store.drain import Decoded
from wakit.store.engine import Limits
from wakit.store.query import Answer
from wakit.store.reads import MessageKey
from wakit.store.store import Store

__all__ = ["Answer", "Decoded", "Limits", "MessageKey", "Store"]
