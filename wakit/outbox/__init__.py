"""The way out: what is to be sent is a durable row before it is a call."""

from __future__ import annotations

from wakit.outbox.queue import NO_TERMS, Outbox, Task, Turn

__all__ = ["NO_TERMS", "Outbox", "Task", "Turn"]
