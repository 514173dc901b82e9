"""
The part of one host in a lake: files first, then the manifest that names them.

A file is called after its content and never changes, so whoever reads by the manifest of before
goes on reading what that said. What is no longer named stays for one more snapshot, and what an attempt
that did not end has left is used by the next one, or removed after a day.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wakit.lake import Manifest, Part, Place, host_name, manifest_of, space_of

_OURS = re.compile(r"part-[0-9a-f]{16}\.parquet\Z")
_UNUSED = timedelta(days=1)


class HostPart:
    """The part of a host, and the one that is being made for it."""

    def __init__(self, place: Place, host: str) -> None:
        """
        Look at what the lake has of the host.

        Raises:
            InvalidInput: The name cannot be one, or something else is there.
        """
        self._place = place
        self.host: str | None = host_name(host)
        self._manifest = manifest_of(host)
        #: What is added to the numbers of people.
        self.space = space_of(host)
        content = place.read(self._manifest)
        self._before = None if content is None else Manifest.read(content, place.url(self._manifest))

    @property
    def shown(self) -> Path | str:
        """Where it is."""
        url = self._place.url("")
        return Path(url) if self._place.is_local else url

    @contextlib.contextmanager
    def making(self) -> Iterator[None]:
        """Do nothing before and after: a file that is written is complete, and counts only once it is named."""
        yield

    def file_name(self, state: str) -> str:
        """Return what a file is called whose rows are in this state."""
        return f"part-{hashlib.blake2b(state.encode(), digest_size=8).hexdigest()}.parquet"

    def kept(self, path: str, state: str) -> Part | None:
        """Return a part that the lake has in this state."""
        old = next((one for one in self._parts if one.path == path and one.state == state), None)
        return old if old is not None and self._place.size(path) == old.bytes else None

    def write(self, rows: pa.Table, part: dict[str, Any]) -> Part:
        """Write the file of a part, and return what is in it."""
        sink = io.BytesIO()
        pq.write_table(rows, sink, compression="zstd")
        content = sink.getvalue()
        self._place.write(part["path"], content)
        return Part(**part, rows=rows.num_rows, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Replace the manifest, and remove what nobody can be reading any more."""
        named = {part.path for part in manifest.parts}
        before = {part.path for part in self._parts} - named
        manifest.facts["superseded"] = sorted(before)
        self._place.write(self._manifest, manifest.written())
        old = datetime.now(UTC) - _UNUSED
        for table in manifest.tables:
            for path, written in self._place.below(f"{table}/host={self.host}").items():
                if _OURS.search(path) and path not in named | before and written < old:
                    self._place.remove(path)

    @property
    def _parts(self) -> tuple[Part, ...]:
        return () if self._before is None else self._before.parts
