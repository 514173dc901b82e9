"""What the phone tells a new companion about the time before: journaled as it came, read without a list of everything."""

from __future__ import annotations

import pytest
from driven_session import Driven, poll

from wakit.emulator import Network
from wakit.model import Chat, Message, Source
from wakit.paths import Workspace
from wakit.session.events import history

pytestmark = pytest.mark.network

NUMBER = "+57 300 123 4567"


def test_a_history_sync_becomes_messages(workspace: Workspace, whatsapp_network: Network) -> None:
    """The phone pushes 20 chats of 50 messages: all of them are in the journal, with their senders and times."""
    phone = whatsapp_network.phone(NUMBER)
    with Driven(workspace, network=whatsapp_network) as ana:
        ana.link(phone)
        ana.forget()
        phone.push_history(chats=20, messages_per_chat=50, seed=1)
        records = poll(lambda: [r for e in ana.entries(13) for r in history("ana", e, me="573001234567@s.whatsapp.net")] or None)
        poll(lambda: sum(isinstance(r, Message) for e in ana.entries(13) for r in history("ana", e)) == 1000)
        records = [r for e in ana.entries(13) for r in history("ana", e, me="573001234567@s.whatsapp.net")]
    messages = [record for record in records if isinstance(record, Message)]
    assert len({(message.chat, message.message_id) for message in messages}) == 1000
    assert {message.source for message in messages} == {Source.HISTORY}
    assert all(message.sender == "573001234567@s.whatsapp.net" for message in messages if message.from_me)
    assert not any(message.clock_suspect for message in messages)
    assert len({record.chat for record in records if isinstance(record, Chat)}) == 20
