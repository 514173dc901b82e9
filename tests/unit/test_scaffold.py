from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from wakit.errors import UnsafePath, WorkspaceNotWritable
from wakit.paths import Workspace
from wakit.scaffold import Outcome, notebooks, scaffold


def test_scaffold_makes_a_workspace_with_notebooks(tmp_path: Path) -> None:
    """A new folder becomes a workspace: private folders, git rules and every shipped notebook."""
    placed = scaffold(tmp_path / "shop")
    assert {Outcome.MADE} == {one.outcome for one in placed}
    assert Workspace(tmp_path / "shop").exists
    assert {path.name for path in notebooks().glob("*.ipynb")} == {path.name for path in (tmp_path / "shop/notebooks").glob("*")}
    assert 0o700 == stat.S_IMODE((tmp_path / "shop" / "auth_sessions").stat().st_mode)


def test_scaffold_twice_changes_nothing(tmp_path: Path) -> None:
    """Running it again keeps every file as it is."""
    scaffold(tmp_path)
    assert {Outcome.KEPT} == {one.outcome for one in scaffold(tmp_path)}


def test_scaffold_never_overwrites_what_a_person_changed(tmp_path: Path) -> None:
    """An edited file stays and is named as the user's own."""
    mine = tmp_path / ".gitignore"
    mine.write_text("mine")
    outcomes = {one.path: one.outcome for one in scaffold(tmp_path)}
    assert (Outcome.YOURS, "mine") == (outcomes[mine], mine.read_text())


def test_scaffold_hides_sessions_from_any_repository(tmp_path: Path) -> None:
    """Inside somebody's repository with rules of its own, git still does not see a session."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("")
    scaffold(tmp_path)
    (tmp_path / "auth_sessions" / "ana").mkdir()
    for private in ("auth_sessions/ana/session.db", "data/wakit.duckdb"):
        (tmp_path / private).write_text("secret")
    seen = subprocess.run(["git", "-C", tmp_path, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True)
    assert "auth_sessions" not in seen.stdout
    assert "data" not in seen.stdout


def test_scaffold_on_a_file_names_it(tmp_path: Path) -> None:
    """A path that is a file is refused with its name, and the file stays."""
    file = tmp_path / "file"
    file.write_text("text")
    with pytest.raises(WorkspaceNotWritable, match=str(file)):
        scaffold(file)
    assert "text" == file.read_text()


def test_scaffold_through_a_link_is_refused(tmp_path: Path) -> None:
    """A private folder that is a link to elsewhere is never used."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "auth_sessions").symlink_to(elsewhere)
    with pytest.raises(UnsafePath):
        scaffold(tmp_path / "shop")
    assert [] == list(elsewhere.iterdir())
