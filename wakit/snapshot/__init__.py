"""
A copy of everything as Parquet files, for engines that do not ask the host.

The folder is partitioned in Hive's way, ``messages/account=A/month=2026-11/part-0.parquet``,
months counted in UTC, with one fixed schema for each table. ``manifest.json`` says
what is in it: rows and hash of each file, and the coverage, because a count means
little to whoever does not know when nobody was listening.

A file is one consistent read; two files may be a moment apart.
"""

from __future__ import annotations

from wakit.snapshot.folder import Part, Snapshot
from wakit.snapshot.taking import take

__all__ = ["Part", "Snapshot", "take"]
