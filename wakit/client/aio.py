"""The client for ``async`` code: servers, bots, and the widgets' bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from wakit import autostart
from wakit.access import run_headers
from wakit.client.ask import BASE_URL, Ask, answered_by, problem
from wakit.client.follow import Follower, Stream
from wakit.client.sends import AsyncSend
from wakit.client.verbs import Verbs
from wakit.client.workspace import Place, workspace_at
from wakit.errors import WakitError
from wakit.hostfile import HostInfo
from wakit.model import Send
from wakit.paths import Workspace

if TYPE_CHECKING:
    from wakit.exporting import Exported
    from wakit.snapshot import Snapshot

T = TypeVar("T")


class AsyncClient(Verbs):
    """
    One workspace, as seen from ``async`` code; belongs to one event loop.

    A host that is gone is found or started again at the next call.
    """

    def __init__(self, workspace: Workspace, info: HostInfo, *, start: bool) -> None:
        self._workspace = workspace
        self._start = start
        self._lock = asyncio.Lock()
        self._info = info
        self._http = _http(info)

    @classmethod
    async def connect(cls, workspace: Place = None, *, start: bool = True) -> Self:
        """Return a client of a workspace, as ``wakit.connect`` does."""
        place = workspace_at(workspace)
        return cls(place, await asyncio.to_thread(autostart.ensure, place, start=start), start=start)

    @property
    def workspace(self) -> Workspace:
        """Whose host this client speaks to."""
        return self._workspace

    @property
    def host_info(self) -> HostInfo:
        """Which host this client speaks to."""
        return self._info

    async def snapshot(
        self, folder: Path | str, *, host: str | None = None, account: str | None = None, progress: bool = False
    ) -> Snapshot:
        """Write everything as Parquet files below *folder*, as ``Client.snapshot`` does, in a thread."""
        from wakit.client.blocking import Client

        def take() -> Snapshot:
            with Client(self._workspace, start=self._start) as client:
                return client.snapshot(folder, host=host, account=account, progress=progress)

        return await asyncio.to_thread(take)

    async def export(self, what: str, path: Path | str, *, progress: bool = False, **chosen: Any) -> Exported:
        """Write what is stored as a file for other programs, as ``Client.export`` does, in a thread."""
        from wakit.client.blocking import Client

        def export() -> Exported:
            with Client(self._workspace, start=self._start) as client:
                return client.export(what, path, progress=progress, **chosen)

        return await asyncio.to_thread(export)

    async def perform(self, ask: Ask[T]) -> T:
        """Do one request, and the one that must be done before it."""
        if ask.first is not None:
            await self.perform(ask.first)
        with answered_by(self._info):
            try:
                response = await self._http.request(**ask.request())
            except httpx.ConnectError:  # nothing was sent, so it may be sent again
                await self._attach(start=self._start)
                response = await self._http.request(**ask.request())
        return ask.read(response)

    async def perform_send(self, ask: Ask[Send]) -> AsyncSend:
        """Do a request about an outgoing message, which can then be waited for."""
        return AsyncSend.of(await self.perform(ask), self)

    async def follow(self, stream: Stream[T]) -> AsyncGenerator[T, None]:
        """Yield the items of a stream; interruptions are bridged, and closing the client ends it."""
        follower = Follower(stream)
        while not self._http.is_closed:
            cause: Exception | None = None
            try:
                if follower.is_resuming:
                    await self._attach(start=self._start and follower.may_start)
                async with self._http.stream(**follower.request()) as response:
                    if not response.is_success:
                        await response.aread()
                        raise problem(response)
                    async for line in response.aiter_lines():
                        item = follower.line(line)
                        if item is not None:
                            yield item
            except (httpx.TransportError, WakitError) as exc:
                cause = exc
            if self._http.is_closed:
                return
            await asyncio.sleep(follower.interrupted(cause))

    async def close(self) -> None:
        """Let go of the connections; the host goes on."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient(workspace={self._workspace.root.name!r})"

    async def _attach(self, *, start: bool) -> None:
        async with self._lock:
            info = await asyncio.to_thread(autostart.ensure, self._workspace, start=start)
            if info.socket != self._info.socket:
                await self._http.aclose()
                self._http = _http(info)
            self._info = info


def _http(info: HostInfo) -> httpx.AsyncClient:
    way = httpx.AsyncHTTPTransport(uds=info.socket, verify=False)
    return httpx.AsyncClient(transport=way, base_url=BASE_URL, headers=run_headers(), trust_env=False)
