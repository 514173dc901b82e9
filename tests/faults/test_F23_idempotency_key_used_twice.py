"""F23: the same idempotency key, posted twice, by many threads, or with another body."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from wakit.clock import ManualClock
from wakit.errors import IdempotencyConflict
from wakit.outbox import Outbox
from wakit.outgoing import Text
from wakit.paths import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

ANA = "573001234567@s.whatsapp.net"
LUIS = "573007654321@s.whatsapp.net"


@pytest.fixture
def outbox(workspace: Workspace) -> Iterator[Outbox]:
    """Yield an empty queue."""
    queue = Outbox(workspace.outbox, ManualClock(datetime(2026, 11, 24, tzinfo=UTC)))
    yield queue
    queue.close()


def test_F23_one_key_in_twenty_threads_is_one_send(outbox: Outbox) -> None:
    """Twenty racing posts queue one message and all learn its id."""
    with ThreadPoolExecutor(20) as pool:
        sends = list(pool.map(lambda _: outbox.add("default", ANA, Text(text="hola"), "key"), range(20)))
    assert 1 == len({send.id for send in sends})
    assert 1 == len(outbox.pending())


@pytest.mark.parametrize(
    ("account", "to", "text"), [("default", ANA, "adiós"), ("default", LUIS, "hola"), ("other", ANA, "hola")]
)
def test_F23_one_key_for_another_message_is_a_conflict(outbox: Outbox, account: str, to: str, text: str) -> None:
    """Another text, recipient or account under the same key is refused with the first id."""
    first = outbox.add("default", ANA, Text(text="hola"), "key")
    with pytest.raises(IdempotencyConflict) as caught:
        outbox.add(account, to, Text(text=text), "key")
    assert first.id == caught.value.data["id"]
    assert 1 == len(outbox.pending())


def test_F23_key_outlives_the_host_and_the_send(workspace: Workspace, outbox: Outbox) -> None:
    """A retry after a restart finds the first message, whatever became of it."""
    first = outbox.add("default", ANA, Text(text="hola"), "key")
    outbox.claim("default")
    outbox.close()
    again = Outbox(workspace.outbox, ManualClock(datetime(2026, 11, 25, tzinfo=UTC)))
    try:
        again.recover()
        assert first.id == again.add("default", ANA, Text(text="hola"), "key").id
        assert again.claim("default").task is None
    finally:
        again.close()
