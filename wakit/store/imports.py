"""
Exported chats in the store: added, compared with what is there, undone.

An import is a function of its kept file and of what else is stored, so it can be
taken back and done again: when WhatsApp delivers the same messages later, when
a name turns out to be somebody. A line that is here already adds nothing but a
note of how sure that is; all others become messages like any other.
"""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from wakit.clock import Clock, SystemClock
from wakit.errors import InvalidInput
from wakit.imported import Attachment, Imported, stands_for_name
from wakit.model import MediaStatus
from wakit.store import derived, import_media, import_table, people_table
from wakit.store import import_matching as matching
from wakit.store.drain import Drain
from wakit.store.engine import execute, rows, transaction, translated
from wakit.store.import_files import Facts, ImportFiles
from wakit.store.import_matching import Person, Place
from wakit.store.import_names import Names, person
from wakit.store.import_undo import take_back
from wakit.store.media import Media
from wakit.store.people import Address, NameKind

_MESSAGES = """
INSERT INTO core.message
SELECT
    $account, $chat, coalesce(who.address, $chat), $digest || '-' || line.line, line.ts, coalesce(who.who = 0, FALSE),
    (CASE WHEN line.type = 'undecryptable' THEN 'other' ELSE line.type END)::core.message_type,
    line.text, NULL, NULL, NULL, FALSE, mime.mimetype, 'import', line.ts > $now::TIMESTAMPTZ, -$id::BIGINT, line.line
FROM import_line AS line
LEFT JOIN import_who AS who ON who.name IS NOT DISTINCT FROM line.name
LEFT JOIN import_mime AS mime ON mime.ending = lower(regexp_extract(line.attachment, '\\.([^.]+)$', 1))
ANTI JOIN import_pair AS pair ON pair.line = line.line
"""
_TABLES = (
    "CREATE OR REPLACE TEMP TABLE import_mime (ending VARCHAR, mimetype VARCHAR)",
    "CREATE OR REPLACE TEMP TABLE import_change (line INTEGER, ts TIMESTAMPTZ, text VARCHAR, edited BOOLEAN, deleted BOOLEAN)",
)
_MIMES = "INSERT INTO import_mime SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])"
_CHANGED = "INSERT INTO import_change SELECT line, ts, text, edited, deleted FROM import_line WHERE edited OR deleted"
_DROP = ("DROP TABLE import_mime", "DROP TABLE import_change")
#: Edits and revokes of lines, whether the message is the import's own or was here.
_CHANGES = """
INSERT INTO core.change
SELECT
    $account, kind.kind::core.change_kind, message.chat, message.sender,
    $digest || '-' || line.line || '-' || kind.kind, line.ts, message.from_me,
    CASE WHEN kind.kind = 'edit' AND line.text IS DISTINCT FROM message.text THEN line.text END,
    message.message_id, message.sender, 'import', -$id::BIGINT, line.line
FROM import_change AS line
JOIN (VALUES ('edit'), ('revoke')) AS kind (kind)
    ON (kind.kind = 'edit' AND line.edited) OR (kind.kind = 'revoke' AND line.deleted)
LEFT JOIN import_pair AS pair ON pair.line = line.line
JOIN core.message AS message
    ON message.account = $account AND message.seq = coalesce(pair.seq, -$id::BIGINT)
    AND message.item = coalesce(pair.item, line.line)
"""
_MATCHES = "INSERT INTO core.import_match SELECT $id, line, $account, seq, item, confidence FROM import_pair"
_COUNTS = """
SELECT count(*) FILTER (WHERE seq >= 0), count(*) FILTER (WHERE seq < 0) FROM import_pair
"""
_SHIFTED = (
    "The same messages are here {:g} hours {} than the export says if its clock was that of {}. "
    "Undo the import and give the zone of the phone: --tz ZONE"
)


class Imports:
    """
    The imports of an open store.

    Args:
        folder: Where the kept files are.
        number: Returns the number of an account, entered if it is new.
        changed: Told when messages of imports came, went or moved.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        drain: Drain,
        path: Path,
        folder: Path,
        lock: threading.RLock,
        number: Callable[[str], int],
        *,
        media: Media,
        changed: Callable[[], None] = lambda: None,
        country: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._connection = connection
        self._drain = drain
        self._path = path
        self._files = ImportFiles(folder)
        self._media = media
        self._lock = lock
        self._number = number
        self._changed = changed
        self._names = Names(connection, drain, country)
        self._clock = clock or SystemClock()
        with translated(path):
            self._files.settle(import_table.stored(connection))

    def add(self, facts: Facts, batches: Iterable[pa.RecordBatch], attachments: Sequence[Attachment] = ()) -> Imported:
        """
        Add an exported chat; messages that are here already are not added again.

        Args:
            facts: What is known of it; ``chat`` may be a number, a JID or a name.
            batches: Its messages; the columns are those of ``import_files.LINES``.
            attachments: The files that came with it. Where it is not imported
                those that nothing else needs are removed.

        Raises:
            InvalidInput: Two chats have that name.
            StorageFull, WorkspaceNotWritable: Nothing was imported.
        """
        with self._lock, translated(self._path):
            try:
                return self._add(facts, batches, attachments)
            except BaseException:
                self._media.release([one.sha256 for one in attachments if one.sha256])
                raise

    def _add(self, facts: Facts, batches: Iterable[pa.RecordBatch], attachments: Sequence[Attachment]) -> Imported:
        no = self._number(facts.account)
        facts = facts.with_(chat=self._names.chat(no, facts, strict=True))
        before = self._same(no, facts)
        if before is not None:
            said = self._attached(before.id, attachments)
            return before.with_(added=0, merged=0, repeated=before.messages, warnings=(*before.warnings, said))
        number = import_table.next_number(self._connection)
        self._files.write(number, facts, batches, attachments)
        try:
            warnings = self._apply(number, facts)
        except BaseException:
            self._files.remove(number)
            raise
        self._files.keep(number)
        return self.get(number).with_(warnings=warnings)

    def _attached(self, number: int, attachments: Sequence[Attachment]) -> str:
        """Give an import the files that it came without; return what to tell of it."""
        known = {one.name: one for one in self._files.attachments(number)}
        new = {one.name: one for one in attachments if one.status is MediaStatus.STORED and not _is_kept(known.get(one.name))}
        if not new:
            return f"This text was imported before, as import {number}; nothing was added."
        # The kept file first: what it knows can be done again, what only the database knows is lost in a rebuild.
        self._files.attach(number, list((known | new).values()))
        with transaction(self._connection):
            import_media.attach(self._connection, number, list(new.values()))
        return f"This text was imported before, as import {number}; {len(new)} of its files were added."

    def undo(self, number: int) -> Imported:
        """
        Take an import back; messages that another import knows as well stay with that.

        Raises:
            InvalidInput: There is no such import, or it was undone before.
        """
        with self._lock, translated(self._path):
            if self.get(number).undone_at is not None:
                raise InvalidInput(f"Import {number} was undone before. See: wakit import --list", id=number)
            hashes = import_media.of_import(self._connection, number)
            with transaction(self._connection):
                derived.import_changes(self._connection, number)
                take_back(self._connection, number)
                import_table.mark_undone(self._connection, number, self._clock.now())
            self._changed()
            self._files.remove(number)
            self._media.release(hashes)
            return self.get(number)

    def get(self, number: int) -> Imported:
        """
        Return one import.

        Raises:
            InvalidInput: There is none of that number.
        """
        found = import_table.found(self._connection, number=number)
        if not found:
            raise InvalidInput(f"There is no import {number}. See: wakit import --list", id=number)
        return found[0]

    def all(self, account: str | None = None) -> list[Imported]:
        """Return the imports, the undone ones included, in order."""
        with self._lock, translated(self._path):
            return import_table.found(self._connection, account=None if account is None else self._number(account))

    def settle(self, account: str) -> list[int]:
        """
        Do again what newer knowledge changes: messages that WhatsApp delivered since, names that got an address.

        Returns the numbers of the imports that were done again. To be called when
        a history sync came in; it costs a millisecond where there is nothing to do.
        """
        with self._lock, translated(self._path):
            no = self._number(account)
            stale = import_table.stale(self._connection, no)
            for number in import_table.nameless(self._connection, no):
                facts = self._files.facts(number)
                if number not in stale and not stands_for_name(self._names.chat(no, facts)):
                    stale.append(number)
            for number in sorted(stale):
                facts = self._files.facts(number)
                self._apply(number, facts.with_(chat=self._names.chat(no, facts)), again=True)
            return sorted(stale)

    def replay(self) -> list[int]:
        """Import every kept file that the database does not have: it was made again from the journals."""
        with self._lock, translated(self._path):
            known = import_table.known(self._connection)
            missing = [number for number in self._files.numbers() if number not in known]
            for number in missing:
                facts = self._files.facts(number)
                no = self._number(facts.account)
                self._apply(number, facts.with_(chat=self._names.chat(no, facts)))
            return missing

    def _apply(self, number: int, facts: Facts, *, again: bool = False) -> tuple[str, ...]:
        no = self._number(facts.account)
        people = self._drain.people
        warnings = [*facts.warnings]
        try:
            with transaction(self._connection):
                if again:
                    derived.import_changes(self._connection, number)
                    take_back(self._connection, number)
                    import_table.forget(self._connection, number)
                chat = people.address(no, facts.chat)
                if facts.chat_name and not chat.person.names:
                    kind = NameKind.TITLE if facts.is_group else NameKind.PUSH
                    people.rename(chat, kind, facts.chat_name, facts.last)
                place = Place(account=no, person=chat.person.id, first=facts.first, last=facts.last)
                matching.prepare(self._connection)
                self._compare(number, facts, chat, place, warnings)
                self._insert(number, no, chat, facts)
                matching.clear(self._connection)
        except BaseException:
            self._drain.people = people_table.load(self._connection)
            raise
        self._changed()
        return tuple(warnings)

    def _same(self, no: int, facts: Facts) -> Imported | None:
        """Return the import of the same text into the same chat, if it is still there."""
        chat = self._drain.people.find(no, facts.chat)
        number = import_table.same(self._connection, no, chat.id, facts.digest) if chat else None
        return None if number is None else self.get(number)

    def _compare(self, number: int, facts: Facts, chat: Address, place: Place, warnings: list[str]) -> None:
        """Find out who is meant by the names and which lines are here already."""
        connection, people, no = self._connection, self._drain.people, place.account
        known = self._names.known(no, facts, chat)
        if matching.is_known(connection, place):
            matching.compare(connection, self._files.batches(number), place)
            for name, who in matching.votes(connection).items():
                if known.get(name) is None:
                    known[name] = people.me(no, "") if who == 0 else people[who]
            if minutes := matching.shift(connection):
                warnings.append(_SHIFTED.format(abs(minutes) / 60, "later" if minutes > 0 else "earlier", facts.timezone))
            self._names.complete(known, facts, chat)
            self._name(known, chat)
            matching.pair(connection)
        # Whoever is still nobody gets an address only now: it would keep their messages from being found.
        stand_ins = {name: self._names.stand_in(no, name, facts) for name, one in known.items() if one is None}
        people_table.save(connection, people.take_changes())
        self._name({**known, **stand_ins}, chat)

    def _name(self, people: Mapping[str, Address | None], chat: Address) -> None:
        named: dict[str | None, Person | None] = {None: person(chat)}
        named |= {name: person(address) for name, address in people.items()}
        matching.name_people(self._connection, named)

    def _insert(self, number: int, no: int, chat: Address, facts: Facts) -> None:
        connection = self._connection
        for statement in _TABLES:
            execute(connection, statement)
        execute(connection, _MIMES, [[ending.lstrip(".") for ending in mimetypes.types_map], list(mimetypes.types_map.values())])
        values: dict[str, Any] = {"id": number, "account": no, "digest": facts.digest[:12]}
        import_media.prepare(connection, self._files.attachments(number))
        messages = (_MESSAGES, values | {"chat": chat.id, "now": self._clock.now() + timedelta(days=1)})
        matching.each(connection, self._files.batches(number), [messages, (import_media.FILES, {"id": number}), (_CHANGED, None)])
        import_media.clear(connection)
        execute(connection, _CHANGES, values)
        execute(connection, _MATCHES, {"id": number, "account": no})
        ((merged, repeated),) = rows(connection, _COUNTS)
        for statement in _DROP:
            execute(connection, statement)
        seen = self._drain.mark(no).seq
        import_table.add(connection, number, facts, account=no, chat=chat.id, merged=merged, repeated=repeated, seen=seen)
        derived.import_changes(connection, number)


def _is_kept(attachment: Attachment | None) -> bool:
    return attachment is not None and attachment.status is MediaStatus.STORED
