"""
The gettext catalogues of ``wakit/locale``: ``python tests/catalogues.py`` brings them up to date.

It finds the texts in the code, adds new ones to the catalogues without a
translation, drops those that are no longer said, and compiles.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "wakit"
LOCALE = PACKAGE / "locale"
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
#: Which argument of which function is a text.
_KEYWORDS = {"speak": (2,), "speak_many": (2, 3), "mark": None, "_": None}


def said() -> Catalog:
    """Return all texts that the code says."""
    catalog = Catalog(project="wakit")
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=_KEYWORDS)
    for file, _, message, _, _ in sorted(found, key=lambda one: (one[0], one[1])):
        # Without line numbers, so that a catalogue changes only where a text does.
        catalog.add(message, locations=[(f"wakit/{file}", None)])
    return catalog


def catalogues() -> list[Path]:
    """Return the text catalogues."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/wakit.po"))


def read(path: Path) -> Catalog:
    """Return one text catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(catalog: Catalog) -> bytes:
    """Return a catalogue as ``gettext`` reads it."""
    # Babel notes when it was called, and the test compiles at another time.
    catalog.creation_date = _NO_TIME
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def update(path: Path) -> None:
    """Bring one catalogue up to date with the code, and compile it."""
    catalog = read(path)
    catalog.update(said(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalog, width=130, sort_output=True, omit_header=True)
    header, _, _ = path.read_bytes().partition(b"\n\n")
    path.write_bytes(header + b"\n\n" + written.getvalue().rstrip() + b"\n")
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    for catalogue in catalogues():
        update(catalogue)
