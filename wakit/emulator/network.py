"""
The emulated network as a context manager.

``Network`` owns one event loop in one daemon thread; on it run the proxy, the
websocket server, the media host and every emulated phone. Its own methods are
synchronous and may be called from any other thread, also from one that runs an
event loop of its own (then they block it, as any synchronous call does).
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from wakit.emulator.control import Control, control_file
from wakit.emulator.faults import Faults
from wakit.emulator.link import Exchange
from wakit.emulator.nodes import Node
from wakit.emulator.server.hub import new_id, now
from wakit.emulator.server.login import stream_error
from wakit.emulator.services import Services
from wakit.emulator.trace import Trace
from wakit.ids import JID, phone_number

if TYPE_CHECKING:
    from wakit.emulator.phone import Phone

T = TypeVar("T")
_STOP_SECONDS = 20.0


class Network:
    """
    A WhatsApp of your own on this machine.

    ::

        with Network() as net:
            phone = net.phone("+57 300 123 4567", name="Café Andino")
            …  # start a client with net.env() and show its QR to phone.scan()

    Args:
        state: Folder that keeps accounts, devices and messages; the same
            folder is the same network again. A temporary one if omitted.
        port: Of the proxy. 0 takes the port the folder had before, or any.
    """

    def __init__(self, state: Path | None = None, port: int = 0) -> None:
        self.state = Path(state).absolute() if state is not None else None
        self.faults = Faults()
        self.trace = Trace()
        self._port = port
        self._folder = self.state or Path(tempfile.mkdtemp(prefix="wakit-network-"))
        self._phones: dict[str, Phone] = {}
        self._phones_lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._services: Services | None = None

    def __enter__(self) -> Network:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """
        Bring the network up; returns when every listener listens.

        Raises:
            PortInUse: The port is taken; the message names it.
        """
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, args=(ready,), name="wakit-network", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except BaseException:
            self._thread.join()
            self._remove_folder()
            raise

    def close(self) -> None:
        """Hang up on everybody, write the state and end the thread; twice does no harm."""
        with self._phones_lock:
            phones, self._phones = list(self._phones.values()), {}
        for phone in phones:
            phone.close()
        if self._loop is not None and self._stop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_STOP_SECONDS)
        self._loop = self._services = None
        self._remove_folder()

    def run(self, work: Coroutine[Any, Any, T], *, timeout: float = 30.0) -> T:
        """
        Run *work* on the network's loop and wait for it.

        Raises:
            TimeoutError: It took longer; the work was cancelled.
        """
        if self._loop is None or threading.current_thread() is self._thread:
            work.close()
            msg = "The network is not running, or this call came from its own loop."
            raise RuntimeError(msg)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    @property
    def exchange(self) -> Exchange:
        """The server as phones see it; touch it only on the network's loop."""
        return self._up.server

    @property
    def descriptor(self) -> Path:
        """``network.json``, by which a client finds this network."""
        return self._folder / "network.json"

    @property
    def control(self) -> Path:
        """``control.json``, by which another process finds the control API."""
        return control_file(self._folder)

    @property
    def noise_root(self) -> str:
        """The public root key that clients must trust, in hex."""
        return self._up.authority.root.public.hex()

    @property
    def port(self) -> int:
        """The port of the proxy."""
        return self._up.proxy.port

    @property
    def proxy_url(self) -> str:
        """What a client process has as its ``HTTPS_PROXY``."""
        return self._up.proxy_url

    @property
    def websocket_url(self) -> str:
        """A plain websocket, for clients that can be given a URL."""
        return self._up.websocket_url

    def env(self) -> dict[str, str]:
        """Return the variables that a client process needs at exec."""
        return {"HTTPS_PROXY": self.proxy_url, "SSL_CERT_FILE": str(self._up.ca)}

    def phone(self, number: str, name: str = "") -> Phone:
        """
        Return the emulated phone of a number; it is made, and its number registered, the first time.

        Args:
            number: In any spelling, with country code.
            name: Its push name; the one it had before if omitted.
        """
        from wakit.emulator.phone import Phone  # the phone is built upon the network, not the other way round

        digits = phone_number(number).digits
        with self._phones_lock:
            if digits not in self._phones:
                self._phones[digits] = Phone(self, digits, name=name or self.run(self._known_name(digits)))
            return self._phones[digits]

    @property
    def phones(self) -> list[Phone]:
        """Every phone that was asked for, oldest first."""
        with self._phones_lock:
            return list(self._phones.values())

    def devices(self, number: str) -> list[JID]:
        """Return the linked companions of a number."""
        return self.run(self._devices(phone_number(number).jid))

    def drop(self, device: JID) -> None:
        """Break the connection of a device as a bad network does."""
        self.run(self._drop(device))

    def offline(self) -> None:
        """Cut every connection and refuse new ones."""
        self.run(self._up.proxy.pause())

    def online(self) -> None:
        """End ``offline``."""
        self.run(self._up.proxy.resume())

    def outage(self, seconds: float) -> None:
        """Be offline for a while; returns at once."""
        self.run(self._up.outage(seconds))

    def stream_error(self, device: JID, code: int | None = None, *, conflict: str = "") -> None:
        """
        End a device's stream as the real server does.

        Args:
            device: Phone-number address with its device.
            code: 401, 429, 500, 503, 515 …
            conflict: ``replaced`` or ``device_removed``.
        """
        self.run(self._end_stream(device, stream_error(code, conflict=conflict)))

    def deliver(self, device: JID, node: Node) -> None:
        """Write any stanza to a connected device: what the real server may send one day."""
        self.run(self._deliver(device, node))

    def send_receipt(self, device: JID, *, sender: JID, ids: list[str], kind: str) -> None:
        """Send a receipt of any type, also of one that no client knows."""
        items = [Node("list", {}, [Node("item", {"id": extra}) for extra in ids[1:]])] if ids[1:] else None
        self.deliver(device, Node("receipt", {"from": sender, "id": ids[0], "type": kind, "t": now()}, items))

    def send_notification(self, device: JID, kind: str, content: list[Node], *, sender: JID) -> None:
        """Send a notification of any type."""
        self.deliver(device, Node("notification", {"from": sender, "id": new_id(), "type": kind, "t": now()}, content))

    @property
    def _up(self) -> Services:
        if self._services is None:
            msg = "The network is not running. Use it as: with Network() as net: …"
            raise RuntimeError(msg)
        return self._services

    async def _devices(self, account: JID) -> list[JID]:
        return self._up.server.devices(account)

    async def _known_name(self, digits: str) -> str:
        account = self._up.server.state.accounts.get(digits)
        return account.push_name if account else ""

    async def _drop(self, device: JID) -> None:
        self._up.connection(device).abort()

    async def _end_stream(self, device: JID, node: Node) -> None:
        endpoint = self._up.connection(device)
        endpoint.write(node)
        endpoint.close()

    async def _deliver(self, device: JID, node: Node) -> None:
        self._up.connection(device).write(node)

    def _main(self, ready: Future[None]) -> None:
        asyncio.run(self._lifetime(ready))

    async def _lifetime(self, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            services = await self._start()
        except BaseException as exc:  # noqa: BLE001 - raised again in the thread that called start()
            ready.set_exception(exc)
            return
        self._services = services
        ready.set_result(None)
        await self._stop.wait()
        await services.stop()

    async def _start(self) -> Services:
        services = Services(
            self._folder,
            faults=self.faults,
            trace=self.trace,
            persistent=self.state is not None,
            control=Control(self),
        )
        try:
            await services.start(self._port)
        except BaseException:
            await services.stop()
            raise
        return services

    def _remove_folder(self) -> None:
        if self.state is None:
            shutil.rmtree(self._folder, ignore_errors=True)
