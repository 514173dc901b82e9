"""An HTTP server on the network's own loop, for the media host and the control API."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import uvicorn

_START_SECONDS = 10.0
_STOP_SECONDS = 2


class _Guest(uvicorn.Server):
    """A server on somebody else's loop: it leaves the process's signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


class Httpd:
    """One ASGI application on a free loopback port."""

    def __init__(self, app: Any, *, certificate: Path | None = None) -> None:
        self._config = uvicorn.Config(
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
        self._server: _Guest | None = None
        self._task: asyncio.Task[None] | None = None

    async def listen(self) -> int:
        """Start to serve and return the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._server = _Guest(self._config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        await asyncio.wait_for(self._server.listening.wait(), _START_SECONDS)
        port: int = listener.getsockname()[1]
        return port

    async def close(self) -> None:
        """Finish what is being served, and stop."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
