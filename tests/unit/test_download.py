"""A picture that is named by its address: fetched by who names it, within bounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wakit.client import download
from wakit.client.campaigns import CampaignOutline
from wakit.client.download import downloaded, is_address
from wakit.config import Settings
from wakit.errors import FileTooLarge, InvalidInput

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(5000)


class Pages(BaseHTTPRequestHandler):
    """A picture, a way to it, and nothing else."""

    def do_GET(self) -> None:
        there = self.path.startswith("/cartel.png")
        self.send_response(200 if there else 302 if self.path == "/moved" else 404)
        self.send_header("location", "/cartel.png")
        self.send_header("content-length", str(len(PICTURE) if there else 0))
        self.end_headers()
        if there:
            self.wfile.write(PICTURE)

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@contextmanager
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Planner:
    """A client that keeps what it is asked to plan."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def plan_campaign(self, name: str, **asked: Any) -> Any:
        self.asked = asked
        raise InterruptedError(name)


@pytest.mark.parametrize("path", ["/cartel.png?key=s3cret", "/moved"])
def test_campaign_takes_a_picture_by_its_address(path: str) -> None:
    """What is planned is the bytes that the address gives, also by way of another one."""
    planner = Planner()
    with site() as there, pytest.raises(InterruptedError):
        CampaignOutline(planner, "c", {"media": f"{there}{path}"}).plan()  # type: ignore[arg-type]
    assert planner.asked == {"media": PICTURE}


def test_what_is_not_there_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the address without what may be a key in it, and nothing is planned."""
    with site() as there:
        with pytest.raises(InvalidInput, match="404") as refused:
            downloaded(f"{there}/none.png?key=s3cret")
        assert "s3cret" not in str(refused.value)
        monkeypatch.setattr(download, "settings", lambda: Settings(media_limit=4000))
        with pytest.raises(FileTooLarge):
            downloaded(f"{there}/cartel.png")
    with pytest.raises(InvalidInput, match="cannot be fetched"):
        downloaded(f"{there}/cartel.png")


@pytest.mark.parametrize(("file", "expected"), [("https://x/a", True), ("HTTP://x", True), ("a.png", False), (b"http://", False)])
def test_only_addresses_of_the_web_are_addresses(file: object, expected: bool) -> None:
    """Paths and bytes are themselves."""
    assert is_address(file) is expected
