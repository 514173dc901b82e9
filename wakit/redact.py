"""
What must never be logged, and how it is written instead.

Phone numbers keep their country code and last two digits, other addresses
become a short keyed hash, line breaks and control characters are escaped so
that nobody can forge a log line through a display name.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import phonenumbers

_SERVERS = r"s\.whatsapp\.net|lid|g\.us|broadcast|newsletter|hosted"
_JID = re.compile(rf"(?P<user>[0-9A-Za-z_-]+)(?:\.\d+)?(?::\d+)?@(?P<server>{_SERVERS})")
_DIGITS = re.compile(r"(?<![\w.:-])\+?\d[\d ()-]{8,18}\d(?![\w.-])")
_QR = re.compile(r"(?:https://wa\.me/settings/linked_devices#|2@)[\w+/=,@:.-]{20,}")
_PAIR_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
_BEARER = re.compile(r"(?i)(bearer\s+|token[=:]\s*)[\w~+/=-]{8,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

KEEP_DAYS = 30


def mask_phone(number: str) -> str:
    """Return ``+57 ······67`` for a phone number in any spelling."""
    digits = re.sub(r"\D", "", number)
    try:
        prefix = f"+{phonenumbers.parse(f'+{digits}').country_code}"
    except phonenumbers.NumberParseException:
        prefix = "+"
    return f"{prefix} ······{digits[-2:]}"


def hash_jid(jid: str, key: bytes = b"") -> str:
    """Return a short name for an address: the same address gives the same name, nobody can go back."""
    return blake2b(jid.encode(), key=key[:64], digest_size=5).hexdigest()


def mask_numbers(text: str) -> str:
    """Return *text* with its phone numbers masked and everything else as it was."""
    return _DIGITS.sub(lambda found: mask_phone(found[0]), text)


def veil_numbers(text: str) -> str:
    """Return *text* with all but the last two digits of its phone numbers hidden, and every character in its place."""
    return _DIGITS.sub(lambda found: re.sub(r"\d(?=(?:\D*\d){2})", "·", found[0]), text)


def initials(name: str) -> str:
    """Return the first letters of a name: ``A. M.`` for Ana Mejía."""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:3] if word[0].isalnum()) or "·"


def redact(text: str, key: bytes = b"") -> str:
    """Return *text* as it may be logged."""
    text = _QR.sub("<qr>", text)
    text = _BEARER.sub(r"\1<token>", text)
    text = _PAIR_CODE.sub("<code>", text)
    text = _JID.sub(lambda m: f"<{m['server'].split('.')[0]}:{hash_jid(m[0], key)}>", text)
    text = _DIGITS.sub(lambda m: mask_phone(m[0]), text)
    return _CONTROL.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def on_network(name: str, network: str) -> str:
    """Return a name for a log line, marked where what it stands for lives on an emulated network."""
    return f"{name} [emulated network]" if network.startswith("emulated:") else name


class RedactingFormatter(logging.Formatter):
    """One line a record: UTC time, level, logger, message; tracebacks without their values."""

    converter: Callable[[float | None], time.struct_time] = staticmethod(time.gmtime)

    def __init__(self, network: str, key: bytes = b"") -> None:
        origin = on_network("%(name)s", network)
        super().__init__(f"%(asctime)s.%(msecs)03dZ %(levelname)s {origin} %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._key = key

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), self._key)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 - the name is logging's
        kind, _, trace = ei
        frames = []
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else 'Exception'} at {' < '.join(reversed(frames))}"


def log_to(path: Path, *, network: str, level: str = "INFO", key: bytes = b"") -> None:
    """
    Send all logging of this process to one private, daily rotated file.

    Handlers that a library installed on the root logger before are replaced:
    importing neonize calls ``logging.basicConfig``.
    """
    handler = logging.handlers.TimedRotatingFileHandler(path, when="midnight", backupCount=KEEP_DAYS, utc=True, encoding="utf-8")
    path.chmod(0o600)
    handler.setFormatter(RedactingFormatter(network, key))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("httpx", "httpcore", "uvicorn.access", "whatsmeow", "neonize"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
