"""
Voice notes and photos made on the spot: nothing binary is shipped.

The voice note is a real Ogg Opus file, of silence: two header pages and one
packet per 20 ms, so that players, probes and transcribers accept it. The photo
is a real JPEG that looks a little different for each number.
"""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageDraw

_RATE = 48_000
_PRESKIP = 312
#: Fullband CELT, 20 ms, mono: nothing to hear.
_SILENCE = b"\xf8\xff\xfe"
#: One page a second; a page may list 255 packets.
_PACKETS_PER_PAGE = 50
_FIRST, _LAST = 2, 4
_POLYNOMIAL = 0x04C11DB7


def voice_note(seconds: int) -> bytes:
    """Return an Ogg Opus file of this length."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, _PRESKIP, _RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 5) + b"wakit" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, _FIRST), _page([tags], 0, 1, 0)]
    for second in range(seconds):
        position = _RATE * (second + 1)
        flags = _LAST if second == seconds - 1 else 0
        pages.append(_page([_SILENCE] * _PACKETS_PER_PAGE, position, second + 2, flags))
    return b"".join(pages)


def photo(number: int, *, size: tuple[int, int] = (480, 360)) -> bytes:
    """Return a JPEG of a cup on a table, in colours that depend on *number*."""
    hue = number * 47 % 360
    picture = Image.new("RGB", size, f"hsl({hue}, 45%, 75%)")
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.rectangle((0, height * 2 // 3, width, height), fill=f"hsl({(hue + 25) % 360}, 35%, 35%)")
    left, top, side = width * 3 // 8, height * 2 // 5, width // 4
    draw.ellipse((left + side * 2 // 3, top + side // 6, left + side * 5 // 4, top + side * 2 // 3), outline="white", width=8)
    draw.rounded_rectangle((left, top, left + side, top + side), radius=side // 6, fill="white")
    draw.ellipse((left + 6, top - side // 10, left + side - 6, top + side // 8), fill="hsl(25, 60%, 20%)")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    lengths = bytes(len(packet) for packet in packets)
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 1, number, 0, len(lengths)) + lengths
    body = b"".join(packets)
    return header[:22] + struct.pack("<I", _checksum(header + body)) + header[26:] + body


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_CHECKSUMS = _table()


def _checksum(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ _CHECKSUMS[value >> 24 ^ byte]
    return value
