from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
from network.terminal import Terminal, finished, until

from wakit.cli.exits import Exit
from wakit.emulator import ControlClient
from wakit.network import NetworkDescriptor
from wakit.paths import Workspace

pytestmark = pytest.mark.network


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_emulator_runs_until_it_is_ended(workspace: Workspace, tmp_path: Path, ending: signal.Signals) -> None:
    """It prints a descriptor that works, gives the shop a phone, and ends cleanly on Ctrl-C or SIGTERM."""
    state = tmp_path / "network"
    running = Terminal(workspace).start("emulator", "--shop", "--state", str(state))
    assert running.stdout is not None
    line = next(line for line in running.stdout if "Descriptor: " in line)
    descriptor = NetworkDescriptor.load(line.partition("Descriptor: ")[2].strip())
    with ControlClient(descriptor.path) as control:
        assert "Café Andino" in {phone["name"] for phone in control.phones()}
    running.send_signal(ending)
    done = finished(running)
    assert (Exit.OK, "") == (done.returncode, done.stderr)
    assert "Emulated network stopped." in done.stdout


def test_emulator_keeps_its_state_and_its_key(workspace: Workspace, tmp_path: Path) -> None:
    """The same folder is the same network the next time, so accounts linked on it stay linked."""
    keys = []
    for _ in range(2):
        running = Terminal(workspace).start("emulator", "--state", str(tmp_path / "network"))
        assert running.stdout is not None
        until(lambda output=running.stdout: "Ctrl-C" in output.readline())
        keys.append(NetworkDescriptor.load(tmp_path / "network" / "network.json").id)
        running.send_signal(signal.SIGINT)
        assert Exit.OK == finished(running).returncode
    assert keys[0] == keys[1]


def test_emulator_on_a_port_in_use_names_it(workspace: Workspace) -> None:
    """A taken port is one line with the number and the next step."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = Terminal(workspace).run("emulator", "--port", str(port))
    assert Exit.HOST == done.returncode
    assert str(port) in done.stderr
