"""Who may open the store, and what happens where it cannot be opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stored import entries, opened, said

from wakit.errors import CorruptFile, HostBusy, UnsafePath, WakitError, WorkspaceNotWritable
from wakit.paths import Workspace

_OPEN = """
import sys
from pathlib import Path
from wakit.config import Settings
from wakit.errors import WakitError
from wakit.paths import Workspace
from wakit.store import Store
try:
    Store(Workspace(Path(sys.argv[1])), Settings()).open().close()
except WakitError as exc:
    print(exc.code, exc.message)
"""

_USE = """
import sys
from pathlib import Path
from wakit.host.lean import keep_out
keep_out()
from stored import entries, opened, said
from wakit.paths import Workspace
with opened(Workspace(Path(sys.argv[1]))) as store:
    store.drain("default", entries([said(push_name="Ana")]))
    assert len(store.messages()) == 1
with opened(Workspace(Path(sys.argv[1]))) as store:
    assert store.watermark("default") == 1
print(*sorted({"pandas", "neonize", "hypothesis"} & set(sys.modules)))
"""


def test_second_process_is_told_who_has_it(workspace: Workspace) -> None:
    """One owner: the other learns the process id and opens nothing."""
    with opened(workspace) as store:
        store.drain("default", entries([said()]))
        command = [sys.executable, "-c", _OPEN, str(workspace.root)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        assert told.startswith("host-busy")
        assert "PID" in told
        assert 1 == store.messages().num_rows


@pytest.mark.parametrize("name", ["wakit.duckdb", "keys.db"])
def test_file_that_is_no_database_is_left_as_it_is(workspace: Workspace, name: str) -> None:
    """Damage is named, and nothing is overwritten."""
    file = workspace.data / name
    file.write_bytes(b"this is no database" * 1000)
    file.chmod(0o600)
    before = file.read_bytes()
    with pytest.raises(CorruptFile, match=name), opened(workspace):
        pass
    assert before == file.read_bytes()


def test_truncated_database_is_named(workspace: Workspace) -> None:
    """Half a file is damage, not an empty store."""
    with opened(workspace) as store:
        store.drain("default", entries(said(f"M{n}") for n in range(500)))
    size = workspace.database.stat().st_size
    with workspace.database.open("r+b") as file:
        file.truncate(size // 3)
    with pytest.raises(CorruptFile, match=r"wakit\.duckdb"), opened(workspace):
        pass


def test_failed_opening_leaves_nothing_open(workspace: Workspace) -> None:
    """After the damage is moved away the same process can open the store."""
    workspace.keys.write_bytes(b"this is no database" * 1000)
    workspace.keys.chmod(0o600)
    with pytest.raises(CorruptFile), opened(workspace):
        pass
    workspace.keys.unlink()
    with opened(workspace) as store:
        assert 1 == store.drain("default", entries([said()]))


@pytest.mark.parametrize("name", ["wakit.duckdb", "keys.db"])
def test_file_that_others_can_read_is_refused(workspace: Workspace, name: str) -> None:
    """The error says which chmod to run."""
    with opened(workspace):
        pass
    (workspace.data / name).chmod(0o644)
    with pytest.raises(UnsafePath, match="chmod 600"), opened(workspace):
        pass


def test_link_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """A database elsewhere is not opened through a link."""
    workspace.database.symlink_to(tmp_path / "elsewhere.duckdb")
    with pytest.raises(UnsafePath), opened(workspace):
        pass
    assert not (tmp_path / "elsewhere.duckdb").exists()


def test_files_are_private(workspace: Workspace) -> None:
    """Database and key set are 0600 whatever the umask."""
    with opened(workspace) as store:
        store.drain("default", entries([said()]))
    assert {0o600} == {(workspace.data / name).stat().st_mode & 0o777 for name in ("wakit.duckdb", "keys.db")}


def test_folder_that_is_a_file_is_a_typed_error(tmp_path: Path) -> None:
    """A workspace that cannot be written to is named."""
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(WakitError, match="data"), opened(Workspace(tmp_path)):
        pass


def test_database_that_is_a_folder_is_a_typed_error(workspace: Workspace) -> None:
    """DuckDB's own words are in the message."""
    workspace.database.mkdir()
    with pytest.raises((UnsafePath, WorkspaceNotWritable), match=r"wakit\.duckdb"), opened(workspace):
        pass


def test_second_store_of_the_same_process_cannot_write_beside_the_first(workspace: Workspace) -> None:
    """Two stores would give the same ids twice."""
    with opened(workspace), pytest.raises(HostBusy), opened(workspace):
        pass


def test_host_does_not_pay_for_pandas(workspace: Workspace) -> None:
    """Storing and asking work where pandas is kept out, and load nothing that only notebooks need."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", _USE, str(workspace.root)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.split() == []
