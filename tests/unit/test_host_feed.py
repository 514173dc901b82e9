"""The event stream over real journals: nothing falls between replay and live, nothing is told twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wakit.errors import InvalidInput
from wakit.host import feed as feed_module
from wakit.host.cursor import Position, parse, write
from wakit.host.feed import Decoded, Feed, Feeds, Told
from wakit.model import Event, EventKind, Gap, Raw
from wakit.session.entries import Entry, EventCode
from wakit.session.events import decode, kind_of
from wakit.session.journal import Journal

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def gap(account: str, number: int) -> bytes:
    return json.dumps(Gap(account=account, since=AT, until=AT, cause=f"test {number}").to_json()).encode()


def told(account: str, entry: Entry) -> Decoded:
    records = decode(account, entry)
    return Decoded(entry.seq, tuple(Told(kind_of(record), entry.at, record) for record in records))


class Shop:
    """Two accounts with their journals and the feeds over them."""

    def __init__(self, folder: Path) -> None:
        self.journals = {name: Journal(folder / name) for name in ("ana", "luis")}
        self.feeds = Feeds(lambda name: Feed(name, self.journals[name], lambda entry: told(name, entry)))
        for name in self.journals:
            self.feeds.add(name)
        self.stopping = asyncio.Event()

    def happen(self, account: str, number: int) -> None:
        self.feeds.moved(account, self.journals[account].append(EventCode.GAP, gap(account, number)))

    async def read(self, after: str, count: int, **how: Any) -> list[Event]:
        found: list[Event] = []
        options = {"accounts": (), "kinds": frozenset[EventKind](), "pause": 0.05, "stopping": self.stopping} | how
        async with asyncio.timeout(5):
            async for _, event in self.feeds.follow(parse(after), **options):
                if event is not None:
                    found.append(event)
                if len(found) == count:
                    break
        return found

    def close(self) -> None:
        for journal in self.journals.values():
            journal.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def causes(events: list[Event]) -> list[str]:
    return [event.data["cause"].removeprefix("test ") for event in events]


def test_reader_that_resumes_at_any_event_misses_and_repeats_nothing(tmp_path: Path) -> None:
    """From each id the rest follows, over two accounts."""

    async def scene() -> None:
        shop = Shop(tmp_path)
        for number in range(6):
            shop.happen("ana" if number % 2 else "luis", number)
        events = await shop.read("0", 6)
        assert sorted(causes(events)) == list("012345")
        for seen in range(1, 6):
            rest = await shop.read(events[seen - 1].id, 6 - seen)
            assert sorted(causes(events[:seen] + rest)) == list("012345")
        shop.close()

    run(scene())


def test_live_events_follow_the_replay_without_a_seam(tmp_path: Path) -> None:
    """Events that are written while a reader is behind come once, in order."""

    async def scene() -> None:
        shop = Shop(tmp_path)
        for number in range(700):
            shop.journals["ana"].append(EventCode.GAP, gap("ana", number))
        shop.feeds.moved("ana", 700)

        async def write_more() -> None:
            for number in range(700, 1000):
                shop.happen("ana", number)
                if number % 7 == 0:
                    await asyncio.sleep(0)

        reading = asyncio.create_task(shop.read("0", 1000))
        await asyncio.gather(write_more(), reading)
        assert causes(reading.result()) == [str(number) for number in range(1000)]
        shop.close()

    run(scene())


def test_slow_and_fast_readers_share_one_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh entry is decoded once however many listen; what fell out of the memory is read again."""
    monkeypatch.setattr(feed_module, "KEPT", 8)

    async def scene() -> None:
        decoded: list[int] = []
        journal = Journal(tmp_path / "ana")

        def counting(entry: Entry) -> Decoded:
            decoded.append(entry.seq)
            return told("ana", entry)

        feeds = Feeds(lambda name: Feed(name, journal, counting))
        feeds.add("ana")
        start = feeds.now(())

        async def collect(count: int) -> list[str]:
            found = []
            async for _, event in feeds.follow(start, accounts=(), kinds=(), pause=5, stopping=asyncio.Event()):
                assert event is not None
                found.append(event.data["cause"])
                if len(found) == count:
                    return found
            return found

        readers = [asyncio.create_task(collect(5)) for _ in range(3)]
        await asyncio.sleep(0)
        for number in range(5):
            feeds.moved("ana", journal.append(EventCode.GAP, gap("ana", number)))
            await asyncio.sleep(0)
        results = await asyncio.wait_for(asyncio.gather(*readers), 5)
        assert results == [[f"test {number}" for number in range(5)]] * 3
        assert decoded == [1, 2, 3, 4, 5]
        for number in range(5, 40):
            feeds.moved("ana", journal.append(EventCode.GAP, gap("ana", number)))
        assert await asyncio.wait_for(collect(40), 5) == [f"test {number}" for number in range(40)]
        journal.close()

    run(scene())


def test_reader_sees_only_the_account_and_kinds_it_asked_for(tmp_path: Path) -> None:
    """Filters hide events but the cursor passes them, so they are not looked at again."""

    async def scene() -> None:
        shop = Shop(tmp_path)
        shop.happen("luis", 0)
        shop.journals["ana"].append(EventCode.WORKER, b"{}")
        shop.happen("ana", 1)
        events = await shop.read("0", 1, accounts=("ana",), kinds={EventKind.GAP})
        assert [(event.account, event.id) for event in events] == [("ana", "ana:2")]
        shop.close()

    run(scene())


def test_entry_with_several_records_can_be_resumed_inside(tmp_path: Path) -> None:
    """An id between two records of one entry goes on with the second."""

    async def scene() -> None:
        journal = Journal(tmp_path / "ana")
        journal.append(EventCode.WORKER, b"{}")

        def three(entry: Entry) -> Decoded:
            raw = [Raw(account="ana", name=str(number), ts=AT) for number in range(3)]
            return Decoded(entry.seq, tuple(Told(EventKind.RAW, AT, record) for record in raw))

        feeds = Feeds(lambda name: Feed(name, journal, three))
        feeds.add("ana")

        async def names(after: str) -> list[tuple[str, str]]:
            found = []
            async for cursor, event in feeds.follow(parse(after), accounts=(), kinds=(), pause=0.01, stopping=asyncio.Event()):
                if event is None:
                    return found
                found.append((cursor, event.data["name"]))
            return found

        assert await names("0") == [("ana:1.1", "0"), ("ana:1.2", "1"), ("ana:1", "2")]
        assert await names("ana:1.1") == [("ana:1.2", "1"), ("ana:1", "2")]
        assert await names("ana:1") == []
        journal.close()

    run(scene())


def test_readers_end_when_the_host_stops(tmp_path: Path) -> None:
    """A stream that waits for the next event ends at once."""

    async def scene() -> None:
        shop = Shop(tmp_path)
        reading = asyncio.create_task(shop.read("0", 1, pause=60))
        await asyncio.sleep(0)
        shop.stopping.set()
        shop.feeds.ring()
        assert await asyncio.wait_for(reading, 1) == []
        shop.close()

    run(scene())


@pytest.mark.parametrize("text", ["0", "ana:1", "ana:17.2,luis:4"])
def test_cursor_text_is_read_back(text: str) -> None:
    """What was given out is understood."""
    assert write(parse(text)) == text


@pytest.mark.parametrize("text", ["x", "ana:", "ana:-1", "../x:1", "ana:1;luis:2", "ana:1," + "9" * 40, "Ana:1"])
def test_cursor_that_no_host_gave_out_is_refused(text: str) -> None:
    """A made-up cursor is an error that says what to give instead."""
    with pytest.raises(InvalidInput, match="cursor"):
        parse(text)


def test_position_inside_an_entry_is_complete_through_the_one_before() -> None:
    """Reading goes on inside the entry, so everything before it is done."""
    assert Position(17, 2).complete_through == 16
    assert Position(17).complete_through == 17
