"""
The media host: encrypted files under paths that only messages know.

It answers every host name but ``web.whatsapp.com``: upload (POST), download
(GET, with ranges), the check that resumable uploads make, and delete. Files
are what clients encrypted; the host can open none of them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from wakit.emulator.faults import Fault, Faults
from wakit.emulator.link import StanzaError, Upload
from wakit.emulator.trace import Trace
from wakit.paths import private_dir, write_private

HOST = "mmg.whatsapp.net"
_PATH = re.compile(r"/(?:v|o1|pps)/t62\.7118-24/([0-9a-f]{64})(?:\?.*)?\Z")


class MediaHost:
    """Files in one private folder, and the HTTP application that serves them."""

    def __init__(self, folder: Path, faults: Faults, trace: Trace) -> None:
        self._folder = private_dir(folder)
        self._faults = faults
        self._trace = trace
        self.app = Starlette(
            routes=[
                Route("/mms/{kind}/{token}", self._upload, methods=["POST"]),
                Route("/mms/{kind}/{token}", self._delete, methods=["DELETE"]),
                Route("/newsletter/{kind}/{token}", self._upload, methods=["POST"]),
                Route("/{path:path}", self._download, methods=["GET", "HEAD"]),
            ]
        )

    def put(self, enc: bytes, file_enc_sha256: bytes, *, kind: str = "image") -> Upload:
        """Keep an encrypted file as an upload would."""
        if hashlib.sha256(enc).digest() != file_enc_sha256:
            msg = f"The hash of an uploaded {kind} does not match its {len(enc)} bytes."
            raise ValueError(msg)
        return self._keep(enc, file_enc_sha256.hex())

    def put_open(self, data: bytes) -> Upload:
        """Keep a file that is not encrypted, such as a profile picture."""
        return self._keep(data, hashlib.sha256(data).hexdigest())

    def get(self, direct_path: str) -> bytes:
        """Return what was uploaded."""
        path = self._find(direct_path)
        if path is None:
            raise StanzaError(404, "media not found")
        return path.read_bytes()

    def delete(self, direct_path: str) -> None:
        """Remove a file; nothing happens where there is none."""
        path = self._find(direct_path)
        if path is not None:
            path.unlink()

    def _keep(self, data: bytes, name: str) -> Upload:
        write_private(self._folder / name, data)
        direct_path = f"/v/t62.7118-24/{name}?ccb=11-4&oh=01&oe=7FFFFFFF&_nc_sid=5e03e0"
        return Upload(direct_path=direct_path, url=f"https://{HOST}{direct_path}&mms3=true")

    def _find(self, direct_path: str) -> Path | None:
        match = _PATH.match(direct_path)
        path = self._folder / match[1] if match else None
        return path if path is not None and path.is_file() else None

    def _refusal(self, request: Request) -> Response | None:
        self._trace.note(request.headers.get("host", ""), "media", method=request.method, path=request.url.path)
        armed = self._faults.strike(Fault.MEDIA_REFUSED, method=request.method)
        return Response(status_code=armed.number("status", 507)) if armed else None

    async def _upload(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        digest = _token(request.path_params["token"])
        if "resume" in request.query_params:
            return self._resume(digest)
        data = await request.body()
        if hashlib.sha256(data).digest() != digest:
            return JSONResponse({"error": "hash mismatch"}, 400)
        return _uploaded(self._keep(data, digest.hex()))

    def _resume(self, digest: bytes) -> Response:
        if not (self._folder / digest.hex()).is_file():
            return JSONResponse({"resume": 0})
        return JSONResponse({"resume": "complete", **_links(self._keep_again(digest.hex()))})

    def _keep_again(self, name: str) -> Upload:
        return self._keep((self._folder / name).read_bytes(), name)

    async def _download(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        path = self._find(request.url.path)
        if path is None:
            return Response(status_code=404)
        # A part of a file is what wakit weighs it by.
        if "range" not in request.headers and self._faults.strike(Fault.MEDIA_HELD):
            return StreamingResponse(_begun(path.read_bytes()), media_type="application/octet-stream")
        if self._faults.strike(Fault.MEDIA_DAMAGED):
            data = path.read_bytes()
            return Response(data[:-1] + bytes([data[-1] ^ 1]), media_type="application/octet-stream")
        return FileResponse(path, media_type="application/octet-stream")

    async def _delete(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        self.delete(f"/v/t62.7118-24/{_token(request.path_params['token']).hex()}")
        return Response(status_code=200)


async def _begun(data: bytes) -> AsyncIterator[bytes]:
    """Give the first byte of a file, and then nothing until whoever asked goes away."""
    yield data[:1]
    await asyncio.Event().wait()


def _token(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _links(upload: Upload) -> dict[str, str]:
    return {"url": upload.url, "direct_path": upload.direct_path}


def _uploaded(upload: Upload) -> Response:
    return JSONResponse({**_links(upload), "handle": ""})
