"""What a type checker must know of the clients; never executed, checked by mypy."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import assert_type

import pandas as pd

import wakit.client
from wakit.client import AsyncClient, Client
from wakit.client.sends import AsyncSend, BlockingSend
from wakit.model import Event, Send, SessionStatus


def blocking() -> None:
    """Every verb of the sync client gives its result."""
    wa = wakit.client.connect()
    assert_type(wa, Client)
    assert_type(wa.status(), SessionStatus)
    assert_type(wa.sessions(), list[SessionStatus])
    assert_type(wa.send("+57 300 123 4567", "hola", account="ana", wait=3.0), BlockingSend)
    assert_type(wa.send("+57 300 123 4567", "hola").wait("read", timeout=60), BlockingSend)
    assert_type(wa.pending(), list[Send])
    assert_type(wa.sends(states=["unknown"]), list[Send])
    assert_type(wa.arrived("5f0c"), BlockingSend)
    wa.react("+57 300 123 4567", "3EB0A")  # type: ignore[call-arg]
    assert_type(wa.messages(limit=5), pd.DataFrame)
    assert_type(wa.waiting(days=7), pd.DataFrame)
    assert_type(wa.events("0", account="ana"), Generator[Event, None, None])
    assert_type(wa.watch("ana"), Generator[SessionStatus, None, None])
    wa.send("+57 300 123 4567")  # type: ignore[call-arg]
    wa.status(3)  # type: ignore[arg-type]


async def asynchronous() -> None:
    """Every verb of the async client gives the same result, awaited."""
    wa = await AsyncClient.connect()
    assert_type(wa, AsyncClient)
    assert_type(await wa.status("ana"), SessionStatus)
    assert_type(await wa.send("+57 300 123 4567", "hola"), AsyncSend)
    assert_type(await (await wa.react("+57 300 123 4567", "3EB0A", "👍")).wait(), AsyncSend)
    assert_type(wa.events(), AsyncGenerator[Event, None])
    await wa.logout(3)  # type: ignore[arg-type]
