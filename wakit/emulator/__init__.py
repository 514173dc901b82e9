"""
A WhatsApp of your own: server, phones and customers on this machine.

>>> from wakit.emulator import Network
>>> with Network() as net:
...     phone = net.phone("+57 300 123 4567", name="Café Andino")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wakit.emulator.control_client import ControlClient
    from wakit.emulator.faults import Fault
    from wakit.emulator.network import Network

__all__ = ["ControlClient", "Fault", "Network"]

_HOMES = {
    "ControlClient": "wakit.emulator.control_client",
    "Fault": "wakit.emulator.faults",
    "Network": "wakit.emulator.network",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the pytest plugin is loaded by every test run."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
