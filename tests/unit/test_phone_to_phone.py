from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from wakit.emulator import Network
from wakit.emulator.clips import photo
from wakit.emulator.phone import Phone
from wakit.errors import InvalidInput, InvalidPhoneNumber, LinkingFailed, MediaFailed, NotLinked, NotOnWhatsApp
from wakit.model import MessageType


@dataclass
class Pair:
    """Two phones on one network; no client of any library is needed."""

    network: Network
    ana: Phone
    beto: Phone


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Return two phones for the whole file."""
    with Network() as network:
        yield Pair(network, network.phone("+57 310 765 4321", "Ana"), network.phone("+57 311 222 3344", "Beto"))


def test_phones_exchange_texts_and_receipts(pair: Pair) -> None:
    """Two phones read each other, and each learns that its message was delivered and read."""
    asked = pair.ana.send("+57 311 222 3344", "¿vienes?")
    received = pair.beto.wait_for(text="¿vienes?")
    assert (asked, pair.ana.jid, pair.ana.jid, False) == (received.id, received.chat, received.sender, received.from_me)
    pair.ana.wait_receipt(asked, "delivered")
    pair.beto.mark_read(received)
    pair.ana.wait_receipt(asked, "read")


def test_phone_voice_note_is_played(pair: Pair) -> None:
    """A voice note is one, and its receipt says played."""
    sent = pair.ana.send_media(pair.beto, "audio", b"OggS" + bytes(100), ptt=True)
    received = pair.beto.wait_for(type=MessageType.VOICE)
    pair.beto.mark_read(received, played=True)
    pair.ana.wait_receipt(sent, "played")


def test_phones_that_both_lost_their_sessions_recover(pair: Pair) -> None:
    """Whoever lost its sessions, each message arrives exactly once."""
    for number, loser in enumerate((pair.ana, pair.beto, pair.ana)):
        loser.lose_sessions()
        for sender, reader in ((pair.ana, pair.beto), (pair.beto, pair.ana)):
            text = f"después de perder {number} {sender.name}"
            sender.send(reader, text)
            reader.wait_for(text=text)
            assert 1 == sum(one.text == text for one in reader.inbox)


def test_phone_picture_that_was_damaged_is_refused(pair: Pair) -> None:
    """A file that the media host no longer has is a typed error."""
    pair.ana.send_media(pair.beto, "image", photo(1), caption="rota")
    received = pair.beto.wait_for(text="rota")
    received.message.imageMessage.directPath = "/v/gone"
    with pytest.raises(MediaFailed, match="no longer"):
        pair.beto.download(received)


def test_phone_unknown_recipient_is_named(pair: Pair) -> None:
    """A number that nobody has is refused with the next step."""
    with pytest.raises(NotOnWhatsApp, match=r"573009999999.*net\.phone"):
        pair.ana.send("+57 300 999 9999", "hola")


def test_phone_unknown_message_is_named(pair: Pair) -> None:
    """A reply to a message that this phone does not know is refused."""
    with pytest.raises(InvalidInput, match="NOPE"):
        pair.ana.reply(pair.beto, "NOPE", "¿qué?")


def test_phone_unknown_kind_of_file_lists_the_kinds(pair: Pair) -> None:
    """A kind of file that does not exist is refused with those that do."""
    with pytest.raises(InvalidInput, match=r"'pdf'.*document"):
        pair.ana.send_media(pair.beto, "pdf", b"x")


def test_phone_text_has_no_file(pair: Pair) -> None:
    """A text cannot be downloaded."""
    pair.ana.send(pair.beto, "sin archivo")
    with pytest.raises(InvalidInput, match="no file"):
        pair.beto.download(pair.beto.wait_for(text="sin archivo"))


def test_phone_without_companion_has_nobody_to_give_a_history(pair: Pair) -> None:
    """A history needs a linked companion."""
    with pytest.raises(NotLinked, match="Link one"):
        pair.ana.push_history(1)


def test_phone_wait_ends_with_what_was_seen(pair: Pair) -> None:
    """A message that does not come ends the wait with a count, not with silence."""
    with pytest.raises(TimeoutError, match="No messages of the"):
        pair.ana.wait_for(text="nunca", timeout=0.05)


def test_phone_malformed_code_and_number_are_refused(pair: Pair) -> None:
    """What cannot be a pairing code or a phone number is refused at once."""
    with pytest.raises(LinkingFailed, match="FKPW-H7ER"):
        pair.ana.type_code("0000")
    with pytest.raises(InvalidPhoneNumber):
        pair.network.phone("12")
