"""The figures about what messages say, against answers that were worked out by hand, and what the store gives for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import log

import pandas as pd
import pytest
from stored import edited, entries, opened, revoked, said, table
from worked import ZONE, Tables, seconds

from wakit.analytics.emojis import candidates, emojis
from wakit.analytics.funnel import attempts, funnel, patterns
from wakit.analytics.links import domains, hosts
from wakit.analytics.mood import lexicon, moods
from wakit.analytics.periods import Period
from wakit.analytics.scope import Scope
from wakit.analytics.terms import spellings, terms
from wakit.analytics.texts import chosen, message_texts
from wakit.errors import InvalidInput
from wakit.model import MessageType
from wakit.paths import Workspace


def texts(written: Iterable[tuple[str | int, str, str]]) -> Tables:
    """Return an engine with texts: who wrote each, when, and what."""
    rows = [
        {
            "account": "tienda",
            "number": number,
            "item": 0,
            "chat": who if isinstance(who, int) else 10,
            "is_group": False,
            "sender": 1 if who == "shop" else who if isinstance(who, int) else 10,
            "written": seconds(when),
            "from_me": who == "shop",
            "text": text,
        }
        for number, (who, when, text) in enumerate(written)
    ]
    return Tables((message_texts(), rows))


def of_today(*written: tuple[str, str]) -> Tables:
    return texts((who, "2026-11-03 10:00:00", text) for who, text in written)


def test_an_emoji_is_what_a_person_sees_as_one() -> None:
    """
    A hand of any colour, a family of three, a flag, a key and a heart, with or without the sign that colours it.

    By hand: four thumbs, of which the shop sent one; two hearts; one family, one flag, one key. A check mark in
    a list and digits that are no keys are none.
    """
    tables = of_today(
        ("customer", "👍🏽👍🏿 son 2 libras, año 2026"),
        ("customer", "❤️ ❤ 👨‍👩‍👧"),
        ("shop", "👍 1️⃣ listo 🇨🇴"),
        ("customer", "ok👍"),
    )
    found = emojis(tables.run(candidates(chosen(Scope()))), "es", top=10)
    assert dict(zip(found.emoji, found.uses, strict=True)) == {"👍": 4, "❤️": 2, "👨‍👩‍👧": 1, "🇨🇴": 1, "1️⃣": 1}
    thumb = found.iloc[0]
    assert (thumb["received"], thumb["sent"], thumb["share"], thumb["meaning"]) == (3, 1, 4 / 9, "pulgar hacia arriba")


def test_a_link_is_counted_for_who_registered_its_domain() -> None:
    """
    By hand: three to cafe.com.co, whatever stands before it and behind; one each to wa.me and to an address; no link is
    in a price, an ellipsis, a sentence without a blank, or a local name.
    """
    tables = of_today(
        ("customer", "mire https://www.cafe.com.co/menu?x=1, o Www.Cafe.com.co."),
        ("shop", "HTTPS://pedidos.cafe.com.co:8080/x y wa.me/573001234567"),
        ("customer", "http://192.168.1.20/foto"),
        ("customer", "vale 3.500... gracias.Chao y/o http://impresora/ 1/2"),
    )
    found = domains(tables.run(hosts(chosen(Scope()))), top=10)
    assert dict(zip(found.domain, found.links, strict=True)) == {"cafe.com.co": 3, "192.168.1.20": 1, "wa.me": 1}
    assert (found.received[0], found.sent[0], found.share[0]) == (2, 1, 3 / 5)


def test_a_term_sets_its_week_apart() -> None:
    """
    By hand: pedido three times, as it is written most, and llegan once, in the first of two weeks; navidad twice in the
    second; café in both. Forms of a word are one; mis and de say nothing; links, codes and addresses are no words.
    """
    first, second = "2026-11-03 10:00:00", "2026-11-10 10:00:00"
    tables = texts(
        [
            ("customer", first, "Mis PEDIDOS llegan"),
            ("customer", first, "pedido, pedido de café ABC123 ana@cafe.co https://cafe.co/pedido"),
            ("customer", second, "café navidad"),
            ("customer", second, "navidad!"),
        ]
    )
    found = terms(tables.run(spellings(chosen(Scope()), by=Period.WEEK, timezone=ZONE, at_least=1)), top=10)
    rare, common = 1 + log(3 / 2), 1.0
    assert list(found.term) == ["pedido", "llegan", "café", "navidad", "café"]
    assert list(found.uses) == [3, 1, 1, 2, 1]
    assert list(found.score) == pytest.approx([(1 + log(3)) * rare, rare, common, (1 + log(2)) * rare, common])


def test_what_is_to_be_ignored_is_ignored_in_any_form() -> None:
    """Pedidos is ignored with pedido; with two uses at least, only what is written so twice is left."""
    tables = of_today(("customer", "pedido café pedidos café"), ("shop", "tostado"))
    counted = tables.run(spellings(chosen(Scope()), by=Period.DAY, timezone=ZONE, at_least=1))
    assert list(terms(counted, top=10, ignore=["Pedido"]).term) == ["café", "tostado"]
    assert list(terms(counted, top=1).term) == ["café"]
    assert list(tables.run(spellings(chosen(Scope()), by=Period.DAY, timezone=ZONE, at_least=2)).piece) == ["café"]


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("¡Me ENCANTÓ el café! 😍", "positive"),
        ("No me gustó nada", "negative"),
        ("pésimo servicio", "negative"),
        ("no hay problema", "positive"),
        ("I don’t like it, not very good", "negative"),
        ("lindo pero llegó roto", "mixed"),  # one each
        ("Buenos días, ¿cuánto vale la libra?", None),  # polite, not pleased
        ("Muy amable, gracias. Feliz noche", None),
    ],
)
def test_a_message_sounds_like_its_words(text: str, sounds: str | None) -> None:
    """Words, signs and negations of both languages; what has none of them is unknown, not neutral."""
    [row] = of_mood(of_today(("customer", text))).itertuples()
    assert {name for name in ("positive", "negative", "mixed") if getattr(row, name)} == ({sounds} if sounds else set())
    assert row.n == (sounds is not None)


def test_moods_of_a_week_are_counted_with_what_is_unknown() -> None:
    """By hand: two of five sound pleased and one displeased, 3 of 5 are known, and the balance is 1/3."""
    tables = of_today(
        *(("customer", "quedó delicioso"), ("customer", "excelente"), ("customer", "llegó dañado")),
        *(("customer", "¿tienen molido?"), ("customer", "dos libras")),
    )
    [row] = of_mood(tables).itertuples()
    assert (row.messages, row.n, row.positive, row.negative, row.mixed) == (5, 3, 2, 1, 0)
    assert (row.known, row.balance) == pytest.approx((3 / 5, 1 / 3))


def test_whoever_sells_something_else_gives_words_of_their_own() -> None:
    """What is added counts, what is worth nothing does not, and an impossible value or word is refused."""
    tables = of_today(("customer", "bien crujiente"), ("customer", "lento"))
    assert list(of_mood(tables, {"Crujiénte": 1, "lento": 0}).positive) == [1]
    assert list(of_mood(tables, {"Crujiénte": 1, "lento": 0}).negative) == [0]
    with pytest.raises(InvalidInput, match="scale"):
        lexicon({"crujiente": 5})
    with pytest.raises(InvalidInput, match="one word"):
        lexicon({"muy crujiente": 1})


def of_mood(tables: Tables, more: Mapping[str, float] | None = None) -> pd.DataFrame:
    return tables.run(moods(chosen(Scope()), lexicon(more), by=Period.WEEK, timezone=ZONE))


STEPS = ("/menu", "pedido", "págar|pago")


def test_people_are_counted_as_far_as_their_best_attempt() -> None:
    """
    By hand: four ask for the menu. 10 only looks on one day, and on the next orders after 5 minutes and pays after 10
    more; 20 orders after 15 minutes and pays on the next day, too late; 30 pays without an order; 40 looks. So 4, 2 and 1, with a
    median of 10 minutes until the order. 50 orders without the menu, and the shop's own words are no steps.
    """
    ways = [
        (10, "2026-11-03 10:00:00", "/Menú por favor"),
        (10, "2026-11-04 10:00:00", "/menu"),
        (10, "2026-11-04 10:05:00", "Un PEDIDO: dos libras"),
        (10, "2026-11-04 10:15:00", "¿cómo hago el pago?"),
        (20, "2026-11-03 11:00:00", " /menu"),
        (20, "2026-11-03 11:15:00", "mi pedido"),
        (20, "2026-11-04 12:00:00", "quiero pagar"),
        (30, "2026-11-03 12:00:00", "/menu"),
        (30, "2026-11-03 12:10:00", "pago"),
        (40, "2026-11-03 13:00:00", "/menu"),
        (40, "2026-11-03 13:05:00", "pedidos anteriores, pagare"),
        (50, "2026-11-03 14:00:00", "el /menu no, un pedido"),
    ]
    tables = texts((who, when, text) for who, when, text in ways)
    found = funnel(tables.run(attempts(chosen(Scope()), patterns(STEPS), within=timedelta(days=1))), STEPS)
    assert list(found.people) == [4, 2, 1]
    assert list(found.share) == [1, 0.5, 0.25]
    assert list(found.of_previous) == [1, 0.5, 0.5]
    assert list(found.p50[1:]) == [10 * 60, 10 * 60]


def test_a_funnel_that_nobody_enters_has_no_steps() -> None:
    """No row rather than zeros, and steps that cannot be are refused."""
    tables = of_today(("customer", "hola"))
    assert funnel(tables.run(attempts(chosen(Scope()), patterns(STEPS), within=timedelta(days=1))), STEPS).empty
    for steps, told in ((["/menu"], "two to"), ("/menu", "two to"), (["/menu", "pagar|"], "empty somewhere")):
        with pytest.raises(InvalidInput, match=told):
            patterns(steps)


def test_the_store_gives_texts_as_they_stand_now(workspace: Workspace) -> None:
    """The newest text of what was edited, captions too, and nothing of what was deleted or is no text."""
    with opened(workspace) as store:
        records = [
            *(said("M1", "hola"), edited("M1", "hola, buenas")),
            *(said("M2", "no debí escribir esto"), revoked("M2")),
            said("M3", "la foto", type=MessageType.IMAGE, from_me=True),
            said("M4", "contrato.pdf", type=MessageType.DOCUMENT),
        ]
        store.drain("default", entries(records))
        found = table(store, "SELECT text, from_me FROM message_texts ORDER BY number")
    assert found == [("hola, buenas", False), ("la foto", True)]
