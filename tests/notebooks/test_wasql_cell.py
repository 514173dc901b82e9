"""``%%wasql`` in a real kernel against a real host: rows, values, errors as people see them, and Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from hosts import ending, until
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from stored import at, entries, opened, said

from wakit.client import connect
from wakit.lab import lab_environment
from wakit.paths import Workspace

RUNAWAY = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 11"


class Kernel:
    """A kernel in which cells are run one after the other."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> tuple[str, str, list[str]]:
        """Run a cell; return its result as text, what it printed, and the traceback that a person sees."""
        told: dict[str, Any] = {"result": "", "printed": "", "traceback": []}

        def keep(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "execute_result":
                told["result"] = content["data"]["text/plain"]
            elif message["msg_type"] == "stream":
                told["printed"] += content["text"]
            elif message["msg_type"] == "error":
                told["traceback"] = content["traceback"]

        self.client.execute_interactive(code, timeout=60, output_hook=keep)
        return told["result"], told["printed"], told["traceback"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Yield a workspace with ten messages and a host."""
    workspace = Workspace(tmp_path_factory.mktemp("w") / "shop").create()
    with opened(workspace) as store:
        store.drain("default", entries(said(f"M{n}", f"pedido {n}", ts=at(n)) for n in range(10)))
    with ending(workspace):
        yield workspace


@pytest.fixture(scope="module")
def kernel(shop: Workspace) -> Iterator[Kernel]:
    """Yield a kernel of a notebook in that workspace, with the extension loaded."""
    manager, client = start_new_kernel(env=lab_environment(shop), cwd=str(shop.root))
    try:
        kernel = Kernel(client)
        kernel.manager = manager  # type: ignore[attr-defined]
        assert [] == kernel.run("%load_ext wakit")[2]
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_rows_are_the_result_of_the_cell_or_kept_in_a_variable(kernel: Kernel) -> None:
    """Shown like any DataFrame; with ``-o`` or ``<<`` kept and only counted."""
    assert "pedido 9" in kernel.run("%%wasql\nSELECT text FROM messages ORDER BY ts DESC LIMIT 1")[0]
    assert ("", "rows: 10 × 2\n", []) == kernel.run("%%wasql -o rows\nSELECT ts, text FROM messages")
    assert ("", "more: 3 × 1\n", []) == kernel.run("%%wasql more << --as arrow\nSELECT text FROM messages LIMIT 3")
    assert "('DataFrame', 'Table')" == kernel.run("type(rows).__name__, type(more).__name__")[0]
    assert "10" == kernel.run("found = %wasql SELECT count(*) AS n FROM messages\nint(found.n[0])")[0]


def test_values_of_the_notebook_are_values_and_never_sql(kernel: Kernel) -> None:
    """A text that looks like SQL is compared; an instant is an instant."""
    kernel.run("import pandas as pd\ntext = \"x' OR 1=1 --\"\nsince = pd.Timestamp('2026-11-24 10:00:05', tz='America/Bogota')")
    count = "found = %wasql SELECT count(*) AS n FROM messages WHERE {}\nint(found.n[0])"
    assert "0" == kernel.run(count.format("text = :text"))[0]
    assert "0" == kernel.run(count.format("text = {{ text }}"))[0]
    assert "5" == kernel.run(count.format("ts >= :since"))[0]
    assert "3" == kernel.run(count.format("ts >= {{ since + pd.Timedelta(seconds=2) }}"))[0]
    assert "2" == kernel.run("chosen = ['M1', 'M2']\n" + count.format("message_id IN (SELECT unnest($chosen))"))[0]


def test_interrupting_the_kernel_stops_the_query_in_the_host(kernel: Kernel, shop: Workspace) -> None:
    """The stop button ends the cell with one line, and the host is calm again."""
    with connect(shop) as client:
        host = psutil.Process(client.host_info.pid)
    waiting = kernel.client.execute(f"%%wasql\n{RUNAWAY}", stop_on_error=False)
    until(lambda: host.cpu_percent(0.5) > 10)  # on a busy machine it gets little
    kernel.manager.interrupt_kernel()  # type: ignore[attr-defined]
    began = time.monotonic()
    while True:
        message = kernel.client.get_iopub_msg(timeout=20)
        if message["parent_header"].get("msg_id") == waiting and message["msg_type"] == "error":
            break
    assert time.monotonic() - began < 5
    assert ["KeyboardInterrupt: The query was stopped."] == message["content"]["traceback"]
    until(lambda: host.cpu_percent(0.5) < 10)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%wasql\nSELEC 1", "QueryFailed: Parser Error"),
        ("%%wasql\nSELECT missing FROM messages", "QueryFailed: Binder Error"),
        ("%%wasql\nDELETE FROM core.message", "QueryRefused: This is a DELETE statement."),
        ("%%wasql\nSELECT :nowhere", "InvalidInput: 'nowhere' has no value here (NameError"),
        ("%%wasql --as excel\nSELECT 1", "InvalidInput: --as excel is unknown."),
        ("%wasql -o rows", "InvalidInput: This cell cannot be read."),
    ],
)
def test_error_is_what_is_wrong_and_not_where_wakit_noticed(kernel: Kernel, cell: str, told: str) -> None:
    """No frame of wakit stands between a person and the words of the database."""
    (shown,) = kernel.run(cell)[2]
    assert shown.startswith(told)
    assert "File" not in shown


def test_first_client_of_a_notebook_brings_the_magic(shop: Workspace) -> None:
    """``wakit.connect()`` is enough; the client is the one that the notebook has."""
    manager, client = start_new_kernel(env=lab_environment(shop), cwd=str(shop.root))
    try:
        kernel = Kernel(client)
        kernel.run("import wakit\nwa = wakit.connect()")
        assert "10" in kernel.run("%wasql SELECT count(*) AS n FROM messages")[0]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
