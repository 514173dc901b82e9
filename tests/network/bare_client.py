"""The parent's side of ``neonize_driver``: start it, give commands, wait for events."""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wakit.emulator import Network

DRIVER = Path(__file__).with_name("neonize_driver.py")
KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class CallFailed(Exception):
    """The library refused a command."""


def jid(address: object) -> dict[str, str]:
    """Return an address as the driver reads it."""
    return {"jid": str(address)}


def raw(data: bytes) -> dict[str, str]:
    """Return bytes as the driver reads them."""
    return {"bytes": base64.b64encode(data).decode()}


class BareClient:
    """A real neonize against an emulated network."""

    _ids = itertools.count(1)

    def __init__(self, network: Network, session: Path, *, connect: bool = True) -> None:
        self.session = session
        self.events: list[tuple[str, Any]] = []
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        log = session.with_suffix(".log").open("a")
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, DRIVER, str(session), network.noise_root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**environment, **network.env(), "NEONIZE_BOT_TAG": "off"},
            text=True,
        )
        log.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait("Ready", timeout=30)
            if connect:
                self.call("connect")
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> BareClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End the process at once, as SIGKILL does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def call(self, method: str, *args: Any, timeout: float = 60, **kwargs: Any) -> Any:
        """Call a method of the client and return its result."""
        number = next(self._ids)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": number, "call": method, "args": args, "kwargs": kwargs}) + "\n")
        self.process.stdin.flush()
        answer = self._until(lambda: self._answers.pop(number, None), timeout, f"answer to {method}")
        if "error" in answer:
            raise CallFailed(answer["error"])
        return answer.get("result")

    def wait(self, kind: str, test: Callable[[Any], bool] = lambda _: True, *, timeout: float = 20, after: int = 0) -> Any:
        """Wait for an event and return what it says; *after* skips the first events ever."""
        return self._until(
            lambda: next(([data] for event, data in self.events[after:] if event == kind and test(data)), None), timeout, kind
        )[0]

    def count(self, kind: str, test: Callable[[Any], bool] = lambda _: True) -> int:
        """Return how many events of a kind there were so far."""
        return sum(event == kind and test(data) for event, data in list(self.events))

    def wait_text(self, text: str, *, timeout: float = 20) -> Any:
        """Wait for a message with this text."""
        return self.wait("Message", lambda data: text_of(data) == text, timeout=timeout)

    def _until(self, look: Callable[[], Any], timeout: float, what: str) -> Any:
        deadline = time.monotonic() + timeout
        with self._changed:
            while (found := look()) is None:
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    log = self.session.with_suffix(".log").read_text("utf-8", "replace")[-3000:]
                    raise TimeoutError(f"no {what}; seen: {[event for event, _ in self.events]}\n{log}")
                self._changed.wait(min(left, 0.5))
        return found

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            data = json.loads(line)
            with self._changed:
                if "event" in data:
                    self.events.append((data["event"], data["data"]))
                else:
                    self._answers[data["id"]] = data
                self._changed.notify_all()


def text_of(event: Any) -> str:
    """Return the text of a Message event."""
    message = event.get("Message", {})
    return message.get("conversation") or message.get("extendedTextMessage", {}).get("text", "")


def link(network: Network, folder: Path, phone: Any, name: str = "ana") -> BareClient:
    """Return a client that is linked to *phone* and has been given everything that a phone gives."""
    client = BareClient(network, folder / f"{name}.db")
    device = phone.scan_text(client.wait("QR"))
    client.wait("Connected")
    phone.wait_ready(device)
    return client
