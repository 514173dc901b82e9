"""A chat that was exported becomes a report: imported without a login, run through papermill, written as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from exports import Line, Phone, write
from hosts import ending

import wakit
from wakit.model import Run
from wakit.paths import Workspace
from wakit.runs.report import write_page
from wakit.runs.runner import run
from wakit.scaffold import scaffold

pytestmark = pytest.mark.network

WHO, SHOP = "Luz Marina Ñáñez", "Café Andino"
NUMBER = "+57 300 987 6543"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of the run."""

    run: Run
    page: str
    notebook: str


def lines() -> list[Line]:
    """Return a chat of last year: ten days, a question in each, answered after five minutes but for the last."""
    said = []
    for day in range(10):
        at = datetime(2025, 11, 3, 9) + timedelta(days=day)  # noqa: DTZ001 - a phone's clock has no zone
        said.append(Line(at, WHO, f"Soy Luz, mi número es {NUMBER} ¿tienen café?"))
        if day < 9:
            said.append(Line(at + timedelta(minutes=5), SHOP, "¡Sí, Luz!"))
    return said


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Import the chat into a workspace of its own, run the overview's notebook, and write its page."""
    folder = tmp_path_factory.mktemp("report")
    workspace = Workspace(folder / "shop")
    scaffold(workspace.root)
    with ending(workspace), wakit.connect(workspace.root) as client, pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAKIT_LANG", "en")
        export = write(folder, Phone(long_year=True).text(lines()), f"WhatsApp Chat with {WHO}.txt")
        client.import_chat(export, account="tienda", me=SHOP, tz="America/Bogota", date_order="dmy")
        done = run(workspace.root / "notebooks" / "07_overview.ipynb", {"last": "2w"}, workspace=workspace, progress=False).run
        page = write_page(client, done.id, folder / "page.html").read_text("utf-8")
        yield Report(run=done, page=page, notebook=(workspace.root / str(done.output)).read_text("utf-8"))


def test_the_run_tells_its_figures(report: Report) -> None:
    """Nineteen messages, nine answers after five minutes, one wait: the record of the run has them."""
    told: dict[str, Any] = report.run.result
    assert (told["volume"], told["unanswered"], told["reply_time"]) == (19, 1, 300)


def test_the_page_has_figures_and_plots(report: Report) -> None:
    """The ten cards, three charts as pictures, the time that the chat ended with, and no code."""
    assert report.page.count('<div class="card"') == 10
    assert len(re.findall(r'<img[^>]*src="data:image/png;base64,', report.page)) == 3
    assert "12 Nov 2025" in report.page
    assert "wa.report" not in report.page


def test_the_page_fetches_nothing(report: Report) -> None:
    """Whoever opens it is not known to anybody for that."""
    assert re.findall(r"""(?:\ssrc\s*=\s*|<link[^>]*href\s*=\s*)["']?(?:https?:)?//""", report.page) == []
    assert re.findall(r"""url\(["']?(?:https?:)?//|@import""", report.page) == []


def test_neither_page_nor_notebook_names_anybody(report: Report) -> None:
    """No name and no number, in no spelling, and the one who waits has a pseudonym."""
    for text in (report.page, report.notebook):
        words = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)
        assert [secret for secret in ("Luz", "Marina", "Ñáñez", "987 6543", "9876543", "3009876543") if secret in words] == []
        assert "Contact " in words
