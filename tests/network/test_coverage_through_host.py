"""What is known of which time, on a real host: linked, told a history, cut off, connected again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hosts import until
from network.hosted import BUSINESS, CUSTOMER, Hosted, hosted

from wakit.emulator import Network
from wakit.model import SessionState
from wakit.paths import Workspace

pytestmark = pytest.mark.network

OTHER = "+57 300 555 0101"


@pytest.fixture
def shop(workspace: Workspace, whatsapp_network: Network) -> Iterator[Hosted]:
    with hosted(workspace, whatsapp_network) as found:
        yield found


def states(shop: Hosted, chat: str | None = None) -> list[tuple[str, str | None]]:
    """Return state and sources of each interval, and check that they touch."""
    found = shop.client.coverage("default", chat)
    assert [] == [pair for pair in zip(found["until"][:-1], found["since"][1:], strict=True) if pair[0] != pair[1]]
    assert found.empty or found["until"].isna().iloc[-1]
    return [
        (state, None if missing else sources)
        for state, sources, missing in zip(found["state"], found["sources"], found["sources"].isna(), strict=True)
    ]


def test_link_history_outage_reconnect(shop: Hosted) -> None:
    """Partial as far as the phone remembers, complete while connected; an outage is blind but for the chat that wrote in it."""
    phone, customer = shop.network.phone(BUSINESS, name="Café Andino"), shop.network.phone(CUSTOMER, name="Clienta")
    other = shop.network.phone(OTHER, name="Otra")
    shop.link(phone)
    until(lambda: [("complete", "live")] == states(shop))
    phone.push_history(chats=4, messages_per_chat=10, seed=1)
    until(lambda: [("partial", "history"), ("complete", "live")] == states(shop) and len(shop.client.messages()) == 40)
    until(lambda: (100, 40) == ((now := shop.client.status()).history_percent, now.history_messages))
    assert shop.client.coverage()["since"][0] == shop.client.messages()["ts"].min()

    other.send(BUSINESS, "buenos días")
    until(lambda: len(shop.client.messages()) == 41)
    shop.network.offline()
    shop.reach("default", SessionState.RECONNECTING)
    a_second_later()
    customer.send(BUSINESS, "¿hola?")
    a_second_later()
    shop.network.online()
    shop.reach("default", SessionState.CONNECTED)
    until(lambda: len(shop.client.messages()) == 42 and len(states(shop, CUSTOMER)) == 3)
    assert [("complete", "live"), ("blind", None), ("complete", "live")] == states(shop, OTHER)
    assert [("complete", "live"), ("partial", "late"), ("complete", "live")] == states(shop, CUSTOMER)
    assert [("partial", "history"), ("complete", "live"), ("partial", "late"), ("complete", "live")] == states(shop)
    assert 6 == len(shop.client.sql("SELECT DISTINCT chat FROM coverage WHERE chat IS NOT NULL"))
    told_in_the_terminal(shop)


def a_second_later() -> None:
    """Wait for the next whole second: messages are stamped in those."""
    then = int(time.time()) + 1
    until(lambda: time.time() > then)


def told_in_the_terminal(shop: Hosted) -> None:
    """Read the same in a strip, a table and as JSON."""
    environment = {**os.environ, "WAKIT_HOME": str(shop.workspace.root), "WAKIT_LANG": "en"}
    command = [sys.executable, "-m", "wakit.cli", "coverage", "default"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    _, drawn, head, *rows = said.splitlines()
    assert "▒" in drawn
    assert " · blind 0.0%" in drawn
    assert ["since", "until", "known", "from", "cause"] == head.split()
    assert [["▒", "partial", "history"], ["█", "complete", "live"]] == [[row[0], *row.split()[5:]] for row in rows[:2]]
    assert ["now", "complete", "live"] == rows[-1].split()[-3:]
    plain = subprocess.run(
        [*command, "--chat", OTHER, "--json"], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    rows = json.loads(plain.stdout)
    assert ["complete", "blind", "complete"] == [row["state"] for row in rows]
    assert (None, "Otra") == (rows[-1]["until"], rows[0]["chat_name"])
