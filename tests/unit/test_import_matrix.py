"""Every way in which a phone may write a date, a time and what stands around them is read right."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pyarrow as pa
import pytest
from exports import Line, Phone, conversation, write

from wakit.importers import Export, read

ORDERS = ("dmy", "mdy", "ymd")
SEPARATORS = ("/", ".", "-", ". ")
LAYOUTS = ("dash", "brackets", "colon")
NBSP, NARROW = "\u00a0", "\u202f"
HALVES = {
    "24 hours": None,
    "English": (" AM", " PM"),
    "English, narrow space": (f"{NARROW}AM", f"{NARROW}PM"),
    "small, no space": ("am", "pm"),
    "Canadian": (" a.m.", " p.m."),
    "Spanish": (f" a.{NBSP}m.", f" p.{NBSP}m."),
    "Spanish, narrow": (f"{NARROW}a.{NARROW}m.", f"{NARROW}p.{NARROW}m."),
    "Spanish, capitals": (" A. M.", " P. M."),
    "Greek": (" π.μ.", " μ.μ."),
    "Arabic": (f"{NBSP}ص", f"{NBSP}م"),
    "Turkish": (" ÖÖ", " ÖS"),
    "British": (" in the morning", None),
}
#: Locales with something of their own.
LOCALES = {
    "Finnish": Phone(separator=".", long_year=True, between=" klo ", colon="."),
    "French, old": Phone(separator="/", long_year=True, padded=True, between=" à "),
    "French Canadian": Phone(order="ymd", separator="-", long_year=True, padded=True, colon=" h "),
    "German": Phone(separator=".", padded=True),
    "Czech": Phone(separator=".", padded=True, between=" "),
    "Danish": Phone(separator=".", long_year=True, padded=True, between=" kl. ", colon="."),
    "Bulgarian": Phone(separator=".", padded=True, between=" г., "),
    "Hungarian": Phone(order="ymd", separator=". ", long_year=True, padded=True, between=". "),
    "Korean": Phone(order="ymd", separator=". ", long_year=True, between=". ", halves=("오전 ", "오후 "), half_first=True),
    "Japanese": Phone(order="ymd", separator="/", long_year=True, between=" "),
    "Chinese": Phone(order="ymd", separator="/", long_year=True, between=" ", halves=("上午", "下午"), half_first=True),
    "Chinese, iPhone": Phone(
        order="ymd", separator="/", long_year=True, layout="brackets", seconds=True, halves=("上午", "下午"), half_first=True
    ),
    "Vietnamese, iPhone": Phone(layout="brackets", seconds=True, time_first=True, long_year=True),
    "Indonesian, iPhone": Phone(layout="brackets", seconds=True, colon=".", between=" "),
    "Dutch": Phone(separator="-", long_year=True, padded=True, between=" "),
    "Swedish": Phone(order="ymd", separator="-", long_year=True, padded=True, between=" "),
    "Spanish, iPhone": Phone(layout="brackets", seconds=True, mark="\u200e"),
    "Hebrew": Phone(separator=".", long_year=True, mark="\u200f"),
    "Arabic, iPhone": Phone(
        layout="brackets", long_year=True, separator="\u200f/", between="\u060c ", seconds=True, mark="\u200f"
    ),
    "Thai": Phone(long_year=True, between=" "),
}


def check(export: Export, phone: Phone, lines: list[Line]) -> None:
    """Compare everything that an export says with the messages it was made of."""
    table = pa.Table.from_batches(export.batches()).to_pylist()
    expected = Counter(one.sender for one in lines if one.sender)
    assert dict(expected) == export.senders
    assert len(lines) == export.count == len(table)
    assert [phone.clock(one.at).replace(tzinfo=UTC) for one in lines] == [row["ts"] for row in table]
    assert [one.sender for one in lines] == [row["sender"] for row in table]
    assert [one.text for one in lines] == [row["text"] for row in table]
    assert ["text" if one.sender else "system" for one in lines] == [row["type"] for row in table]
    assert (export.first, export.last) == (min(row["ts"] for row in table), max(row["ts"] for row in table))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("order", ORDERS)
def test_orders_separators_layouts_and_clocks_are_all_read(tmp_path: Path, order: str, separator: str, layout: str) -> None:
    """Senders, counts and instants are right for every combination, with long and short years."""
    lines = conversation()
    for (name, halves), (long_year, seconds) in itertools.product(HALVES.items(), ((False, layout == "brackets"), (True, False))):
        if halves is not None and None in halves:
            halves = (halves[0], " in the afternoon")
            lines_here = [one for one in lines if one.at.hour not in {*range(5), *range(18, 24), 12}]
        else:
            lines_here = lines
        phone = Phone(order=order, separator=separator, layout=layout, long_year=long_year, seconds=seconds, halves=halves)
        with read(write(tmp_path, phone.text(lines_here)), tz="UTC") as export:
            assert order == export.date_order, (name, phone)
            check(export, phone, lines_here)


@pytest.mark.parametrize("locale", LOCALES)
def test_locales_with_words_and_marks_of_their_own_are_read(tmp_path: Path, locale: str) -> None:
    """Words between date and time, marks inside lines and clocks with dots change nothing."""
    phone, lines = LOCALES[locale], conversation()
    with read(write(tmp_path, phone.text(lines)), tz="UTC") as export:
        assert phone.order == export.date_order
        check(export, phone, lines)


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯"])
def test_digits_of_other_scripts_are_read(tmp_path: Path, digits: str) -> None:
    """Arabic, Persian, Hindi and Bengali phones write their own digits."""
    lines = [replace(one, text="hola", sender="Zoë") for one in conversation()]
    text = Phone(long_year=True).text(lines).translate(str.maketrans("0123456789", digits))
    with read(write(tmp_path, text), tz="UTC") as export:
        check(export, Phone(long_year=True), lines)


def test_years_of_the_buddhist_and_japanese_calendars_are_read(tmp_path: Path) -> None:
    """2568 is 2025, and so is the seventh year of Reiwa."""
    phone, lines = Phone(layout="brackets", long_year=True, seconds=True), conversation()
    buddhist = "".join(phone.text(lines).replace("/2025,", "/2568 BE,"))
    japanese = phone.text(lines).replace("/2025,", "/R7,")
    for text in (buddhist, japanese):
        with read(write(tmp_path, text), tz="UTC") as export:
            check(export, phone, lines)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_no_part_of_texts(tmp_path: Path, end: str) -> None:
    """A file that went through Windows or an old Mac has the same messages."""
    phone, lines = Phone(), conversation()
    with read(write(tmp_path, phone.text(lines).replace("\n", end)), tz="UTC") as export:
        check(export, phone, lines)


def test_last_line_may_lack_its_end(tmp_path: Path) -> None:
    """A file without a final line break loses nothing."""
    phone, lines = Phone(), conversation()
    with read(write(tmp_path, phone.text(lines).rstrip("\n")), tz="UTC") as export:
        check(export, phone, lines)


def test_a_clock_that_was_switched_is_read_in_both_ways(tmp_path: Path) -> None:
    """A phone that changed to twelve hours in the middle writes both; all messages count."""
    lines = conversation()
    text = Phone().text(lines[:20]) + Phone(halves=(" AM", " PM")).text(lines[20:])
    with read(write(tmp_path, text), tz="UTC") as export:
        check(export, Phone(), lines)


def test_pasted_lines_of_another_layout_stay_text(tmp_path: Path) -> None:
    """A conversation that somebody copied into a message is no conversation of this chat."""
    lines = conversation()
    pasted = "mira:\n[28/3/25, 9:05:00] Otra: hola\n[28/3/25, 9:06:00] Persona: adiós"
    lines[4] = Line(lines[4].at, "Zoë", pasted)
    with read(write(tmp_path, Phone().text(lines)), tz="UTC") as export:
        check(export, Phone(), lines)


def test_messages_are_the_same_in_every_batch_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a block or a batch ends is no matter."""
    monkeypatch.setattr("wakit.importers.headers.BLOCK", 300)
    monkeypatch.setattr("wakit.importers.columns._BATCH", 500)
    phone, lines = Phone(halves=(f"{NARROW}a.{NBSP}m.", f"{NARROW}p.{NBSP}m.")), conversation(200)
    with read(write(tmp_path, phone.text(lines)), tz="UTC") as export:
        assert 10 < len(list(export.batches()))
        check(export, phone, lines)
