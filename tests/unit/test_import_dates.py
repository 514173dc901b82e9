"""The order of a date's parts is decided by all dates of a file, and asked for where they do not decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from exports import Line, Phone, write

from wakit.clock import ManualClock
from wakit.errors import InvalidInput
from wakit.importers import DateOrder, inspect, read

TODAY = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


def file_of(folder: Path, dates: Sequence[str]) -> Path:
    """Write an export with one message on each date, as it is spelled."""
    return write(folder, "".join(f"{day}, 10:{number % 60:02} - Ana: hola\n" for number, day in enumerate(dates)))


def order_of(folder: Path, *dates: str) -> str:
    with read(file_of(folder, dates), clock=TODAY) as export:
        return export.date_order


def test_days_of_which_none_is_beyond_twelve_are_reported_with_their_readings(tmp_path: Path) -> None:
    """Nothing is guessed: the error names the file, both readings with their dates, and what to type."""
    with pytest.raises(InvalidInput, match=r"(?s)'chat.txt'.*dmy \(03 Apr 2024 to 05 Apr 2024\).*--date-order dmy or") as caught:
        read(file_of(tmp_path, ["3/4/24", "4/4/24", "5/4/24"]), clock=TODAY)
    assert [
        {"date_order": "dmy", "first": "2024-04-03", "last": "2024-04-05"},
        {"date_order": "mdy", "first": "2024-03-04", "last": "2024-05-04"},
    ] == caught.value.data["readings"]


def test_inspect_tells_all_readings_and_decides_none(tmp_path: Path) -> None:
    """A person can look before choosing."""
    found = inspect(file_of(tmp_path, ["3/4/24", "4/4/24"]), clock=TODAY)
    assert [DateOrder.DMY, DateOrder.MDY] == [reading.order for reading in found.readings]
    assert (date(2024, 4, 3), date(2024, 4, 4)) == (found.readings[0].first, found.readings[0].last)


@pytest.mark.parametrize(("order", "expected"), [("dmy", date(2024, 4, 3)), ("mdy", date(2024, 3, 4))])
def test_a_given_order_decides(tmp_path: Path, order: str, expected: date) -> None:
    """What the caller says is how an ambiguous file is read."""
    with read(file_of(tmp_path, ["3/4/24", "5/4/24"]), date_order=order, tz="UTC", clock=TODAY) as export:
        assert expected == export.first.date()


def test_an_order_in_which_the_dates_do_not_exist_is_refused(tmp_path: Path) -> None:
    """The error shows a date that cannot be and the order that can."""
    with pytest.raises(InvalidInput, match=r"'28/3/24'.*order dmy"):
        read(file_of(tmp_path, ["3/4/24", "28/3/24"]), date_order="mdy", clock=TODAY)


def test_an_unknown_order_is_refused(tmp_path: Path) -> None:
    """Only the three orders that exist are taken."""
    with pytest.raises(InvalidInput, match="dmy, mdy or ymd"):
        read(file_of(tmp_path, ["3/4/24"]), date_order="dym", clock=TODAY)


def test_one_day_beyond_twelve_anywhere_decides(tmp_path: Path) -> None:
    """The last of a thousand dates is as good as the first."""
    ambiguous = ["3/4/24"] * 500
    assert "dmy" == order_of(tmp_path, *ambiguous, "13/4/24")
    assert "mdy" == order_of(tmp_path, *ambiguous, "4/13/24")


def test_running_backwards_through_the_years_rules_an_order_out(tmp_path: Path) -> None:
    """Exports run forward: an order in which one keeps jumping back is wrong though every date exists."""
    assert "dmy" == order_of(tmp_path, "2/1/24", "9/1/24", "1/2/24", "8/2/24", "2/3/24", "9/3/24", "1/4/24")
    assert "mdy" == order_of(tmp_path, "1/2/24", "1/9/24", "2/1/24", "2/8/24", "3/2/24", "3/9/24", "4/1/24")


def test_messages_that_were_late_are_no_step_back(tmp_path: Path) -> None:
    """A day back is a message that was late; a month back is the wrong order."""
    assert "dmy" == order_of(tmp_path, "3/4/24", "4/4/24", "3/4/24", "4/4/24", "3/4/24")


def test_a_single_step_back_is_no_evidence(tmp_path: Path) -> None:
    """One line out of order may be anything, so it is asked."""
    with pytest.raises(InvalidInput, match="2 orders"):
        order_of(tmp_path, "5/6/24", "4/7/24")


def test_the_future_and_the_time_before_whatsapp_are_no_readings(tmp_path: Path) -> None:
    """In November 2026 nobody has written in December, and nobody in 2004."""
    assert "mdy" == order_of(tmp_path, "11/12/26", "11/12/26")
    assert "ymd" == order_of(tmp_path, "24/03/05", "24/03/06")


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("2024-03-04", "2024-05-04"), "ymd"),
        (("2024/12/11", "2024/12/12"), "ymd"),
        (("25/03/28", "25/03/29", "25/04/01"), "ymd"),
        (("15/03/24",), "dmy"),
        (("03/15/24",), "mdy"),
        (("31.01.2024", "01.02.2024"), "dmy"),
    ],
)
def test_orders_that_leave_no_doubt(tmp_path: Path, dates: tuple[str, ...], expected: str) -> None:
    """A year of four digits in front, a day that can be no month, a year that can be no day: each is enough."""
    assert expected == order_of(tmp_path, *dates)


def test_a_few_dates_that_do_not_exist_become_text(tmp_path: Path) -> None:
    """One pasted line in five hundred neither changes the order nor becomes a message."""
    dates = [f"{1 + number % 28}/3/24" for number in range(500)]
    path = write(tmp_path, file_of(tmp_path, dates).read_text() + "12/25/24, 10:00 - Otra: pegado\n28/3/24, 10:01 - Ana: fin\n")
    with read(path, clock=TODAY) as export:
        rows = [row for batch in export.batches() for row in batch.to_pylist()]
    assert ("dmy", 501) == (export.date_order, len(rows))
    assert rows[-2]["text"].endswith("\n12/25/24, 10:00 - Otra: pegado")
    assert "1 lines with a date that does not exist" in export.warnings[0]


def test_dates_that_fit_no_order_are_refused(tmp_path: Path) -> None:
    """A file whose dates are nonsense is no export."""
    with pytest.raises(InvalidInput, match="fit no order"):
        read(file_of(tmp_path, ["45/77/24", "51/80/24"]), clock=TODAY)


def test_dates_that_all_lie_in_the_future_are_believed(tmp_path: Path) -> None:
    """A phone whose clock runs years ahead still has an order."""
    phone = Phone(long_year=True)
    lines = [Line(datetime(2031, 3, day), "Ana", "hola") for day in (14, 15)]  # noqa: DTZ001 - a phone's clock
    with read(write(tmp_path, phone.text(lines)), tz="UTC", clock=TODAY) as export:
        assert date(2031, 3, 14) == export.first.date()
