"""The shop windows: what ``import wakit`` offers is what it names, and naming costs nothing."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import wakit

WINDOWS = ["wakit", "wakit.client", "wakit.cli", "wakit.demo", "wakit.emulator", "wakit.store", "wakit.widgets"]


@pytest.mark.parametrize("name", WINDOWS)
def test_exported_names_are_there(name: str) -> None:
    """Every name in ``__all__`` is there, once; their order is the linter's."""
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    assert [] == [exported for exported in module.__all__ if not hasattr(module, exported)]


def test_the_first_window_is_small() -> None:
    """``import wakit`` offers a dozen names at most, and says plainly what it does not have."""
    assert len(wakit.__all__) <= 12
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = wakit.nothing


def test_import_of_wakit_does_no_work() -> None:
    """A bare ``import wakit`` loads no other part of it."""
    program = "import sys, wakit; print(sorted(name for name in sys.modules if name.startswith('wakit.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_every_module_can_be_imported() -> None:
    """No module of the installed package is broken, whatever part of it a person needs."""
    names = [module.name for module in pkgutil.walk_packages(wakit.__path__, "wakit.")]
    # The adapter loads the Go library, which writes to the terminal; every network test imports it.
    wanted = [name for name in names if not name.endswith("__main__") and name != "wakit.session.adapter"]
    program = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program, *wanted], capture_output=True, text=True, check=False)
    assert "" == done.stderr
