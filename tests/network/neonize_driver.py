"""
A bare neonize client in a process of its own, driven by JSON lines.

Run as a script with ``HTTPS_PROXY`` and ``SSL_CERT_FILE`` of an emulated
network in its environment. Commands come in as ``{"id", "call", "args"}``;
answers and events go out on the original standard output, while whatever the
library prints goes to standard error. An argument ``{"jid": "573…@lid"}``
becomes a JID, ``{"bytes": base64}`` bytes, ``{"enum": "pkg.Class", "value"}``
a member of an enum of the library.
"""

from __future__ import annotations

import base64
import ctypes
import importlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

ROOT_KEY = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
OUT = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
LOCK = threading.Lock()


def say(**line: Any) -> None:
    """Write one JSON line."""
    with LOCK:
        OUT.write(json.dumps(line, default=plain) + "\n")


def plain(value: Any) -> Any:
    """Return something that JSON can say."""
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import Message

    if isinstance(value, Message):
        return MessageToDict(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return list(value) if hasattr(value, "__iter__") else str(value)


def trust(root: bytes) -> None:
    """Put the network's root key into the loaded library."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, *rest = line.split()
        if not rights.startswith("rw") or "neonize" not in rest[-1]:
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        at = ctypes.string_at(start, end - start).find(ROOT_KEY)
        if at >= 0:
            ctypes.memmove(start + at, root, 32)
            return
    raise SystemExit("the root key was not found in the library")


class Driver:
    """One client and its commands."""

    def __init__(self, session: str) -> None:
        from neonize.client import NewClient
        from neonize.events import EVENT_TO_INT

        driver = self

        class Client(NewClient):
            def _NewClient__onLoginStatus(self, uuid: int, status: int) -> None:
                say(event="LoginStatus", data=ctypes.string_at(status).decode())

        dsn = f"{session}?_foreign_keys=on&_journal_mode=WAL&_synchronous=OFF&_busy_timeout=5000&_x="
        self.client = Client(dsn, uuid=session)
        self.messages: dict[str, Any] = {}
        self.client.qr(lambda _, data: say(event="QR", data=data.decode()))
        for kind in EVENT_TO_INT:
            if kind.__name__ not in ("QR", "Device", "Neonize"):
                self.client.event(kind)(lambda _, event: driver.happened(event))

    def happened(self, event: Any) -> None:
        """Pass an event on."""
        kind = type(event).__name__
        if kind == "Message":
            self.messages[event.Info.ID] = event
        say(event=kind, data=event)

    def connect(self) -> None:
        """Connect in a thread of its own; the call returns when the client is stopped."""

        def run() -> None:
            try:
                self.client.connect()
                say(event="ConnectReturned", data="")
            except Exception as exc:
                say(event="ConnectReturned", data=str(exc))

        threading.Thread(target=run, daemon=True).start()

    def download(self, message_id: str) -> bytes:
        """Return the media of a message that arrived."""
        return self.client.download_any(self.messages[message_id].Message)

    def react(self, message_id: str, emoji: str) -> Any:
        """React to a message that arrived."""
        source = self.messages[message_id].Info.MessageSource
        reaction = self.client.build_reaction(source.Chat, source.Sender, message_id, emoji)
        return self.client.send_message(source.Chat, reaction)

    def obey(self, call: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Do what a command says: one of the above, or a method of the client."""
        method = getattr(self, call, None) or getattr(self.client, call)
        return method(*map(self.argument, args), **{name: self.argument(value) for name, value in kwargs.items()})

    def argument(self, value: Any) -> Any:
        """Build the argument that JSON cannot say."""
        if isinstance(value, list):
            return [self.argument(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "jid" in value:
            from neonize.utils.jid import build_jid

            user, server = value["jid"].split("@")
            return build_jid(user, server)
        if "bytes" in value:
            return base64.b64decode(value["bytes"])
        module, name = value["enum"].rsplit(".", 1)
        return getattr(importlib.import_module(module), name)[value["value"]]


def main() -> None:
    import neonize  # noqa: F401 - loads the library whose memory is patched

    trust(bytes.fromhex(sys.argv[2]))
    driver = Driver(sys.argv[1])
    say(event="Ready", data="")
    for line in sys.stdin:
        command = json.loads(line)
        threading.Thread(target=answer, args=(driver, command), daemon=True).start()
    os._exit(0)


def answer(driver: Driver, command: dict[str, Any]) -> None:
    """Do one command and say how it went."""
    try:
        result = driver.obey(command["call"], command.get("args", []), command.get("kwargs", {}))
        say(id=command["id"], result=result)
    except Exception as exc:
        say(id=command["id"], error=f"{type(exc).__name__}: {exc}")


if __name__ == "__main__":
    main()
