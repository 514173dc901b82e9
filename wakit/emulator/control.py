"""
The control API: the emulated phones of this process, from another process.

A notebook that offers "scan with the emulated phone", or a test whose network
runs elsewhere, reads ``control.json`` beside the descriptor and talks HTTP to
loopback. The token in it is the only key; the file is private. Requests run in
worker threads, because the phones' own interface is synchronous.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wakit.emulator.control_api import Answer, Call, PhonesApi, ShopApi, WeatherApi
from wakit.errors import WakitError

if TYPE_CHECKING:
    from wakit.emulator.network import Network

Handler = Callable[[Call], Answer]


class Control:
    """The application; every request must bear the token."""

    def __init__(self, network: Network) -> None:
        self.token = secrets.token_urlsafe(32)
        phones, weather = PhonesApi(network), WeatherApi(network)
        shop = ShopApi(network, phones)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/phones", phones.list),
            ("POST", "/phones", phones.make),
            ("POST", "/phones/{number}/scan", phones.scan),
            ("POST", "/phones/{number}/code", phones.code),
            ("POST", "/phones/{number}/send", phones.send),
            ("GET", "/phones/{number}/inbox", phones.inbox),
            ("POST", "/phones/{number}/history", phones.history),
            ("POST", "/phones/{number}/unlink", phones.unlink),
            ("GET", "/shop", shop.show),
            ("POST", "/shop", shop.start),
            ("DELETE", "/shop", shop.stop),
            ("GET", "/faults", weather.faults),
            ("POST", "/faults", weather.arm),
            ("DELETE", "/faults", weather.disarm),
            ("POST", "/drop", weather.drop),
            ("POST", "/outage", weather.outage),
            ("GET", "/trace", weather.trace),
        ]
        self.app = Starlette(routes=[Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in routes])

    def _endpoint(self, handler: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not secrets.compare_digest(given.encode(), self.token.encode()):
                return JSONResponse({"code": "unauthorised", "message": "The token is in control.json."}, 401)
            call = Call(request=request, body=await request.body())
            try:
                answer = await asyncio.to_thread(handler, call)
            except WakitError as exc:
                return JSONResponse({"code": exc.code, "message": exc.message}, exc.status)
            except TimeoutError as exc:
                return JSONResponse({"code": "timeout", "message": str(exc) or "The phone got no answer in time."}, 504)
            return Response(answer, media_type="text/plain") if isinstance(answer, str) else JSONResponse(answer)

        return endpoint


def control_file(folder: Path) -> Path:
    """Where the URL and the token are written."""
    return folder / "control.json"
