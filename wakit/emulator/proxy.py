"""
The proxy that a client process is pointed at: its whole internet.

``CONNECT web.whatsapp.com`` leads to the websocket server, every other host to
the media host; nothing ever leaves the machine. A plain websocket dial of
``/ws/chat`` on the same port is for clients that can be given a URL.
"""

from __future__ import annotations

import asyncio
import errno
from contextlib import suppress
from dataclasses import dataclass

from wakit.emulator.faults import Fault, Faults
from wakit.emulator.trace import Trace
from wakit.errors import PortInUse

CHAT_HOST = "web.whatsapp.com"
CHAT_PATH = "/ws/chat"
_CHUNK = 1 << 16
_HEAD_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the real listeners are."""

    chat_tls: int
    chat_plain: int
    media_tls: int


class Proxy:
    """One public port."""

    def __init__(self, ports: Ports, *, faults: Faults, trace: Trace) -> None:
        self._ports = ports
        self._faults = faults
        self._trace = trace
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, port: int) -> None:
        """
        Listen on a loopback port, 0 for any free one.

        Raises:
            PortInUse: With the port in the message.
        """
        try:
            self._server = await asyncio.start_server(self._accepted, "127.0.0.1", port)
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE:
                raise
            msg = f"Port {port} is in use. Choose another one for the emulated network, or 0 for any free port."
            raise PortInUse(msg, port=port) from exc
        self.port = self._server.sockets[0].getsockname()[1]

    async def pause(self) -> None:
        """Stop to listen and cut every connection: the network is down."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def resume(self) -> None:
        """Listen again on the same port."""
        await self.listen(self.port)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._route(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            return
        finally:
            writer.transport.abort()

    async def _route(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, *_ = [*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", ""]
        if method == "CONNECT":
            self._trace.note(target, "connect")
            host = target.rsplit(":", 1)[0]
            if host == CHAT_HOST and self._faults.strike(Fault.DIAL_DROPPED):
                return
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._join(self._ports.chat_tls if host == CHAT_HOST else self._ports.media_tls, b"", reader, writer)
        elif method == "GET" and target.startswith(CHAT_PATH):
            await self._join(self._ports.chat_plain, head, reader, writer)
        else:
            self._trace.note(target, "refused", method=method)
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()

    async def _join(self, port: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            back_writer.write(head)
            pumps = [asyncio.ensure_future(_pump(reader, back_writer)), asyncio.ensure_future(_pump(back_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            back_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        with suppress(OSError, RuntimeError):
            await writer.drain()
