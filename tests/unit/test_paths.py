from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from wakit.errors import UnsafePath, WorkspaceNotFound, WorkspaceNotWritable
from wakit.paths import SOCKET_LIMIT, Workspace, check_private_file, private_dir, read_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_workspace_create_makes_private_folders(tmp_path: Path) -> None:
    """Every folder of a workspace is 0700, whatever the umask says."""
    before = os.umask(0)
    try:
        workspace = Workspace(tmp_path / "shop").create()
    finally:
        os.umask(before)
    assert {0o700} == {mode(p) for p in (workspace.sessions, workspace.data, workspace.logs, workspace.journals)}


def test_workspace_find_walks_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace is found from any folder inside it."""
    monkeypatch.delenv("WAKIT_HOME", raising=False)
    workspace = Workspace(tmp_path).create()
    deep = tmp_path / "notebooks" / "old"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert workspace == Workspace.find()


def test_workspace_home_variable_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``WAKIT_HOME`` names the workspace wherever the caller stands: cron stands nowhere."""
    workspace = Workspace(tmp_path / "w").create()
    monkeypatch.setenv("WAKIT_HOME", str(workspace.root))
    monkeypatch.chdir("/")
    assert workspace == Workspace.find()


def test_workspace_home_variable_makes_a_workspace_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that somebody names becomes a workspace; one that is not there is a typing error and stays away."""
    monkeypatch.setenv("WAKIT_HOME", str(tmp_path))
    assert Workspace.find().exists
    monkeypatch.setenv("WAKIT_HOME", str(tmp_path / "typo"))
    with pytest.raises(WorkspaceNotFound, match="typo"):
        Workspace.find()
    assert not (tmp_path / "typo").exists()


def test_workspace_missing_names_the_command(tmp_path: Path) -> None:
    """Where there is no workspace, the error says how to make one."""
    with pytest.raises(WorkspaceNotFound, match="wakit init"):
        Workspace.find(tmp_path)


def test_workspace_under_a_file_is_not_writable(tmp_path: Path) -> None:
    """A workspace that cannot be made is a typed error, and nothing is created."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(WorkspaceNotWritable):
        Workspace(blocker / "w").create()


def test_socket_path_is_short_in_a_deep_folder(tmp_path: Path) -> None:
    """A long workspace path does not break the Unix socket."""
    deep = Workspace(tmp_path / ("d" * 120))
    assert len(os.fsencode(deep.socket)) <= SOCKET_LIMIT
    assert deep.socket != Workspace(tmp_path / ("e" * 120)).socket


def test_a_folder_that_cannot_be_made_private_names_the_chmod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that knows no modes (FAT, some network drives) is a typed error with the folder and what to run."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)

    def refuse(fd: int, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(WorkspaceNotWritable, match=f"chmod 700 {folder}"):
        private_dir(folder)


@pytest.mark.faults
def test_F32_linked_folder_is_refused(tmp_path: Path) -> None:
    """A private folder is never reached through a link."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "auth_sessions").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath, match="link"):
        private_dir(tmp_path / "auth_sessions")


@pytest.mark.faults
def test_F32_linked_file_is_refused(tmp_path: Path) -> None:
    """A private file is never read through a symbolic or a hard link."""
    real = tmp_path / "real"
    write_private(real, b"secret")
    (tmp_path / "soft").symlink_to(real)
    with pytest.raises(UnsafePath):
        read_private(tmp_path / "soft")
    os.link(real, tmp_path / "hard")
    with pytest.raises(UnsafePath):
        read_private(tmp_path / "hard")


@pytest.mark.faults
def test_F33_readable_file_is_refused_with_the_chmod(tmp_path: Path) -> None:
    """A file that others can read is not opened, and the error says what to run."""
    path = tmp_path / "session.db"
    path.write_bytes(b"")
    path.chmod(0o644)
    with pytest.raises(UnsafePath, match="chmod 600"):
        check_private_file(path)


def test_write_private_replaces_whole_and_private(tmp_path: Path) -> None:
    """A rewritten file has the new content, mode 0600, and leaves no temporary file."""
    path = tmp_path / "host.json"
    write_private(path, b"old")
    write_private(path, b"new")
    assert (b"new", 0o600, ["host.json"]) == (read_private(path), mode(path), os.listdir(tmp_path))
