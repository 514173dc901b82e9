"""When a host has nothing left to do: no caller, no open stream, no session that is up."""

from __future__ import annotations

from collections.abc import Callable

from wakit.clock import Clock
from wakit.host.guard import App, Receive, Scope, Send

#: Longest pause between two looks.
_LOOK_EVERY = 5.0


class Activity:
    """Counts requests in flight and remembers when the last one ended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open = 0
        self._last = clock.monotonic()

    @property
    def quiet_for(self) -> float:
        """Seconds since anybody was here; 0 while somebody is."""
        return 0.0 if self._open else self._clock.monotonic() - self._last

    def touch(self) -> None:
        """Count from now."""
        self._last = self._clock.monotonic()

    def counting(self, app: App) -> App:
        """Return *app* with its requests counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self._open += 1
            try:
                await app(scope, receive, send)
            finally:
                self._open -= 1
                self.touch()

        return counted

    async def wait_for_silence(self, seconds: float, is_idle: Callable[[], bool], clock: Clock) -> None:
        """Return once nobody was here for *seconds* and *is_idle* says that nothing is going on."""
        while self.quiet_for < seconds or not is_idle():
            await clock.sleep(min(seconds / 4, _LOOK_EVERY))
