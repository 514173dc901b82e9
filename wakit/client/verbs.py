"""Everything that a client can ask of the host, each verb written once; see ``verb`` for how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wakit.client.ask import Ask, get, nothing, patient, post, record, records
from wakit.client.campaigns import CampaignVerbs
from wakit.client.consents import ConsentVerbs
from wakit.client.follow import Stream
from wakit.client.pacing import PacingVerbs
from wakit.client.people import PeopleVerbs
from wakit.client.programs import ProgramVerbs
from wakit.client.runs import RunVerbs
from wakit.client.schedules import ScheduleVerbs
from wakit.client.sending import SendingVerbs
from wakit.client.stored import StoredVerbs
from wakit.client.verb import stream, verb
from wakit.config import settings
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.model import Event, EventKind, SessionStatus


class Verbs(
    SendingVerbs, PeopleVerbs, StoredVerbs, ProgramVerbs, RunVerbs, ScheduleVerbs, ConsentVerbs, CampaignVerbs, PacingVerbs
):
    """The verbs of both clients; here those about accounts and about the host."""

    @verb
    def status(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """
        Return how the session of *account* is right now.

        Raises:
            UnknownAccount: It was never linked in this workspace.
        """
        return get(_session(account), record(SessionStatus))

    @verb
    def sessions(self) -> Ask[list[SessionStatus]]:
        """Return how all sessions of the workspace are right now."""
        return get("/api/sessions", records(SessionStatus))

    @stream
    def watch(self, account: str = DEFAULT_ACCOUNT) -> Stream[SessionStatus]:
        """Yield how the session of *account* is, now and at each change; an account may still be to come."""
        return Stream(path=_session(account, "watch"), reads=SessionStatus.from_json)

    @verb
    def connect_account(
        self, account: str = DEFAULT_ACCOUNT, *, network: Path | str | None = None, phone: str | None = None
    ) -> Ask[SessionStatus]:
        """
        Connect *account*, and start to link it if it never was; ``watch`` tells how it goes on.

        Args:
            account: Any name of ``a-z 0-9 _ -``.
            network: Descriptor of an emulated network; without one
                ``WAKIT_NETWORK`` decides, and without that WhatsApp itself.
            phone: Link with a code that is typed on this phone instead of a QR.
        """
        descriptor = network or settings().network
        body = {
            "network": str(Path(descriptor).absolute()) if descriptor else None,
            "phone": phone,
            "country": settings().country,
        }
        return post(_session(account, "connect"), record(SessionStatus), body, timeout=patient())

    @verb
    def pair(self, account: str, phone: str, *, network: Path | str | None = None) -> Ask[SessionStatus]:
        """Link *account* with a code that is typed on *phone*; the status has the code."""
        body = {"network": _descriptor(network), "phone": phone, "country": settings().country}
        return post(_session(account, "pair"), record(SessionStatus), body, timeout=patient())

    @verb
    def new_code(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Ask for a new QR after the last one ran out."""
        return post(_session(account, "new-code"), record(SessionStatus), timeout=patient())

    @verb
    def retry(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Reconnect now instead of at the end of the pause."""
        return post(_session(account, "retry"), record(SessionStatus), timeout=patient())

    @verb
    def take_over(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Take the session back from the other program that uses it."""
        return post(_session(account, "take-over"), record(SessionStatus), timeout=patient())

    @verb
    def stop_account(self, account: str = DEFAULT_ACCOUNT) -> Ask[SessionStatus]:
        """Go offline and stay linked."""
        return post(_session(account, "stop"), record(SessionStatus), timeout=patient())

    @verb
    def logout(self, account: str = DEFAULT_ACCOUNT, *, force: bool = False) -> Ask[None]:
        """
        Unlink the device on the phone and remove the session; stored messages stay.

        Args:
            account: Which one.
            force: Do it here even if WhatsApp cannot be reached; the phone then
                lists the device until somebody removes it there.

        Raises:
            NotConnected: WhatsApp could not be reached; everything was left as it is.
        """
        return post(_session(account, "logout"), nothing, {"force": force}, timeout=patient())

    @stream
    def events(
        self, after: str | None = None, *, account: str | None = None, kinds: Sequence[EventKind | str] = ()
    ) -> Stream[Event]:
        """
        Yield what happens, live, and go on by itself where the host is restarted.

        Args:
            after: Id of the last event that was seen, ``"0"`` for everything
                from the beginning, unset for what happens from now on.
            account: Only this one.
            kinds: Only these.
        """
        chosen = ",".join(str(EventKind(kind)) for kind in kinds) or None
        return Stream(path="/api/events", reads=Event.from_json, params={"after": after, "account": account, "kinds": chosen})

    @verb
    def stop_host(self) -> Ask[None]:
        """Ask the host to end; its accounts go offline and stay linked."""
        return post("/api/host/stop", nothing)


def _session(account: str, action: str = "") -> str:
    return f"/api/sessions/{account_id(account)}{f'/{action}' if action else ''}"


def _descriptor(network: Path | str | None) -> str | None:
    """Return the descriptor's path as the host can open it, whatever its working directory."""
    chosen = network or settings().network
    return str(Path(chosen).expanduser().absolute()) if chosen else None
