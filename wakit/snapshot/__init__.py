"""
A copy of everything as Parquet files, for engines that do not ask the host.

The folder is partitioned in Hive's way, ``messages/account=A/month=2026-11/part-0.parquet``,
months counted in UTC, with one fixed schema for each table. ``manifest.json`` says
what is in it: rows and hash of each file, and the coverage, because a count means
little to whoever does not know when nobody was listening.

Of many hosts, each writes its part into one lake: ``wakit.lake`` says how that is laid out.

A file is one consistent read; two files may be a moment apart.
"""

from __future__ import annotations

from wakit.lake import Part
from wakit.snapshot.folder import Snapshot
from wakit.snapshot.taking import take

__all__ = ["Part", "Snapshot", "take"]
