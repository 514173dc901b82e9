"""A rehearsal: the real queue among emulated phones, on a clock that is moved."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wakit.client.rehearsal import Rehearsal
from wakit.config import Settings
from wakit.errors import InvalidInput
from wakit.model import Purpose
from wakit.outbox.buckets import HOUR, Pace
from wakit.outbox.rules import Rules
from wakit.rehearsal.play import Play
from wakit.rehearsal.script import Part, Script
from wakit.rehearsed import Assumptions

#: A Tuesday, 16:00 in Bogota; it is night there from 20:00 on.
START = datetime(2026, 11, 24, 21, tzinfo=UTC)
LIMITS = Rules.of(Settings()).limits


def script(people: int = 12, *, spent: int = 0, not_after: datetime | None = None, **assumed: Any) -> Script:
    """Return the script for so many people, one of them known by an alias alone, of an account that sent *spent* before."""
    addresses = [f"57310{number:07d}@s.whatsapp.net" for number in range(people - 1)] + ["101596383778080@lid"]
    pace = Pace.fresh(LIMITS, 0.0)
    pace.spent = [float(second) for second in range(spent)]
    return Script(
        account="shop",
        name="café",
        purpose=Purpose.MARKETING,
        start=START,
        not_after=not_after,
        parts=tuple(
            Part(row=row, person=one, to=one, name=f"P{row}", text=f"Hola {row}", planned=None, cold=False)
            for row, one in enumerate(addresses, 1)
        ),
        ahead=(("573009998877@s.whatsapp.net", False),),
        pace=pace,
        elapsed=HOUR,
        linked_days=None,
        settings={},
        assumptions=Assumptions(**assumed),
    )


def played(script: Script, folder: Path) -> Rehearsal:
    """Return what comes of a script that went to the process and back."""
    again = Script.from_json(json.loads(json.dumps(script.to_json())))
    assert again == script
    folder.mkdir()
    told = asyncio.run(Play(again, folder).run())
    return Rehearsal({"recipients": len(script.parts), **told}, "es")


def test_each_message_leaves_at_the_pace_and_arrives(tmp_path: Path) -> None:
    """Behind what was queued before, with a pause before each; whoever is reached reads it and answers, in this order."""
    frame = played(script(phone_off=0, read=1, answered=1, opted_out=0), tmp_path / "a").frame
    assert len(frame) == 12
    assert frame["sent"].min() - START >= timedelta(seconds=30)
    pauses = frame["sent"].sort_values().diff().dropna().dt.total_seconds()
    assert (pauses.min() >= 30, pauses.max() < 61) == (True, True)
    for before, after in (("sent", "delivered"), ("delivered", "read"), ("read", "answered")):
        assert (frame[before] < frame[after]).all()
    assert frame["answer"].notna().all()
    read = frame["read"].dt.tz_convert("America/Bogota").dt.hour
    assert read.between(7, 21).all()


def test_same_seed_is_the_same_rehearsal(tmp_path: Path) -> None:
    """People and pauses are drawn from the seed; another one draws others."""
    first, second, other = (played(script(6, seed=seed), tmp_path / name).frame for name, seed in (("a", 3), ("b", 3), ("c", 4)))
    assert first.equals(second)
    assert not first.equals(other)


def test_who_writes_baja_is_heard(tmp_path: Path) -> None:
    """What a host takes for an opt-out is one here."""
    frame = played(script(4, phone_off=0, read=1, opted_out=1), tmp_path / "a").frame
    assert (set(frame["answer"]), frame["opted_out"].all()) == ({"BAJA"}, True)
    assert not played(script(4, phone_off=0, read=1, opted_out=0, answered=1), tmp_path / "b").frame["opted_out"].any()


def test_budget_that_is_spent_puts_the_rest_off_to_the_next_day(tmp_path: Path) -> None:
    """An account that sent nearly all that it may goes on a day later, and the table of hours says what it waits for."""
    found = played(script(6, spent=LIMITS.per_day - 3, phone_off=0), tmp_path / "a")
    days = found.days
    assert list(days["sent"]) == [3, 4]
    assert days["left_in_day"].iloc[0] == 0
    assert "La cuenta ya envió los mensajes automáticos que puede en un día." in set(found.hours["waits_for"])


def test_what_would_leave_too_late_never_leaves(tmp_path: Path) -> None:
    """It is cancelled as it would be, with the reason in the language of the person."""
    found = played(script(6, not_after=START + timedelta(minutes=3)), tmp_path / "a")
    frame = found.frame
    never = frame[frame["sent"].isna()]
    assert 1 <= len(never) <= 4
    assert set(never["why"]) == {"No salió antes de que pasara su hora."}
    assert frame["why"].isna().sum() == len(frame) - len(never)
    assert f"; {len(never)} no salieron." in str(found)


def test_rehearsal_is_told_in_words_and_drawn(tmp_path: Path) -> None:
    """How long it takes, the budget by day, what was assumed, and a chart of it all in both languages."""
    found = played(script(5, phone_off=0, read=1, answered=1), tmp_path / "a")
    for lang, words in (
        ("es", ("Ensayo de café: 5 personas", "Tarda", "respondidos")),
        ("en", ("Rehearsal of café", "answered")),
    ):
        told = Rehearsal(found.told, lang)  # type: ignore[arg-type]
        drawn = told.plot().to_json()
        for word in words:
            assert word in str(told) + drawn
    part = Rehearsal({**found.told, "recipients": 9000}, "es")
    assert "las primeras 5 de 9000" in str(part)
    assert Assumptions(phone_off=0, read=1, answered=1) == found.assumptions


@pytest.mark.parametrize(("name", "value"), [("read", 1.5), ("phone_off", -0.1), ("read_after", -1), ("mood", 1)])
def test_assumption_that_is_none_is_refused(name: str, value: float) -> None:
    """Shares are shares, times are times, and what nobody reads is not taken for read."""
    with pytest.raises(InvalidInput, match=name):
        Assumptions.from_json({name: value})
