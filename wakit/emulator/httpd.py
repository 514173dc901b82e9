"""An HTTP server on the network's own loop, for the media host and the control API."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

_START_SECONDS = 10.0
_STOP_SECONDS = 2


class _Quiet(uvicorn.Server):
    """A server that leaves the process's signal handlers alone: it is a guest on this loop."""

    def capture_signals(self) -> Any:
        return suppress()


class Httpd:
    """One ASGI application on a free loopback port."""

    def __init__(self, app: Any, *, certificate: Path | None = None) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            loop="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            ssl_certfile=certificate,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        self._server = _Quiet(config)
        self._task: asyncio.Task[None] | None = None

    async def listen(self) -> int:
        """Start to serve and return the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        async with asyncio.timeout(_START_SECONDS):
            while not self._server.started and not self._task.done():
                await asyncio.sleep(0.005)
        if self._task.done():
            await self._task
        port: int = listener.getsockname()[1]
        return port

    async def close(self) -> None:
        """Finish what is being served, and stop."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task
