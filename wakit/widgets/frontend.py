"""
Whether somebody sits before the cell that is running.

The request that runs a cell says so itself: JupyterLab, Notebook and VS Code
send ``allow_stdin: true``, while papermill, nbclient, nbconvert and nbval send
``false``. Voilà executes through nbclient but does show widgets to a person; it
is known by what it puts into the kernel's environment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from IPython.core.getipython import get_ipython


@dataclass(frozen=True)
class Unattended:
    """What a cell says instead of a widget where nobody looks: nothing of what the widget would show."""

    text: str

    def __repr__(self) -> str:
        return self.text


def is_attended() -> bool:
    """Return whether the running cell belongs to a frontend with a person, who can see widgets and answer."""
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    if "VOILA_REQUEST_URL" in os.environ:
        return True
    # A comm message instead of an execute request is itself the sign of a frontend.
    return bool(kernel.get_parent().get("content", {}).get("allow_stdin", True))
