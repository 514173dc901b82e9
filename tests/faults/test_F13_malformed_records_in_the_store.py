"""F13: records that no table can hold as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stored import ANA, at, entries, got, opened, said, table

from wakit.model import Message, ReceiptState
from wakit.paths import Workspace
from wakit.store import Store

pytestmark = pytest.mark.faults


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


@pytest.mark.parametrize(
    "record",
    [
        said("M1", "secreto", chat="no address"),
        said("M1", "secreto", chat=""),
        said("M1", "secreto", sender="@"),
        said("M1", "secreto", sender_alt="a b@c"),
        said("M1", "secreto", target_sender="\x00"),
        said("M\ud800", "secreto"),
        got(ReceiptState.READ, recipient="nobody"),
        got(ReceiptState.READ, "\udfff"),
    ],
)
def test_F13_record_without_an_address_or_id_goes_to_quarantine(store: Store, record: Message) -> None:
    """The reason is kept, the content is not, and the next entry is handled."""
    store.drain("default", entries([record, said("M2")]))
    ((fields,),) = table(store, "SELECT fields::VARCHAR FROM quarantine")
    assert "reason" in fields
    assert "secreto" not in fields
    assert ["M2"] == store.messages()["message_id"].to_pylist()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\ud800b", "a?b"),
        ("\x00\x01\x1b[31m", "\x00\x01\x1b[31m"),
        ("\u202eabc", "\u202eabc"),
        ("\N{PILE OF POO}" * 100_000, "\N{PILE OF POO}" * 100_000),
        ("x" * 5_000_000, "x" * 5_000_000),
        ("", ""),
    ],
)
def test_F13_any_text_is_stored(store: Store, text: str, stored: str) -> None:
    """Only halves of characters are replaced; nothing is cut."""
    store.drain("default", entries([said("M1", text, push_name="Ana\ud800"), said("M2")]))
    assert [(stored,)] == table(store, "SELECT text FROM messages WHERE message_id = 'M1'")


@pytest.mark.parametrize("year", [1, 1970, 2106, 9999])
def test_F13_any_time_is_stored(store: Store, year: int) -> None:
    """A clock that is wrong is a time like any other; whether to believe it is another column."""
    store.drain("default", entries([said(ts=at(0).replace(year=year), clock_suspect=True)]))
    assert [(year, True)] == table(store, "SELECT year(ts), clock_suspect FROM messages")
    assert ANA == store.messages()["chat"][0].as_py()
