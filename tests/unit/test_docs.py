"""The README says what the program does: every verb, route, setting, state and exit code, as the code has it."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from wakit.cli import app
from wakit.cli.exits import Exit
from wakit.config import Settings
from wakit.host import routes as host_routes
from wakit.host.scopes import SCOPES
from wakit.model import SessionState
from wakit.sentences import words
from wakit.store.dictionary import written

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield every verb of the terminal with its options."""
    root = typer.main.get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        for below, leaf in getattr(command, "commands", {"": command}).items():
            options = [option for parameter in leaf.params for option in parameter.opts if option.startswith("--")]
            yield f"wakit {name} {below}".strip(), options


@pytest.mark.parametrize(("verb", "options"), list(commands()))
def test_every_verb_and_option_is_in_the_readme(verb: str, options: list[str]) -> None:
    """Whoever reads the README knows every form of the terminal."""
    (line,) = [line for line in README.splitlines() if line.startswith((f"| `{verb} ", f"| `{verb}`"))] or [""]
    assert line, f"{verb} has no row"
    assert [] == [option for option in options if option not in line]


def routes() -> list[str]:
    """Return method and path of every route of the host; a WebSocket's method is GET."""
    modules = [import_module(f"{host_routes.__name__}.{module.name}") for module in pkgutil.iter_modules(host_routes.__path__)]
    routers = [module.router for module in modules if hasattr(module, "router")]
    found = [route for router in routers for route in router.routes]
    return sorted({f"{method} {route.path}" for route in found for method in getattr(route, "methods", ("GET",))})


@pytest.mark.parametrize("route", routes())
def test_every_route_is_in_the_readme(route: str) -> None:
    """Whoever reads the README knows every address of the host."""
    assert route in README


@pytest.mark.parametrize("route", routes())
def test_every_route_names_its_scope(route: str) -> None:
    """A new route says in the table which tokens it is for; one without would be for admins only, by accident."""
    assert route in SCOPES


def test_every_scope_is_one_of_a_route() -> None:
    """Nothing stands in the table that is not served."""
    assert SCOPES.keys() - routes() == set()


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_the_readme(name: str) -> None:
    """Each setting stands in the table with its default and what it means."""
    field = Settings.model_fields[name]
    default = "" if field.default is None else f"`{field.default}`"
    assert f"| `WAKIT_{name.upper()}` | {default} | {field.description} |" in README


@pytest.mark.parametrize("state", list(SessionState))
def test_every_state_is_in_the_readme(state: SessionState) -> None:
    """Each state stands in the table with its words in both languages."""
    spanish, english = words(state, "es"), words(state, "en")
    assert f"| {spanish.icon} `{state}` | {spanish.word} | {english.word} |" in README


@pytest.mark.parametrize("code", list(Exit))
def test_every_exit_code_is_in_the_readme(code: Exit) -> None:
    """Each exit code stands in the table under its number."""
    assert re.search(rf"^\| {code.value} \|", README, re.MULTILINE)


def test_the_data_dictionary_is_that_of_this_version() -> None:
    """Whoever changes a view, a table or the words beside them runs ``python -m wakit.store.dictionary README.md``."""
    assert written(README) == README, "the data dictionary is stale: python -m wakit.store.dictionary README.md"


def test_the_changelog_has_an_unreleased_part() -> None:
    """What is not released yet is written down for users."""
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")
