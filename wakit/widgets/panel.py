"""
What all widgets share: traits that hold words only, one background thread, one widget per cell's purpose.

A cell may be run again and again: there is one widget per kernel for the same
question, and a second view of it mirrors the first. What a widget shows travels
as custom messages, which nothing stores; synced traits end up in
``metadata.widgets`` of executed notebooks, so no trait ever holds a message, a
name, a number or a code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import anywidget
import traitlets

from wakit import autostart
from wakit.client import AsyncClient
from wakit.languages import Language
from wakit.paths import Workspace
from wakit.widgets.bridge import bridge
from wakit.widgets.live import Live

_HERE = Path(__file__).parent
#: What several widgets have; what is only for one comes behind it.
_SHARED_STYLES = ("panel", "state", "thread", "composer")

P = TypeVar("P", bound="Panel")


def assets(*names: str) -> dict[str, str]:
    """Return the ESM of a widget made of these parts, with what all widgets share before them, and the styles."""
    esm = "\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in ("panel", *names))
    return {"_esm": esm, "_css": styles()}


@cache
def styles() -> str:
    """
    Return the styles of all widgets.

    A page has a style sheet for each kind of widget that is in it, and the one that came last wins over all of them:
    with the shared part alone in common, a status bar changed the inbox above it. So each has everything, what is shared first.
    """
    shared = [_HERE / f"{name}.css" for name in _SHARED_STYLES]
    own = sorted(file for file in _HERE.glob("*.css") if file not in shared)
    return "\n".join(file.read_text("utf-8") for file in (*shared, *own))


class Panel(anywidget.AnyWidget):
    """
    One widget.

    Args:
        lang: Of the texts.
        texts: What the widget says whatever happens; the browser gets it once.
    """

    #: What a notebook keeps of the widget: one line that says to run the cell.
    kept: ClassVar[str] = ""

    lang = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(self, lang: Language, texts: dict[str, Any]) -> None:
        super().__init__(lang=lang, texts=texts)
        self._live: Live[Any] | None = None

    def animate(self, live: Live[Any]) -> None:
        """Run the kernel's side of the widget, and hand it what the views say."""
        self._live = live
        self._running = bridge().submit(live.run(), live.fail)
        self.on_msg(self._receive)

    @property
    def is_open(self) -> bool:
        """Whether the widget still follows and can be shown."""
        return self.comm is not None

    def close(self) -> None:
        """Stop following and take the widget out of the page."""
        self._running.cancel()
        super().close()

    def _receive(self, _widget: object, message: Any, buffers: list[memoryview]) -> None:
        if isinstance(message, dict) and self._live is not None:
            bridge().submit(self._live.handle({**message, "buffers": buffers}), self._live.fail)

    def __repr__(self) -> str:
        return self.kept


_shown: dict[Hashable, Panel] = {}


def only(key: Hashable, make: Callable[[], P]) -> P:
    """Return the widget of this kernel that answers *key*, made when there is none or it was closed."""
    there = _shown.get(key)
    if there is None or not there.is_open:
        there = _shown[key] = make()
    return there


def opener(workspace: Workspace) -> Callable[[bool], Awaitable[AsyncClient]]:
    """Return how a widget attaches to the host of *workspace*, off the loop that all widgets share."""

    async def attach(start: bool) -> AsyncClient:
        info = await asyncio.to_thread(autostart.ensure, workspace, start=start)
        return AsyncClient(workspace, info, start=True)

    return attach
