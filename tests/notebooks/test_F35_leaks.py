"""
The leak hunt (F35): what is private stays in the store and the session, whatever a notebook does with it.

Canaries are a customer's number, name and words, the shop's number, a token and every QR of the
linking. They go through a run under papermill that sends, reads, shows widgets and fails; then they are looked for in
all notebooks with their outputs, metadata and widget state, in all logs, in the names of all files,
and in the arguments of every process that lived meanwhile.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from hosts import ending, until
from nbclient import NotebookClient

import wakit
from wakit import widgets
from wakit.emulator import Network
from wakit.ids import phone_number
from wakit.lab import lab_environment
from wakit.model import SessionState
from wakit.paths import Workspace

pytestmark = pytest.mark.network

SHOP, CUSTOMER = phone_number("+57 300 555 0142"), phone_number("+57 310 555 0177")
NAME, ASKED, ANSWERED = "Canaria Quimbaya", "canario-pregunta-5d1f", "canario-respuesta-8c2e"
#: What an analyst does all day, with values that come from the store and from a file that nobody keeps in a notebook.
CELLS = (
    "import os, time, pathlib, traceback, wakit, wakit.errors\nwa = wakit.connect()\nwa.login()",
    "chat = wa.chats().chat[0]\nsent = wa.send(chat, os.environ['ANSWER'])\nsent",
    "sent.wait('delivered', timeout=30)",
    "wa.sessions(), wa.sends(), wa.pending(), next(wa.events('0', kinds=['message']))",
    "token = wa.create_token('crm', ['read'], days=1)\npathlib.Path('token.txt').write_text(token.secret)\ntoken",
    "len(wa.messages()), len(wa.search(os.environ['ANSWER']))",
    "try:\n    wa.edit(chat, '3EB0STALE', os.environ['ANSWER'])\nexcept wakit.errors.UnknownMessage:\n    traceback.print_exc()",
)
#: The widgets, in a run of their own: papermill does not keep their state, nbclient and JupyterLab do.
WIDGETS = (
    "import os, sys, time, wakit, wakit.widgets\nwa = wakit.connect()",
    "for module in [one for one in sys.modules.values() if hasattr(one, 'is_attended')]:\n    module.is_attended = lambda: True",
    "wa.login()",
    "wa.feed()",
    "wa.conversation(wa.chats().chat[0])",
    "wa.inbox(replies=[os.environ['ANSWER']])",
    "wa.send_form(wa.chats().chat[0])",
    "wa.search_box(os.environ['ANSWER'])",
    "wa.status_bar()",
    "offer = wa.campaign('fuga', audience='SELECT phone, name FROM contacts', template=os.environ['ANSWER'] + ' {{ name }}')",
    "wa.campaign_panel(offer)",
    "time.sleep(2)  # they live meanwhile",
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was left of it."""

    workspace: Workspace
    notebook: Path
    #: Has the state of its widgets.
    kept: Path
    secrets: list[str]
    #: Command lines of all processes that were seen.
    commands: set[str]

    def told(self, text: str) -> list[str]:
        """Return the secrets that stand in a text."""
        return [secret for secret in self.secrets if secret in text]


@contextmanager
def watched() -> Iterator[set[str]]:
    """Collect the command lines of all processes, those that end meanwhile too."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen.update(" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def link(client: wakit.Client, network: Network) -> list[str]:
    """Link the shop as a person does, and return each QR that was shown."""
    phone, shown = network.phone(SHOP.e164, name="Café Andino"), []
    client.connect_account("default", network=network.descriptor)
    for status in client.watch("default"):
        if status.qr is not None and status.qr not in shown:
            shown.append(status.qr)
            phone.scan_text(status.qr)
        if status.state is SessionState.CONNECTED:
            return shown
    raise AssertionError


def of(cells: Sequence[str]) -> nbformat.NotebookNode:
    """Return a notebook of code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the notebook once, on the emulated network."""
    folder = tmp_path_factory.mktemp("leaks")
    workspace = Workspace(folder / "shop").create()
    source, result, kept = (workspace.root / f"{name}.ipynb" for name in ("day", "day-done", "widgets"))
    nbformat.write(of(CELLS), source)
    with (
        Network(folder / "network") as network,
        ending(workspace),
        pytest.MonkeyPatch.context() as env,
        watched() as commands,
        wakit.connect(workspace) as client,
    ):
        codes = link(client, network)
        network.phone(CUSTOMER.e164, name=NAME).send(SHOP.e164, ASKED)
        until(lambda: ASKED in set(client.messages()["text"]))
        for name, value in {**lab_environment(workspace, network=network.descriptor), "ANSWER": ANSWERED}.items():
            env.setenv(name, value)
        papermill.execute_notebook(source, result, cwd=workspace.root, kernel_name="python3", progress_bar=False)
        panels = of(WIDGETS)
        NotebookClient(panels, timeout=60, store_widget_state=True).execute(cwd=str(workspace.root))
        nbformat.write(panels, kept)
        until(lambda: ANSWERED in set(client.messages()["text"]))
    token = (workspace.root / "token.txt").read_text("utf-8")
    (workspace.root / "token.txt").unlink()
    people = [SHOP.digits, CUSTOMER.digits, SHOP.digits[2:], CUSTOMER.digits[2:], SHOP.pretty, CUSTOMER.pretty, NAME]
    secrets = [*people, ASKED, ANSWERED, token, *codes, *(code.split(",")[1] for code in codes)]
    return Run(workspace=workspace, notebook=result, kept=kept, secrets=secrets, commands=commands)


def test_F35_the_run_did_what_leaks(run: Run) -> None:
    """Every cell ran, the last one failed, and widgets were kept: there was something to find."""
    notebook = nbformat.read(run.notebook, as_version=4)
    assert "UnknownMessage" in json.dumps(notebook.cells[-1].outputs)
    state = nbformat.read(run.kept, as_version=4).metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    shown = {widget["state"].get("_anywidget_id", "").rpartition(".")[2] for widget in state.values()}
    assert {name for name in widgets.__all__ if name.endswith("Widget")} <= shown
    assert len(run.secrets) >= 12
    assert all(len(secret) > 8 for secret in run.secrets)
    store = b"".join(path.read_bytes() for path in run.workspace.journals.rglob("*") if path.is_file())
    assert ASKED.encode() in store


def test_F35_no_notebook_has_a_secret(run: Run) -> None:
    """Neither outputs, tracebacks, metadata nor widget state; nor what the shipped notebooks became."""
    found = sorted(run.workspace.root.rglob("*.ipynb"))
    assert {run.notebook, run.kept} <= set(found)
    for path in found:
        assert (path.name, []) == (path.name, run.told(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)))


def test_F35_no_log_and_no_name_of_a_file_has_a_secret(run: Run) -> None:
    """The logs of host and worker say what happened, not to whom; files are named after hashes and numbers."""
    logs = [path for path in run.workspace.logs.rglob("*") if path.is_file()]
    assert {"host.log", "worker-default.log"} <= {path.name for path in logs}
    for path in logs:
        assert (path.name, []) == (path.name, run.told(path.read_text("utf-8", "replace")))
    assert [] == run.told("\n".join(str(path) for path in run.workspace.root.rglob("*")))


def test_F35_no_process_has_a_secret_in_its_arguments(run: Run) -> None:
    """Host, worker and kernel were all seen, and `ps` tells nobody anything."""
    for program in ("wakit.host", "wakit.session.worker", "ipykernel_launcher"):
        assert any(program in command for command in run.commands), program
    assert [] == run.told("\n".join(run.commands))
