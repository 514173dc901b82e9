"""A process that drains and kills itself at a given step; it is forked from a server that has imported everything."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

from stored import entries, opened, said

from wakit.model import Source
from wakit.paths import Workspace
from wakit.store import Decoded

#: How many different messages the story holds, and its last entry.
MESSAGES, LAST = 60, 42

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["wakit.store"])


def story() -> list[Decoded]:
    """Return entries of which one is a history sync that is moved in parts and repeats what was heard live."""
    live = [said(f"M{n}") for n in range(39)]
    history = [said(f"M{n}", source=Source.HISTORY) for n in range(30, MESSAGES)]
    return entries([*live, history, said("M5"), said("M59")])


def drain(workspace: Workspace, step: str = "never", times: int = 0) -> int:
    """Drain the story in another process, which dies when *step* comes for the n-th time; return its exit code."""
    process = _processes.Process(target=_drain, args=(workspace.root, step, times))
    process.start()
    process.join(120)
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _drain(root: Path, step: str, times: int) -> None:
    left = times

    def at(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and not left:
            os.kill(os.getpid(), signal.SIGKILL)

    with opened(Workspace(root), drain_batch=8, at=at) as store:
        store.drain("default", story())
