"""How much of its time a report says to know, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asked import report
from exports import write
from stored import ANA, GROUP, LUIS, entries, opened, said

from wakit.importers.deliver import import_file
from wakit.model import Gap, HistoryRange, Record, SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.store import Store

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
#: Three hours of Ana's chat: the last line is precise to the minute, and the whole of it is told.
EXPORT = "".join(
    f"3/3/25, {line}\n" for line in ("12:00 - Ana: uno", "12:30 - Tienda: sí", "13:00 - Ana: dos", "14:59 - Ana: tres")
)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def listening(since: float, account: str = "default") -> SessionStatus:
    return SessionStatus(account=account, state=SessionState.CONNECTED, since=hours(since))


def wrote(chat: str, at: float, **changes: Any) -> Record:
    return said(f"{chat}-{at}", chat=chat, ts=hours(at), **changes)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def imported(store: Store, folder: Path, chat: str = ANA, text: str = EXPORT, account: str = "default") -> None:
    import_file(store, write(folder, text, f"{chat}.txt"), account=account, chat=chat, me="Tienda", tz="UTC", date_order="dmy")


def covered(store: Store, **where: Any) -> float | None:
    return report(store).volume(**where).coverage


def test_an_exported_chat_is_known_from_its_first_line_to_its_last(store: Store, tmp_path: Path) -> None:
    """Nobody was ever listening, and yet nothing of these hours is missing; of the hours around them everything is."""
    imported(store, tmp_path)
    result = report(store).volume()
    assert result.coverage == 1
    assert "coverage 100" in result.definition
    assert covered(store, since=hours(-1), until=hours(3)) == pytest.approx(0.75)
    assert covered(store, since=hours(1), until=hours(2)) == 1


def test_a_wait_in_an_export_lasts_until_its_end(store: Store, tmp_path: Path) -> None:
    """
    Ana has waited since one o'clock, for two hours, and not for years; before, for half an hour.

    A promised hour is over by then; four hours are not, so nobody knows whether they were kept.
    Once the account is linked, it is known that she waits still.
    """
    imported(store, tmp_path)
    waiting = report(store).unanswered()
    assert list(waiting.df.seconds) == [2 * 3600]
    assert waiting.parameters["as_of"] == hours(3)
    for promised, decided, share in ((1, 2, 0.5), (4, 1, 1.0)):
        [row] = report(store).attainment(timedelta(hours=promised), by=None).df.itertuples()
        assert (row.n, row.share) == (decided, share)
    store.drain("default", entries([listening(10)]))
    waiting = report(store).unanswered()
    assert waiting.df.seconds[0] > 24 * 3600
    assert "as_of" not in waiting.parameters


def test_each_exported_chat_has_its_own_time(store: Store, tmp_path: Path) -> None:
    """One of this year and one of the last: neither leaves the other's time unknown."""
    imported(store, tmp_path)
    imported(store, tmp_path, LUIS, "3/3/24, 12:00 - Luis: uno\n3/3/24, 12:59 - Tienda: dos\n")
    assert covered(store) == 1
    assert covered(store, since=hours(0), until=hours(3)) == pytest.approx(0.5)


def test_an_export_says_nothing_of_other_chats(store: Store, tmp_path: Path) -> None:
    """Three chats of four hours, the account listening in the last one; of the first three hours one chat's export tells."""
    store.drain("default", entries([listening(3), wrote(LUIS, 3.2), wrote(ANA, 3.5), wrote("573001111111@s.whatsapp.net", 3.7)]))
    imported(store, tmp_path)
    window = {"since": hours(0), "until": hours(4)}
    assert covered(store, **window) == pytest.approx((3 * 1 + 3) / 12)
    assert covered(store, chat=ANA, **window) == 1
    assert covered(store, chat=LUIS, **window) == pytest.approx(0.25)


def test_what_was_told_twice_counts_once(store: Store, tmp_path: Path) -> None:
    """The history of one hour and a half is within the export, the listening of the last hour as well."""
    told = HistoryRange(account="default", chat=ANA, since=hours(0.5), until=hours(2), messages=1)
    store.drain("default", entries([told, listening(2)]))
    imported(store, tmp_path)
    assert covered(store, since=hours(0), until=hours(4)) == 1
    assert covered(store, since=hours(-4), until=hours(4)) == pytest.approx(0.5)


def test_a_late_message_proves_only_itself(store: Store) -> None:
    """An hour offline of four, in which something was delivered late."""
    gap = Gap(account="default", since=hours(1), until=hours(2), cause="offline")
    store.drain("default", entries([listening(0), gap, listening(2), wrote(ANA, 1.5)]))
    assert covered(store, since=hours(0), until=hours(4)) == pytest.approx(0.75)


def test_accounts_and_groups_are_told_apart(store: Store) -> None:
    """One account listened all the time, the other half of it; a group is none of the chats of two."""
    store.drain("default", entries([listening(0), wrote(ANA, 3)]))
    store.drain("second", entries([listening(2, "second"), wrote(LUIS, 3, account="second")]))
    window = {"since": hours(0), "until": hours(4)}
    assert covered(store, **window) == pytest.approx(0.75)
    assert covered(store, account="second", **window) == pytest.approx(0.5)
    assert covered(store, groups=True, **window) is None
    store.drain("second", entries([wrote(GROUP, 3, account="second", sender=LUIS)], first=100))
    assert covered(store, groups=True, **window) == pytest.approx(0.5)


def test_of_nothing_nothing_is_known(store: Store) -> None:
    """No share at all, rather than none or all."""
    assert covered(store) is None
