"""
Messages as Arrow batches.

Texts are taken from the file in one piece a batch. Only those that carry a sign
of WhatsApp's own words are looked at one by one, and each distinct one once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wakit.importers import phrases
from wakit.importers.arrays import Bools, Bytes, Ints, booleans, coded, numbers, pieces
from wakit.importers.contents import Content, content_of, notice
from wakit.importers.headers import release
from wakit.importers.parsed import Parsed
from wakit.model import MessageType

#: Bytes of the file that one batch covers, more or less.
_BATCH = 2 * 2**20
_RETURN, _NEWLINE = b"\r\n"
_LESS, _MORE, _CLOSING, _COLON, _SLASH, _MARK = 0x3C, 0x3E, 0x29, 0x3A, 0x2F, 0xE2
_TYPES = list(MessageType)
_TEXT = _TYPES.index(MessageType.TEXT)

SCHEMA = pa.schema(
    [
        # Number of the line in the file, from 1.
        pa.field("line", pa.int64(), nullable=False),
        pa.field("ts", pa.timestamp("us", "UTC"), nullable=False),
        # Nothing where WhatsApp itself says something.
        pa.field("sender", pa.dictionary(pa.int32(), pa.string())),
        pa.field("type", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("text", pa.string()),
        # Name of the file that was sent.
        pa.field("attachment", pa.string()),
        pa.field("edited", pa.bool_(), nullable=False),
        pa.field("deleted", pa.bool_(), nullable=False),
    ]
)

_WORDS = sorted(
    {*phrases.DELETED, *phrases.CALLS, *phrases.NOTICES, *phrases.UNDECRYPTABLE, *phrases.LIVE_LOCATIONS, *phrases.OMITTED_KINDS}
)
_LONGEST_WORDS = max(len(words) for words in _WORDS)
#: Beginnings of texts that are WhatsApp's, by their first three characters.
_OWN: dict[str, tuple[str, ...]] = {start: tuple(words) for start, words in groupby(sorted(_WORDS), lambda words: words[:3])}
#: Which first, second and third two bytes they have, in any case: few texts have all three.
_PAIRS = tuple(np.zeros(2**16, np.bool_) for _ in range(3))
for _word in _WORDS:
    for _spelled in (_word, _word.upper(), _word.capitalize()):
        for _place, _pairs in enumerate(_PAIRS):
            _pairs[int.from_bytes(_spelled.encode()[2 * _place : 2 * _place + 2], "big")] = True


def batches(parsed: Parsed, instants: Ints) -> Iterator[pa.RecordBatch]:
    """Yield the messages of a file, in its order."""
    headers = parsed.headers
    cuts = np.searchsorted(headers.start, np.arange(0, headers.size, _BATCH))
    bounds = np.unique(np.append(cuts, len(headers))).tolist()
    for first, last in pairwise(bounds):
        yield _batch(parsed, instants[first:last], slice(first, last))


def _batch(parsed: Parsed, instants: Ints, rows: slice) -> pa.RecordBatch:
    headers = parsed.headers
    sender = headers.sender[rows]
    offset = int(headers.start[rows][0])
    block = parsed.source.text[offset : int(parsed.text_end[rows][-1])]
    data = np.frombuffer(block, np.uint8)
    starts, ends = headers.text[rows] - offset, parsed.text_end[rows] - offset
    texts = pieces(block, starts, ends)
    if b"\r\n" in block:
        texts = pc.replace_substring(texts, "\r\n", "\n")
    own = sender < 0
    special = _special(data, (starts, ends, headers.end[rows] - offset), texts, parsed.layout.brackets) & ~own
    contents = {
        id(own): (own, _read(texts, own, notice)),
        id(special): (special, _read(texts, special, lambda text: content_of(text, parsed.habits))),
    }
    columns = _Columns(texts)
    for where, found in contents.values():
        columns.put(where, found)
    release(parsed.source.text, offset, len(block))
    return pa.record_batch(
        [
            numbers(headers.line[rows], pa.int64()),
            numbers(instants, pa.timestamp("us", "UTC")),
            coded(sender, [one.name for one in parsed.senders]),
            coded(columns.type, [str(kind) for kind in _TYPES]),
            columns.text,
            columns.attachment,
            booleans(columns.edited),
            booleans(columns.deleted),
        ],
        schema=SCHEMA,
    )


class _Columns:
    """What most messages are, corrected where some are something else."""

    def __init__(self, texts: pa.Array) -> None:
        self.text = texts
        self.attachment = pa.nulls(len(texts), pa.string())
        self.type = np.full(len(texts), _TEXT, np.int32)
        self.edited, self.deleted = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_)

    def put(self, where: Bools, found: tuple[list[Content], Ints]) -> None:
        """Set the rows *where* to contents, given as distinct ones and which of them each row has."""
        distinct, which = found
        if not distinct:
            return
        mask, index = booleans(where), numbers(which.astype(np.int64), pa.int64())
        self.text = pc.replace_with_mask(self.text, mask, pa.array([one.text for one in distinct], pa.string()).take(index))
        files = pa.array([one.attachment for one in distinct], pa.string())
        if files.null_count < len(files):
            self.attachment = pc.replace_with_mask(self.attachment, mask, files.take(index))
        self.type[where] = np.asarray([_TYPES.index(one.type) for one in distinct], np.int32)[which]
        self.edited[where] = np.asarray([one.edited for one in distinct])[which]
        self.deleted[where] = np.asarray([one.deleted for one in distinct])[which]


def _read(texts: pa.Array, where: Bools, read: Callable[[str], Content]) -> tuple[list[Content], Ints]:
    """Return the distinct contents of the texts *where*, and which of them each has."""
    if not where.any():
        return [], np.empty(0, np.int64)
    encoded = texts.filter(booleans(where)).dictionary_encode()
    return [read(text) for text in encoded.dictionary.to_pylist()], encoded.indices.to_numpy()


def _special(data: Bytes, places: tuple[Ints, Ints, Ints], texts: pa.Array, iphone: bool) -> Bools:
    """Return which texts may be more than what somebody typed; some too many do no harm."""
    starts, ends, lines = places
    if not len(data):
        return np.zeros(len(starts), np.bool_)
    first, last = data[np.minimum(starts, len(data) - 1)], data[ends - 1]
    # The first line may be WhatsApp's and the rest a caption.
    line = data[lines - 1]
    found: Bools = (first == _LESS) | (first == _MARK) | (last == _MORE)
    found |= (line == _MORE) | (line == _CLOSING) | (line == _COLON)
    found |= _begins_like_own(data, starts, texts) | _has_link(data, starts, ends)
    if iphone:
        found |= pc.match_substring_regex(texts, "[\u200e\u200f]").to_numpy(zero_copy_only=False)
    return found & (ends > starts)


def _begins_like_own(data: Bytes, starts: Ints, texts: pa.Array) -> Bools:
    found = np.ones(len(starts), np.bool_)
    for place, pairs in enumerate(_PAIRS):
        at = starts + 2 * place
        high, low = data[np.minimum(at, len(data) - 1)], data[np.minimum(at + 1, len(data) - 1)]
        found &= pairs[high.astype(np.int32) * 256 + low]
    if found.any():
        found[found] = [_is_own(text) for text in texts.filter(booleans(found)).to_pylist()]
    return found


def _is_own(text: str) -> bool:
    beginning = text[:_LONGEST_WORDS].casefold()
    return beginning.startswith(_OWN.get(beginning[:3], ()))


def _has_link(data: Bytes, starts: Ints, ends: Ints) -> Bools:
    """Return which texts have ``://`` in them: a place is a link to a map."""
    colons = np.flatnonzero(data[:-2] == _COLON)
    links = colons[(data[colons + 1] == _SLASH) & (data[colons + 2] == _SLASH)]
    found: Bools = np.searchsorted(links, starts) < np.searchsorted(links, ends)
    return found
