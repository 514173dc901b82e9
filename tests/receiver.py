"""A program elsewhere that takes webhooks: it remembers what came, and may fail or refuse."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Post:
    """One request as it came, and how it was answered."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Check the signature as the README tells receivers to."""
        signed = self.headers["wakit-timestamp"].encode() + b"." + self.body
        mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers["wakit-signature"], f"v1={mac}")


class Receiver:
    """
    A server on loopback.

    Args:
        answer: Returns the status for the nth request, counted from 1; default
            takes everything.
    """

    def __init__(self, answer: Callable[[int, Post], int] = lambda _number, _post: 204) -> None:
        self.answer = answer
        self.posts: list[Post] = []
        self.is_closed = False
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                if receiver.is_closed:  # as a connection that was kept open finds it
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("location", f"{receiver.url}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self._lock:
            post = Post(headers, body, 0)
            status = self.answer(len(self.posts) + 1, post)
            self.posts.append(Post(headers, body, status))
        return status

    def taken(self) -> dict[str, bytes]:
        """Return what a receiver that remembers ids has: each event once, by its id, in the order of first sight."""
        return {post.headers["wakit-event"]: post.body for post in self.posts if 200 <= post.status < 300}

    def close(self) -> None:
        self.is_closed = True
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving(answer: Callable[[int, Post], int] = lambda _number, _post: 204) -> Iterator[Receiver]:
    """Run a receiver for the length of the block."""
    receiver = Receiver(answer)
    try:
        yield receiver
    finally:
        receiver.close()
