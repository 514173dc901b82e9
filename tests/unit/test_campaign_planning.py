"""Who of an audience gets which text, and why the others do not."""

from __future__ import annotations

from typing import Any

import pytest

from wakit.errors import InvalidAudience, InvalidTemplate
from wakit.outbox.planning import Audience, Exclusion, Facts, Line, Rules, digest_of, plan
from wakit.outbox.templates import Template

COLUMNS = ("telefono", "nombre", "precio")
WORDS = "Hola {{ nombre }}: {{ precio }}"


def planned(*rows: tuple[Any, ...], words: str = WORDS, facts: Facts | None = None, **rules: Any) -> list[Line]:
    """Return the plan of these rows."""
    return plan(
        Audience(columns=COLUMNS, rows=rows), Template(words), Rules(campaign="café", country="CO", **rules), facts or Facts()
    )


@pytest.mark.parametrize(
    ("row", "why", "detail"),
    [
        (("310", "Ana", 1), Exclusion.INVALID_NUMBER, "310"),
        ((None, "Ana", 1), Exclusion.INVALID_NUMBER, ""),
        (("1203@g.us", "Ana", 1), Exclusion.INVALID_NUMBER, "1203@g.us"),
        (("310 765 4321", None, 1), Exclusion.MISSING_FIELD, "nombre"),
        (("310 765 4321", float("nan"), 1), Exclusion.MISSING_FIELD, "nombre"),
        (("310 765 4321", "\ud83d", 1), Exclusion.BAD_VALUE, "half of a character"),
    ],
)
def test_row_that_cannot_be_used_is_excluded_with_its_reason(row: tuple[Any, ...], why: Exclusion, detail: str) -> None:
    """The plan says what is wrong with which row, and the others go on."""
    bad, good = planned(row, ("+57 311 222 3344", "Beto", 2))
    assert (bad.row, bad.excluded, bad.detail) == (1, why, detail)
    assert (good.excluded, good.text) == (None, "Hola Beto: 2")


def test_person_in_two_spellings_is_one() -> None:
    """Mexico's and Argentina's two spellings of a mobile number, and a number that pandas made a float, name one person."""
    rows = [
        ("+52 55 1234 5678", "Ana", 1),
        ("5215512345678@s.whatsapp.net", "Ana", 1),
        (3107654321.0, "B", 1),
        ("+573107654321", "B", 1),
    ]
    assert [(one.excluded, one.detail) for one in planned(*rows)] == [
        (None, ""),
        (Exclusion.DUPLICATE, "1"),
        (None, ""),
        (Exclusion.DUPLICATE, "3"),
    ]


def test_lid_and_number_of_a_person_are_one() -> None:
    """What the store knows of addresses joins them, and the known one is written to."""
    number = "573107654321@s.whatsapp.net"
    lines = planned((number, "Ana", 1), ("101@lid", "Ana", 1), facts=Facts(known={"101@lid": number}))
    assert [line.excluded for line in lines] == [None, Exclusion.DUPLICATE]


def test_text_that_is_empty_or_too_long_is_excluded() -> None:
    """Nobody gets an empty bubble, and nothing is cut."""
    lines = planned(("3107654321", " ", 1), ("3107654322", "x" * 4000, 1), words="{{ nombre | default('') }}")
    assert lines[0].excluded is Exclusion.EMPTY_TEXT
    long = planned(("3107654321", "x" * 4000, 1), words="{{ nombre }}" * 20)
    assert long[0].excluded is Exclusion.TOO_LONG


def test_reasons_of_ledgers_apply_in_their_order() -> None:
    """What was said already, consent, those kept back and the cap each exclude who is left."""
    rows = [(f"31076543{n:02d}", "Ana", 1) for n in range(40)]
    persons = [f"5731076543{n:02d}@s.whatsapp.net" for n in range(40)]
    refused = {persons[1]: Exclusion.NO_CONSENT, persons[2]: Exclusion.OPTED_OUT}
    facts = Facts(already={persons[0]}, refused=lambda _: refused)
    lines = planned(*rows, facts=facts, hold_out=0.3, limit=5)
    assert [line.excluded for line in lines[:3]] == [Exclusion.ALREADY_SENT, Exclusion.NO_CONSENT, Exclusion.OPTED_OUT]
    assert sum(line.excluded is None for line in lines) == 5
    held = {line.person for line in lines if line.excluded is Exclusion.HELD_OUT}
    assert held
    again = planned(*reversed(rows), facts=facts, hold_out=0.3, limit=5)
    assert held == {line.person for line in again if line.excluded is Exclusion.HELD_OUT}


@pytest.mark.parametrize(
    ("audience", "words", "error"),
    [
        (Audience(columns=COLUMNS, rows=[]), WORDS, InvalidAudience),
        (Audience(columns=("nombre",), rows=[("Ana",)]), "Hola", InvalidAudience),
        (Audience(columns=("telefono", "a"), rows=[("1",)]), "Hola", InvalidAudience),
        (Audience(columns=COLUMNS, rows=[("1", "Ana", 1)], phone="cel"), "Hola", InvalidAudience),
        (Audience(columns=COLUMNS, rows=[("1", "Ana", 1)]), "{{ apellido }}", InvalidTemplate),
    ],
)
def test_audience_or_template_that_cannot_be_used_is_refused(audience: Audience, words: str, error: type[Exception]) -> None:
    """Before anything is planned, with what is there and what is missing."""
    with pytest.raises(error):
        plan(audience, Template(words), Rules(campaign="x"), Facts())


@pytest.mark.parametrize(
    "words",
    [
        "{{ nombre.__class__ }}",
        "{{ nombre.ljust(10) }}",
        "{{ nombre * 1000000000 }}",
        "{{ '%99999d' % precio }}",
        "{{ nombre | replace('A', nombre * 9) }}",
        "{{ precio ** 999999 }}",
        "{{ 1 // 0 }}",
    ],
)
def test_template_that_could_run_away_is_stopped(words: str) -> None:
    """A template gets values and little else."""
    (line,) = planned(("3107654321", "Ana", 1), words=words)
    assert line.excluded is Exclusion.BAD_VALUE


@pytest.mark.parametrize("words", ["{{ nombre", "{% for %}", "{{ nombre | center(99) }}", "x" * 20_000])
def test_template_that_cannot_be_read_is_refused(words: str) -> None:
    """With the line, before anybody is looked at."""
    with pytest.raises(InvalidTemplate):
        Template(words)


def test_digest_tells_plans_apart() -> None:
    """Another text for one person is another plan; another excluded row is not."""
    one = planned(("3107654321", "Ana", 1))
    assert digest_of(one) != digest_of(planned(("3107654321", "Ana", 2)))
    assert digest_of(one) == digest_of(planned(("3107654321", "Ana", 1), ("x", "Ana", 1)))
