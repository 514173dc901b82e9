"""
Clients over websockets: TLS for those that dial WhatsApp's names, plain for those that are given a URL.

Each connection is a Noise handshake and then sealed frames; what is written in
one turn of the loop leaves in one websocket message.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from cryptography.exceptions import InvalidTag
from websockets.asyncio.server import Server as WebsocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from wakit.emulator.faults import Fault
from wakit.emulator.nodes import MalformedStanza, Node, decode, encode
from wakit.emulator.noise import Authority, Frames, Handshake, HandshakeFailed, Session, frame
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.exchange import Server
from wakit.emulator.trace import Trace

_MAX_MESSAGE = 1 << 24
_HANDSHAKE_SECONDS = 20.0
_CLOSE_SECONDS = 2.0
#: A client acts on the last stanza and hangs up; whatsmeow forgets stanzas it has not handled when the socket closes before.
_LAST_WORD_SECONDS = 0.3


class SocketEndpoint(Endpoint):
    """A client behind a websocket."""

    def __init__(self, trace: Trace, websocket: ServerConnection, session: Session) -> None:
        super().__init__(trace)
        self._websocket = websocket
        self._session = session
        self._outbox: asyncio.Queue[bytes | None] = asyncio.Queue()

    def _write(self, node: Node) -> None:
        self._outbox.put_nowait(encode(node))

    def close(self, *, after: float = 0.0) -> None:
        asyncio.get_running_loop().call_later(after, self._outbox.put_nowait, None)

    def abort(self) -> None:
        self._websocket.transport.abort()

    async def send(self) -> None:
        """Write what is in the outbox until the connection is to be closed."""
        closing = False
        while not closing:
            stanzas = [await self._outbox.get()]
            while not self._outbox.empty():
                stanzas.append(self._outbox.get_nowait())
            closing = None in stanzas
            frames = [frame(self._session.outgoing.seal(stanza)) for stanza in stanzas if stanza is not None]
            if frames:
                await self._websocket.send(b"".join(frames))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._websocket.wait_closed(), _LAST_WORD_SECONDS)
        await self._websocket.close()


class Sockets:
    """The websocket listeners of one network."""

    def __init__(self, server: Server, authority: Authority) -> None:
        self._server = server
        self._authority = authority
        self._listeners: list[WebsocketServer] = []

    async def listen(self, context: ssl.SSLContext | None) -> int:
        """Listen on a free loopback port and return it."""
        listener = await serve(
            self._serve,
            "127.0.0.1",
            0,
            ssl=context,
            process_request=self._admit,
            compression=None,
            max_size=_MAX_MESSAGE,
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
        )
        self._listeners.append(listener)
        port: int = next(iter(listener.sockets)).getsockname()[1]
        return port

    async def close(self) -> None:
        """Drop every connection and stop to listen."""
        for listener in self._listeners:
            for websocket in list(listener.connections):
                websocket.transport.abort()
            listener.close()
            await listener.wait_closed()

    def _admit(self, websocket: ServerConnection, request: Request) -> Response | None:
        armed = self._server.faults.strike(Fault.DIAL_REFUSED)
        if armed is None:
            return None
        status = HTTPStatus(armed.number("status", 503))
        self._server.trace.note(request.path, "dial-refused", status=int(status))
        return websocket.respond(status, f"{status.phrase}\n")

    async def _serve(self, websocket: ServerConnection) -> None:
        frames = Frames()
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                session, early = await self._shake_hands(websocket, frames)
        except (HandshakeFailed, TimeoutError) as exc:
            self._server.trace.note("unpaired", "handshake-failed", reason=str(exc))
            return
        except ConnectionClosed:
            return
        endpoint = SocketEndpoint(self._server.trace, websocket, session)
        writer = asyncio.create_task(endpoint.send())
        try:
            self._server.entered(endpoint, session)
            await self._read(endpoint, websocket, frames, session, early)
        finally:
            self._server.left(endpoint)
            writer.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await writer

    async def _shake_hands(self, websocket: ServerConnection, frames: Frames) -> tuple[Session, list[bytes]]:
        handshake = Handshake(self._authority)
        waiting: list[bytes] = []
        while not waiting:
            waiting += frames.feed(_binary(await websocket.recv()))
        await websocket.send(frame(handshake.hello(waiting.pop(0))))
        while not waiting:
            waiting += frames.feed(_binary(await websocket.recv()))
        return handshake.finish(waiting.pop(0)), waiting

    async def _read(
        self, endpoint: Endpoint, websocket: ServerConnection, frames: Frames, session: Session, early: list[bytes]
    ) -> None:
        receive: Callable[[Endpoint, Node], None] = self._server.receive
        try:
            for sealed in early:
                receive(endpoint, decode(session.incoming.open(sealed)))
            async for message in websocket:
                for sealed in frames.feed(_binary(message)):
                    receive(endpoint, decode(session.incoming.open(sealed)))
        except ConnectionClosed:
            return
        except (InvalidTag, MalformedStanza) as exc:
            self._server.trace.note(endpoint.who, "unreadable", reason=str(exc) or type(exc).__name__)


def _binary(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message
