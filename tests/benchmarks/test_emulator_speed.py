from __future__ import annotations

import time

from wakit.emulator import Network
from wakit.emulator.history import GeneratedHistory, chunks
from wakit.ids import JID

#: Processor seconds, not seconds of the clock: what else the machine does is no concern of these figures.
SENT, BUILT = 1_500, 100_000


def test_phone_sends_three_hundred_messages_a_second() -> None:
    """Sending, relaying, decrypting and receipting a message costs less than a three-hundredth of a processor second."""
    with Network() as network:
        ana, beto = network.phone("+57 300 123 4567"), network.phone("+57 310 765 4321")
        ana.send(beto, "antes")
        started = time.process_time()
        for number in range(SENT):
            ana.send(beto, f"texto {number}")
        beto.wait_for(text=f"texto {SENT - 1}")
        assert 300 <= SENT / (time.process_time() - started)


def test_history_is_built_at_fifty_thousand_messages_a_second() -> None:
    """Making up, serialising and compressing a history of a thousand chats goes at 50 000 messages a second."""
    started = time.process_time()
    made = sum(
        chunk.messages for chunk in chunks(GeneratedHistory(1000, 100, seed=1), lambda digits, _: JID(f"1{digits}", "lid"))
    )
    assert BUILT == made
    assert 50_000 <= BUILT / (time.process_time() - started)
