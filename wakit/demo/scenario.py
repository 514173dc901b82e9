"""
The scenario that ``wakit demo --check`` plays: from an empty folder to a logged-out account.

Each step does one thing a person would do, waits with a bound for what they
would see, and returns the fact that proves it. Nothing is mocked: the host, its
worker with the real library, the database and the notebooks are those of every
workspace.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import httpx
import psutil

from wakit import autostart
from wakit.client import Client, connect
from wakit.client.tally import Tally
from wakit.demo.listener import Listener
from wakit.demo.notebook import NotebookRun, begin_notebook
from wakit.demo.stage import Stage
from wakit.emulator.phone import Group, Phone
from wakit.errors import InteractionRequired, UnknownAccount, WakitError
from wakit.ids import DEFAULT_ACCOUNT, phone_number
from wakit.model import Send, SendState, SessionState, SessionStatus
from wakit.qr_image import png
from wakit.runs.runner import Finished, run
from wakit.sentences import DONE

T = TypeVar("T")

ACCOUNT = DEFAULT_ACCOUNT
CUSTOMER = ("+57 300 987 6543", "María Fernanda Rojas")
NEIGHBOUR = ("+57 311 222 3344", "Jorge Iván Peña")
LOGIN_NOTEBOOK, NOTIFY_NOTEBOOK = "01_login.ipynb", "05_notify.ipynb"
#: Two who agreed, one of them in another spelling once more, one who did not agree, and no number.
LIST = """telefono,nombre
+57 300 987 6543,María
+57 311 222 3344,Jorge
+57-300-987-6543,Ma. Fernanda
+57 315 555 6677,Luisa
12,X
"""
NOTIFICATION = "Hola {{ nombre }}, su pedido está listo."
CAMPAIGN = "demo-pedidos"
#: What the phone tells of the time before: chats, and messages in each.
HISTORY = (40, 500)
#: Longest wait of one step; most take less than a second, restarts some more on a busy machine.
PATIENCE = 30.0
_POLL = 0.05


class Scenario:
    """A phone's owner, a customer and an analyst, and what they do one after the other."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._owner: Phone = stage.shop.phone
        self._customer: Phone = stage.network.phone(CUSTOMER[0], name=CUSTOMER[1])
        self._neighbour: Phone = stage.network.phone(NEIGHBOUR[0], name=NEIGHBOUR[1])
        self._client: Client
        self._heard: Listener
        self._picture = b""
        self._notebook: Future[NotebookRun]

    def make_workspace(self) -> str:
        """The folders are private and the notebooks are there."""
        notebooks = [placed.path for placed in self._stage.placed if placed.path.suffix == ".ipynb"]
        _expect(LOGIN_NOTEBOOK in {path.name for path in notebooks}, f"{LOGIN_NOTEBOOK} is not among the notebooks")
        return f"{len(notebooks)} .ipynb, auth_sessions/ 0700"

    def start_host(self) -> str:
        """One client starts the host, the others find it."""
        self._notebook = begin_notebook(self._stage, LOGIN_NOTEBOOK)
        self._client = connect(self._stage.workspace)
        before = time.perf_counter()
        with connect(self._stage.workspace) as second:
            warm = (time.perf_counter() - before) * 1000
            _expect(second.host_info.pid == self._client.host_info.pid, "a second host was started")
        return f"pid {self._client.host_info.pid}, {warm:.0f} ms"

    def refuse_to_prompt(self) -> str:
        """The login notebook does not wait for a person where there is none."""
        ended = self._notebook.result()
        _expect(ended.error == InteractionRequired.__name__, f"the notebook ended with {ended.error}")
        return InteractionRequired.__name__

    def show_code(self) -> str:
        """The account asks to be linked and shows a QR."""
        self._client.connect_account(ACCOUNT, network=self._stage.network.descriptor)
        status = self._settled(SessionState.QR)
        self._picture = png(status.qr or "")
        return f"PNG {len(self._picture)} B"

    def scan(self) -> str:
        """The phone reads the picture, and the account is connected."""
        self._owner.scan(self._picture)
        self._settled(SessionState.CONNECTED)
        status = until(self._named, "the account's name from the phone")
        _expect(status.phone == self._owner.number.e164, f"another phone is linked: {status.phone}")
        self._heard = Listener(self._client, ACCOUNT)
        return f"{phone_number(status.phone or '').pretty} · {status.push_name}"

    def remember(self) -> str:
        """The phone tells its history: every message of it is in the database, and the status says so."""
        chats, messages = HISTORY
        self._owner.wait_ready(self._owner.devices[-1])
        before = time.perf_counter()
        told = self._owner.push_history(chats, messages_per_chat=messages)
        until(lambda: self._client.status(ACCOUNT).history_percent == DONE, "the end of the history")
        rate = told / (time.perf_counter() - before)
        query = "SELECT count(*) AS n FROM messages WHERE account = ? AND source = 'history'"
        stored = int(self._client.sql(query, [ACCOUNT])["n"][0])
        _expect(stored == told, f"{stored} of {told} messages of the history are stored")
        return f"{told} messages, {rate:.0f}/s from the phone on"

    def receive(self) -> str:
        """A customer writes: it is on the event stream, then in the database."""
        text = "Hola, ¿tienen café molido?"
        before = time.perf_counter()
        self._customer.send(self._owner, text)
        until(lambda: text in self._heard.texts, "the customer's message on the event stream")
        seconds = time.perf_counter() - before
        self._stored(text)
        return f"stream {seconds * 1000:.0f} ms, DuckDB"

    def answer(self) -> str:
        """The answer is sent, delivered, and read by the customer's phone."""
        text = "¡Hola! Sí, a $18.000 la libra."
        send = self._client.send(self._customer.number.e164, text, account=ACCOUNT, wait=PATIENCE)
        _expect(send.state in {SendState.SENT, SendState.DELIVERED}, f"the answer is {send.state}: {send.error}")
        self._customer.mark_read(self._customer.wait_for(text=text, timeout=PATIENCE))
        states = [send.state, self._reached(send, SendState.READ)]
        return " → ".join(states)

    def live_a_day(self) -> str:
        """The shop's day arrives: every text that customers wrote is stored once."""
        said = {one.id for one in self._stage.shop.live_a_day()}
        until(lambda: said <= set(self._ids()), "the shop's day in the database")
        twice = len(self._ids()) - len(set(self._ids()))
        _expect(twice == 0, f"{twice} messages are stored twice")
        return f"{len(said)} messages and changes to them"

    def meet_in_a_group(self) -> str:
        """A group's message is stored under the group's name."""
        subject, text = "Edificio Torres", "¿Pedimos entre todos el domicilio de hoy?"
        group: Group = self._customer.create_group(subject, [self._owner])
        self._customer.send(group, text)
        self._stored(text)
        return f"{subject}: 1"

    def restart_host(self) -> str:
        """The host ends and comes back; what was written meanwhile arrives."""
        autostart.stop(self._stage.workspace)
        text = "¿Siguen abiertos?"
        self._customer.send(self._owner, text)
        self._settled(SessionState.CONNECTED)
        self._stored(text)
        return f"pid {self._client.host_info.pid}, +1 message"

    def kill_worker(self) -> str:
        """The worker is killed: it comes back, and the interval is on record, once."""
        worker = self._worker()
        worker.kill()
        until(lambda: self._worker_if_any() not in {None, worker}, "a new worker")
        self._settled(SessionState.CONNECTED)
        text = "Gracias, paso a las 5"
        self._customer.send(self._owner, text)
        self._stored(text)
        gaps = self._gaps("killed")
        _expect(gaps == 1, f"{gaps} gap records for one kill")
        return f"SIGKILL {worker.pid}, 1 gap"

    def cover(self) -> str:
        """What is known of which time: the past in part, all since the scan, but for the times in which nobody listened."""
        found = self._client.coverage(ACCOUNT)
        states = list(found["state"])
        _expect((states[0], states[1], states[-1]) == ("partial", "complete", "complete"), f"coverage is {states}")
        away = [state for state in states[1:] if state != "complete"]
        return f"{found['sources'][0]} from {found['since'][0]:%Y-%m-%d}, then live, {len(away)} outages"

    def plan_notification(self) -> str:
        """The notebook reads a list of people and says who gets the message; the host holds it to that."""
        self._notebook = begin_notebook(self._stage, LOGIN_NOTEBOOK)
        self._neighbour.send(self._owner, "¿Me avisan cuando esté mi pedido?")
        self._stored("¿Me avisan cuando esté mi pedido?")
        for number, _ in (CUSTOMER, NEIGHBOUR):
            self._client.opt_in(number, "transactional", text="Sí, avísenme por aquí", account=ACCOUNT)
        told = self._run_notification(send=False).run.result
        _expect((told["recipients"], told["excluded"]) == (2, 3), f"the plan is {told}")
        queued = [send.id for send in self._client.sends() if send.campaign is not None]
        _expect(not queued, f"{len(queued)} messages of a dry run are queued")
        return f"{told['recipients']} recipients, {told['excluded']} excluded, sent {told['sent']}"

    def notify(self) -> str:
        """With ``--send`` it leaves, is delivered and read; the same run a second time does nothing."""
        self._run_notification(send=True)
        for phone, name in ((self._customer, "María"), (self._neighbour, "Jorge")):
            phone.mark_read(phone.wait_for(text=f"Hola {name}, su pedido está listo.", timeout=PATIENCE))
        _expect(self._run_notification(send=True).was_done, "a run under the same key was run again")
        tally = until(self._all_read, "the notification to be read by both")
        return f"sent {tally.sent}, excluded {tally.excluded}, delivered {tally.delivered}, read {tally.read}"

    def ask_over_rest(self) -> str:
        """The endpoint of a dashboard says the same."""
        way = httpx.HTTPTransport(uds=self._client.host_info.socket)
        with httpx.Client(transport=way, trust_env=False) as http:
            said = http.get("http://wakit/api/whatsapp/status", params={"account": ACCOUNT}).json()
        _expect(said["isConnected"] is True, f"/api/whatsapp/status says {said['status']}")
        return f"/api/whatsapp/status {said['status']}"

    def run_connected(self) -> str:
        """The same notebook runs to its end once the account is connected."""
        ended = self._notebook.result()
        _expect(ended.error is None, f"the notebook ended with {ended.error}")
        return f"{ended.cells} cells"

    def log_out(self) -> str:
        """Logging out unlinks on the phone and removes the session, not the messages."""
        before = self._count()
        self._client.logout(ACCOUNT)
        until(lambda: not self._owner.devices, "the phone to forget the device")
        _expect(not self._stage.workspace.account_dir(ACCOUNT).exists(), "the session is still there")
        _expect(self._count() == before, "messages went with the session")
        return f"{before} messages kept"

    def _run_notification(self, *, send: bool) -> Finished:
        root = self._stage.workspace.root
        (root / "clientes.csv").write_text(LIST, "utf-8")
        values = {"audience": "../clientes.csv", "template": NOTIFICATION, "campaign": CAMPAIGN, "wait": PATIENCE}
        notebook = root / "notebooks" / NOTIFY_NOTEBOOK
        return run(notebook, values, send=send, account=ACCOUNT, progress=False, workspace=self._stage.workspace)

    def _all_read(self) -> Tally | None:
        tally = Tally.of(self._client.campaign_results(CAMPAIGN))
        return tally if tally.read == tally.recipients else None

    def _settled(self, state: SessionState) -> SessionStatus:
        return until(lambda: self._status_if(state), f"the state {state}")

    def _status_if(self, state: SessionState) -> SessionStatus | None:
        try:
            status = self._client.status(ACCOUNT)
        except UnknownAccount:
            return None
        dead_end = status.state.is_final and status.state is not SessionState.STOPPED
        _expect(not dead_end, f"the session is {status.state}: {status.reason}")
        return status if status.state is state else None

    def _named(self) -> SessionStatus | None:
        status = self._client.status(ACCOUNT)
        return status if status.push_name else None

    def _stored(self, text: str) -> None:
        query = "SELECT count(*) AS n FROM messages WHERE account = ? AND text = ?"
        until(lambda: int(self._client.sql(query, [ACCOUNT, text])["n"][0]) == 1, f"{text!r} in the database, once")

    def _count(self) -> int:
        return int(self._client.sql("SELECT count(*) AS n FROM messages WHERE account = ?", [ACCOUNT])["n"][0])

    def _ids(self) -> list[str]:
        query = "SELECT message_id FROM messages WHERE account = ? UNION ALL SELECT message_id FROM changes WHERE account = ?"
        return [str(found) for found in self._client.sql(query, [ACCOUNT, ACCOUNT])["message_id"]]

    def _gaps(self, cause: str) -> int:
        query = "SELECT count(*) AS n FROM gaps WHERE account = ? AND cause = ?"
        return until(lambda: int(self._client.sql(query, [ACCOUNT, cause])["n"][0]), "the gap record")

    def _reached(self, send: Send, state: SendState) -> SendState:
        return until(lambda: state if self._client.sent(send.id).state is state else None, f"the send to be {state}")

    def _worker(self) -> psutil.Process:
        return until(self._worker_if_any, "the worker process")

    def _worker_if_any(self) -> psutil.Process | None:
        try:
            children = psutil.Process(self._client.host_info.pid).children()
            return next((child for child in children if "wakit.session.worker" in child.cmdline()), None)
        except psutil.NoSuchProcess:  # one of them ended while we looked, zombies included
            return None


def until(look: Callable[[], T | None], what: str) -> T:
    """
    Return what *look* finds, looking again and again.

    Raises:
        WakitError: It found nothing for ``PATIENCE`` seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(_POLL)
    msg = f"Waited {PATIENCE:g} s in vain for {what}."
    raise WakitError(msg)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WakitError(f"Expected something else: {otherwise}.")
