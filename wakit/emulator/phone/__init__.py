"""Emulated phones: real Signal endpoints that link companions and talk like people."""

from __future__ import annotations

from wakit.emulator.history import HistoryChat, HistoryMessage
from wakit.emulator.phone.facade import Phone
from wakit.emulator.phone.records import Activity, Group, Receipt, Received

__all__ = ["Activity", "Group", "HistoryChat", "HistoryMessage", "Phone", "Receipt", "Received"]
