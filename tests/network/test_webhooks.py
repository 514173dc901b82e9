"""Webhooks through a real host: every event arrives, whatever fails on the way."""

from __future__ import annotations

import pytest
from hosts import kill, until
from network.hosted import BUSINESS, CUSTOMER, hosted
from receiver import Post, receiving

from wakit.client import connect
from wakit.emulator import Network
from wakit.paths import Workspace

pytestmark = [
    pytest.mark.network,
    # httpcore leaves a Unix socket that nobody answered to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def every_third_fails(number: int, _: Post) -> int:
    return 500 if number % 3 == 0 else 204


def test_receiver_gets_each_event_once_by_its_id_through_failures_and_a_killed_host(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third call fails and the host is SIGKILLed in the middle: each event is there, once, signed, and in order."""
    with receiving(every_third_fails) as receiver:
        monkeypatch.setenv("WAKIT_WEBHOOK_HOSTS", f"127.0.0.1:{receiver.port}")
        monkeypatch.setenv("WAKIT_WEBHOOK_RETRY_FIRST", "0.02")
        with hosted(workspace, whatsapp_network) as shop:
            shop.link(whatsapp_network.phone(BUSINESS, name="Café Andino"))
            customer = whatsapp_network.phone(CUSTOMER, name="Ana")
            webhook = shop.client.add_webhook(receiver.url, after="0")
            texts = [f"pedido {number}" for number in range(40)]
            for number, text in enumerate(texts):
                customer.send(BUSINESS, text)
                if number == 20:
                    until(lambda: len(receiver.taken()) >= 10)
                    kill(workspace)
                    connect(workspace).close()  # whoever comes next starts it again
            until(lambda: _texts(receiver.taken()) == texts, 60)
            until(lambda: shop.client.webhooks()[0].failing_since is None)
            told = {}
            for event in shop.client.events("0"):
                told[event.id] = event.to_json()
                if event.kind == "message" and event.data["text"] == texts[-1]:
                    break
        taken = {name: Post({}, body, 204).event for name, body in receiver.taken().items()}
        assert {name: taken.get(name) for name in told} == told
        assert [name for name in taken if name in told] == list(told)
        bodies: dict[str, set[bytes]] = {}
        for post in receiver.posts:
            assert post.is_signed_with(webhook.secret)
            bodies.setdefault(post.headers["wakit-event"], set()).add(post.body)
        assert [name for name, different in bodies.items() if len(different) > 1] == []
        assert [gap.status for gap in receiver.posts].count(500) >= 10


def _texts(taken: dict[str, bytes]) -> list[str]:
    events = [Post({}, body, 204).event for body in taken.values()]
    return [event["data"]["text"] for event in events if event["kind"] == "message"]
