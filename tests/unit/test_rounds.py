"""Those who read behind the journals are told once of much news, and again of what did not go well."""

from __future__ import annotations

import asyncio

import pytest

from wakit.clock import SystemClock
from wakit.host import rounds
from wakit.host.rounds import Rounds


def test_news_of_a_round_is_dealt_with_once_and_trouble_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Much news of one account is one look; one that could not be read keeps nobody from its turn and is tried again."""
    monkeypatch.setattr(rounds, "RETRY", 0.01)
    seen: list[str] = []

    async def scene() -> None:
        going = Rounds(SystemClock(), 0.001)

        async def deal(account: str) -> bool:
            seen.append(account)
            if seen.count("ana") == 2:
                going.close()
            return account != "ana"

        for account in ("eva", "ana", "eva"):
            going.moved(account)
        async with asyncio.timeout(20):
            await going.run(deal)

    asyncio.run(scene())
    assert seen == ["ana", "eva", "ana"]


def test_what_is_new_at_the_end_has_a_last_round() -> None:
    """Whoever closes while nothing goes on lets what waits be dealt with once more."""
    seen: list[str] = []

    async def scene() -> None:
        going = Rounds(SystemClock(), 0.001)

        async def deal(account: str) -> bool:
            seen.append(account)
            return True

        task = asyncio.create_task(going.run(deal))
        await asyncio.sleep(0)
        going.moved("ana")
        going.close()
        async with asyncio.timeout(20):
            await task

    asyncio.run(scene())
    assert seen == ["ana"]
