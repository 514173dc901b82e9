"""
The files that came with an export, out of its zip into the store of files.

Only those that a message names are taken, and the names are only compared, so
none of them becomes a path. A zip may be made to harm: each file and all of
them together are counted while they are unpacked, and only the two ways of
packing that can be read piece by piece are read. A file that is not kept is
said so in the view ``media``; it never keeps the chat from being imported.
"""

from __future__ import annotations

import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from wakit.errors import MediaFailed, StorageFull
from wakit.imported import Attachment
from wakit.importers.export import Export
from wakit.importers.refusals import refused
from wakit.importers.source import PIECEWISE, RATIO_FREE, RATIO_LIMIT
from wakit.model import MediaStatus
from wakit.session.media_files import MediaFiles

_BLOCK = 2**18


def extract(path: Path, export: Export, files: MediaFiles, limit: int) -> list[Attachment]:
    """
    Keep the files that the messages of an export name; return what became of each.

    Args:
        path: The zip.
        export: Its chat.
        files: Where to.
        limit: Most bytes of one file.

    Raises:
        InvalidInput: The zip cannot be read any more.
        WorkspaceNotWritable: Files cannot be written at all.
    """
    names = _named(export)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {_plain(PurePosixPath(one.filename).name): one for one in archive.infolist() if not one.is_dir()}
            unpacking = _Unpacking(archive, files, limit, max(RATIO_FREE, path.stat().st_size * RATIO_LIMIT))
            return [unpacking.keep(name, members[_plain(name)]) for name in names if _plain(name) in members]
    except (zipfile.BadZipFile, OSError) as exc:
        raise refused(path.name, f"cannot be read to its end ({exc})") from exc


def not_kept(attachments: list[Attachment]) -> tuple[str, ...]:
    """Return the warning about files that were not kept, if there are any."""
    failed = Counter(str(one.status) for one in attachments if one.status is not MediaStatus.STORED)
    if not failed:
        return ()
    kinds = ", ".join(f"{count} {status}" for status, count in sorted(failed.items()))
    return (
        f"{failed.total()} of {len(attachments)} files were not kept ({kinds}); the view media says why. Import again to retry.",
    )


class _Unpacking:
    """Unpacks files of one zip, which have room for so many bytes together."""

    def __init__(self, archive: zipfile.ZipFile, files: MediaFiles, limit: int, room: int) -> None:
        self._archive = archive
        self._files = files
        self._limit = limit
        self._room = room

    def keep(self, name: str, member: zipfile.ZipInfo) -> Attachment:
        try:
            if member.compress_type not in PIECEWISE:
                raise _refused("packed in a way that WhatsApp does not use")
            self._files.require_room(min(member.file_size, self._limit))
            with self._archive.open(member) as file:
                stored = self._files.write(self._counted(file), self._limit)
        except MediaFailed as exc:
            return Attachment(name=name, status=MediaStatus(exc.data["status"]), reason=str(exc.data["reason"]))
        except StorageFull as exc:
            return Attachment(name=name, status=MediaStatus.FAILED, reason=exc.code)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as exc:
            return Attachment(name=name, status=MediaStatus.REFUSED, reason=f"damaged in the zip ({type(exc).__name__})")
        return Attachment(name=name, status=MediaStatus.STORED, size=stored.size, sha256=stored.sha256)

    def _counted(self, file: IO[bytes]) -> Iterator[bytes]:
        while block := file.read(_BLOCK) if self._room > 0 else b"!":
            self._room -= len(block)
            if self._room < 0:
                raise _refused("the zip unpacks to more than any export has")
            yield block


def _named(export: Export) -> list[str]:
    """Return the names of the files that messages say were sent with them."""
    names: set[str] = set()
    for batch in export.batches():
        names.update(batch.column("attachment").drop_null().unique().to_pylist())
    return sorted(names)


def _plain(name: str) -> str:
    """Return a name as it is compared: phones spell an accent in one letter or in two."""
    return unicodedata.normalize("NFC", name)


def _refused(reason: str) -> MediaFailed:
    return MediaFailed(f"The file was not kept: {reason}.", status=MediaStatus.REFUSED, reason=reason)
