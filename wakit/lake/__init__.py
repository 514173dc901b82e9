"""
A lake: Parquet files of one host or of many, on a disk or in a bucket, for engines that do not ask a host.

``messages/host=H/account=A/month=2026-11/part-….parquet``, and so for every table: engines read the names of folders as
columns. Each host has a manifest, ``hosts/H.json``, which names the files of its part. What none names is no part of
the lake, so a host replaces its part by replacing one small file, which every file system and every object store does
at once. A snapshot without a host is a lake of one.

``wakit.snapshot`` writes it; the engines of ``wakit.analytics`` read it.
"""

from __future__ import annotations

from wakit.lake.manifest import KIND, MANIFEST, VERSION, Manifest, Part, host_name, manifest_of, space_of
from wakit.lake.place import Place
from wakit.lake.reading import Lake, LakeTable

__all__ = [
    "KIND",
    "MANIFEST",
    "VERSION",
    "Lake",
    "LakeTable",
    "Manifest",
    "Part",
    "Place",
    "host_name",
    "manifest_of",
    "space_of",
]
