"""
``wakit demo``: everything, on an emulated network, without a phone.

``show`` puts a person before JupyterLab with a shop's day going on; ``check`` plays
the whole scenario by itself, on the same host, library and notebooks, and says
what it verified. Both end what they started.
"""

from __future__ import annotations

from wakit.demo.check import check
from wakit.demo.show import show

__all__ = ["check", "show"]
