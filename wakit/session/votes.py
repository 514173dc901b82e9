"""
Poll votes as records.

WhatsApp encrypts a vote with a secret that only those have who got the poll, so
a vote is a message that says little, and what it says comes separately: with the
phone's history, or from the library when it has decrypted it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from wakit.model import Message, MessageType, PollVote, Record, Source
from wakit.session.entries import Entry
from wakit.session.wire import address_of, instant, text


def read_vote(account: str, entry: Entry, me: str | None) -> list[Record]:  # noqa: ARG001 - one signature for all
    """Return what the worker let the library read in a vote that came before this entry."""
    facts = json.loads(entry.payload)
    chosen = tuple(facts.get("chosen", ()))
    error = facts.get("error")
    return [PollVote(account=account, chat=facts["chat"], message_id=facts["message_id"], chosen=chosen, error=error)]


def of_history(poll: Message, updates: Any, entry: Entry, me: str | None) -> Iterator[Record]:
    """Yield the votes that the phone's history keeps with a poll."""
    for update in updates:
        key = update.pollUpdateMessageKey
        sender = (me or "") if key.fromMe else address_of(key.participant) or poll.chat
        ts, suspect = instant(int(update.senderTimestampMS), 1000, entry.at)
        vote = Message(
            account=poll.account,
            chat=poll.chat,
            sender=sender,
            message_id=text(key.ID) or "",
            ts=ts,
            from_me=key.fromMe,
            type=MessageType.POLL_VOTE,
            target_id=poll.message_id,
            target_sender=poll.sender or None,
            source=Source.HISTORY,
            clock_suspect=suspect,
        )
        yield vote
        chosen = tuple(bytes(option).hex() for option in update.vote.selectedOptions)
        yield PollVote(account=poll.account, chat=poll.chat, message_id=vote.message_id, chosen=chosen)
