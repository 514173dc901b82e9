"""How a login card follows its session and does what a person asks; the host is scripted, time is real but short."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from scripted_client import PAIRING_CODE, PHONE, QR_TEXT, ScriptedClient, connected, showing_code, showing_qr, status

from wakit import qr_image
from wakit.clock import Clock, ManualClock, SystemClock
from wakit.errors import LinkingFailed, WakitError
from wakit.model import SessionState
from wakit.widgets import controller, live
from wakit.widgets.bridge import Latest
from wakit.widgets.card import QR_SCALE
from wakit.widgets.controller import Controller

#: Seconds until a test gives up waiting.
PATIENCE = 5.0


class Browser:
    """What a page would have heard."""

    def __init__(self, client: ScriptedClient, clock: Clock) -> None:
        self.client = client
        self.heard: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self.controller = Controller("default", client.open, self.hear, clock=clock, lang="es")

    def hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        self._news.set()

    @property
    def card(self) -> dict[str, Any]:
        return next((message for message in reversed(self.heard) if message["t"] == "card"), {})

    async def say(self, command: str, value: str = "") -> None:
        await self.controller.handle({"t": command, "value": value})

    async def until(self, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while not holds(self.card):
                self._news.clear()
                await self._news.wait()
        return self.card


@contextlib.asynccontextmanager
async def browser(*statuses: Any, clock: Clock | None = None) -> AsyncIterator[Browser]:
    """Run a controller for as long as the block."""
    page = Browser(ScriptedClient(*statuses), clock or SystemClock())
    running = asyncio.create_task(page.controller.run())
    try:
        yield page
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def in_state(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda card: card.get("state") == state


def play(scene: Callable[[], Any]) -> None:
    """Run one scene on a loop of its own."""
    asyncio.run(scene())


def test_hello_is_answered_with_everything() -> None:
    """A view that opens hears the current card, the code included, however long it has been shown."""

    async def scene() -> None:
        async with browser(showing_qr()) as page:
            await page.until(in_state("qr"))
            page.heard.clear()
            await page.say("hello")
            card = await page.until(in_state("qr"))
            assert card["qr"] is not None
            assert ["default · Escanea el código"] == [choice["label"] for choice in card["accounts"]]

    play(scene)


def test_states_follow_the_session() -> None:
    """From connecting to connected, the card shows what the host tells."""

    async def scene() -> None:
        async with browser() as page:
            await page.until(in_state("stopped"))
            await page.say("connect")
            assert ("connect_account", "default") in page.client.calls
            page.client.tell(showing_qr())
            card = await page.until(lambda card: card["qr"])
            assert card["span"] == pytest.approx(20, abs=1)
            page.client.tell(showing_qr("2@other", seconds=10))
            other = await page.until(lambda new: new["qr"] and new["qr"] != card["qr"])
            assert other["span"] == pytest.approx(10, abs=1)
            page.client.tell(connected())
            assert "+57 300 1234567" == (await page.until(in_state("connected")))["phone"]

    play(scene)


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("new_code", "new_code"),
        ("retry", "retry"),
        ("take_over", "take_over"),
        ("stop", "stop_account"),
        ("logout", "logout"),
    ],
)
def test_buttons_call_their_verb(command: str, verb: str) -> None:
    """Each command is one call for the account that is shown."""

    async def scene() -> None:
        async with browser(connected()) as page:
            await page.until(in_state("connected"))
            await page.say(command)
            assert [(verb, "default")] == page.client.calls

    play(scene)


def test_phone_number_is_read_before_it_is_sent() -> None:
    """A number in any spelling becomes E.164; one that is none is refused beside its field, and nobody is asked."""

    async def scene() -> None:
        async with browser(showing_qr()) as page:
            await page.until(in_state("qr"))
            await page.say("pair", "12")
            card = await page.until(lambda card: card["problem"])
            assert ("pair", []) == (card["problem_of"], page.client.calls)
            await page.say("pair", "+57 300 123-4567")
            assert [("pair", "default", PHONE)] == page.client.calls
            page.client.tell(showing_code())
            card = await page.until(lambda card: card["code"])
            assert (PAIRING_CODE, None) == (card["code"], card["problem"])

    play(scene)


def test_refusal_of_the_host_is_told() -> None:
    """An error of a verb becomes the card's problem, and the buttons wake up again."""

    async def scene() -> None:
        async with browser() as page:
            page.client.refuse = LinkingFailed()
            await page.say("connect")
            card = await page.until(lambda card: card.get("problem"))
            assert "No se pudo vincular" in card["problem"]
            await page.until(lambda card: card["busy"] is None)

    play(scene)


def test_problem_goes_when_things_go_well() -> None:
    """The next good state takes the problem away."""

    async def scene() -> None:
        async with browser() as page:
            page.client.refuse = WakitError("Nothing works.")
            await page.say("connect")
            await page.until(lambda card: card.get("problem"))
            page.client.tell(showing_qr())
            assert (await page.until(in_state("qr")))["problem"] is None

    play(scene)


def test_account_can_be_changed() -> None:
    """The card turns to another account, old or new; a wrong name is refused and nothing changes."""

    async def scene() -> None:
        async with browser(showing_qr(), connected(account="ventas")) as page:
            await page.until(in_state("qr"))
            await page.say("account", "Mi Tienda")
            card = await page.until(lambda card: card["problem"])
            assert ("account", "default") == (card["problem_of"], card["account"])
            await page.say("account", "ventas")
            card = await page.until(in_state("connected"))
            assert ("ventas", None) == (card["account"], card["qr"])
            await page.say("account", "nueva")
            card = await page.until(in_state("stopped"))
            assert ("nueva", None) == (card["account"], card["phone"])

    play(scene)


def test_dead_host_is_told_and_not_started_behind_ones_back() -> None:
    """The card says that the host is gone and looks for it; it is started when the person asks."""

    async def scene() -> None:
        async with browser(connected()) as page:
            await page.until(in_state("connected"))
            page.client.die()
            await page.until(in_state("no_host"))
            await page.say("hello")
            assert not any(page.client.opened)
            await page.say("start_host")
            await page.until(in_state("connected"))
            assert page.client.opened.count(True) == 1

    play(scene)


def test_host_that_comes_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else started the host: the card finds it by itself, code and all."""
    monkeypatch.setattr(live, "PAUSES", (0.01, 0.05))

    async def scene() -> None:
        async with browser(showing_qr()) as page:
            await page.until(in_state("qr"))
            page.client.die()
            await page.until(in_state("no_host"))
            page.client.alive = True
            assert (await page.until(in_state("qr")))["qr"] is not None

    play(scene)


def test_unknown_messages_are_ignored() -> None:
    """A message that is no command changes nothing."""

    async def scene() -> None:
        async with browser(connected()) as page:
            for message in ({}, {"t": "rm -rf"}, {"t": None}, {"t": ["connect"]}):
                await page.controller.handle(message)
            assert [] == page.client.calls

    play(scene)


def test_unexpected_error_is_told() -> None:
    """An error that nobody foresaw ends in the card, not in silence."""

    async def scene() -> None:
        async with browser(connected()) as page:
            page.controller.fail(KeyError("surprise"))
            assert "KeyError: 'surprise'" == (await page.until(lambda card: card.get("problem")))["problem"]

    play(scene)


def test_beats_go_on_and_end_unseen() -> None:
    """The kernel beats every second while a view is open, and falls silent when none has spoken for half an hour."""

    def beats(page: Browser) -> int:
        return sum(message["t"] == "beat" for message in page.heard)

    async def pass_time(seconds: int) -> None:
        for _ in range(seconds):
            await asyncio.sleep(0)

    async def scene() -> None:
        async with browser(connected(), clock=ManualClock(datetime.now(UTC))) as page:
            await pass_time(100)
            assert beats(page) == pytest.approx(100, abs=5)
            await pass_time(4000)
            assert beats(page) == live.UNSEEN - 1
            await page.say("here")
            await pass_time(100)
            assert beats(page) == pytest.approx(live.UNSEEN + 100, abs=5)

    play(scene)


class FakePhone:
    """An emulated phone that notes what it saw."""

    def __init__(self, descriptor: object) -> None:
        self.seen: list[object] = []

    async def is_near(self) -> bool:
        return True

    async def scan(self, picture: bytes, number: str | None) -> None:
        self.seen.append(picture)

    async def type_code(self, code: str, number: str | None) -> None:
        self.seen.append((code, number))


def test_emulated_phone_gets_the_very_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """The button hands the PNG that is shown to the emulated phone, or the pairing code to the phone it was asked for."""
    monkeypatch.setenv("WAKIT_NETWORK", str(tmp_path / "network.json"))
    monkeypatch.setattr(controller, "EmulatedPhone", FakePhone)

    async def scene() -> None:
        async with browser(showing_qr()) as page:
            await page.until(lambda card: card.get("scans"))
            await page.say("scan")
            await page.say("pair", PHONE)
            page.client.tell(showing_code())
            await page.until(lambda card: card["code"])
            await page.say("scan")
            phone = page.controller._phone
            assert isinstance(phone, FakePhone)
            assert [qr_image.png(QR_TEXT, scale=QR_SCALE), (PAIRING_CODE, PHONE)] == phone.seen

    play(scene)


def test_real_network_has_no_phone_to_ask() -> None:
    """Without a network descriptor nothing offers to scan, and asking does nothing."""

    async def scene() -> None:
        async with browser(showing_qr(network="whatsapp")) as page:
            assert not (await page.until(in_state("qr")))["scans"]
            await page.say("scan")
            assert (await page.until(lambda card: card["busy"] is None))["problem"] is None

    play(scene)


def test_bursts_are_coalesced() -> None:
    """A hundred changes at once are one or two messages, and the last one wins."""

    async def scene() -> None:
        sent: list[int] = []
        last = asyncio.Event()

        def send(number: int) -> None:
            sent.append(number)
            if number == 99:
                last.set()

        latest = Latest(send, interval=0.05)
        for number in range(100):
            latest.offer(number)
        await asyncio.wait_for(last.wait(), PATIENCE)
        assert [0, 99] == sent

    play(scene)


def test_states_of_sessions_all_have_a_card() -> None:
    """No state of a session breaks the card."""

    async def scene() -> None:
        async with browser() as page:
            for state in SessionState:
                page.client.tell(status(state))
                assert (await page.until(in_state(state)))["word"]

    play(scene)
