"""What the rows of a list of messages say, whether they come from the timeline or from a live event."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from wakit.errors import MediaFailed
from wakit.model import Event, EventKind, MediaFile, Message, MessageType
from wakit.widgets.bubbles import Bubbles, key, size_text, unlock
from wakit.widgets.thumbnails import harmless, thumbnail

ANA, LID, GROUP = "573009876543@s.whatsapp.net", "111222333@lid", "120363000000000001@g.us"
AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"


def entry(**other: Any) -> dict[str, Any]:
    """Return a message as the timeline has it."""
    there = {"account": "default", "chat": ANA, "chat_name": "Ana", "is_group": False, "sender": ANA, "sender_name": "Ana"}
    said = {"message_id": "M1", "ts": AT.isoformat(), "from_me": False, "type": "text", "text": "hola", "forwarded": False}
    became = {"edited_at": None, "revoked_at": None, "reactions": [], "quoted": None, "state": None, "media": None}
    return {**there, **said, **became, "cursor": "1:1:0", **other}


def told(**other: Any) -> Message:
    """Return a message as an event has it."""
    there = {"account": "default", "chat": ANA, "sender": ANA, "push_name": "Ana", "message_id": "M1", "ts": AT, "text": "hola"}
    return Message(**{**there, **other})


def media(**other: Any) -> dict[str, Any]:
    """Return what the timeline says of a file."""
    about = {"status": "stored", "mimetype": "image/jpeg", "file_name": None, "size": 20_480, "seconds": None}
    return {**about, "width": 400, "height": 300, "reason": None, **other}


def test_a_message_is_the_same_row_however_it_comes() -> None:
    """The event and the timeline name a message alike and say the same of it; only the timeline has its place."""
    bubbles = Bubbles(lang="es")
    live, stored = bubbles.of_message(told()), bubbles.of_timeline(entry())
    assert {**live, "cursor": "1:1:0"} == stored
    assert unlock(live["key"]) == ("default", ANA, "M1")


def test_one_person_with_two_addresses_is_one_in_the_thread() -> None:
    """What comes from the hidden address of somebody whose number is known is shown under the number."""
    bubbles = Bubbles(lang="es")
    live = bubbles.of_message(told(chat=LID, sender=LID, sender_alt=ANA))
    assert (live["chat"], live["name"], live["key"]) == (ANA, "Ana", key("default", ANA, "M1"))


def test_foreign_words_are_handed_on_as_they_are() -> None:
    """Nothing is escaped, because nothing is ever markup: names and texts go into text nodes."""
    bubbles = Bubbles(lang="es")
    row = bubbles.of_timeline(entry(chat_name=HOSTILE, sender_name=HOSTILE, text=HOSTILE))
    assert (row["name"], row["text"]) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize(
    ("state", "tick", "name"), [("sent", "✓", "Enviado"), ("read", "✓✓", "Leído"), ("unknown", "?", "No se sabe si llegó")]
)
def test_ticks_have_words(state: str, tick: str, name: str) -> None:
    """How far a message got is a sign and a word, never a colour alone."""
    row = Bubbles(lang="es").of_timeline(entry(from_me=True, state=state))
    assert (row["tick"], row["tick_name"]) == (tick, name)


def test_a_deleted_and_an_edited_message_say_so() -> None:
    """The original of a deleted message is still there, for whoever asks for it."""
    row = Bubbles(lang="es").of_timeline(entry(edited_at=AT, revoked_at=AT))
    assert (row["edited"], row["revoked"], row["text"]) == (True, True, "hola")


def test_a_quote_says_whose_words_they_are() -> None:
    """A quote of ours is ours; one of a picture says that it is one; one of nothing known still leads there."""
    bubbles = Bubbles(lang="es")
    said = {"message_id": "M0", "sender": ANA, "sender_name": "Ana", "from_me": False, "type": "image", "text": None}
    assert bubbles.of_timeline(entry(quoted=said))["quoted"] == {
        "key": key("default", ANA, "M0"),
        "name": "Ana",
        "text": "📷 Foto",
    }
    assert bubbles.of_timeline(entry(quoted={**said, "from_me": True}))["quoted"]["name"] == "Tú"
    unknown = dict.fromkeys(said) | {"message_id": "M0"}
    assert bubbles.of_timeline(entry(quoted=unknown))["quoted"] == {"key": key("default", ANA, "M0"), "name": None, "text": None}


def test_a_group_names_the_chat_and_who_writes() -> None:
    """In the feed a row of a group has both names, and one of ours says where it went."""
    bubbles = Bubbles(lang="es")
    theirs = bubbles.of_timeline(entry(chat=GROUP, chat_name="Vecinos", is_group=True))
    ours = bubbles.of_timeline(entry(from_me=True, state="sent"))
    assert (theirs["chat_name"], theirs["name"]) == ("Vecinos", "Ana")
    assert (ours["chat_name"], ours["name"]) == ("→ Ana", None)


def test_a_file_says_what_became_of_it() -> None:
    """A stored picture can be shown, a refused file says why it cannot, and shapes that break a page are cut."""
    bubbles = Bubbles(lang="es")
    stored = bubbles.of_timeline(entry(type="image", media=media()))["media"]
    refused = bubbles.of_timeline(entry(type="document", media=media(status="refused", width=1, height=90)))["media"]
    assert (stored["here"], stored["note"], stored["size"], stored["ratio"]) == (True, None, "20 kB", 400 / 300)
    assert (refused["here"], bool(refused["note"]), refused["ratio"]) == (False, True, 0.4)
    assert size_text(None) == ""


def test_private_rows_have_no_names_numbers_or_files() -> None:
    """Initials, masked numbers and no file names; who has no name is nobody in particular."""
    bubbles = Bubbles(lang="es", private=True)
    row = bubbles.of_timeline(
        entry(
            type="document",
            text="Al 300 987 6543",
            sender_name="Ana Mejía",
            chat_name="Ana Mejía",
            media=media(file_name="ana.pdf"),
        )
    )
    assert (row["name"], row["media"]["private"], row["media"]["name"]) == ("A. M.", True, None)
    assert "987" not in row["text"]
    assert "987" not in bubbles.name("default", "573009876500@s.whatsapp.net")


def test_typing_without_a_place_is_not_told() -> None:
    """A notice that does not say who types where is no row."""
    source = {"Chat": GROUP, "Sender": ANA}
    bubbles = Bubbles(lang="es")
    bubbles.people.call("default", ANA, "Ana")
    bubbles.people.call("default", GROUP, "Vecinos")

    def typing(**fields: Any) -> dict[str, Any] | None:
        return bubbles.of_typing(Event(id="1", account="default", kind=EventKind.TYPING, at=AT, data={"fields": fields}))

    row = typing(MessageSource=source, State="COMPOSING")
    assert row is not None
    assert (row["name"], row["in"], row["on"]) == ("Ana", "Vecinos", True)
    assert typing(State="COMPOSING") is None


def test_a_thumbnail_is_small_and_a_broken_picture_an_error(tmp_path: Path) -> None:
    """Large pictures are made small; what is no picture is an error with a next step, whatever its sender called it."""
    path = tmp_path / "picture"
    Image.new("RGB", (3000, 1500), "red").save(path, "JPEG")
    file = MediaFile(account="default", chat=ANA, message_id="M1", type=MessageType.IMAGE, size=1, sha256="", path=str(path))
    with Image.open(io.BytesIO(thumbnail(file))) as small:
        assert small.size == (640, 320)
    path.write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(MediaFailed, match="Save it"):
        thumbnail(file)


@pytest.mark.parametrize(
    ("mimetype", "told_as"),
    [
        ("image/png", "image/png"),
        ("audio/ogg; codecs=opus", "audio/ogg"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_a_browser_is_never_handed_a_page(mimetype: str | None, told_as: str) -> None:
    """Kinds that a browser would run are handed to it as nothing in particular, to be saved."""
    assert harmless(mimetype) == told_as
