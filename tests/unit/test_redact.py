from __future__ import annotations

import logging
from pathlib import Path

import pytest

from wakit.redact import log_to, mask_phone, on_network, redact

CANARIES = ["573001234567", "300 123 4567", "2@Qm9ndXNCb2d1c0JvZ3Vz,abc=,def=", "FKPW-H7ER", "s3cr3t-token-value"]


def test_mask_phone_keeps_country_and_two_digits() -> None:
    """A masked number still says the country and can be told from its neighbour."""
    assert "+57 ······67" == mask_phone("+57 300 123 4567")


@pytest.mark.parametrize(
    "line",
    [
        "message from 573001234567:2@s.whatsapp.net",
        "calling +57 300 123 4567 again",
        "qr https://wa.me/settings/linked_devices#2@Qm9ndXNCb2d1c0JvZ3Vz,abc=,def=",
        "code FKPW-H7ER",
        "Authorization: Bearer s3cr3t-token-value",
    ],
)
def test_redact_removes_secrets(line: str) -> None:
    """No number, QR, pairing code or token survives."""
    assert not [canary for canary in CANARIES if canary in redact(line)]


def test_redact_keeps_one_line() -> None:
    """A display name with line breaks, colours or direction marks cannot forge a log line."""
    assert "a\\nERROR b\\x1b[31m\\u202e" == redact("a\nERROR b\x1b[31m\u202e")


def test_redact_leaves_plain_text() -> None:
    """Times, versions and counters stay readable."""
    line = "2026-11-24T10:00:00.123Z drained 1000 events in 12.5 ms, seq=42"
    assert line == redact(line)


def test_on_network_marks_only_what_is_emulated() -> None:
    """A line about an account says when nothing of it is real."""
    assert ("ana [emulated network]", "ana") == (on_network("ana", "emulated:00"), on_network("ana", "whatsapp"))


def test_log_to_hides_content_and_names_the_network(tmp_path: Path) -> None:
    """The log file says that the network is emulated and where an error was, never its text."""
    path = tmp_path / "host.log"
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        log_to(path, network="emulated:00", level="INFO")
        try:
            raise ValueError("el mensaje de la clienta 573001234567")
        except ValueError:
            logging.getLogger("wakit.test").exception("decode failed")
        written = path.read_text()
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)
    assert "[emulated network] decode failed" in written
    assert "ValueError at test_redact.py" in written
    assert "clienta" not in written
    assert 0o600 == path.stat().st_mode & 0o777
