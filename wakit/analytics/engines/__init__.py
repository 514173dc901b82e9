"""
Engines that answer reports over a lake.

An engine makes a table of each that the lake has, compiles expressions to its own SQL, and returns Arrow.
Everything else about a report (what it means, whose time zone, what is known) is the same as with a host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from wakit.analytics.engines.engine import Engine
from wakit.errors import InvalidInput
from wakit.lake import Lake

__all__ = ["Engine", "open_engine"]

_SPARK = re.compile(r"local(\[.*\])?\Z|yarn\Z|(spark|k8s)://", re.ASCII)


def open_engine(on: str, lake: Path | str, conf: Mapping[str, str]) -> Engine:
    """Return an engine; see ``wakit.analytics.engine``."""
    if on == "duckdb":
        from wakit.analytics.engines.duck import DuckEngine

        if conf:
            msg = f"conf is for Spark, and the engine is duckdb: {', '.join(conf)}. Leave it out."
            raise InvalidInput(msg, conf=sorted(conf))
        return DuckEngine(Lake.open(lake))
    if _SPARK.match(on):
        from wakit.analytics.engines.spark import SparkEngine

        return SparkEngine(Lake.open(lake), on, conf)
    msg = f"{on!r} is no engine. Choose duckdb, or a Spark: local[*], spark://host:7077, yarn."
    raise InvalidInput(msg, engine=on)
