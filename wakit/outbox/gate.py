"""
What may hold a message back in the moment in which it would leave.

Gates are asked by ``Outbox.claim`` inside the transaction that makes a row ``sending``:
what a gate counts is committed with the claim or not at all, so that no crash and no
second loop spends a budget twice. Whatever queued a message, nothing goes around them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wakit.model import Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A queued message that is due, as gates see it: they judge whom it goes to and what for, never its words."""

    id: str
    account: str
    #: Non-device JID.
    to: str
    #: ``None``: a person writes in a conversation.
    purpose: Purpose | None
    priority: int
    campaign: str | None
    created_at: datetime
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing is against it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may leave later; *reason* is a sentence of the catalogues without placeholders, so that any surface can speak it."""

    until: datetime
    reason: str
    #: Whether nothing of the account leaves before, behind an automated message nothing automated: the messages behind are
    #: not even looked at.
    account: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """It must never leave; *reason* as in ``Wait``."""

    reason: str


Verdict = Go | Wait | Refuse


class Gate(Protocol):
    """One thing that a message has to pass; each method works in the transaction that it is given."""

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:
        """Judge without changing anything."""
        ...

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Count it: all gates let it go, and it is being sent."""
        ...

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Take back what was counted: it was not handed over and is queued again."""
        ...


def ask(gates: Sequence[Gate], db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:
    """Return the verdict of the first gate that does not let *candidate* go; where all do, it is counted by each."""
    for gate in gates:
        verdict = gate.check(db, candidate, now)
        if not isinstance(verdict, Go):
            return verdict
    for gate in gates:
        gate.spend(db, candidate, now)
    return Go()
