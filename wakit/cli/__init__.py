"""
The terminal: ``wakit …``.

``wakit --help`` must answer at once, so the modules here import typer and
nothing heavier; what a command needs is imported when it runs.
"""

from __future__ import annotations

from wakit.cli.app import app, main

__all__ = ["app", "main"]
