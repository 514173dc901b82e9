"""Running notebooks without a person: once, within bounds, and on record."""

from __future__ import annotations

from wakit.runs.runner import Finished, run

__all__ = ["Finished", "run"]
