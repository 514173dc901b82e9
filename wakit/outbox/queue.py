"""
The send queue: a send is a row before it is a call.

The library chooses the id of an outgoing message itself and tells it only when
the call returns, so a crash during the call is undecidable: sent or not. The
row is therefore committed as ``sending`` (flushed to disk) before the call; what
is still ``sending`` when the host starts again is ``unknown``, and an unknown
message is never sent again by itself. How a call ended is committed at once and
flushed soon (``flush``): a power cut in between leaves an ``unknown``, never a
second message.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from wakit.clock import Clock
from wakit.errors import IdempotencyConflict, InvalidInput, UnknownSend
from wakit.ids import account_id
from wakit.languages import mark
from wakit.model import Receipt, Send, SendState, Terms, utc
from wakit.outbox import receipts
from wakit.outbox.gate import Gate, Go, Refuse, Wait, ask
from wakit.outbox.rows import PROGRESS, candidate, form, key_stands_for, move, send_of, values_of
from wakit.outgoing import Said, said
from wakit.session.wal import flush
from wakit.store.sqlite import open_database, transaction, translated

_ARRIVED = (SendState.SENT, SendState.DELIVERED, SendState.READ)
_REPEATABLE = (SendState.FAILED, SendState.UNKNOWN, SendState.CANCELLED)

#: It leaves as soon as it can.
NO_TERMS = Terms()

_BY_ID = "SELECT * FROM shown WHERE id = ?"
_SENDING = "SELECT * FROM shown WHERE state = 'sending' ORDER BY no"
_PENDING = """
SELECT * FROM shown
WHERE state IN ('queued', 'sending', 'unknown') AND decided_by IS NULL AND account = coalesce(?, account) ORDER BY no
"""
_NEWEST = """
SELECT * FROM shown
WHERE account = coalesce(:account, account)
    AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states)))
    AND no < ifnull((SELECT no FROM send WHERE id = :before), 9223372036854775807)
ORDER BY no DESC LIMIT :limit
"""
_BY_KEY = "SELECT id, body_hash FROM send WHERE idempotency_key = ?"
_INSERT = """
INSERT INTO send (
    id, account, recipient, content, type, state, idempotency_key, body_hash, created_at, updated_at,
    purpose, priority, not_before, not_after, campaign
)
VALUES (
    :id, :account, :to, :content, :type, 'queued', :key, :hash, :now, :now,
    :purpose, :priority, :not_before, :not_after, :campaign
)
"""
# In the order of the queue: to sort 100,000 due ones for each claim would take longer than a send.
_DUE = """
SELECT * FROM send INDEXED BY send_in_order WHERE state = 'queued' AND account = :account AND not_before <= :now
ORDER BY priority DESC, no LIMIT :limit
"""
# What people wrote themselves, among any number of automated ones.
_DUE_BY_PERSONS = """
SELECT * FROM send INDEXED BY send_by_person
WHERE state = 'queued' AND account = :account AND purpose IS NULL AND not_before <= :now
ORDER BY priority DESC, no LIMIT :limit
"""
_EXPIRED = "SELECT * FROM shown WHERE state = 'queued' AND account = :account AND not_after <= :now"
_LOOK_AGAIN = """
SELECT
    (SELECT min(not_before) FROM send WHERE state = 'queued' AND account = :account),
    (SELECT min(not_after) FROM send WHERE state = 'queued' AND account = :account AND not_after IS NOT NULL)
"""
_TAKE = "UPDATE send SET state = 'sending', waiting_for = NULL, updated_at = :now WHERE id = :id"
_HOLD = "UPDATE send SET not_before = :until, waiting_for = :reason, updated_at = :now WHERE id = :id"
# Who sends again does not mean the hours of the first attempt, which may be over.
_REPEAT = """
INSERT INTO send (
    id, account, recipient, content, type, state, body_hash, created_at, updated_at, again_of, purpose, priority, campaign
)
SELECT :new, account, recipient, content, type, 'queued', body_hash, :now, :now, id, purpose, priority, campaign
FROM send WHERE id = :id
"""
_DECIDE = "UPDATE send SET decided_by = :who, decided_at = :now WHERE id = :id"
_WITHDRAW = """
UPDATE send SET state = 'cancelled', error = :error, waiting_for = NULL, updated_at = :now
WHERE campaign = :campaign AND state = 'queued'
"""
_WITHDRAWN = """
SELECT * FROM shown WHERE campaign = :campaign AND state = 'cancelled' AND updated_at = :at AND error = :error
    AND no > ifnull((SELECT no FROM send WHERE id = :after), 0)
ORDER BY no LIMIT :limit
"""
_NAMES = "SELECT 1 FROM send WHERE type <> 'text' AND instr(content, ?) LIMIT 1"
_DUE_BEFORE = "SELECT 1 FROM send WHERE account = ? AND state = 'queued' AND not_before <= ? LIMIT 1"


#: Most rows that one claim asks the gates about: their transaction holds up whoever queues.
_LOOKS = 100
#: Why a message whose time is over did not leave.
EXPIRED = mark("It did not leave before its time was over.")
#: What is known of a message whose call outlived the host.
CUT = "The host ended during the call."


@dataclass(frozen=True, kw_only=True)
class Task:
    """A claimed send and what its row does not show: what it says."""

    send: Send
    content: Said


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What came of a look at the queue of an account."""

    #: What is to be sent now.
    task: Task | None = None
    #: What expired, was refused, is held back or cannot be read.
    changed: tuple[Send, ...] = ()
    #: When to look again, where nothing else happens first: something becomes due or expires.
    again_at: datetime | None = None


class Outbox:
    """
    The durable queue of one workspace; may be used from several threads.

    Args:
        path: The file.
        clock: Tells what is due.
        is_kept: Whether it has to survive a power cut; that of a rehearsal is thrown away.

    Raises:
        UnsafePath, WorkspaceNotWritable, CorruptFile, StorageFull: The file
            cannot be used.
    """

    def __init__(self, path: Path, clock: Clock, *, is_kept: bool = True) -> None:
        self._path, self._is_kept = path, is_kept
        self._clock = clock
        self._lock = threading.RLock()
        folder = resources.files("wakit.outbox")
        steps = sorted(file.name for file in folder.iterdir() if re.fullmatch(r"\d{4}_\w+\.sql", file.name))
        self._db = open_database(path, [folder.joinpath(name).read_text("utf-8") for name in steps], synchronous="FULL")
        #: Whether a commit is flushed before it returns; see ``writing``.
        self._flushed = True
        self._gates: list[Gate] = []

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def guard(self, *gates: Gate) -> None:
        """Ask *gates*, in this order and behind those that are there, before anything leaves; call before the first claim."""
        self._gates += gates

    def add(self, account: str, to: str, content: Said, idempotency_key: str | None = None, terms: Terms = NO_TERMS) -> Send:
        """
        Queue a message; the same idempotency key gives the first message back.

        Inside ``writing``, many of them are one transaction.

        Raises:
            IdempotencyConflict: The key stands for another message; its id is
                in ``data["id"]``.
        """
        with self.writing():
            return self._add(account, to, content, idempotency_key, terms)[0]

    def add_many(self, account: str, messages: Iterable[tuple[str, Said]], terms: Terms) -> list[Send]:
        """Queue messages, each with its address, in one step; inside ``writing``, as a part of it."""
        account_id(account)
        now = self._clock.now()
        first = Send(
            id="",
            account=account,
            to="",
            state=SendState.QUEUED,
            created_at=now,
            updated_at=now,
            **{f.name: getattr(terms, f.name) for f in dataclasses.fields(Terms)},
        )
        values, row = {f.name: getattr(first, f.name) for f in dataclasses.fields(Send)}, values_of(first)
        queued, rows = [], []
        for to, content in messages:
            own = {"id": uuid.uuid4().hex, "to": to, "type": content.type}
            queued.append(Send.sure(**{**values, **own}))
            rows.append({**row, **own, "content": form(content), "key": None, "hash": key_stands_for(account, to, content)})
        with self.writing() as db:
            db.executemany(_INSERT, rows)
        return queued

    def begin(
        self, account: str, to: str, content: Said, idempotency_key: str | None = None, terms: Terms = NO_TERMS
    ) -> tuple[Send, Task | None]:
        """
        Queue a message and, where none that is due waits before it, claim it in the same step; see ``add`` and ``claim``.

        Only for whoever would claim the next message of the account anyway. One step is one flush
        of the disk, which is a good part of what a send costs.
        """
        with self.writing() as db:
            now = self._clock.now()
            is_next = db.execute(_DUE_BEFORE, (account, now.timestamp())).fetchone() is None
            send, is_new = self._add(account, to, content, idempotency_key, terms)
            if not (is_new and is_next and _is_due(terms, now)):
                return send, None
            verdict = ask(self._gates, db, candidate(send), now) if self._gates else Go()
            if not isinstance(verdict, Go):
                return self._held_back(send, verdict, now), None
            return (taken := self._take(send, now)), Task(send=taken, content=content)

    def _add(self, account: str, to: str, content: Said, key: str | None, terms: Terms) -> tuple[Send, bool]:
        account_id(account)
        digest = key_stands_for(account, to, content)
        if key and (first := self._by_key(key)) is not None:
            if first["body_hash"] != digest:
                msg = f"Idempotency key {key!r} was used for another message, send {first['id']}. Choose a new key."
                raise IdempotencyConflict(msg, id=first["id"], key=key)
            return self.get(first["id"]), False
        now = self._clock.now()
        new = Send(
            id=uuid.uuid4().hex,
            account=account,
            to=to,
            type=content.type,
            state=SendState.QUEUED,
            created_at=now,
            updated_at=now,
            purpose=terms.purpose,
            priority=terms.priority,
            not_before=terms.not_before,
            not_after=terms.not_after,
            campaign=terms.campaign,
        )
        self._db.execute(_INSERT, values_of(new) | {"content": form(content), "key": key, "hash": digest})
        return new, True

    def names_file(self, digest: str) -> bool:
        """Return whether a message, also one that may be sent again, has the file with this hash."""
        with self.reading() as db:
            return db.execute(_NAMES, (digest,)).fetchone() is not None

    def claim(self, account: str) -> Turn:
        """
        Take the first message of *account* that is due and that the gates let go; it is ``sending`` on disk when this returns.

        Higher priorities come first, then the older ones. What expired meanwhile is cancelled on the way.
        """
        with self.writing() as db:
            now = self._clock.now()
            values = {"account": account, "now": now.timestamp(), "limit": _LOOKS}
            changed = [self._ended(send, SendState.CANCELLED, EXPIRED) for send in self._select(_EXPIRED, values)]
            rows, stopped_until = deque(db.execute(_DUE, values).fetchall()), None
            while rows:
                send = send_of(row := rows.popleft())
                try:
                    content = said(json.loads(row["content"]))
                except InvalidInput as exc:  # a row of an older or newer wakit; it must not hold up those behind it
                    changed.append(self._ended(send, SendState.FAILED, exc.message))
                    continue
                verdict = ask(self._gates, db, candidate(send), now)
                if isinstance(verdict, Go):
                    return Turn(task=Task(send=self._take(send, now), content=content), changed=tuple(changed))
                changed.append(self._held_back(send, verdict, now))
                if isinstance(verdict, Wait) and verdict.account:
                    stopped_until = verdict.until
                    rows = deque() if send.purpose is None else deque(db.execute(_DUE_BY_PERSONS, values).fetchall())
            return Turn(changed=tuple(changed), again_at=self._again_at(values, stopped_until))

    def _again_at(self, values: dict[str, Any], stopped_until: datetime | None = None) -> datetime | None:
        due, end = self._db.execute(_LOOK_AGAIN, values).fetchone()
        times = [stopped_until or (None if due is None else utc(due)), None if end is None else utc(end)]
        return min((time for time in times if time is not None), default=None)

    def _held_back(self, send: Send, verdict: Wait | Refuse, now: datetime) -> Send:
        """Write down why a message does not leave now, or never will."""
        if isinstance(verdict, Refuse):
            return self._ended(send, SendState.CANCELLED, verdict.reason)
        until = max(verdict.until, now)
        values = {"id": send.id, "until": until.timestamp(), "reason": verdict.reason, "now": now.timestamp()}
        self._db.execute(_HOLD, values)
        return send.with_(not_before=until, waiting_for=verdict.reason, updated_at=now)

    def _take(self, send: Send, now: datetime) -> Send:
        self._db.execute(_TAKE, {"id": send.id, "now": now.timestamp()})
        return send.with_(state=SendState.SENDING, waiting_for=None, updated_at=now)

    def _ended(self, send: Send, state: SendState, error: str) -> Send:
        move(self._db, send.id, state, self._clock.now(), error=error)
        return self.get(send.id)

    def settle(self, send_id: str, state: SendState, message_id: str | None = None, error: str | None = None) -> Send:
        """
        Write down how a call ended; receipts that came before are applied.

        A state further on stays, so an answer that is late changes nothing but
        the message's id. ``queued`` gives a claimed message back that was not
        handed over at all.
        """
        with self.writing(flushed=False) as db:
            send = self.get(send_id)
            given_back = state is SendState.QUEUED
            if given_back and send.state is not SendState.SENDING:
                msg = f"Send {send_id} is {send.state}: only one that was not handed over can go back into the queue."
                raise InvalidInput(msg, id=send_id, state=str(send.state))
            if given_back:
                for gate in self._gates:
                    gate.refund(db, candidate(send), self._clock.now())
            forward = given_back or PROGRESS[state] > PROGRESS[send.state]
            now, further = self._clock.now(), state if forward else send.state
            move(db, send.id, further, now, message_id=message_id, error=error if forward else send.error)
            if message_id is not None:
                receipts.catch_up(db, send.account, message_id, now)
            return self.get(send_id)

    def flush(self) -> None:
        """Make every outcome that was settled so far survive a power cut, before returning."""
        with translated(self._path):
            flush(self._path.with_name(f"{self._path.name}-wal"))

    def cancel(self, send_id: str) -> Send:
        """
        Take a queued message back.

        Raises:
            InvalidInput: It is no longer queued.
        """
        with self.writing() as db:
            send = self.get(send_id)
            if send.state is not SendState.QUEUED:
                msg = f"Send {send_id} is {send.state}: only a queued message can be cancelled."
                raise InvalidInput(msg, id=send_id, state=str(send.state))
            move(db, send_id, SendState.CANCELLED, self._clock.now())
            return self.get(send_id)

    def withdraw(self, campaign: str, reason: str) -> datetime:
        """Take back all of a campaign that is still queued, in one step, and return when that was; see ``withdrawn``."""
        now = self._clock.now()
        with self.writing() as db:
            db.execute(_WITHDRAW, {"campaign": campaign, "error": reason, "now": now.timestamp()})
        return now

    def withdrawn(self, campaign: str, reason: str, at: datetime, *, after: str | None = None, limit: int = 1000) -> list[Send]:
        """Return what was taken back at that time, behind the send *after*."""
        values = {"campaign": campaign, "error": reason, "at": at.timestamp(), "after": after, "limit": limit}
        return self._select(_WITHDRAWN, values)

    def arrived(self, send_id: str, who: str) -> Send:
        """
        Write down that a message arrived of which nobody knew: *who* saw it on the phone.

        Raises:
            InvalidInput: It is not unknown, or somebody decided already.
        """
        with self.writing() as db:
            send = self._undecided(send_id)
            if send.state is not SendState.UNKNOWN:
                msg = f"Send {send_id} is {send.state}: only of an unknown one can a person say that it arrived."
                raise InvalidInput(msg, id=send_id, state=str(send.state))
            move(db, send_id, SendState.SENT, self._clock.now())
            self._decide(send_id, who)
            return self.get(send_id)

    def again(self, send_id: str, who: str) -> tuple[Send, Send]:
        """
        Queue what failed, was cancelled, or nobody knows of as a new message: only ever a person's decision.

        Returns:
            The old send, which keeps its state and is decided with this, and the new one.

        Raises:
            InvalidInput: It is on its way or has arrived, or somebody decided already.
        """
        with self.writing():
            send = self._undecided(send_id)
            if send.state not in _REPEATABLE:
                msg = f"Send {send_id} is {send.state}: only what failed, was cancelled or is unknown can be sent again."
                raise InvalidInput(msg, id=send_id, state=str(send.state))
            new = uuid.uuid4().hex
            self._db.execute(_REPEAT, {"new": new, "id": send_id, "now": self._clock.now().timestamp()})
            self._decide(send_id, who)
            return self.get(send_id), self.get(new)

    def _undecided(self, send_id: str) -> Send:
        send = self.get(send_id)
        if send.decided_at is not None:
            did = "said that it arrived" if send.state in _ARRIVED else "sent it again"
            msg = f"Send {send_id} is decided: {send.decided_by} {did} at {send.decided_at:%Y-%m-%d %H:%M} UTC."
            raise InvalidInput(msg, id=send_id, state=str(send.state))
        return send

    def _decide(self, send_id: str, who: str) -> None:
        self._db.execute(_DECIDE, {"id": send_id, "who": who, "now": self._clock.now().timestamp()})

    def get(self, send_id: str) -> Send:
        """
        Return one send.

        Raises:
            UnknownSend: There is no such id.
        """
        found = self._select(_BY_ID, (send_id,))
        if not found:
            msg = f"There is no send {send_id[:64]!r} in this workspace."
            raise UnknownSend(msg, id=send_id[:64])
        return found[0]

    def pending(self, account: str | None = None) -> list[Send]:
        """Return what is queued, being sent or undecided, oldest first."""
        return self._select(_PENDING, (account,))

    def newest(
        self, account: str | None, states: Collection[SendState] = (), *, before: str | None = None, limit: int = 1000
    ) -> list[Send]:
        """Return the newest sends first, also those that are through: in any of *states*, older than the send *before*."""
        values = {"account": account, "states": json.dumps([*states]), "before": before, "limit": limit}
        with self.reading() as db:
            return [send_of(row) for row in db.execute(_NEWEST, values).fetchall()]

    def recover(self) -> list[Send]:
        """Mark what was being sent when the last host ended as ``unknown``; call once, before the first claim."""
        with self.writing():
            return [self._ended(send, SendState.UNKNOWN, CUT) for send in self._select(_SENDING)]

    def apply_receipt(self, receipt: Receipt) -> list[Send]:
        """Move the messages of a receipt forward; return those that changed."""
        with self.writing() as db:
            return receipts.apply(db, receipt, self._clock.now())

    def _by_key(self, key: str | None) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._db.execute(_BY_KEY, (key,)).fetchone()
        return found

    def _select(self, query: str, values: Mapping[str, object] | tuple[object, ...] = ()) -> list[Send]:
        with self.reading() as db:
            return [send_of(row) for row in db.execute(query, values).fetchall()]

    @contextmanager
    def writing(self, *, flushed: bool = True) -> Iterator[sqlite3.Connection]:
        """
        Run the body as one transaction, which is all or nothing; inside another one, as a part of it.

        Args:
            flushed: Whether it survives a power cut as soon as the block ends; the outermost block says so.
        """
        with self._lock, translated(self._path):
            if self._db.in_transaction:
                yield self._db
                return
            flushed = flushed and self._is_kept
            if flushed is not self._flushed:
                self._db.execute("PRAGMA synchronous=FULL" if flushed else "PRAGMA synchronous=NORMAL")
                self._flushed = flushed
            with transaction(self._db):
                yield self._db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Let the body read, while nobody else uses the connection."""
        with self._lock, translated(self._path):
            yield self._db


def _is_due(terms: Terms, now: datetime) -> bool:
    """Return whether the time for a new message has come, and is not over."""
    return (terms.not_before is None or terms.not_before <= now) and (terms.not_after is None or terms.not_after > now)
