"""Imported chats in the store: once each, one with what WhatsApp delivered, and taken back without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from exports import write
from stored import ANA, GROUP, ME, Decoded, at, entries, opened, said, table

from wakit.errors import CorruptFile, InvalidInput
from wakit.imported import Imported
from wakit.importers.columns import SCHEMA
from wakit.importers.deliver import import_file
from wakit.model import Chat, MessageType, SessionState, SessionStatus, Source
from wakit.paths import Workspace
from wakit.store import Store
from wakit.store.import_files import LINES

#: The shop's clock shows 10:00 when it is 15:00 in UTC.
TALK = (
    "13/11/26, 09:00 - Ana: para que el orden sea claro",
    "24/11/26, 10:00 - Ana: hola, ¿tienen torta de chocolate?",
    "24/11/26, 10:00 - Luis: sí, claro que tenemos",
    "24/11/26, 10:01 - Ana: ok",
    "24/11/26, 10:01 - Ana: ok",
    "24/11/26, 10:02 - Ana: <Multimedia omitido>",
)
FILE = "WhatsApp Chat with Ana.txt"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an open store in the time zone of the tests."""
    with opened(workspace) as store:
        yield store


def bring(store: Store, folder: Path, *lines: str, name: str = FILE, **more: Any) -> Imported:
    """Import an export with these lines."""
    return import_file(store, write(folder, "".join(f"{line}\n" for line in lines), name), account="default", **more)


def minute(number: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, 15, number, second, tzinfo=UTC)


def delivered(store: Store) -> None:
    """Let WhatsApp deliver most of the talk, with seconds and ids of its own."""
    records = [
        said("L1", "hola, ¿tienen torta de chocolate?", ts=minute(0, 5), push_name="Ana"),
        said("L2", "sí, claro que tenemos", ts=minute(0, 50), from_me=True),
        said("L3", "ok", ts=minute(1, 1)),
        said("L4", None, type=MessageType.IMAGE, ts=minute(2, 10)),
    ]
    store.drain("default", entries(records))


def counts(imported: Imported) -> tuple[int, int, int]:
    return imported.added, imported.merged, imported.repeated


def messages(store: Store) -> list[tuple[Any, ...]]:
    query = "SELECT epoch_us(ts) // 60000000 % 60, sender_name, from_me, type, text, source FROM messages ORDER BY ts, message_id"
    return table(store, query)


def state(store: Store) -> list[Any]:
    """Return everything in the store that an import may touch, but the list of imports itself."""
    tables = ("core.message", "core.change", "core.import_match", "core.import_file", "conversations")
    return [sorted(table(store, f"SELECT * FROM {name}"), key=repr) for name in tables]


def test_an_export_becomes_messages_that_can_be_queried(store: Store, tmp_path: Path) -> None:
    """Text, sender, direction, type and time are those of the file; the source says that it was imported."""
    imported = bring(store, tmp_path, *TALK, "24/11/26, 10:03 - Luis: te la guardo <Se editó este mensaje.>")
    assert (7, (7, 0, 0), "Ana") == (imported.messages, counts(imported), imported.chat_name)
    assert (datetime(2026, 11, 13, 14, tzinfo=UTC), minute(3)) == (imported.first, imported.last)
    assert [
        (0, "Ana", False, "text", "para que el orden sea claro", "import"),
        (0, "Ana", False, "text", "hola, ¿tienen torta de chocolate?", "import"),
        (0, None, True, "text", "sí, claro que tenemos", "import"),
        (1, "Ana", False, "text", "ok", "import"),
        (1, "Ana", False, "text", "ok", "import"),
        (2, "Ana", False, "other", None, "import"),
        (3, None, True, "text", "te la guardo", "import"),
    ] == messages(store)
    assert [(1,)] == table(store, "SELECT count(*) FROM messages WHERE edited_at IS NOT NULL")
    assert [("Ana", 7)] == table(store, "SELECT name, messages FROM conversations")


def test_the_same_file_twice_adds_nothing(store: Store, tmp_path: Path) -> None:
    """The second import is the first one, and says so."""
    first = bring(store, tmp_path, *TALK)
    before = state(store)
    again = bring(store, tmp_path, *TALK, name="WhatsApp Chat with Ana (1).txt")
    assert (first.id, (0, 0, 6)) == (again.id, counts(again))
    assert "imported before" in again.warnings[0]
    assert before == state(store)


def test_a_longer_export_adds_only_its_new_end(store: Store, tmp_path: Path) -> None:
    """Equal lines in one minute are counted, not merged into one."""
    bring(store, tmp_path, *TALK[:4])
    longer = bring(store, tmp_path, *TALK, "24/11/26, 10:09 - Ana: ¿sigue ahí?")
    assert (3, 0, 4) == counts(longer)
    assert 7 == len(messages(store))


def test_an_export_of_another_phone_is_recognised(store: Store, tmp_path: Path) -> None:
    """Ana's iPhone calls people otherwise, shows seconds and has another zone; only what is new is added."""
    bring(store, tmp_path, *TALK[1:5], "24/11/26, 10:05 - Luis: le escribo mañana temprano", date_order="dmy")
    other = (
        "[24/11/26, 16:00:05] Ana María: hola, ¿tienen torta de chocolate?",
        "[24/11/26, 16:00:50] Tortas Luis: sí, claro que tenemos",
        "[24/11/26, 16:01:01] Ana María: ok",
        "[24/11/26, 16:01:02] Ana María: ok",
        "[24/11/26, 16:05:00] Tortas Luis: le escribo mañana temprano",
        "[24/11/26, 16:09:00] Ana María: gracias",
    )
    imported = bring(store, tmp_path, *other, name="x.txt", chat="Ana", tz="Europe/Madrid")
    assert (1, 0, 5) == counts(imported)


def test_lines_that_whatsapp_delivered_are_merged_with_a_confidence(store: Store, tmp_path: Path) -> None:
    """Minute, person and text make a line and a message one; what has no text is less sure."""
    delivered(store)
    imported = bring(store, tmp_path, *TALK)
    assert (2, 4, 0) == counts(imported)
    assert ANA == imported.chat
    found = table(
        store, "SELECT line, message_id, round(confidence, 2) FROM imported_messages WHERE source = 'live' ORDER BY line"
    )
    assert [(2, "L1", 0.95), (3, "L2", 0.95), (4, "L3", 0.95), (6, "L4", 0.6)] == [(a, b, round(c, 2)) for a, b, c in found]
    assert [("ok", "import"), ("ok", "live")] == sorted((row[4], row[5]) for row in messages(store) if row[4] == "ok")


def test_marks_spaces_and_mentions_do_not_keep_messages_apart(store: Store, tmp_path: Path) -> None:
    """An export writes a mention by name and a link with marks; the text is the same."""
    record = said("L1", "@573007654321 mira  esto https://x.co/a", chat=GROUP, sender=ANA, ts=minute(0, 5), push_name="Ana")
    store.drain("default", entries([Chat(account="default", chat=GROUP, name="Ventas", is_group=True), record]))
    lines = (
        "13/11/26, 10:00 - Eva: primero el orden",
        "13/11/26, 10:00 - Luis: sí",
        "24/11/26, 10:00 - Ana: @\u2068Luis Mora\u2069 mira esto \u200ehttps://x.co/a",
    )
    imported = bring(store, tmp_path, *lines, name="WhatsApp Chat with Ventas.txt")
    assert (GROUP, (2, 1, 0)) == (imported.chat, counts(imported))


def test_the_next_minute_is_near_enough_for_a_telling_text(store: Store, tmp_path: Path) -> None:
    """A clock shows when a message came or when it was sent; short texts are no evidence."""
    telling, short = "nos vemos en la panadería de la esquina", "ok"
    store.drain("default", entries([said("L1", telling, ts=minute(0, 59), push_name="Ana"), said("L2", short, ts=minute(4, 59))]))
    imported = bring(store, tmp_path, TALK[0], f"24/11/26, 10:01 - Ana: {telling}", f"24/11/26, 10:05 - Ana: {short}")
    assert (2, 1, 0) == counts(imported)


def test_a_message_that_was_deleted_or_edited_since_is_the_same(store: Store, tmp_path: Path) -> None:
    """The newer export adds what it knows of the message, not a second one."""
    bring(store, tmp_path, *TALK)
    newer = [*TALK]
    newer[1] = "24/11/26, 10:00 - Ana: Se eliminó este mensaje."
    newer[2] = "24/11/26, 10:00 - Luis: sí, de tres leches <Se editó este mensaje.>"
    imported = bring(store, tmp_path, *newer)
    assert (0, 0, 6) == counts(imported)
    shown = table(store, "SELECT text, edited_at IS NOT NULL, revoked_at IS NOT NULL FROM messages ORDER BY ts, message_id")
    assert ("hola, ¿tienen torta de chocolate?", False, True) == shown[1]
    assert ("sí, de tres leches", True, False) == shown[2]
    store.imports.undo(imported.id)
    shown = table(store, "SELECT text, edited_at IS NOT NULL, revoked_at IS NOT NULL FROM messages ORDER BY ts, message_id")
    assert ("hola, ¿tienen torta de chocolate?", False, False) == shown[1]
    assert ("sí, claro que tenemos", False, False) == shown[2]


def test_a_wrong_time_zone_is_noticed(store: Store, tmp_path: Path) -> None:
    """The same texts six hours apart are told, with what to do."""
    texts = [f"un texto bastante largo número {number}" for number in range(5)]
    store.drain("default", entries([said(f"L{n}", text, ts=minute(n, 5), push_name="Ana") for n, text in enumerate(texts)]))
    lines = (f"24/11/26, 10:0{number} - Ana: {text}" for number, text in enumerate(texts))
    imported = bring(store, tmp_path, TALK[0], *lines, tz="Europe/Madrid")
    assert (6, 0, 0) == counts(imported)
    assert "6 hours later" in imported.warnings[0]
    assert "--tz ZONE" in imported.warnings[0]


def test_undoing_leaves_what_was_there_before(store: Store, tmp_path: Path) -> None:
    """After the undo the store is as if the import had never been; only its record says that it was."""
    delivered(store)
    before = state(store)
    imported = bring(store, tmp_path, *TALK, "24/11/26, 10:07 - Ana: IMG-20261124-WA0001.jpg (archivo adjunto)")
    assert [("IMG-20261124-WA0001.jpg", "image/jpeg")] == table(
        store, "SELECT attachment, mimetype FROM imported_messages JOIN messages USING (message_id) WHERE attachment IS NOT NULL"
    )
    undone = store.imports.undo(imported.id)
    assert before == state(store)
    assert undone.undone_at is not None
    assert [] == list((tmp_path / "shop" / "data" / "imports").iterdir())
    assert 3 == counts(bring(store, tmp_path, *TALK, "24/11/26, 10:08 - Ana: otra vez"))[0]


def test_undoing_hands_shared_messages_to_the_other_import(store: Store, tmp_path: Path) -> None:
    """What two exports know stays until both are undone, in either order."""
    first = bring(store, tmp_path, *TALK[:5])
    second = bring(store, tmp_path, *TALK)
    third = bring(store, tmp_path, *TALK, "24/11/26, 10:09 - Ana: ¿sigue ahí?")
    shown = messages(store)
    store.imports.undo(first.id)
    assert shown == messages(store)
    store.imports.undo(second.id)
    assert shown == messages(store)
    assert 7 == table(store, "SELECT count(*) FROM imported_messages WHERE confidence = 1")[0][0]
    store.imports.undo(third.id)
    assert [] == messages(store)


@pytest.mark.parametrize("number", [1, 99])
def test_undoing_twice_or_nothing_is_refused(store: Store, tmp_path: Path, number: int) -> None:
    """The error names the import and where to look."""
    imported = bring(store, tmp_path, *TALK)
    store.imports.undo(imported.id)
    with pytest.raises(InvalidInput, match=rf"import {number}|Import {number}"):
        store.imports.undo(number)


def test_messages_that_whatsapp_delivers_later_take_the_place_of_lines(store: Store, tmp_path: Path) -> None:
    """A history sync after the import: settling leaves one of each, the delivered one."""
    imported = bring(store, tmp_path, *TALK, chat=ANA)
    assert [] == store.imports.settle("default")
    records = [said("H1", "hola, ¿tienen torta de chocolate?", ts=minute(0, 5), source=Source.HISTORY)]
    store.drain("default", [Decoded(seq=1, at=at(0), records=records)])
    assert 7 == len(messages(store))
    assert [imported.id] == store.imports.settle("default")
    assert 6 == len(messages(store))
    assert (5, 1, 0) == counts(store.imports.get(imported.id))
    assert [] == store.imports.settle("default")


def test_a_chat_that_was_only_a_name_finds_its_person(store: Store, tmp_path: Path) -> None:
    """Once the phone's address book is known, the import moves to the person it is about."""
    imported = bring(store, tmp_path, *TALK)
    assert imported.chat.endswith("@export")
    store.drain("default", entries([Chat(account="default", chat=ANA, name="Ana")]))
    assert [imported.id] == store.imports.settle("default")
    assert ANA == store.imports.get(imported.id).chat
    assert [(ANA, 6)] == table(store, "SELECT chat, messages FROM conversations")


def test_the_database_is_made_again_with_its_imports(workspace: Workspace, tmp_path: Path) -> None:
    """Kept files and journals give the same rows: nothing that was imported lives in the database alone."""
    with opened(workspace) as store:
        delivered(store)
        bring(store, tmp_path, *TALK)
        gone = bring(store, tmp_path, "14/11/26, 09:00 - Eva: hola", name="WhatsApp Chat with Eva.txt")
        bring(store, tmp_path, *TALK, "24/11/26, 10:09 - Ana: ¿sigue ahí?")
        store.imports.undo(gone.id)
        before = (messages(store), table(store, "SELECT id, added, merged, repeated FROM imports WHERE undone_at IS NULL"))
    workspace.database.unlink()
    workspace.keys.unlink()
    with opened(workspace) as store:
        delivered(store)
        assert [1, 3] == store.imports.replay()
        assert before == (messages(store), table(store, "SELECT id, added, merged, repeated FROM imports"))
        assert [] == store.imports.replay()


def test_an_import_that_a_crash_interrupted_is_all_or_nothing(workspace: Workspace, tmp_path: Path) -> None:
    """A file that was written before the database knew of it goes; one that it knows stays."""
    folder = workspace.data / "imports"
    with opened(workspace) as store:
        kept = bring(store, tmp_path, *TALK)
    (folder / f"{kept.id:06}.arrow").rename(folder / f"{kept.id:06}.part")
    (folder / "000007.part").write_bytes(b"half an import")
    (folder / "000007.part").chmod(0o600)
    with opened(workspace) as store:
        assert [f"{kept.id:06}.arrow"] == [path.name for path in folder.iterdir()]
        assert 6 == len(messages(store))


def test_a_failure_in_the_middle_imports_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row, no address and no file is left, and the next import works."""
    before = state(store)
    monkeypatch.setattr("wakit.store.import_media.FILES", "SELECT * FROM nowhere")
    with pytest.raises(Exception, match="nowhere"):
        bring(store, tmp_path, *TALK)
    assert before == state(store)
    assert [] == list((tmp_path / "shop" / "data" / "imports").iterdir())
    monkeypatch.undo()
    assert 6 == bring(store, tmp_path, *TALK).added


def test_kept_files_are_private_and_damage_is_named(workspace: Workspace, tmp_path: Path) -> None:
    """Conversations of other people are readable by their owner only; a damaged file says which import it was."""
    with opened(workspace) as store:
        imported = bring(store, tmp_path, *TALK)
        path = workspace.data / "imports" / f"{imported.id:06}.arrow"
        assert (0o600, 0o700) == (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)
        path.write_bytes(path.read_bytes()[:200])
        store.drain("default", entries([Chat(account="default", chat=ANA, name="Ana")]))
        with pytest.raises(CorruptFile, match=rf"undo import {imported.id}"):
            store.imports.settle("default")


def test_who_we_are_is_told_by_our_name_by_the_chat_or_by_the_caller(store: Store, tmp_path: Path) -> None:
    """The account's own messages are its own, in a group as well."""
    status = SessionStatus(account="default", state=SessionState.CONNECTED, since=at(0), device=ME, push_name="Tortas Luis")
    store.drain("default", entries([status]))
    group = ("13/11/26, 09:00 - Eva: a", "13/11/26, 09:01 - Tortas Luis: b", "13/11/26, 09:02 - Zoë: c")
    bring(store, tmp_path, *group, name="WhatsApp Chat with Ventas.txt")
    assert [(False,), (True,), (False,)] == table(store, "SELECT from_me FROM messages ORDER BY ts")
    bring(store, tmp_path, *(line.replace("/11/", "/10/") for line in group), name="WhatsApp Chat with Otro.txt", me="Zoë")
    assert [(False,), (False,), (True,)] == table(store, "SELECT from_me FROM messages WHERE month(ts) = 10 ORDER BY ts")
    with pytest.raises(InvalidInput, match=r"Nobody in .* 'Eva', "):
        bring(store, tmp_path, *group, name="x.txt", me="Pedro")


def test_strangers_have_their_number_and_others_their_name(store: Store, tmp_path: Path) -> None:
    """A phone number is somebody's address; a name stands for itself until somebody has it."""
    lines = ("13/11/26, 09:00 - +57 300 765 4321: a", "13/11/26, 09:01 - Eva: b", "13/11/26, 09:02 - Zoë: c")
    bring(store, tmp_path, *lines, name="WhatsApp Chat with Ventas.txt")
    shown = table(store, "SELECT sender, sender_name, is_group FROM messages ORDER BY ts")
    assert ("573007654321@s.whatsapp.net", "+573007654321", True) == shown[0]
    assert ("Eva", True) == shown[1][1:]


def test_two_chats_of_one_name_are_asked_for(store: Store, tmp_path: Path) -> None:
    """The error lists their numbers; a number decides."""
    other = "573005550000@s.whatsapp.net"
    store.drain("default", entries([Chat(account="default", chat=jid, name="Ana") for jid in (ANA, other)]))
    with pytest.raises(InvalidInput, match=r"2 chats are called 'Ana'.*--chat"):
        bring(store, tmp_path, *TALK)
    assert ANA == bring(store, tmp_path, *TALK, chat="+57 300 123 4567").chat


def test_imports_are_listed_in_order(store: Store, tmp_path: Path) -> None:
    """Undone ones are listed as well, with when."""
    first = bring(store, tmp_path, *TALK)
    second = bring(store, tmp_path, "14/11/26, 09:00 - Eva: hola", name="WhatsApp Chat with Eva.txt")
    store.imports.undo(first.id)
    assert [(first.id, False), (second.id, True)] == [(one.id, one.undone_at is None) for one in store.imports.all("default")]
    assert [] == store.imports.all("otra")


def test_messages_of_tomorrow_are_suspect(store: Store, tmp_path: Path) -> None:
    """A clock that runs ahead is marked as such."""
    later = datetime.now(UTC) + timedelta(days=40)
    bring(store, tmp_path, TALK[0].replace("/26", f"/{later:%y}"), f"{later:%d/%m/%y}, 10:00 - Ana: futuro", date_order="dmy")
    assert [(True,)] == table(store, "SELECT clock_suspect FROM messages WHERE text = 'futuro'")


def test_parser_and_store_agree_on_the_columns() -> None:
    """What the one gives is what the other takes."""
    assert SCHEMA.equals(LINES)
