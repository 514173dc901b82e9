"""What a person sees who asks a cell for help: the verbs, their arguments and what they promise."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from wakit.client import Client


@pytest.fixture
def shell() -> InteractiveShell:
    """Return a shell with a client ``wa`` that was never attached: help needs no host."""
    shell = InteractiveShell(colors="nocolor")
    shell.user_ns["wa"] = Client.__new__(Client)
    return shell


def test_verbs_are_completed(shell: InteractiveShell) -> None:
    """Tab offers verbs, widgets and switches, also where jedi reads the annotations of all of them, as in a kernel."""
    with provisionalcompleter():
        offered = {one.text.lstrip(".") for one in shell.Completer.completions("wa.", 3)}
    assert {"send", "search", "search_box", "status_bar", "campaign_panel", "messages", "language", "private"} <= offered
    assert shell.Completer.use_jedi


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("send", ("to: 'str'", "Send", "Raises:")),
        ("search", ("question: 'str'", "pd.DataFrame", "a beginning")),
        ("status_bar", ("account: 'str' = 'default'", "Show in one line")),
        ("watch", ("Iterator[SessionStatus]", "Yield")),
    ],
)
def test_help_of_a_verb_is_its_signature_and_its_promise(shell: InteractiveShell, name: str, told: tuple[str, ...]) -> None:
    """Shift-Tab shows what the verb takes and gives, not the plumbing that carries it out."""
    shown = shell.object_inspect_mime(f"wa.{name}")["text/plain"]
    assert [] == [text for text in told if text not in shown]
    assert "functools" not in shown.partition("File:")[0]
