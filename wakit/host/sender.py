"""
The way out: rows of the outbox become calls, one after the other for each account.

A call that may have gone out is never made twice. What the session refuses
before handing it over goes back into the queue; what was cut off is ``unknown``
and stays so until a receipt or a person says more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import InvalidInput, NotConnected, NotLinked, QueryFailed, RateLimited, SendUnknown, WakitError, WorkerGone
from wakit.host.bells import Bells
from wakit.host.earlier import Earlier
from wakit.host.registry import Registry
from wakit.host.spool import Spool
from wakit.ids import JID, recipient
from wakit.model import Send, SendState, SessionState, Terms
from wakit.outbox import NO_TERMS, Outbox, Task
from wakit.outgoing import File, Said

T = TypeVar("T")
log = logging.getLogger(__name__)

#: Seconds that a send waits for WhatsApp where the caller says nothing and the account is connected.
USUAL_WAIT = 10.0
#: Seconds before a message that the session gave back is tried again, if no change of its state comes first.
_GIVEN_BACK = 5.0
#: The session or the store is busy or away: it stays in the queue.
_NOT_HANDED_OVER = (NotConnected, QueryFailed)
#: Seconds after which the outcome of a call survives a power cut as well.
_FLUSH_SOON = 0.05
#: A new message is in one of these, or the gates refused it.
_JUST_QUEUED = frozenset({SendState.QUEUED, SendState.SENDING, SendState.CANCELLED})
#: Most seconds until the queue is looked at again where something waits for its time: clocks are set.
_LONGEST_SLEEP = 60.0
#: Nobody can tell after these whether the message went out.
_CUT_OFF = (SendUnknown, WorkerGone)


class Sender:
    """
    Hands out what is queued, while accounts are connected.

    Args:
        outbox: The queue.
        registry: The sessions.
        earlier: Finds the messages that outgoing ones are about.
        spool: Has the files that can be sent.
        settings: Limits, and the country of national numbers.
        clock: Tells when what waits for its time is due.
        tell: Called with each send whose state changed.
        limited: Called with the account that WhatsApp asked to slow down, before its next message is looked at.
    """

    def __init__(
        self,
        outbox: Outbox,
        registry: Registry,
        earlier: Earlier,
        spool: Spool,
        settings: Settings,
        clock: Clock,
        tell: Callable[[Send], None],
        limited: Callable[[str, RateLimited], Coroutine[Any, Any, None]],
    ) -> None:
        self._outbox = outbox
        self._registry = registry
        self._earlier = earlier
        self._spool = spool
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._limited = limited
        self._bells: dict[str, asyncio.Event] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}
        self._watched: dict[str, Bells] = {}
        #: Held by whoever claims and delivers messages of an account: one at a time, in order.
        self._turns: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._flushing = self._closing = False

    async def start(self) -> None:
        """Say of what was cut off that nobody knows, and go on with what is queued."""
        for send in await asyncio.to_thread(self._outbox.recover):
            self._tell(send)
        for account in {send.account for send in await asyncio.to_thread(self._outbox.pending)}:
            self.wake(account)

    async def send(
        self,
        account: str,
        to: str,
        content: Said,
        *,
        country: str | None = None,
        wait: float | None = None,
        idempotency_key: str | None = None,
        terms: Terms = NO_TERMS,
    ) -> Send:
        """
        Queue a message and wait a while until WhatsApp has it.

        Args:
            account: Who sends.
            to: A phone number in any spelling, or a JID.
            content: What to say.
            country: ISO country of national numbers.
            wait: Seconds; ``None`` waits only for a connected account.
            idempotency_key: The same key never sends twice.
            terms: When and as what it leaves.

        Raises:
            InvalidInput: Its time is over, or it would never come.
            UnknownAccount, NotLinked, InvalidPhoneNumber, InvalidJID,
            UnknownMessage, NotChangeable, UnknownFile: Nothing was queued.
        """
        self._check(terms)
        status = self._registry.get(account).status
        if status.state is SessionState.LOGGED_OUT or not (status.state.is_linked or status.device):
            msg = f"The account {account!r} is not linked to a phone ({status.state}). Run: wakit login {account}"
            raise NotLinked(msg, account=account, state=str(status.state))
        country = country or self._settings.country
        address = str(recipient(to, country=country))
        content = content.addressed(country)
        if isinstance(content, File):
            content = await asyncio.to_thread(self._spool.described, content)
        await self._earlier.find(account, address, content)
        send = await self._put(account, address, content, idempotency_key, terms)
        if wait is None:
            wait = USUAL_WAIT if status.state is SessionState.CONNECTED else 0.0
        return await self.settled(send.id, SendState.SENT, wait)

    def _check(self, terms: Terms) -> None:
        end = terms.not_after
        if end is None:
            return
        if end <= (now := self._clock.now()):
            msg = f"not_after is {end.isoformat()}, which is over: it is {now.isoformat(timespec='seconds')}. Give a later time."
            raise InvalidInput(msg, not_after=end.isoformat())
        if terms.not_before is not None and terms.not_before >= end:
            msg = f"not_before is {terms.not_before.isoformat()} and not_after {end.isoformat()}: there is no time between them."
            raise InvalidInput(msg, not_before=terms.not_before.isoformat(), not_after=end.isoformat())

    def get(self, send_id: str) -> Send:
        """Return how far one got."""
        return self._outbox.get(send_id)

    def pending(self, account: str | None) -> list[Send]:
        """Return what is queued, being sent or undecided, oldest first."""
        return self._outbox.pending(account)

    def newest(self, account: str | None, states: Collection[SendState], *, before: str | None, limit: int) -> list[Send]:
        """Return the newest sends first, also those that are through."""
        return self._outbox.newest(account, states, before=before, limit=limit)

    async def settled(self, send_id: str, goal: SendState, seconds: float) -> Send:
        """Wait until a send got as far as *goal* or never will, at most *seconds*; return how it is then, at once if held up."""
        bells = self._watched.setdefault(send_id, Bells())
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            with bells.listening() as listener:
                while True:
                    listener.silence()
                    send = self._outbox.get(send_id)
                    left = deadline - asyncio.get_running_loop().time()
                    if send.state.is_settled(goal) or left <= 0 or self._closing or self._is_held_up(send, left):
                        return send
                    await listener.wait(left)
        finally:
            if bells.is_idle:
                self._watched.pop(send_id, None)

    def _is_held_up(self, send: Send, seconds: float) -> bool:
        """Return whether a message waits for a time that does not come within *seconds*."""
        if send.state is not SendState.QUEUED or send.not_before is None:
            return False
        return send.not_before > self._clock.now() + timedelta(seconds=seconds)

    async def cancel(self, send_id: str) -> Send:
        """Take a queued message back."""
        send = await asyncio.to_thread(self._outbox.cancel, send_id)
        self.changed(send)
        return send

    async def arrived(self, send_id: str, who: str) -> Send:
        """Write down that a message arrived of which nobody knew: *who* says so."""
        send = await asyncio.to_thread(self._outbox.arrived, send_id, who)
        self.changed(send)
        return send

    async def again(self, send_id: str, who: str) -> Send:
        """Queue what failed, or what nobody knows of, as a new message: *who* says so."""
        old, new = await asyncio.to_thread(self._outbox.again, send_id, who)
        self.changed(old)
        self.changed(new)
        self.wake(new.account)
        return new

    def wake(self, account: str) -> None:
        """Look at the queue of *account*: something was queued, or it may have connected."""
        if self._closing:
            return
        bell = self._bells.setdefault(account, asyncio.Event())
        bell.set()
        if account not in self._lanes:
            self._lanes[account] = asyncio.create_task(self._lane(account, bell), name=f"sender-{account}")

    def changed(self, send: Send) -> None:
        """Let those go on who waited for a new state, and tell it behind them."""
        if send.id in self._watched:
            self._watched[send.id].ring()
        asyncio.get_running_loop().call_soon(self._tell, send)

    def anew(self, send: Send) -> None:
        """Go on with a message that somebody else put into the outbox, or took out of it."""
        self.changed(send)
        self.wake(send.account)

    async def close(self) -> None:
        """Claim nothing more and give calls in flight a moment; what is cut off then is unknown at the next start."""
        self._closing = True
        for bells in self._watched.values():
            bells.ring()
        for bell in self._bells.values():
            bell.set()
        lanes = [*self._lanes.values(), *self._tasks]
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=self._settings.stop_timeout)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.to_thread(self._outbox.flush)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run *work* whether or not somebody still waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _put(self, account: str, to: str, content: Said, key: str | None, terms: Terms) -> Send:
        """Queue a message; where nothing is before it and the account is connected, hand it over at once."""
        turn = self._turns.setdefault(account, asyncio.Lock())
        if turn.locked() or self._closing or not self._is_connected(account):
            send, task = await asyncio.to_thread(self._outbox.add, account, to, content, key, terms), None
        else:
            # One flush, on the loop: a thread for it would cost as much again as the flush does, and whoever
            # asked may go away while one waits for it, with the row claimed and nobody to deliver it.
            send, task = self._outbox.begin(account, to, content, key, terms)
        if task is None:
            self.wake(account)
        else:
            await turn.acquire()  # it is free, so this does not wait
            self._spawn(self._deliver_now(account, task, turn))
            await asyncio.sleep(0)  # the call goes out first, then the news of it
        if send.state in _JUST_QUEUED:
            self._tell(send)
        return send

    async def _deliver_now(self, account: str, task: Task, turn: asyncio.Lock) -> None:
        """Deliver a message whose turn it is, and let those go on that came meanwhile."""
        try:
            state = await self._deliver(account, task)
        except WakitError:
            log.exception("how a send ended could not be written down")
            return
        finally:
            turn.release()
        if state is SendState.QUEUED:
            asyncio.get_running_loop().call_later(_GIVEN_BACK, self.wake, account)
        else:
            self.wake(account)

    async def _lane(self, account: str, bell: asyncio.Event) -> None:
        while not self._closing:
            await bell.wait()
            bell.clear()
            try:
                async with self._turns.setdefault(account, asyncio.Lock()):
                    await self._hand_out(account, bell)
            except WakitError:  # the outbox itself: full disk, damaged file
                log.exception("the queue of an account is stuck until its next message or connection")

    async def _hand_out(self, account: str, bell: asyncio.Event) -> None:
        while not self._closing and self._is_connected(account):
            turn = await asyncio.to_thread(self._outbox.claim, account)
            for send in turn.changed:
                self.changed(send)
            if turn.task is None:
                self._wake_at(account, turn.again_at)
                return
            if await self._deliver(account, turn.task) is SendState.QUEUED:
                asyncio.get_running_loop().call_later(_GIVEN_BACK, bell.set)
                return

    def _wake_at(self, account: str, time: datetime | None) -> None:
        """Look at the queue of *account* at *time*, instead of whenever that was to be."""
        if account in self._alarms:
            self._alarms.pop(account).cancel()
        if time is not None:
            seconds = min(max((time - self._clock.now()).total_seconds(), 0.0), _LONGEST_SLEEP)
            self._alarms[account] = asyncio.get_running_loop().call_later(seconds, self.wake, account)

    def _is_connected(self, account: str) -> bool:
        with contextlib.suppress(WakitError):
            return self._registry.get(account).status.state is SessionState.CONNECTED
        return False

    async def _deliver(self, account: str, task: Task) -> SendState:
        state, message_id, error = await self._handed_over(account, task)
        self.changed(self._outbox.settle(task.send.id, state, message_id, error))  # no flush: no thread needed
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_later(_FLUSH_SOON, self._spawn_flush)
        return state

    def _spawn_flush(self) -> None:
        self._flushing = False
        self._spawn(self._flush())

    async def _flush(self) -> None:
        try:
            await asyncio.to_thread(self._outbox.flush)
        except WakitError:
            log.exception("outcomes of sends may not survive a power cut")

    async def _handed_over(self, account: str, task: Task) -> tuple[SendState, str | None, str | None]:
        to, content = task.send.to, task.content
        try:
            about = await self._earlier.find(account, to, content)
            session, preview = self._registry.get(account), None
            if isinstance(content, File):
                preview = await asyncio.to_thread(self._spool.preview, content)
                await session.upload(content)
            sent = await session.send(JID.parse(to), content, about, preview, send_id=task.send.id)
        except _NOT_HANDED_OVER:
            return SendState.QUEUED, None, None
        except _CUT_OFF as exc:
            return SendState.UNKNOWN, None, exc.message
        except RateLimited as exc:
            await self._limited(account, exc)
            return SendState.FAILED, None, exc.message
        except WakitError as exc:
            return SendState.FAILED, None, exc.message
        return SendState.SENT, sent.message_id, None
