"""What is to be said: one form everywhere, and refusals before anything is queued."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from wakit.errors import InvalidInput, InvalidPhoneNumber
from wakit.outgoing import Card, Content, Deletion, Edit, File, Place, Poll, Reaction, Said, Text, said

EVERY = [
    Text(text="hola"),
    Text(text="@573001234567 ¿sí?", mentions=("573001234567@s.whatsapp.net",), reply_to="3EB0A"),
    Text(text="a\x00b \N{FAMILY}\u202e"),
    Reaction(message_id="3EB0A", emoji="👍"),
    Reaction(message_id="3EB0A", emoji=""),
    Edit(message_id="3EB0A", text="mejor así"),
    Deletion(message_id="3EB0A"),
    File(kind="image", sha256="ab" * 32, caption="El menú", mimetype="image/jpeg", size=10),
    File(kind="voice", sha256="ab" * 32, seconds=7, reply_to="3EB0A"),
    Place(latitude=-4.5, longitude=180.0, name="Café", address="Calle 1", reply_to="3EB0A"),
    Card(name="Ana; Gómez", phone="+57 300 123 4567"),
    Poll(question="¿Molido?", options=("sí", "no", "ambos"), choices=2),
]


@pytest.mark.parametrize("content", EVERY, ids=lambda content: content.kind)
def test_content_comes_back_from_its_form(content: Said) -> None:
    """What the outbox keeps and the worker reads is what was said."""
    assert content == said(json.loads(json.dumps(content.to_json())))


@pytest.mark.parametrize("content", EVERY, ids=lambda content: content.kind)
def test_rest_takes_the_same_form(content: Said) -> None:
    """The body model of REST reads what the client writes."""
    assert content == TypeAdapter(Said).validate_python(content.to_json())


def test_form_leaves_defaults_out() -> None:
    """A field that a later version adds changes no form of today, so idempotency keys stay comparable."""
    assert {"kind": "text", "text": "hola"} == Text(text="hola").to_json()


def test_form_with_an_unknown_field_is_refused() -> None:
    """A misspelled field is a mistake, not silence."""
    with pytest.raises(ValidationError, match="replyto"):
        TypeAdapter(Text).validate_python({"kind": "text", "text": "hola", "replyto": "3EB0A"})


def test_form_of_a_newer_wakit_is_refused() -> None:
    """A kind that this version does not know is named."""
    with pytest.raises(InvalidInput, match="hologram"):
        said({"kind": "hologram"})


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 65_537, "á" * 32_769, "a\ud800"])
def test_text_that_cannot_be_sent_is_refused(text: str) -> None:
    """Empty, longer than 64 kB of UTF-8, or no UTF-8 at all."""
    for make in (lambda: Text(text=text), lambda: Edit(message_id="3EB0A", text=text)):
        with pytest.raises(InvalidInput):
            make()


def test_text_of_exactly_the_limit_is_taken() -> None:
    """64 kB are carried."""
    assert Text(text="x" * 65_536).text


def test_words_are_no_reaction() -> None:
    """A reaction is an emoji."""
    with pytest.raises(InvalidInput, match="one emoji"):
        Reaction(message_id="3EB0A", emoji="muchísimas gracias por su compra, vuelva pronto")


def test_mentions_are_people_whom_the_text_names() -> None:
    """A number in any spelling becomes an address; one that the text does not hold is refused."""
    text = Text(text="gracias @573001234567", mentions=("300 123 4567",))
    assert ("573001234567@s.whatsapp.net",) == text.addressed("CO").mentions
    with pytest.raises(InvalidInput, match="Write @573001112233 there"):
        Text(text="gracias @573001234567", mentions=("+57 300 111 2233",)).addressed(None)
    with pytest.raises(InvalidPhoneNumber):
        Text(text="gracias @nadie", mentions=("nadie",)).addressed(None)


@pytest.mark.parametrize("content", EVERY, ids=lambda content: content.kind)
def test_repr_is_neutral(content: Said) -> None:
    """What a notebook keeps of it says the kind and nothing else."""
    assert f"{type(content).__name__}()" == repr(content)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Place(latitude=90.1, longitude=0), "latitude 90.1"),
        (lambda: Place(latitude=0, longitude=-181), "longitude -181"),
        (lambda: Place(latitude=float("nan"), longitude=0), "latitude nan"),
        (lambda: File(kind="image", sha256="../../etc/passwd"), "no SHA-256"),
        (lambda: File(kind="hologram", sha256="ab" * 32), "no kind of file"),  # type: ignore[arg-type]
        (lambda: File(kind="voice", sha256="ab" * 32, caption="hola"), "no caption"),
        (lambda: File(kind="video", sha256="ab" * 32, seconds=-1), "-1 seconds"),
        (lambda: Card(name=" ", phone="+573001234567"), "name is empty"),
        (lambda: Poll(question="", options=("a", "b")), "question is empty"),
        (lambda: Poll(question="¿?", options=("a",)), "2 to 12"),
        (lambda: Poll(question="¿?", options=("a", "a")), "different"),
        (lambda: Poll(question="¿?", options=tuple("abcdefghijklm")), "2 to 12"),
        (lambda: Poll(question="¿?", options=("a", " ")), "option is empty"),
        (lambda: Poll(question="¿?", options=("a", "b"), choices=3), "not 3"),
    ],
)
def test_what_is_no_place_no_card_or_no_poll_is_refused(make: Callable[[], object], why: str) -> None:
    """With what is wrong."""
    with pytest.raises(InvalidInput, match=why):
        make()


def test_number_on_a_card_is_written_in_full() -> None:
    """A national number gets its country code; what is none is refused."""
    assert "+573001234567" == Card(name="Ana", phone="300 123 4567").addressed("CO").phone
    with pytest.raises(InvalidPhoneNumber):
        Card(name="Ana", phone="12").addressed("CO")


def test_only_edits_and_deletions_are_bound_to_our_own_and_to_time() -> None:
    """Answers and reactions may be about anything, however old."""
    bound = {kind: (kind.own_only, kind.window) for kind in Content.__subclasses__() if kind.own_only or kind.window}
    assert {Edit: (True, timedelta(minutes=20)), Deletion: (True, timedelta(hours=60))} == bound
    assert {type(content) for content in EVERY} == set(Content.__subclasses__())
