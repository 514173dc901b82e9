"""
The WhatsApp side: one worker process per account, its journal, and the supervisor that keeps it alive.

``adapter`` is the only module that imports neonize and ``journal`` the only
one here that opens SQLite. The host talks to ``supervisor.Session``.
"""

from __future__ import annotations
