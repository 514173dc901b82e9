from __future__ import annotations

import re

from wakit import errors
from wakit.errors import UnknownAccount, WakitError, error_code, error_named


def classes() -> list[type[WakitError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WakitError)]
    return sorted(found, key=lambda kind: kind.__name__)


def test_tree_in_the_docstring_names_every_class() -> None:
    """The drawn tree and the module agree."""
    drawn = set(re.findall(r"[A-Z]\w+", errors.__doc__.split("::", 1)[1].split("The docstring")[0]))
    assert {kind.__name__ for kind in classes()} == drawn & {name for name in vars(errors) if name[0].isupper()}


def test_every_code_leads_back_to_its_class() -> None:
    """What the host raised is what the client raises."""
    assert classes() == [error_named(error_code(kind)) for kind in classes()]


def test_unknown_code_is_still_a_wakit_error() -> None:
    """A newer host's error can be caught by an older client."""
    assert WakitError is error_named("from-the-future")


def test_docstring_is_the_default_message() -> None:
    """An error without a message still says what to do next."""
    assert "wakit login ACCOUNT" in str(UnknownAccount())


def test_every_class_has_a_message_of_its_own() -> None:
    """No two errors say the same thing."""
    assert len(classes()) == len({str(kind()) for kind in classes()})
