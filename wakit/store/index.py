"""
The full-text index: which messages may answer a question, best first.

tantivy, because a ranked answer over a million messages takes it half a
millisecond where SQLite's FTS5 scores every match. Only stems are indexed, with
their positions, and nothing is stored: texts are the database's, and what the index
proposes is checked against them. A copy of the texts here would save the third
of a search in which the database unpacks twenty of them (3 ms), and would make the
index 2.4 times as large and keep what was deleted until files are merged. The number
of a document names the row, so the index is its own watermark and can be made again
from the database at any time.
"""

from __future__ import annotations

import itertools
import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import tantivy

from wakit.errors import StorageFull, WorkspaceError
from wakit.model import MessageType
from wakit.paths import private_dir
from wakit.store.question import Question, Term
from wakit.words import analyzer, folded, stem

log = logging.getLogger(__name__)

#: Memory of the writer, in one thread: messages come by the hundred, not by the million.
HEAP = 15_000_000
#: Fewest letters of a stem that a longer beginning may come from: "cotizacio*" is in "cotiz".
SHORTEST_STEM = 3
#: Most stems of one beginning that are ranked, the commonest: to score a hundred takes 20 ms of a million messages.
MOST_STEMS = 30
#: Most spellings of one phrase.
MOST_SPELLINGS = 100
#: What a stem counts that a beginning may come from: it is most often another word's.
DOUBT = 0.01

#: The tokenizer that makes stems, in the index's own threads; another number makes all indexes anew.
STEMS = "stems-2"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How the number of a document is made: 10 bits of account, one for imports, then these two.
_SEQ_BITS, _ITEM_BITS = 31, 22
#: Makes it a signed number.
_BIAS = 1 << 63


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where a row comes from: account, journal entry, and which row of that; imports count below zero."""

    account: int
    seq: int
    item: int

    @property
    def number(self) -> int:
        """The origin as the number of a document; what is journaled later has a larger one."""
        place = self.account << 1 | (self.seq < 0)
        return ((place << _SEQ_BITS | abs(self.seq)) << _ITEM_BITS | self.item) - _BIAS

    @classmethod
    def end_of(cls, account: int, seq: int) -> Origin:
        """Return a place behind all rows of an entry."""
        return cls(account, seq, (1 << _ITEM_BITS) - 1)

    @classmethod
    def of(cls, number: int) -> Origin:
        """Return the origin that a number stands for."""
        rest, item = divmod(number + _BIAS, 1 << _ITEM_BITS)
        place, seq = divmod(rest, 1 << _SEQ_BITS)
        return cls(place >> 1, -seq if place & 1 else seq, item)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What is indexed of one row."""

    origin: Origin
    chat: int
    sender: int
    micros: int
    type: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Where to look; ``None`` is everywhere."""

    account: int | None = None
    chats: Sequence[int] | None = None
    senders: Sequence[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    types: Sequence[str] | None = None


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("stems", tokenizer_name=STEMS)
    builder.add_integer_field("number", fast=True)
    builder.add_integer_field("chat", indexed=True)
    builder.add_integer_field("sender", indexed=True)
    builder.add_integer_field("micros", fast=True)
    builder.add_integer_field("type", indexed=True)
    builder.add_integer_field("note", indexed=True)
    return builder.build()


class Index:
    """
    The index files of one workspace.

    Files that cannot be read, or are of another schema, are thrown away: they
    only repeat what the database holds.

    Raises:
        UnsafePath, WorkspaceNotWritable: The folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = private_dir(folder)
        self._schema = _schema()
        self._index = self._open()
        self._writer: tantivy.IndexWriter | None = None

    def rest(self) -> None:
        """Let go of the writer and its memory until there is something to write again."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            with self._damage():
                writer.wait_merging_threads()
                self._index.reload()
        except (StorageFull, WorkspaceError) as exc:  # what is committed is safe
            log.warning("the search index was not tidied up: %s", exc.message)

    def renew(self) -> None:
        """Throw the files away and begin with an empty index."""
        self._writer = None
        shutil.rmtree(self._folder)
        self._index = self._at(private_dir(self._folder))

    def last(self, account: int) -> Origin:
        """Return the newest journaled row of an account that is here."""
        begin = Origin(account, 0, 0)
        query = self._between("number", begin.number, Origin.end_of(account, (1 << _SEQ_BITS) - 1).number)
        with self._damage():
            hits = self._index.searcher().search(query, 1, count=False, order_by_field="number").hits
        return Origin.of(int(hits[0][0] or 0)) if hits else begin

    def add(self, entries: Iterable[Entry]) -> int:
        """
        Add rows and make them visible, all or none; return how many.

        Raises:
            StorageFull, WorkspaceError: They could not be written.
        """
        with self._commit() as writer:
            return _add(writer, entries)

    def replace(self, account: int, seq: int, entries: Iterable[Entry], note: str) -> int:
        """Put rows in the place of all that came from one entry, with a note on what they were made of."""
        first, last = Origin(account, seq, 0), Origin.end_of(account, seq)
        with self._commit() as writer:
            writer.delete_documents_by_query(self._between("number", first.number, last.number))
            writer.add_document(tantivy.Document(number=[last.number], note=[_code(note)]))
            return _add(writer, entries)

    def has(self, note: str) -> bool:
        """Return whether rows with this note are here."""
        with self._damage():
            return bool(self._index.searcher().search(tantivy.Query.term_query(self._schema, "note", _code(note)), 1).hits)

    def search(
        self, question: Question, where: Filter, limit: int, *, offset: int = 0, newest: bool = False, thorough: bool = True
    ) -> list[tuple[float, Origin]]:
        """
        Return score and origin of the best (or the newest) rows that may be answers.

        Args:
            question: What they must have.
            where: Where to look.
            limit: How many.
            offset: How many to leave out.
            newest: Whether the newest come first, not the best.
            thorough: Whether beginnings are also looked for where they count
                least: in rarer words, and behind stems that are shorter than they.
        """
        with self._damage():
            searcher = self._index.searcher()
            clauses = [
                (tantivy.Occur.MustNot if term.excluded else tantivy.Occur.Must, self._term(searcher, term, thorough))
                for term in question.terms
            ]
            clauses += [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in self._filters(where)]
            # One of many words alone is the query that tantivy can cut short.
            query = clauses[0][1] if len(clauses) == 1 else tantivy.Query.boolean_query(clauses)
            order = "micros" if newest else None
            hits = searcher.search(query, limit, count=False, offset=offset, order_by_field=order).hits
            numbers = searcher.fast_field_values("number", [address for _, address in hits])
        return [(float(score or 0), Origin.of(int(number or 0))) for (score, _), number in zip(hits, numbers, strict=True)]

    def _open(self) -> tantivy.Index:
        try:
            with self._damage():
                index = self._at(self._folder)
                index.searcher().search(self._any_of(["a"]), 1)
                return index
        except WorkspaceError as exc:
            log.warning("%s", exc.message)
            shutil.rmtree(self._folder)
            return self._at(private_dir(self._folder))

    def _at(self, folder: Path) -> tantivy.Index:
        index = tantivy.Index(self._schema, path=str(folder))
        index.register_tokenizer(STEMS, analyzer())
        index.config_reader("manual")
        return index

    @contextmanager
    def _commit(self) -> Iterator[tantivy.IndexWriter]:
        """
        Lend the writer, and commit what was done with it.

        A writer that failed is done for, and keeps others out for as long as
        there is a name for it. So it is let go, and the next one is made when
        there is something to write.
        """
        try:
            with self._damage():
                if self._writer is None:
                    self._writer = self._index.writer(HEAP, 1)
                yield self._writer
                self._writer.commit()
                self._index.reload()
        except BaseException:
            self._writer = None
            raise

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Raise what tantivy says of its files as ours."""
        try:
            yield
        except BaseException as exc:
            # Rust panics, which damaged files can cause, are no Exceptions.
            if not isinstance(exc, ValueError | OSError) and type(exc).__module__ != "pyo3_runtime":
                raise
            if "No space left" in str(exc):
                msg = f"The disk of {str(self._folder)!r} is full. {StorageFull.__doc__}"
                raise StorageFull(msg, path=str(self._folder)) from exc
            msg = f"The search index in {str(self._folder)!r} cannot be used ({exc}). Make it anew: wakit search --rebuild"
            raise WorkspaceError(msg) from exc

    def _term(self, searcher: tantivy.Searcher, term: Term, thorough: bool) -> tantivy.Query:
        *first, last = term.words
        if not term.prefix:
            return self._phrase(term, term.words)
        spellings = term.spellings(last)
        if thorough or term.excluded:
            beginning = _one_of([query for spelling in spellings for query in self._beginning(searcher, term, spelling)])
        else:
            beginning = self._any_of(name for spelling in spellings for name in self._commonest(searcher, spelling))
        return _all_of([self._phrase(term, first), beginning]) if first else beginning

    def _phrase(self, term: Term, parts: Sequence[str]) -> tantivy.Query:
        if len(parts) == 1:
            return self._any_of({stem(spelling) for spelling in term.spellings(parts[0])})
        ways = itertools.islice(itertools.product(*(term.spellings(part) for part in parts)), MOST_SPELLINGS)
        return _one_of([tantivy.Query.phrase_query(self._schema, "stems", [stem(part) for part in way]) for way in ways])

    def _beginning(self, searcher: tantivy.Searcher, term: Term, spelling: str) -> Iterator[tantivy.Query]:
        """Yield what finds words that begin with *spelling*; where none may be found in vain, some more."""
        found = self._commonest(searcher, spelling)
        yield self._any_of(found)
        if len(found) == MOST_STEMS:
            yield tantivy.Query.const_score_query(tantivy.Query.regex_query(self._schema, "stems", f"{spelling}.*"), 0.0)
        if not term.excluded:
            # The stem may be shorter than what was typed; the texts are checked anyway.
            shorter = {stem(spelling), *(spelling[:size] for size in range(SHORTEST_STEM, len(spelling)))}
            yield tantivy.Query.boost_query(self._any_of(shorter), DOUBT)

    def _commonest(self, searcher: tantivy.Searcher, spelling: str) -> list[str]:
        return [name for name, _ in searcher.terms_with_prefix("stems", spelling, limit=MOST_STEMS)]

    def _filters(self, where: Filter) -> Iterator[tantivy.Query]:
        if where.account is not None:
            yield self._between("number", Origin(where.account, 0, 0).number, Origin(where.account + 1, 0, 0).number - 1)
        for name, values in (("chat", where.chats), ("sender", where.senders), ("type", where.types)):
            if values is not None:
                # An edit is indexed as one: type and time of its message are looked up later.
                values = [_code(value) for value in (*values, MessageType.EDIT)] if name == "type" else values
                yield _one_of([tantivy.Query.term_query(self._schema, name, value) for value in values])
        if where.since is not None or where.until is not None:
            since, until = (None if bound is None else _micros(bound) for bound in (where.since, where.until))
            edits = tantivy.Query.term_query(self._schema, "type", _code(MessageType.EDIT))
            yield _one_of([self._between("micros", since, None if until is None else until - 1), edits])

    def _any_of(self, stems: Iterable[str]) -> tantivy.Query:
        return _one_of([tantivy.Query.term_query(self._schema, "stems", name) for name in stems])

    def _between(self, name: str, low: int | None, high: int | None) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, low, high)


def _add(writer: tantivy.IndexWriter, entries: Iterable[Entry]) -> int:
    count = 0
    for entry in entries:
        writer.add_document(_document(entry))
        count += 1
    return count


def _document(entry: Entry) -> tantivy.Document:
    return tantivy.Document(
        stems=[folded(entry.text)],
        number=[entry.origin.number],
        chat=[entry.chat],
        sender=[entry.sender],
        micros=[entry.micros],
        type=[_code(entry.type)],
    )


def _code(name: str) -> int:
    """Return a number for a name: a field of texts takes a byte more of each document, for lengths that nobody asks for."""
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest())


def _one_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
