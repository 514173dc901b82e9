from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from wakit import doctor
from wakit.doctor import Verdict, examine
from wakit.paths import Workspace


def verdicts(workspace: Workspace) -> dict[str, Verdict]:
    return {finding.what: finding.verdict for finding in examine(workspace, "en")}


def test_doctor_finds_nothing_wrong_with_a_new_workspace(workspace: Workspace) -> None:
    """A fresh workspace and installation have no fault; encryption may be a hint."""
    assert all(finding.verdict.fine for finding in examine(workspace, "en"))


def test_doctor_names_what_others_can_read_and_the_command(workspace: Workspace) -> None:
    """A session that others can read is a fault, with the chmod to run."""
    leaked = workspace.sessions / "session.db"
    leaked.touch(0o644)
    leaked.chmod(0o644)
    wrong = [finding for finding in examine(workspace, "en") if not finding.verdict.fine]
    assert ["auth_sessions"] == [finding.what for finding in wrong]
    assert str(leaked) in wrong[0].said
    assert f"chmod -R go-rwx {workspace.sessions}" in wrong[0].said


def test_doctor_misses_the_native_library(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A neonize without its native part would download it at start; that is a fault."""
    spec = ModuleSpec("neonize", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: spec)
    assert Verdict.WRONG is verdicts(workspace)["neonize"]


def test_doctor_warns_of_a_full_disk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less free space than a busy day needs is a fault."""
    monkeypatch.setattr(doctor, "_LOW_SPACE", sys.maxsize)
    assert Verdict.WRONG is verdicts(workspace)["data"]


@pytest.mark.parametrize(("uuid", "encrypted"), [("CRYPT-LUKS2-aa", True), ("LVM-bb", False)])
def test_doctor_reads_encryption_through_lvm(tmp_path: Path, uuid: str, encrypted: bool) -> None:
    """A volume on LVM on LUKS counts as encrypted, one on LVM alone does not."""
    top, below = tmp_path / "top", tmp_path / "top" / "slaves" / "below"
    for device, name in ((top, "LVM-top"), (below, uuid)):
        (device / "dm").mkdir(parents=True)
        (device / "dm" / "uuid").write_text(name)
    assert encrypted is doctor._encrypted_device(top)
