"""A search through the client, the terminal and REST, on a real host."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from exports import write
from hosts import until

from wakit.client import AsyncClient, Client, connect
from wakit.errors import InvalidInput
from wakit.found import Hit
from wakit.paths import Workspace

pytestmark = pytest.mark.network

EXPORT = """\
24/03/2026, 10:00 - Ana: buenos días
24/03/2026, 10:01 - Ana: ¿me mandas la cotización de la torta?
24/03/2026, 10:02 - Tienda: mañana
25/03/2026, 09:00 - Ana: \u202e las cotizaciones \x1b[31m rojas
"""


@pytest.fixture
def client(workspace: Workspace, tmp_path: Path) -> Iterator[Client]:
    """Yield a client of a host that holds one imported chat, which can be searched."""
    client = connect(workspace.root)
    try:
        path = write(tmp_path, EXPORT, "WhatsApp Chat with Ana.txt")
        client.import_chat(path, date_order="dmy", tz="UTC", me="Tienda")
        until(lambda: bool(client.hits("torta")))
        yield client
    finally:
        client.stop_host()
        client.close()


def wakit(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the workspace."""
    environment = {**os.environ, "WAKIT_HOME": str(workspace.root), "WAKIT_LANG": "en"}
    command = [sys.executable, "-m", "wakit.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_hits_are_rows_and_records(client: Client) -> None:
    """A notebook gets a DataFrame with instants and marks, a program gets ``Hit``s of the same."""
    frame = client.search("cotizacion", sender=client.hits("torta")[0].sender)
    assert 2 == len(frame)
    assert datetime(2026, 3, 24, 10, 1, tzinfo=UTC) == frame["ts"].min()
    (hit,) = client.hits("torta")
    assert isinstance(hit, Hit)
    assert ("¿me mandas la cotización de la torta?", "Ana") == (hit.text, hit.chat_name)
    assert hit.message_id in set(frame["message_id"])
    assert "torta" == hit.snippet[slice(*hit.marks[0])]
    assert 0 == len(client.search("nada"))
    with pytest.raises(InvalidInput, match="no word to search for"):
        client.search("-torta")


def test_filters_reach_the_store(client: Client) -> None:
    """Each filter of the verb is one of the answer."""
    chat = client.hits("torta")[0].chat
    day = datetime(2026, 3, 25, tzinfo=UTC)
    assert 1 == len(client.hits("cotizacion", since=day))
    assert 1 == len(client.hits("cotizacion", until=day, types=["text"]))
    assert 0 == len(client.hits("cotizacion", types=["image", "video"]))
    assert 2 == len(client.hits("cotizacion", chat=chat))
    assert 0 == len(client.hits("cotizacion", account="other"))
    assert 1 == len(client.hits("cotizacion", limit=1, newest=True))
    assert [0, 1] == [len(client.hits("manana")), len(client.hits("manana", loose=True))]


def test_async_client_searches_too(client: Client, workspace: Workspace) -> None:
    """The same words, awaited."""

    async def found() -> list[Hit]:
        async with await AsyncClient.connect(workspace.root) as other:
            assert 1 == len(await other.search("torta"))
            return await other.hits("torta")

    assert client.hits("torta") == asyncio.run(found())


def test_context_and_rebuild(client: Client) -> None:
    """What stands around a hit comes with it; the index made anew finds the same."""
    (hit,) = client.hits("torta")
    around = client.context(hit.chat, hit.message_id, size=1)
    assert ["buenos días", hit.text, "mañana"] == list(around["text"])
    assert 4 == client.rebuild_search()
    assert [hit] == client.hits("torta")


def test_an_undone_import_is_found_no_more(client: Client) -> None:
    """The index follows the undo."""
    client.undo_import(1)
    assert [] == client.hits("torta")


def test_terminal_shows_hits_with_marks_and_context(client: Client, workspace: Workspace) -> None:
    """What was asked for is marked; what somebody wrote cannot drive the terminal."""
    done = wakit(workspace, "search", "torta", "--context", "1")
    assert (0, "") == (done.returncode, done.stderr)
    assert "Ana" in done.stdout
    assert "cotización de la «torta»?" in done.stdout
    assert "buenos días" in done.stdout
    done = wakit(workspace, "search", "rojas", "--since", "2026-03-25")
    assert "«rojas»" in done.stdout
    assert not {"\x1b", "\u202e"} & set(done.stdout)
    assert "Nothing was found." in wakit(workspace, "search", "rojas", "--until", "2026-03-25").stdout


def test_terminal_answers_programs_and_mistakes(client: Client, workspace: Workspace) -> None:
    """JSON holds whole hits; nothing to search for is a usage error."""
    (hit,) = json.loads(wakit(workspace, "search", "torta", "--json").stdout)
    assert [client.hits("torta")[0].message_id, "Ana"] == [hit["message_id"], hit["chat_name"]]
    assert {"messages": 4} == json.loads(wakit(workspace, "search", "--rebuild", "--json").stdout)
    assert "made anew: 4 messages" in wakit(workspace, "search", "--rebuild").stdout
    assert 2 == wakit(workspace, "search").returncode
    refused = wakit(workspace, "search", "--", "-torta")
    assert 3 == refused.returncode
    assert "no word to search for" in refused.stderr
