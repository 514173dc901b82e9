"""
Who of an audience gets which text, and why the others do not: decided before anything is queued.

Pure: what must be asked of ledgers, of the store and of WhatsApp comes in as ``Facts``, each
asked once for everybody, because an audience may have a hundred thousand rows. Every row ends either as a
recipient or with the first reason that excludes it; a person is counted once, however often and in
however many spellings of the number the audience names them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from wakit.errors import InvalidAudience, InvalidTemplate, WakitError
from wakit.ids import USER_SERVER, number_key, phone_number, recipient
from wakit.outgoing import TEXT_LIMIT

if TYPE_CHECKING:
    from wakit.outbox.templates import Template

#: Most rows of one audience.
ROW_LIMIT = 200_000
#: Longest value of one field, in characters: what a person reads is shorter.
VALUE_LIMIT = 4096
#: Columns that are taken for the phone and for the name where nobody says which.
PHONE_COLUMNS = ("phone", "telefono", "teléfono", "celular", "movil", "móvil", "whatsapp", "numero", "número", "jid", "to")
NAME_COLUMNS = ("name", "nombre")


class Exclusion(StrEnum):
    """Why a row of the audience gets no message."""

    INVALID_NUMBER = "invalid-number"
    #: Another row before it is the same person.
    DUPLICATE = "duplicate"
    MISSING_FIELD = "missing-field"
    #: The template fails on the values of this row.
    BAD_VALUE = "bad-value"
    EMPTY_TEXT = "empty-text"
    TOO_LONG = "too-long"
    #: An earlier run of the campaign said the same to this person.
    ALREADY_SENT = "already-sent"
    NO_CONSENT = "no-consent"
    OPTED_OUT = "opted-out"
    NOT_ON_WHATSAPP = "not-on-whatsapp"
    #: Kept back, to compare with.
    HELD_OUT = "held-out"
    #: More than the campaign or the account may send until it ends.
    CAP = "cap"
    QUIET_HOURS = "quiet-hours"
    #: Never wrote to the account, and nothing automated is sent to such people.
    COLD = "cold"


@dataclass(frozen=True, kw_only=True)
class Audience:
    """A table of people: the names of its columns, and its rows."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    #: The column of phones; unset, the first that is called so.
    phone: str | None = None
    #: The column of names; unset, the first that is called so.
    name: str | None = None

    def column(self, wanted: str | None, usual: Iterable[str]) -> int | None:
        """Return where a column is, if it is there."""
        names = [str(one).strip().casefold() for one in self.columns]
        return next((names.index(one.casefold()) for one in ([wanted] if wanted else usual) if one.casefold() in names), None)


@dataclass(slots=True)
class Line:
    """What a plan says of one row of the audience."""

    #: From 1; 0 is the heading.
    row: int
    #: The address that stands for the person, whichever spelling the row has.
    person: str = ""
    #: The address to send to.
    to: str = ""
    name: str | None = None
    text: str = ""
    when: datetime | None = None
    excluded: Exclusion | None = None
    #: What the reason is about: a field, a row, a length.
    detail: str = ""


def _nobody(_: Sequence[str]) -> Mapping[str, Exclusion]:
    return {}


@dataclass(frozen=True, slots=True)
class Leaves:
    """When a message would leave, or why it would not in time."""

    when: datetime | None = None
    excluded: Exclusion | None = None
    detail: str = ""


def _none(_: Sequence[str]) -> AbstractSet[str]:
    return frozenset()


def _at_once(lines: Sequence[Line]) -> list[Leaves]:
    return [Leaves()] * len(lines)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known outside of the plan; each is asked once."""

    #: The address that is shown for each address that was ever seen, and for its one spelling.
    known: Mapping[str, str] = field(default_factory=dict)
    #: What persons are called.
    names: Mapping[str, str] = field(default_factory=dict)
    #: Persons to whom this campaign said this already.
    already: AbstractSet[str] = frozenset()
    #: Which of these persons may not be written to, and why.
    refused: Callable[[Sequence[str]], Mapping[str, Exclusion]] = _nobody
    #: Which of these addresses have no WhatsApp, as far as that is known.
    absent: Callable[[Sequence[str]], AbstractSet[str]] = _none
    #: When each would leave; in the order of the lines.
    forecast: Callable[[Sequence[Line]], Sequence[Leaves]] = _at_once


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a campaign asks of its plan."""

    campaign: str
    country: str | None = None
    #: Share of the persons that is kept back, to compare with.
    hold_out: float = 0.0
    #: Most recipients.
    limit: int | None = None
    #: Whether a text may be empty, because there is a file.
    may_be_empty: bool = False


def plan(audience: Audience, template: Template, rules: Rules, facts: Facts) -> list[Line]:
    """
    Return one line for each row of the audience, in its order.

    Raises:
        InvalidAudience: It has no rows, too many, or no column of phones.
        InvalidTemplate: It uses fields that the audience has not.
    """
    phone, name = _checked(audience, template)
    lines = [_addressed(no, row, phone, name, rules, facts) for no, row in enumerate(audience.rows, 1)]
    _exclude_duplicates(lines)
    _render(lines, audience, template, rules)
    _exclude(lines, dict.fromkeys(facts.already, Exclusion.ALREADY_SENT))
    _exclude(lines, facts.refused([line.person for line in _left(lines)]))
    if rules.hold_out > 0:
        _exclude(lines, {one.person: Exclusion.HELD_OUT for one in _left(lines) if is_held_out(rules, one.person)})
    if rules.limit is not None:
        _exclude(lines, {one.person: Exclusion.CAP for one in _left(lines)[rules.limit :]})
    absent = facts.absent([line.to for line in _left(lines)])
    _exclude(lines, {one.person: Exclusion.NOT_ON_WHATSAPP for one in _left(lines) if one.to in absent})
    left = _left(lines)
    for line, leaves in zip(left, facts.forecast(left), strict=True):
        line.when, line.excluded, line.detail = leaves.when, leaves.excluded, leaves.detail
    return lines


def is_held_out(rules: Rules, person: str) -> bool:
    """Whether a person is kept back: always the same answer for the same campaign, whoever else is in the audience."""
    drawn = blake2b(f"{rules.campaign}\x1f{person}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") < rules.hold_out * 2**64


def digest_of(lines: Iterable[Line], *about: str) -> str:
    """Return what a plan is known by: who gets which text, and from whom, for what, with which file."""
    hashed = blake2b("\x1f".join(about).encode(), digest_size=16)
    for line in lines:
        if line.excluded is None:
            hashed.update(f"\x1e{line.row}\x1f{line.to}\x1f{line.text}".encode(errors="surrogatepass"))
    return hashed.hexdigest()


def _checked(audience: Audience, template: Template) -> tuple[int, int | None]:
    if not audience.rows:
        raise InvalidAudience("The audience is empty. Give a DataFrame, or a query, with one row for each person.")
    if len(audience.rows) > ROW_LIMIT:
        msg = f"The audience has {len(audience.rows):,} rows; {ROW_LIMIT:,} is the most of one campaign. Divide it."
        raise InvalidAudience(msg, rows=len(audience.rows), limit=ROW_LIMIT)
    short = next((no for no, row in enumerate(audience.rows, 1) if len(row) != len(audience.columns)), None)
    if short is not None:
        msg = f"Row {short} of the audience has another number of values than there are columns."
        raise InvalidAudience(msg, row=short)
    phone = audience.column(audience.phone, PHONE_COLUMNS)
    if phone is None:
        wanted = repr(audience.phone) if audience.phone else f"any of {', '.join(PHONE_COLUMNS)}"
        msg = f"The audience has no column {wanted}; it has {_listed(audience.columns)}. Say which one: phone=…"
        raise InvalidAudience(msg, columns=[str(one) for one in audience.columns[:50]])
    unknown = sorted(template.fields - set(audience.columns))
    if unknown:
        msg = f"The template uses {_listed(unknown)}, which the audience has not; it has {_listed(audience.columns)}."
        raise InvalidTemplate(msg, fields=unknown, columns=[str(one) for one in audience.columns[:50]])
    return phone, audience.column(audience.name, NAME_COLUMNS)


def _listed(names: Iterable[Any]) -> str:
    shown = [str(one)[:64] for one in names]
    return ", ".join(shown[:20]) + (", …" if len(shown) > 20 else "")


def _addressed(no: int, row: Sequence[Any], phone: int, name: int | None, rules: Rules, facts: Facts) -> Line:
    written, called = said(row[phone]), said(row[name]) if name is not None else None
    try:
        to = _address(written, rules.country) if written else None
    except WakitError:
        to = None
    if to is None:
        return Line(no, name=called, excluded=Exclusion.INVALID_NUMBER, detail=(written or "")[:40])
    to = facts.known.get(to) or facts.known.get(key_of(to), to)
    person = key_of(to)
    return Line(no, person, to, called or facts.names.get(person))


def _address(written: str, country: str | None) -> str | None:
    if "@" not in written:
        return f"{phone_number(written, country=country).digits}@{USER_SERVER}"
    jid = recipient(written, country=country)
    return str(jid) if jid.is_phone or jid.is_lid else None


def key_of(address: str) -> str:
    """Return the address that stands for a person: of a phone number, its one spelling."""
    user, _, server = address.partition("@")
    return f"{number_key(user)}@{server}" if server == USER_SERVER else address


def said(value: Any) -> str | None:
    """Return a value of an audience as people write it; nothing where it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():  # a column of numbers with a hole in it
        return str(int(value))
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    return text or None


def _exclude_duplicates(lines: Iterable[Line]) -> None:
    first: dict[str, int] = {}
    for line in lines:
        if line.excluded is None and first.setdefault(line.person, line.row) != line.row:
            line.excluded, line.detail = Exclusion.DUPLICATE, str(first[line.person])


def _render(lines: Sequence[Line], audience: Audience, template: Template, rules: Rules) -> None:
    from wakit.outbox.templates import MissingField  # jinja2 with it: only where a campaign is planned

    used = [(name, audience.columns.index(name)) for name in template.fields]
    for line in _left(lines):
        row = audience.rows[line.row - 1]
        values = {name: _value(row[at]) for name, at in used if said(row[at]) is not None}
        try:
            text = template.render(values).strip()
            size = len(text.encode())
        except MissingField as exc:
            line.excluded, line.detail = Exclusion.MISSING_FIELD, str(exc)[:64]
            continue
        except InvalidTemplate as exc:
            line.excluded, line.detail = Exclusion.BAD_VALUE, exc.message[:200]
            continue
        except UnicodeEncodeError:
            line.excluded, line.detail = Exclusion.BAD_VALUE, "half of a character"
            continue
        if not text and not rules.may_be_empty:
            line.excluded = Exclusion.EMPTY_TEXT
        elif size > TEXT_LIMIT:
            line.excluded, line.detail = Exclusion.TOO_LONG, str(size)
        else:
            line.text = text


def _value(value: Any) -> Any:
    """Return what a template gets: numbers as numbers, so that it may round them, everything else as text."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return (said(value) or "")[:VALUE_LIMIT]


def _left(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.excluded is None]


def _exclude(lines: Iterable[Line], why: Mapping[str, Exclusion]) -> None:
    if why:
        for line in lines:
            if line.excluded is None and line.person in why:
                line.excluded = why[line.person]
