"""
Reads poll votes while the library holds the secrets of the polls.

WhatsApp encrypts each vote with a secret of its poll, which only the library's
session file has. So the worker lets the library decrypt a vote as soon as it is
journaled, in a thread of its own, and journals what it says as an entry behind
the vote. Votes that a killed worker left unread are read by the next one, and
votes that came before their poll are read when that comes.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError

from wakit.errors import WakitError
from wakit.proto import neonize_pb
from wakit.session.entries import EventCode
from wakit.session.journal import Journal
from wakit.session.wire import address, text

#: Code of the library's message events.
MESSAGE = 17
#: How field ``pollUpdateMessage`` (50) of a message begins; what merely holds these bytes is looked at more closely.
MARK = b"\x92\x03"
#: Longest reason that is kept.
_REASON = 200
#: Most polls that are waited for; the oldest is given up first.
_POLLS = 100


class VoteReader:
    """
    One thread that turns votes into readings.

    Args:
        decrypt: Returns the hashes of the options that an event's vote chose.
        told: Told the number of each entry that was journaled.
    """

    def __init__(self, journal: Journal, decrypt: Callable[[bytes], list[str]], told: Callable[[int], None]) -> None:
        self._journal = journal
        self._decrypt = decrypt
        self._told = told
        self._waiting: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        #: Votes that the library could not read, by the id of their poll; and those ids as messages have them.
        self._unread: dict[str, list[bytes]] = {}
        self._polls: frozenset[bytes] = frozenset()

    def heard(self, seq: int, code: int, payload: bytes) -> None:
        """Note a journaled event, on the library's event thread: what it has to do with votes is found out elsewhere."""
        if code == MESSAGE and (MARK in payload or any(poll in payload for poll in self._polls)):
            self._waiting.put((seq, payload))

    def run(self, alive: threading.Event) -> None:
        """Read votes for ever, first those that were left; *alive* is set once the library knows the session."""
        alive.wait()
        through = 0
        for entry in self._left_unread():
            self._read(entry.seq, entry.payload)
            through = entry.seq
        while True:
            seq, payload = self._waiting.get()
            if seq > through:
                self._read(seq, payload)

    def _left_unread(self) -> list[Any]:
        newest = self._journal.newest([EventCode.VOTE])
        after = json.loads(newest.payload)["seq"] if newest else 0
        return self._journal.holding(MESSAGE, MARK, after)

    def _read(self, seq: int, payload: bytes) -> None:
        try:
            event = neonize_pb.Message.FromString(payload)
            if event.Message.HasField("pollUpdateMessage"):
                self._note(seq, event, payload)
            elif event.Info.ID in self._unread:
                self._retry(seq, event.Info.ID)
        except DecodeError:
            return
        except WakitError as exc:
            logging.getLogger(__name__).warning("a poll vote was not read: %s", exc.message)

    def _note(self, seq: int, event: Any, payload: bytes) -> None:
        """Journal what a vote says; *seq* is the entry that let it be read, so that these numbers only grow."""
        facts = {"seq": seq, "chat": address(event.Info.MessageSource.Chat), "message_id": text(event.Info.ID) or ""}
        said = self._said(payload)
        if "error" in said:
            self._await_poll(event.Message.pollUpdateMessage.pollCreationMessageKey.ID, payload)
        self._told(self._journal.append(EventCode.VOTE, json.dumps({**facts, **said}).encode()))

    def _await_poll(self, poll: str, payload: bytes) -> None:
        self._unread.setdefault(poll, []).append(payload)
        while len(self._unread) > _POLLS:
            self._unread.pop(next(iter(self._unread)))
        self._polls = frozenset(one.encode() for one in self._unread if one)

    def _retry(self, seq: int, poll: str) -> None:
        """Read the votes of a poll that has come."""
        votes = self._unread.pop(poll)
        self._polls = frozenset(one.encode() for one in self._unread if one)
        for payload in votes:
            self._note(seq, neonize_pb.Message.FromString(payload), payload)

    def _said(self, payload: bytes) -> dict[str, Any]:
        try:
            return {"chosen": self._decrypt(payload)}
        except WakitError as exc:
            return {"error": str(exc.data.get("reason", exc.message))[:_REASON]}
