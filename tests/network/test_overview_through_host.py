"""The overview of an exported chat, with no login: figures by hand, on a page that names nobody."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wakit.analytics.overview import Overview
from wakit.cli import main
from wakit.client import Client, connect
from wakit.errors import InvalidInput
from wakit.paths import Workspace

pytestmark = pytest.mark.network

LUZ, ANA = "Luz Marina", "+57 300 987 6543"
#: Three days in the week of 9 November 2026, and the week before them; the last message of all is Ana's, an older customer.
CHATS = {
    LUZ: """\
03/11/26 10:00 - {who}: ¿Tienen café molido?
03/11/26 10:10 - Café Andino: ¡Sí!
10/11/26 09:00 - {who}: ¿Y tostado?
10/11/26 09:05 - Café Andino: También.
11/11/26 16:00 - {who}: PTT-20261111-WA0001.opus (file attached)
11/11/26 16:20 - Café Andino: Con gusto.
""",
    ANA: """\
01/10/26 10:00 - {who}: Buenos días
01/10/26 10:01 - Café Andino: Buenos días
12/11/26 11:00 - {who}: Soy Ana, escríbame al +57 300 987 6543
""",
}
WHEN = {"since": "2026-11-09", "until": "2026-11-16"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a workspace into which two chats were imported."""
    workspace = Workspace(tmp_path_factory.mktemp("overview") / "shop").create()
    with connect(workspace.root) as client:
        for who, text in CHATS.items():
            file = workspace.root / f"Chat de WhatsApp con {who}.txt"
            file.write_text(text.format(who=who), encoding="utf-8")
            client.import_chat(file, account="tienda", me="Café Andino", tz="America/Bogota", date_order="dmy")
        client.language = "en"
        yield client
        client.stop_host()


@pytest.fixture(scope="module")
def page(client: Client) -> Overview:
    """Return the overview of the week."""
    return client.report.overview(**WHEN)


def named(text: str) -> list[str]:
    """Return what in a text tells who somebody is."""
    return [secret for secret in ("Luz", "Marina", "300", "987", "6543", "Ana,", "@export") if secret in text]


def test_the_ten_figures_by_hand(page: Overview) -> None:
    """Counts, medians and shares of the week, and what they were in the one before."""
    rows = page.df.set_index("figure")
    assert len(rows) == 10
    assert dict(rows.value) == {
        "volume": 5,
        "conversations": 3,
        "contacts": 2,
        "first_response": 750,
        "reply_time": 750,
        "attainment": 0.5,
        "unanswered": 1,
        "resolution": 750,
        "busiest_hours": 2,
        "voice": 0.2,
    }
    assert (rows.before.volume, rows.before.first_response, rows.n.first_response) == (2, 600, 2)
    shown = {one.name: one for one in page.figures}
    assert shown["contacts"].note == "0 for the first time"
    assert (shown["volume"].value, shown["volume"].change) == ("5", "↑ 150% · before 2")
    assert shown["busiest_hours"].value.startswith("Tuesday 9–10")
    assert [point.amount for point in shown["volume"].points] == [None, 2, 2, 1, None, None, None]


def test_the_page_names_nobody_unless_asked(client: Client, page: Overview, tmp_path: Path) -> None:
    """Neither the file nor the cell nor the PDF's words have a name or a number, and the same pseudonym is in all of them."""
    cell = page._repr_mimebundle_()
    saved = page.to_html(tmp_path / "page.html")
    texts = (saved.read_text("utf-8"), json.dumps(cell), str(page), repr(page))
    assert [named(re.sub(r"base64,[\w+/=]+", "", text)) for text in texts] == [[], [], [], []]
    [(who, _)] = page.waiting
    assert who.startswith("Contact ")
    assert who in texts[0]
    assert client.report.pseudonyms.of(ANA) == who
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert stat.S_IMODE(client.workspace.pseudonym_key.stat().st_mode) == 0o600
    assert ANA in client.report.overview(**WHEN, names=True).html().replace("\u00a0", " ")


def test_the_page_needs_nothing_else(page: Overview, tmp_path: Path) -> None:
    """Ten cards with definitions, plots within the file, both themes, no address to fetch from; a PDF of one page."""
    html = page.html()
    assert html.count('<div class="card"') == 10
    assert html.count("data:image/svg+xml;base64,") == 10
    assert "first_response/1" in html
    assert "prefers-color-scheme: dark" in html
    assert re.findall(r"(?:src|href)=\"(?!data:)", html) == []
    assert re.findall(r"https?://|url\(|@import", html) == []
    pdf = page.to_pdf(tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_how_much_of_a_time_is_known(client: Client) -> None:
    """The phone told of it in an export, and the page says so."""
    assert "told by the phone, as in exported chats: 100%" in str(client.report.overview(since="2026-11-09", until="2026-11-11"))
    known = client.report.known(since="2026-11-09", until="2026-11-11")
    assert (known["partial"], known["complete"]) == (pytest.approx(1), 0)


def test_nothing_is_not_zero(client: Client) -> None:
    """A time of which nothing is stored has no amounts, says so, and can still be saved."""
    page = client.report.overview(since="2020-01", until="2020-02")
    assert page.df.value.isna().all()
    assert page.why_empty in page.html()
    assert "groups=None" in page.why_empty


def test_what_cannot_be_is_refused(client: Client) -> None:
    """Typed errors that name the parameter."""
    asked: dict[str, Any]
    for asked in ({"last": "24h"}, {"colour": "red"}, {"timezone": "America/Bogotá"}):
        with pytest.raises(InvalidInput):
            client.report.overview(**asked)


def test_the_terminal_writes_the_page_and_single_figures(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``wakit report`` writes HTML, PDF, lines and JSON, with names where they are asked for."""
    monkeypatch.setenv("WAKIT_HOME", str(client.workspace.root))
    monkeypatch.setenv("WAKIT_LANG", "en")
    week = ["--since", "2026-11-09", "--until", "2026-11-16"]
    html, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    told = []
    for arguments in (
        ["report", "overview", *week, "--html", str(html), "--pdf", str(pdf), "--names"],
        ["report", "overview", *week],
        ["report", "figure", "unanswered", *week, "--json"],
        ["report", "figure", "unanswered", *week, "--names"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        told.append(capsys.readouterr().out)
    assert (ANA in html.read_text("utf-8"), pdf.read_bytes()[:5]) == (True, b"%PDF-")
    assert "Answered in 15\u00a0min" in told[1]
    assert json.loads(told[2])["rows"][0]["chat"].startswith("Contact ")
    assert ANA in told[3]
    for arguments in (["report", "figure", "pseudonyms"], ["report", "overview", "--days", "7", *week]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
