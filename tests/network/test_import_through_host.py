"""An exported chat goes in through the terminal and the client, and out again, on a real host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from exports import Phone, conversation, pack, write

from wakit.client import Client, connect
from wakit.errors import InvalidInput, MediaFailed, UnknownMedia
from wakit.paths import Workspace

pytestmark = pytest.mark.network

LINES = conversation()


@pytest.fixture
def client(workspace: Workspace) -> Iterator[Client]:
    """Yield a client of a host that ends with the test."""
    client = connect(workspace.root)
    try:
        yield client
    finally:
        client.stop_host()
        client.close()


def wakit(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the workspace."""
    environment = {**os.environ, "WAKIT_HOME": str(workspace.root), "WAKIT_LANG": "en"}
    command = [sys.executable, "-m", "wakit.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_chat_is_imported_listed_and_undone_in_the_terminal(client: Client, workspace: Workspace, tmp_path: Path) -> None:
    """The terminal tells what came in; a second time nothing does; the undo leaves no message."""
    path = write(tmp_path, Phone().text(LINES), "WhatsApp Chat with Ventas.txt")
    done = wakit(workspace, "import", str(path), "--account", "tienda", "--tz", "America/Bogota")
    assert (0, "") == (done.returncode, done.stderr)
    assert "Import 1 · Ventas · 40 messages, 2025-03-28 to " in done.stdout
    assert "40 new, 0 that WhatsApp had delivered, 0 of other imports" in done.stdout
    assert 40 == len(client.messages(account="tienda"))
    again = wakit(workspace, "import", str(path), "--account", "tienda", "--json")
    assert (0, 40) == (json.loads(again.stdout)["added"], json.loads(again.stdout)["repeated"])
    assert "Import 1 · Ventas" in wakit(workspace, "import", "--list").stdout
    assert "undone" in wakit(workspace, "import", "--undo", "1").stdout
    assert 0 == len(client.messages(account="tienda"))


def test_an_ambiguous_file_is_refused_with_what_to_type(client: Client, workspace: Workspace, tmp_path: Path) -> None:
    """The error reaches terminal and client as it was raised, readings and all."""
    path = write(tmp_path, "3/4/24, 10:00 - Ana: hola\n5/4/24, 10:00 - Luis: hola\n")
    done = wakit(workspace, "import", str(path))
    assert 3 == done.returncode
    assert "--date-order dmy or --date-order mdy" in done.stderr
    with pytest.raises(InvalidInput) as caught:
        client.import_chat(path)
    assert ["dmy", "mdy"] == [reading["date_order"] for reading in caught.value.data["readings"]]
    assert 2 == client.import_chat(path, date_order="mdy").added
    assert [2] == [one.added for one in client.imports()]


def test_files_of_an_imported_zip_are_had_like_any_other(client: Client, workspace: Workspace, tmp_path: Path) -> None:
    """``wa.media()`` returns what the zip had, without any account being linked, and says what it had not."""
    lines = ("28/3/25, 09:05 - Ana: IMG-20250328-WA0001.jpg", "28/3/25, 09:06 - Ana: PTT-20250328-WA0002.opus")
    text = "".join(f"{line} (file attached)\n" for line in lines)
    path = pack(tmp_path, "chat.zip", {"WhatsApp Chat with Ana.txt": text.encode(), "IMG-20250328-WA0001.jpg": b"\xff\xd8 torta"})
    imported = client.import_chat(path)
    photo, note = (row for _, row in client.messages().iterrows())
    assert b"\xff\xd8 torta" == client.media(photo).read()
    with pytest.raises(MediaFailed, match="not in the export"):
        client.media(note)
    client.undo_import(imported.id)
    with pytest.raises(UnknownMedia):
        client.media(photo)


def test_one_of_file_undo_and_list_is_asked_for(client: Client, workspace: Workspace, tmp_path: Path) -> None:
    """Neither nothing nor two things at once is a command."""
    for arguments in ((), ("--undo", "1", "--list")):
        done = wakit(workspace, "import", *arguments)
        assert 2 == done.returncode
        assert "Give one of FILE" in done.stderr
