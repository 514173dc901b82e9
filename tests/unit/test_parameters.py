"""Parameters that a notebook has not, or of another type, are refused before it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wakit.errors import InvalidInput
from wakit.parameters import defaults, require_parameters

SOURCE = 'to: str = "ana"\nlimit = 10\nrate = 0.5\ndry_run = True\nwhen = today()\nnames = ["a"]\n'


def notebook(folder: Path, source: str | None = SOURCE) -> Path:
    cell = {"cell_type": "code", "source": (source or "").splitlines(keepends=True), "metadata": {"tags": ["parameters"]}}
    path = folder / "n.ipynb"
    path.write_text(json.dumps({"cells": [] if source is None else [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_defaults_are_read_without_running_anything(tmp_path: Path) -> None:
    """What is a literal has its value, what is computed has none."""
    known = {"to": "ana", "limit": 10, "rate": 0.5, "dry_run": True, "when": None, "names": ["a"]}
    assert defaults(notebook(tmp_path)) == known


@pytest.mark.parametrize("given", [{}, {"to": "5"}, {"limit": "3", "rate": "1", "dry_run": "false"}, {"limit": 3, "when": "x"}])
def test_values_of_the_right_type_pass(tmp_path: Path, given: dict[str, Any]) -> None:
    """A text from the terminal counts as what it can be read as."""
    require_parameters(notebook(tmp_path), given)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"lmit": 3}, "has no parameter 'lmit'. It has dry_run, limit, names, rate, to, when"),
        ({"limit": "many"}, "'limit' of n.ipynb is of type int; 'many' is not"),
        ({"limit": True}, "is of type int"),
        ({"dry_run": "maybe"}, "is of type bool"),
        ({"rate": "__import__('os')"}, "is of type float"),
    ],
)
def test_wrong_parameter_is_named(tmp_path: Path, given: dict[str, Any], complaint: str) -> None:
    """The error says what there is."""
    with pytest.raises(InvalidInput, match=complaint):
        require_parameters(notebook(tmp_path), given)


def test_notebook_without_parameters_takes_none(tmp_path: Path) -> None:
    """A notebook without the tagged cell, or a file that is none, is told as such."""
    with pytest.raises(InvalidInput, match="no cell with the tag parameters"):
        require_parameters(notebook(tmp_path, None), {"to": "ana"})
    with pytest.raises(InvalidInput, match="cannot be read as a notebook"):
        require_parameters(notebook(tmp_path, "to = ("), {"to": "ana"})
