"""
The session of one account, as the host holds it: started and stopped, linked and unlinked, asked to send.

Everything that happens inside is the machine's; here is what people ask for,
what they get, and what they are told when it cannot be done.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import LinkingFailed, MediaFailed, SendUnknown, WakitError
from wakit.ids import JID, Phone, account_id
from wakit.model import Message, SessionState, SessionStatus, utc
from wakit.network import NetworkDescriptor
from wakit.outgoing import File, Said
from wakit.paths import Workspace
from wakit.session.building import About
from wakit.session.directory import Directory
from wakit.session.machine import Machine, Surroundings
from wakit.session.outcomes import already_linked, not_connected, not_linked, not_unlinked, refusal
from wakit.session.signals import CodeShown, Exited, SpaceGone, Unlinked, Unwanted, Wanted
from wakit.session.states import Limits


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What WhatsApp said to a message that it took."""

    message_id: str
    ts: datetime


class Session:
    """
    The WhatsApp session of one account.

    Args:
        network: Descriptor of the emulated network to link on; a linked account stays on its own.
        on_status: Told each change, with codes; called on the event loop.
        on_journal: Told account and number of each new row; called on the event loop.
        limits: How long the state machine waits, where not as *settings* say.
        log_key: Key of the hashes that stand for addresses in the worker's log.
        store_has_room: Whether the store can be written; a session that was told to ``pause_for_space`` goes on when it says so.

    Raises:
        InvalidAccountId: Before anything is created.
        CorruptFile: ``account.json`` or the journal cannot be read.
    """

    def __init__(
        self,
        workspace: Workspace,
        account: str,
        *,
        network: NetworkDescriptor | None,
        settings: Settings,
        clock: Clock,
        on_status: Callable[[SessionStatus], None],
        on_journal: Callable[[str, int], None],
        limits: Limits | None = None,
        log_key: bytes = b"",
        store_has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self.account = account_id(account)
        around = Surroundings(
            workspace=workspace,
            settings=settings,
            clock=clock,
            on_status=on_status,
            on_journal=on_journal,
            limits=limits or Limits(start=settings.start_timeout, scan=settings.scan_timeout, deaf=settings.deaf_after),
            log_key=log_key,
            store_has_room=store_has_room,
        )
        self._workspace = workspace
        self._settings = settings
        self._clock = clock
        self._network = network
        self._machine = Machine(account, around)
        #: Groups and people, as WhatsApp knows them.
        self.directory = Directory(account, self._call)

    # What people ask

    @property
    def status(self) -> SessionStatus:
        """How the session stands now, with codes while they are valid; for clients only, never for logs."""
        return self._machine.status

    @property
    def is_linked(self) -> bool:
        """Whether a phone lists this account's companion."""
        return self._machine.file.is_linked

    @property
    def pid(self) -> int | None:
        """The process id of the worker, while there is one."""
        return self._machine.keeper.pid

    def use_network(self, network: NetworkDescriptor | None) -> None:
        """
        Say on which network the next start happens.

        Raises:
            ForeignNetwork: The account is linked on another one.
        """
        self._machine.file.on(network)
        self._network = network

    async def start(self) -> None:
        """
        Run the session: resume the linked one, or show a QR. Does nothing where it runs already.

        Raises:
            ForeignNetwork: The account is linked on another network; nothing was started.
            NetworkDescriptorError: Its network's descriptor is gone.
            ForeignSession: The session file holds another device.
            CorruptFile: The journal is damaged.
            StorageFull: The disk is full; it goes on by itself when there is room.
            WorkspaceError: The workspace cannot be used.
        """
        if self.status.state.is_final:
            await self._run()

    async def resume(self) -> None:
        """Start a linked session, unless its last run ended in a way that only a person may undo."""
        status = self.status
        if not self.is_linked or status.state is SessionState.REPLACED:
            return
        if status.state is SessionState.BANNED and (status.banned_until is None or status.banned_until > self._clock.now()):
            return
        await self.start()

    def pause_for_space(self) -> None:
        """End the worker of a running session until there is room: what it took in could not be stored."""
        if self._machine.is_open:
            self._machine.handle(SpaceGone())

    async def stop(self) -> None:
        """End the worker within ``stop_timeout`` and a second, and close what is open; the session stays linked."""
        if self._machine.is_open:
            self._machine.handle(Unwanted())
        await self._machine.close()

    async def logout(self, *, force: bool = False) -> None:
        """
        Unlink this companion on the phone and remove its files; messages stay.

        With *force* the files go even if WhatsApp cannot be reached. The phone
        then lists the device until somebody removes it there.

        Raises:
            NotConnected: WhatsApp could not be reached; everything was left as it is.
        """
        if self.is_linked:
            try:
                await self._unlink()
            except WakitError as exc:
                if not force:
                    raise not_unlinked(self.account, exc) from exc
        if self._machine.is_open:
            self._machine.handle(Unlinked())
        await self._machine.close()
        self._machine.files.remove_all()

    async def new_code(self) -> None:
        """
        Start linking anew with a fresh QR.

        Raises:
            LinkingFailed: The account is linked.
        """
        self._refuse_linked()
        await self._run()

    async def pair_phone(self, phone: Phone) -> None:
        """
        Ask for a pairing code for this number; it is in the status when this returns.

        Raises:
            LinkingFailed: The account is linked, or WhatsApp gave no code.
            RateLimited: WhatsApp gives no more codes for now.
        """
        self._refuse_linked()
        if self.status.state is not SessionState.QR:
            if self.status.state is not SessionState.STARTING:
                await self._run()
            await self._machine.until(SessionState.QR)
        status, run = self.status, self._machine.keeper.run
        if status.state is not SessionState.QR:
            msg = f"No code could be asked for ({status.reason or status.state}). Try again."
            raise LinkingFailed(msg)
        code = await self._machine.keeper.call("pair_phone", self._settings.call_timeout, digits=phone.digits)
        if run is self._machine.keeper.run:
            self._machine.handle(CodeShown(code))

    async def retry_now(self) -> None:
        """Reconnect without waiting for the pause to end; does nothing while connected."""
        if self.status.state is not SessionState.CONNECTED:
            await self._run()

    async def take_over(self) -> None:
        """Use the session here again after another program took it; that one is disconnected."""
        await self.retry_now()

    # Calls

    async def upload(self, content: File) -> None:
        """
        Upload the file of a message, so that it can be sent; once for all who get it.

        Raises:
            MediaFailed: It did not go up. Nothing was sent.
            NotConnected: Nothing was done.
        """
        within = self._settings.media_timeout
        try:
            await self._call("upload", within, sha256=content.sha256, kind=content.kind)
        except SendUnknown as exc:  # what a call that nobody can stop ends in
            msg = f"The file did not go up within {within:g} s. Try again, or raise WAKIT_MEDIA_TIMEOUT."
            raise MediaFailed(msg, reason="no answer in time") from exc

    async def send(
        self,
        to: JID,
        content: Said,
        about: Message | None = None,
        preview: dict[str, Any] | None = None,
        send_id: str | None = None,
    ) -> Sent:
        """
        Send a message.

        Args:
            to: The person or group.
            content: What to say.
            about: The earlier message that it answers or changes.
            preview: Width, height and a small JPEG (base64) of a picture.
            send_id: Of the outbox; the journal tells it beside the message's own id, whoever hears the answer.

        Raises:
            NotConnected: It was not sent; so do ``NotLinked``, ``NotOnWhatsApp``, ``RateLimited`` and ``SendFailed`` say.
            SendUnknown: Nobody can tell whether it was sent.
        """
        earlier = about and About.of(about).to_json()
        answer = await self._call("send", to=str(to), content=content.to_json(), about=earlier, preview=preview, send=send_id)
        return Sent(message_id=answer["message_id"], ts=utc(answer["ts"]))

    async def mark_read(self, chat: JID, sender: JID, ids: Sequence[str]) -> None:
        """Tell the sender that these messages were read."""
        await self._call("mark_read", chat=str(chat), sender=str(sender), ids=list(ids))

    async def download(self, reference: bytes, limit: int) -> tuple[str, int]:
        """
        Fetch the file of a message and keep it; return its hash and its size.

        Raises:
            MediaFailed: It was not kept; ``data["status"]`` is there where trying again is of no use.
            NotConnected, WorkerGone, StorageFull: Try again later.
        """
        within = self._settings.media_timeout
        try:
            answer = await self._call("download", within, reference=base64.b64encode(reference).decode(), limit=limit)
        except SendUnknown as exc:  # what a call that nobody can stop ends in
            why = exc.data["reason"]
            msg = f"The file did not come ({why}). Try again; WAKIT_MEDIA_TIMEOUT says how long one may take."
            raise MediaFailed(msg, reason=why) from exc
        return answer["sha256"], answer["size"]

    async def typing(self, chat: JID, on: bool) -> None:
        """Show or end "typing…" in a chat."""
        await self._call("typing", chat=str(chat), on=on)

    async def _call(self, name: str, /, within: float | None = None, **args: Any) -> Any:
        state = self.status.state
        if not self.is_linked:
            raise not_linked(self.account)
        if state is not SessionState.CONNECTED:
            raise not_connected(self.account, state)
        answer = await self._machine.keeper.call(name, within or self._settings.call_timeout, **args)
        self._machine.heard()
        return answer

    async def _run(self) -> None:
        """Start a worker; returns when it is ready, or raises what keeps it from being so."""
        file = self._machine.file.on(self._network)
        self._machine.open(file, file.open_network())
        outcome = await self._machine.set_up(Wanted())
        problem = refusal(outcome, self.account, self._workspace) if isinstance(outcome, Exited) else None
        if problem is not None:
            raise problem

    def _refuse_linked(self) -> None:
        if self.is_linked:
            raise already_linked(self.account, self._machine.file.phone)

    async def _unlink(self) -> None:
        if self.status.state is not SessionState.CONNECTED:
            await self.retry_now()
            await self._machine.until(SessionState.CONNECTED)
        await self._call("logout")
