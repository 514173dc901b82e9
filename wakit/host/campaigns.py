"""
Campaigns in the host: planned against what the store and the ledgers know, queued in the background, measured.

A plan is made and kept here, not by whoever asks: what is started is what was planned, and
nothing is queued before somebody has confirmed the number of recipients of that plan. Queueing
goes on where it was when a host ends in the middle of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import InvalidInput, InvalidTemplate, WakitError
from wakit.host.plan_facts import PlanFacts
from wakit.host.registry import Registry
from wakit.host.sender import Sender
from wakit.host.spool import Spool
from wakit.model import Campaign, CampaignState, Purpose, Send, SendState
from wakit.outbox.campaigns import Campaigns, Draft, Withdrawal, campaign_name
from wakit.outbox.planning import ROW_LIMIT, Audience, Rules, key_of, plan
from wakit.outbox.results import results
from wakit.outgoing import CAPTIONED, File
from wakit.store import Store

log = logging.getLogger(__name__)

_WRITTEN = """
SELECT chat, ts FROM messages
WHERE account = $account AND NOT from_me AND ts >= $since AND ts <= $until AND chat NOT LIKE '%@g.us' ORDER BY ts
"""
_OPTED_OUT = """
SELECT person, said_at FROM consents
WHERE account = $account AND state = 'out' AND said_at >= $since AND said_at <= $until ORDER BY said_at
"""
_LEFT = "SELECT message_id, ts FROM messages WHERE account = $account AND from_me AND ts >= $since AND ts <= $until"
#: How long what a person writes counts as an answer.
WINDOW = timedelta(days=7)
#: Columns of a plan as a table.
PLAN = pa.schema(
    [
        ("row", pa.int32()),
        ("person", pa.string()),
        ("name", pa.string()),
        ("text", pa.string()),
        ("when", pa.timestamp("us", tz="UTC")),
        ("excluded", pa.string()),
        ("detail", pa.string()),
    ]
)


class CampaignOffice:
    """
    Plans campaigns, lets them run, and tells what came of them.

    Args:
        ledger: What was planned, and said to whom.
        store: Knows persons, and what they wrote.
        registry: The accounts.
        sender: Sends what is queued.
        spool: Has the files that can be sent.
        settings: Country of national numbers.
        clock: Tells which plans are late.
        tell_sends: Called with messages that were queued or taken back, many at a time.
        facts: Know of audiences what a plan has to know.
    """

    def __init__(
        self,
        ledger: Campaigns,
        store: Store,
        registry: Registry,
        sender: Sender,
        spool: Spool,
        settings: Settings,
        clock: Clock,
        tell_sends: Callable[[Sequence[Send]], Coroutine[Any, Any, None]],
        facts: PlanFacts,
    ) -> None:
        self.ledger = ledger
        self._store = store
        self._registry = registry
        self._sender = sender
        self._spool = spool
        self._settings = settings
        self._clock = clock
        self._tell_sends = tell_sends
        self._facts = facts
        self._queueing: dict[str, asyncio.Task[None]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    async def start_all(self) -> None:
        """Go on with what the last host left behind."""
        for campaign in await asyncio.to_thread(self.ledger.unfinished):
            await asyncio.to_thread(self.ledger.settle, campaign.id)
            self._queue(campaign)

    async def close(self) -> None:
        """Stop queueing, at which the next host goes on behind the last transaction, and tell the rest of what was cancelled."""
        await asyncio.gather(*self._telling, return_exceptions=True)
        tasks = [*self._queueing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def plan(
        self,
        name: str,
        audience: Audience | str,
        template: str,
        *,
        account: str,
        purpose: Purpose,
        media: File | None = None,
        country: str | None = None,
        hold_out: float = 0.0,
        limit: int | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        by: str | None = None,
    ) -> Campaign:
        """
        Make and keep a plan; nothing of it is queued.

        Raises:
            UnknownAccount, InvalidAudience, InvalidTemplate, InvalidInput, UnknownFile, QueryRefused: Nothing was kept.
        """
        from wakit.outbox.templates import Template  # jinja2 with it: only where a campaign is planned

        self._registry.get(account)
        campaign_name(name)
        _check_times(not_before, not_after, self._clock.now())
        words = Template(template)
        if media is not None:
            media = await asyncio.to_thread(self._spool.described, media)
            if media.kind not in CAPTIONED and words.source.strip():
                msg = f"WhatsApp shows no words below the kind {media.kind}. Leave the template empty, or choose another file."
                raise InvalidTemplate(msg, kind=media.kind)
        draft = Draft(
            name=name,
            account=account,
            purpose=purpose,
            template=words,
            media=media,
            hold_out=hold_out,
            not_before=not_before,
            not_after=not_after,
            by=by,
        )
        rules = Rules(
            campaign=name,
            country=country or self._settings.country,
            hold_out=hold_out,
            limit=limit,
            may_be_empty=media is not None,
        )
        return await asyncio.to_thread(self._plan, draft, audience, rules)

    def _plan(self, draft: Draft, audience: Audience | str, rules: Rules) -> Campaign:
        people = audience if isinstance(audience, Audience) else self._asked(audience)
        return self.ledger.draft(draft, plan(people, draft.template, rules, self._facts.of(draft)))

    def _asked(self, query: str) -> Audience:
        """Return the rows of a query as an audience."""
        with self._store.sql(f"SELECT * FROM ({query.strip().rstrip(';')}) LIMIT {ROW_LIMIT + 1}") as answer:  # noqa: S608
            found = answer.read_all()
        rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
        return Audience(columns=tuple(found.column_names), rows=rows)

    async def start(self, key: str, *, confirm: int, digest: str, by: str | None) -> Campaign:
        """Let a plan run that somebody has seen: it is queued in the background; see ``Campaigns.start``."""
        started = await asyncio.to_thread(lambda: self.ledger.start(key, confirm=confirm, digest=digest, by=by))
        self._queue(started)
        return started

    async def pause(self, key: str, *, by: str | None, reason: str | None) -> Campaign:
        """Let nothing more of it leave until it is resumed."""
        return await asyncio.to_thread(lambda: self.ledger.pause(key, by=by, reason=reason))

    async def resume(self, key: str, *, by: str | None) -> Campaign:
        """Let it go on."""
        resumed = await asyncio.to_thread(lambda: self.ledger.resume(key, by=by))
        self._queue(resumed)
        self._sender.wake(resumed.account)
        return resumed

    async def cancel(self, key: str, *, by: str | None, reason: str | None) -> Campaign:
        """End it: what has not left never will."""
        done = await asyncio.to_thread(lambda: self.ledger.cancel(key, by=by, reason=reason))
        telling = asyncio.create_task(self._tell_withdrawn(done), name=f"cancelled-{done.campaign.id}")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        return done.campaign

    def sent(self, send: Send) -> None:
        """Note that a message got further, which may be the last one of its campaign."""
        if send.campaign is not None and send.state not in {SendState.QUEUED, SendState.SENDING}:
            self.ledger.settle(send.campaign)

    def table(self, key: str) -> pa.Table:
        """Return a plan as a table: a row for each row of its audience."""
        lines = self.ledger.lines(key)
        columns = [
            [line.row for line in lines],
            [line.person or None for line in lines],
            [line.name for line in lines],
            [line.text or None for line in lines],
            [line.when for line in lines],
            [None if line.excluded is None else str(line.excluded) for line in lines],
            [line.detail or None for line in lines],
        ]
        return pa.table(columns, schema=PLAN)

    def results(self, key: str) -> dict[str, Any]:
        """Return what came of a campaign so far; see ``results``."""
        campaign = self.ledger.get(key)
        # the times of messages are whole seconds, and an answer may come in the same one
        since = (campaign.started_at or campaign.created_at).replace(microsecond=0)
        until = max(campaign.ended_at or self._clock.now(), since) + WINDOW
        during = {"account": campaign.account, "since": since, "until": until}
        written, opted_out = self._times(_WRITTEN, **during), self._times(_OPTED_OUT, **during)
        left: Mapping[str, datetime] = dict(self._rows(_LEFT, **during))
        outcomes = [replace(one, sent_at=left.get(one.message_id or "")) for one in self.ledger.outcomes(campaign.id)]
        found = results(outcomes, written, opted_out, self.ledger.held_out(campaign.id), since, WINDOW)
        return {"campaign": campaign.to_json(), **found}

    def _times(self, query: str, **values: Any) -> Mapping[str, Sequence[datetime]]:
        """Return when each person did what a query asks for."""
        found: defaultdict[str, list[datetime]] = defaultdict(list)
        for address, at in self._rows(query, **values):
            found[key_of(address)].append(at)
        return found

    def _rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._store.sql(query, values) as answer:
            found = answer.read_all()
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def _queue(self, campaign: Campaign) -> None:
        """Queue what is left of a campaign that runs, in the background, once."""
        if campaign.state is CampaignState.RUNNING and campaign.id not in self._queueing:
            task = asyncio.create_task(self._queue_all(campaign), name=f"campaign-{campaign.id}")
            self._queueing[campaign.id] = task
            task.add_done_callback(lambda _: self._queueing.pop(campaign.id, None))

    async def _tell_withdrawn(self, done: Withdrawal) -> None:
        """Tell of each message that was taken back; whoever cancels does not wait for that."""
        chunks = self.ledger.withdrawn(done)
        while taken := await asyncio.to_thread(next, chunks, None):
            await self._tell_sends(taken)

    async def _queue_all(self, campaign: Campaign) -> None:
        try:
            while sends := await asyncio.to_thread(self.ledger.enqueue, campaign.id):
                self._sender.wake(campaign.account)
                await self._tell_sends(sends)
            await asyncio.to_thread(self.ledger.settle, campaign.id)
        except WakitError:  # a full disk: the rest is queued when it is resumed, or at the next start
            log.exception("the campaign %s is not queued as a whole", campaign.id)


def _check_times(not_before: datetime | None, not_after: datetime | None, now: datetime) -> None:
    if not_after is not None and not_after <= max(not_before or now, now):
        msg = f"Nothing could leave: not_after is {not_after.isoformat()}, which is over or lies before not_before."
        raise InvalidInput(msg, field="not_after")
