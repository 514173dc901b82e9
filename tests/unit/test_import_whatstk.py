"""
The sample chats of another parser, whatstk, are read as its authors made them.

They are in the source distribution of that package and not here; ``WHATSTK_SDIST``
names the folder where it is unpacked (``.ci/run`` does that).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wakit.importers import read

#: File → the one layout that it has, as ``strptime`` and a person would write it.
SAMPLES = {
    "lorem.txt": (r"\[(.{17})\] ([^:]+): ", "%d-%m-%y %H:%M:%S", "dmy"),
    "lorem-2000.txt": (r"\[(.{16})\] ([^:]+): ", "%Y-%m-%d %H:%M", "ymd"),
    "lorem-merge-part1.txt": (r"(.{17}) - ([^:]+): ", "%Y-%m-%d, %H:%M", "ymd"),
    "lorem-merge-part2.txt": (r"(.{17}) - ([^:]+): ", "%Y-%m-%d, %H:%M", "ymd"),
}


@pytest.fixture
def samples() -> Path:
    """Return the folder of the samples, or skip."""
    root = os.environ.get("WHATSTK_SDIST")
    if not root:
        pytest.skip("WHATSTK_SDIST does not name the unpacked source distribution of whatstk")
    return next(Path(root).rglob("chats/whatsapp"))


def strictly(text: str, header: str, layout: str) -> Iterator[tuple[datetime, str]]:
    """Yield time and sender of each line of a file that is known to have one layout and no long messages."""
    for line in text.splitlines():
        found = re.match(header, line)
        if found:
            yield datetime.strptime(found[1], layout).replace(tzinfo=UTC), found[2]


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_have_the_senders_counts_and_dates_of_a_strict_reading(samples: Path, name: str) -> None:
    """Nobody told the importer the layout, and it finds what a reader that knows it finds."""
    header, layout, order = SAMPLES[name]
    expected = list(strictly((samples / name).read_text("utf-8"), header, layout))
    with read(samples / name, tz="UTC") as export:
        rows = [row for batch in export.batches() for row in batch.to_pylist()]
        assert order == export.date_order
        assert dict(Counter(sender for _, sender in expected)) == export.senders
    assert expected == [(row["ts"], row["sender"]) for row in rows]


def test_sample_of_a_group_has_its_people_and_its_name(samples: Path) -> None:
    """Eight people talk; the ninth name, above WhatsApp's notice, is that of the chat."""
    with read(samples / "pokemon.txt", tz="UTC") as export:
        rows = [row for batch in export.batches() for row in batch.to_pylist()]
        assert ("Pokemon Chat", True, "dmy") == (export.chat, export.is_group, export.date_order)
        assert {
            "Ash Ketchum": 4,
            "Misty": 4,
            "Brock": 3,
            "Prof. Oak": 2,
            "Raichu": 2,
            "Jessie & James": 1,
            "Meowth": 1,
            "Wobbuffet": 1,
        } == export.senders
    assert 2 == sum(row["type"] == "system" for row in rows)
