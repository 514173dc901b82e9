"""A file on its way to the host: read once, refused where it cannot be sent, handed over as bytes."""

from __future__ import annotations

from pathlib import Path

from wakit.client.ask import Ask, nothing
from wakit.config import settings
from wakit.errors import FileTooLarge, InvalidInput

#: Where the host takes files.
FILES = "/api/files"


def read_file(file: Path | str | bytes) -> tuple[bytes, str | None]:
    """
    Return the bytes of a file and its name, if it has one.

    Raises:
        InvalidInput: It is missing, empty, or cannot be read.
        FileTooLarge: It is larger than ``WAKIT_MEDIA_LIMIT``.
    """
    if isinstance(file, bytes):
        return _checked(file, "The bytes"), None
    path, limit = Path(file).expanduser(), settings().media_limit
    try:
        with path.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as exc:
        msg = f"The file {str(path)!r} cannot be read ({exc.strerror}). Check its path."
        raise InvalidInput(msg, path=str(path)) from exc
    return _checked(data, f"The file {str(path)!r}"), path.name


def handed_over(data: bytes) -> Ask[None]:
    """Return the request that hands a file over; the same bytes may be handed over again."""
    headers = {"content-type": "application/octet-stream"}
    timeout: float = settings().media_timeout
    return Ask(method="POST", path=FILES, reads=nothing, file=data, headers=headers, timeout=timeout)


def _checked(data: bytes, what: str) -> bytes:
    limit = settings().media_limit
    if not data:
        msg = f"{what} is empty. Send another one."
        raise InvalidInput(msg)
    if len(data) > limit:
        msg = f"{what} is larger than the {limit:,} bytes that WAKIT_MEDIA_LIMIT allows. Make it smaller, or raise the limit."
        raise FileTooLarge(msg, limit=limit)
    return data
