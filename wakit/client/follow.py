"""
One stream of server-sent events as a value, and where to go on after an interruption.

``Follower`` does no I/O: it says what to ask for, takes line after line, and says
how long to wait before the next attempt or that it was the last one. A host that
says goodbye was stopped by somebody, so it is looked for but not started again;
one that is gone without a word is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from wakit.errors import HostGone, WakitError

T = TypeVar("T")

#: Seconds without a line after which a stream counts as dead; the host sends one every ten.
SILENCE = 25.0
#: Seconds before each attempt to go on; after the last one the stream has failed.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
#: Name of the last event of a host that is being stopped.
GOODBYE = "goodbye"


@dataclass(frozen=True, kw_only=True)
class Stream(Generic[T]):
    """A stream of the host."""

    path: str
    #: Makes an item of the JSON of one event.
    reads: Callable[[dict[str, Any]], T]
    params: dict[str, Any] = field(default_factory=dict)


class Follower(Generic[T]):
    """The state of one reader of a stream."""

    def __init__(self, stream: Stream[T]) -> None:
        self._stream = stream
        self._cursor: str | None = None
        self._failures = 0
        self._id: str | None = None
        self._event = ""
        self._data: list[str] = []
        #: Whether the stream was open before and must find its host again.
        self.is_resuming = False
        #: Whether a host that is gone may be started again.
        self.may_start = True

    def request(self) -> dict[str, Any]:
        """Return the arguments of ``httpx``'s ``stream`` for the next attempt."""
        params = {name: value for name, value in self._stream.params.items() if value is not None}
        if self._cursor is not None:
            params["after"] = self._cursor
        return {
            "method": "GET",
            "url": self._stream.path,
            "params": params,
            "headers": {"accept": "text/event-stream"},
            "timeout": SILENCE,
        }

    def line(self, text: str) -> T | None:
        """Take one line; return the item that it completes."""
        self._failures = 0
        if not text:
            return self._dispatch()
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            self._id = value
        elif name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        return None

    def interrupted(self, cause: Exception | None) -> float:
        """
        Return the seconds to wait before the next attempt.

        Raises:
            WakitError: It was the last one.
        """
        self._id, self._event, self._data = self._cursor, "", []
        self.is_resuming = True
        if isinstance(cause, WakitError) and not isinstance(cause, HostGone):
            raise cause
        if self._failures == len(PAUSES):
            msg = "The host is gone and the stream with it. Call again: the host is started on demand."
            raise (cause if isinstance(cause, HostGone) else HostGone(msg)) from cause
        self._failures += 1
        return PAUSES[self._failures - 1]

    def _dispatch(self) -> T | None:
        event, data = self._event, self._data
        self._cursor, self._event, self._data = self._id, "", []
        if event == GOODBYE:
            self.may_start = False
        if not data or event == GOODBYE:
            return None
        self.may_start = True
        return self._stream.reads(json.loads("\n".join(data)))
