"""
Who may do what over TCP: tokens with scopes, as host, client and terminal speak of them.

The Unix socket needs none of this, because only its owner can open it. A token is
shown once, when it is made; what is kept of it is a hash.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wakit.model import Record

#: Where the kernel of a run finds the run's id, and how clients tell the host of it.
RUN_VARIABLE = "WAKIT_RUN"
RUN_HEADER = "wakit-run"
#: What a cell displays to say something in the record of its run, such as ``{"sent": 3}``.
RESULT = "application/vnd.wakit.result+json"


def run_headers() -> dict[str, str]:
    """Return what a client says with each request: which run it belongs to, if any."""
    run = os.environ.get(RUN_VARIABLE)
    return {} if run is None else {RUN_HEADER: "".join(c for c in run if c.isalnum())[:64]}


class Scope(StrEnum):
    """What a token is good for."""

    #: See states, messages, events.
    READ = "read"
    #: Send, and tell others that their messages were read.
    SEND = "send"
    #: Everything: link and log out accounts, import, tokens, webhooks, end the host.
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True, repr=False)
class Token(Record):
    """What may be shown of a token."""

    name: str = field(metadata={"shown": True})
    scopes: tuple[Scope, ...] = field(metadata={"shown": True})
    #: How much it may ask, as in ``60/minute``.
    rate: str
    created_at: datetime
    #: When it stops being good; unset means when it is revoked.
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class NewToken(Token):
    """A token that was made just now, with its secret, which nobody can show again."""

    secret: str
