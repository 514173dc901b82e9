"""
Which method answers which stanza.

A noun of the server (keys, groups, …) marks its methods with ``@iq`` or
``@stanza`` and is handed to the router, which is the only place that knows how
an answer is addressed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.server.endpoint import Endpoint

#: Children of the result, or nothing for an empty one.
IqHandler = Callable[[Endpoint, Node], list[Node] | None]
StanzaHandler = Callable[[Endpoint, Node], None]
F = TypeVar("F", bound=Callable[..., Any])

_MARK = "_emulator_routes"
ANY = "*"


def iq(xmlns: str, kind: str = ANY, tag: str = ANY) -> Callable[[F], F]:
    """Mark a method as the answer to an iq of this namespace, type and first child."""
    return _mark((xmlns, kind, tag))


def stanza(tag: str) -> Callable[[F], F]:
    """Mark a method as the taker of every stanza with this tag."""
    return _mark((tag,))


def _mark(route: tuple[str, ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        setattr(function, _MARK, [*getattr(function, _MARK, []), route])
        return function

    return decorate


class Router:
    """The marked methods of all nouns."""

    def __init__(self, *nouns: object) -> None:
        self._iqs: dict[tuple[str, ...], IqHandler] = {}
        self._stanzas: dict[str, StanzaHandler] = {}
        for noun in nouns:
            for name in dir(type(noun)):
                self._add(getattr(noun, name))

    def _add(self, method: Any) -> None:
        for route in getattr(method, _MARK, []):
            if len(route) == 1:
                self._stanzas[route[0]] = method
            else:
                self._iqs[route] = method

    def takes(self, tag: str) -> StanzaHandler | None:
        """Return who takes stanzas with this tag."""
        return self._stanzas.get(tag)

    def answer(self, who: Endpoint, request: Node) -> Node:
        """Return the result or error of an iq."""
        try:
            content = self._handler(request)(who, request)
        except StanzaError as exc:
            error = Node("error", {"code": exc.number, "text": exc.text})
            return Node("iq", {**_addressed(request), "type": "error"}, [error])
        return Node("iq", {**_addressed(request), "type": "result"}, content or None)

    def _handler(self, request: Node) -> IqHandler:
        xmlns, kind = request.get("xmlns"), request.get("type")
        tag = request.first.tag if request.first else ""
        for route in ((xmlns, kind, tag), (xmlns, kind, ANY), (xmlns, ANY, tag), (xmlns, ANY, ANY)):
            if route in self._iqs:
                return self._iqs[route]
        raise StanzaError(501, "feature-not-implemented")


def _addressed(request: Node) -> dict[str, Any]:
    return {"from": request.jid("to") or SERVER, "id": request.get("id")}
