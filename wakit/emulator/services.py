"""What runs while the network is up: listeners, server and the writing of its state."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wakit.emulator.certs import ca_path, server_path, tls_context
from wakit.emulator.control import Control, control_file
from wakit.emulator.faults import Faults
from wakit.emulator.httpd import Httpd
from wakit.emulator.link import StanzaError
from wakit.emulator.noise import Authority
from wakit.emulator.proxy import CHAT_PATH, Ports, Proxy
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.exchange import Server
from wakit.emulator.sockets import Sockets
from wakit.emulator.trace import Trace
from wakit.errors import PortInUse
from wakit.ids import JID
from wakit.paths import private_dir, write_private

#: A changed record is on disk after at most this long.
_FLUSH_SECONDS = 0.25


class Services:
    """The running parts of one network; lives on its loop."""

    def __init__(self, folder: Path, *, faults: Faults, trace: Trace, persistent: bool, control: Control) -> None:
        self.folder = private_dir(folder)
        self.ca = ca_path(folder)
        self._persistent = persistent
        self._tasks: set[asyncio.Task[None]] = set()
        context = tls_context(folder)
        self.authority = Authority.open(folder / "noise.json")
        self.server = Server(folder, faults=faults, trace=trace)
        self._sockets = Sockets(self.server, self.authority)
        self._media = Httpd(self.server.media.app, certificate=server_path(folder))
        self._token = control.token
        self._control = Httpd(control.app)
        self._context = context
        self._faults = faults
        self._trace = trace
        self._proxy: Proxy | None = None

    @property
    def proxy(self) -> Proxy:
        if self._proxy is None:
            msg = "The network is not up yet."
            raise RuntimeError(msg)
        return self._proxy

    @property
    def proxy_url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.proxy.port}{CHAT_PATH}"

    async def start(self, port: int) -> None:
        """Open every listener and write the descriptor."""
        ports = Ports(
            chat_tls=await self._sockets.listen(self._context),
            chat_plain=await self._sockets.listen(None),
            media_tls=await self._media.listen(),
        )
        self._proxy = Proxy(ports, faults=self._faults, trace=self._trace)
        await self._listen(port)
        descriptor = {"proxy": self.proxy_url, "ca": str(self.ca), "noise_root": self.authority.root.public.hex()}
        write_private(self.folder / "network.json", json.dumps(descriptor).encode())
        control = {"url": f"http://127.0.0.1:{await self._control.listen()}", "token": self._token}
        write_private(control_file(self.folder), json.dumps(control).encode())
        if self._persistent:
            self.spawn(self._flush())

    async def stop(self) -> None:
        """Hang up, close every listener and write the state."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for endpoint in self.server.post:
            endpoint.abort()
        if self._proxy is not None:
            await self._proxy.pause()
        await self._sockets.close()
        await asyncio.gather(self._media.close(), self._control.close())
        control_file(self.folder).unlink(missing_ok=True)
        if self._persistent:
            self.server.state.flush()

    def spawn(self, work: Any) -> None:
        """Run something beside the rest until it ends or the network stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def outage(self, seconds: float) -> None:
        """Be offline for a while."""
        await self.proxy.pause()
        self.spawn(self._return_after(seconds))

    def connection(self, device: JID) -> Endpoint:
        """
        Return the open connection of a device.

        Raises:
            StanzaError: 404, it is not connected.
        """
        found = self.server.directory.device(device)
        endpoint = self.server.post.find(found[0], found[1].number) if found else None
        if endpoint is None:
            raise StanzaError(404, f"{device} is not connected")
        return endpoint

    async def _listen(self, port: int) -> None:
        with suppress(PortInUse):
            if port == 0 and (former := self._former_port()):
                await self.proxy.listen(former)
                return
        await self.proxy.listen(port)

    def _former_port(self) -> int | None:
        """Return the port of the last run: clients that are still there then find the network again."""
        try:
            former = json.loads((self.folder / "network.json").read_text("utf-8"))
            return urlsplit(str(former["proxy"])).port
        except (OSError, ValueError, KeyError):
            return None

    async def _return_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.proxy.resume()

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await asyncio.to_thread(self.server.state.write, self.server.state.take())
