"""
What every request must pass before a route sees it.

Both doors: bodies are JSON, small, and arrive soon; answers are not kept by
anybody. On TCP also: the right ``Host`` and ``Origin`` (a web page in the user's
browser can reach 127.0.0.1, by DNS rebinding even under a name of its own), the
bearer token, and that token's rate. There are no cookies and no CORS headers, so a browser
cannot be made to act for a page.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers

from wakit.host.problems import MEDIA_TYPE, Refused
from wakit.host.rates import Rates
from wakit.host.scopes import is_public
from wakit.host.tokens import NOBODY, OWNER, Access, Tokens

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Largest request body.
BODY_LIMIT = 2**20
#: Where files are handed over: bytes of any kind, counted by whoever keeps them.
FILES = "/api/files"
#: Where an audience is handed over, and how large that may be: a hundred thousand people and what is known of each.
CAMPAIGNS, AUDIENCE_LIMIT = "/api/campaigns", 64 * 2**20
#: Seconds for a request body to arrive; for the next part of a file.
BODY_TIMEOUT = 10.0
#: How many requests without a good token are answered at all.
STRANGERS_RATE = "200/10 seconds"

_LIMITS: dict[str, float] = {FILES: math.inf, CAMPAIGNS: AUDIENCE_LIMIT}
_SAFE = {"GET", "HEAD", "OPTIONS"}
_NO_STORE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
#: What refusing each kind of connection is made of.
_ANSWERS = {
    "http": ("http.response.start", "http.response.body"),
    "websocket": ("websocket.http.response.start", "websocket.http.response.body"),
}
#: What ends a stream in the place of its next message.
_ENDS: dict[str, Message] = {
    "http.response.body": {"type": "http.response.body", "body": b"", "more_body": False},
    "websocket.send": {"type": "websocket.close", "code": 1008, "reason": "the token was revoked or is expired"},
}


class Guard:
    """The checks of both doors; ``Gate`` adds those of TCP."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in _ANSWERS:
            return
        answer = _Answer(scope["type"], send)
        try:
            headers = Headers(scope=scope)
            access = self.check(scope, headers)
            scope.setdefault("state", {})["access"] = access
            if scope["type"] == "http":
                limit = _LIMITS.get(scope["path"], BODY_LIMIT)
                if scope["method"] not in _SAFE:
                    _check_body(scope["method"], headers, limit, is_file=scope["path"] == FILES)
                receive = _Body(receive, limit).receive
            answer.is_welcome = lambda: self.holds(access)
            await self._app(scope, receive, answer.send)
        except Refused as refused:
            await answer.refuse(refused)

    def check(self, scope: Scope, headers: Headers) -> Access:  # noqa: ARG002
        """Return who asks; raise ``Refused`` for a request that may not come in by this door."""
        return OWNER

    def holds(self, access: Access) -> bool:  # noqa: ARG002
        """Return whether one who came in may stay."""
        return True


class Gate(Guard):
    """The checks of the TCP door."""

    def __init__(self, app: App, *, tokens: Tokens, port: int, scheme: str) -> None:
        super().__init__(app)
        self._tokens = tokens
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {f"{scheme}://{host}" for host in self._hosts}
        self._rates = Rates()

    def check(self, scope: Scope, headers: Headers) -> Access:
        if headers.get("host", "") not in self._hosts:
            raise Refused(403, "foreign-host", "The Host header does not name this machine's loopback address and port.")
        if "origin" in headers and headers["origin"] not in self._origins:
            raise Refused(403, "foreign-origin", "Requests of web pages from elsewhere are refused.")
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        access = self._tokens.access(secret.strip()) if scheme.lower() == "bearer" else None
        self._count(access)
        if access is None and is_public(scope.get("method", ""), scope["path"]):
            return NOBODY
        if access is None:
            detail = "Send a token in the Authorization header, as in: Bearer TOKEN. Make one with: wakit token create NAME"
            raise Refused(401, "unauthorized", detail, **{"www-authenticate": "Bearer"})
        return access

    def holds(self, access: Access) -> bool:
        return access is NOBODY or self._tokens.holds(access)

    def _count(self, access: Access | None) -> None:
        # those without a token have a window of their own, so that they cannot keep a token's bearer out
        who, rate = ("", STRANGERS_RATE) if access is None else (access.name, access.rate)
        wait = self._rates.wait(who, rate) if rate else 0.0
        if wait:
            detail = f"Slow down: {rate} is the most that is answered."
            raise Refused(429, "too-many-requests", detail, **{"retry-after": str(math.ceil(wait))})


class _Answer:
    """What goes out: marked as private, and cut short where the token stops being good."""

    def __init__(self, kind: str, send: Send) -> None:
        self._start, self._body = _ANSWERS[kind]
        self._send = send
        self._started = self._cut = False
        self.is_welcome: Callable[[], bool] = lambda: True

    async def send(self, message: Message) -> None:
        if self._cut:  # the server tells the route as well that nobody listens any more
            return
        if not self._started:
            self._started = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_NO_STORE]
        elif message["type"] in _ENDS and not self.is_welcome():
            self._cut = True
            message = _ENDS[message["type"]]
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Say no, unless something else was said already."""
        if self._started:
            return
        body = json.dumps(refused.problem).encode()
        headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **(refused.headers or {})}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": self._start, "status": refused.status_code, "headers": [*raw, *_NO_STORE]})
        await self._send({"type": self._body, "body": body})


class _Body:
    """Counts what comes in and gives it a time limit."""

    def __init__(self, receive: Receive, limit: float) -> None:
        self._receive = receive
        self._limit = limit
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
        if self._size > self._limit:
            raise _too_large(self._limit)
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message


def _check_body(method: str, headers: Headers, limit: float, *, is_file: bool) -> None:
    if method == "DELETE" and "content-length" not in headers and "transfer-encoding" not in headers:
        return  # no body, and no page of another origin can send it unasked
    wanted = "application/octet-stream" if is_file else "application/json"
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted:
        raise Refused(415, "unsupported-media-type", f"Send {'bytes' if is_file else 'JSON'} with Content-Type: {wanted}.")
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        raise _too_large(limit)


def _too_large(limit: float) -> Refused:
    return Refused(413, "content-too-large", f"The body must not be larger than {limit:.0f} bytes.")
