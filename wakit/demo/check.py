"""``wakit demo --check``: the scenario step by step, as a table of what was verified and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from wakit.demo.scenario import Scenario
from wakit.demo.stage import Stage
from wakit.languages import Language, mark, speak
from wakit.sentences import emulated

#: What each step is called; the order is the scenario's.
_STEPS: tuple[tuple[Callable[[Scenario], str], str], ...] = (
    (Scenario.make_workspace, mark("Workspace with notebooks")),
    (Scenario.start_host, mark("Host started, a second client finds it")),
    (Scenario.refuse_to_prompt, mark("Without a person the notebook does not ask")),
    (Scenario.show_code, mark("QR code")),
    (Scenario.scan, mark("The phone scans it: connected")),
    (Scenario.remember, mark("The phone's history, stored")),
    (Scenario.receive, mark("A customer's message")),
    (Scenario.answer, mark("The answer and its receipts")),
    (Scenario.live_a_day, mark("The shop's day, stored")),
    (Scenario.meet_in_a_group, mark("A message in a group")),
    (Scenario.restart_host, mark("Host restarted: goes on where it was")),
    (Scenario.kill_worker, mark("Worker killed: comes back, gap on record")),
    (Scenario.cover, mark("Coverage: what is known of which time")),
    (Scenario.plan_notification, mark("A notification's dry run: nothing leaves")),
    (Scenario.notify, mark("The notification, once to those who agreed")),
    (Scenario.ask_over_rest, mark("REST")),
    (Scenario.run_connected, mark("The connected notebook runs to its end")),
    (Scenario.log_out, mark("Logging out unlinks the phone")),
)
_START = mark("Emulated network")
_END = mark("Everything ended")
_TOTAL = mark("Total")


class Table:
    """Rows that appear as they are known: what, the fact that proves it, milliseconds."""

    def __init__(self, language: Language) -> None:
        titles = [speak(language, title) for _, title in _STEPS]
        self._width = max(map(len, titles))
        self._began = self._last = time.perf_counter()

    def row(self, mark: str, what: str, fact: str) -> None:
        """Write one row with the time since the last one."""
        now = time.perf_counter()
        self._write(mark, what, fact, now - self._last)
        self._last = now

    def total(self, what: str) -> None:
        """Write the time since the first row."""
        self._write(" ", what, "", time.perf_counter() - self._began)

    def _write(self, mark: str, what: str, fact: str, seconds: float) -> None:
        sys.stdout.write(f"{mark} {what:<{self._width}}  {fact:<42}  {seconds * 1000:>7.0f} ms\n")
        sys.stdout.flush()


def check(language: Language, *, folder: Path | None = None) -> bool:
    """
    Play the scenario, write the table and ``demo: ok`` or ``demo: failed``, and return whether all went well.

    Args:
        language: Of the table.
        folder: Where it is played; unset, in a temporary folder.
    """
    sys.stdout.write(f"{emulated(language)}\n")
    table = Table(language)
    what = speak(language, _START)
    try:
        with Stage(folder) as stage:
            table.row("✓", what, stage.network.descriptor.name)
            scenario = Scenario(stage)
            for step, title in _STEPS:
                what = speak(language, title)
                table.row("✓", what, step(scenario))
            what = speak(language, _END)
        table.row("✓", what, "")
    except Exception as error:  # noqa: BLE001 - a check that breaks has failed, whatever broke it
        table.row("✗", what, f"{type(error).__name__}: {error}")
        sys.stdout.write("demo: failed\n")
        return False
    table.total(speak(language, _TOTAL))
    sys.stdout.write("demo: ok\n")
    return True
