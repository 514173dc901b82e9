"""
What a campaign says to each person: a Jinja2 template over the columns of its audience.

Whoever may send may write a template, and the host renders it a hundred thousand times; so it gets the values
of one row and nothing else. The sandbox keeps Python away from it; what else could run away
(``range``, padding a text to a billion blanks) is not there. A value that is missing is undefined and
using it is an error, because a message that begins with "Hola ," is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any

from jinja2 import StrictUndefined, meta
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wakit.errors import InvalidTemplate

#: Longest template, in characters.
SOURCE_LIMIT = 16 * 1024
#: Filters that cannot make much out of little.
_FILTERS = frozenset(
    {
        *("abs", "capitalize", "d", "default", "first", "float", "int", "join", "last", "length", "lower"),
        *("round", "sort", "string", "title", "trim", "truncate", "upper"),
    }
)
#: Methods of the values that cannot either.
_METHODS = frozenset(
    {"capitalize", "endswith", "isdigit", "lower", "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"}
)
#: Longest text that a filter makes.
_LONGEST = 1024 * 1024


class MissingField(Exception):
    """A row lacks a value that its text needs; the name of the field is the message."""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr in _METHODS and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or isinstance(left, str) or isinstance(right, str):
            msg = f"The operator {operator} cannot be used here."
            raise SecurityError(msg)
        return super().call_binop(context, operator, left, right)


def _environment() -> _Environment:
    made = _Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS} | {"replace": _replace}
    return made


def _replace(text: object, old: str, new: str) -> str:
    said = str(text)
    if len(said) + said.count(old) * len(new) > _LONGEST:
        raise SecurityError("The filter replace would make a text that is too long.")
    return said.replace(old, new)


_ENVIRONMENT = _environment()


class Template:
    """
    A text with ``{{ fields }}`` in it.

    Raises:
        InvalidTemplate: It cannot be read; the message names the line.
    """

    def __init__(self, source: str) -> None:
        if len(source) > SOURCE_LIMIT:
            msg = f"The template has {len(source):,} characters; {SOURCE_LIMIT:,} is the most. Write a message, not a book."
            raise InvalidTemplate(msg, length=len(source), limit=SOURCE_LIMIT)
        self.source = source
        try:
            #: The names of the columns that it uses.
            self.fields = frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(source)))
            self._compiled = _ENVIRONMENT.from_string(source)
        except TemplateSyntaxError as exc:
            msg = f"Line {exc.lineno} of the template cannot be read: {exc.message}"
            raise InvalidTemplate(msg, line=exc.lineno) from exc
        except TemplateError as exc:
            raise InvalidTemplate(f"The template cannot be used: {exc}") from exc

    @cached_property
    def digest(self) -> str:
        """What the template is known by in the ledger: two are the same if they say the same."""
        return blake2b(self.source.encode(errors="surrogatepass"), digest_size=16).hexdigest()

    def render(self, values: Mapping[str, Any]) -> str:
        """
        Return the text for one person.

        Raises:
            MissingField: It uses a value that this row lacks.
            InvalidTemplate: It does something that a template may not, or that this value cannot bear.
        """
        try:
            return self._compiled.render(values)
        except UndefinedError as exc:
            raise MissingField(_undefined(str(exc))) from exc
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, MemoryError, RecursionError) as exc:
            raise InvalidTemplate(f"The template cannot be filled in: {exc}") from exc


def _undefined(said: str) -> str:
    """Return the name in ``'nombre' is undefined``."""
    return said.split("'")[1] if said.count("'") > 1 else said
