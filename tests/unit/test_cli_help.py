from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

HEAVY = (
    "pydantic",
    "fastapi",
    "httpx",
    "rich",
    "pandas",
    "duckdb",
    "pyarrow",
    "ipywidgets",
    "neonize",
    "qrcode",
    "cryptography",
    "tantivy",
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from wakit.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "100"},
    )


def test_help_imports_nothing_heavy() -> None:
    """What a command needs is imported when it runs, not when the program starts."""
    program = f"import sys; import wakit.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize(
    "command",
    [
        "login",
        "status",
        "send",
        "sends",
        "consent",
        "search",
        "logout",
        "rebuild",
        "export",
        "snapshot",
        "init",
        "lab",
        "doctor",
        "host",
        "host start",
        "emulator",
        "demo",
    ],
)
def test_every_command_has_help(command: str) -> None:
    """Each command explains itself without touching anything."""
    done = run(*command.split(), "--help")
    assert (0, "") == (done.returncode, done.stderr)
    assert "Usage: wakit" in done.stdout


def test_version_is_the_distributions() -> None:
    """``wakit --version`` names the program and its version."""
    assert f"wakit {version('wakit-notebooks')}\n" == run("--version").stdout
