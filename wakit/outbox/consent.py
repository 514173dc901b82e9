"""
The consent ledger, and the gate that it is: nothing leaves for a purpose that its recipient did not agree to.

Lines are added and never changed. Beside them stands the suppression list: keyed
hashes of those who want nothing. It is what says no, it outlives the lines (a
person may be erased, and must still get nothing), and without the key of the
workspace nobody can tell who is on it. Only the person's own wish takes a hash
off it: their words in their chat, or a new agreement that somebody records as
such; never an import.

A person is whoever is behind an address, in all spellings of the number and
under the private alias. Which addresses belong together is known by the store.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wakit.clock import Clock
from wakit.consent import Consent, ConsentState, Standing
from wakit.errors import CorruptFile, InvalidInput, OptedOut
from wakit.ids import JID, number_key, spellings
from wakit.languages import mark
from wakit.model import Purpose, Send, utc
from wakit.outbox.gate import Candidate, Go, Refuse, Verdict
from wakit.outbox.queue import Outbox

#: Account and address → every known address of the same person.
Identities = Callable[[str, str], Iterable[str]]
EVERYTHING = tuple(Purpose)
#: A clock that runs ahead of ours by less is no statement about the future.
_AHEAD = timedelta(minutes=5)

_REFUSALS = {
    Standing.OPTED_OUT: mark("The recipient wants no more messages of this kind."),
    Standing.NO_CONSENT: mark("The recipient never agreed to messages of this kind."),
    Standing.NO_PERSON: mark("Only persons can agree to messages of this kind, not groups."),
}

_INSERT = """
INSERT INTO consent (id, account, person, purpose, state, at, recorded_at, channel, recorded_by, text, evidence)
VALUES (:id, :account, :person, :purpose, :state, :at, :recorded_at, :channel, :by, :text, :evidence)
ON CONFLICT DO NOTHING
"""
_SUPPRESS = "INSERT OR REPLACE INTO suppression (hash, purpose, at) VALUES (?, ?, ?)"
_LIFT = "DELETE FROM suppression WHERE hash = ? AND purpose = ?"
_SUPPRESSED = "SELECT 1 FROM suppression WHERE hash = ? AND purpose = ?"
# What counts is the last line of this account, or the last opt-out anywhere.
_LAST = """
SELECT * FROM consent
WHERE purpose = :purpose AND person IN (SELECT value FROM json_each(:people)) AND (account = :account OR state = 'out')
ORDER BY no DESC LIMIT 1
"""
_ALL_LAST = """
SELECT person, state FROM consent
WHERE no IN (SELECT max(no) FROM consent WHERE purpose = :purpose AND (account = :account OR state = 'out') GROUP BY person)
"""
_EVER_IN = """
SELECT 1 FROM consent WHERE account = ? AND purpose = ? AND state = 'in' AND person IN (SELECT value FROM json_each(?)) LIMIT 1
"""
_LIST = """
SELECT * FROM consent
WHERE account = coalesce(:account, account) AND purpose = coalesce(:purpose, purpose)
    AND state = coalesce(:state, state) AND no < ifnull((SELECT no FROM consent WHERE id = :before), 9223372036854775807)
    AND (:people IS NULL OR person IN (SELECT value FROM json_each(:people)))
ORDER BY no DESC LIMIT :limit
"""
_QUEUED = """
SELECT id FROM send
WHERE state = 'queued' AND purpose IN (SELECT value FROM json_each(?)) AND recipient IN (SELECT value FROM json_each(?))
"""
_CANCEL = "UPDATE send SET state = 'cancelled', error = ?, updated_at = ? WHERE id = ?"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """How somebody said what a line says."""

    #: A form, the counter, ``message`` for their own chat.
    channel: str
    #: Who writes it down.
    by: str
    #: The exact words: what they agreed to, or what they wrote.
    text: str | None = None
    #: When they said it, if not now.
    at: datetime | None = None
    #: Id of the message that shows it.
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """What an opt-out did."""

    lines: tuple[Consent, ...]
    #: Messages that were queued and will not leave.
    cancelled: tuple[Send, ...]
    #: Whether they were not out of all of it before.
    is_new: bool
    #: Whether they had agreed to any of it, which they could ask to have back.
    had_agreed: bool


class Consents:
    """
    The ledger of one workspace; may be used from several threads.

    Args:
        outbox: Whose file it lives in: a line and what it cancels are one transaction.
        clock: When lines are recorded.
        key: Of the hashes on the suppression list, from a private file.
        identities: Who else an address is.

    Raises:
        CorruptFile: The list was made with another key, so nobody would be found on it.
    """

    def __init__(self, outbox: Outbox, clock: Clock, key: bytes, identities: Identities) -> None:
        self._outbox = outbox
        self._clock = clock
        self._key = key
        self._identities = identities
        #: Whether there was no ledger before.
        self.is_new = self._prove_key()

    def opt_in(self, account: str, address: str, purpose: Purpose, said: Statement, *, again: bool = False) -> Consent:
        """
        Write down that somebody agreed.

        Args:
            account: Whose messages they agreed to.
            address: JID of the person.
            purpose: What for.
            said: To which words, where and when.
            again: They opted out before and want back: they said so themselves.

        Raises:
            OptedOut: They opted out, and *again* does not say that they want back.
            InvalidInput: The address is no person's, there are no words, or it is of the future.
        """
        who = self._who(account, address)
        line = self._line(account, who, purpose, ConsentState.IN, said)
        if not (line.text or "").strip():
            raise InvalidInput("Say which words they agreed to: consent without its text proves nothing.")
        with self._outbox.writing() as db:
            if self._is_suppressed(db, who, purpose):
                if not again:
                    msg = f"This person opted out of {purpose} messages. Only where they ask for it themselves: "
                    raise OptedOut(f"{msg}again=True, or --again in the terminal.", purpose=str(purpose))
                db.executemany(_LIFT, [(name, purpose) for name in self._hashes(who)])
            db.execute(_INSERT, _row(line))
        return line

    def opt_out(
        self,
        account: str,
        address: str,
        purposes: Sequence[Purpose],
        said: Statement,
        *,
        aliases: Collection[str] = (),
    ) -> Revoked:
        """
        Write down that somebody wants no more, and cancel what is queued for them, on every account.

        Args:
            account: Whom they told it.
            address: JID of the person.
            purposes: Of what they want no more.
            said: How they said it.
            aliases: Other addresses of theirs that came with it.
        """
        who = self._who(account, address, aliases)
        lines = [self._line(account, who, purpose, ConsentState.OUT, said) for purpose in purposes]
        with self._outbox.writing() as db:
            is_new = not all(self._is_suppressed(db, who, purpose) for purpose in purposes)
            had_agreed = any(self._ever_agreed(db, account, who, purpose) for purpose in purposes)
            now = self._clock.now().timestamp()
            added = [line for line in lines if db.execute(_INSERT, _row(line)).rowcount]
            db.executemany(_SUPPRESS, [(name, purpose, now) for name in self._hashes(who) for purpose in purposes])
            cancelled = self._cancel(db, who, purposes)
        return Revoked(lines=tuple(added), cancelled=cancelled, is_new=is_new, had_agreed=had_agreed)

    def take_back(self, account: str, address: str, said: Statement, *, aliases: Collection[str] = ()) -> list[Consent]:
        """Give those who ask for it in their own chat back what they had agreed to before they opted out."""
        who = self._who(account, address, aliases)
        lines = []
        with self._outbox.writing() as db:
            for purpose in EVERYTHING:
                if (
                    not self._ever_agreed(db, account, who, purpose)
                    or self._standing(db, account, who, purpose) is not Standing.OPTED_OUT
                ):
                    continue
                line = self._line(account, who, purpose, ConsentState.IN, said)
                if db.execute(_INSERT, _row(line)).rowcount:  # not a message of long ago that is read again
                    db.executemany(_LIFT, [(name, purpose) for name in self._hashes(who)])
                    lines.append(line)
        return lines

    def standing(self, account: str, address: str, purpose: Purpose) -> Standing:
        """Return whether somebody may get messages of *account* for a purpose."""
        with self._outbox.reading() as db:
            who = self._known(account, address)
            return Standing.NO_PERSON if who is None else self._standing(db, account, who, purpose)

    def standings(self, account: str, addresses: Iterable[str], purpose: Purpose) -> dict[str, Standing]:
        """Return the same for many, at the cost of reading the ledger once."""
        with self._outbox.reading() as db:
            last = dict(db.execute(_ALL_LAST, {"account": account, "purpose": purpose}).fetchall())
            suppressed = {row[0] for row in db.execute("SELECT hash FROM suppression WHERE purpose = ?", (purpose,))}
        found = {}
        for address in addresses:
            who = self._known(account, address)
            if who is None:
                found[address] = Standing.NO_PERSON
            elif not suppressed.isdisjoint(self._hashes(who)):
                found[address] = Standing.OPTED_OUT
            else:
                states = {last[name] for name in who.people if name in last}
                found[address] = Standing.ALLOWED if states == {ConsentState.IN} else Standing.NO_CONSENT
        return found

    def last(self, account: str, address: str, purpose: Purpose) -> Consent | None:
        """Return the line that counts for somebody, if there is one."""
        who = self._who(account, address)
        with self._outbox.reading() as db:
            row = db.execute(_LAST, _asked(account, who, purpose)).fetchone()
        return None if row is None else _consent(row)

    def lines(
        self,
        *,
        account: str | None = None,
        address: str | None = None,
        purpose: Purpose | None = None,
        state: ConsentState | None = None,
        before: str | None = None,
        limit: int = 1000,
    ) -> list[Consent]:
        """Return the newest lines first, of one person or all, older than the line *before*."""
        people = None if address is None else json.dumps(sorted(self._who(account or "", address).people))
        values = {"account": account, "people": people, "purpose": purpose, "state": state, "before": before, "limit": limit}
        with self._outbox.reading() as db:
            return [_consent(row) for row in db.execute(_LIST, values).fetchall()]

    def forget(self, account: str, address: str) -> int:
        """Erase every line of a person and return how many; who opted out stays on the suppression list."""
        people = json.dumps(sorted(self._who(account, address).people))
        with self._outbox.writing() as db:
            return db.execute("DELETE FROM consent WHERE person IN (SELECT value FROM json_each(?))", (people,)).rowcount

    def untold(self) -> list[Consent]:
        """Return the lines that no journal has yet, oldest first."""
        with self._outbox.reading() as db:
            return [_consent(row) for row in db.execute("SELECT * FROM consent WHERE NOT told ORDER BY no").fetchall()]

    def tell(self, lines: Iterable[Consent]) -> None:
        """Note that the journal has these."""
        with self._outbox.writing(flushed=False) as db:
            db.executemany("UPDATE consent SET told = 1 WHERE id = ?", [(line.id,) for line in lines])

    def may_reply(self, account: str, address: str, *, at: datetime, per_chat: int, per_hour: int, pause: timedelta) -> bool:
        """
        Return whether an opt-out may be answered, and count the answer.

        Args:
            account: Who would answer.
            address: Whom.
            at: When their message came.
            per_chat: Most answers to one person in 24 hours.
            per_hour: Most answers of the account in an hour.
            pause: A message that comes sooner behind our last answer was written by a machine.
        """
        now, names = self._clock.now().timestamp(), self._hashes(self._who(account, address))
        with self._outbox.writing() as db:
            db.execute("DELETE FROM consent_reply WHERE at < ?", (now - 86_400,))
            query = "SELECT hash, at FROM consent_reply WHERE account = ?"
            given = [(bytes(name), when) for name, when in db.execute(query, (account,)).fetchall()]
            theirs = [when for name, when in given if name in names]
            recent = sum(when > now - 3600 for _, when in given)
            too_soon = any(at.timestamp() - when < pause.total_seconds() for when in theirs)
            if len(theirs) >= per_chat or recent >= per_hour or too_soon:
                return False
            db.execute("INSERT INTO consent_reply VALUES (?, ?, ?)", (account, names[0], now))
            return True

    def heard(self, account: str) -> int:
        """Return up to which entry the journal of *account* was searched for wishes."""
        with self._outbox.reading() as db:
            row = db.execute("SELECT seq FROM heard WHERE account = ?", (account,)).fetchone()
            return 0 if row is None else int(row[0])

    def hear(self, account: str, seq: int) -> None:
        """Note that it was searched up to *seq*; commit this together with what was found."""
        with self._outbox.writing() as db:
            db.execute("INSERT OR REPLACE INTO heard (account, seq) VALUES (?, ?)", (account, seq))

    def _prove_key(self) -> bool:
        proof = hashlib.blake2b(b"", key=self._key, digest_size=16).digest()
        with self._outbox.writing() as db:
            row = db.execute("SELECT proof FROM suppression_key").fetchone()
            if row is None:
                db.execute("INSERT INTO suppression_key VALUES (?)", (proof,))
            elif bytes(row[0]) != proof:
                msg = "The suppression list was made with another key. Restore the file consent.key of this workspace: "
                raise CorruptFile(f"{msg}without it nobody who opted out would be known any more.")
        return row is None

    def _cancel(self, db: sqlite3.Connection, who: _Who, purposes: Sequence[Purpose]) -> tuple[Send, ...]:
        found = db.execute(_QUEUED, (json.dumps([*purposes]), json.dumps(sorted(who.addresses)))).fetchall()
        now = self._clock.now().timestamp()
        db.executemany(_CANCEL, [(_REFUSALS[Standing.OPTED_OUT], now, row["id"]) for row in found])
        return tuple(self._outbox.get(row["id"]) for row in found)

    def _standing(self, db: sqlite3.Connection, account: str, who: _Who, purpose: Purpose) -> Standing:
        if self._is_suppressed(db, who, purpose):
            return Standing.OPTED_OUT
        row = db.execute(_LAST, _asked(account, who, purpose)).fetchone()
        return Standing.ALLOWED if row is not None and row["state"] == ConsentState.IN else Standing.NO_CONSENT

    def _ever_agreed(self, db: sqlite3.Connection, account: str, who: _Who, purpose: Purpose) -> bool:
        return db.execute(_EVER_IN, (account, purpose, json.dumps(sorted(who.people)))).fetchone() is not None

    def _is_suppressed(self, db: sqlite3.Connection, who: _Who, purpose: Purpose) -> bool:
        return any(db.execute(_SUPPRESSED, (name, purpose)).fetchone() is not None for name in self._hashes(who))

    def _hashes(self, who: _Who) -> list[bytes]:
        return [hashlib.blake2b(name.encode(), key=self._key, digest_size=16).digest() for name in sorted(who.people)]

    def _known(self, account: str, address: str, aliases: Collection[str] = ()) -> _Who | None:
        """Return who is behind an address, or ``None`` where it is no person's."""
        jid = JID.parse(address).bare
        if not (jid.is_phone or jid.is_lid) or not jid.user:
            return None
        known = {str(jid), *aliases}
        for one in tuple(known):
            known.update(self._identities(account, one))
        jids = [JID.parse(one).bare for one in known if one]
        jids = [one for one in jids if one.is_phone or one.is_lid]
        people = frozenset(_person(one) for one in jids)
        main = min(people, key=lambda name: (name.endswith("@lid"), name))
        return _Who(main, people, frozenset(text for one in jids for text in spellings(one)))

    def _who(self, account: str, address: str, aliases: Collection[str] = ()) -> _Who:
        who = self._known(account, address, aliases)
        if who is None:
            msg = "Only a person can agree or opt out: give a phone number or the JID of a person, not a group."
            raise InvalidInput(msg)
        return who

    def _line(self, account: str, who: _Who, purpose: Purpose, state: ConsentState, said: Statement) -> Consent:
        now = self._clock.now()
        if said.at is not None and said.at > now + _AHEAD:
            raise InvalidInput(f"Nobody can have said that in the future: {said.at:%Y-%m-%d %H:%M} UTC.")
        return Consent(
            id=uuid.uuid4().hex,
            account=account,
            person=who.main,
            purpose=purpose,
            state=state,
            at=said.at or now,
            recorded_at=now,
            channel=said.channel,
            by=said.by,
            text=said.text,
            evidence=said.evidence,
        )


class ConsentGate:
    """
    Lets nothing pass for a purpose that its recipient did not agree to.

    Args:
        consents: The ledger.
        listen: Reads what came in for an account and was not read yet: whoever wrote BAJA a
            moment ago is out before the next message leaves. It works in the same transaction.
    """

    def __init__(self, consents: Consents, listen: Callable[[str], None]) -> None:
        self._consents = consents
        self._listen = listen

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:  # noqa: ARG002 - a gate
        """Judge by the ledger; what has no purpose is a person's own message and passes."""
        if candidate.purpose is None:
            return Go()
        self._listen(candidate.account)
        standing = self._consents.standing(candidate.account, candidate.to, candidate.purpose)
        return Go() if standing is Standing.ALLOWED else Refuse(_REFUSALS[standing])

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Consent is not used up."""

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Nothing was used up."""


@dataclass(frozen=True)
class _Who:
    """One person."""

    #: Under which they are written down: the number where it is known.
    main: str
    #: Every identity, numbers in one spelling.
    people: frozenset[str]
    #: Every address, in every spelling.
    addresses: frozenset[str]


def _person(jid: JID) -> str:
    return str(JID(number_key(jid.user), jid.server)) if jid.is_phone else str(jid)


def _asked(account: str, who: _Who, purpose: Purpose) -> dict[str, str]:
    return {"account": account, "people": json.dumps(sorted(who.people)), "purpose": purpose}


def _row(line: Consent) -> dict[str, object]:
    return {**vars(line), "at": line.at.timestamp(), "recorded_at": line.recorded_at.timestamp()}


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(
        id=row["id"],
        account=row["account"],
        person=row["person"],
        purpose=Purpose(row["purpose"]),
        state=ConsentState(row["state"]),
        at=utc(row["at"]),
        recorded_at=utc(row["recorded_at"]),
        channel=row["channel"],
        by=row["recorded_by"],
        text=row["text"],
        evidence=row["evidence"],
    )
