"""
Make the library trust an emulated network: replace WhatsApp's root key in this process's memory.

The key is a constant of 32 bytes in the writable data of the native library,
there exactly once. Only a worker that was started for an emulated network does
this, and only before it connects; the file on disk is never touched.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

from wakit.errors import LibraryError

#: ``WACertPubKey`` of whatsmeow: the public key that signs WhatsApp's certificates.
WHATSAPP_ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")


def trust(root: bytes, library: str) -> None:
    """
    Put *root* in the place of WhatsApp's key in the mapped *library* (its file name).

    Raises:
        LibraryError: The key is not there exactly once, so this is not the library that we know.
    """
    places = [place for start, end in _writable(library) for place in _find(start, end)]
    if len(places) != 1:
        msg = f"The root key was found {len(places)} times in {library}; only the pinned neonize can join an emulated network."
        raise LibraryError(msg)
    ctypes.memmove(places[0], root, len(WHATSAPP_ROOT))


def _writable(library: str) -> list[tuple[int, int]]:
    ranges = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        where, mode, *rest = line.split()
        if mode.startswith("rw") and rest[-1].endswith(library):
            start, _, end = where.partition("-")
            ranges.append((int(start, 16), int(end, 16)))
    return ranges


def _find(start: int, end: int) -> list[int]:
    data = ctypes.string_at(start, end - start)
    found, at = [], data.find(WHATSAPP_ROOT)
    while at >= 0:
        found.append(start + at)
        at = data.find(WHATSAPP_ROOT, at + 1)
    return found
