"""Pseudonyms: what people are called in what is saved and travels."""

from __future__ import annotations

import pandas as pd
import pytest

from wakit.analytics.pseudonyms import Pseudonyms

LUZ, SHOP, GROUP = "573001234567@s.whatsapp.net", "573009876543@s.whatsapp.net", "120363041234567890@g.us"
KNOWN = ((LUZ, "Luz Marina"), (SHOP, "Café Andino"), (GROUP, "Vecinos del Poblado"))


def pseudonyms(key: bytes = b"k" * 32) -> Pseudonyms:
    return Pseudonyms(key, lambda: KNOWN, "es")


def test_one_person_has_one_pseudonym_in_each_workspace() -> None:
    """By address, number or name, today and tomorrow; with another key, another one."""
    ours = pseudonyms()
    called = {ours.of(LUZ), ours.of("+57 300 123 4567"), ours.of("Luz Marina"), pseudonyms().of(LUZ)}
    assert len(called) == 1
    assert called.pop().startswith("Contacto ")
    assert ours.of(LUZ) not in (ours.of(SHOP), pseudonyms(b"x" * 32).of(LUZ))
    assert ours.of(GROUP).startswith("Grupo ")


@pytest.mark.parametrize("column", ["chat_name", "sender_name", "name", "push_name", "quien"])
def test_nobody_is_named_in_a_frame(column: str) -> None:
    """Addresses and names become pseudonyms, the same in both columns; a column of unknown name is veiled like a text."""
    frame = pd.DataFrame(
        {"chat": [LUZ, GROUP], "sender": [LUZ, LUZ], "jid": [LUZ, LUZ], column: ["Luz Marina", None], "n": [3, 4]}
    )
    veiled = pseudonyms().frame(frame)
    assert [secret for secret in ("300", "Luz", "Marina", "1203630", "whatsapp") if secret in veiled.to_csv()] == []
    assert list(veiled.n) == [3, 4]
    assert veiled.chat[0] == veiled.sender[1] == pseudonyms().of(LUZ)
    if column != "quien":
        assert veiled[column][0] == veiled.chat[0]
    assert frame.chat[0] == LUZ


def test_a_name_of_no_person_stays() -> None:
    """Campaigns and reports have names as well; what stands in them is read as a text."""
    frame = pd.DataFrame({"name": ["novedades de Luz", "ventas"], "recipients": [3, 4]})
    assert list(pseudonyms().frame(frame)["name"]) == ["novedades de ▒▒▒", "ventas"]


def test_texts_keep_their_words() -> None:
    """Names that are known, numbers and mail addresses are veiled; what is no name stays, whatever it resembles."""
    said = "Hola Luz, soy Marina: llámeme al +57 300 123 4567 o a luz@cafe.co. La luz del poblado se fue."
    assert pseudonyms().text(said) == "Hola ▒▒▒, soy ▒▒▒: llámeme al +57 ······67 o a ▒▒▒. La luz del poblado se fue."


def test_lists_and_instants_in_a_frame() -> None:
    """Values that are no texts are kept where they cannot name anybody, and read as texts where they can."""
    at = pd.Timestamp("2026-11-03 10:00", tz="UTC")
    frame = pd.DataFrame({"mentions": [[LUZ], None], "ts": [at, at], "from_me": [True, False], "share": [0.5, None]})
    veiled = pseudonyms().frame(frame)
    assert LUZ not in str(veiled.mentions[0])
    assert list(veiled.ts) == [at, at]
    assert list(veiled.from_me) == [True, False]
