"""
A campaign whose host, worker and run are killed again and again: SIGKILL at random moments, then what its recipients got.

Half of the kills wait for a message to reach a phone and strike within the next
milliseconds, where its answer is on the way, is journaled, or is written down; a kill at
any other moment would seldom meet a send. All chance comes from one seed.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from hosts import until
from network.shop import Shop, open_shop

from wakit.client import Client, connect
from wakit.emulator.phone import Phone
from wakit.errors import WakitError
from wakit.hostfile import life_holder
from wakit.model import Send, SendState, SessionState

#: Seconds for the campaign to end once nobody is killed any more.
PATIENCE = 120.0
#: A message for each recipient leaves a moment after the one before it, so that all kills meet the campaign.
SETTINGS = {
    "WAKIT_PACING_PER_HOUR": "100000",
    "WAKIT_PACING_PER_DAY": "100000",
    "WAKIT_PACING_BLOCK": "100000",
    "WAKIT_RETRY_FIRST": "0.2",
    "WAKIT_RETRY_LIMIT": "0.5",
}
VICTIMS = ("host", "worker", "run")
_NOTEBOOK = """
import wakit
wa = wakit.connect()
plan = wa.campaign("muertes", audience="audience.csv", template="Hola {{ nombre }}", purpose="marketing").plan()
plan.start(confirm=len(plan)) if len(plan) else None
"""


@dataclass(kw_only=True)
class Outcome:
    """What became of the campaign."""

    #: How often who was killed, and how many of those kills came within milliseconds of an arrival.
    kills: Counter[str]
    #: How often each recipient's phone decrypted the message.
    got: Counter[str]
    sends: list[Send]
    seconds: float

    @property
    def twice(self) -> list[str]:
        return [who for who, times in self.got.items() if times > 1]

    @property
    def unknown(self) -> list[Send]:
        return [send for send in self.sends if send.state is SendState.UNKNOWN]

    @property
    def lost(self) -> list[str]:
        """Who got nothing, though no send to them says that it is unknown."""
        open_ = {send.to for send in self.unknown}
        return [who for who, times in self.got.items() if not times and who not in open_]

    @property
    def mistaken(self) -> list[Send]:
        """Sends that count as gone, and nobody got them."""
        gone = (SendState.SENT, SendState.DELIVERED, SendState.READ)
        return [send for send in self.sends if send.state in gone and not self.got[send.to]]

    @property
    def unexplained(self) -> list[Send]:
        """Undecided ones that do not say why."""
        return [send for send in self.unknown if not send.error]


@dataclass
class Killing:
    """One campaign, and what happens to it."""

    shop: Shop
    people: dict[str, Phone]
    luck: random.Random
    #: Seconds that the whole campaign may take from the last kill on.
    patience: float
    kills: Counter[str] = field(default_factory=Counter)
    _run: subprocess.Popen[bytes] | None = None
    _runs: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def arrived(self) -> int:
        return sum(len(phone.inbox) for phone in self.people.values())

    def strike(self, victim: str) -> None:
        """Kill *victim* at a random moment; where it ended by itself meanwhile, the next one."""
        while not self._struck(victim):
            pass
        self._keep_running()

    def _struck(self, victim: str) -> bool:
        until(lambda: self._is_there(victim), PATIENCE)
        time.sleep(self.luck.uniform(0.0, 0.4))
        if victim != "run" and self.luck.random() < 0.5:
            before, end = self.arrived, time.monotonic() + 3.0
            while self.arrived == before and time.monotonic() < end:
                time.sleep(0.0005)
            time.sleep(self.luck.uniform(0.0, 0.008))
        pid = self._pid(victim)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.kills[victim] += 1
        return True

    def _is_there(self, victim: str) -> bool:
        """Return whether there is somebody to kill; whoever is not there is started, the host as by any client."""
        self._keep_running()
        if self._pid("host") is None:
            with contextlib.suppress(WakitError):
                connect(self.shop.hosted.workspace).close()
        return self._pid(victim) is not None

    def finish(self) -> Outcome:
        """Let the campaign end and return what came of it."""
        self._finish_run()
        with contextlib.closing(self._client()) as client:
            self._until_settled(client)
            sends = [send for send in client.sends(limit=1000) if send.campaign is not None]
        got = Counter(
            {str(phone.jid): len([one for one in phone.inbox if one.text == text]) for text, phone in self.people.items()}
        )
        return Outcome(kills=self.kills, got=got, sends=sends, seconds=time.monotonic() - self.started)

    def end(self) -> None:
        """End the run that is under way, if one is."""
        if self._run is not None:
            self._run.kill()
            self._run.wait(30)

    def _until_settled(self, client: Client) -> None:
        """Wait until nothing is on its way, and all that phones confirmed is known."""

        def is_settled() -> bool:
            sends = [send for send in client.sends(limit=1000) if send.campaign is not None]
            open_ = {SendState.QUEUED, SendState.SENDING}
            return len(sends) >= len(self.people) and not any(send.state in open_ for send in sends)

        until(is_settled, self.patience)
        with contextlib.suppress(AssertionError):  # a receipt that died with a worker never comes
            until(lambda: not [one for one in client.sends(states=["unknown"]) if self._has(one.to)], 10)

    def _has(self, address: str) -> bool:
        return any(phone.inbox for phone in self.people.values() if str(phone.jid) == address)

    def _client(self) -> Client:
        client = connect(self.shop.hosted.workspace)
        with contextlib.suppress(WakitError):
            for status in client.watch("default"):
                if status.state is SessionState.CONNECTED:
                    break
        return client

    def _pid(self, victim: str) -> int | None:
        if victim == "run":
            return self._run.pid if self._run is not None and self._run.poll() is None else None
        try:
            host = psutil.Process(int(life_holder(self.shop.hosted.workspace)["pid"]))
            if victim == "host":
                return int(host.pid)
            workers = [one.pid for one in host.children() if "wakit.session.worker" in one.cmdline()]
        except (psutil.Error, KeyError, ValueError, OSError):
            return None
        return int(workers[0]) if workers else None

    def _keep_running(self) -> None:
        """Start the run where it was killed or failed, under its key, and one of another slot where it is done."""
        code = None if self._run is None else self._run.poll()
        if self._run is not None and code is None:
            return
        if code in (None, 0):
            self._runs += 1
        workspace = self.shop.hosted.workspace
        notebook = str(workspace.root / "campaign.ipynb")
        argv = [sys.executable, "-m", "wakit.cli", "run", notebook, "--send", "--key", f"slot-{self._runs}"]
        with (workspace.root / "runs.log").open("ab") as log:
            self._run = subprocess.Popen(argv, cwd=workspace.root, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def _finish_run(self) -> None:
        """Let the run of the last slot end well, however often that takes."""
        end = time.monotonic() + PATIENCE
        while self._run is None or self._run.wait(PATIENCE) != 0:
            assert time.monotonic() < end, "the run does not end well"
            self._keep_running()


def killed(folder: Path, *, people: int, kills: int, pause: float, seed: int = 1) -> Outcome:
    """Run a campaign to *people* phones, a message about every *pause* seconds, and kill; return what came of it."""
    luck = random.Random(seed)
    pauses = {"WAKIT_PACING_PAUSE_MIN": f"{pause / 2:g}", "WAKIT_PACING_PAUSE_MAX": f"{pause * 3 / 2:g}"}
    with open_shop(folder, **SETTINGS, **pauses) as shop:
        phones = {f"Hola C{n}": shop.hosted.network.phone(f"+57 320 {5550000 + n}", name=f"C{n}") for n in range(people)}
        _write(shop, phones)
        killing = Killing(shop, phones, luck, PATIENCE + 3 * people * pause)
        try:
            for victim in luck.sample([VICTIMS[n % len(VICTIMS)] for n in range(kills)], kills):
                killing.strike(victim)
            return killing.finish()
        finally:
            killing.end()


def _write(shop: Shop, phones: dict[str, Phone]) -> None:
    """Write the audience, who agreed, and the notebook."""
    root = shop.hosted.workspace.root
    people = [(text.removeprefix("Hola "), f"+{phone.jid.user}") for text, phone in phones.items()]
    (root / "audience.csv").write_text("nombre,telefono\n" + "".join(f"{name},{number}\n" for name, number in people))
    agreed = root / "agreed.csv"
    agreed.write_text("phone,purpose,text\n" + "".join(f"{number},marketing,Sí\n" for _, number in people))
    shop.client.import_consents(agreed)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        nbformat.v4.new_code_cell("run_key = None", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(_NOTEBOOK),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), root / "campaign.ipynb")
