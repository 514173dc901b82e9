"""
Imports go one way, and each foreign library has one owner.

The table below is the house plan in a form that can fail. A module that is not
in it fails too: whoever adds a part says where it belongs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "wakit"

BOTTOM = frozenset(
    {
        *(
            "access",
            "clock",
            "config",
            "crontab",
            "destinations",
            "details",
            "directory",
            "errors",
            "filekinds",
            "found",
            "hostfile",
            "ids",
        ),
        *(
            "consent",
            "imported",
            "instants",
            "joblock",
            "key",
            "languages",
            "model",
            "network",
            "outgoing",
            "pacing",
            "parameters",
            "paths",
            "proto",
            "qr_image",
            "redact",
            "rehearsed",
        ),
        *("schedule", "schedule_export", "sentences", "sqlvalues", "webhook", "whom", "words"),
    }
)
CLIENT = BOTTOM | {"autostart", "client"}

#: Part of the package → the other parts it may import.
MAY_IMPORT: dict[str, frozenset[str]] = {
    **dict.fromkeys(BOTTOM, BOTTOM),
    "notebook_cleaner": frozenset(),
    "session": BOTTOM,
    "store": BOTTOM | {"session"},
    "outbox": BOTTOM | {"session", "store"},
    "importers": BOTTOM | {"session", "store"},
    "rehearsal": BOTTOM | {"outbox", "emulator"},  # a process of its own
    "host": BOTTOM | {"session", "store", "outbox", "importers", "rehearsal"},
    "autostart": BOTTOM,
    "analytics": BOTTOM | {"exporting", "lake"},
    "exporting": BOTTOM,
    "lake": BOTTOM,
    # report makes the reports, login() the widget, connect() the magics, snapshot() and export() the files; imported where used
    "client": CLIENT | {"analytics", "widgets", "magic", "snapshot", "exporting"},
    "magic": CLIENT,
    "snapshot": CLIENT | {"lake"},
    "widgets": CLIENT | {"emulator"},  # "scan with the emulated phone" asks the control API, where there is one
    "runs": CLIENT,
    "emulator": BOTTOM,
    "scaffold": BOTTOM,
    "lab": BOTTOM,
    "jupyter_proxy": BOTTOM,
    "doctor": BOTTOM | {"session"},  # it looks at journals
    "demo": CLIENT | {"emulator", "scaffold", "lab", "runs"},
    # `wakit rebuild` works on the store itself, where no host may run
    "cli": CLIENT | {"runs", "session", "store", "emulator", "scaffold", "lab", "doctor", "demo"},
}

#: Foreign library → the only places that may import it.
OWNERS = {
    "neonize": ("session/adapter.py",),
    "duckdb": ("store/", "analytics/engines/"),
    "pyspark": ("analytics/engines/",),
    "tantivy": ("store/", "words.py"),
    "sqlite3": ("session/journal.py", "store/", "outbox/"),
    "ipywidgets": ("widgets/",),
    "anywidget": ("widgets/",),
    "papermill": ("runs/",),
    "nbconvert": ("notebook_cleaner.py", "runs/"),
    "fsspec": ("lake/",),
    "xlsxwriter": ("exporting/",),
    "apscheduler": ("host/slots.py",),
}


def part_of(file: Path, package: Path) -> str:
    """Return the part a file belongs to: the first folder, or the module itself."""
    return file.relative_to(package).parts[0].removesuffix(".py")


def imported(tree: ast.AST, file: Path, package: Path) -> Iterator[str]:
    """Yield the full name of everything a module imports, wherever the import stands; relative ones resolved."""
    own = ("wakit", *file.relative_to(package).parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(own[: len(own) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names if module == "wakit")


def violations(package: Path) -> list[str]:
    """Return one line for each import below *package* that the house plan does not allow."""
    found = []
    for file in sorted(package.rglob("*.py")):
        part, where = part_of(file, package), file.relative_to(package).as_posix()
        if where == "__init__.py" or part == "notebooks":
            continue
        if part not in MAY_IMPORT:
            found.append(f"{where}: {part} has no place in the house plan")
            continue
        for name in imported(ast.parse(file.read_text("utf-8")), file, package):
            top, *below = name.split(".")
            if top == "wakit" and below and below[0] != part and below[0] not in MAY_IMPORT[part]:
                found.append(f"{where}: {part} imports {name}")
            if not where.startswith(OWNERS.get(top, ("",))):
                found.append(f"{where}: only {', '.join(OWNERS[top])} may import {top}")
    return found


def test_imports_of_the_package_go_one_way() -> None:
    """No module imports from a layer above it, and only its owner imports a foreign library."""
    assert violations(PACKAGE) == []


@pytest.mark.parametrize(
    ("where", "source", "complaint"),
    [
        ("session/worker.py", "from wakit.host.app import build", "session imports wakit.host.app"),
        ("client.py", "def f():\n    import wakit.host", "client imports wakit.host"),
        ("client.py", "from wakit import host", "client imports wakit.host"),
        ("emulator/server.py", "from ..session import journal", "emulator imports wakit.session"),
        ("ids.py", "from .store import Store", "ids imports wakit.store"),
        ("session/worker.py", "import neonize.client", "only session/adapter.py may import neonize"),
        ("host/app.py", "from duckdb import connect", "only store/, analytics/engines/ may import duckdb"),
        ("emulator/state.py", "import sqlite3", "only session/journal.py, store/, outbox/ may import sqlite3"),
        ("surprise.py", "", "surprise has no place in the house plan"),
    ],
)
def test_imports_that_run_back_are_found(tmp_path: Path, where: str, source: str, complaint: str) -> None:
    """A tree with one wrong import fails with a line that names the file and the import."""
    file = tmp_path / "wakit" / where
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert f"{where}: {complaint}" in violations(tmp_path / "wakit")


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("store/drain.py", "import duckdb, sqlite3\nfrom wakit.session.journal import Journal\nfrom . import schema"),
        ("session/adapter.py", "from neonize.client import NewClient\nfrom wakit.errors import WakitError"),
        ("cli/lab.py", "def run():\n    from wakit.client import connect"),
    ],
)
def test_imports_that_go_down_are_allowed(tmp_path: Path, where: str, source: str) -> None:
    """The rule has no complaint about imports of its own part, of lower layers, or by a library's owner."""
    file = tmp_path / "wakit" / where
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert violations(tmp_path / "wakit") == []
