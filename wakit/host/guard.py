"""
What every request must pass before a route sees it.

Both doors: bodies are JSON, small, and arrive soon; answers are not kept by
anybody. On TCP also: the right ``Host`` and ``Origin`` (a web page in the user's
browser can reach 127.0.0.1, by DNS rebinding even under a name of its own), the
bearer token, and a rate. There are no cookies and no CORS headers, so a browser
cannot be made to act for a page.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from wakit.clock import Clock
from wakit.host.problems import MEDIA_TYPE, Refused

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Largest request body.
BODY_LIMIT = 2**20
#: Seconds for a request body to arrive.
BODY_TIMEOUT = 10.0
#: Requests per second over TCP in the long run, and at once.
RATE, BURST = 20.0, 200

_SAFE = {"GET", "HEAD", "OPTIONS"}
_NO_STORE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Guard:
    """The checks of both doors; ``Gate`` adds those of TCP."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_private(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *_NO_STORE]
            await send(message)

        if scope["type"] != "http":
            return
        try:
            headers = Headers(scope=scope)
            self.check(headers)
            body = _Body(receive)
            if scope["method"] not in _SAFE:
                _check_body(headers)
            await self._app(scope, body.receive, send_private)
        except Refused as refused:
            if not started:
                await _answer(refused, send_private)

    def check(self, headers: Headers) -> None:
        """Raise ``Refused`` for a request that may not come in by this door."""


@dataclass
class Bucket:
    """Lets *burst* requests through at once and *rate* a second in the long run."""

    clock: Clock
    rate: float = RATE
    burst: int = BURST
    _level: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._level = self.burst
        self._at = self.clock.monotonic()

    def wait(self) -> float:
        """Take one and return 0, or return the seconds until there is one again."""
        now = self.clock.monotonic()
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate


class Gate(Guard):
    """The checks of the TCP door."""

    def __init__(self, app: App, *, token: str, port: int, scheme: str, clock: Clock) -> None:
        super().__init__(app)
        self._token = token.encode()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {f"{scheme}://{host}" for host in self._hosts}
        self._bucket = Bucket(clock)

    def check(self, headers: Headers) -> None:
        if headers.get("host", "") not in self._hosts:
            raise Refused(403, "foreign-host", "The Host header does not name this machine's loopback address and port.")
        if "origin" in headers and headers["origin"] not in self._origins:
            raise Refused(403, "foreign-origin", "Requests of web pages from elsewhere are refused.")
        wait = self._bucket.wait()
        if wait:
            raise Refused(429, "too-many-requests", "Slow down.", **{"retry-after": str(math.ceil(wait))})
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self._token):
            detail = "Send the token of this host's start in the Authorization header, as in: Bearer TOKEN."
            raise Refused(401, "unauthorized", detail, **{"www-authenticate": "Bearer"})


class _Body:
    """Counts what comes in and gives it a time limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._size = 0
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                message = await self._receive()
        except TimeoutError as exc:
            raise Refused(408, "request-timeout", f"The body did not arrive within {BODY_TIMEOUT:g} s.") from exc
        self._size += len(message.get("body", b""))
        if self._size > BODY_LIMIT:
            raise _too_large()
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message


def _check_body(headers: Headers) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "unsupported-media-type", "Send JSON with Content-Type: application/json.")
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_LIMIT:
        raise _too_large()


def _too_large() -> Refused:
    return Refused(413, "content-too-large", f"The body must not be larger than {BODY_LIMIT} bytes.")


async def _answer(refused: Refused, send: Send) -> None:
    body = json.dumps(refused.problem).encode()
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **(refused.headers or {})}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status_code, "headers": raw})
    await send({"type": "http.response.body", "body": body})
