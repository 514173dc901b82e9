"""
WhatsApp operations from Jupyter notebooks.

>>> import wakit
>>> wa = wakit.connect()
>>> wa.login()
"""

from __future__ import annotations

from typing import Any

__all__ = ["AsyncClient", "Client", "SessionState", "WakitError", "connect", "run"]

_HOMES = {
    "AsyncClient": "wakit.client",
    "Client": "wakit.client",
    "SessionState": "wakit.model",
    "WakitError": "wakit.errors",
    "connect": "wakit.client",
    "run": "wakit.runs.runner",
}


def load_ipython_extension(shell: Any) -> None:
    """Make ``%%wasql`` known: ``%load_ext wakit``."""
    from wakit.magic import enable

    enable(shell)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the terminal must start at once."""
    if name == "__version__":
        from importlib.metadata import version

        return version("wakit-notebooks")
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
