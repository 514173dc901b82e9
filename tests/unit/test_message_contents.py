from __future__ import annotations

from typing import Any

import pytest

from wakit.emulator.phone import contents
from wakit.ids import JID
from wakit.model import MessageType
from wakit.proto import e2e_pb

ANA = JID("101", "lid")
MINE = contents.key(ANA, "M1", from_me=True)
THEIRS = contents.key(ANA, "M2", from_me=False)
QUOTE = contents.reply("y eso?", quoted_id="M2", quoted_sender=ANA, quoted=contents.text("hola"))
VOICE = e2e_pb.Message(audioMessage=e2e_pb.AudioMessage(PTT=True))
PICTURE = e2e_pb.Message(imageMessage=e2e_pb.ImageMessage(caption="mira"))

CASES: list[tuple[Any, MessageType, str, str | None, dict[str, str], dict[str, str]]] = [
    (contents.text("hola"), MessageType.TEXT, "hola", None, {"type": "text"}, {}),
    (QUOTE, MessageType.TEXT, "y eso?", "M2", {"type": "text"}, {}),
    (contents.reaction(THEIRS, "👍"), MessageType.REACTION, "👍", "M2", {"type": "reaction"}, {"decrypt-fail": "hide"}),
    (contents.reaction(THEIRS, ""), MessageType.REACTION, "", "M2", {"type": "reaction", "edit": "7"}, {"decrypt-fail": "hide"}),
    (
        contents.edit(MINE, contents.text("va")),
        MessageType.EDIT,
        "va",
        "M1",
        {"type": "text", "edit": "1"},
        {"decrypt-fail": "hide"},
    ),
    (contents.revoke(MINE), MessageType.REVOKE, "", "M1", {"type": "text", "edit": "7"}, {"decrypt-fail": "hide"}),
    (contents.revoke(THEIRS), MessageType.REVOKE, "", "M2", {"type": "text", "edit": "8"}, {"decrypt-fail": "hide"}),
    (contents.poll("¿Sí?", ["a", "b"]), MessageType.POLL, "¿Sí?", None, {"type": "poll"}, {}),
    (contents.location(6.2, -75.5, name="Parque"), MessageType.LOCATION, "Parque", None, {"type": "text"}, {}),
    (contents.contact_card("Ana", "57300"), MessageType.CONTACT, "Ana", None, {"type": "media"}, {"mediatype": "vcard"}),
    (PICTURE, MessageType.IMAGE, "mira", None, {"type": "media"}, {"mediatype": "image"}),
    (VOICE, MessageType.VOICE, "", None, {"type": "media"}, {"mediatype": "ptt"}),
    (e2e_pb.Message(), MessageType.OTHER, "", None, {"type": "text"}, {}),
]


@pytest.mark.parametrize(("message", "kind", "words", "target", "outer", "inner"), CASES)
def test_contents_type_words_target_and_attributes(message, kind, words, target, outer, inner) -> None:
    """Of every kind of message the phone knows what it is, what it says, what it is about and how its stanza looks."""
    assert (kind, words, target) == (contents.type_of(message), contents.text_of(message), contents.target_of(message))
    assert (outer, inner) == contents.stanza_attributes(message)


def test_contents_forwarded_text_is_marked() -> None:
    """A forwarded copy says so and counts how often."""
    once = contents.forwarded(contents.text("hola"))
    twice = contents.forwarded(once)
    assert ["hola", "hola"] == [contents.text_of(once), contents.text_of(twice)]
    context = twice.extendedTextMessage.contextInfo
    assert (True, 2) == (context.isForwarded, context.forwardingScore)


def test_contents_device_sent_copy_keeps_the_secret_outside() -> None:
    """The copy for own devices names the chat and repeats the message secret where companions look for it."""
    poll = contents.poll("¿Sí?", ["a"])
    copy = contents.device_sent(ANA, poll)
    assert (str(ANA), poll) == (copy.deviceSentMessage.destinationJID, copy.deviceSentMessage.message)
    assert poll.messageContextInfo.messageSecret == copy.messageContextInfo.messageSecret
