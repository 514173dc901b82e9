"""The files of an export: in the same store as those of messages, found by the same view, and gone with the undo."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from exports import pack, write
from stored import ANA, entries, opened, said, table

from wakit.clock import SystemClock
from wakit.errors import InvalidInput
from wakit.imported import Imported
from wakit.importers import attachments, source
from wakit.importers.deliver import import_file
from wakit.model import Media, MessageType
from wakit.outbox import Outbox
from wakit.outgoing import File, Text
from wakit.paths import Workspace
from wakit.session.media_files import MediaFiles
from wakit.store import Store

PHOTO, NOTE, BILL = b"\xff\xd8\xff" + os.urandom(5000), b"OggS" + os.urandom(900), b"%PDF-1.7 factura"
TALK = (
    "13/11/26, 09:00 - Ana: IMG-20261113-WA0001.jpg (archivo adjunto)\nmi torta",
    "24/11/26, 10:00 - Luis: PTT-20261124-WA0002.opus (archivo adjunto)",
    "24/11/26, 10:01 - Ana: VID-20261124-WA0003.mp4 (archivo adjunto)",
    "24/11/26, 10:02 - Ana: hola",
)
TEXT = "".join(f"{line}\n" for line in TALK).encode()
NAME = "Chat de WhatsApp con Ana.txt"
FILES = {"IMG-20261113-WA0001.jpg": PHOTO, "PTT-20261124-WA0002.opus": NOTE}


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def bring(store: Store, folder: Path, files: dict[str, bytes], text: bytes = TEXT) -> Imported:
    """Import a zip with these files."""
    return import_file(store, pack(folder, "chat.zip", {NAME: text} | files), account="default")


def shown(store: Store) -> list[tuple[Any, ...]]:
    return table(store, "SELECT file_name, status, size, reason FROM media ORDER BY file_name")


def on_disk(workspace: Workspace) -> set[bytes]:
    return {path.read_bytes() for path in workspace.media.rglob("*") if path.is_file()}


def test_files_of_a_zip_are_found_by_the_view_and_by_their_message(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    """Each lies under its hash; one that the export names and does not have is said so; files nobody sent are left."""
    assert () == bring(store, tmp_path, {**FILES, "folder/otro.jpg": b"nobody names it"}).warnings
    assert [
        ("IMG-20261113-WA0001.jpg", "stored", len(PHOTO), None),
        ("PTT-20261124-WA0002.opus", "stored", len(NOTE), None),
        ("VID-20261124-WA0003.mp4", "failed", None, "not in the export"),
    ] == shown(store)
    assert {PHOTO, NOTE} == on_disk(workspace)
    ((message_id, path),) = table(store, "SELECT message_id, path FROM media WHERE type = 'image'")
    assert PHOTO == (workspace.data / path).read_bytes()
    found = store.media.find("default", message_id, None)
    assert (sha256(PHOTO).hexdigest(), "image/jpeg") == (found.sha256, found.mimetype)


def test_undo_takes_the_files_that_nobody_else_has(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    """A file that another import brought as well stays with that; nothing else is left."""
    first = bring(store, tmp_path, FILES)
    other = TEXT.replace(b"Ana", b"Eva").replace(b"hola", b"chao")
    second = import_file(
        store, pack(tmp_path, "eva.zip", {"Chat de WhatsApp con Eva.txt": other, **dict([*FILES.items()][:1])}), account="default"
    )
    store.imports.undo(first.id)
    assert {PHOTO} == on_disk(workspace)
    assert [("stored",), ("failed",), ("failed",)] == table(store, "SELECT status FROM media ORDER BY file_name")
    store.imports.undo(second.id)
    assert (set(), []) == (on_disk(workspace), shown(store))


def test_undo_leaves_a_file_that_is_on_its_way_out(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    """Files that are sent lie in the same place: a queued message does not lose its picture to an undo."""
    imported = bring(store, tmp_path, FILES)
    digest = sha256(PHOTO).hexdigest()
    outbox = Outbox(tmp_path / "outbox.db", SystemClock())
    store.media.held_by(outbox.names_file)
    outbox.add("default", ANA, File(kind="image", sha256=digest))
    outbox.add("default", ANA, Text(text=sha256(NOTE).hexdigest()))
    store.imports.undo(imported.id)
    outbox.close()
    assert {PHOTO} == on_disk(workspace)


def test_a_zip_after_its_text_brings_the_files(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    """The same chat was imported without media: its messages get them, once, and keep them in a rebuilt database."""
    imported = import_file(store, write(tmp_path, TEXT, NAME), account="default")
    assert {("failed", "not in the export")} == {row[1::2] for row in shown(store)}
    again = bring(store, tmp_path, FILES)
    assert (imported.id, 0) == (again.id, again.added)
    assert "2 of its files were added" in again.warnings[-1]
    assert ["stored", "stored", "failed"] == [row[1] for row in shown(store)]
    assert "nothing was added" in bring(store, tmp_path, FILES).warnings[-1]
    before = shown(store)
    store.close()
    workspace.database.unlink()
    with opened(workspace) as rebuilt:
        rebuilt.imports.replay()
        assert before == shown(rebuilt)


def test_a_longer_export_with_media_gives_them_to_messages_that_were_here(store: Store, tmp_path: Path) -> None:
    """Lines of an import that came without files get those of the next one, whoever brought the message."""
    import_file(store, write(tmp_path, TEXT, NAME), account="default")
    longer = bring(store, tmp_path, FILES, TEXT + b"25/11/26, 10:00 - Ana: gracias\n")
    assert (1, 4) == (longer.added, longer.repeated)
    assert ["stored", "stored", "failed"] == [row[1] for row in shown(store)]
    store.imports.undo(1)
    assert ["stored", "stored", "failed"] == [row[1] for row in shown(store)]


def test_a_delivered_message_whose_file_an_export_brought_is_stored(store: Store, tmp_path: Path) -> None:
    """The hash tells: another picture of the same minute is not taken for it."""
    about = {"type": MessageType.IMAGE, "mimetype": "image/jpeg", "ts": said().ts}
    mine = said("L1", None, media=Media(size=1, sha256=sha256(PHOTO).hexdigest()), **about)
    other = said("L2", None, media=Media(size=2, sha256="ab" * 32), **about)
    store.drain("default", entries([mine, other]))
    imported = bring(store, tmp_path, FILES)
    query = "SELECT message_id, status FROM media WHERE source = 'live' ORDER BY message_id"
    assert [("L1", "stored"), ("L2", "pending")] == table(store, query)
    store.imports.undo(imported.id)
    assert [("L1", "pending"), ("L2", "pending")] == table(store, query)


def test_files_that_cannot_be_kept_do_not_keep_the_chat_out(
    store: Store, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large, damaged, packed in a strange way, no room: each says so in the view, the messages are in, the warning counts."""
    names = [f"IMG-20261124-WA000{number}.jpg" for number in range(4)]
    text = "".join(f"24/11/26, 10:0{n} - Ana: {name} (archivo adjunto)\n" for n, name in enumerate(names)) + TALK[3] + "\n"
    path = pack(tmp_path, "chat.zip", {NAME: text.encode(), names[0]: os.urandom(4000), names[1]: os.urandom(50)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(names[2], b"bzip", zipfile.ZIP_BZIP2)
        archive.writestr(names[3], b"good")
    data = bytearray(path.read_bytes())
    data[data.index(names[1].encode()) + len(names[1]) + 10] ^= 0xFF
    path.write_bytes(data)
    monkeypatch.setattr("wakit.importers.deliver.settings", lambda: store._settings.model_copy(update={"media_limit": 1000}))
    imported = import_file(store, path, account="default", date_order="dmy", tz="America/Bogota")
    assert 5 == imported.messages
    assert "3 of 4 files were not kept (2 refused, 1 too_large)" in imported.warnings[-1]
    found = {row[0]: (row[1], row[3]) for row in shown(store)}
    assert ["too_large", "refused", "refused", "stored"] == [found[name][0] for name in names]
    assert "damaged in the zip" in found[names[1]][1]
    assert {b"good"} == on_disk(workspace)


def test_a_zip_bomb_is_cut_where_no_export_goes(
    store: Store, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files together may unpack to so much; what is behind that is refused."""
    monkeypatch.setattr(attachments, "RATIO_FREE", 3 * 2**20)
    monkeypatch.setattr(attachments, "RATIO_LIMIT", 1)
    names = [f"IMG-20261124-WA000{number}.jpg" for number in range(5)]
    text = "".join(f"24/11/26, 10:0{n} - Ana: {name} (archivo adjunto)\n" for n, name in enumerate(names)) + TALK[0] + "\n"
    bring(store, tmp_path, {name: bytes(2**20) + bytes([n]) for n, name in enumerate(names)}, text.encode())
    states = [row[1] for row in shown(store) if row[0] in names]
    assert ["stored", "stored", "refused", "refused", "refused"] == states
    assert sum(map(len, on_disk(workspace))) < 3 * 2**20


def test_a_full_disk_is_a_status_and_the_next_import_retries(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages need little room and files need much: the chat is in, and importing the zip again brings the rest."""
    with monkeypatch.context() as full:
        full.setattr("wakit.session.media_files._ROOM_LEFT", 2**60)
        assert "2 failed" in bring(store, tmp_path, FILES).warnings[-1]
    assert {"storage-full"} == {row[3] for row in shown(store)[:2]}
    bring(store, tmp_path, FILES)
    assert ["stored", "stored", "failed"] == [row[1] for row in shown(store)]


def test_an_import_that_fails_leaves_no_file(
    store: Store, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was unpacked for it goes; what others have stays."""

    def fails(*_: object) -> None:
        raise InvalidInput("two chats have that name")

    monkeypatch.setattr(store.imports, "_apply", fails)
    with pytest.raises(InvalidInput):
        bring(store, tmp_path, FILES)
    assert set() == on_disk(workspace)


def test_the_chat_itself_must_be_packed_so_that_a_bomb_is_seen(tmp_path: Path) -> None:
    """Other ways of packing unpack a megabyte at once to any size."""
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(NAME, TEXT)
    with pytest.raises(InvalidInput, match="packed in a way"):
        source.open_source(path)


def test_hostile_names_in_a_zip_are_only_compared(store: Store, workspace: Workspace, tmp_path: Path) -> None:
    """A member that climbs out of its folder is what a message named, or nothing; its bytes lie under their hash."""
    bring(store, tmp_path, {"../../../IMG-20261113-WA0001.jpg": PHOTO, "/etc/PTT-20261124-WA0002.opus": NOTE})
    assert {PHOTO, NOTE} == on_disk(workspace)
    assert MediaFiles(workspace.media).find(sha256(PHOTO).hexdigest()) is not None
    assert not list(tmp_path.parent.glob("*.jpg"))
