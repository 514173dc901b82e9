"""
The messages that just left: whether their recipients could read them.

A recipient that cannot decrypt a message asks for it again, and the library answers
that from its memory only. A worker that ends a moment after a send would leave
"Waiting for this message" on a phone for good, so one that ends in order first waits
until the message counts as delivered, or a phone that is online would have asked by
now. Nobody can answer those who come online later.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.protobuf.message import DecodeError

from wakit.ids import JID
from wakit.proto import neonize_pb
from wakit.session.wire import text

#: Seconds within which a phone that is online confirms a message, or asks for it again and confirms it then.
PATIENCE = 2.0
#: The library's code of a receipt, and the types that say that a phone could read the message.
_RECEIPT = 18
_ARRIVED = frozenset({"DELIVERED", "INACTIVE", "READ", "PLAYED"})
#: Confirmations that are remembered: one can overtake the answer of the call that it is for.
_REMEMBERED = 64


class LastSends:
    """The send that is under way, and what left within ``PATIENCE`` unconfirmed; used from all threads of a worker."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_calling = False
        #: Until when each message is waited for.
        self._open: dict[str, float] = {}
        self._confirmed: deque[str] = deque(maxlen=_REMEMBERED)

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Know of a call for the length of the block: it is never cut off while there is time."""
        self._is_calling = True
        try:
            yield
        finally:
            with self._changed:
                self._is_calling = False
                self._changed.notify_all()

    def sent(self, chat: str, message_id: str) -> None:
        """Note a message that left; one to a group is waited for whoever confirms it, because each member may ask."""
        now = time.monotonic()
        with self._changed:
            self._open = {name: until for name, until in self._open.items() if until > now}
            if JID.parse(chat).is_group:
                self._open[f"{chat} {message_id}"] = now + PATIENCE
            elif message_id not in self._confirmed:
                self._open[message_id] = now + PATIENCE

    def heard(self, code: int, payload: bytes) -> None:
        """Note an event where it confirms messages; cheap while none is waited for."""
        if code != _RECEIPT or not (self._is_calling or self._open):
            return
        try:
            event = neonize_pb.Receipt.FromString(payload)
        except DecodeError:
            return
        if neonize_pb.Receipt.ReceiptType.Name(event.Type) in _ARRIVED:
            self._confirm(event.MessageIDs)

    def wait(self, seconds: float) -> None:
        """Wait until no call is under way and nothing that left is waited for, at most *seconds*."""
        end = time.monotonic() + seconds
        with self._changed:
            while (now := time.monotonic()) < end and (self._is_calling or max(self._open.values(), default=now) > now):
                until = end if self._is_calling else min(end, max(self._open.values()))
                self._changed.wait(max(0.0, until - now))

    def _confirm(self, names: Any) -> None:
        with self._changed:
            for name in map(text, names):
                if name and self._open.pop(name, None) is None:
                    self._confirmed.append(name)
            self._changed.notify_all()
