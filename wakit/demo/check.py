"""``wakit demo --check``: the scenario step by step, as a table of what was verified and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from wakit.demo.scenario import Scenario
from wakit.demo.stage import Stage
from wakit.sentences import EMULATED, Language

#: What each step is called; the order is the scenario's.
_STEPS: tuple[tuple[Callable[[Scenario], str], dict[Language, str]], ...] = (
    (Scenario.make_workspace, {"es": "Espacio de trabajo con notebooks", "en": "Workspace with notebooks"}),
    (Scenario.start_host, {"es": "Host en marcha, segundo cliente lo encuentra", "en": "Host started, a second client finds it"}),
    (
        Scenario.refuse_to_prompt,
        {"es": "Sin persona, el notebook no pregunta", "en": "Without a person the notebook does not ask"},
    ),
    (Scenario.show_code, {"es": "Código QR", "en": "QR code"}),
    (Scenario.scan, {"es": "El teléfono lo escanea: conectado", "en": "The phone scans it: connected"}),
    (Scenario.receive, {"es": "Mensaje de un cliente", "en": "A customer's message"}),
    (Scenario.answer, {"es": "Respuesta y sus confirmaciones", "en": "The answer and its receipts"}),
    (Scenario.live_a_day, {"es": "El día de la tienda, guardado", "en": "The shop's day, stored"}),
    (Scenario.meet_in_a_group, {"es": "Mensaje en un grupo", "en": "A message in a group"}),
    (Scenario.restart_host, {"es": "Reinicio del host: sigue donde estaba", "en": "Host restarted: goes on where it was"}),
    (Scenario.kill_worker, {"es": "Muerte del worker: vuelve, con su hueco", "en": "Worker killed: comes back, gap on record"}),
    (Scenario.ask_over_rest, {"es": "REST", "en": "REST"}),
    (Scenario.run_connected, {"es": "El notebook conectado llega al final", "en": "The connected notebook runs to its end"}),
    (Scenario.log_out, {"es": "Cierre de sesión desvincula el teléfono", "en": "Logging out unlinks the phone"}),
)
_START: dict[Language, str] = {"es": "Red emulada", "en": "Emulated network"}
_END: dict[Language, str] = {"es": "Todo terminado", "en": "Everything ended"}
_TOTAL: dict[Language, str] = {"es": "Total", "en": "Total"}


class Table:
    """Rows that appear as they are known: what, the fact that proves it, milliseconds."""

    def __init__(self, language: Language) -> None:
        titles = [title[language] for _, title in _STEPS]
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
    sys.stdout.write(f"{EMULATED[language]}\n")
    table = Table(language)
    what = _START[language]
    try:
        with Stage(folder) as stage:
            table.row("✓", what, stage.network.descriptor.name)
            scenario = Scenario(stage)
            for step, titles in _STEPS:
                what = titles[language]
                table.row("✓", what, step(scenario))
            what = _END[language]
        table.row("✓", what, "")
    except Exception as error:  # noqa: BLE001 - a check that breaks has failed, whatever broke it
        table.row("✗", what, f"{type(error).__name__}: {error}")
        sys.stdout.write("demo: failed\n")
        return False
    table.total(_TOTAL[language])
    sys.stdout.write("demo: ok\n")
    return True
