"""Who wrote what: names are taken as they are, however hostile, and sentences of WhatsApp's are nobody's."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from exports import START, Line, Phone, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wakit.importers import Export, inspect, read
from wakit.importers.columns import _WORDS
from wakit.importers.parsed import name_in


def parsed(folder: Path, text: str, name: str = "chat.txt") -> tuple[Export, list[dict[str, Any]]]:
    with read(write(folder, text, name), date_order="dmy", tz="UTC") as export:
        return export, [row for batch in export.batches() for row in batch.to_pylist()]


def lines_by(*senders: str, text: str = "hola") -> str:
    return "".join(f"28/3/25, 10:{number:02} - {sender}: {text}\n" for number, sender in enumerate(senders))


def test_names_are_cleaned_of_marks_and_tildes(tmp_path: Path) -> None:
    """One person under several spellings of the phone is one sender; a tilde says whose choice the name was."""
    export, _ = parsed(tmp_path, lines_by("~ Ana", "~\u202fAna", "\u200eAna", "\u202a+57 300 123 4567\u202c", "+57 300 123 4567"))
    assert {"Ana": 3, "+57 300 123 4567": 2} == export.senders
    assert frozenset({"Ana"}) == export.own_names


def test_subjects_with_a_colon_make_nobody_a_sender(tmp_path: Path) -> None:
    """A colon inside quotation marks belongs to what is quoted."""
    notices = (
        'Ana changed the subject to "Fotos: verano"',
        "Luis cambió el asunto a “Viaje: Cali”",
        "Eva a créé « Fête : mai: soir »",
    )
    text = lines_by("Ana", "Luis") + "".join(f"28/3/25, 11:0{number} - {one}\n" for number, one in enumerate(notices))
    export, rows = parsed(tmp_path, text)
    assert {"Ana": 1, "Luis": 1} == export.senders
    assert [(None, "system", notice) for notice in notices] == [(row["sender"], row["type"], row["text"]) for row in rows[2:]]


def test_nicknames_in_quotation_marks_are_names(tmp_path: Path) -> None:
    """Marks that are closed before the colon say nothing against a name."""
    export, _ = parsed(tmp_path, lines_by('Juan "Pepe" Ruiz', "Eva «la jefa»"))
    assert {'Juan "Pepe" Ruiz': 1, "Eva «la jefa»": 1} == export.senders


def test_a_name_with_a_colon_is_whole_where_the_file_bears_it_out(tmp_path: Path) -> None:
    """The chat's name says that the name goes on behind the colon."""
    text = lines_by("Dr: House", "Ana", "Dr: House", text="hola")
    export, rows = parsed(tmp_path, text, "WhatsApp Chat with Dr: House.txt")
    assert ({"Dr: House": 2, "Ana": 1}, "Dr: House") == (export.senders, export.chat)
    assert ["hola"] * 3 == [row["text"] for row in rows]


def test_a_bot_that_always_begins_alike_keeps_its_name(tmp_path: Path) -> None:
    """Without evidence a name ends at its first colon, and the person is told."""
    export, rows = parsed(tmp_path, lines_by(*["Bot"] * 6, text="Pedido: nuevo"))
    assert {"Bot": 6} == export.senders
    assert "Pedido: nuevo" == rows[0]["text"]
    assert "'Bot' begin with 'Pedido'" in export.warnings[0]


def test_chat_name_comes_from_the_name_of_the_file() -> None:
    """Every language of WhatsApp has its own words for it; copies and zips do not matter."""
    for file, expected in {
        "WhatsApp Chat with Ana López.txt": "Ana López",
        "WhatsApp Chat - Los Primos.zip": "Los Primos",
        "Chat de WhatsApp con Ana.txt": "Ana",
        "Chat de WhatsApp con Ana (2).txt": "Ana",
        "WhatsApp_Chat_with_Ana_López.txt": "Ana López",
        "Conversa do WhatsApp com Zé.txt": "Zé",
        "WhatsApp Chat mit Jürgen.txt": "Jürgen",
        "Discussion WhatsApp avec Zoë.txt": "Zoë",
        "Чат WhatsApp с контактом Иван.txt": "Иван",
        "WhatsApp Chat with Ventas (norte).txt": "Ventas (norte)",
        "_chat.txt": None,
        "notas.txt": None,
    }.items():
        assert expected == name_in(file), file


def test_inspect_counts_messages_by_sender(tmp_path: Path) -> None:
    """The most talkative comes first."""
    found = inspect(write(tmp_path, lines_by("Ana", "Luis", "Ana", "+57 300 123 4567")))
    assert [("Ana", 2), ("Luis", 1), ("+57 300 123 4567", 1)] == list(found.senders.items())
    assert (4, True) == (found.count, found.is_group)


def test_messages_are_records_with_changes_behind_them(tmp_path: Path) -> None:
    """Small uses get ``Message`` records: own ones are marked, edits and revokes follow what they change."""
    text = lines_by("Ana", "Luis") + (
        "28/3/25, 11:00 - Luis: a las 5 <Se editó este mensaje.>\n28/3/25, 11:01 - Ana: Se eliminó este mensaje.\n"
    )
    with read(write(tmp_path, text, "WhatsApp Chat with Ana.txt"), tz="UTC") as export:
        records = list(export.messages("tienda", me="Luis"))
    ids = [record.message_id for record in records]
    assert ["text", "text", "text", "edit", "other", "revoke"] == [record.type for record in records]
    assert [None, None, None, ids[2], None, ids[4]] == [record.target_id for record in records]
    assert [False, True, True, True, False, False] == [record.from_me for record in records]
    assert {("tienda", "import", records[0].chat)} == {(record.account, record.source, record.chat) for record in records}
    assert len(set(ids)) == len(ids)


#: Anything a phone lets people type into a name, but for the colon and the line break that end it.
names = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=':"“”«»„「」『』‹›~\u2028\u2029'),
    min_size=1,
    max_size=25,
).filter(lambda name: name == " ".join(name.split()) and name.isprintable())
texts = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="<>()\u2028\u2029"), min_size=1, max_size=60
)
#: Who types what WhatsApp writes in place of messages cannot be told from it.
bodies = (
    st.lists(texts, min_size=1, max_size=4)
    .map("\n".join)
    .filter(lambda text: text == text.strip() and not text.casefold().startswith(tuple(_WORDS)))
)
phones = st.builds(
    Phone,
    order=st.sampled_from(["dmy", "ymd"]),
    long_year=st.just(True),
    layout=st.sampled_from(["dash", "brackets"]),
    seconds=st.booleans(),
    halves=st.sampled_from([None, (" a. m.", " p. m.")]),
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    people=st.lists(names, min_size=1, max_size=4, unique_by=str.casefold),
    said=st.lists(bodies, min_size=4, max_size=12),
    phone=phones,
)
def test_any_names_and_any_texts_come_back_as_they_were(people: list[str], said: list[str], phone: Phone) -> None:
    """Every message keeps its sender and its text to the letter, whatever either of them holds."""
    lines = [Line(START + timedelta(hours=7 * number), people[number % len(people)], text) for number, text in enumerate(said)]
    with tempfile.TemporaryDirectory() as folder:
        _, rows = parsed(Path(folder), phone.text(lines)) if phone.order == "dmy" else _ymd(Path(folder), phone.text(lines))
    assert [(line.sender, line.text) for line in lines] == [(row["sender"], row["text"]) for row in rows]


def _ymd(folder: Path, text: str) -> tuple[Export, list[dict[str, Any]]]:
    with read(write(folder, text), tz="UTC") as export:
        return export, [row for batch in export.batches() for row in batch.to_pylist()]
