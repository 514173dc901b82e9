"""
A query's result on its way to whoever asked.

One visit to a thread starts the query and takes what it has up to a few hundred
kilobytes, so that a small query costs one; the rest of a large one is produced
while the part before is being sent. Whoever leaves in the middle (Ctrl-C in a
kernel, a connection that drops) stops the query: a caller's socket is
watched from the first moment on, because a query that still computes would
otherwise find out when it writes its first row.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic_core import to_jsonable_python
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from wakit.errors import QueryFailed, WakitError
from wakit.host.problems import describe
from wakit.store import Answer

ARROW = "application/vnd.apache.arrow.stream"
#: Bytes that are worth a visit to a thread.
_PART = 256 * 1024
#: Most rows of a JSON answer, which is made as a whole.
JSON_ROWS = 100_000


async def respond(request: Request, answer: Answer) -> Response:
    """Run a query that was prepared, and return its rows in the form that the caller accepts."""
    # The body was read: what comes next is that the caller left, or that the answer is out.
    left = asyncio.ensure_future(request.receive())
    left.add_done_callback(lambda _: answer.stop())
    streamed = False
    try:
        if ARROW not in request.headers.get("accept", ""):
            return JSONResponse(await run_in_threadpool(_values, answer))
        parts = _parts(answer)
        first = await run_in_threadpool(next, parts, b"")
        streamed = len(first) >= _PART
        return _Streamed(first, parts, answer, left) if streamed else Response(first, media_type=ARROW)
    finally:
        if not streamed:
            left.cancel()


class _Streamed(Response):
    """An answer in parts: the next one is produced while one is being sent."""

    media_type = ARROW

    def __init__(self, first: bytes, parts: Iterator[bytes], answer: Answer, left: asyncio.Future[Any]) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers()
        self._first = first
        self._parts = parts
        self._answer = answer
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        part = self._first
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while len(part) >= _PART and not self._left.done():
                sending = send({"type": "http.response.body", "body": part, "more_body": True})
                part, _ = await asyncio.gather(run_in_threadpool(next, self._parts, b""), sending)
            await send({"type": "http.response.body", "body": part, "more_body": False})
        finally:
            self._left.cancel()
            self._answer.stop()
            await run_in_threadpool(self._answer.close)


def _parts(answer: Answer) -> Iterator[bytes]:
    """
    Yield a result as an Arrow stream, in parts of some size; the last one is smaller, perhaps empty.

    The status is long out when a query fails in the middle, so the problem
    document then follows the end of the Arrow stream.
    """
    sink = _Sink()
    told, problem = False, b""
    with answer.start(), pa.ipc.new_stream(sink, answer.schema) as writer:
        try:
            for batch in answer:
                writer.write_batch(batch)
                if sink.size >= _PART:
                    told = True
                    yield sink.taken()
        except WakitError as exc:
            if not told:
                raise
            problem = json.dumps(describe(exc)).encode()
    yield sink.taken() + problem


def _values(answer: Answer) -> Any:
    """Return a result as JSON values, which is for small ones: it is held here as a whole."""
    batches: list[pa.RecordBatch] = []
    with answer.start():
        for batch in answer:
            batches.append(batch)
            if sum(batch.num_rows for batch in batches) > JSON_ROWS:
                msg = f"The result has more than {JSON_ROWS:,} rows. Add a LIMIT, or accept {ARROW}, which is streamed."
                raise QueryFailed(msg)
    return to_jsonable_python(pa.Table.from_batches(batches, answer.schema).to_pylist(), fallback=str)


class _Sink(io.RawIOBase):
    """Where a writer writes to and a response takes from."""

    def __init__(self) -> None:
        self._parts: list[memoryview] = []
        #: Bytes since the last time.
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(memoryview(data))
        self.size += len(data)
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts, self.size = self._parts, [], 0
        return b"".join(parts)
