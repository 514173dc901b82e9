"""
Everything that one host is made of, wired together.

An event's way: the worker commits it to the journal and says so → the feeds tell
it to whoever listens, at once → the drain moves it into the store. A send's way:
a row in the outbox → the sender, once the account is connected → the session.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from wakit.clock import Clock
from wakit.config import Settings
from wakit.consent import ConsentImport
from wakit.errors import WakitError
from wakit.host.campaigns import CampaignOffice
from wakit.host.drain import Drain
from wakit.host.earlier import Earlier
from wakit.host.errand import Errands
from wakit.host.feed import Decoded, Feed, Feeds, Told
from wakit.host.idle import Activity
from wakit.host.journals import Journals
from wakit.host.media import Media
from wakit.host.optouts import Lines, OptOuts
from wakit.host.pace import PaceOffice, Wrote, linked_at
from wakit.host.plan_facts import PlanFacts
from wakit.host.reach import Reach
from wakit.host.registry import Registry
from wakit.host.rehearsals import Rehearsals
from wakit.host.scheduler import Scheduler
from wakit.host.sender import Sender
from wakit.host.spool import Spool
from wakit.host.tokens import Tokens
from wakit.host.webhooks import Webhooks
from wakit.hostfile import HostInfo
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.joblock import is_running
from wakit.key import own_key
from wakit.model import Campaign, MediaState, Run, Send, SessionState, SessionStatus
from wakit.outbox import Outbox
from wakit.outbox.campaigns import CampaignGate, Campaigns
from wakit.outbox.consent import ConsentGate, Consents
from wakit.outbox.consent_file import import_consents
from wakit.outbox.evidence import Evidence
from wakit.outbox.pacing import Pacing
from wakit.outbox.reconnection import Reconnection
from wakit.outbox.runs import Runs
from wakit.outbox.schedules import Schedules
from wakit.outbox.webhooks import WebhookLedger
from wakit.paths import Workspace
from wakit.session.directory import Directory
from wakit.session.entries import Entry, EventCode
from wakit.session.events import decode, kind_of
from wakit.store import Store

log = logging.getLogger(__name__)


class Services:
    """
    What routes work with.

    Args:
        info: Which host this is.
        stop: Ends the host when it is called.
    """

    def __init__(self, workspace: Workspace, info: HostInfo, settings: Settings, clock: Clock, stop: Callable[[], None]) -> None:
        self.info = info
        self.stop = stop
        self.settings = settings
        #: Set when the host is on its way out: streams end.
        self.stopping = asyncio.Event()
        self.activity = Activity(clock)
        self.clock = clock
        self.tokens = Tokens(workspace, clock, rate=settings.rate_limit)
        with contextlib.ExitStack() as opened:
            self.store = opened.enter_context(Store(workspace, settings))
            self._outbox = Outbox(workspace.outbox, clock)
            opened.callback(self._outbox.close)
            self.store.media.held_by(self._outbox.names_file)
            ledger = WebhookLedger(workspace.webhooks, clock)
            opened.callback(ledger.close)
            key = own_key(workspace.consent_key)
            self.consents = Consents(self._outbox, clock, key, self.store.identities)
            self._live, self._bulk, self._old, self._heard = (Journals(workspace, settings) for _ in range(4))
            for journals in (self._live, self._bulk, self._old, self._heard):
                opened.callback(journals.close)
            self._closing = opened.pop_all()
        self.feeds = Feeds(self._open_feed)
        self.webhooks = Webhooks(ledger, self.feeds, settings, clock, self.stopping)
        self.registry = Registry(workspace, settings, clock, on_journal=self._journaled, on_status=self._status_changed)
        earlier = Earlier(self.store, self._live, settings, clock)
        self.media = Media(self.store, self._old, self.registry, settings, clock, self._journal_media)
        self.spool = Spool(self.media.files, settings)
        wrote = Wrote(self.store.wrote, self.store.writers)
        pacing = Pacing(self._outbox, settings, clock, wrote=wrote, linked_at=partial(linked_at, workspace))
        self.pacing = PaceOffice(pacing, lambda account: self.sender.wake(account))
        self.sender = Sender(
            self._outbox, self.registry, earlier, self.spool, settings, clock, self._journal_send, self.pacing.limited
        )
        self._outbox.guard(CampaignGate())
        campaigns = Campaigns(self._outbox, clock, self._campaign_changed)
        reach = Reach(lambda account, phones: self.directory(account).numbers(phones), settings.plan_lookups, clock)
        facts = PlanFacts(campaigns, self.store, self.consents, pacing, wrote, reach.absent, clock)
        self.rehearsals = Rehearsals(campaigns, facts, settings)
        self.campaigns = CampaignOffice(
            campaigns,
            self.store,
            self.registry,
            self.sender,
            self.spool,
            settings,
            clock,
            self._journal_sends,
            facts,
        )
        errands = Errands(workspace, seconds=settings.schedule_limit, grace=settings.stop_timeout)
        schedules = Schedules(self._outbox, clock)
        self.scheduler = Scheduler(schedules, workspace, settings, clock, run=errands.run)
        self.runs = Runs(self._outbox, clock, is_alive=lambda job: is_running(workspace, job), told=self._journal_run)
        self.lines = Lines(self.consents, self._live, self._journaled)
        reconnection = Reconnection()
        self._opt_outs = OptOuts(
            self._heard,
            self._outbox,
            self.consents,
            settings,
            clock,
            self.sender.anew,
            self.lines.changed,
            on_message=wrote.hear,
            on_event=reconnection.hear,
        )
        self._outbox.guard(ConsentGate(self.consents, self._opt_outs.listen), reconnection, pacing)
        self._drain = Drain(
            self._bulk,
            self.store,
            self._outbox,
            Evidence(self._outbox, clock, self.store.identities, self.store.stored_ids),
            settings,
            clock,
            on_sent=self.sender.changed,
            on_files=self.media.wake,
            on_full=self._store_full,
            on_history=self.registry.remembers,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open every journal, bring the accounts back, and move what the last host left behind."""
        for account in self._live.accounts():
            with logged(f"the journal of {account} was not opened"):
                journal = self._live.get(account)
                known, before = self.store.reach(account), journal.last_seq
                if journal.reserve(known):  # or new entries would get numbers that count as moved
                    msg = "%s: the database knows entries %d-%d, which its journal has lost: they stay; a rebuild would drop them"
                    log.warning(msg, account, before + 1, known)
                self.feeds.add(account)
                self._drain.moved(account)
                self._opt_outs.begin(account)
        self.lines.changed()
        self._loop = asyncio.get_running_loop()
        await self.sender.start()
        await self.campaigns.start_all()
        self.webhooks.start()
        self.scheduler.start()
        self._tasks = [
            asyncio.create_task(self._drain.run(), name="drain"),
            asyncio.create_task(self._opt_outs.run(), name="opt-outs"),
            asyncio.create_task(self.registry.restore(), name="restore"),
        ]

    def known(self, account: str) -> str:
        """
        Return *account* if something can be written down for it: it is the usual one, linked, or has a past here.

        Raises:
            UnknownAccount: It is none of these; a slip of the pen would make it one.
        """
        if account_id(account) != DEFAULT_ACCOUNT and account not in self._live.accounts():
            self.registry.get(account)
        return account

    def directory(self, account: str) -> Directory:
        """Return who can be asked about groups and people in the name of *account*."""
        return self.registry.get(account).directory

    async def import_consents(self, path: Path, account: str, by: str, country: str | None, *, dry_run: bool) -> ConsentImport:
        """Write down the opt-ins of a file."""
        work = partial(import_consents, account=account, by=by, country=country, dry_run=dry_run)
        done = await asyncio.to_thread(work, self._outbox, self.consents, path)
        self.lines.changed()
        return done

    def watch_idleness(self) -> None:
        """End the host once it has nothing left to do; clients know of it by now."""
        self.activity.touch()
        self._tasks.append(asyncio.create_task(self._leave_when_idle(), name="idle"))

    def say_goodbye(self) -> None:
        """End all streams."""
        self.stopping.set()
        self.feeds.ring()
        self.registry.ring()

    async def close(self) -> None:
        """End the workers, move the rest into the store, and close everything."""
        self._opt_outs.close()
        for task in self._tasks[2:]:
            task.cancel()
        await self.scheduler.close()
        await self.webhooks.close()
        await self.campaigns.close()
        await self.sender.close()
        await self.media.close()
        await self.registry.close()
        await self._drain.close()
        await self.lines.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._closing.close()

    def _open_feed(self, account: str) -> Feed:
        return Feed(account, self._live.get(account), lambda entry: self._decoded(account, entry))

    def _decoded(self, account: str, entry: Entry) -> Decoded:
        told: list[Told | None] = []
        for record in decode(account, entry):
            is_new = self.store.is_new(account, entry.seq, record)
            told.append(Told(kind_of(record), entry.at, record) if is_new else None)
        return Decoded(entry.seq, tuple(told))

    def _journaled(self, account: str, seq: int) -> None:
        with logged(f"the journal of {account} was not opened"):
            self.feeds.moved(account, seq)
            self._drain.moved(account)
            self._opt_outs.moved(account)

    def _store_full(self, is_full: bool) -> None:
        """Take nothing in while the store has no room for it."""
        (self.registry.store_is_full if is_full else self.registry.store_has_room)()

    def _status_changed(self, status: SessionStatus) -> None:
        with logged(f"the pace of {status.account} was not stopped"):
            self.pacing.status_changed(status, is_wanted=self.registry.is_leaving(status.account))
        self.sender.wake(status.account)
        if status.state is SessionState.CONNECTED:
            self.media.wake(status.account)

    def _journal_send(self, send: Send) -> None:
        """Write a new state of an outgoing message where streams and store read it."""
        with logged("a state of a send was not journaled"):
            seq = self._live.get(send.account).append(EventCode.SEND, json.dumps(send.to_json()).encode())
            self._journaled(send.account, seq)
            self.campaigns.sent(send)

    async def _journal_sends(self, sends: Sequence[Send]) -> None:
        """Write the state of many messages of one account where streams and store read it."""
        if sends:
            with logged("states of sends were not journaled"):
                journal = self._live.get(sends[0].account)
                made = ((EventCode.SEND, json.dumps(send.to_json()).encode(), None) for send in sends)
                self._journaled(sends[0].account, await asyncio.to_thread(journal.append_many, made))

    def _campaign_changed(self, campaign: Campaign) -> None:
        """Write a new state of a campaign down; it changes in threads, and streams live on the loop."""
        self._loop.call_soon_threadsafe(self._journal_campaign, campaign)

    def _journal_campaign(self, campaign: Campaign) -> None:
        with logged("a state of a campaign was not journaled"):
            seq = self._live.get(campaign.account).append(EventCode.CAMPAIGN, json.dumps(campaign.to_json()).encode())
            self._journaled(campaign.account, seq)

    def _journal_run(self, run: Run) -> None:
        """Write the beginning or the end of a run where streams and store read it."""
        with logged("a run was not journaled"):
            seq = self._live.get(run.account).append(EventCode.RUN, json.dumps(run.to_json()).encode())
            self._journaled(run.account, seq)

    def _journal_media(self, state: MediaState) -> int | None:
        """Write what became of a file where streams and store read it; return the number of the entry."""
        with logged("what became of a file was not journaled"):
            seq = self._live.get(state.account).append(EventCode.MEDIA, json.dumps(state.to_json()).encode())
            self._journaled(state.account, seq)
            return seq
        return None

    def _has_nothing_to_do(self) -> bool:
        return self.registry.is_idle and self.scheduler.is_idle

    async def _leave_when_idle(self) -> None:
        await self.activity.wait_for_silence(self.settings.idle_exit, self._has_nothing_to_do, self.clock)
        log.info("nobody was here for %g s, no account is up and nothing is scheduled: the host ends", self.settings.idle_exit)
        self.stop()


@contextlib.asynccontextmanager
async def running(
    workspace: Workspace, info: HostInfo, settings: Settings, clock: Clock, stop: Callable[[], None]
) -> AsyncIterator[Services]:
    """Run the services for the length of the block."""
    services = Services(workspace, info, settings, clock, stop)
    try:
        await services.start()
        yield services
    finally:
        await services.close()


@contextlib.contextmanager
def logged(what: str) -> Iterator[None]:
    """Let one account's trouble (a full disk, a damaged journal) be a line in the log and nobody else's."""
    try:
        yield
    except WakitError as exc:
        log.warning("%s: %s", what, exc.message)
