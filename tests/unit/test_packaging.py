"""What is in the wheel: everything that a workspace needs, and nothing of the workshop."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
#: Files that are data, not modules: without them the installed package would fail where a checkout does not.
DATA = {".json", ".sql", ".js", ".css", ".ipynb", ".typed"}


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and the wheel from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with ZipFile(next(distributions.glob("*.whl"))) as file:
        return set(file.namelist())


def tracked(*folders: str) -> set[str]:
    """Return the files of the checkout that git knows below some folders."""
    done = subprocess.run(["git", "ls-files", "--", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if (ROOT / line).exists()}


def test_wheel_has_every_file_of_the_package(wheel: set[str]) -> None:
    """Modules, tokens, SQL, scripts and style sheets of the widgets are all shipped."""
    expected = tracked("wakit")
    assert {suffix for suffix in DATA if any(name.endswith(suffix) for name in expected)} >= {".json", ".sql", ".js", ".css"}
    assert set() == expected - wheel


def test_wheel_has_the_notebooks_and_git_rules_for_a_workspace(wheel: set[str]) -> None:
    """``wakit init`` finds them inside the installed package."""
    notebooks = {f"wakit/{name}" for name in tracked("notebooks") if name.endswith(".ipynb")}
    assert notebooks
    assert set() == notebooks - wheel
    assert "wakit/templates/gitignore" in wheel


def test_wheel_has_nothing_of_the_workshop(wheel: set[str]) -> None:
    """No tests, no private folders, no caches, no databases."""
    tops = {name.split("/")[0] for name in wheel}
    assert {"wakit"} == {top for top in tops if not top.endswith(".dist-info")}
    unwanted = ("__pycache__", "auth_sessions", ".duckdb", ".db", ".ipynb_checkpoints", "network.json")
    assert [] == [name for name in wheel if any(part in name for part in unwanted)]


def test_wheel_declares_its_command_and_license(wheel: set[str], distributions: Path) -> None:
    """``wakit`` is installed as a command, the emulator as a pytest plugin, the license with them."""
    with ZipFile(next(distributions.glob("*.whl"))) as file:
        entries = file.read(next(name for name in wheel if name.endswith("entry_points.txt"))).decode()
    assert "wakit = wakit.cli:main" in entries
    assert "wakit_emulator = wakit.emulator.pytest_plugin" in entries
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_source_distribution_can_build_the_same_wheel(distributions: Path, tmp_path: Path, wheel: set[str]) -> None:
    """What is published as source holds all that the wheel is made of."""
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    with ZipFile(next((tmp_path / "again").glob("*.whl"))) as file:
        assert wheel == set(file.namelist())
