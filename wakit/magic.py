"""
``%%wasql``: SQL in a cell of its own, its values from the notebook's variables.

``:name``, ``$name`` and ``{{ expression }}`` become parameters of the query: what
a variable holds is compared, never read as SQL, whatever it says. An error shows
what is wrong and where, without the frames of wakit that nobody can act upon.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from wakit.client import Client, connect
from wakit.errors import InvalidInput, WakitError

#: What may hold a colon or a brace that means something else goes first and stays as it is.
_PIECES = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*' | "(?:[^"]|"")*" | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | --[^\n]* | /\*.*?\*/ | ::)
    | \{\{(?P<expression>.*?)\}\}
    | (?<![\w\])"'\[]):(?P<colon>[A-Za-z_]\w*)
    | \$(?P<dollar>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPTION = re.compile(
    r"\s*(?:(?:-o|--output)[\s=]+(?P<output>\S+)|--as[\s=]+(?P<form>\S+)|--seconds[\s=]+(?P<seconds>\S+)|(?P<target>[^\W\d]\w*)\s*<<)"
)
_USAGE = """%%wasql [-o NAME | NAME <<] [--as pandas|arrow|polars] [--seconds S]
SELECT … WHERE chat = :chat AND ts > {{ since }}"""


@dataclass(kw_only=True)
class Cell:
    """What stands in a cell."""

    query: str
    #: Variable that keeps the rows; without one they are the cell's result.
    output: str | None = None
    form: str = "pandas"
    seconds: float | None = None
    #: Expressions of the notebook whose values the query needs, by the name of the parameter.
    values: dict[str, str] = field(default_factory=dict)


def read(line: str, cell: str = "") -> Cell:
    """
    Read a cell: options on its first line, or before the query of a line.

    Raises:
        InvalidInput: An option cannot be read, or there is no query.
    """
    told: dict[str, str] = {}
    while match := _OPTION.match(line):
        told |= {name: value for name, value in match.groupdict().items() if value}
        line = line[match.end() :]
    output = told.get("output") or told.get("target")
    query = f"{line}\n{cell}".strip()
    form, seconds = told.get("form", "pandas"), told.get("seconds")
    unknown = re.match(r"\s*-(?!- )", line)  # a comment has a blank behind its dashes
    if not query or unknown or (output and not output.isidentifier()):
        raise InvalidInput(f"This cell cannot be read. Write:\n{_USAGE}")
    if form not in _FORMS:
        raise InvalidInput(f"--as {form} is unknown. Choose one of {', '.join(_FORMS)}.")
    try:
        limit = float(seconds) if seconds else None
    except ValueError as exc:
        raise InvalidInput(f"--seconds {seconds} is no number of seconds.") from exc
    return _parameters(Cell(query=query, output=output, form=form, seconds=limit))


def _parameters(cell: Cell) -> Cell:
    """Replace every variable and expression by a parameter."""

    def replaced(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match[0]
        name = match["colon"] or match["dollar"]
        expression = name or match["expression"].strip()
        parameter = name or f"value_{len(cell.values) + 1}__"
        cell.values[parameter] = expression
        return f"${parameter}"

    cell.query = _PIECES.sub(replaced, cell.query)
    return cell


_FORMS: dict[str, Callable[[Client], Callable[..., Any]]] = {
    "pandas": lambda client: client.sql,
    "arrow": lambda client: client.arrow,
    "polars": lambda client: client.polars,
}


@magics_class
class WakitMagics(Magics):
    """The magics of wakit."""

    shell: InteractiveShell

    @no_var_expand
    @line_cell_magic
    def wasql(self, line: str, cell: str = "") -> Any:
        """
        Run SQL over the stored data, with the notebook's variables as its values.

        ``%%wasql [-o NAME | NAME <<] [--as pandas|arrow|polars] [--seconds S]`` above a
        query; ``rows = %wasql SELECT …`` on one line. ``:name``, ``$name`` and
        ``{{ expression }}`` are values. The client is the variable ``wa`` where it is one.
        """
        try:
            return self._run(read(line, cell))
        except (WakitError, KeyboardInterrupt) as exc:
            shown = [f"{type(exc).__name__}: {exc.message if isinstance(exc, WakitError) else 'The query was stopped.'}"]
            # IPython asks an exception how it wants to be shown.
            exc._render_traceback_ = lambda: shown  # type: ignore[union-attr]
            raise

    def _run(self, cell: Cell) -> Any:
        values = {name: self._value(expression) for name, expression in cell.values.items()}
        rows = _FORMS[cell.form](self._client())(cell.query, values or None, seconds=cell.seconds)
        if cell.output is None:
            return rows
        self.shell.user_ns[cell.output] = rows
        print(f"{cell.output}: {len(rows):,} × {len(rows.columns)}")  # noqa: T201 - a cell's output
        return None

    def _value(self, expression: str) -> Any:
        try:
            return self.shell.ev(expression)  # type: ignore[no-untyped-call]
        except Exception as exc:
            msg = f"{expression!r} has no value here ({type(exc).__name__}: {exc}). Run the cell that makes it first."
            raise InvalidInput(msg) from exc

    def _client(self) -> Client:
        found = self.shell.user_ns.get("wa")
        if isinstance(found, Client):
            return found
        if self._own is None:
            self._own = connect()
        return self._own

    _own: Client | None = None


def enable(shell: InteractiveShell) -> None:
    """Make the magics known to a notebook."""
    if "wasql" not in shell.magics_manager.magics["cell"]:
        shell.register_magics(WakitMagics)
