"""Whether somebody ever wrote to an account: what decides if an automated message may go to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, at, entries, opened, said

from wakit.model import MessageType
from wakit.paths import Workspace
from wakit.store import Store

EVA = "573005551234@s.whatsapp.net"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Return a store in which Ana wrote, Luis was written to, and Eva wrote in a group."""
    with opened(workspace) as store:
        records = [
            said("A1", chat=ANA_LID, sender=ANA_LID, sender_alt=ANA, ts=at(0)),
            said("L1", chat=LUIS, from_me=True, ts=at(1)),
            said("L2", chat=LUIS, type=MessageType.SYSTEM, text=None, ts=at(2)),
            said("E1", chat=GROUP, sender=EVA, ts=at(3)),
        ]
        store.drain("default", entries(records))
        yield store


@pytest.mark.parametrize(("who", "wrote"), [(ANA, True), (ANA_LID, True), (LUIS, False), (EVA, False), ("1@lid", False)])
def test_only_who_wrote_in_their_own_chat_counts(store: Store, who: str, *, wrote: bool) -> None:
    """It counts under each address of the person; what we wrote, notices and groups do not."""
    assert store.wrote("default", who) is wrote
    assert store.wrote("other", who) is False
