"""Widgets for notebooks: what a person sees and clicks in a cell."""

from __future__ import annotations

from wakit.widgets.login import LoginSummary, LoginWidget, login

__all__ = ["LoginSummary", "LoginWidget", "login"]
