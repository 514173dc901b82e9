"""A secret of the workspace's own: made once, private, and never replaced by itself."""

from __future__ import annotations

import secrets
from pathlib import Path

from wakit.errors import CorruptFile
from wakit.paths import read_private, write_private

_BYTES = 32


def new_key() -> bytes:
    """Return a key that nobody had before."""
    return secrets.token_bytes(_BYTES)


def own_key(path: Path) -> bytes:
    """
    Return the key in a private file, which is made where there is none.

    Raises:
        UnsafePath: Others can read it, or it is a link.
        CorruptFile: It is none of ours.
        WorkspaceNotWritable, StorageFull: It cannot be made.
    """
    try:
        key = read_private(path)
    except FileNotFoundError:
        key = new_key()
        write_private(path, key)
    if len(key) != _BYTES:
        raise CorruptFile(f"{str(path)!r} is no key of wakit. Restore it from a copy of the workspace.", path=str(path))
    return key
