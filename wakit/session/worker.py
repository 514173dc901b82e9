"""
The process of one account: the library, its journal, and a line to the host.

Its event callback appends the raw event to the journal, wakes the host and
returns; nothing else happens in it, because neonize acknowledges a message to
WhatsApp before Python sees it. Everything that goes wrong ends the process with
a code that says what it was (``channel.ExitCode``); a fresh process is the only
reconnect that leaks nothing. It ends by itself when the host goes away, and
journals what already came first.

``python -m wakit.session.worker FD`` with the line's descriptor; the first
message on it says what to do, so that neither argv nor environment carry it.
"""

from __future__ import annotations

import base64
import fcntl
import json
import logging
import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakit.errors import CorruptFile, NotConnected, StorageFull, WakitError
from wakit.ids import JID
from wakit.outgoing import File, said
from wakit.paths import UMASK, check_private_file
from wakit.session.channel import BEAT, ExitCode, WorkerEnd
from wakit.session.entries import EventCode
from wakit.session.group_lists import CONNECTED, GroupLists
from wakit.session.journal import Journal
from wakit.session.lanes import MOST_HANGING, Lanes
from wakit.session.space import LOW_SPACE, free

if TYPE_CHECKING:
    from wakit.session.adapter import Library
    from wakit.session.last_sends import LastSends
    from wakit.session.vote_reader import VoteReader

#: Library events that drive the supervisor's state machine; it gets them with their content.
CONTROL_CODES = frozenset({0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
#: Uploads that are remembered, for a file that goes to many.
_UPLOADS_KEPT = 64
#: Calls that the library's methods answer as they are.
PLAIN_CALLS = frozenset(
    {
        *("is_on_whatsapp", "pair_phone", "push_name", "logout"),
        *("groups", "group", "create_group", "change_members", "rename_group", "leave_group", "group_link"),
        *("profile", "set_profile", "picture", "blocked", "block"),
    }
)
#: Seconds without an event after which the library's queue counts as empty, and the longest wait for that.
_QUIET, _QUIET_LIMIT = 0.15, 3.0
#: Most seconds that the end waits for a send that is under way, and until recipients could read the last ones.
_SENDS_LIMIT = 2.0


class Worker:
    """One run of an account."""

    def __init__(self, line: WorkerEnd, orders: dict[str, Any]) -> None:
        self._line = line
        self._orders = orders
        self._folder = Path(orders["journal"])
        self._leaving = threading.Lock()
        self._ask_to_leave_r, self._ask_to_leave_w = os.pipe()
        self._reason = (ExitCode.STOPPED, "")
        self._last_traffic = time.monotonic()
        self._alive = threading.Event()
        self._lanes = Lanes(self._renew)
        #: Name and future of the calls that have no answer yet.
        self._calls: dict[int, tuple[str, Future[None]]] = {}
        self._uploads: dict[tuple[str, str], Any] = {}
        self._lock = self._take_lock()
        if self._is_full():
            raise StorageFull(path=str(self._folder))
        self._journal = Journal(self._folder, flush=orders["flush"])
        self._seq = self._journal.last_seq
        self._library = self._open_library()
        self._votes = self._vote_reader()
        self._last_sends = self._no_sends()
        self._groups = GroupLists(self._journal, self._library.group_lists, self._journaled)

    # Called by the library, on its event thread

    def on_event(self, code: int, payload: bytes) -> None:
        """Journal one event and wake the host; no exception leaves this method."""
        try:
            self._last_traffic = time.monotonic()
            self._seq = seq = self._journal.append(code, payload)
            self._votes.heard(seq, code, payload)
            self._last_sends.heard(code, payload)
            self._alive.set()
            if code == CONNECTED:
                self._lanes.start("", self._groups.note)
            if code in CONTROL_CODES:
                data = base64.b64encode(payload).decode()
                self._line.send({"ev": "event", "seq": seq, "code": code, "data": data})
            else:
                self._line.send({"ev": "row", "seq": seq}, droppable=True)
            if self._is_full():
                self.ask_to_leave(ExitCode.STORAGE_FULL, "the disk is almost full")
        except BaseException as exc:  # noqa: BLE001 - ctypes would swallow it and the event with it
            self.leave_at_once(ExitCode.JOURNAL_FAILED, _failure(exc), _code_of(exc))

    def on_qr(self, text: str) -> None:
        """Pass a new QR code on."""
        self._alive.set()
        self._line.send({"ev": "qr", "text": text})

    def on_login(self, status: str) -> None:
        """Pass the library's word about linking on."""
        self._line.send({"ev": "login", "status": status})

    # The life of the process

    def run(self) -> None:
        """Check the session, connect, and serve the host until one of them ends."""
        devices = [str(device) for device in self._library.linked_devices()]
        expected = self._orders["device"]
        if expected and devices and expected not in devices:
            self.leave_at_once(ExitCode.FOREIGN_SESSION, devices[0])
        self._journal.append(EventCode.WORKER, json.dumps({"started": os.getpid()}).encode())
        self._line.send({"ev": "ready", "linked": bool(devices), "device": devices[0] if devices else None})
        threading.Thread(target=self._pump, name="pump", daemon=True).start()
        threading.Thread(target=self._votes.run, args=(self._alive,), name="votes", daemon=True).start()
        self._serve()

    def ask_to_leave(self, code: ExitCode, reason: str) -> None:
        """Make the main thread end the process in order; returns at once."""
        self._reason = (code, reason)
        os.write(self._ask_to_leave_w, b".")

    def leave(self, code: ExitCode, reason: str) -> None:
        """See the last sends through, disconnect, journal what already came, and end the process."""
        for number, (_, call) in list(self._calls.items()):
            if call.cancel():
                self._taken_back(number)
        if self._alive.is_set():
            self._last_sends.wait(_SENDS_LIMIT)
            self._library.disconnect()
            self._wait_until_quiet()
        self.leave_at_once(code, reason)

    def leave_at_once(self, code: ExitCode, reason: str, error: str = "") -> None:
        """Journal the end and end the process, from any thread; *error* is the stable name of what went wrong."""
        self._leaving.acquire()  # never released: the first one to leave says why
        noted = True
        try:
            note = {"ended": os.getpid(), "code": int(code), "cause": code.name.lower(), "reason": reason}
            self._journal.append(EventCode.WORKER, json.dumps(note).encode())
            self._journal.flush()
        except Exception:  # noqa: BLE001 - the exit code says it
            logging.getLogger(__name__).warning("the end of the worker could not be journaled")
            noted = False
        self._line.send({"ev": "exit", "code": int(code), "reason": reason, "error": error, "noted": noted})
        os._exit(code)

    def _serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._ask_to_leave_r, selectors.EVENT_READ)
        next_beat = time.monotonic()
        while True:
            if time.monotonic() >= next_beat:
                self._beat()
                next_beat = time.monotonic() + BEAT
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._line.has_unsent else 0)
            selector.register(self._line, wanted)
            ready = {key.fileobj for key, _ in selector.select(max(0.0, next_beat - time.monotonic()))}
            selector.unregister(self._line)
            if self._ask_to_leave_r in ready:
                self.leave(*self._reason)
            self._line.flush()
            self._obey(self._line.receive() if self._line in ready else [])

    def _beat(self) -> None:
        age = round(time.monotonic() - self._last_traffic, 3)
        self._line.send({"ev": "beat", "seq": self._seq, "age": age}, droppable=True)
        if self._is_full():
            self.leave(ExitCode.STORAGE_FULL, "the disk is almost full")

    def _obey(self, messages: list[dict[str, Any]] | None) -> None:
        if messages is None:
            self.leave(ExitCode.HOST_GONE, "the host went away")
            return
        for message in messages:
            if "stop" in message:
                self.leave(ExitCode.STOPPED, "")
            elif "cancel" in message:
                self._cancel(message["cancel"])
            else:
                self._start_call(message)

    def _pump(self) -> None:
        try:
            self._library.run()
        except WakitError as exc:
            code = ExitCode.PUMP_DEAD if self._alive.is_set() else ExitCode.UNREACHABLE
            self.leave_at_once(code, str(exc.data.get("reason", exc)))
        self.leave_at_once(ExitCode.PUMP_DEAD, "the library ended the connection for good")

    def _wait_until_quiet(self) -> None:
        limit = time.monotonic() + _QUIET_LIMIT
        while time.monotonic() < limit:
            seen = self._seq
            time.sleep(_QUIET)
            if self._seq == seen:
                return

    # Calls of the host

    def _start_call(self, message: dict[str, Any]) -> None:
        number, name = message["id"], message["call"]
        call = getattr(self._library, name) if name in PLAIN_CALLS else getattr(self, f"_call_{name}")
        self._calls[number] = name, self._lanes.start(name, self._answer, number, call, message["args"])

    def _cancel(self, number: int) -> None:
        """Take back a call that waits for another one, and say whether it was still waiting."""
        found = self._calls.get(number)
        if found is not None and self._lanes.give_up(*found):
            self._taken_back(number)

    def _taken_back(self, number: int) -> None:
        self._calls.pop(number, None)
        self._line.send({"ev": "answer", "id": number, "cancelled": True})

    def _renew(self) -> None:
        """Make way for a worker without downloads that hang; never in the middle of a send, or nobody could tell of it."""
        self._lanes.start("send", self._leave_hanging)

    def _leave_hanging(self) -> None:
        reason = f"{MOST_HANGING} downloads of files hang in the library, and only a fresh process ends them"
        self.ask_to_leave(ExitCode.DOWNLOADS_HANG, reason)
        threading.Event().wait()  # the process ends meanwhile, and no other send begins

    def _answer(self, number: int, call: Callable[..., Any], args: dict[str, Any]) -> None:
        try:
            self._require_alive()
            answer = {"value": call(**args)}
            self._last_traffic = time.monotonic()
        except WakitError as exc:
            answer = {"error": {"code": exc.code, "message": exc.message, "data": exc.data}}
        except Exception as exc:
            logging.getLogger(__name__).exception("call failed")
            answer = {"error": {"code": "library-error", "message": f"The call failed ({type(exc).__name__}).", "data": {}}}
        self._calls.pop(number, None)
        self._line.send({"ev": "answer", "id": number, **answer})

    def _journaled(self, seq: int) -> None:
        """Wake the host for an entry that no event of the library brought."""
        self._line.send({"ev": "row", "seq": seq}, droppable=True)

    def _require_alive(self) -> None:
        """Refuse calls before the client exists in the library; they would abort the process."""
        if not self._alive.is_set():
            msg = "The account is not connected yet. Try again in a moment."
            raise NotConnected(msg)

    def _call_upload(self, sha256: str, kind: str) -> None:
        """Upload a file, once for all who get it; what the library says of it stays here until it is sent."""
        from wakit.session.media_files import MediaFiles

        if (sha256, kind) not in self._uploads:
            data = MediaFiles(Path(self._orders["media"])).path(sha256).read_bytes()
            while len(self._uploads) >= _UPLOADS_KEPT:
                del self._uploads[next(iter(self._uploads))]
            self._uploads[sha256, kind] = self._library.upload(data, kind)

    def _call_send(
        self,
        to: str,
        content: dict[str, Any],
        about: dict[str, Any] | None,
        preview: dict[str, Any] | None,
        send: str | None,
    ) -> dict[str, Any]:
        from wakit.session.building import About, message_of  # the schemas must not be loaded before the library

        what, upload = said(content), None
        if isinstance(what, File):
            upload = self._uploads.get((what.sha256, what.kind))
            if upload is None:  # another worker uploaded it, and ended
                msg = "The file is not uploaded any more. It is uploaded again before it is sent."
                raise NotConnected(msg)
        message = message_of(what, About.read(about), own_address=self._library.own_address, upload=upload, preview=preview)
        with self._last_sends.calling():
            sent = self._library.send(JID.parse(to), message)
            self._last_sends.sent(sent["chat"], sent["message_id"])
            self._note_sent({**sent, "send": send, "to": to, "message": base64.b64encode(message.SerializeToString()).decode()})
        return sent

    def _note_sent(self, facts: dict[str, Any]) -> None:
        """Journal a message that left; where that cannot be, the answer alone says so, and this process ends behind it."""
        try:
            seq = self._journal.append(EventCode.SENT, json.dumps(facts).encode())
        except WakitError as exc:
            code = ExitCode.STORAGE_FULL if isinstance(exc, StorageFull) else ExitCode.JOURNAL_FAILED
            self._lanes.start("send", self.ask_to_leave, code, _failure(exc))
            return
        # Behind the answer, in this same lane: who waits for that goes before the host's look at the journal.
        self._lanes.start("send", self._journaled, seq)

    def _call_download(self, reference: str, limit: int) -> dict[str, Any]:
        from wakit.session.download import download  # only for those who want files
        from wakit.session.media_files import MediaFiles

        files = MediaFiles(Path(self._orders["media"]))
        stored = download(self._library.download, base64.b64decode(reference), limit, files)
        return {"sha256": stored.sha256, "size": stored.size}

    def _call_mark_read(self, chat: str, sender: str, ids: list[str]) -> None:
        self._library.mark_read(JID.parse(chat), JID.parse(sender), ids)

    def _call_typing(self, chat: str, on: bool) -> None:
        self._library.typing(JID.parse(chat), on)

    # Setting up

    def _take_lock(self) -> int:
        """Hold the account's lock for as long as this process lives."""
        fd = os.open(self._orders["lock"], os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._line.send({"ev": "exit", "code": int(ExitCode.LOCKED), "reason": "another worker of this account is alive"})
            os._exit(ExitCode.LOCKED)
        return fd

    def _vote_reader(self) -> VoteReader:
        from wakit.session.vote_reader import VoteReader  # the schemas must not be loaded before the library

        return VoteReader(self._journal, self._library.read_vote, self._journaled)

    def _no_sends(self) -> LastSends:
        from wakit.session.last_sends import LastSends  # the schemas must not be loaded before the library

        return LastSends()

    def _is_full(self) -> bool:
        """Whether the disk is nearly full: the journal's, or the library's, which then confirms what it cannot decrypt."""
        return min(free(self._folder), free(Path(self._orders["database"]).parent)) < LOW_SPACE

    def _open_library(self) -> Library:
        from wakit.session.adapter import Library  # half a second: only after the lock is ours

        database = Path(self._orders["database"])
        check_private_file(database)
        root = self._orders["noise_root"]
        return Library(database, self._orders["name"], self, bytes.fromhex(root) if root else None)


def _failure(exc: BaseException) -> str:
    """Return what people are told of a callback that failed."""
    if isinstance(exc, StorageFull):
        return "the disk is full"
    if isinstance(exc, CorruptFile):
        return exc.message
    return f"the event callback failed ({type(exc).__name__})"


def _code_of(exc: BaseException) -> str:
    return exc.code if isinstance(exc, StorageFull) else ""


def main() -> None:
    """Serve one account over the line whose descriptor is the only argument."""
    os.umask(UMASK)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(format="%(name)s %(levelname)s %(message)s", level=logging.WARNING, stream=sys.stderr)
    line = WorkerEnd(socket.socket(fileno=int(sys.argv[1])))
    orders = line.first()
    if orders is None:
        sys.exit(ExitCode.HOST_GONE)
    try:
        worker = Worker(line, orders)
    except WakitError as exc:
        code = ExitCode.STORAGE_FULL if isinstance(exc, StorageFull) else ExitCode.FAILED
        line.send({"ev": "exit", "code": int(code), "reason": exc.message, "error": exc.code})
        sys.exit(code)
    sys.unraisablehook = lambda _: worker.leave_at_once(ExitCode.JOURNAL_FAILED, "an exception had nowhere to go")
    signal.signal(signal.SIGTERM, lambda *_: worker.leave_at_once(ExitCode.STOPPED, "SIGTERM"))
    try:
        worker.run()
    except StorageFull:
        worker.leave_at_once(ExitCode.STORAGE_FULL, "the disk is full")
    except Exception as exc:  # the library's threads would keep a process without a main thread alive
        logging.getLogger(__name__).exception("the worker failed")
        worker.leave_at_once(ExitCode.FAILED, f"the worker failed ({type(exc).__name__})")


if __name__ == "__main__":
    main()
