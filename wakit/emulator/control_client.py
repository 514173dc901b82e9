"""A client of the control API, for notebooks and for tests in another process."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from wakit.emulator.faults import Fault
from wakit.errors import NetworkDescriptorError, error_named

#: Scanning and typing wait for a companion.
_SECONDS = 90.0


class ControlClient:
    """The emulated phones of another process."""

    def __init__(self, path: Path | str) -> None:
        """
        Read where the API is.

        Args:
            path: ``control.json``, or the ``network.json`` it lies beside.

        Raises:
            NetworkDescriptorError: There is none, so no such network runs here.
        """
        path = Path(path)
        file = path.with_name("control.json")
        try:
            where = json.loads(file.read_text("utf-8"))
            url, token = str(where["url"]), str(where["token"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            msg = f"{str(file)!r} does not say how to control an emulated network. Is it running? Run: wakit emulator"
            raise NetworkDescriptorError(msg, path=str(file)) from exc
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def phones(self) -> list[dict[str, Any]]:
        """Return every emulated phone with its companions."""
        return list(self._call("GET", "/phones"))

    def phone(self, number: str, name: str = "") -> dict[str, Any]:
        """Return the phone of a number; it is made the first time."""
        return dict(self._call("POST", "/phones", json={"number": number, "name": name}))

    def scan(self, number: str, picture: bytes) -> str:
        """Let a phone scan the picture of a QR code; returns the new device's address."""
        return str(self._call("POST", f"/phones/{number}/scan", content=picture, headers={"Content-Type": "image/png"})["device"])

    def scan_text(self, number: str, text: str) -> str:
        """Link the companion whose QR code says *text*; returns the new device's address."""
        headers = {"Content-Type": "text/plain"}
        return str(self._call("POST", f"/phones/{number}/scan", content=text.encode(), headers=headers)["device"])

    def type_code(self, number: str, code: str) -> str:
        """Let a phone type a pairing code; returns the new device's address."""
        return str(self._call("POST", f"/phones/{number}/code", json={"code": code})["device"])

    def send(self, number: str, to: str, text: str) -> str:
        """Send a text from a phone; returns the message's id."""
        return str(self._call("POST", f"/phones/{number}/send", json={"to": to, "text": text})["id"])

    def inbox(self, number: str, *, after: int = 0) -> list[dict[str, Any]]:
        """Return what a phone decrypted, without the first *after* messages."""
        return list(self._call("GET", f"/phones/{number}/inbox", params={"after": after}))

    def push_history(self, number: str, *, chats: int = 20, messages_per_chat: int = 50, seed: int = 1) -> int:
        """Push a made-up history to a phone's companions; returns how many messages."""
        wish = {"chats": chats, "messages_per_chat": messages_per_chat, "seed": seed}
        return int(self._call("POST", f"/phones/{number}/history", json=wish)["messages"])

    def open_shop(
        self, number: str, *, seed: int = 1, speed: float = 60.0, customers: int = 12, visits: int = 30
    ) -> dict[str, Any]:
        """Let scripted customers write to a phone; returns how many messages the day has."""
        wish = {"number": number, "seed": seed, "speed": speed, "customers": customers, "visits": visits}
        return dict(self._call("POST", "/shop", json=wish))

    def shop(self) -> dict[str, Any]:
        """Return whether a shop is open and how many messages its customers sent."""
        return dict(self._call("GET", "/shop"))

    def close_shop(self) -> None:
        """Close the shop."""
        self._call("DELETE", "/shop")

    def unlink(self, number: str, device: str) -> None:
        """Remove a companion."""
        self._call("POST", f"/phones/{number}/unlink", json={"device": device})

    def arm(self, fault: Fault | str, *, times: int | None = None, account: str | None = None, **details: str | int) -> None:
        """Switch a fault on."""
        wish = {"fault": str(fault), "times": times, "account": account, "details": details}
        self._call("POST", "/faults", json=wish)

    def disarm(self, fault: Fault | str | None = None) -> None:
        """Switch one kind of fault off, or all."""
        self._call("DELETE", "/faults", params={"fault": str(fault)} if fault else {})

    def drop(self, device: str) -> None:
        """Break the connection of a device."""
        self._call("POST", "/drop", json={"device": device})

    def outage(self, seconds: float) -> None:
        """Take the network down for a while."""
        self._call("POST", "/outage", json={"seconds": seconds})

    def trace(self, *, last: int = 200) -> str:
        """Return the last stanzas as text."""
        return self._request("GET", "/trace", params={"last": last}).text

    def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._request(method, path, **kwargs).json()

    def _request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **kwargs)
        except httpx.ConnectError as exc:
            msg = f"No emulated network listens at {self._http.base_url}. It has ended; start it again."
            raise NetworkDescriptorError(msg) from exc
        if answer.is_success:
            return answer
        said = answer.json()
        if answer.status_code == httpx.codes.GATEWAY_TIMEOUT:
            raise TimeoutError(said["message"])
        raise error_named(said.get("code", ""))(said.get("message") or str(said.get("detail", said)))
