"""
What people agreed to and what they took back, as records that prove it.

Consent is prior, express and provable later: who, when, through which channel,
for which purpose, the exact words that they agreed to, and the message that
shows it where there is one. Silence is none. It counts for the account that it
was given to; an opt-out counts for all accounts of the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wakit.model import Purpose, Record

#: Channel of what people write themselves, in their chat.
MESSAGE = "message"
#: Who recorded it where the person did it alone.
THEMSELVES = "the person"


class ConsentState(StrEnum):
    """What a person said last about a purpose."""

    IN = "in"
    OUT = "out"


class Standing(StrEnum):
    """Whether somebody may get messages for a purpose."""

    ALLOWED = "allowed"
    #: They never agreed, as far as this ledger knows.
    NO_CONSENT = "no_consent"
    OPTED_OUT = "opted_out"
    #: A group or a broadcast: nobody can agree in the name of all.
    NO_PERSON = "no_person"


@dataclass(frozen=True, kw_only=True, repr=False)
class Consent(Record):
    """One line of the ledger: somebody agreed to a purpose, or took it back."""

    id: str = field(metadata={"shown": True})
    account: str = field(metadata={"shown": True})
    #: JID of the person: the number where it is known.
    person: str
    purpose: Purpose = field(metadata={"shown": True})
    state: ConsentState = field(metadata={"shown": True})
    #: When the person said so.
    at: datetime
    recorded_at: datetime
    #: How they said it: ``message`` for their chat, otherwise in your words (a form, a counter, an import).
    channel: str
    #: Who wrote it down.
    by: str
    #: The exact words: what they agreed to, or what they wrote.
    text: str | None = None
    #: Id of the message that shows it.
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ConsentImport(Record):
    """What an import of consents did, or would do."""

    rows: int = field(metadata={"shown": True})
    #: Lines that are new in the ledger.
    added: int = field(metadata={"shown": True})
    #: Rows that the ledger has already.
    unchanged: int = field(metadata={"shown": True})
    #: Numbers of the rows whose persons opted out: an import never takes that back.
    opted_out: tuple[int, ...] = ()
    dry_run: bool = False
