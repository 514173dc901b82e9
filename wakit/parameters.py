"""
The parameters of a notebook: what the cell tagged ``parameters`` assigns, read without running it.

papermill only warns of a parameter that a notebook does not have and goes on without it, so a
typing error in ``lista=…`` would notify everybody on the default list. Whoever starts or
schedules a notebook is told before.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wakit.errors import InvalidInput

#: Types that a value can be held against; a notebook decides about others itself.
_PLAIN = (bool, int, float, str)


def require_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """
    Refuse values for parameters that *notebook* does not have, or of another type than its own.

    Args:
        notebook: An .ipynb file.
        given: Values by name; a text counts as what it can be read as.

    Raises:
        InvalidInput: One is wrong, or the file is no notebook.
    """
    known = defaults(notebook) if given else {}
    for name, value in given.items():
        if name not in known:
            names = ", ".join(sorted(known)) or "none: it has no cell with the tag parameters"
            msg = f"{notebook.name} has no parameter {name[:64]!r}. It has {names}."
            raise InvalidInput(msg, parameter=name[:64])
        default = known[name]
        if type(default) in _PLAIN and not _fits(value, type(default)):
            msg = f"The parameter {name!r} of {notebook.name} is of type {type(default).__name__}; {value!r} is not."
            raise InvalidInput(msg, parameter=name)


def defaults(notebook: Path) -> dict[str, Any]:
    """
    Return the parameters of a notebook and their values; ``None`` where that is computed.

    Raises:
        InvalidInput: The file is no notebook.
    """
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", ())]
        body = ast.parse("".join(tagged[0]["source"])).body if tagged else []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as exc:
        msg = f"{str(notebook)!r} cannot be read as a notebook with Python parameters ({exc})."
        raise InvalidInput(msg, notebook=str(notebook)) from exc
    found: dict[str, Any] = {}
    for line in body:
        for target in line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]:
            if isinstance(target, ast.Name):
                found[target.id] = _value(getattr(line, "value", None))
    return found


def _value(node: ast.expr | None) -> Any:
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return None


def _fits(value: object, kind: type) -> bool:
    if isinstance(value, str) and kind is not str:
        try:
            value = ast.literal_eval({"true": "True", "false": "False"}.get(value.lower(), value))
        except (ValueError, SyntaxError):
            return False
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is kind or (kind is str and not isinstance(value, (dict, list)))


def typed(notebook: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return values for parameters as *notebook* gets them: plain JSON, of the types of its own.

    Where a parameter has none (``None``, or it is computed), a text stays one, and only what is
    plainly JSON (a list, an object, ``true``, ``null``) is read: a phone number is no number.

    Raises:
        InvalidInput: One is wrong, as for ``require_parameters``, or no JSON value.
    """
    require_parameters(notebook, given)
    known = defaults(notebook) if given else {}
    values = {name: _read(value, known[name]) for name, value in given.items()}
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as exc:
            msg = f"The parameter {name!r} of {notebook.name} must be a plain JSON value: {exc}."
            raise InvalidInput(msg, parameter=name) from exc
    return values


def _read(value: Any, default: Any) -> Any:
    if not isinstance(value, str) or isinstance(default, str):
        return value
    if default is None and value[:1] not in {"[", "{"} and value not in {"true", "false", "null"}:
        return value
    try:
        read = ast.literal_eval({"true": "True", "false": "False", "null": "None"}.get(value, value))
    except (ValueError, SyntaxError):
        read = json.loads(value) if value[:1] in {"[", "{"} and _is_json(value) else value
    return float(read) if isinstance(default, float) and isinstance(read, int) else read


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True
