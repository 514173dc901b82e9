"""What a message of an export is: text, media that was left out or attached, deleted, edited, call, place, poll, notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exports import write

from wakit.importers import read
from wakit.importers.contents import file_kind
from wakit.model import MessageType

LRM, RLM = "\u200e", "\u200f"
T = MessageType


def rows_of(folder: Path, *bodies: str, iphone: bool = False, sender: str = "Ana: ") -> list[dict[str, Any]]:
    """Return the rows of an export with these messages and one plain text before and after."""
    stamp = "[28/3/25, 10:00:0{}] " if iphone else "28/3/25, 10:0{} - "
    texts = [f"{stamp.format(1)}{sender}{body}\n" for body in bodies]
    text = f"{stamp.format(0)}Ana: antes\n{''.join(texts)}{stamp.format(9)}Zoë: después\n"
    with read(write(folder, text)) as export:
        rows = [row for batch in export.batches() for row in batch.to_pylist()]
    assert ("antes", "después") == (rows[0]["text"], rows[-1]["text"])
    return rows[1:-1]


def row_of(folder: Path, body: str, **more: Any) -> dict[str, Any]:
    (row,) = rows_of(folder, body, **more)
    return row


ANDROID = [
    ("<Media omitted>", T.OTHER),
    ("<Multimedia omitido>", T.OTHER),
    ("<Medien ausgeschlossen>", T.OTHER),
    ("<Médias omis>", T.OTHER),
    ("<Mídia oculta>", T.OTHER),
    ("<Media weggelaten>", T.OTHER),
    ("<Без медиафайлов>", T.OTHER),
    ("<Média vynechány>", T.OTHER),
    ("<Media omessi>", T.OTHER),
    ("<Medya dahil edilmedi>", T.OTHER),
    ("<תם>".replace("תם", "המדיה לא נכללה"), T.OTHER),
    ("<تم استبعاد الوسائط>", T.OTHER),
    ("<メディアなし>", T.OTHER),
    ("<省略多媒体文件>", T.OTHER),
    ("Missed voice call", T.CALL),
    ("Llamada perdida", T.CALL),
    ("Videollamada perdida", T.CALL),
    ("Voice call, 2 min", T.CALL),
    ("Пропущенный аудиозвонок", T.CALL),
    ("location: https://maps.google.com/?q=4.6097,-74.0817", T.LOCATION),
    ("ubicación: https://maps.google.com/?q=4.6097,-74.0817", T.LOCATION),
    ("poloha: https://maps.google.com/?q=50.08,14.43", T.LOCATION),
    ("https://maps.google.com/?q=4.6,-74.1", T.LOCATION),
    ("Live location shared", T.LOCATION),
    ("Waiting for this message. This may take a while.", T.UNDECRYPTABLE),
    ("Esperando este mensaje. Esto puede tomar tiempo.", T.UNDECRYPTABLE),
]
IPHONE = [
    ("image omitted", T.IMAGE),
    ("imagen omitida", T.IMAGE),
    ("Bild weggelassen", T.IMAGE),
    ("image absente", T.IMAGE),
    ("画像は含まれていません", T.IMAGE),
    ("Video omitido", T.VIDEO),
    ("GIF omitted", T.VIDEO),
    ("vídeo não revelado", T.VIDEO),
    ("audio omitido", T.AUDIO),
    ("аудиофайл отсутствует", T.AUDIO),
    ("sticker non incluso", T.STICKER),
    ("Tarjeta de contacto omitida", T.CONTACT),
    ("Missed voice call, \u200eTap to call back", T.CALL),
    ("Location: https://maps.google.com/?q=51.5,-0.127", T.LOCATION),
]
FILES = [
    ("IMG-20250330-WA0010.jpg", T.IMAGE),
    ("VID-20250330-WA0001.mp4", T.VIDEO),
    ("PTT-20250330-WA0002.opus", T.VOICE),
    ("AUD-20250330-WA0003.m4a", T.AUDIO),
    ("STK-20250330-WA0004.webp", T.STICKER),
    ("DOC-20250330-WA0005.pdf", T.DOCUMENT),
    ("Cotización final.pdf", T.DOCUMENT),
    ("Ana López.vcf", T.CONTACT),
    ("00000035-PHOTO-2025-03-27-21-41-55.jpg", T.IMAGE),
    ("00000044-STICKER-2025-03-27-21-49-19.webp", T.STICKER),
    ("00000038-AUDIO-2025-03-27-21-44-47.opus", T.VOICE),
    ("00000051-GIF-2025-03-27-21-51-57.mp4", T.VIDEO),
]


@pytest.mark.parametrize(("body", "kind"), ANDROID)
def test_words_of_android_stand_for_what_they_replace(tmp_path: Path, body: str, kind: MessageType) -> None:
    """Left out media, calls, places and messages that could not be read are no texts."""
    row = row_of(tmp_path, body)
    assert (kind, "Ana") == (row["type"], row["sender"])
    assert (row["text"] is None) == (kind in {T.OTHER, T.UNDECRYPTABLE})


@pytest.mark.parametrize("mark", [LRM, RLM, ""])
@pytest.mark.parametrize(("body", "kind"), IPHONE)
def test_words_of_iphones_say_which_kind_it_was(tmp_path: Path, body: str, kind: MessageType, mark: str) -> None:
    """With or without the mark in front, what is left out has its own type."""
    assert kind == row_of(tmp_path, f"{mark}{body}", iphone=True)["type"]


@pytest.mark.parametrize(
    "words", ["file attached", "archivo adjunto", "Datei angehängt", "fichier joint", "файл добавлен", "soubor byl přiložen"]
)
@pytest.mark.parametrize(("name", "kind"), FILES)
def test_files_of_android_have_name_and_kind(tmp_path: Path, name: str, kind: MessageType, words: str) -> None:
    """The line is the attachment; what stands below is its caption."""
    plain, captioned = rows_of(tmp_path, f"{LRM}{name} ({words})", f"{name} ({words})\nmira esto\ny esto")
    assert (kind, name, None) == (plain["type"], plain["attachment"], plain["text"])
    assert (kind, name, "mira esto\ny esto") == (captioned["type"], captioned["attachment"], captioned["text"])


@pytest.mark.parametrize("words", ["attached", "adjunto", "anexado", "Anhang", "pièce jointe ", "вложено"])
@pytest.mark.parametrize(("name", "kind"), FILES)
def test_files_of_iphones_have_name_and_kind(tmp_path: Path, name: str, kind: MessageType, words: str) -> None:
    """In any language the bracket names the file; a document's title before it is not repeated."""
    plain, document = rows_of(tmp_path, f"{LRM}<{words}: {name}>", f"Título • {LRM}2 páginas {LRM}<{words}: {name}>", iphone=True)
    assert (kind, name, None) == (plain["type"], plain["attachment"], plain["text"])
    assert (kind, name) == (document["type"], document["attachment"])


def test_documents_that_an_iphone_left_out_keep_their_name(tmp_path: Path) -> None:
    """Name, pages and words of the phone are told apart."""
    row = row_of(tmp_path, f"Informe anual.pdf • {LRM}12 páginas {LRM}documento omitido", iphone=True)
    assert (T.DOCUMENT, "Informe anual.pdf", None) == (row["type"], row["attachment"], row["text"])


def test_media_left_out_by_android_keep_their_caption(tmp_path: Path) -> None:
    """Only the first line is WhatsApp's."""
    row = row_of(tmp_path, "<Multimedia omitido>\nla factura de marzo")
    assert (T.OTHER, "la factura de marzo") == (row["type"], row["text"])


@pytest.mark.parametrize(
    "body",
    [
        "This message was deleted",
        "You deleted this message.",
        "Se eliminó este mensaje.",
        "Eliminaste este mensaje.",
        "Diese Nachricht wurde gelöscht.",
        "Ce message a été supprimé",
        "Вы удалили данное сообщение",
        "このメッセージは削除されました。",
    ],
)
def test_deleted_messages_are_marked_and_have_no_text(tmp_path: Path, body: str) -> None:
    """Whoever deleted it, what WhatsApp says instead is no text of anybody."""
    for row in (row_of(tmp_path, body), row_of(tmp_path, f"{LRM}{body}", iphone=True)):
        assert (True, None, "Ana") == (row["deleted"], row["text"], row["sender"])


@pytest.mark.parametrize(
    "words", ["This message was edited", "Se editó este mensaje.", "Diese Nachricht wurde bearbeitet.", "Mensagem editada"]
)
def test_edited_messages_are_marked_and_keep_their_text(tmp_path: Path, words: str) -> None:
    """The note behind the text is cut off, the text stays."""
    for row in (
        row_of(tmp_path, f"a las 5\nen punto <{words}>"),
        row_of(tmp_path, f"a las 5\nen punto {LRM}<{words}>", iphone=True),
    ):
        assert (T.TEXT, True, "a las 5\nen punto") == (row["type"], row["edited"], row["text"])


def test_words_of_a_language_that_is_in_no_list_are_found_by_repetition(tmp_path: Path) -> None:
    """A bracketed sentence that stands for whole messages, or behind texts, time and again is WhatsApp's."""
    omitted, edited = "<Meodaì air fhàgail às>", "<Chaidh an teachdaireachd a dheasachadh>"
    rows = rows_of(tmp_path, *[omitted] * 3, *(f"teacsa {number} {edited}" for number in range(3)), "<br> agus <b>")
    assert [T.OTHER] * 3 == [row["type"] for row in rows[:3]]
    assert [(True, f"teacsa {number}") for number in range(3)] == [(row["edited"], row["text"]) for row in rows[3:6]]
    assert (T.TEXT, "<br> agus <b>") == (rows[6]["type"], rows[6]["text"])


@pytest.mark.parametrize(
    "body",
    [
        "<hola>",
        "a < b y c > d",
        "mira (foto adjunta)",
        "informe.pdf (borrador)",
        "llamada perdida la tuya",
        "missed voice calls are the worst",
        "ubicación: por el parque",
        "https://example.com/?q=1",
        "encuesta: ¿sí o no?",
        "image omitted from the report",
        "null",
        "",
        "   ",
        "=1+1",
    ],
)
def test_texts_that_only_look_like_whatsapps_words_stay_texts(tmp_path: Path, body: str) -> None:
    """What somebody typed is kept to the letter."""
    row = row_of(tmp_path, body)
    assert (T.TEXT, body, False, False) == (row["type"], row["text"], row["edited"], row["deleted"])


@pytest.mark.parametrize(
    ("body", "iphone"),
    [
        ("POLL:\n¿Dónde comemos?\nOPTION: Aquí (2 votes)\nOPTION: Allí (1 vote)", False),
        ("ENCUESTA:\n¿Dónde comemos?\nOPCIÓN: Aquí (2 votos)\nOPCIÓN: Allí (1 voto)", False),
        (f"{LRM}POLL:\n¿Dónde comemos?\n{LRM}OPTION: Aquí ({LRM}2 votes)\n{LRM}OPTION: Allí ({LRM}1 vote)", True),
        ("POOLTJE:\n¿Dónde comemos?\nOPTIE: Aquí (2 stemmen)\nOPTIE: Allí (1 stem)", False),
    ],
)
def test_polls_keep_question_and_options(tmp_path: Path, body: str, iphone: bool) -> None:
    """In any language a title and lines with counted votes are a poll."""
    row = row_of(tmp_path, body, iphone=iphone)
    assert T.POLL == row["type"]
    assert row["text"].startswith("¿Dónde comemos?\n")
    assert "Aquí (2 " in row["text"]


def test_notices_without_a_sender_are_whatsapps(tmp_path: Path) -> None:
    """Somebody joined, the subject changed, a call was missed: nobody wrote that."""
    bodies = (
        "Los mensajes y las llamadas están cifrados de extremo a extremo. Toca para obtener más información.",
        "Ana López creó el grupo “Ventas: norte”",
        'Luis changed the subject to "Fotos: verano 2025"',
        "Ana salió del grupo",
        "Missed group video call",
    )
    rows = rows_of(tmp_path, *bodies, sender="")
    assert [T.SYSTEM] * 4 + [T.CALL] == [row["type"] for row in rows]
    assert [None] * 5 == [row["sender"] for row in rows]
    assert list(bodies) == [row["text"] for row in rows]


def test_notices_of_iphones_carry_a_name_and_are_no_messages_of_it(tmp_path: Path) -> None:
    """The group's name stands above WhatsApp's words; it is the chat's name and nobody's."""
    text = (
        f"[28/3/25, 10:00:00] Los Primos: {LRM}Los mensajes y las llamadas están cifrados de extremo a extremo.\n"
        f"[28/3/25, 10:00:01] Los Primos: {LRM}Ana creó este grupo\n"
        "[28/3/25, 10:01:00] Ana: hola\n[28/3/25, 10:01:30] Luis: hola\n[28/3/25, 10:02:00] Zoë: hola\n"
        f"[28/3/25, 10:03:00] Ana: {LRM}Ana añadió a Eva\n"
    )
    with read(write(tmp_path, text, "_chat.txt")) as export:
        rows = [row for batch in export.batches() for row in batch.to_pylist()]
    assert ("Los Primos", True, {"Ana": 2, "Luis": 1, "Zoë": 1}) == (export.chat, export.is_group, export.senders)
    assert ["system", "system", "text", "text", "text", "system"] == [row["type"] for row in rows]
    assert [None, None, "Ana"] == [rows[number]["sender"] for number in (0, 1, 5)]


def test_kinds_of_files_are_told_by_whatsapps_names_first() -> None:
    """A voice note is one whatever its ending; an unknown ending is a document."""
    assert (T.VOICE, T.DOCUMENT, T.IMAGE) == (file_kind("PTT-20250330-WA0002.aac"), file_kind("a.b.xyz"), file_kind("A.JPG"))
