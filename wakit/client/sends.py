"""
What a client gives back for an outgoing message: its record, which can wait for the message to get further.

The record itself is a value and knows nobody; these two also know the client that
they came from, so that a person can write ``wa.send(…).wait("read")``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from wakit.model import Send, SendState

if TYPE_CHECKING:
    from wakit.client.aio import AsyncClient
    from wakit.client.blocking import Client

#: Seconds that ``wait`` waits where nobody says.
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True, repr=False)
class FollowedSend(Send):
    """A send, and the client that can tell how it goes on."""

    client: Any = field(compare=False)

    @classmethod
    def of(cls, send: Send, client: Any) -> Self:
        """Return a send as *client* gives it."""
        return cls(**{f.name: getattr(send, f.name) for f in fields(Send)}, client=client)

    @property
    def record(self) -> Send:
        """The send alone, as a value."""
        return Send(**{f.name: getattr(self, f.name) for f in fields(Send)})

    def to_json(self) -> dict[str, Any]:
        return self.record.to_json()

    def __reduce__(self) -> Any:
        return Send.from_json, (self.to_json(),)


@dataclass(frozen=True, kw_only=True, repr=False)
class BlockingSend(FollowedSend):
    """A send in a notebook."""

    client: Client = field(compare=False)

    def wait(self, state: SendState | str = SendState.DELIVERED, *, timeout: float = PATIENCE) -> BlockingSend:
        """
        Return the send as it is when it got as far as *state*, when it never will, or after *timeout* seconds.

        Args:
            state: ``sent``, ``delivered`` or ``read``.
            timeout: Most seconds to wait.
        """
        return self.client.sent(self.id, until=state, wait=timeout)


@dataclass(frozen=True, kw_only=True, repr=False)
class AsyncSend(FollowedSend):
    """A send in ``async`` code."""

    client: AsyncClient = field(compare=False)

    async def wait(self, state: SendState | str = SendState.DELIVERED, *, timeout: float = PATIENCE) -> AsyncSend:  # noqa: ASYNC109 - the host waits
        """
        Return the send as it is when it got as far as *state*, when it never will, or after *timeout* seconds.

        Args:
            state: ``sent``, ``delivered`` or ``read``.
            timeout: Most seconds to wait.
        """
        return await self.client.sent(self.id, until=state, wait=timeout)
