"""
What can end a run from outside: a signal, or its time limit.

papermill takes a signal for the end of a cell and marks it as completed, and a time limit for a cell is none for the
run. So neither reaches it: both end the kernel here, and how the run ended is what was noted, not what papermill makes of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from wakit.model import RunState

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Watch:
    """One run, as the engine and those who end it share it."""

    def __init__(self, cwd: str) -> None:
        #: Where and with what its kernel runs.
        self.cwd = cwd
        self.env: dict[str, str] = {}
        #: The notebook with its outputs so far.
        self.notebook: Any = None
        #: How it was ended from outside, and the number of the signal that did it.
        self.ended: RunState | None = None
        self.signal: signal.Signals | None = None
        self._client: Any = None

    def starts(self, client: Any, notebook: Any) -> None:
        """Note who executes the notebook; what was ended before does not start."""
        self._client, self.notebook = client, notebook
        if self.ended is not None:
            raise RuntimeError("the run was ended before its kernel started")

    def failed_cell(self) -> str | None:
        """Return the exception that a cell raised, as one line."""
        cells = () if self.notebook is None else self.notebook.cells
        errors = [out for cell in cells for out in cell.get("outputs", ()) if out.output_type == "error"]
        # a cell that is allowed to raise (tag raises-exception) goes on; papermill notes only those that end the run
        ended = any(cell.metadata.get("papermill", {}).get("exception") for cell in cells)
        return f"{errors[-1].ename}: {errors[-1].evalue}".partition("\n")[0] if errors and ended else None

    def is_over(self) -> None:
        """Note that there is no kernel any more: its number may be somebody else's."""
        self._client = None

    def end(self, state: RunState) -> None:
        """End the run; its engine finds the kernel dead."""
        self.ended = self.ended or state
        provisioner = getattr(getattr(self._client, "km", None), "provisioner", None)
        pid = getattr(provisioner, "pid", None)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # a kernel leads a group of its own, with what its notebook started

    @contextlib.contextmanager
    def watching(self, seconds: float | None) -> Iterator[None]:
        """End the run of the body at a signal or after *seconds*."""
        timer = threading.Timer(seconds, self.end, (RunState.TIMEOUT,)) if seconds is not None else None
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():  # elsewhere nobody can take signals
            before = {number: signal.signal(number, self._signalled) for number in _SIGNALS}
        try:
            if timer is not None:
                timer.daemon = True
                timer.start()
            yield
        finally:
            if timer is not None:
                timer.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self.signal = self.signal or signal.Signals(number)
        self.end(RunState.ABORTED)
