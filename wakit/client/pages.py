"""A page of the timeline, and where the events begin that it does not know of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import httpx


class TimelinePage(list[dict[str, Any]]):
    """Messages as a person reads them, oldest first."""

    #: Id of the last event that the page may know of.
    events: str = ""

    @classmethod
    def read(cls, response: httpx.Response) -> Self:
        """Return the page of an answer."""
        page = cls(response.json())
        page.events = response.headers.get("wakit-events", "")
        return page
