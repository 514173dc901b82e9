"""
Consents from a spreadsheet: a CSV file with a header, refused as a whole where one row of it is wrong.

An import says what was agreed to before; it never takes back an opt-out, however
often the same file comes again.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wakit.consent import ConsentImport, ConsentState, Standing
from wakit.errors import InvalidInput, WakitError
from wakit.ids import recipient
from wakit.model import Purpose
from wakit.outbox.consent import Consents, Statement
from wakit.outbox.queue import Outbox

_NEEDED = ("phone", "purpose", "text")
_COLUMNS = frozenset({*_NEEDED, "channel", "at", "evidence"})
#: Wrong rows that are named.
_NAMED = 20


@dataclass(frozen=True)
class _Row:
    number: int
    address: str
    purpose: Purpose
    said: Statement


def import_consents(
    outbox: Outbox, consents: Consents, path: Path, *, account: str, by: str, country: str | None, dry_run: bool
) -> ConsentImport:
    """
    Write down every opt-in of a CSV file, all or none.

    Args:
        outbox: Whose transaction it is.
        consents: The ledger.
        path: The file: ``phone``, ``purpose`` and ``text``, and where known ``channel``, ``at``, ``evidence``.
        account: Whose messages were agreed to.
        by: Who imports it.
        country: ISO country of numbers without a country code.
        dry_run: Only say what would be done.

    Raises:
        InvalidInput: Some rows cannot be used; their numbers, the header being row 1, are in the message.
    """
    rows = _rows(path, by, country)
    added, unchanged, opted_out = 0, 0, []
    with outbox.writing():
        for row in rows:
            standing = consents.standing(account, row.address, row.purpose)
            if standing is Standing.OPTED_OUT:
                opted_out.append(row.number)
            elif _is_there(consents, account, row):
                unchanged += 1
            else:
                added += 1
                if not dry_run:
                    consents.opt_in(account, row.address, row.purpose, row.said)
    return ConsentImport(rows=len(rows), added=added, unchanged=unchanged, opted_out=tuple(opted_out), dry_run=dry_run)


def _is_there(consents: Consents, account: str, row: _Row) -> bool:
    last = consents.last(account, row.address, row.purpose)
    return last is not None and last.state is ConsentState.IN and last.text == row.said.text


def _rows(path: Path, by: str, country: str | None) -> list[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            table = csv.DictReader(file, delimiter=";" if sample.count(";") > sample.count(",") else ",", strict=True)
            _check(path, table.fieldnames or ())
            found, wrong = [], []
            for number, row in enumerate(table, 2):
                try:
                    found.append(_row(number, row, by, country))
                except (WakitError, ValueError) as exc:
                    wrong.append(f"row {number}: {exc}")
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise InvalidInput(f"{str(path)!r} cannot be read as a CSV file in UTF-8 ({exc}).", path=str(path)) from exc
    if wrong:
        more = f" … and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise InvalidInput(f"Nothing was imported. {'; '.join(wrong[:_NAMED])}{more}", rows=len(wrong))
    return found


def _check(path: Path, columns: object) -> None:
    names = set(columns) if isinstance(columns, (list, tuple)) else set()
    if missing := [name for name in _NEEDED if name not in names]:
        raise InvalidInput(f"{str(path)!r} has no column {missing[0]!r}. It needs {', '.join(_NEEDED)}.", path=str(path))
    if unknown := sorted(names - _COLUMNS):
        raise InvalidInput(f"{str(path)!r} has an unknown column {unknown[0]!r}. There are {', '.join(sorted(_COLUMNS))}.")


def _row(number: int, row: dict[str, str | None], by: str, country: str | None) -> _Row:
    values = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str) and not isinstance(value, list)}
    jid = recipient(values["phone"], country=country)
    if not (jid.is_phone or jid.is_lid):
        raise InvalidInput("a group cannot agree to anything")
    if values["purpose"] not in {*Purpose}:
        raise InvalidInput(f"{values['purpose'][:40]!r} is no purpose; there are {', '.join(Purpose)}")
    if not values["text"]:
        raise InvalidInput("the words that they agreed to are missing")
    said = Statement(
        channel=values.get("channel") or "import",
        by=by,
        text=values["text"],
        at=_time(values.get("at", "")),
        evidence=values.get("evidence") or None,
    )
    return _Row(number, str(jid), Purpose(values["purpose"]), said)


def _time(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
