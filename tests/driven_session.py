"""A session driven from a synchronous test: its own event loop in a thread, and every status kept in order."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from wakit.clock import SystemClock
from wakit.config import Settings
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.ids import JID
from wakit.model import Gap, Message, Record, SessionState, SessionStatus
from wakit.network import NetworkDescriptor
from wakit.paths import Workspace
from wakit.sentences import sentence, words
from wakit.session.events import decode
from wakit.session.journal import Entry, EventCode, Journal
from wakit.session.states import Limits
from wakit.session.supervisor import Session

T = TypeVar("T")
#: Longest wait for a state; what is awaited comes within a second or two.
PATIENCE = 20.0


class Driven:
    """
    One session, and what it said.

    ``until`` goes forward through the statuses in order, so that a state which
    lasts a millisecond is not missed and an earlier one is not seen twice.
    """

    def __init__(
        self,
        workspace: Workspace,
        account: str = "ana",
        *,
        network: Network | NetworkDescriptor | None = None,
        limits: Limits | None = None,
        store_has_room: Callable[[], bool] = lambda: True,
        **settings: Any,
    ) -> None:
        self.workspace = workspace
        self.account = account
        self.statuses: list[SessionStatus] = []
        #: (account, number, when) of every wake-up.
        self.wakes: list[tuple[str, int, float]] = []
        self._seen = self._from = 0
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="session", daemon=True)
        self._thread.start()
        descriptor = NetworkDescriptor.load(network.descriptor) if isinstance(network, Network) else network
        try:
            self.session = Session(
                workspace,
                account,
                network=descriptor,
                settings=Settings(**{"retry_first": 0.05, "retry_limit": 0.2, **settings}),
                clock=SystemClock(),
                on_status=self._on_status,
                on_journal=lambda account, seq: self.wakes.append((account, seq, time.monotonic())),
                limits=limits,
                store_has_room=store_has_room,
            )
        except BaseException:
            self._end_loop()
            raise

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the session and its loop."""
        if self._thread.is_alive():
            self.do(self.session.stop())
            self._end_loop()

    def do(self, work: Coroutine[Any, Any, T], timeout: float = 60.0) -> T:
        """Run *work* on the session's loop and return what it returns or raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def call(self, what: Callable[[], object]) -> None:
        """Call something on the session's loop, where the host calls it."""
        self._loop.call_soon_threadsafe(what)

    def start(self) -> Driven:
        self.do(self.session.start())
        return self

    def stop(self) -> None:
        self.do(self.session.stop())

    @property
    def status(self) -> SessionStatus:
        return self.session.status

    @property
    def device(self) -> JID:
        return JID.parse(str(self.status.device))

    @property
    def states(self) -> list[SessionState]:
        """Every state in order, without repetitions."""
        found: list[SessionState] = []
        for status in list(self.statuses):
            if not found or found[-1] is not status.state:
                found.append(status.state)
        return found

    def until(self, *states: str, timeout: float = PATIENCE, where: Callable[[SessionStatus], Any] = bool) -> SessionStatus:
        """Return the next status in one of these states."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for number in range(self._seen, len(self.statuses)):
                    status = self.statuses[number]
                    if status.state in states and where(status):
                        self._seen = number + 1
                        return status
                if not self._news.wait(deadline - time.monotonic()):
                    msg = f"waited {timeout} s for {states}; since then: {[str(s.state) for s in self.statuses[self._seen :]]}"
                    raise AssertionError(msg)

    def forget(self) -> None:
        """Let ``until`` and the readers of the journal start behind what has happened so far."""
        with self._news:
            self._seen = len(self.statuses)
        journal = Journal(self.workspace.journal_dir(self.account))
        self._from = journal.last_seq
        journal.close()

    def link(self, phone: Phone) -> Driven:
        """Start, let *phone* scan the QR, and return when connected."""
        self.start()
        phone.scan_text(str(self.until("qr").qr))
        self.until("connected")
        return self

    def entries(self, code: int | None = None) -> list[Entry]:
        """Return the rows of the journal since ``forget``, all or those with a code."""
        journal = Journal(self.workspace.journal_dir(self.account))
        try:
            return [entry for entry in journal.read(self._from, 100_000) if code is None or entry.code == code]
        finally:
            journal.close()

    def records(self, kind: type[Record]) -> list[Any]:
        """Return everything of one kind that the journal says."""
        return [record for entry in self.entries() for record in decode(self.account, entry) if isinstance(record, kind)]

    def texts(self) -> list[str]:
        """Return the texts of the messages of others, in order."""
        return [str(message.text) for message in self.records(Message) if not message.from_me and message.type == "text"]

    def gaps(self) -> list[Gap]:
        return self.records(Gap)

    def ends(self) -> list[dict[str, Any]]:
        """Return how workers ended."""
        notes = [json.loads(entry.payload) for entry in self.entries(EventCode.WORKER)]
        return [note for note in notes if "ended" in note]

    def await_texts(self, wanted: list[str], timeout: float = PATIENCE) -> None:
        """Wait until exactly these texts are in the journal, each once."""
        poll(lambda: sorted(self.texts()) == sorted(wanted), timeout, lambda: f"has {self.texts()}")

    def log(self) -> str:
        path = self.workspace.worker_log(self.account)
        return path.read_text() if path.exists() else ""

    def _on_status(self, status: SessionStatus) -> None:
        with self._news:
            self.statuses.append(status)
            self._news.notify_all()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def says(status: SessionStatus, *, es: str, en: str) -> None:
    """Check what people are told, in both languages, and that there is a next step where one is needed."""
    now = datetime.now(UTC)
    assert es in sentence(status, now, "es")
    assert en in sentence(status, now, "en")
    for lang in ("es", "en"):
        assert words(status.state, lang).next_step or status.state in {"starting", "connected", "deaf"}


def poll(condition: Callable[[], Any], timeout: float = PATIENCE, told: Callable[[], str] = str) -> Any:
    """Return the first true value of *condition*, or fail when it does not come in time."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"did not come true within {timeout} s {told()}"
        time.sleep(0.01)
    return value


def fds(pid: int | None) -> int:
    """Return how many descriptors a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
