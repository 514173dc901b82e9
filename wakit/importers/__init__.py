"""
WhatsApp chat exports, from any phone in any language.

``read`` gives an ``Export`` whose messages stream as Arrow batches or as
``Message`` records; ``inspect`` tells what a file is without deciding anything.
"""

from __future__ import annotations

from wakit.importers.dates import DateOrder, Reading
from wakit.importers.export import Export, Inspection, inspect, read

__all__ = ["DateOrder", "Export", "Inspection", "Reading", "inspect", "read"]
