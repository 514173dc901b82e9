"""One page with the ten figures that matter: ``wa.report.overview()``."""

from __future__ import annotations

from wakit.analytics.overview.overview import Overview

__all__ = ["Overview"]
