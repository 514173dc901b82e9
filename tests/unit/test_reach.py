"""Which strangers have no WhatsApp is asked of it, seldom, and never decides anything where nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from wakit.clock import ManualClock
from wakit.directory import Number
from wakit.errors import NotConnected
from wakit.host.reach import Reach
from wakit.ids import Phone

START = datetime(2026, 11, 24, 15, tzinfo=UTC)


def address(number: int) -> str:
    return f"57300{number:07d}@s.whatsapp.net"


class WhatsApp:
    """Has the even numbers, where it answers."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.is_there = True

    async def numbers(self, account: str, phones: Sequence[Phone]) -> list[Number]:
        assert account == "default"
        if not self.is_there:
            raise NotConnected("default is offline.")
        self.asked.append([phone.e164 for phone in phones])
        return [Number(number=one.e164, jid=None, on_whatsapp=int(one.digits) % 2 == 0) for one in phones]


@pytest.fixture
def whatsapp() -> WhatsApp:
    return WhatsApp()


def absent(whatsapp: WhatsApp, *asks: range, limit: int = 200, clock: ManualClock | None = None) -> list[set[str]]:
    """Return what is said of each audience, an hour after the one before."""
    clock = clock or ManualClock(START)

    async def play() -> list[set[str]]:
        reach, found = Reach(whatsapp.numbers, limit, clock), []
        for numbers in asks:
            found.append(await asyncio.to_thread(reach.absent, "default", [address(one) for one in numbers]))
            clock.advance(3600)
        return found

    return asyncio.run(play())


def test_who_has_no_whatsapp_is_known_and_remembered(whatsapp: WhatsApp) -> None:
    """Fifty at a time, and each only once a day."""
    first, second = absent(whatsapp, range(60), range(62))
    assert first == {address(one) for one in range(1, 60, 2)}
    assert second == first | {address(61)}
    assert [len(one) for one in whatsapp.asked] == [50, 10, 2]


def test_only_so_many_are_asked_for_one_plan(whatsapp: WhatsApp) -> None:
    """The rest stays in the plan; no number is asked where none may be."""
    assert absent(whatsapp, range(100), limit=3) == [{address(1)}]
    assert [len(one) for one in whatsapp.asked] == [3]
    assert absent(whatsapp, range(100), limit=0) == [set()]


def test_nobody_is_left_out_where_nobody_answers(whatsapp: WhatsApp) -> None:
    """An account that is offline plans as if all had WhatsApp, and asks again the next time."""
    whatsapp.is_there = False
    assert absent(whatsapp, range(4)) == [set()]


def test_answers_grow_old(whatsapp: WhatsApp) -> None:
    """After a day it is asked again."""
    absent(whatsapp, *[range(2)] * 26)
    assert len(whatsapp.asked) == 2
