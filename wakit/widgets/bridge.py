"""
The one background thread of a kernel on which widgets live.

Where the callback of a click runs depends on the versions of JupyterLab and
ipykernel: on 7.3 in a subshell thread with a loop of its own, on 7.4 in the
main thread, where it waits until the running cell is done. A task on the
kernel's loop freezes while a cell blocks. So widgets assume nothing: whatever
they do runs as a coroutine on this thread's loop, and it alone talks to the
browser. Background code never prints (the text would land in an arbitrary
cell), so errors are routed to whoever handed the work in.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: Seconds for the thread to end when the kernel does.
CLOSE_TIMEOUT = 2.0


class Bridge:
    """A daemon thread with its own event loop; any thread may hand it work."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="wakit-widgets", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T], on_error: Callable[[BaseException], None]) -> Future[T]:
        """Run *work* on the bridge; what it raises goes to *on_error*, on the bridge as well."""

        def report(done: Future[T]) -> None:
            if not done.cancelled() and (exc := done.exception()) is not None:
                self._loop.call_soon_threadsafe(on_error, exc)

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.add_done_callback(report)
        return future

    def close(self) -> None:
        """Cancel all work and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(CLOSE_TIMEOUT)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def _cancel(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        done = asyncio.gather(*tasks, return_exceptions=True)
        done.add_done_callback(lambda _: self._loop.stop())


@cache
def bridge() -> Bridge:
    """Return the bridge of this kernel, started when it is first needed."""
    made = Bridge()
    atexit.register(made.close)
    return made


class Latest(Generic[T]):
    """
    Hands on the newest value, at most once per *interval*; what came in between is replaced.

    Comm messages are lost silently above some thousand a second, so nothing
    that may come in bursts is sent one by one. Lives on the bridge's loop.
    """

    def __init__(self, send: Callable[[T], None], interval: float = 0.2) -> None:
        self._send = send
        self._interval = interval
        self._waiting: list[T] = []
        self._timer: asyncio.TimerHandle | None = None

    def offer(self, value: T) -> None:
        """Send *value* now or, when the last one is too recent, as soon as it may be."""
        self._waiting[:] = [value]
        if self._timer is None:
            self._flush()

    def close(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._timer = None
        if self._waiting:
            value = self._waiting.pop()
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._flush)
            self._send(value)
