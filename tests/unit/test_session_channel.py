"""The line between host and worker: nothing blocks, nothing important is dropped, an end is noticed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import wakit
from wakit.network import NetworkDescriptor
from wakit.session.channel import WorkerEnd, pair
from wakit.session.process import command, environment
from wakit.session.worker_log import WorkerLog


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, WorkerEnd]]:
    host, worker = pair()
    end = WorkerEnd(worker)
    host.sendall(b'{"first": 1}\n')
    assert end.first() == {"first": 1}
    yield host, end
    host.close()
    worker.close()


def received(host: socket.socket) -> list[dict[str, int]]:
    host.settimeout(5)
    data = b""
    while not data.endswith(b"\n"):
        data += host.recv(65536)
    return [json.loads(item) for item in data.splitlines()]


def test_messages_arrive_as_they_were_sent(line: tuple[socket.socket, WorkerEnd]) -> None:
    """Both directions, several in one piece and one in several pieces."""
    host, end = line
    end.send({"ev": "row", "seq": 1})
    end.send({"ev": "qr", "text": "ñ"})
    assert received(host) == [{"ev": "row", "seq": 1}, {"ev": "qr", "text": "ñ"}]
    host.sendall(b'{"id": 1}\n{"id": 2}\n{"id"')
    assert end.receive() == [{"id": 1}, {"id": 2}]
    host.sendall(b": 3}\n")
    assert end.receive() == [{"id": 3}]
    assert end.receive() == []


def test_a_slow_host_does_not_block_the_worker(line: tuple[socket.socket, WorkerEnd]) -> None:
    """When the host does not read, wake-ups are dropped, everything else is kept, and no call waits."""
    host, end = line
    done = threading.Event()

    def flood() -> None:
        for seq in range(20_000):
            end.send({"ev": "row", "seq": seq, "filling": "x" * 200}, droppable=True)
        end.send({"ev": "event", "seq": 20_000})
        done.set()

    threading.Thread(target=flood, daemon=True).start()
    assert done.wait(10)
    assert end.has_unsent
    got: list[dict[str, int]] = []
    while not got or got[-1]["seq"] != 20_000:
        got += received(host)
        end.flush()
    seqs = [message["seq"] for message in got]
    assert seqs == sorted(seqs)
    assert len(seqs) < 20_000


def test_the_end_of_the_host_is_noticed(line: tuple[socket.socket, WorkerEnd]) -> None:
    """Reading says None; sending into the void raises nothing."""
    host, end = line
    host.close()
    assert end.receive() is None
    end.send({"ev": "row"})
    end.send({"ev": "exit"})


def test_a_worker_without_a_first_message_is_told_so() -> None:
    """A host that dies before it gives orders leaves no worker waiting."""
    host, worker = pair()
    host.close()
    assert WorkerEnd(worker).first() is None
    worker.close()


def test_an_emulated_network_cannot_be_bypassed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever proxies the user has, a worker on an emulated network gets its proxy and certificates only."""
    for name, value in {"https_proxy": "http://evil:1", "HTTPS_PROXY": "http://evil:2", "NO_PROXY": "*", "no_proxy": "*"}.items():
        monkeypatch.setenv(name, value)
    network = NetworkDescriptor(path=tmp_path / "n", proxy="http://127.0.0.1:9", ca=tmp_path / "ca", noise_root=b"x" * 32)
    env = environment(network)
    assert (env["HTTPS_PROXY"], env["SSL_CERT_FILE"]) == ("http://127.0.0.1:9", str(tmp_path / "ca"))
    assert not {"https_proxy", "NO_PROXY", "no_proxy"} & set(env)
    assert env["NEONIZE_BOT_TAG"] == "off"


def test_the_user_s_proxy_is_kept_on_whatsapp_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's proxy and exceptions reach the library as they are."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intranet")
    env = environment(None)
    assert (env["HTTPS_PROXY"], env["NO_PROXY"]) == ("http://proxy.example:3128", "intranet")


def test_the_command_line_holds_nothing_but_a_descriptor() -> None:
    """Everybody on the machine can read it."""
    assert command(7)[1:] == ["-P", "-m", "wakit.session.worker", "7"]


def test_what_a_worker_prints_is_redacted_line_by_line(tmp_path: Path) -> None:
    """Pairing codes, numbers and addresses never reach the file; lines cut in two are put together first."""
    log = WorkerLog(tmp_path / "worker.log", network="emulated:x")
    log.feed(b"Your code is FKPW-H7")
    log.feed(b"ER\nfrom 573001234567:2@s.whatsapp.net\n\x1b[31mred\x1b[0m\n")
    log.feed(b"no end")
    log.close()
    lines = (tmp_path / "worker.log").read_text().splitlines()
    assert lines[0].endswith("worker [emulated network] Your code is <code>")
    assert "573001234567" not in lines[1]
    assert "\x1b" not in lines[2]
    assert lines[3].endswith("no end")
    assert (tmp_path / "worker.log").stat().st_mode & 0o777 == 0o600


SHED = """
import sys
from wakit.session import adapter
import httpx, requests, segno
assert not hasattr(httpx, "__file__"), httpx
try:
    requests.get("http://127.0.0.1")
except RuntimeError as exc:
    print(exc)
library = adapter.Library.__new__(adapter.Library)
print(adapter.dsn(__import__("pathlib").Path("/tmp/a b?c#d/session.db")))
import os
print(os.environ["NEONIZE_BOT_TAG"])
from neonize.client import NewClient
print(all(hasattr(NewClient, name) for name in ("_NewClient__onQr", "_NewClient__onLoginStatus")))
"""


def test_a_worker_imports_no_http_client_and_builds_its_database_name_safely() -> None:
    """What neonize imports and wakit never uses is kept out, and no character of a path reaches the DSN's options."""
    env = {**os.environ, "PYTHONPATH": str(Path(wakit.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", SHED], capture_output=True, text=True, env=env, check=True)
    refused, name, tag, hooks = run.stdout.splitlines()
    assert refused == "requests.get was called in a worker"
    assert name.startswith("/tmp/a%20b%3Fc%23d/session.db?_foreign_keys=on&_journal_mode=WAL&_synchronous=NORMAL&")
    assert (tag, hooks) == ("off", "True")
