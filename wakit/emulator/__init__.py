"""
A WhatsApp of your own: server, phones and customers on this machine.

>>> from wakit.emulator import Network
>>> with Network() as net:
...     phone = net.phone("+57 300 123 4567", name="Café Andino")
"""

from __future__ import annotations

from wakit.emulator.control_client import ControlClient
from wakit.emulator.faults import Fault
from wakit.emulator.network import Network

__all__ = ["ControlClient", "Fault", "Network"]
