from __future__ import annotations

import pytest

from wakit.emulator.phone import contents, polls
from wakit.errors import InvalidInput
from wakit.ids import JID

ASKER, VOTER, OTHER = JID("101", "lid"), JID("102", "lid"), JID("103", "lid")
OPTIONS = ["Sí, por favor", "No", "Tal vez 🤔"]


@pytest.mark.parametrize("chosen", [[], OPTIONS[:1], OPTIONS])
def test_poll_vote_is_read_as_it_was_cast(chosen: list[str]) -> None:
    """Who has the poll reads which options were chosen, none included."""
    poll = contents.poll("¿Desayuno?", OPTIONS, choices=3)
    key = contents.key(ASKER, "POLL1", from_me=False)
    vote = polls.vote(key, poll.messageContextInfo.messageSecret, asker=ASKER, voter=VOTER, options=chosen)
    assert chosen == polls.read_vote(vote.pollUpdateMessage, poll, asker=ASKER, voter=VOTER)


def test_poll_vote_under_another_name_is_refused() -> None:
    """A vote cannot be replayed as somebody else's."""
    poll = contents.poll("¿Desayuno?", OPTIONS)
    key = contents.key(ASKER, "POLL1", from_me=False)
    vote = polls.vote(key, poll.messageContextInfo.messageSecret, asker=ASKER, voter=VOTER, options=OPTIONS[:1])
    with pytest.raises(InvalidInput, match="POLL1"):
        polls.read_vote(vote.pollUpdateMessage, poll, asker=ASKER, voter=OTHER)
