"""Exports of reports, of async code and from the terminal: the same files."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hosts import ending
from stored import at, entries, opened, said

from wakit.client import AsyncClient, Client, connect
from wakit.paths import Workspace


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a host with messages."""
    workspace = Workspace(tmp_path_factory.mktemp("w") / "shop").create()
    with opened(workspace) as store:
        store.drain("default", entries([said(f"M{n}", "hola", ts=at(n)) for n in range(200)]))
    with ending(workspace), connect(workspace) as client:
        yield client


def test_a_report_is_a_file_with_its_definition(client: Client, tmp_path: Path) -> None:
    """CSV, XLSX with the definition on a second sheet, Parquet with it in its metadata; the values are the report's."""
    result = client.report.volume(by="day")
    assert 200 == int(pd.read_csv(result.to_csv(tmp_path / "a.csv").path)["received"].sum())
    book = openpyxl.load_workbook(result.to_xlsx(tmp_path / "a.xlsx").path)
    assert [200, result.definition] == [book.worksheets[0]["B2"].value, book.worksheets[1]["B2"].value]
    stored = pq.read_table(result.to_parquet(tmp_path / "a.parquet").path)
    assert result.definition == stored.schema.metadata[b"wakit.definition"].decode()
    pd.testing.assert_frame_equal(result.df, stored.to_pandas())


def test_async_client_and_terminal_export_the_same_file(client: Client, tmp_path: Path) -> None:
    """One table by three ways."""
    client.export("messages", tmp_path / "a.csv")

    async def export() -> int:
        async with await AsyncClient.connect(client.workspace) as other:
            return (await other.export("messages", tmp_path / "b.csv", account="default")).rows

    assert 200 == asyncio.run(export())
    program = "import sys; from wakit.cli import main; main(['export', 'messages', sys.argv[1], '--json'])"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "c.csv")],
        cwd=client.workspace.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 200 == json.loads(done.stdout)["rows"]
    first, second, third = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert first == second == third


def test_rows_pass_in_bounded_memory(client: Client, tmp_path: Path) -> None:
    """Ten times the rows need no ten times the memory: they never are in it at once."""
    program = """
import resource, sys
from wakit.client import connect
client = connect(sys.argv[1])
query = "SELECT repeat('x', 200) AS a, range AS n FROM range($rows)"
client.export(query, sys.argv[2], params={"rows": 1000})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
done = client.export(query, sys.argv[2], params={"rows": 1_500_000})
assert done.rows == 1_500_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    arguments = [sys.executable, "-c", program, str(client.workspace.root), str(tmp_path / "a.parquet")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 150_000  # KiB; the rows are 310 MB
