"""``wakit`` in a terminal of its own, on a workspace and an emulated network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from wakit.paths import Workspace

T = TypeVar("T")
_SECONDS = 60.0
#: Light modules as they are drawn where there is no colour: upper and lower half of each character.
_HALVES = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}


def until(look: Callable[[], T | None], seconds: float = _SECONDS) -> T:
    """Return what *look* finds, looking again until a deadline."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def picture_of(drawn: list[str]) -> Image.Image:
    """Return as a picture what a terminal shows: what a phone's camera would see."""
    rows = [[_HALVES[character] for character in line] for line in drawn]
    dark = np.array([half for row in rows for half in zip(*row, strict=True)], dtype=bool)
    return Image.fromarray(np.where(dark, 0, 255).astype(np.uint8).repeat(8, axis=0).repeat(8, axis=1))


class Terminal:
    """Runs ``wakit`` as a person does, in English and without colour."""

    def __init__(self, workspace: Workspace, descriptor: Path | None = None) -> None:
        self.workspace = workspace
        self.environment = {**os.environ, "WAKIT_HOME": str(workspace.root), "WAKIT_LANG": "en", "PYTHONUNBUFFERED": "1"}
        if descriptor is not None:
            self.environment["WAKIT_NETWORK"] = str(descriptor)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and return it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "wakit.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=self.workspace.root,
        )

    def run(self, *arguments: str, seconds: float = _SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return finished(self.start(*arguments), seconds)


def finished(process: subprocess.Popen[str], seconds: float = _SECONDS) -> subprocess.CompletedProcess[str]:
    """Return how a command ended and what it said."""
    with process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
