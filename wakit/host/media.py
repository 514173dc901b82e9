"""
Files of messages: fetched as they arrive where the settings say so, and whenever somebody asks.

The store says what is wanted and the journal how to fetch it; what becomes of it is a
journal entry, so that streams tell it, the store has it, and a host that is
killed anywhere in between goes on where it was. One file at a time for each
account, a few in all, never in the way of messages. A download that hangs is
given up after ``media_timeout``, and tried again behind the others; the library
cannot end it, so the worker is renewed where too many hang (``session.lanes``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta
from weakref import WeakValueDictionary

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import MediaFailed, NotConnected, SessionError, StorageFull, UnknownMedia, WakitError
from wakit.host.journals import Journals
from wakit.host.registry import Registry
from wakit.ids import recipient
from wakit.model import MediaFile, MediaState, MediaStatus, MessageType, SessionState
from wakit.session.attachments import File, references
from wakit.session.media_files import Stored
from wakit.store import Store
from wakit.store.media import Wanted

log = logging.getLogger(__name__)

#: Downloads at one time in the whole host.
_AT_ONCE = 2
#: Times that a file is tried before it counts as failed.
_TRIES = 5
#: How much longer each pause between two of them is.
_GROWTH = 4
#: Files that are looked up at a time.
_BATCH = 20
#: Seconds before the queue is looked at again after the disk was full or the store busy.
_LATER = 60.0
#: Seconds that a message which was only just told may take to reach the store.
_DRAIN_SECONDS = 3.0


class Media:
    """
    Fetches the files of messages.

    Args:
        tell: Journals what became of a file.
    """

    def __init__(
        self,
        store: Store,
        journals: Journals,
        registry: Registry,
        settings: Settings,
        clock: Clock,
        tell: Callable[[MediaState], int | None],
    ) -> None:
        self._store = store
        self._journals = journals
        self._registry = registry
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._types = [MessageType(name) for name in settings.media_types.split(",")]
        self.files = store.media.files
        self.files.clean()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._locks: WeakValueDictionary[tuple[str, str, str, str], asyncio.Lock] = WeakValueDictionary()
        self._bells: dict[str, asyncio.Event] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        #: Message ids that need not be looked at: until when, or until the store has journal entry so and so.
        self._resting: dict[str, dict[str, float]] = {}
        self._told: dict[str, dict[str, int]] = {}
        #: The journal entry that was last read: its files, of which a history sync has thousands.
        self._entry: tuple[tuple[str, int], dict[File, bytes]] = ("", 0), {}

    def wake(self, account: str) -> None:
        """Look for files that *account* wants: messages came in, or it may have connected."""
        if self._settings.media == "off":
            return
        bell = self._bells.setdefault(account, asyncio.Event())
        bell.set()
        if account not in self._lanes:
            self._lanes[account] = asyncio.create_task(self._lane(account, bell), name=f"media-{account}")

    async def get(self, account: str, message_id: str, chat: str | None = None) -> MediaFile:
        """
        Return the file of a message, fetched if it is not here.

        Args:
            account: Whose.
            message_id: Its id.
            chat: Its chat, where two have a message with this id.

        Raises:
            UnknownMedia: There is no such message, or it has no file.
            MediaFailed: It cannot be had; ``data["status"]`` says why.
            NotConnected: It is not here, and WhatsApp cannot be asked now.
        """
        address = None if chat is None else str(recipient(chat, country=self._settings.country))
        wanted = await self._found(account, message_id, address)
        if wanted.seq < 0 and self.files.find(wanted.sha256) is None:
            why = wanted.reason or "it is no longer on the disk"
            msg = f"The file that the export had or named is not here: {why}. Export the chat with media and import it again."
            raise MediaFailed(msg, status=wanted.status, reason=why)
        async with self._lock(wanted):
            stored = self.files.find(wanted.sha256) or await self._fetched(wanted)
        return wanted.file(stored.sha256, stored.size, str(self.files.path(stored.sha256)))

    async def close(self) -> None:
        """Stop; what is being fetched is fetched anew by the next host."""
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _found(self, account: str, message_id: str, chat: str | None) -> Wanted:
        deadline = self._clock.monotonic() + _DRAIN_SECONDS
        while True:
            try:
                return await asyncio.to_thread(self._store.media.find, account, message_id, chat)
            except UnknownMedia:
                if self._clock.monotonic() >= deadline:
                    raise
            await self._clock.sleep(self._settings.drain_every)

    async def _lane(self, account: str, bell: asyncio.Event) -> None:
        while True:
            await bell.wait()
            bell.clear()
            try:
                while self._is_connected(account) and (batch := await self._wanted(account)):
                    for wanted in batch:
                        await self._early(wanted)
            except WakitError as exc:  # the disk or the store, not a file
                log.warning("%s: files of messages wait: %s", account, exc.message)
                asyncio.get_running_loop().call_later(_LATER, bell.set)

    async def _wanted(self, account: str) -> list[Wanted]:
        told, now = self._told.setdefault(account, {}), self._clock.monotonic()
        drained = await asyncio.to_thread(self._store.watermark, account)
        for message_id in [name for name, seq in told.items() if seq <= drained]:
            del told[message_id]
        resting = self._resting.setdefault(account, {})
        for message_id in [name for name, until in resting.items() if until <= now]:
            del resting[message_id]
        since = self._clock.now() - timedelta(days=self._settings.media_days)
        return await asyncio.to_thread(self._store.media.wanted, account, self._types, since, {*told, *resting}, _BATCH)

    async def _early(self, wanted: Wanted) -> None:
        """Fetch a file that nobody asked for yet; trouble with the file itself is told and kept."""
        if not self._is_connected(wanted.account):
            return
        async with self._lock(wanted):
            with contextlib.suppress(SessionError):
                await self._fetched(wanted)

    async def _fetched(self, wanted: Wanted) -> Stored:
        """Fetch a file and tell what became of it."""
        try:
            async with self._places:
                stored = await self._download(wanted)
        except MediaFailed as exc:
            self._failed(wanted, exc, exc.data.get("status"))
            raise
        except NotConnected:
            # Not the fault of this file: the account is offline, or another download is in the way.
            self._rest(wanted, _LATER)
            raise
        except SessionError as exc:
            self._failed(wanted, exc, None)  # also one that ends the worker: it must not be tried for ever
            raise
        except StorageFull as exc:
            if wanted.reason != exc.code:
                self._note(wanted, wanted.state(MediaStatus.PENDING, self._clock.now(), tries=wanted.tries, reason=exc.code))
            raise
        at, tries = self._clock.now(), wanted.tries
        self._note(wanted, wanted.state(MediaStatus.STORED, at, tries=tries, size=stored.size, sha256=stored.sha256))
        return stored

    async def _download(self, wanted: Wanted) -> Stored:
        here = self.files.find(wanted.announced_sha256)
        if here is not None:
            return here
        what = await asyncio.to_thread(self._reference, wanted)
        if what is None:
            msg = "The message does not say how its file can be fetched."
            raise MediaFailed(msg, status=MediaStatus.REFUSED, reason="no path or no key")
        sha256, size = await self._registry.get(wanted.account).download(what, self._settings.media_limit)
        return Stored(sha256=sha256, size=size)

    def _failed(self, wanted: Wanted, exc: WakitError, final: MediaStatus | str | None) -> None:
        tries = wanted.tries + 1
        status = MediaStatus(final) if final else MediaStatus.PENDING if tries < _TRIES else MediaStatus.FAILED
        reason = str(exc.data.get("reason") or exc.code)
        log.info("a file of %s is %s after %d tries (%s)", wanted.account, status, tries, reason)
        if status is MediaStatus.PENDING:
            self._rest(wanted, min(self._settings.retry_first * _GROWTH**wanted.tries, self._settings.retry_limit))
        self._note(wanted, wanted.state(status, self._clock.now(), tries=tries, reason=reason))

    def _rest(self, wanted: Wanted, pause: float) -> None:
        """Let others go first for a while."""
        self._resting.setdefault(wanted.account, {})[wanted.message_id] = self._clock.monotonic() + pause
        asyncio.get_running_loop().call_later(pause, self.wake, wanted.account)

    def _note(self, wanted: Wanted, state: MediaState) -> None:
        seq = self._tell(state)
        if seq is not None:
            self._told.setdefault(wanted.account, {})[wanted.message_id] = seq

    def _lock(self, wanted: Wanted) -> asyncio.Lock:
        return self._locks.setdefault(wanted.key, asyncio.Lock())

    def _is_connected(self, account: str) -> bool:
        with contextlib.suppress(WakitError):
            return self._registry.get(account).status.state is SessionState.CONNECTED
        return False

    def _reference(self, wanted: Wanted) -> bytes | None:
        """Return what the library needs to fetch a file."""
        place = (wanted.account, wanted.seq)
        last, found = self._entry
        if last != place:
            entries = self._journals.get(wanted.account).read(wanted.seq - 1, 1)
            found = references(entries[0]) if entries else {}
            self._entry = place, found
        return found.get(File(wanted.message_id, wanted.announced_sha256))
