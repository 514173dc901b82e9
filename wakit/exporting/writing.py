"""One file of rows: in which format, complete or not there, and for its owner only."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm.auto import tqdm

from wakit.errors import InvalidInput
from wakit.exporting.csv_file import write_csv
from wakit.exporting.xlsx_file import SHEET_ROWS, write_xlsx
from wakit.paths import refused

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "xlsx", "parquet")
#: Rows of one step, where they are all there already.
_BATCH = 65_536


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file that was written."""

    path: Path
    rows: int
    bytes: int
    #: Texts that were too long for a cell of a spreadsheet.
    cut: int

    def __repr__(self) -> str:
        return f"Exported({self.path.name!r}, {self.rows:,} rows)"


def format_of(path: Path, chosen: str | None = None) -> str:
    """
    Return the format of a file: the one that was chosen, or the one that its name ends with.

    Raises:
        InvalidInput: There is no such format.
    """
    found = (chosen or path.suffix.removeprefix(".")).lower()
    if found not in FORMATS:
        msg = f"{(chosen or path.name)!r} says no format. Choose one of {', '.join(FORMATS)}, or a name that ends with it."
        raise InvalidInput(msg, format=found)
    return found


def write(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    rows: int,
    kind: str,
    zone: str,
    about: Mapping[str, str] | None = None,
    progress: bool = False,
) -> Exported:
    """
    Write rows as a file in place of *path*, and return what it has.

    Args:
        path: The file; its folder must be there.
        schema: Of the rows.
        batches: The rows.
        rows: How many there are.
        kind: ``csv``, ``xlsx`` or ``parquet``; see ``format_of``.
        zone: Time zone of the instants of CSV and XLSX.
        about: What to say of them, where the format has room for it.
        progress: Whether to draw a bar.

    Raises:
        InvalidInput: They are too many for the format.
        WorkspaceNotWritable, StorageFull: What was there before is still there.
    """
    if kind == "xlsx" and rows >= SHEET_ROWS:
        msg = (
            f"{rows:,} rows do not fit into a sheet of {SHEET_ROWS:,}. Write csv or parquet, or fewer rows: one month at a time."
        )
        raise InvalidInput(msg, rows=rows)
    cut = 0
    with (
        _replacing(path) as (sink, scratch),
        tqdm(total=rows, unit=" rows", disable=None if progress else True, leave=False) as bar,
    ):
        seen = _seen(batches, bar)
        if kind == "csv":
            write_csv(sink, schema, seen, zone)
        elif kind == "xlsx":
            cut = write_xlsx(sink, schema, seen, zone, scratch=scratch, about=about or {})
        else:
            _write_parquet(sink, schema, seen, about or {})
    return Exported(path=path, rows=rows, bytes=path.stat().st_size, cut=cut)


def write_frame(
    frame: pd.DataFrame, path: Path | str, kind: str, *, zone: str, about: Mapping[str, str] | None = None
) -> Exported:
    """Write a DataFrame as a file, as ``write`` does."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    place = Path(path).expanduser().absolute()
    batches = table.to_batches(max_chunksize=_BATCH)
    return write(place, table.schema.remove_metadata(), batches, rows=table.num_rows, kind=kind, zone=zone, about=about)


def _write_parquet(sink: BinaryIO, schema: pa.Schema, batches: Iterable[pa.RecordBatch], about: Mapping[str, str]) -> None:
    told = schema.with_metadata({f"wakit.{name}": text for name, text in about.items()}) if about else schema
    with pq.ParquetWriter(sink, told, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.cast(told))


def _seen(batches: Iterable[pa.RecordBatch], bar: tqdm) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        bar.update(batch.num_rows)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a file to write and a folder beside it, both private, and put the file in place of *path* if nothing went wrong."""
    try:
        # mkdtemp makes it 0700; what is in it is gone with it
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            making = Path(folder, "file")
            with os.fdopen(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "wb") as sink:
                yield sink, Path(folder)
                sink.flush()
                os.fsync(sink.fileno())
            making.replace(path)
    except OSError as exc:
        raise refused(path, exc) from exc
