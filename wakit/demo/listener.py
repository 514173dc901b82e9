"""The event stream of an account, read in a thread of its own as a notebook's feed reads it."""

from __future__ import annotations

import threading

import httpx

from wakit.client import Client
from wakit.errors import WakitError
from wakit.model import EventKind


class Listener:
    """Collects the texts of an account's messages, from the first one on."""

    def __init__(self, client: Client, account: str) -> None:
        self.texts: list[str] = []
        self._stream = client.events("0", account=account, kinds=[EventKind.MESSAGE])
        threading.Thread(target=self._read, name="wakit-demo-listener", daemon=True).start()

    def _read(self) -> None:
        try:
            for event in self._stream:
                self.texts.append(str(event.data.get("text")))
        except (WakitError, httpx.HTTPError, RuntimeError):
            return  # the host ended with the demo, or the client was closed below the stream
