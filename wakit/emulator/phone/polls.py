"""
Poll votes: encrypted with the secret that came with the poll.

Only who received the poll can read the votes; the key also depends on who asks
and who votes, so that a vote cannot be replayed under another name.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wakit.emulator.hkdf import hkdf
from wakit.emulator.phone import contents
from wakit.errors import InvalidInput
from wakit.ids import JID
from wakit.proto import e2e_pb


def vote(poll_key: Any, secret: bytes, *, asker: JID, voter: JID, options: Sequence[str]) -> Any:
    """
    Return a vote for *options* (none takes an earlier vote back).

    Args:
        poll_key: Key of the poll's message.
        secret: The secret inside the poll.
        asker: Who sent the poll, as addressed in that chat.
        voter: Who votes, as addressed in that chat.
        options: The chosen options, word for word.
    """
    plain = e2e_pb.PollVoteMessage(selectedOptions=contents.option_hashes(options)).SerializeToString()
    nonce, associated = os.urandom(12), _associated(poll_key.ID, voter)
    payload = AESGCM(_key(secret, poll_key.ID, asker, voter)).encrypt(nonce, plain, associated)
    value = e2e_pb.PollEncValue(encPayload=payload, encIV=nonce)
    update = e2e_pb.PollUpdateMessage(pollCreationMessageKey=poll_key, vote=value, senderTimestampMS=contents.now_ms())
    return e2e_pb.Message(pollUpdateMessage=update)


def read_vote(update: Any, poll: Any, *, asker: JID, voter: JID) -> list[str]:
    """
    Return the options that a vote chose.

    Args:
        update: The PollUpdateMessage.
        poll: The whole message that holds the poll.
        asker: Who sent the poll, as addressed in that chat.
        voter: Who votes, as addressed in that chat.

    Raises:
        InvalidInput: The vote belongs to another poll.
    """
    poll_id, secret = update.pollCreationMessageKey.ID, poll.messageContextInfo.messageSecret
    cipher = AESGCM(_key(secret, poll_id, asker, voter))
    try:
        plain = cipher.decrypt(update.vote.encIV, update.vote.encPayload, _associated(poll_id, voter))
    except InvalidTag as exc:
        msg = f"This vote was not made for poll {poll_id}."
        raise InvalidInput(msg) from exc
    names = [option.optionName for option in getattr(poll, contents.content_field(poll)).options]
    hashes = dict(zip(contents.option_hashes(names), names, strict=True))
    return [hashes[chosen] for chosen in e2e_pb.PollVoteMessage.FromString(plain).selectedOptions]


def _key(secret: bytes, poll_id: str, asker: JID, voter: JID) -> bytes:
    return hkdf(secret, 32, info=f"{poll_id}{asker.bare}{voter.bare}Poll Vote".encode())


def _associated(poll_id: str, voter: JID) -> bytes:
    return f"{poll_id}\x00{voter.bare}".encode()
