"""A workspace with a real host on the emulated network: what the host's network tests stand on."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from hosts import ending, until

from wakit.client import Client, connect
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import WakitError
from wakit.model import Event, SessionState, SessionStatus
from wakit.paths import Workspace

BUSINESS, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"


@dataclass
class Listener:
    """A client that follows the events from the first one on, in a thread, and keeps what it saw."""

    client: Client
    after: str = "0"
    seen: list[Event] = field(default_factory=list)
    error: WakitError | None = None

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def texts(self) -> list[str]:
        return [event.data["text"] for event in self.seen if event.kind == "message" and not event.data["from_me"]]

    def wait(self, true: Callable[[Event], bool]) -> Event:
        until(lambda: any(true(event) for event in self.seen) or self.error is not None)
        return next(event for event in self.seen if true(event))

    def _listen(self) -> None:
        try:
            for event in self.client.events(self.after):
                self.seen.append(event)
        except WakitError as exc:
            self.error = exc


@dataclass
class Hosted:
    """One workspace, its host, and a client."""

    workspace: Workspace
    network: Network
    client: Client

    def link(self, phone: Phone, account: str = "default") -> SessionStatus:
        """Link an account by its QR and return its status once it is connected."""
        self.client.connect_account(account, network=self.network.descriptor)
        shown = self.reach(account, SessionState.QR)
        assert shown.qr is not None
        phone.wait_ready(phone.scan_text(shown.qr))
        return self.reach(account, SessionState.CONNECTED)

    def reach(self, account: str, state: SessionState) -> SessionStatus:
        """Wait until an account is in a state."""
        for status in self.client.watch(account):
            if status.state is state:
                return status
        raise AssertionError

    def rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Ask over plain HTTP, as a program without wakit does."""
        way = httpx.HTTPTransport(uds=self.client.host_info.socket)
        with httpx.Client(transport=way, base_url="http://localhost", timeout=60) as http:
            answer = http.request(method, path, json=body)
        return answer.status_code, answer.json()


@contextmanager
def hosted(workspace: Workspace, network: Network) -> Iterator[Hosted]:
    """Start a host for the length of the block."""
    with ending(workspace), connect(workspace) as client:
        yield Hosted(workspace, network, client)


def picture(data_url: str) -> bytes:
    """Return the PNG of a data URL."""
    head, _, body = data_url.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(body, validate=True)
