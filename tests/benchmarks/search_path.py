"""Lets a benchmark run as a plain script, installed or not: the tests' helpers and the package are importable behind this."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
