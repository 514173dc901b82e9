"""The main job from the terminal: link a phone, look, send, log out, on the real library and an emulated network."""

from __future__ import annotations

import itertools
import json
import re
import signal
import subprocess
from collections.abc import Iterator

import psutil
import pytest
from network.terminal import Terminal, finished, picture_of, until

from wakit import autostart
from wakit.cli.exits import Exit
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.hostfile import HostInfo
from wakit.paths import Workspace

pytestmark = pytest.mark.network

SHOP, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"


@pytest.fixture
def shop(whatsapp_network: Network) -> Phone:
    """Return the phone of a shop."""
    return whatsapp_network.phone(SHOP, name="Café Andino")


@pytest.fixture
def terminal(workspace: Workspace, whatsapp_network: Network) -> Iterator[Terminal]:
    """Return a terminal on an empty workspace and the network; its host ends with the test."""
    yield Terminal(workspace, whatsapp_network.descriptor)
    autostart.stop(workspace)


def drawn_code(process: subprocess.Popen[str]) -> list[str]:
    """Read the first code that a running login draws."""
    assert process.stdout is not None
    lines = (line.rstrip("\n") for line in process.stdout)
    whole = itertools.dropwhile(lambda line: not line.startswith("█"), lines)
    return list(itertools.takewhile(lambda line: set(line) <= set("█▀▄ "), whole))


def test_login_by_picture_then_status_send_and_logout(terminal: Terminal, shop: Phone, whatsapp_network: Network) -> None:
    """A phone scans the picture that ``login`` keeps; then the account is seen, used and unlinked from the terminal."""
    picture = terminal.workspace.root / "qr.png"
    login = terminal.start("login", "ana", "--png", str(picture))
    until(picture.exists)
    device = shop.scan(picture.read_bytes())
    done = finished(login)
    assert (Exit.OK, "") == (done.returncode, done.stderr)
    assert "Emulated network: nothing leaves this machine." in done.stdout
    assert f"● Connected · {shop.number.pretty} · Café Andino" in done.stdout
    assert str(device) in done.stdout

    status = json.loads(terminal.run("status", "ana", "--json").stdout)
    assert ("connected", shop.number.e164, str(device)) == (status["state"], status["phone"], status["device"])

    customer = whatsapp_network.phone(CUSTOMER, name="María")
    sent = terminal.run("send", "ana", CUSTOMER, "¡Hola! Su pedido está listo.")
    assert (Exit.OK, "✓") == (sent.returncode, sent.stdout[0])
    heard = customer.wait_for(type="text")
    assert "¡Hola! Su pedido está listo." == heard.text
    (file := terminal.workspace.root / "lista.pdf").write_bytes(b"%PDF-1.7")
    listed = terminal.run("send", "ana", CUSTOMER, "Precios", "--file", str(file), "--reply-to", heard.id)
    assert (Exit.OK, "✓") == (listed.returncode, listed.stdout[:1]), listed.stderr
    part = customer.wait_for(type="document").message.documentMessage
    assert ("lista.pdf", "Precios", heard.id) == (part.fileName, part.caption, part.contextInfo.stanzaID)
    refused = terminal.run("send", "ana", CUSTOMER, "--file", str(file), "--kind", "sticker")
    assert (Exit.INPUT, True) == (refused.returncode, "image/webp" in refused.stderr)

    logout = terminal.run("logout", "ana", "--yes")
    assert (Exit.OK, "") == (logout.returncode, logout.stderr)
    until(lambda: not shop.devices)
    assert not terminal.workspace.account_dir("ana").exists()
    assert Exit.SESSION == terminal.run("status", "ana").returncode


def test_login_draws_a_code_that_a_phone_can_scan(terminal: Terminal, shop: Phone) -> None:
    """What stands in the terminal, seen as a picture, links the phone; a second login says at once that it is linked."""
    login = terminal.start("login")
    shop.scan(picture_of(drawn_code(login)))
    assert Exit.OK == finished(login).returncode
    again = terminal.run("login")
    assert Exit.OK == again.returncode
    assert "Scan this code" not in again.stdout


def test_login_by_pairing_code(terminal: Terminal, shop: Phone) -> None:
    """``--phone`` shows a code; typed on the phone, it links the account."""
    login = terminal.start("login", "ana", "--phone", SHOP)
    assert login.stdout is not None
    code = next(match[0] for line in login.stdout if (match := re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", line)))
    shop.type_code(code)
    done = finished(login)
    assert Exit.OK == done.returncode
    assert shop.number.pretty in done.stdout


def test_login_cancelled_leaves_no_worker(terminal: Terminal) -> None:
    """Ctrl-C while a code waits ends the attempt: no worker stays, and the exit code says interrupted."""
    login = terminal.start("login", "ana")
    drawn_code(login)
    login.send_signal(signal.SIGINT)
    assert Exit.INTERRUPTED == finished(login).returncode
    info = HostInfo.read(terminal.workspace)
    assert info is not None
    until(lambda: not psutil.Process(info.pid).children(recursive=True))


def test_host_is_started_looked_at_and_ended(terminal: Terminal) -> None:
    """``host`` start, status, logs, restart and stop do what they say, twice if need be."""
    assert Exit.HOST == terminal.run("host", "status").returncode
    assert Exit.OK == terminal.run("host", "start", "--tcp", "0").returncode
    first = json.loads(terminal.run("host", "status", "--json").stdout)
    assert first["tcp"].startswith("http://127.0.0.1:")
    assert terminal.run("host", "logs").stdout
    assert Exit.OK == terminal.run("host", "restart").returncode
    second = json.loads(terminal.run("host", "status", "--json").stdout)
    assert (True, None) == (first["pid"] != second["pid"], second["tcp"])
    assert "The host has ended." in terminal.run("host", "stop").stdout
    assert "The host is not running." in terminal.run("host", "stop").stdout


def test_login_on_a_network_that_is_not_there_creates_nothing(terminal: Terminal) -> None:
    """A missing descriptor is named with the next step, and no account is made."""
    done = terminal.run("login", "ana", "--network", "/no/such/network.json")
    assert Exit.NETWORK == done.returncode
    assert "/no/such/network.json" in done.stderr
    assert "wakit emulator" in done.stderr
    assert not terminal.workspace.account_dir("ana").exists()
