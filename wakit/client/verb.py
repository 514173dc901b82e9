"""
How a request becomes a method: written once, done in the way of the client it is called on.

A verb is a method that returns an ``Ask`` (or a ``Stream``) instead of doing it.
Seen through a ``Client`` it does it and returns the result; seen through an
``AsyncClient`` it returns a coroutine of the same result. Signature, docstring and
types are those written there.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from wakit.client.ask import Ask
from wakit.client.follow import Stream
from wakit.model import Send

if TYPE_CHECKING:
    from wakit.client.aio import AsyncClient
    from wakit.client.blocking import Client
    from wakit.client.sends import AsyncSend, BlockingSend

P = ParamSpec("P")
T = TypeVar("T")


class verb(Generic[P, T]):  # noqa: N801 - used as a decorator
    """Makes a request out of a method, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> verb[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.perform, "{}")


class stream(Generic[P, T]):  # noqa: N801 - used as a decorator
    """Makes an iterator out of a method, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Stream[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> stream[P, T]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.follow, "Iterator[{}]")


class sending(Generic[P]):  # noqa: N801 - used as a decorator
    """Makes a request out of a method whose result can wait for more, in the way of the client it is called on."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[Send]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> sending[P]: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Callable[P, BlockingSend]: ...
    @overload
    def __get__(self, client: AsyncClient, owner: type) -> Callable[P, Coroutine[Any, Any, AsyncSend]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        return self if client is None else _bound(self._ask, client, client.perform_send, "{}")


def _bound(ask: Callable[..., Any], client: Any, perform: Callable[[Any], Any], gives: str) -> Callable[..., Any]:
    method = ask.__get__(client)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return perform(method(*args, **kwargs))

    # A person who asks for help in a notebook wants to read the result's type, not the plumbing's.
    signature = inspect.signature(method)
    result = str(signature.return_annotation).partition("[")[2].removesuffix("]")
    call.__signature__ = signature.replace(return_annotation=gives.format(result))  # type: ignore[attr-defined]
    return call
