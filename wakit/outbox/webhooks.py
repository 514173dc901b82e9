"""
The durable side of webhooks: a cursor for each, and what was given up on.

Events are not copied: the journal is the queue, and a cursor says how far it was
posted. The cursor moves after the receiver took an event, so a crash between the
two repeats that event and never skips one.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from wakit.clock import Clock
from wakit.errors import InvalidInput, UnknownWebhook
from wakit.model import EventKind, utc
from wakit.store.sqlite import open_database, transaction, translated
from wakit.webhook import DeadEvent, NewWebhook, Webhook

#: Most webhooks of one workspace; each one reads the journals for itself.
LIMIT = 20

_SHOWN = """
SELECT id, url, account, kinds, created_at, cursor, delivered_at, failing_since, error,
    (SELECT count(*) FROM dead WHERE dead.webhook = webhook.no) AS dead
FROM webhook WHERE id = coalesce(?, id) ORDER BY no
"""
_INSERT = """
INSERT INTO webhook (id, url, secret, account, kinds, cursor, created_at)
VALUES (:id, :url, :secret, :account, :kinds, :cursor, :now)
"""
_DELIVERED = "UPDATE webhook SET cursor = ?, delivered_at = ?, failing_since = NULL, error = NULL WHERE id = ?"
_PASSED = "UPDATE webhook SET cursor = ? WHERE id = ?"
_FAILING = "UPDATE webhook SET failing_since = coalesce(failing_since, ?), error = ? WHERE id = ?"
_BURY = """
INSERT INTO dead (webhook, event, attempts, error, at)
SELECT no, :event, :attempts, :error, :now FROM webhook WHERE id = :id
ON CONFLICT (webhook, event) DO UPDATE SET attempts = attempts + :attempts, error = :error, at = :now, again = 0
"""
_DEAD = "SELECT id AS webhook, event, attempts, dead.error, at FROM dead JOIN webhook ON no = webhook WHERE id = ? ORDER BY at"
_AGAIN = "SELECT event FROM dead JOIN webhook ON no = webhook WHERE id = ? AND again ORDER BY at"
_REVIVE = """
UPDATE dead SET again = 1 WHERE event = coalesce(?, event) AND webhook = (SELECT no FROM webhook WHERE id = ?)
"""
_DONE = "DELETE FROM dead WHERE event = ? AND webhook = (SELECT no FROM webhook WHERE id = ?)"


class WebhookLedger:
    """
    All webhooks of one workspace; may be used from several threads.

    Raises:
        UnsafePath, WorkspaceNotWritable, CorruptFile, StorageFull: The file
            cannot be used.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        schema = resources.files("wakit.outbox").joinpath("webhooks.sql").read_text("utf-8")
        # A cursor that a power cut takes back repeats events, which is allowed; so no flush for each.
        self._db = open_database(path, [schema], synchronous="NORMAL")
        with translated(path):
            self._db.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, url: str, *, account: str | None, kinds: Collection[EventKind], cursor: str) -> NewWebhook:
        """
        Remember a webhook.

        Raises:
            InvalidInput: There are too many.
        """
        row = {
            "id": secrets.token_hex(4),
            "url": url,
            "secret": f"whsec_{secrets.token_urlsafe(32)}",
            "account": account,
            "kinds": ",".join(kind for kind in EventKind if kind in kinds),
            "cursor": cursor,
            "now": self._now(),
        }
        with self._write():
            if len(self.all()) >= LIMIT:
                raise InvalidInput(f"There are {LIMIT} webhooks, which is the most. Remove one: wakit webhooks remove ID")
            self._db.execute(_INSERT, row)
            return NewWebhook(**vars(self.get(str(row["id"]))), secret=str(row["secret"]))

    def all(self) -> list[Webhook]:
        """Return the webhooks, oldest first."""
        return [_webhook(row) for row in self._rows(_SHOWN, None)]

    def get(self, webhook_id: str) -> Webhook:
        """
        Return one.

        Raises:
            UnknownWebhook: There is none of that id.
        """
        found = self._rows(_SHOWN, webhook_id)
        if not found:
            msg = f"There is no webhook {webhook_id[:64]!r} in this workspace. Run: wakit webhooks list"
            raise UnknownWebhook(msg, id=webhook_id[:64])
        return _webhook(found[0])

    def secret(self, webhook_id: str) -> str:
        """Return the key of a webhook's signatures."""
        self.get(webhook_id)
        return str(self._rows("SELECT secret FROM webhook WHERE id = ?", webhook_id)[0]["secret"])

    def remove(self, webhook_id: str) -> Webhook:
        """Forget a webhook and what was given up on."""
        with self._write():
            webhook = self.get(webhook_id)
            self._db.execute("DELETE FROM webhook WHERE id = ?", (webhook_id,))
            return webhook

    def delivered(self, webhook_id: str, cursor: str) -> None:
        """Note that everything up to *cursor* was taken."""
        with self._write():
            self._db.execute(_DELIVERED, (cursor, self._now(), webhook_id))

    def passed(self, webhook_id: str, cursor: str) -> None:
        """Note that there was nothing for this webhook up to *cursor*."""
        with self._write():
            self._db.execute(_PASSED, (cursor, webhook_id))

    def failing(self, webhook_id: str, error: str) -> None:
        """Note that the receiver could not be reached or refuses."""
        with self._write():
            self._db.execute(_FAILING, (self._now(), error, webhook_id))

    def give_up(self, webhook_id: str, event: str, attempts: int, error: str, cursor: str | None = None) -> None:
        """Put an event on the list of the dead, and go on behind *cursor*."""
        with self._write():
            self._db.execute(_BURY, {"id": webhook_id, "event": event, "attempts": attempts, "error": error, "now": self._now()})
            if cursor is not None:
                self._db.execute(_PASSED, (cursor, webhook_id))

    def dead(self, webhook_id: str) -> list[DeadEvent]:
        """Return what was given up on, oldest first."""
        self.get(webhook_id)
        return [DeadEvent(**{**dict(row), "at": utc(row["at"])}) for row in self._rows(_DEAD, webhook_id)]

    def revive(self, webhook_id: str, event: str | None) -> int:
        """Mark one dead event, or all, to be sent again; return how many."""
        with self._write():
            self.get(webhook_id)
            return self._db.execute(_REVIVE, (event, webhook_id)).rowcount

    def revived(self, webhook_id: str) -> list[str]:
        """Return the ids of the dead events that are to be sent again, oldest first."""
        return [str(row["event"]) for row in self._rows(_AGAIN, webhook_id)]

    def resent(self, webhook_id: str, event: str) -> None:
        """Note that an event that was dead was taken after all."""
        with self._write():
            self._db.execute(_DONE, (event, webhook_id))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock, translated(self._path):
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[None]:
        with self._lock, translated(self._path), transaction(self._db):
            yield


def _webhook(row: Any) -> Webhook:
    times = {name: None if row[name] is None else utc(row[name]) for name in ("created_at", "delivered_at", "failing_since")}
    kinds = tuple(EventKind(kind) for kind in row["kinds"].split(",") if kind)
    return Webhook(**{**dict(row), **times, "kinds": kinds})
