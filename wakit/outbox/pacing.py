"""
The pace of each account: counted with every message that leaves, kept over restarts, asked before the next.

The timeline of an account goes on with the monotonic clock while the host runs and
with the calendar's between two hosts, and never back: when the machine's clock is
set, budgets neither refill at once nor freeze. Only nights and holidays are matters
of the calendar. A budget is counted in the transaction that makes the row
``sending``; where that one fails, it is counted all the same until the next start.

A stop holds an account back that WhatsApp warned, or whose messages no longer
arrive: to go on is how accounts are lost. One that comes a second time within a
week, and any without an end, ends only when a person says so.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wakit.clock import Clock
from wakit.config import Settings
from wakit.languages import mark
from wakit.model import utc
from wakit.outbox.buckets import DAY, Draw, Pace, Turn, Why
from wakit.outbox.gate import Candidate, Go, Refuse, Verdict, Wait
from wakit.outbox.outlook import Outlook
from wakit.outbox.queue import Outbox
from wakit.outbox.quiet import next_open
from wakit.outbox.rules import Rules
from wakit.pacing import Standing, Stop, StopReason

#: A second stop for the same reason within this time ends only by a person.
_AGAIN = 7 * DAY
#: Longest wait for the account's turn that is written down: the calendar's clock may be set meanwhile.
_LOOK_AGAIN = timedelta(minutes=15)
#: Seconds by which the calendar's clock may differ from the monotonic one before it counts as set.
_JUMP = 60.0

#: What each reason to wait is called.
REASONS = {
    Why.BURST: mark("The account sent as many messages at once as it may."),
    Why.PAUSE: mark("It waits for the pause between two automated messages."),
    Why.BLOCK: mark("It waits for the longer pause between two blocks of messages."),
    Why.HOUR: mark("The account sent as many automated messages as it may in an hour."),
    Why.DAY: mark("The account sent as many automated messages as it may in a day."),
    Why.WARMUP: mark("The account was linked lately and sent as many automated messages as it may in a day."),
    Why.COLD_DAY: mark("The account wrote to as many people who never wrote to it as it may in a day."),
    Why.COLD: mark("This person never wrote to the account, and nothing is sent to such people by itself."),
    Why.QUIET: mark("It is night, a day off or a holiday where the recipient is."),
    Why.STOPPED: mark("Sending is stopped for this account."),
}

_LOAD = "SELECT * FROM pacing WHERE account = ?"
_SAVE = """
INSERT OR REPLACE INTO pacing (account, elapsed, wall, tokens, counted_at, next_at, after_block, in_block)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_SPENT = "SELECT at, cold FROM pacing_spent WHERE account = ? AND at > ? ORDER BY at"
_SPEND = "INSERT OR REPLACE INTO pacing_spent (send, account, at, cold) VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM pacing_spent WHERE account = ? AND at < ?"
_REFUND = "DELETE FROM pacing_spent WHERE send = ? RETURNING at, cold"
_STOP = """
INSERT INTO pacing_stop (account, why, detail, since, until, since_elapsed, until_elapsed) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_STOPPED = """
SELECT * FROM pacing_stop WHERE account = ? AND resumed_at IS NULL AND (until_elapsed IS NULL OR until_elapsed > ?)
ORDER BY until_elapsed IS NOT NULL, until_elapsed DESC LIMIT 1
"""
# What waits for the account's pace is as good as due; what somebody paused, or wants sent another day, is not.
_AHEAD = f"""
SELECT recipient FROM send
WHERE account = ? AND state = 'queued' AND purpose IS NOT NULL AND priority >= ?
    AND (not_before <= ? OR waiting_for IN ({", ".join("?" * len(REASONS))}))
ORDER BY priority DESC, no
"""  # noqa: S608 - question marks
_BEFORE = "SELECT 1 FROM pacing_stop WHERE account = ? AND why = ? AND since_elapsed > ? LIMIT 1"
_RESUME = "UPDATE pacing_stop SET resumed_at = ?, resumed_by = ? WHERE account = ? AND resumed_at IS NULL"
_RESUMED = "SELECT max(since_elapsed) FROM pacing_stop WHERE account = ? AND why = 'undelivered'"
_RELEASE = "UPDATE send SET not_before = 0, waiting_for = NULL WHERE account = ? AND state = 'queued' AND waiting_for IN ({})"
_DELIVERED = """
SELECT count(*), total(state IN ('delivered', 'read')) FROM (
    SELECT send.state FROM pacing_spent AS spent JOIN send ON send.id = spent.send
    WHERE spent.account = ? AND spent.at <= ? AND spent.at > ? AND send.state IN ('sent', 'delivered', 'read')
    ORDER BY spent.at DESC LIMIT ?
)
"""


@dataclass(slots=True)
class _Kept:
    """The pace of one account in memory, and where its timeline was when it was loaded."""

    pace: Pace
    elapsed: float
    monotonic: float
    #: How far the calendar's clock is ahead of the monotonic one.
    ahead: float


class Pacing:
    """
    The gate that keeps accounts to their pace, and the ledger behind it.

    Args:
        outbox: Has the tables.
        settings: Every number.
        clock: Tells the time.
        wrote: Whether somebody (account, JID) ever wrote to the account.
        linked_at: Since when an account is linked; ``None`` where it is long ago.
        draw: Draws the length of pauses.
    """

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
        *,
        wrote: Callable[[str, str], bool],
        linked_at: Callable[[str], datetime | None] = lambda _: None,
        draw: Draw = random.uniform,
    ) -> None:
        self._outbox, self._settings, self._clock = outbox, settings, clock
        self._wrote, self._linked_at, self._draw = wrote, linked_at, draw
        self.rules = Rules.of(settings)
        self._kept: dict[str, _Kept] = {}

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:
        """Say whether a message may leave now, and until when it waits if not."""
        kept = self._of(db, candidate.account)
        elapsed = self._elapsed(kept)
        self._notice_jump(db, candidate.account, kept, elapsed)
        is_automated = candidate.purpose is not None
        if is_automated:
            self._judge_deliveries(db, candidate.account, elapsed)
        stop = self._stopped(db, candidate.account, elapsed)
        if stop is not None and (is_automated or stop.reason.holds_persons):
            until = now + _LOOK_AGAIN if stop.until is None else stop.until
            return Wait(min(until, now + _LOOK_AGAIN), REASONS[Why.STOPPED], account=True)
        if not is_automated:
            return _verdict(kept.pace.personal_turn(self.rules.limits, elapsed), elapsed, now)
        return self._check_automated(candidate, kept.pace, elapsed, now)

    def _check_automated(self, candidate: Candidate, pace: Pace, elapsed: float, now: datetime) -> Verdict:
        limits = self.rules.limits
        opens = next_open(self.rules.quiet, self.rules.addressee(candidate.to).place, now)[0]
        if opens > now:
            return Wait(opens, REASONS[Why.QUIET])
        verdict = _verdict(pace.turn(limits, elapsed, self._age(candidate.account, now)), elapsed, now)
        if not isinstance(verdict, Go) or self._wrote(candidate.account, candidate.to):
            return verdict
        if limits.cold_per_day == 0:
            return Refuse(REASONS[Why.COLD])
        turn = pace.cold_turn(limits, elapsed)
        return Go() if turn.why is None else Wait(now + timedelta(seconds=turn.at - elapsed), REASONS[turn.why])

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Count a message that leaves."""
        kept = self._of(db, candidate.account)
        elapsed = self._elapsed(kept)
        if candidate.purpose is None:
            kept.pace.spend_personal(self.rules.limits, elapsed)
        else:
            cold = not self._wrote(candidate.account, candidate.to)
            kept.pace.spend(self.rules.limits, elapsed, self._draw, cold=cold)
            db.execute(_SPEND, (candidate.id, candidate.account, elapsed, cold))
            db.execute(_FORGET, (candidate.account, elapsed - _AGAIN))
        self._save(db, candidate.account, kept.pace, elapsed, now)

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        """Take back what was counted for a message that was not handed over; the pause behind it stays."""
        kept = self._of(db, candidate.account)
        kept.pace.tokens += 1
        for at, cold in db.execute(_REFUND, (candidate.id,)).fetchall():
            for times in (kept.pace.spent, *([kept.pace.spent_cold] if cold else [])):
                if at in times:
                    times.remove(at)
        self._save(db, candidate.account, kept.pace, self._elapsed(kept), now)

    def stop(self, account: str, reason: StopReason, detail: str, until: datetime | None = None) -> Stop:
        """
        Stop an account, and return how that stands.

        Without *until*, 463 and 429 have an end of their own the first time in a week;
        everything else, and the second time, ends when a person resumes.
        """
        with self._outbox.writing() as db:
            return self._stop(db, account, reason, detail, until, self._elapsed(self._of(db, account)))

    def resume(self, account: str, who: str) -> None:
        """End every stop of an account: *who* says so."""
        with self._outbox.writing() as db:
            db.execute(_RESUME, (self._clock.now().timestamp(), who, account))
            self._release(db, account, REASONS[Why.STOPPED])

    def outlook(self, account: str, priority: int) -> Outlook:
        """
        Return when an account sends automated messages from now on, behind what is queued with at least *priority*.

        Of a stop only its end counts: one that a person has to end is taken for ended when the plan is started.
        """
        with self._outbox.reading() as db:
            kept, now = self._of(db, account), self._clock.now()
            elapsed = self._elapsed(kept)
            stop = self._stopped(db, account, elapsed)
            values = (account, priority, now.timestamp(), *REASONS.values())
            ahead = [one for (one,) in db.execute(_AHEAD, values).fetchall()]
            found = Outlook(
                rules=self.rules,
                start=now,
                pace=kept.pace.copy(),
                elapsed=elapsed,
                linked_days=self._age(account, now),
                ahead=ahead,
            )
        return found if stop is None or stop.until is None else found.until(stop.until)

    def adopt(self, account: str, pace: Pace, elapsed: float) -> None:
        """Take over the pace that an account has elsewhere, at the instant *elapsed* of its timeline: to rehearse with it."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._kept[account] = _Kept(pace, elapsed, monotonic, now.timestamp() - monotonic)
        with self._outbox.writing() as db:
            self._save(db, account, pace, elapsed, now)

    def standing(self, account: str) -> Standing:
        """Return what an account may still send, and when."""
        with self._outbox.reading() as db:
            kept, now, limits = self._of(db, account), self._clock.now(), self.rules.limits
            elapsed, age = self._elapsed(kept), self._age(account, now)
            turn = kept.pace.turn(limits, elapsed, age)
            return Standing(
                account=account,
                stop=self._stopped(db, account, elapsed),
                left_in_hour=kept.pace.left_in_hour(limits, elapsed),
                left_in_day=kept.pace.left_in_day(limits, elapsed, age),
                left_cold=kept.pace.left_cold(limits, elapsed),
                next_at=now + timedelta(seconds=turn.at - elapsed),
                why=None if turn.why is None else REASONS[turn.why],
            )

    def _stop(
        self, db: sqlite3.Connection, account: str, reason: StopReason, detail: str, until: datetime | None, elapsed: float
    ) -> Stop:
        now = self._clock.now()
        seconds = {
            StopReason.RESTRICTED: self._settings.stop_restricted,
            StopReason.RATE_LIMITED: self._settings.stop_rate_limited,
        }.get(reason)
        if until is None and seconds is not None and db.execute(_BEFORE, (account, reason, elapsed - _AGAIN)).fetchone() is None:
            until = now + timedelta(seconds=seconds)
        ends = None if until is None else elapsed + (until - now).total_seconds()
        end = None if until is None else until.timestamp()
        db.execute(_STOP, (account, reason, detail, now.timestamp(), end, elapsed, ends))
        return Stop(account=account, reason=reason, detail=detail, since=now, until=until)

    def _stopped(self, db: sqlite3.Connection, account: str, elapsed: float) -> Stop | None:
        row = db.execute(_STOPPED, (account, elapsed)).fetchone()
        if row is None:
            return None
        return Stop(
            account=account,
            reason=StopReason(row["why"]),
            detail=row["detail"],
            since=utc(row["since"]),
            until=None if row["until"] is None else utc(row["until"]),
        )

    def _judge_deliveries(self, db: sqlite3.Connection, account: str, elapsed: float) -> None:
        """Stop an account of whose last messages too few arrived; those before its last such stop are forgiven."""
        share, of = self._settings.stop_delivered, self._settings.stop_delivered_of
        if share == 0 or self._stopped(db, account, elapsed) is not None:
            return
        since = db.execute(_RESUMED, (account,)).fetchone()[0] or 0.0
        values = (account, elapsed - self._settings.stop_delivered_after, since, of)
        count, delivered = db.execute(_DELIVERED, values).fetchone()
        if count >= of and delivered / count < share:
            self._stop(db, account, StopReason.UNDELIVERED, f"{delivered:.0f}/{count}", None, elapsed)

    def _of(self, db: sqlite3.Connection, account: str) -> _Kept:
        kept = self._kept.get(account)
        if kept is None:
            kept = self._kept[account] = self._load(db, account)
        return kept

    def _load(self, db: sqlite3.Connection, account: str) -> _Kept:
        row = db.execute(_LOAD, (account,)).fetchone()
        now, monotonic = self._clock.now().timestamp(), self._clock.monotonic()
        if row is None:
            return _Kept(Pace.fresh(self.rules.limits, 0.0), 0.0, monotonic, now - monotonic)
        elapsed = row["elapsed"] + max(0.0, now - row["wall"])
        spent = db.execute(_SPENT, (account, elapsed - DAY)).fetchall()
        pace = Pace(
            tokens=row["tokens"],
            counted_at=row["counted_at"],
            next_at=row["next_at"],
            after_block=bool(row["after_block"]),
            in_block=row["in_block"],
            spent=[at for at, _ in spent],
            spent_cold=[at for at, cold in spent if cold],
        )
        return _Kept(pace, elapsed, monotonic, now - monotonic)

    def _elapsed(self, kept: _Kept) -> float:
        return kept.elapsed + self._clock.monotonic() - kept.monotonic

    def _save(self, db: sqlite3.Connection, account: str, pace: Pace, elapsed: float, now: datetime) -> None:
        values = (pace.tokens, pace.counted_at, pace.next_at, pace.after_block, pace.in_block)
        db.execute(_SAVE, (account, elapsed, now.timestamp(), *values))

    def _notice_jump(self, db: sqlite3.Connection, account: str, kept: _Kept, elapsed: float) -> None:
        """Ask again about what waits by a clock that was set since, and remember the new one for the next start."""
        now = self._clock.now()
        ahead = now.timestamp() - self._clock.monotonic()
        if abs(ahead - kept.ahead) > _JUMP:
            kept.ahead = ahead
            self._save(db, account, kept.pace, elapsed, now)
            self._release(db, account, *REASONS.values())

    def _release(self, db: sqlite3.Connection, account: str, *reasons: str) -> None:
        db.execute(_RELEASE.format(", ".join("?" * len(reasons))), (account, *reasons))

    def _age(self, account: str, now: datetime) -> float | None:
        since = self._linked_at(account)
        return None if since is None else max(0.0, (now - since) / timedelta(days=1))


def _verdict(turn: Turn, elapsed: float, now: datetime) -> Verdict:
    """Let all of the account wait that waits for the same turn."""
    if turn.why is None:
        return Go()
    return Wait(min(now + timedelta(seconds=turn.at - elapsed), now + _LOOK_AGAIN), REASONS[turn.why], account=True)
