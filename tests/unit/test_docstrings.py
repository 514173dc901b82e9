"""Every public function and class, and every test, says in one sentence what it promises."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def silent(folder: Path) -> list[str]:
    """
    Return the public functions and classes of a package that have no docstring.

    Methods may do without: where the class promises something, ``close`` says enough.
    """
    return [
        f"{file.relative_to(folder.parent).as_posix()}: {node.name}"
        for file in sorted(folder.rglob("*.py"))
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def test_every_public_function_and_class_of_the_package_has_a_docstring() -> None:
    """A person reading any public name finds its promise."""
    assert silent(ROOT / "wakit") == []


def test_every_module_of_the_package_says_what_it_is() -> None:
    """Each module begins with what it is, and where that is not plain, why."""
    files = sorted((ROOT / "wakit").rglob("*.py"))
    assert [] == [file.name for file in files if not ast.get_docstring(ast.parse(file.read_text("utf-8")))]


def test_every_test_states_its_promise() -> None:
    """Each test function has one sentence: what it keeps true."""
    silent_tests = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                silent_tests += [] if ast.get_docstring(node) else [f"{file.name}: {node.name}"]
    assert silent_tests == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): ...", ["pkg/m.py: f"]),
        ('def f():\n    """Do it."""', []),
        ('class C:\n    """It."""\n    def close(self): ...', []),
        ("async def f(): ...\nclass C: ...", ["pkg/m.py: f", "pkg/m.py: C"]),
        ("def _f(): ...", []),
    ],
)
def test_a_silent_definition_is_found(tmp_path: Path, source: str, expected: list[str]) -> None:
    """The rule fails where a public name says nothing."""
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "m.py").write_text(source)
    assert expected == silent(tmp_path / "pkg")
