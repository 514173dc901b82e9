"""
uvicorn as the host needs it: ours to stop, quick, and deaf to other users.

The Unix socket lies in a private folder with mode 0600; ``SO_PEERCRED`` is the
second belt, for the day when somebody opens the folder. Signals are the host's
business, not the server's, because two servers (socket and TCP) share one loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

log = logging.getLogger(__name__)

#: Longer than a client keeps an idle connection, so that it never writes into one that is being closed.
KEEP_ALIVE = 75
#: Seconds for calls in flight when the host stops; event streams end by themselves before.
GRACE = 2

#: Largest message that a WebSocket client may send; nothing that it says matters.
INCOMING_LIMIT = 4096

_UCRED = struct.Struct("3i")


class PeerProtocol(HttpToolsProtocol):
    """HTTP/1.1 that hangs up on a Unix peer of another user."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        sock = transport.get_extra_info("socket")
        if sock.family == socket.AF_UNIX and not is_own_peer(sock):
            log.warning("a process of another user knocked at the socket and was turned away")
            transport.abort()
        super().connection_made(transport)


class Server(uvicorn.Server):
    """One listener; ``should_exit`` ends it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def make_server(app: Any, **options: Any) -> Server:
    """Return a server for *app* that logs nothing of its own and trusts no proxy header."""
    config = uvicorn.Config(
        app,
        http=PeerProtocol,
        ws=WebSocketsSansIOProtocol,
        ws_max_size=INCOMING_LIMIT,
        ws_per_message_deflate=False,
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        **options,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return Server(config)


def is_own_peer(sock: Any) -> bool:
    """Return whether the process at the other end of a Unix socket belongs to this user."""
    _, uid, _ = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return bool(uid == os.getuid())
