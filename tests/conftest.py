"""What every test stands on: an environment without the developer's settings, and a workspace of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wakit.config import settings
from wakit.paths import Workspace

#: A proxy or certificate file of the developer's would send a worker's traffic elsewhere.
FOREIGN = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "SSL_CERT_FILE", "BROWSER", "PYTEST_ADDOPTS")


def _is_foreign(name: str) -> bool:
    return name.startswith(("WAKIT_", "JUPYTER", "NEONIZE_")) or name in FOREIGN or name.upper().endswith("_PROXY")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Run browser tests last, and tests of real processes once more where they fail.

    The browser's driver keeps an event loop in the main thread, where others want
    one of their own. On a machine that stalls for seconds, a real library or
    browser can miss any deadline; what needed its second chance is in the summary.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if any(item.get_closest_marker(real) for real in ("network", "browser")):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove every variable that wakit, its workers or Jupyter would listen to; settings are read anew."""
    for name in [name for name in os.environ if _is_foreign(name)]:
        monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace; its path is short enough for a socket beside the lock."""
    return Workspace(tmp_path / "shop").create()
