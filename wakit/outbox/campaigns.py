"""
The ledger of campaigns: plans, how far each got, and what was said to whom.

``campaign_said`` is unique on (account, name of the campaign, person, words and file) and is committed
in the same transaction as the message that says it. So whatever is started again, by a person who runs a
notebook twice or by a host that was killed while it queued, says nothing twice, and
queueing goes on behind the last row that was committed.

Nothing that is planned is queued. A plan becomes messages only when somebody names its
number of recipients and its digest, which is to say that they have seen this very plan.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from wakit.clock import Clock
from wakit.errors import InvalidInput, NotNow, PlanChanged, UnknownCampaign
from wakit.languages import mark
from wakit.model import Campaign, CampaignState, Purpose, Send, SendState, Terms, utc
from wakit.outbox.gate import Candidate, Go, Refuse, Verdict, Wait
from wakit.outbox.planning import Exclusion, Line, digest_of, key_of
from wakit.outbox.progress import FAR, Progress, progress
from wakit.outbox.queue import Outbox
from wakit.outgoing import File, Said, Text, said

if TYPE_CHECKING:
    from wakit.outbox.templates import Template

#: Messages that are queued in one transaction.
CHUNK = 4000
#: People's own messages leave before those of campaigns.
PRIORITY = -1
PAUSED = mark("The campaign is paused.")
CANCELLED = mark("The campaign was cancelled.")
#: Drafts that nobody started are forgotten after this long: they hold names and texts.
_DRAFTS = timedelta(days=30)

_ADD = """
INSERT INTO campaign (
    id, name, account, purpose, state, template, media, template_hash, digest,
    recipients, excluded, held_out, hold_out, not_before, not_after, created_at, updated_at, changed_by
)
VALUES (
    :id, :name, :account, :purpose, 'draft', :template, :media, :template_hash, :digest,
    :recipients, :excluded, :held_out, :hold_out, :not_before, :not_after, :now, :now, :by
)
"""
_ADD_ROW = "INSERT INTO campaign_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FIND = "SELECT * FROM campaign WHERE id = :key OR name = :key ORDER BY id = :key DESC, no DESC LIMIT 1"
_ALL = "SELECT * FROM campaign WHERE account = coalesce(:account, account) ORDER BY no DESC LIMIT :limit"
_LINES = "SELECT * FROM campaign_row WHERE campaign = ? ORDER BY row"
_MOVE = """
UPDATE campaign
SET state = :state, updated_at = :now, changed_by = coalesce(:by, changed_by), reason = :reason,
    started_at = CASE WHEN :state = 'running' THEN coalesce(started_at, :now) ELSE started_at END,
    ended_at = CASE WHEN :state IN ('done', 'cancelled') THEN :now ELSE ended_at END
WHERE no = :no
"""
_NEXT = """
SELECT row, person, recipient, text FROM campaign_row
WHERE campaign = ? AND row > ? AND excluded IS NULL ORDER BY row LIMIT ?
"""
_SAID_BEFORE = """
SELECT person FROM campaign_said
WHERE account = ? AND name = ? AND template_hash = ? AND person IN (SELECT value FROM json_each(?))
"""
_SAY = "INSERT INTO campaign_said VALUES (?, ?, ?, ?, ?, ?)"
_SKIP = "UPDATE campaign_row SET excluded = ? WHERE campaign = ? AND row = ?"
_QUEUED = """
UPDATE campaign SET queued = queued + :queued, queued_through = :through, recipients = recipients - :skipped,
    excluded = excluded + :skipped, updated_at = :now
WHERE no = :no
"""
_ALREADY = "SELECT person FROM campaign_said WHERE account = ? AND name = ? AND template_hash = ?"
_UNFINISHED = "SELECT * FROM campaign WHERE state IN ('running', 'paused') ORDER BY no"
_HOLD = "UPDATE send SET not_before = ?, waiting_for = ? WHERE campaign = ? AND state = 'queued'"
_RELEASE = "UPDATE send SET not_before = ?, waiting_for = NULL WHERE campaign = ? AND state = 'queued' AND waiting_for = ?"
_LEFT = "SELECT 1 FROM send WHERE campaign = ? AND state IN ('queued', 'sending') LIMIT 1"
_STATE = "SELECT state FROM campaign WHERE id = ?"
_OUTCOMES = "SELECT recipient, id, state, message_id FROM send WHERE campaign = ? ORDER BY no"
_HELD = "SELECT person FROM campaign_row WHERE campaign = ? AND excluded = 'held-out'"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A plan that is to be kept."""

    name: str
    account: str
    purpose: Purpose
    template: Template
    media: File | None = None
    hold_out: float = 0.0
    not_before: datetime | None = None
    not_after: datetime | None = None
    by: str | None = None

    @property
    def template_hash(self) -> str:
        """What the words and the file are known by."""
        form = "" if self.media is None else _form(self.media)
        return blake2b(f"{self.template.digest}\x1f{form}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of the message to one person."""

    person: str
    send: str
    state: SendState
    message_id: str | None
    #: When it left, where that is known.
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """The end of a campaign before all of it was sent, and when its messages were taken back."""

    campaign: Campaign
    at: datetime


class Campaigns:
    """
    The campaigns of one workspace; may be used from several threads.

    Args:
        outbox: Whose messages they are.
        clock: Tells when something changed.
        tell: Called with each campaign that changed.
    """

    def __init__(self, outbox: Outbox, clock: Clock, tell: Callable[[Campaign], None] = lambda _: None) -> None:
        self._outbox = outbox
        self._clock = clock
        self._tell = tell

    def draft(self, draft: Draft, lines: Iterable[Line]) -> Campaign:
        """Keep a plan; nothing of it is queued."""
        kept = list(lines)
        held = sum(line.excluded is Exclusion.HELD_OUT for line in kept)
        excluded = sum(line.excluded is not None for line in kept)
        values: dict[str, Any] = {
            "id": uuid.uuid4().hex,
            "name": draft.name,
            "account": draft.account,
            "purpose": draft.purpose,
            "template": draft.template.source,
            "media": None if draft.media is None else _form(draft.media),
            "template_hash": draft.template_hash,
            "digest": digest_of(kept, draft.name, draft.account, draft.purpose, draft.template_hash),
            "recipients": len(kept) - excluded,
            "excluded": excluded,
            "held_out": held,
            "hold_out": draft.hold_out,
            "not_before": _seconds(draft.not_before),
            "not_after": _seconds(draft.not_after),
            "by": draft.by,
            "now": self._now(),
        }
        with self._outbox.writing() as db:
            oldest = self._now() - _DRAFTS.total_seconds()
            old = "SELECT no FROM campaign WHERE state = 'draft' AND created_at < ?"
            db.execute(f"DELETE FROM campaign_row WHERE campaign IN ({old})", (oldest,))  # noqa: S608 - a constant
            db.execute("DELETE FROM campaign WHERE state = 'draft' AND created_at < ?", (oldest,))
            no = db.execute(_ADD, values).lastrowid
            db.executemany(_ADD_ROW, (_row(no, line) for line in kept))
            made = self.get(values["id"])
        self._tell(made)
        return made

    def get(self, key: str) -> Campaign:
        """
        Return a campaign by its id, or the newest one of a name.

        Raises:
            UnknownCampaign: There is none.
        """
        return _campaign(self._found(key))

    def all(self, account: str | None = None, limit: int = 1000) -> list[Campaign]:
        """Return the campaigns, the newest first."""
        with self._outbox.reading() as db:
            return [_campaign(row) for row in db.execute(_ALL, {"account": account, "limit": limit}).fetchall()]

    def lines(self, key: str) -> list[Line]:
        """Return what the plan says of each row of its audience."""
        no = self._found(key)["no"]
        with self._outbox.reading() as db:
            return [_line(row) for row in db.execute(_LINES, (no,)).fetchall()]

    def content(self, key: str) -> Callable[[str], Said]:
        """Return what makes the message out of a person's text."""
        return _content(self._found(key)["media"])

    def already(self, account: str, name: str, template_hash: str) -> set[str]:
        """Return the persons to whom the account said this in the campaign."""
        with self._outbox.reading() as db:
            return {person for (person,) in db.execute(_ALREADY, (account, name, template_hash)).fetchall()}

    def start(self, key: str, *, confirm: int, digest: str, by: str | None = None) -> Campaign:
        """
        Let a draft run; ``enqueue`` then queues it.

        Starting one that runs already, with the same confirmation, changes nothing.

        Raises:
            PlanChanged: It has another number of recipients, or is another plan.
            NotNow: It was paused, cancelled, or is done; or nobody would get it.
        """
        row = self._found(key)
        if (confirm, digest) != (row["recipients"], row["digest"]) and row["state"] == CampaignState.DRAFT:
            msg = (
                f"The plan {row['id']} has {row['recipients']:,} recipients and the digest {row['digest'][:12]}…; "
                f"{confirm:,} and {digest[:12]}… were confirmed. Look at the plan again: nothing was sent."
            )
            raise PlanChanged(msg, id=row["id"], recipients=row["recipients"], digest=row["digest"])
        if not row["recipients"]:
            raise NotNow("Nobody would get this: all rows are excluded. See plan.excluded.", id=row["id"])
        if row["state"] == CampaignState.RUNNING:
            return _campaign(row)
        return self._move(row, {CampaignState.DRAFT}, CampaignState.RUNNING, by)

    def pause(self, key: str, *, by: str | None = None, reason: str | None = None) -> Campaign:
        """
        Let nothing more of it leave until it is resumed.

        Raises:
            NotNow: It does not run.
        """
        with self._outbox.writing() as db:
            moved = self._move(self._found(key), {CampaignState.RUNNING}, CampaignState.PAUSED, by, reason, tell=False)
            db.execute(_HOLD, (FAR.timestamp(), PAUSED, moved.id))
        self._tell(moved)
        return moved

    def resume(self, key: str, *, by: str | None = None) -> Campaign:
        """
        Let it go on.

        Raises:
            NotNow: It is not paused.
        """
        with self._outbox.writing() as db:
            moved = self._move(self._found(key), {CampaignState.PAUSED}, CampaignState.RUNNING, by, tell=False)
            db.execute(_RELEASE, (_seconds(moved.not_before) or 0.0, moved.id, PAUSED))
        self._tell(moved)
        return moved

    def cancel(self, key: str, *, by: str | None = None, reason: str | None = None) -> Withdrawal:
        """
        End it: what has not left never will.

        Raises:
            NotNow: It is done, or was cancelled.
        """
        states = {CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED}
        with self._outbox.writing():
            moved = self._move(self._found(key), states, CampaignState.CANCELLED, by, reason, tell=False)
            at = self._outbox.withdraw(moved.id, CANCELLED)
        self._tell(moved)
        return Withdrawal(campaign=moved, at=at)

    def withdrawn(self, what: Withdrawal) -> Iterator[list[Send]]:
        """Return the messages that were taken back, a chunk at a time: there may be a hundred thousand."""
        after = None
        while some := self._outbox.withdrawn(what.campaign.id, CANCELLED, what.at, after=after, limit=CHUNK):
            yield some
            after = some[-1].id

    def enqueue(self, key: str, limit: int = CHUNK) -> list[Send]:
        """
        Queue the next recipients of a campaign that runs, in one transaction; nothing is left when it returns none.

        Whoever was told the same under the same name meanwhile, by another plan, is skipped.
        """
        with self._outbox.writing() as db:
            row = self._found(key)
            if row["state"] != CampaignState.RUNNING:
                return []
            found = db.execute(_NEXT, (row["no"], row["queued_through"], limit)).fetchall()
            if not found:
                return []
            what = (row["account"], row["name"], row["template_hash"])
            before = {one for (one,) in db.execute(_SAID_BEFORE, (*what, json.dumps([line["person"] for line in found])))}
            new = [line for line in found if line["person"] not in before]
            makes = _content(row["media"])
            sends = self._outbox.add_many(row["account"], ((one["recipient"], makes(one["text"])) for one in new), _terms(row))
            say = ((*what, line["person"], row["no"], send.id) for line, send in zip(new, sends, strict=True))
            db.executemany(_SAY, say)
            skipped = [line["row"] for line in found if line["person"] in before]
            db.executemany(_SKIP, ((Exclusion.ALREADY_SENT, row["no"], one) for one in skipped))
            counts = {"queued": len(new), "skipped": len(skipped), "through": found[-1]["row"], "now": self._now()}
            db.execute(_QUEUED, {**counts, "no": row["no"]})
        return sends or self.enqueue(key, limit)

    def unfinished(self) -> list[Campaign]:
        """Return those of which something may still have to be queued or sent."""
        with self._outbox.reading() as db:
            return [_campaign(row) for row in db.execute(_UNFINISHED).fetchall()]

    def settle(self, key: str) -> Campaign:
        """Say of a campaign of which nothing is left to be sent that it is done."""
        with self._outbox.writing(flushed=False) as db:
            row = self._found(key)
            waits = row["queued"] < row["recipients"] or db.execute(_LEFT, (row["id"],)).fetchone() is not None
            if row["state"] != CampaignState.RUNNING or waits:
                return _campaign(row)
            done = self._move(row, {CampaignState.RUNNING}, CampaignState.DONE, None, tell=False)
        self._tell(done)
        return done

    def progress(self, key: str) -> Progress:
        """Return how far its messages are, what holds them back, and those about which a person has to decide."""
        return progress(self._outbox, self.get(key))

    def outcomes(self, key: str) -> list[Outcome]:
        """Return what became of the message to each person; where a person sent it again, of the last one."""
        campaign = self._found(key)["id"]
        with self._outbox.reading() as db:
            found = [_outcome(row) for row in db.execute(_OUTCOMES, (campaign,)).fetchall()]
        return [*{one.person: one for one in found}.values()]

    def held_out(self, key: str) -> list[str]:
        """Return the persons that were kept back to compare with."""
        no = self._found(key)["no"]
        with self._outbox.reading() as db:
            return [person for (person,) in db.execute(_HELD, (no,)).fetchall()]

    def _found(self, key: str) -> sqlite3.Row:
        with self._outbox.reading() as db:
            row: sqlite3.Row | None = db.execute(_FIND, {"key": key}).fetchone()
        if row is None:
            msg = f"There is no campaign {key[:64]!r} in this workspace. See wa.campaigns(), or run: wakit campaign list"
            raise UnknownCampaign(msg, key=key[:64])
        return row

    def _move(
        self,
        row: sqlite3.Row,
        states: set[CampaignState],
        state: CampaignState,
        by: str | None,
        reason: str | None = None,
        *,
        tell: bool = True,
    ) -> Campaign:
        with self._outbox.writing() as db:
            current = self._found(row["id"])["state"]
            if current not in states:
                msg = f"The campaign {row['name']!r} is {current}, not {' or '.join(sorted(states))}: it cannot become {state}."
                raise NotNow(msg, id=row["id"], state=current)
            db.execute(_MOVE, {"no": row["no"], "state": state, "now": self._now(), "by": by, "reason": reason})
            moved = self.get(row["id"])
        if tell:
            self._tell(moved)
        return moved

    def _now(self) -> float:
        return self._clock.now().timestamp()


class CampaignGate:
    """Lets messages of a campaign leave only while it runs, also those that came back into the queue meanwhile."""

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:  # noqa: ARG002
        """Judge without changing anything."""
        if candidate.campaign is None:
            return Go()
        found = db.execute(_STATE, (candidate.campaign,)).fetchone()
        state = found[0] if found else None
        if state == CampaignState.PAUSED:
            return Wait(FAR, PAUSED)
        return Refuse(CANCELLED) if state == CampaignState.CANCELLED else Go()

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Count nothing."""

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Take nothing back."""


def campaign_name(text: str) -> str:
    """
    Return *text* if a campaign can be called so.

    Raises:
        InvalidInput: It is empty, long, or has control characters.
    """
    if not 1 <= len(text.strip()) <= 80 or not text.isprintable() or text != text.strip():
        msg = f"{text[:80]!r} is no name of a campaign. Give 1 to 80 letters, digits or signs, such as nuevos-productos."
        raise InvalidInput(msg, name=text[:80])
    return text


def _terms(row: sqlite3.Row) -> Terms:
    return Terms(
        purpose=Purpose(row["purpose"]),
        priority=PRIORITY,
        not_before=_instant(row["not_before"]),
        not_after=_instant(row["not_after"]),
        campaign=row["id"],
    )


def _form(media: File) -> str:
    return json.dumps(media.to_json(), ensure_ascii=False, sort_keys=True)


def _content(media: str | None) -> Callable[[str], Said]:
    if media is None:
        return lambda text: Text(text=text)
    file = said(json.loads(media))
    return lambda text: file.with_(caption=text)


def _row(no: int | None, line: Line) -> tuple[Any, ...]:
    when = _seconds(line.when)
    return (no, line.row, line.person, line.to, line.name, line.text, when, line.excluded, line.detail)


def _line(row: sqlite3.Row) -> Line:
    return Line(
        row=row["row"],
        person=row["person"],
        to=row["recipient"],
        name=row["name"],
        text=row["text"],
        when=_instant(row["planned"]),
        excluded=None if row["excluded"] is None else Exclusion(row["excluded"]),
        detail=row["detail"],
    )


def _outcome(row: sqlite3.Row) -> Outcome:
    return Outcome(
        person=key_of(row["recipient"]),
        send=row["id"],
        state=SendState(row["state"]),
        message_id=row["message_id"],
    )


def _campaign(row: sqlite3.Row) -> Campaign:
    instants = ("not_before", "not_after", "started_at", "ended_at")
    counts = ("recipients", "excluded", "held_out", "queued")
    same = ("id", "name", "account", *counts, "digest", "template_hash", "hold_out", "reason")
    values: dict[str, Any] = {name: row[name] for name in same} | {name: _instant(row[name]) for name in instants}
    return Campaign(
        **values,
        purpose=Purpose(row["purpose"]),
        state=CampaignState(row["state"]),
        created_at=utc(row["created_at"]),
        updated_at=utc(row["updated_at"]),
        by=row["changed_by"],
    )


def _seconds(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()


def _instant(value: float | None) -> datetime | None:
    return None if value is None else utc(value)
