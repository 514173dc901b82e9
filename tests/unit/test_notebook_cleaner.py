from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from wakit.notebook_cleaner import clean, main

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("**/*.ipynb"))
SECRET = "2@QR-SECRET"


def used_notebook() -> str:
    """Return a notebook as a kernel leaves it: outputs, counters and a QR in the state of a widget."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "login",
        "execution_count": 7,
        "metadata": {"tags": ["parameters"], "execution": {"started": "now"}},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": SECRET}],
        "source": "wa.login()",
    }
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.7"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"state": {"value": SECRET}}}}},
        "papermill": {"parameters": {"phone": SECRET}},
    }
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def test_clean_removes_everything_a_run_left() -> None:
    """Neither outputs nor widget state nor run metadata carry a secret out of the machine."""
    text = clean(used_notebook())
    assert SECRET not in text
    assert {"kernelspec", "language_info"} == set(json.loads(text)["metadata"])


def test_clean_keeps_what_a_person_wrote() -> None:
    """Source, id and papermill's tags stay; cleaning twice changes nothing."""
    text = clean(used_notebook())
    (cell,) = json.loads(text)["cells"]
    assert ("login", "wa.login()", {"tags": ["parameters"]}) == (cell["id"], "".join(cell["source"]), cell["metadata"])
    assert text == clean(text)


def test_main_cleans_files_in_place_and_says_so(tmp_path: Path) -> None:
    """A hook that changed a file fails once, and passes the second time."""
    path = tmp_path / "used.ipynb"
    path.write_text(used_notebook())
    assert (1, 0) == (main([str(path)]), main([str(path)]))
    assert SECRET not in path.read_text()


def test_main_filters_stdin_to_stdout(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without arguments it is a git clean filter."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(used_notebook()))
    assert 0 == main([])
    assert SECRET not in capsys.readouterr().out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_notebooks_are_clean(path: Path) -> None:
    """No notebook of the project carries outputs, counters or widget state."""
    assert path.read_text("utf-8") == clean(path.read_text("utf-8"))
