"""
Whatever bytes an export comes in, as blocks of whole lines of UTF-8.

Phones write UTF-8. Files that went through an editor or a mail program come as
UTF-16 or in a Windows code page, so the encoding is read from the bytes, never
from a setting. Only one block is held at a time, and a line has a limit that is
counted while reading: a file that is one line of two gigabytes is refused after
its first megabytes.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator

import pyarrow as pa

from wakit.importers.refusals import refused

#: WhatsApp takes messages of 65,536 characters; four bytes each, and room for what other programs paste.
LINE_LIMIT = 4 * 2**20

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: How much of a file decides what it is.
_SAMPLE = 4096
#: Two-byte text has a zero in nearly every character of a header line; one in five is plenty.
_WIDE = 0.2


def utf8_lines(name: str, blocks: Iterable[bytes], warnings: list[str]) -> Iterator[bytes]:
    """
    Yield the text as UTF-8, cut at line ends; what had to be guessed goes to *warnings*.

    Raises:
        InvalidInput: It is no text, or a line is too long.
    """
    source = iter(blocks)
    first = next(source, b"")
    codec = _wide_codec(first)
    if codec is None and b"\0" in first[:_SAMPLE]:
        raise refused(name, "is no text file")
    rest = _chain(first, source)
    if codec is None:
        yield from _valid(_whole_lines(name, rest), warnings)
        return
    warnings.append(f"The file is {codec.upper()}, not UTF-8; it was converted.")
    yield from _valid(_whole_lines(name, _transcoded(name, codec, rest)), warnings)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _wide_codec(first: bytes) -> str | None:
    """Return the codec of text in units of two or four bytes, by its mark or by where its zeros are."""
    for mark, codec in _MARKS:
        if first.startswith(mark):
            return codec
    sample = first[:_SAMPLE]
    half = max(1, len(sample) // 2)
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > _WIDE and even < _WIDE / 10:
        return "utf-16-le"
    return "utf-16-be" if even > _WIDE and odd < _WIDE / 10 else None


def _transcoded(name: str, codec: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for block in blocks:
            yield decoder.decode(block).encode("utf-8", "replace")
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
    except UnicodeDecodeError as exc:
        raise refused(name, f"begins as {codec.upper()} and does not go on as such; it may have been cut off") from exc


def _whole_lines(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for number, read in enumerate(blocks):
        # The line ends of old Macs; a file that has no other.
        block = read.replace(b"\r", b"\n") if number == 0 and b"\n" not in read else read
        end = block.rfind(b"\n") + 1
        if end:
            yield held + block[:end]
            held = block[end:]
        else:
            held += block
        if len(held) > LINE_LIMIT:
            raise refused(name, f"has a line of more than {LINE_LIMIT:,} bytes, which no chat has")
    if held:
        yield held


def _valid(blocks: Iterable[bytes], warnings: list[str]) -> Iterator[bytes]:
    """Yield blocks that are UTF-8 for sure; others are read as Windows text, or mended where they are mostly UTF-8."""
    seen_wide, legacy, mended = False, False, 0
    for block in blocks:
        block = block.replace(b"\0", b"\xef\xbf\xbd") if b"\0" in block else block
        if not _is_utf8(block):
            text = block.decode("utf-8", "replace")
            bad = text.count("\ufffd")
            good = len(text) - bad - sum(map(block.count, range(128)))
            legacy = legacy or not (seen_wide or good > bad)
            if legacy:
                yield block.decode("cp1252", "replace").encode()
                continue
            mended += bad
            block = text.encode()
        seen_wide = seen_wide or not block.isascii()
        yield block
    if legacy:
        warnings.append("The file is not UTF-8; it was read as Windows-1252. Look at some accents before you trust it.")
    if mended:
        warnings.append(f"{mended} damaged characters were replaced.")


def _is_utf8(block: bytes) -> bool:
    """Return whether a block is valid; Arrow looks without making a text of it."""
    ends = pa.py_buffer(b"\0\0\0\0" + len(block).to_bytes(4, sys.byteorder))
    try:
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(block)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
