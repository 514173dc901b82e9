"""
Webhooks: every event is posted to those who asked, in order, until it is taken.

A webhook is one more reader of the event stream, with a cursor on the disk. It
waits for the receiver as long as there is none: the journal is the queue, and an
outage loses nothing. An event that the receiver *answers* and does not take is
tried a bounded number of times and then put aside, so that one event cannot keep
back all others.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_exponential

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import WakitError
from wakit.host import cursor as cursors
from wakit.host.feed import Feeds
from wakit.model import Event, EventKind
from wakit.outbox.webhooks import WebhookLedger
from wakit.webhook import NewWebhook, Webhook

if TYPE_CHECKING:
    import httpx

    from wakit.destinations import Destinations

log = logging.getLogger(__name__)

#: Seconds for one attempt as a whole.
ATTEMPT = 15.0
#: Seconds of silence after which a cursor that moved over other events is written down.
_QUIET = 5.0
#: Bytes of an answer that are read before its connection is given up.
_ANSWER_LIMIT = 65_536
#: The receiver asks to wait; that is no refusal of the event.
_BUSY = frozenset({429, 503})
#: Seconds before a lane whose own files fail (full disk) goes on.
_TROUBLE = 5.0


@dataclass(frozen=True)
class Failure:
    """Why an attempt came to nothing."""

    why: str
    #: Whether the receiver was there and refused the event.
    answered: bool


class Webhooks:
    """
    The lanes of all webhooks of one host.

    Args:
        stopping: Set when the host is on its way out.
    """

    def __init__(self, ledger: WebhookLedger, feeds: Feeds, settings: Settings, clock: Clock, stopping: asyncio.Event) -> None:
        self.ledger = ledger
        self._feeds = feeds
        self._settings = settings
        self._clock = clock
        self._stopping = stopping
        self._lanes: dict[str, list[asyncio.Task[None]]] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._http: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Go on with all webhooks where the last host stopped."""
        for webhook in self.ledger.all():
            self._open(webhook)

    async def add(self, url: str, *, account: str | None, kinds: Collection[EventKind], after: str | None) -> NewWebhook:
        """
        Post events to *url* from now on, or from behind the event *after*.

        Raises:
            InvalidInput: The address is none that events may be posted to.
        """
        accounts = (account,) if account else ()
        start = self._feeds.now(accounts) if after is None else cursors.parse(after)
        await self._destinations().check(url)
        webhook = self.ledger.add(url, account=account, kinds=kinds, cursor=cursors.write(start))
        self._open(webhook)
        return webhook

    async def remove(self, webhook_id: str) -> Webhook:
        """Post nothing more there."""
        webhook = self.ledger.remove(webhook_id)
        await self._end(self._lanes.pop(webhook_id, []))
        return webhook

    def retry(self, webhook_id: str, event: str | None) -> int:
        """Send what was given up on again, one event or all; return how many."""
        count = self.ledger.revive(webhook_id, event)
        if count:
            self._bells[webhook_id].set()
        return count

    async def close(self) -> None:
        """End all lanes; what was not taken is posted by the next host."""
        await self._end([lane for lanes in self._lanes.values() for lane in lanes])
        if self._http is not None:
            await self._http.aclose()

    def _open(self, webhook: Webhook) -> None:
        bell = self._bells[webhook.id] = asyncio.Event()
        bell.set()
        lanes = (self._follow(webhook), self._resend(webhook, bell))
        self._lanes[webhook.id] = [asyncio.create_task(lane, name=f"webhook-{webhook.id}") for lane in lanes]
        for lane in self._lanes[webhook.id]:
            lane.add_done_callback(_ended)

    async def _end(self, lanes: list[asyncio.Task[None]]) -> None:
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    async def _follow(self, webhook: Webhook) -> None:
        """Post what happens, from the cursor on."""
        while not self._stopping.is_set():
            try:
                await self._go_on(webhook)
            except WakitError as exc:  # the ledger or a journal: full disk, damage
                log.warning("webhook %s is stuck: %s", webhook.id, exc.message)
                await self._clock.sleep(_TROUBLE)

    async def _go_on(self, webhook: Webhook) -> None:
        accounts = (webhook.account,) if webhook.account else ()
        done = self.ledger.get(webhook.id).cursor
        found = self._feeds.follow(
            cursors.parse(done), accounts=accounts, kinds=webhook.kinds, pause=_QUIET, stopping=self._stopping
        )
        async with contextlib.aclosing(found):
            async for text, event in found:
                if event is not None:
                    await self._settle(webhook, _named(event), text)
                elif text != done:
                    self.ledger.passed(webhook.id, text)
                done = text

    async def _settle(self, webhook: Webhook, event: Event, cursor: str) -> None:
        refusal = await self._post(webhook, event)
        if refusal is None:
            self.ledger.delivered(webhook.id, cursor)
        else:
            self.ledger.give_up(webhook.id, event.id, self._settings.webhook_attempts, refusal, cursor)

    async def _resend(self, webhook: Webhook, bell: asyncio.Event) -> None:
        """Post what was given up on, when somebody asks for it."""
        while True:
            await bell.wait()
            bell.clear()
            try:
                for event_id in self.ledger.revived(webhook.id):
                    await self._again(webhook, event_id)
            except WakitError as exc:
                log.warning("webhook %s: what was given up on is not sent again: %s", webhook.id, exc.message)
                asyncio.get_running_loop().call_later(_TROUBLE, bell.set)

    async def _again(self, webhook: Webhook, event_id: str) -> None:
        event = await self._feeds.find(cursors.parse(event_id))
        if event is None:
            self.ledger.give_up(webhook.id, event_id, 0, "the journal has no such event any more")
            return
        refusal = await self._post(webhook, _named(event))
        if refusal is None:
            self.ledger.resent(webhook.id, event_id)
        else:
            self.ledger.give_up(webhook.id, event_id, self._settings.webhook_attempts, refusal)

    async def _post(self, webhook: Webhook, event: Event) -> str | None:
        """Post one event until it is taken; return why it was given up on."""
        body = json.dumps(event.to_json()).encode()
        secret = self.ledger.secret(webhook.id).encode()
        refused = 0

        def refused_enough(state: RetryCallState) -> bool:
            nonlocal refused
            refused += _failure(state).answered
            return refused >= self._settings.webhook_attempts

        retrying = AsyncRetrying(
            retry=retry_if_result(lambda failure: failure is not None),
            stop=refused_enough,
            wait=wait_exponential(multiplier=self._settings.webhook_retry_first, max=self._settings.webhook_retry_limit),
            before_sleep=lambda state: self.ledger.failing(webhook.id, _failure(state).why),
            sleep=self._clock.sleep,
            retry_error_callback=_failure,
        )
        failure: Failure | None = await retrying(self._attempt, webhook, event.id, body, secret)
        return None if failure is None else failure.why

    async def _attempt(self, webhook: Webhook, event_id: str, body: bytes, secret: bytes) -> Failure | None:
        import httpx

        headers = signed(secret, body, self._clock.now().timestamp()) | {
            "content-type": "application/json",
            "wakit-webhook": webhook.id,
            "wakit-event": event_id,
        }
        try:
            async with (
                asyncio.timeout(ATTEMPT),
                self._client().stream("POST", webhook.url, content=body, headers=headers) as answer,
            ):
                size = 0
                async for chunk in answer.aiter_raw():  # a connection whose answer was read is used again
                    size += len(chunk)
                    if size > _ANSWER_LIMIT:
                        break
        except (httpx.HTTPError, TimeoutError) as exc:
            return Failure(str(exc) or type(exc).__name__, answered=False)
        if answer.is_success:
            return None
        return Failure(f"HTTP {answer.status_code}", answered=answer.status_code not in _BUSY)

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            import httpx  # only for those hosts that have a webhook

            from wakit.destinations import Transport

            self._http = httpx.AsyncClient(transport=Transport(self._destinations()), timeout=ATTEMPT, trust_env=False)
        return self._http

    def _destinations(self) -> Destinations:
        from wakit.destinations import Destinations

        return Destinations(self._settings.webhook_hosts)


def signed(secret: bytes, body: bytes, now: float) -> dict[str, str]:
    """Return the headers that prove who posts: HMAC-SHA256 over timestamp, dot and body."""
    timestamp = str(int(now))
    mac = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256)
    return {"wakit-timestamp": timestamp, "wakit-signature": f"v1={mac.hexdigest()}"}


def _ended(lane: asyncio.Task[None]) -> None:
    if not lane.cancelled() and lane.exception() is not None:
        log.error("%s ended unexpectedly; it goes on when the host is restarted", lane.get_name(), exc_info=lane.exception())


def _failure(state: RetryCallState) -> Failure:
    assert state.outcome is not None
    failure: Failure = state.outcome.result()
    return failure


def _named(event: Event) -> Event:
    """Return *event* under the id that it has in every process: its own account's position, without those of others."""
    position = cursors.parse(event.id)[event.account]
    return event.with_(id=cursors.write({event.account: position}))
