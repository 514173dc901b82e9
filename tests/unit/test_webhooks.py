"""What becomes of an event that a receiver takes, refuses, is too busy for, or is not there for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hosts import until
from receiver import Post, Receiver, receiving

from wakit.clock import SystemClock
from wakit.config import Settings
from wakit.errors import InvalidInput, UnknownWebhook
from wakit.host.feed import Decoded, Feed, Feeds, Told
from wakit.host.webhooks import Webhooks, signed
from wakit.model import EventKind, Gap, Raw
from wakit.outbox import webhooks as ledgers
from wakit.outbox.webhooks import WebhookLedger
from wakit.paths import Workspace
from wakit.session.entries import Entry, EventCode
from wakit.session.events import decode, kind_of
from wakit.session.journal import Journal

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Shop:
    """Two accounts with journals, and webhooks over them; it can be left and entered again."""

    def __init__(self, workspace: Workspace, receiver: Receiver, **settings: Any) -> None:
        options = {"webhook_hosts": "127.0.0.1", "webhook_retry_first": 0.01, "webhook_retry_limit": 0.05, "webhook_attempts": 3}
        self._settings = Settings(**{**options, **settings})
        self._workspace = workspace
        self.receiver = receiver

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Shop]:
        self.journals = {name: Journal(self._workspace.journal_dir(name)) for name in ("ana", "luis")}
        self.feeds = Feeds(lambda name: Feed(name, self.journals[name], lambda entry: told(name, entry)))
        for name in self.journals:
            self.feeds.add(name)
        self.ledger = WebhookLedger(self._workspace.webhooks, SystemClock())
        self.webhooks = Webhooks(self.ledger, self.feeds, self._settings, SystemClock(), asyncio.Event())
        self.webhooks.start()
        try:
            yield self
        finally:
            await self.webhooks.close()
            self.ledger.close()
            for journal in self.journals.values():
                journal.close()

    def happen(self, account: str, number: int) -> None:
        gap = Gap(account=account, since=AT, until=AT, cause=f"test {number}")
        self.feeds.moved(account, self.journals[account].append(EventCode.GAP, json.dumps(gap.to_json()).encode()))

    async def add(self, **how: Any) -> Any:
        options = {"account": None, "kinds": (), "after": None}
        return await self.webhooks.add(self.receiver.url, **{**options, **how})

    async def until_taken(self, count: int) -> dict[str, bytes]:
        await self.until(lambda: len(self.receiver.taken()) >= count)
        return self.receiver.taken()

    async def until(self, true: Callable[[], object]) -> None:
        await asyncio.to_thread(until, lambda: bool(true()), 10)


def told(account: str, entry: Entry) -> Decoded:
    records = decode(account, entry)
    return Decoded(entry.seq, tuple(Told(kind_of(record), entry.at, record) for record in records))


def attempts(shop: Shop) -> list[str]:
    """Return a list that grows with each failed attempt from now on."""
    noted: list[str] = []
    note = shop.ledger.failing
    shop.ledger.failing = lambda webhook, why: (noted.append(why), note(webhook, why))[1]  # type: ignore[method-assign]
    return noted


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def test_events_are_posted_in_order_with_ids_that_do_not_depend_on_other_accounts(workspace: Workspace) -> None:
    """An id names account and position alone; body, header and listing agree on it."""

    async def scene() -> None:
        async with shop.open():
            shop.happen("ana", 1)
            webhook = await shop.add()
            for number in (2, 3):
                shop.happen("ana", number)
            shop.happen("luis", 1)
            taken = await shop.until_taken(3)
            assert {"ana:2", "ana:3", "luis:1"} == set(taken)
            assert [name for name in taken if name.startswith("ana")] == ["ana:2", "ana:3"]
            for name, body in taken.items():
                event = json.loads(body)
                assert (event["id"], event["kind"]) == (name, "gap")
                assert event["data"]["cause"] == f"test {name[-1]}"
            assert all(post.is_signed_with(webhook.secret) for post in receiver.posts)
            await shop.until(lambda: shop.ledger.get(webhook.id).cursor == "ana:3,luis:1")
            assert shop.ledger.get(webhook.id).delivered_at is not None

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_next_host_goes_on_behind_the_cursor(workspace: Workspace) -> None:
    """What was taken is not posted again; what happened meanwhile is."""

    async def scene() -> None:
        async with shop.open():
            await shop.add(after="0")
            shop.happen("ana", 1)
            await shop.until_taken(1)
            await shop.until(lambda: shop.ledger.all()[0].cursor == "ana:1")
        shop.journals["ana"] = Journal(workspace.journal_dir("ana"))
        async with shop.open():
            shop.happen("ana", 2)
            await shop.until_taken(2)
        assert ["ana:1", "ana:2"] == [post.headers["wakit-event"] for post in receiver.posts]

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_webhook_hears_only_what_it_asked_for(workspace: Workspace) -> None:
    """Other accounts and kinds are passed by, and the cursor with them."""

    async def scene() -> None:
        async with shop.open():
            await shop.add(account="luis", kinds=[EventKind.GAP])
            shop.happen("ana", 1)
            raw = Raw(account="luis", name="Odd", ts=AT)
            shop.feeds.moved("luis", shop.journals["luis"].append(EventCode.STATE, json.dumps(raw.to_json()).encode()))
            shop.happen("luis", 2)
            assert ["luis:2"] == list(await shop.until_taken(1))

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_event_that_is_refused_is_put_aside_and_can_be_sent_again(workspace: Workspace) -> None:
    """After its attempts the others go on; it is listed with the reason, and taken later it is listed no more."""
    poison = ["ana:1"]

    def refuses(_: int, post: Post) -> int:
        return 422 if post.headers["wakit-event"] in poison else 200

    async def scene() -> None:
        async with shop.open():
            webhook = await shop.add()
            shop.happen("ana", 1)
            shop.happen("ana", 2)
            assert ["ana:2"] == list(await shop.until_taken(1))
            (dead,) = shop.ledger.dead(webhook.id)
            assert (dead.event, dead.attempts, dead.error) == ("ana:1", 3, "HTTP 422")
            assert shop.ledger.get(webhook.id).dead == 1
            assert shop.webhooks.retry(webhook.id, None) == 1
            await shop.until(lambda: [one.attempts for one in shop.ledger.dead(webhook.id)] == [6])
            poison.clear()
            assert shop.webhooks.retry(webhook.id, "ana:1") == 1
            await shop.until(lambda: shop.ledger.dead(webhook.id) == [])
            assert json.loads(receiver.taken()["ana:1"])["data"]["cause"] == "test 1"
            assert shop.webhooks.retry(webhook.id, "ana:1") == 0

    with receiving(refuses) as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_receiver_that_is_away_or_busy_loses_nothing(workspace: Workspace) -> None:
    """An outage is waited out, however long: it is no refusal, and the listing says since when and why."""

    async def scene() -> None:
        async with shop.open():
            webhook = await shop.add()
            busy = [503] * 5 + [429] * 5
            receiver.answer = lambda _number, _post: busy.pop() if busy else 200
            shop.happen("ana", 1)
            await shop.until_taken(1)
            receiver.close()
            shop.happen("ana", 2)
            await shop.until(lambda: shop.ledger.get(webhook.id).failing_since is not None)
            tried = attempts(shop)
            await shop.until(lambda: len(tried) > 5)
            assert (shop.ledger.dead(webhook.id), shop.ledger.get(webhook.id).cursor) == ([], "ana:1,luis:0")
            assert str(shop.ledger.get(webhook.id).error) in tried

    receiver = Receiver()
    shop = Shop(workspace, receiver)
    run(scene())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_no_order(workspace: Workspace, status: int) -> None:
    """Where a receiver points to is not followed; it counts as a refusal."""

    async def scene() -> None:
        async with shop.open():
            webhook = await shop.add()
            shop.happen("ana", 1)
            await shop.until(lambda: shop.ledger.dead(webhook.id))
            assert [f"HTTP {status}"] == [one.error for one in shop.ledger.dead(webhook.id)]
            assert len(receiver.posts) == 3

    with receiving(lambda _number, _post: status) as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_removed_webhook_hears_nothing_more(workspace: Workspace) -> None:
    """Its cursor, its secret and its dead are gone."""

    async def scene() -> None:
        async with shop.open():
            webhook = await shop.add()
            await shop.webhooks.remove(webhook.id)
            shop.happen("ana", 1)
            for ask in (shop.ledger.get, shop.ledger.dead, shop.ledger.secret):
                with pytest.raises(UnknownWebhook, match="wakit webhooks list"):
                    ask(webhook.id)
            with pytest.raises(UnknownWebhook):
                shop.webhooks.retry(webhook.id, None)
            other = await shop.add(after="0")
            await shop.until_taken(1)
            assert {other.id} == {post.headers["wakit-webhook"] for post in receiver.posts}

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_number_of_webhooks_is_bounded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused and says what to do."""
    monkeypatch.setattr(ledgers, "LIMIT", 1)

    async def scene() -> None:
        async with shop.open():
            await shop.add()
            with pytest.raises(InvalidInput, match="wakit webhooks remove"):
                await shop.add()

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_event_that_the_journal_lost_stays_dead_and_says_so(workspace: Workspace) -> None:
    """A rebuilt or erased journal cannot bring it back."""

    async def scene() -> None:
        async with shop.open():
            webhook = await shop.add()
            shop.ledger.give_up(webhook.id, "ana:7", 3, "HTTP 400")
            assert shop.webhooks.retry(webhook.id, None) == 1
            await shop.until(lambda: "no such event" in shop.ledger.dead(webhook.id)[0].error)
            assert receiver.posts == []

    with receiving() as receiver:
        shop = Shop(workspace, receiver)
        run(scene())


def test_secrets_are_in_a_private_file_and_in_no_repr(tmp_path: Path) -> None:
    """The ledger is 0600; what is printed of a webhook has neither its secret nor its address."""
    path = tmp_path / "data" / "webhooks.db"
    ledger = WebhookLedger(path, SystemClock())
    made = ledger.add("https://crm.example/hook?key=canary", account=None, kinds=(), cursor="0")
    assert path.stat().st_mode & 0o777 == 0o600
    for shown in (repr(made), repr(ledger.all()), repr(ledger.all()[0].to_json().keys())):
        assert made.secret not in shown
        assert "canary" not in shown
    ledger.close()


def test_signature_covers_timestamp_and_body() -> None:
    """Changing either makes another signature; the second counts, not its fraction."""
    first = signed(b"key", b"{}", 1_000.9)
    mac = "c32de42341dece79a1511c9e7f74a2734112edcfcf48943c976faf07047065db"  # openssl dgst -sha256 -hmac key
    assert first == {"wakit-timestamp": "1000", "wakit-signature": f"v1={mac}"}
    assert first != signed(b"key", b"{ }", 1_000)
    assert first["wakit-signature"] != signed(b"key", b"{}", 1_001)["wakit-signature"]
    assert first["wakit-signature"] != signed(b"kez", b"{}", 1_000)["wakit-signature"]
