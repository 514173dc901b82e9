"""Files of messages on disk: named by their hash, private, whole or not there, never where a sender says."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from wakit.errors import MediaFailed, StorageFull, WorkspaceNotWritable
from wakit.model import MediaStatus
from wakit.session.media_files import MediaFiles

DATA = b"torta de chocolate" * 1000
DIGEST = sha256(DATA).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> MediaFiles:
    return MediaFiles(tmp_path / "media")


def on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_a_file_lies_under_its_hash_and_is_private(files: MediaFiles, tmp_path: Path) -> None:
    """Its name is what is in it, so it is stored once however often it comes; nobody else can read it."""
    for _ in range(2):
        stored = files.write([DATA[:100], DATA[100:]], len(DATA), DIGEST)
        assert (DIGEST, len(DATA)) == (stored.sha256, stored.size)
    path = files.path(DIGEST)
    assert [path] == on_disk(tmp_path)
    assert (DATA, 0o600) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert {0o700} == {stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)}
    assert stored == files.find(DIGEST)
    assert files.find("0" * 64) is None


@pytest.mark.parametrize(
    ("limit", "expected", "status"),
    [(len(DATA) - 1, None, MediaStatus.TOO_LARGE), (len(DATA), "0" * 64, MediaStatus.REFUSED)],
)
def test_what_is_too_large_or_another_file_leaves_nothing(
    files: MediaFiles, tmp_path: Path, limit: int, expected: str | None, status: MediaStatus
) -> None:
    """Bytes are counted and hashed as they come; the error says which it was."""
    with pytest.raises(MediaFailed) as caught:
        files.write([DATA], limit, expected)
    assert status == caught.value.data["status"]
    assert [] == on_disk(tmp_path)


def test_counting_stops_at_the_limit(files: MediaFiles) -> None:
    """An endless file ends with the first block that is too much."""
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(1000)

    with pytest.raises(MediaFailed):
        files.write(endless(), 5000)
    assert 6 == len(read)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 62 + "/x"])
def test_nothing_but_a_hash_becomes_a_path(files: MediaFiles, name: str) -> None:
    """Whatever a sender calls a file, it is neither looked for nor written there."""
    with pytest.raises(ValueError, match="SHA-256"):
        files.path(name)
    assert files.find(name) is None


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, StorageFull), (errno.EACCES, WorkspaceNotWritable)])
def test_a_disk_that_takes_no_more_is_a_typed_error(
    files: MediaFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    """Nothing is left of the file, and a later one is stored."""

    def full(fd: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(error):
            files.write([DATA], len(DATA))
    assert [] == on_disk(tmp_path)
    assert files.write([DATA], len(DATA)).size == len(DATA)


def test_the_last_room_of_the_disk_is_left_to_messages(files: MediaFiles) -> None:
    """A file that would fill the disk is refused before it is fetched."""
    files.require_room(1)
    with pytest.raises(StorageFull):
        files.require_room(2**60)


def test_what_a_killed_process_left_half_written_is_removed(files: MediaFiles, tmp_path: Path) -> None:
    """Whole files stay."""
    files.write([DATA], len(DATA))
    (tmp_path / "media" / ".part-abc").write_bytes(b"half")
    files.clean()
    assert [files.path(DIGEST)] == on_disk(tmp_path)
