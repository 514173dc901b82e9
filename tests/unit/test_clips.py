from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from wakit.emulator.clips import photo, voice_note


def pages(data: bytes) -> list[tuple[int, int, int, list[bytes]]]:
    """Take an Ogg file apart, as a demuxer does: flags, position, number and packets of each page, checksums verified."""
    found = []
    while data:
        magic, version, flags, position, _serial, number, checksum, count = struct.unpack("<4sBBqIIIB", data[:27])
        assert (b"OggS", 0) == (magic, version)
        lengths, start = data[27 : 27 + count], 27 + count
        end = start + sum(lengths)
        assert checksum == crc(data[:22] + bytes(4) + data[26:end])
        packets = []
        for length in lengths:
            packets.append(data[start : start + length])
            start += length
        found.append((flags, position, number, packets))
        data = data[end:]
    return found


def crc(data: bytes) -> int:
    """Compute the checksum of Ogg bit by bit, unlike the code under test."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


@pytest.mark.parametrize("seconds", [1, 3, 61])
def test_voice_note_is_an_opus_file_of_that_length(seconds: int) -> None:
    """A voice note has the two Opus headers, then one packet per 20 ms, pages in order and marked first and last."""
    found = pages(voice_note(seconds))
    assert b"OpusHead" == found[0][3][0][:8]
    assert b"OpusTags" == found[1][3][0][:8]
    assert seconds * 50 == sum(len(packets) for *_, packets in found[2:])
    assert seconds * 48_000 == found[-1][1]
    assert list(range(seconds + 2)) == [number for _, _, number, _ in found]
    assert (2, 4) == (found[0][0], found[-1][0])


def test_photo_is_a_picture_of_its_own() -> None:
    """A photo opens as a JPEG, and another number gives another one."""
    with Image.open(io.BytesIO(photo(1))) as picture:
        assert ("JPEG", (480, 360)) == (picture.format, picture.size)
    assert photo(1) == photo(1)
    assert photo(1) != photo(2)
