"""Files of messages from the terminal, on the real library and an emulated network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from network.hosted import BUSINESS, CUSTOMER, hosted
from network.terminal import Terminal, until

from wakit.cli.exits import Exit
from wakit.emulator import Fault, Network
from wakit.paths import Workspace

pytestmark = pytest.mark.network


def test_files_are_listed_fetched_and_told_why_not(workspace: Workspace, whatsapp_network: Network) -> None:
    """``media list`` says what is here, ``get`` fetches one file, ``missing`` all others, and one that is gone holds up none."""
    terminal = Terminal(workspace)
    with hosted(workspace, whatsapp_network) as found:
        found.link(whatsapp_network.phone(BUSINESS, name="Café Andino"))
        ana = whatsapp_network.phone(CUSTOMER, name="Ana")
        first, second, third = (ana.send_media(BUSINESS, "image", b"\xff\xd8 torta " + bytes([number])) for number in range(3))
        until(lambda: len(found.client.sql("SELECT 1 FROM media")) == 3)
        listed = json.loads(terminal.run("media", "list", "--json").stdout)
        assert {(one, "pending", None) for one in (first, second, third)} == {
            (one["message_id"], one["status"], one["path"]) for one in listed
        }
        got = terminal.run("media", "get", first)
        assert (Exit.OK, b"\xff\xd8 torta \0") == (got.returncode, Path(got.stdout.strip()).read_bytes())
        until(lambda: len(found.client.sql("SELECT 1 FROM media WHERE status = 'stored'")) == 1)
        whatsapp_network.faults.arm(Fault.MEDIA_REFUSED, status=410, times=1)
        rest = terminal.run("media", "missing")
        assert (Exit.SESSION, "1 file fetched, 10 B.\n") == (rest.returncode, rest.stdout)
        assert "no longer has this file" in rest.stderr
        until(lambda: len(found.client.sql("SELECT 1 FROM media WHERE status = 'pending'")) == 0)
        shown = terminal.run("media", "list", "--status", "stored").stdout
        assert got.stdout.strip() in shown
        assert "Ana · image" in shown
        assert "Ana · image" in terminal.run("media", "list", "--status", "expired").stdout
        assert Exit.USAGE == terminal.run("media", "list", "--status", "gone").returncode
