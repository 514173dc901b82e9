"""Times of a phone's clock become instants, also where a clock was set or says "in the evening"."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from exports import write

from wakit.errors import InvalidInput
from wakit.importers import read
from wakit.importers.meridiem import hour_of, is_marker, plain

#: Languages that WhatsApp has.
LANGUAGES = """
af ar az bg bn ca cs da de el en es et fa fi fil fr ga gu he hi hr hu id it ja kk kn ko lo lt lv mk ml mr ms nb nl
pa pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh
"""


def instants(folder: Path, zone: str, *clocks: str) -> list[datetime]:
    """Return when messages were written whose headers say these times."""
    path = write(folder, "".join(f"{clock} - Ana: hola\n" for clock in clocks))
    with read(path, tz=zone, date_order="dmy") as export:
        return [row["ts"].astimezone(UTC) for batch in export.batches() for row in batch.to_pylist()]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_the_hour_that_comes_twice_is_told_by_the_order_of_messages(tmp_path: Path) -> None:
    """When clocks go back in Madrid, 2:10 behind 2:50 is the second 2:10."""
    found = instants(
        tmp_path, "Europe/Madrid", *(f"26/10/2025, {clock}" for clock in ("01:59", "02:10", "02:50", "02:10", "02:50", "03:05"))
    )
    assert [
        utc(2025, 10, 25, 23, 59),
        utc(2025, 10, 26, 0, 10),
        utc(2025, 10, 26, 0, 50),
        utc(2025, 10, 26, 1, 10),
        utc(2025, 10, 26, 1, 50),
        utc(2025, 10, 26, 2, 5),
    ] == found


def test_the_hour_that_is_skipped_is_shown_by_no_clock_and_still_is_an_instant(tmp_path: Path) -> None:
    """2:30 on the day the clocks go forward is taken as the clock before the change would have shown it."""
    clocks = [f"30/03/2025, {clock}" for clock in ("01:59", "02:30", "03:01")]
    assert [utc(2025, 3, 30, 0, 59), utc(2025, 3, 30, 1, 30), utc(2025, 3, 30, 1, 1)] == instants(
        tmp_path, "Europe/Madrid", *clocks
    )


def test_clocks_that_change_at_midnight_are_read(tmp_path: Path) -> None:
    """In São Paulo of 2018 the first hour of 4 November did not exist, and the last of 17 February came twice."""
    assert [utc(2018, 11, 4, 2, 30), utc(2018, 11, 4, 3, 30)] == instants(
        tmp_path, "America/Sao_Paulo", "03/11/2018, 23:30", "04/11/2018, 01:30"
    )
    assert [utc(2018, 2, 18, 1, 50), utc(2018, 2, 18, 2, 10), utc(2018, 2, 18, 3, 10)] == instants(
        tmp_path, "America/Sao_Paulo", "17/02/2018, 23:50", "17/02/2018, 23:10", "18/02/2018, 00:10"
    )


def test_default_zone_is_that_of_the_settings(tmp_path: Path) -> None:
    """Nobody says a zone: the phone was where the workspace is."""
    path = write(tmp_path, "28/3/2025, 10:00 - Ana: hola\n")
    with read(path) as export:
        assert (utc(2025, 3, 28, 15), "America/Bogota") == (export.first, export.timezone)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "UTC+3", "x" * 500])
def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path, zone: str) -> None:
    """The error names the zone and shows how one is written; no file is reached through it."""
    path = write(tmp_path, "28/3/2025, 10:00 - Ana: hola\n")
    with pytest.raises(InvalidInput, match="no time zone"):
        read(path, tz=zone)


@pytest.mark.parametrize(
    ("hour", "marker", "expected"),
    [
        (12, "a. m.", 0),
        (12, "p. m.", 12),
        (1, "PM", 13),
        (11, "am", 11),
        (9, "in the evening", 21),
        (9, "at night", 21),
        (1, "at night", 1),
        (12, "midnight", 0),
        (12, "m.", 12),
        (2, "de la tarde", 14),
        (3, "de la madrugada", 3),
        (9, "晚上", 21),
        (11, "中午", 11),
        (1, "中午", 13),
        (12, "凌晨", 0),
        (15, "pm", 15),
        (25, "pm", None),
        (3, "hola", None),
    ],
)
def test_words_for_parts_of_the_day(hour: int, marker: str, expected: int | None) -> None:
    """Each word covers hours, and of the two that a clock can mean only one is among them."""
    assert expected == hour_of(hour, marker)


def test_halves_of_the_day_in_every_language_of_whatsapp_are_known() -> None:
    """CLDR's words for a. m. and p. m., in all regions of all languages that WhatsApp has, mean what they say."""
    babel = pytest.importorskip("babel")
    from babel import localedata

    unknown, languages = set(), set(LANGUAGES.split())
    for name in localedata.locale_identifiers():
        if name.partition("_")[0] not in languages or name.startswith(("en_Dsrt", "en_Shaw")):
            continue
        for widths in babel.Locale.parse(name).day_periods.values():
            for width in ("abbreviated", "wide"):
                for period, hour in (("am", 0), ("pm", 12)):
                    word = widths.get(width, {}).get(period)
                    if word and hour_of(12, word) != hour:
                        unknown.add((name, period, word, plain(word)))
    assert set() == unknown


def test_words_of_a_message_are_no_markers() -> None:
    """What stands behind a time in a sentence is no half of the day."""
    assert not any(is_marker(word) for word in ("hola", "hrs", "en", "uhr", "", " - "))


def test_times_that_do_not_exist_make_no_message(tmp_path: Path) -> None:
    """25:61 is text of the message before."""
    path = write(tmp_path, "28/3/2025, 10:00 - Ana: hola\n28/3/2025, 25:61 - Ana: nunca\n28/3/2025, 10:05 - Ana: sí\n")
    with read(path) as export:
        rows = [row["text"] for batch in export.batches() for row in batch.to_pylist()]
    assert ["hola\n28/3/2025, 25:61 - Ana: nunca", "sí"] == rows
