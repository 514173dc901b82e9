"""Search: words, phrases, beginnings, accents, ñ, filters, and in step with the store."""

from __future__ import annotations

import itertools
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy
from hosts import until
from hypothesis import given
from hypothesis import strategies as st
from stored import ANA, ANA_LID, GROUP, LUIS, ME, at, edited, entries, opened, revoked, said

from wakit.errors import InvalidInput, InvalidPhoneNumber, UnsafePath
from wakit.model import MessageType
from wakit.paths import Workspace
from wakit.store import Store, indexing
from wakit.store.hits import SNIPPET, snippet
from wakit.store.index import Origin
from wakit.store.question import Question
from wakit.words import fold

TEXTS = {
    "M1": "¿Me mandas la cotización de la torta?",
    "M2": "Las cotizaciones llegan mañana",
    "M3": "El año que viene",
    "M4": "El ano",
    "M5": "Envío gratis; envíos a toda la ciudad",
    "M6": "buenos días",
    "M7": "días buenos para la reunión",
    "M8": "PINGÜINO azul",
    "M9": "the orders are ready",
}


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield a store with the texts above, one a minute."""
    with opened(workspace) as store:
        found = [said(name, text, ts=at(60 * n)) for n, (name, text) in enumerate(TEXTS.items())]
        store.drain("default", entries(found))
        store.catch_up()
        yield store


def ids(store: Store, question: str, **more: object) -> set[str]:
    return {hit.message_id for hit in store.search(question, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("cotizacion", {"M1", "M2"}),
        ("COTIZACIÓN", {"M1", "M2"}),
        ("cotizaciones", {"M1", "M2"}),
        ("envio", {"M5"}),
        ("reunion", {"M7"}),
        ("pinguino", {"M8"}),
        ("order", {"M9"}),
        ("torta cotizacion", {"M1"}),
        ("cotizacion torta", {"M1"}),
        ("año", {"M3"}),
        ("ano", {"M4"}),
        ("AÑO", {"M3"}),
        ("an\u0303o", {"M3"}),
        ('"buenos dias"', {"M6"}),
        ('"dias buenos"', {"M7"}),
        ("buenos dias", {"M6", "M7"}),
        ("dia -reunion", {"M6"}),
        ('buenos -"buenos dias"', {"M7"}),
        ("cotizacion -torta", {"M2"}),
        ("pin*", {"M8"}),
        ("cotizaci*", {"M1", "M2"}),
        ("cotizacio*", {"M1", "M2"}),
        ("cotizacione*", {"M2"}),
        ('"toda la ciu*"', {"M5"}),
        ('"toda la ciu"*', {"M5"}),
        ("ana", set()),
        ("nada", set()),
        ("buenos nada", set()),
    ],
)
def test_search_finds_what_was_asked_for(store: Store, question: str, expected: set[str]) -> None:
    """Accents, case, plural and order do not matter; ñ, phrases and what must not be there do."""
    assert expected == ids(store, question)


def test_loose_search_takes_n_for_enye(store: Store) -> None:
    """Who has no ñ on the keyboard can ask for both."""
    assert {"M3", "M4"} == ids(store, "ano", loose=True) == ids(store, "año", loose=True)
    assert {"M2"} == ids(store, "manana", loose=True)
    assert set() == ids(store, "manana")


@pytest.mark.parametrize("question", ["", "   ", "-torta", '""', "*", "-*", "¿?", "\\"])
def test_question_without_a_word_is_refused(store: Store, question: str) -> None:
    """The error says what to write."""
    with pytest.raises(InvalidInput, match="no word to search for"):
        store.search(question)


@pytest.mark.parametrize("question", ['"unclosed', "a:b", "(x OR y", "[1 TO 2]", "x^2~", "' OR 1=1", "\x00torta", "+57 300"])
def test_any_question_has_an_answer(store: Store, question: str) -> None:
    """There is no syntax to get wrong."""
    assert isinstance(store.search(question), list)


def test_hit_says_where_it_is_and_what_was_found(store: Store) -> None:
    """People, time and marks are in the hit."""
    (hit,) = store.search("torta cotizacion")
    assert (ANA, ANA, "text", at(0), False) == (hit.chat, hit.sender, hit.type, hit.ts, hit.from_me)
    assert ["cotización", "torta"] == [hit.snippet[start:stop] for start, stop in hit.marks]
    assert "torta" not in repr(hit)


def test_better_answers_come_first(store: Store) -> None:
    """A short message about it beats a long one that mentions it."""
    long = "torta " + "palabra " * 60
    store.drain("default", entries([said("L1", long), said("L2", "torta torta")], first=100))
    store.catch_up()
    assert ["L2", "M1", "L1"] == [hit.message_id for hit in store.search("torta")]


def test_newest_come_first_when_asked_to(store: Store) -> None:
    """Time instead of rank."""
    assert ["M7", "M6"] == [hit.message_id for hit in store.search("buenos", newest=True)]


def test_limit_keeps_the_best(store: Store) -> None:
    """As many as asked for."""
    assert 1 == len(store.search("buenos", limit=1))


def test_filters_narrow_the_answer(store: Store) -> None:
    """Account, chat, sender, time and type."""
    more = [
        said("G1", "torta", chat=GROUP, sender=LUIS, ts=at(9000)),
        said("G2", "torta", chat=GROUP, sender=ME, from_me=True, ts=at(9060)),
        said("I1", "torta", type=MessageType.IMAGE, ts=at(9120)),
    ]
    store.drain("default", entries(more, first=100))
    store.drain("other", entries([said("O1", "torta", account="other")]))
    store.catch_up()
    assert {"O1"} == ids(store, "torta", account="other")
    assert set() == ids(store, "torta", account="nobody")
    assert {"G1", "G2"} == ids(store, "torta", chat=GROUP)
    assert {"G1"} == ids(store, "torta", sender="+57 300 765 4321")
    assert {"I1"} == ids(store, "torta", types=["image"])
    assert {"G2", "I1"} == ids(store, "torta", since=at(9060))
    assert {"G1"} == ids(store, "torta", since=at(9000), until=at(9060))
    assert {"M1", "O1"} == ids(store, "torta", until=at(60))
    with pytest.raises(InvalidPhoneNumber):
        store.search("torta", chat="12")


def test_chat_filter_knows_both_addresses(store: Store) -> None:
    """A person is found under the LID and under the number, whichever a message came with."""
    both = [said("L1", "flores", chat=ANA_LID, sender_alt=ANA), said("L2", "flores")]
    store.drain("default", entries(both, first=100))
    store.catch_up()
    assert {"L1", "L2"} == ids(store, "flores", chat=ANA) == ids(store, "flores", chat=ANA_LID)


def test_edited_message_is_found_by_its_newest_text(store: Store) -> None:
    """The old words no longer find it, the new ones do, also when they come long after."""
    store.drain("default", entries([edited("M1", "¿Me mandas el precio del pastel?", ts=at(9000))], first=100))
    store.catch_up()
    (hit,) = store.search("pastel", until=at(30))
    assert ("M1", at(9000), at(0)) == (hit.message_id, hit.edited_at, hit.ts)
    assert {"M2"} == ids(store, "cotizacion")


def test_edit_by_somebody_else_finds_nothing(store: Store) -> None:
    """What the views do not show cannot be found."""
    store.drain("default", entries([edited("M1", "falso", chat=ANA, sender=LUIS)], first=100))
    store.catch_up()
    assert set() == ids(store, "falso")


def test_revoked_message_says_so(store: Store) -> None:
    """Its text is kept, and so is when it was taken back."""
    store.drain("default", entries([revoked("M8", ts=at(9000))], first=100))
    assert [at(9000)] == [hit.revoked_at for hit in store.search("pinguino")]


def test_change_after_a_search_is_seen_by_the_next_one(store: Store) -> None:
    """What was changed is read once and kept up to date from then on."""
    (hit,) = store.search("pinguino")
    assert hit.edited_at is None
    store.drain("default", entries([edited("M8", "PINGÜINO rojo", ts=at(60))], first=100))
    store.catch_up()
    assert ["PINGÜINO rojo"] == [hit.text for hit in store.search("pinguino")]


def test_message_that_was_twice_is_found_once(workspace: Workspace) -> None:
    """A row that a later pairing showed to be the same message is no hit of its own."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", "torta"), said("M1", "torta", chat=ANA_LID)]))
        store.catch_up()
        assert 2 == len(store.search("torta"))
        store.drain("default", entries([said("M2", "hola", chat=ANA_LID, sender_alt=ANA)], first=3))
        assert 1 == len(store.search("torta"))


def test_new_message_is_found_without_asking_for_it(store: Store) -> None:
    """The index follows the drain by itself."""
    store.drain("default", entries([said("N1", "zanahoria")], first=100))
    with store._indexing._lock:
        pass
    deadline = 200
    while not (found := ids(store, "zanahoria")) and deadline:
        deadline -= 1
        store._indexing._thread.join(0.05)
    assert {"N1"} == found


def test_index_goes_on_where_it_ended(workspace: Workspace) -> None:
    """After reopening nothing is indexed twice and nothing is missing."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", "torta"), said("M2", None, type=MessageType.IMAGE)]))
        store.catch_up()
    with opened(workspace) as store:
        assert 0 == store.catch_up()
        store.drain("default", entries([said("M3", "torta")], first=3))
        store.catch_up()
        assert {"M1", "M3"} == ids(store, "torta")


def test_rebuild_gives_the_same_answers(store: Store) -> None:
    """The index holds nothing that the database does not."""
    before = [ids(store, question) for question in ("cotizacion", "buenos", "año")]
    assert len(TEXTS) == store.rebuild_search()
    assert before == [ids(store, question) for question in ("cotizacion", "buenos", "año")]


@pytest.mark.parametrize("damage", ["meta.json", "*.idx"])
def test_damaged_index_is_made_anew(workspace: Workspace, damage: str) -> None:
    """What can be derived is derived again."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", "torta")]))
        store.catch_up()
    for file in (workspace.search).glob(damage):
        file.write_bytes(b"damage")
    with opened(workspace) as store:
        store.catch_up()
        assert {"M1"} == ids(store, "torta")


def test_index_of_an_older_wakit_is_made_anew(workspace: Workspace) -> None:
    """Another form of the same files is no error: what they hold is in the database."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", "torta")]))
    shutil.rmtree(workspace.search)
    workspace.search.mkdir(mode=0o700)
    older = tantivy.SchemaBuilder().add_text_field("stems", tokenizer_name="stems-1").add_text_field("type").build()
    tantivy.Index(older, path=str(workspace.search))
    with opened(workspace) as store:
        store.catch_up()
        assert {"M1"} == ids(store, "torta", types=["text"])


def test_beginning_of_many_words_finds_them_all(store: Store) -> None:
    """The commonest words are looked for first, the others where those are not enough."""
    many = [said(f"W{one}{other}", f"zum{one}{other}") for one, other in itertools.product("abcdefgh", "klmnopqr")]
    store.drain("default", entries([*many, said("W", "zumbar zumak")], first=100))
    store.catch_up()
    assert {one.message_id for one in many} | {"W"} == ids(store, "zum*", limit=100)
    assert 5 == len(store.search("zum*", limit=5))
    assert "W" not in ids(store, "zum* -zumbar", limit=100)


def test_writer_is_let_go_while_nothing_is_new(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory is given back after a pause, and what comes then is found all the same."""
    monkeypatch.setattr(indexing, "IDLE", 0.05)
    with opened(workspace) as store:
        for name in ("N1", "N2"):
            store.drain("default", entries([said(name, "zanahoria")], first=1 + store.watermark("default")))
            store.catch_up()
            until(lambda: store._search._index._writer is None)
        assert {"N1", "N2"} == ids(store, "zanahoria")


def test_files_of_the_index_are_private(store: Store, workspace: Workspace) -> None:
    """The folder keeps everybody else out."""
    assert 0o700 == (workspace.search).stat().st_mode & 0o777


def test_long_entry_is_found_to_its_last_message(workspace: Workspace) -> None:
    """A history sync is one entry with many rows, moved in parts."""
    with opened(workspace, drain_batch=10) as store:
        store.drain("default", entries([[said(f"H{n}", f"torta {n}") for n in range(95)]]))
        store.catch_up()
        assert {"H94"} == ids(store, "torta 94")
        assert 95 == len(store.search("torta", limit=200))


def test_context_is_what_was_said_around_it(store: Store) -> None:
    """The message stands in the middle of its own chat, at the ends with fewer."""
    store.drain("default", entries([said("X1", "otro", chat=LUIS, ts=at(125))], first=100))
    around = store.context("default", ANA, "M3", size=2)["message_id"].to_pylist()
    assert ["M1", "M2", "M3", "M4", "M5"] == around
    assert ["M1", "M2"] == store.context("default", ANA, "M1", size=1)["message_id"].to_pylist()
    assert 0 == store.context("default", ANA, "nope").num_rows


@given(st.text(max_size=400), st.text(alphabet="abñ́ n", max_size=30))
def test_marks_are_places_of_the_text(text: str, more: str) -> None:
    """For any text, each mark is a word that was asked for."""
    whole = f"{text} año {more}"
    marks = Question.parse("año").marks(whole)
    assert marks is not None
    assert {"aŋo", "aŋos"} >= {fold(whole[start:stop]) for start, stop in marks}
    part, inside = snippet(whole, marks)
    assert len(part) <= SNIPPET + 2
    assert all(fold(part[start:stop]).startswith("aŋo") for start, stop in inside)
    assert inside


WORDS = st.text(alphabet="abcdeimnñoprstuzáéíóúü", min_size=2, max_size=12)


@given(WORDS)
def test_accents_never_matter_and_enye_always_does(word: str) -> None:
    """For any word, without its accents and in capitals it finds itself; with n for ñ it does not."""
    plain = "".join(
        c for c in unicodedata.normalize("NFD", word.replace("ñ", "Ñ")) if not unicodedata.combining(c) or c == "\u0303"
    )
    for asked in (word, word.upper(), plain, unicodedata.normalize("NFD", word)):
        assert Question.parse(asked).marks(f"antes {word} después") == [(6, 6 + len(word))]
    other = word.replace("ñ", "n")
    if other != word:
        assert Question.parse(other).marks(word) is None
        assert Question.parse(other, loose=True).marks(word) == [(0, len(word))]


@given(account=st.integers(0, 1000), seq=st.integers(-(2**30), 2**30), item=st.integers(0, 2**22 - 1))
def test_number_of_a_document_names_its_row(account: int, seq: int, item: int) -> None:
    """Every row has a number of its own that fits a signed 64-bit field, and later rows have larger ones."""
    origin = Origin(account, seq, item)
    assert origin == Origin.of(origin.number)
    assert -(2**63) <= origin.number < 2**63
    assert seq < 0 or Origin(account, seq + 1, 0).number > origin.number


def test_index_folder_that_is_a_file_is_a_typed_error(workspace: Workspace) -> None:
    """The path is named."""
    Path(workspace.search).write_text("in the way")
    with pytest.raises(UnsafePath, match="search"), opened(workspace):
        pass
