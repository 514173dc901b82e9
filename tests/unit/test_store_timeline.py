"""Messages as a person reads them, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, ME, at, edited, entries, got, opened, reacted, revoked, said

from wakit.errors import InvalidInput
from wakit.model import Media, MessageType, ReceiptState, Source
from wakit.paths import Workspace
from wakit.store import Store


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Return an empty store."""
    with opened(workspace) as store:
        yield store


def drained(store: Store, *records: Any) -> None:
    store.drain("default", entries(records))


def page(store: Store, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = store.timeline(**asked).to_pylist()
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["message_id"] for row in rows]


def test_pages_meet_without_gap_or_repeat(store: Store) -> None:
    """Walking back from the newest and forth again, each message comes once, also within one second."""
    drained(store, *(said(f"M{n}", ts=at(n // 3)) for n in range(20)))
    last = page(store, limit=7)
    middle = page(store, limit=7, before=last[0]["cursor"])
    first = page(store, limit=7, before=middle[0]["cursor"])
    assert [f"M{n}" for n in range(20)] == ids(first + middle + last)
    assert middle == page(store, limit=7, after=first[-1]["cursor"])
    assert [] == page(store, limit=7, before=first[0]["cursor"])


def test_page_around_a_message_has_what_stands_beside_it(store: Store) -> None:
    """A hit of a search is shown where it was said; an unknown message has no surroundings."""
    drained(store, *(said(f"M{n}", ts=at(n)) for n in range(20)))
    assert ["M8", "M9", "M10", "M11"] == ids(page(store, around="M9", limit=4))
    assert [] == page(store, around="elsewhere")


def test_quotes_reactions_and_ticks_belong_to_their_message(store: Store) -> None:
    """An answer has what it answers, a message what is under it, ours how far they got, whatever came first."""
    drained(
        store,
        reacted("M1", "👍", from_me=True, ts=at(9)),
        reacted("M1", "❤", ts=at(1)),
        reacted("M1", "👍", ts=at(2)),
        said("M1", "¿Tienen café?"),
        got(ReceiptState.READ, "M2", ts=at(5)),
        said("M2", "Sí", from_me=True, ts=at(3), target_id="M1"),
        got(ReceiptState.DELIVERED, "M2", ts=at(6)),
        said("M3", "Otra cosa", from_me=True, ts=at(4), target_id="gone"),
    )
    asked, answer, other = page(store)
    assert [("👍", 2)] == [(one["reaction"], len(one["people"])) for one in asked["reactions"]]
    assert (None, []) == (asked["state"], answer["reactions"])
    assert ("M1", "¿Tienen café?", False) == tuple(answer["quoted"][key] for key in ("message_id", "text", "from_me"))
    assert ("read", "sent") == (answer["state"], other["state"])
    assert ("gone", None) == (other["quoted"]["message_id"], other["quoted"]["text"])


def test_group_has_its_second_tick_when_everybody_has(store: Store) -> None:
    """In a group a message is as far as the slowest of those who answered."""
    drained(
        store,
        said("M1", chat=GROUP, sender=ME, from_me=True),
        got(ReceiptState.READ, chat=GROUP, recipient=ANA),
        got(ReceiptState.DELIVERED, chat=GROUP, recipient=LUIS),
    )
    assert "delivered" == page(store)[0]["state"]


def test_edits_and_deletions_are_told_and_the_text_stays(store: Store) -> None:
    """The newest text, when it was changed, and the text of what was taken back."""
    drained(store, said("M1", "uno"), edited("M1", "dos", ts=at(5)), said("M2", "tres", ts=at(6)), revoked("M2", ts=at(7)))
    changed, gone = page(store)
    assert ("dos", at(5), None) == (changed["text"], changed["edited_at"], changed["revoked_at"])
    assert ("tres", at(7)) == (gone["text"], gone["revoked_at"])


def test_files_are_described(store: Store) -> None:
    """A picture says what it is and that it is not here yet."""
    about = Media(size=1200, sha256="ab" * 32, width=640, height=480)
    drained(store, said("M1", None, type=MessageType.IMAGE, mimetype="image/jpeg", media=about), said("M2", ts=at(1)))
    picture, words = page(store)
    assert ("pending", "image/jpeg", 640) == tuple(picture["media"][key] for key in ("status", "mimetype", "width"))
    assert words["media"] is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"chat": ANA}, ["M1", "M2"]),
        ({"chat": ANA_LID}, ["M1", "M2"]),
        ({"pattern": "*@g.us"}, ["M3"]),
        ({"from_me": True}, ["M2"]),
        ({"account": "other"}, []),
        ({}, ["M1", "M2", "M3"]),
    ],
)
def test_only_what_was_chosen(store: Store, asked: dict[str, Any], expected: list[str]) -> None:
    """A chat under any address of its person, groups by their address, ours or theirs."""
    drained(
        store,
        said("M1", chat=ANA_LID, sender_alt=ANA),
        said("M2", from_me=True, ts=at(1), source=Source.HISTORY),
        said("M3", chat=GROUP, sender=LUIS, ts=at(2)),
    )
    assert expected == ids(page(store, **asked))


@pytest.mark.parametrize(
    "asked", [{"before": "M1"}, {"after": "1:2"}, {"before": f"{10**30}:1:1"}, {"after": "1:1:1", "around": "M1"}]
)
def test_what_is_no_place_is_refused(store: Store, asked: dict[str, str]) -> None:
    """A wrong cursor, and two places at once, are errors that say what to give."""
    with pytest.raises(InvalidInput, match=r"cursor|Give one"):
        page(store, **asked)
