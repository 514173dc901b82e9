"""
The durable side of the scheduler: what is due next, and what became of each slot.

A slot is one row, written in the same transaction that moves the schedule on to its next slot
and before anything is started. So a host that dies at any moment leaves either the
slot still to come or a row that says ``running``, which the next host goes on with.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from datetime import datetime

from wakit.clock import Clock
from wakit.errors import InvalidInput, NameTaken, UnknownSchedule
from wakit.model import utc
from wakit.outbox.queue import Outbox
from wakit.schedule import Firing, FiringState, Misfire, Schedule

#: Most schedules of one workspace.
LIMIT = 100
#: Slots that are remembered of each.
KEPT = 100

_FIRING = "firing.*, schedule.name, schedule.id FROM firing JOIN schedule ON schedule.no = firing.schedule"
_SHOWN = "SELECT * FROM schedule WHERE name = coalesce(?, name) ORDER BY no"
_DUE = "SELECT * FROM schedule WHERE next_at <= ? ORDER BY next_at, no"
_INSERT = """
INSERT INTO schedule (id, name, cron, zone, notebook, parameters, send, misfire, notify, created_at, next_at)
VALUES (:id, :name, :cron, :zone, :notebook, :parameters, :send, :misfire, :notify, :created_at, :next_at)
"""
_FIRE = """
INSERT INTO firing (schedule, slot, key, state, starts, started_at, ended_at, why)
SELECT no, :slot, :key, :state, 1, :now, :ended, :why FROM schedule WHERE id = :id ON CONFLICT DO NOTHING
"""
_FORGET = """
DELETE FROM firing WHERE schedule = (SELECT no FROM schedule WHERE id = :id) AND state <> 'running' AND slot < (
    SELECT slot FROM firing WHERE schedule = (SELECT no FROM schedule WHERE id = :id) ORDER BY slot DESC LIMIT 1 OFFSET :kept)
"""
_END = """
UPDATE firing SET state = :state, ended_at = :now, exit_code = :code, why = coalesce(:why, why), output = :output
WHERE key = :key
"""
_PAUSE = "UPDATE schedule SET paused_at = coalesce(paused_at, ?), next_at = NULL WHERE name = ?"


class Schedules:
    """All schedules of one workspace; may be used from several threads."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def add(self, schedule: Schedule) -> Schedule:
        """
        Remember a schedule, whose id is chosen here.

        Raises:
            NameTaken: There is one of that name.
            InvalidInput: There are too many.
        """
        values = {
            **vars(schedule),
            "id": secrets.token_hex(4),
            "parameters": json.dumps(schedule.parameters, ensure_ascii=False),
            "notify": json.dumps(schedule.notify, ensure_ascii=False),
            "created_at": self._now(),
            "next_at": schedule.next_at and schedule.next_at.timestamp(),
        }
        with self._outbox.writing() as db:
            names = {one.name for one in self.all()}
            if schedule.name in names:
                msg = (
                    f"There is a schedule {schedule.name!r}. Choose another --name, or run: wakit schedule remove {schedule.name}"
                )
                raise NameTaken(msg, name=schedule.name)
            if len(names) >= LIMIT:
                raise InvalidInput(f"There are {LIMIT} schedules, which is the most. Remove one: wakit schedule remove NAME")
            db.execute(_INSERT, values)
            return self.get(schedule.name)

    def all(self) -> list[Schedule]:
        """Return the schedules, oldest first, each with its last slot."""
        return self._select(_SHOWN, None)

    def get(self, name: str) -> Schedule:
        """
        Return one.

        Raises:
            UnknownSchedule: There is none of that name.
        """
        found = self._select(_SHOWN, name)
        if not found:
            msg = f"There is no schedule {name[:64]!r} in this workspace. Run: wakit schedule list"
            raise UnknownSchedule(msg, name=name[:64])
        return found[0]

    def due(self) -> list[Schedule]:
        """Return those that have a slot now or had one that nobody dealt with, longest waiting first."""
        return self._select(_DUE, self._now())

    def next_at(self) -> datetime | None:
        """Return when the first of all is due."""
        with self._outbox.reading() as db:
            (first,) = db.execute("SELECT min(next_at) FROM schedule").fetchone()
        return None if first is None else utc(first)

    def remove(self, name: str) -> Schedule:
        """Forget a schedule and its slots."""
        with self._outbox.writing() as db:
            schedule = self.get(name)
            db.execute("DELETE FROM firing WHERE schedule = (SELECT no FROM schedule WHERE id = ?)", (schedule.id,))
            db.execute("DELETE FROM schedule WHERE id = ?", (schedule.id,))
            return schedule

    def pause(self, name: str) -> Schedule:
        """Let no slot come until somebody resumes."""
        with self._outbox.writing() as db:
            self.get(name)
            db.execute(_PAUSE, (self._now(), name))
            return self.get(name)

    def resume(self, name: str, next_at: datetime) -> Schedule:
        """Go on with the slot *next_at*."""
        with self._outbox.writing() as db:
            self.get(name)
            db.execute("UPDATE schedule SET paused_at = NULL, next_at = ? WHERE name = ?", (next_at.timestamp(), name))
            return self.get(name)

    def begin(self, schedule: Schedule, slot: datetime, next_at: datetime, *, why: str | None = None) -> Firing | None:
        """Note that the run for *slot* begins, and go on to *next_at*; return ``None`` where that slot was dealt with before."""
        with self._outbox.writing():
            self._move(schedule, next_at)
            return self._note(schedule, slot, schedule.key(slot), FiringState.RUNNING, why)

    def begin_by_hand(self, schedule: Schedule) -> Firing:
        """Note that a run begins that nobody scheduled; the slots stay as they are."""
        now = self._clock.now()
        firing = self._note(schedule, now, schedule.key_by_hand(now), FiringState.RUNNING, None)
        if firing is None:
            raise InvalidInput(f"A run of {schedule.name!r} was begun at this very moment.", name=schedule.name)
        return firing

    def skip(self, schedule: Schedule, slot: datetime, next_at: datetime, why: str) -> None:
        """Note that *slot* is not run, and go on to *next_at*."""
        with self._outbox.writing():
            self._move(schedule, next_at)
            self._note(schedule, slot, schedule.key(slot), FiringState.SKIPPED, why)

    def end(
        self, key: str, state: FiringState, *, code: int | None = None, why: str | None = None, output: str | None = None
    ) -> None:
        """Note how the run of a slot ended."""
        with self._outbox.writing() as db:
            db.execute(_END, {"key": key, "state": state, "code": code, "why": why, "output": output, "now": self._now()})

    def cut_off(self) -> list[tuple[Schedule, Firing, int]]:
        """Return what was running when the last host ended, and how often it was begun by now, counting from here."""
        with self._outbox.writing() as db:
            db.execute("UPDATE firing SET starts = starts + 1 WHERE state = 'running'")
            rows = db.execute(f"SELECT {_FIRING} WHERE state = 'running' ORDER BY slot").fetchall()
            return [(self.get(row["name"]), _firing(row), row["starts"]) for row in rows]

    def firings(self, name: str, *, limit: int = KEPT) -> list[Firing]:
        """Return the slots of one schedule, newest first."""
        with self._outbox.reading() as db:
            self.get(name)
            rows = db.execute(f"SELECT {_FIRING} WHERE name = ? ORDER BY slot DESC LIMIT ?", (name, limit)).fetchall()
        return [_firing(row) for row in rows]

    def _move(self, schedule: Schedule, next_at: datetime) -> None:
        with self._outbox.writing() as db:
            db.execute("UPDATE schedule SET next_at = ? WHERE id = ? AND paused_at IS NULL", (next_at.timestamp(), schedule.id))

    def _note(self, schedule: Schedule, slot: datetime, key: str, state: FiringState, why: str | None) -> Firing | None:
        now = self._now()
        values = {"id": schedule.id, "slot": slot.timestamp(), "key": key, "state": state, "now": now, "why": why}
        with self._outbox.writing() as db:
            is_new = db.execute(_FIRE, {**values, "ended": None if state is FiringState.RUNNING else now}).rowcount == 1
            db.execute(_FORGET, {"id": schedule.id, "kept": KEPT})
            return _firing(db.execute(f"SELECT {_FIRING} WHERE key = ?", (key,)).fetchone()) if is_new else None

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _select(self, query: str, value: object) -> list[Schedule]:
        with self._outbox.reading() as db:
            return [_schedule(row, _last(db, row["no"])) for row in db.execute(query, (value,)).fetchall()]


def _last(db: sqlite3.Connection, number: int) -> Firing | None:
    found = db.execute(f"SELECT {_FIRING} WHERE schedule = ? ORDER BY slot DESC LIMIT 1", (number,)).fetchone()
    return None if found is None else _firing(found).with_(output=None)


def _firing(row: sqlite3.Row) -> Firing:
    return Firing(
        schedule=row["name"],
        slot=utc(row["slot"]),
        key=row["key"],
        state=FiringState(row["state"]),
        started_at=utc(row["started_at"]),
        ended_at=_instant(row["ended_at"]),
        exit_code=row["exit_code"],
        why=row["why"],
        output=row["output"],
    )


def _schedule(row: sqlite3.Row, last: Firing | None) -> Schedule:
    return Schedule(
        id=row["id"],
        name=row["name"],
        cron=row["cron"],
        zone=row["zone"],
        notebook=row["notebook"],
        paused_at=_instant(row["paused_at"]),
        next_at=_instant(row["next_at"]),
        created_at=utc(row["created_at"]),
        parameters=json.loads(row["parameters"]),
        send=bool(row["send"]),
        misfire=Misfire(row["misfire"]),
        notify=tuple(json.loads(row["notify"])),
        last=last,
    )


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else utc(seconds)
