"""The reports on an exported chat alone, with no login: what a person has who tries wakit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from wakit.analytics.result import Result
from wakit.client import Client, connect
from wakit.errors import InvalidInput, UnknownCampaign, UnknownChat
from wakit.paths import Workspace

pytestmark = pytest.mark.network

CHAT = """\
03/11/26 10:00 - Luz: ¿Tienen café molido?
03/11/26 10:02 - Luz: Quiero dos libras
03/11/26 10:05 - Café Andino: ¡Sí! Con gusto.
10/11/26 16:30 - Luz: ¿Y tostado?
10/11/26 18:30 - Café Andino: También.
11/11/26 09:00 - Luz: Gracias
"""
FIGURES = ("volume", "busiest_hours", "voice", "mix", "conversations", "resolution", "contacts", "retention", "waiting_curve")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a workspace into which one chat was imported."""
    workspace = Workspace(tmp_path_factory.mktemp("reports") / "shop").create()
    file = workspace.root / "Chat de WhatsApp con Luz.txt"
    file.write_text(CHAT, encoding="utf-8")
    with connect(workspace.root) as client:
        client.import_chat(file, account="tienda", me="Café Andino", tz="America/Bogota", date_order="dmy")
        yield client
        client.stop_host()


def test_first_responses_of_an_imported_chat(client: Client) -> None:
    """Five minutes in one week, two hours in the next, with the definition, the parameters and the query beside them."""
    result = client.report.first_response(by="week")
    assert list(result.df.p50) == [300.0, 7200.0]
    assert [str(day.date()) for day in result.df.period] == ["2026-11-02", "2026-11-09"]
    assert result.n == 2
    assert "first_response/1" in result.definition
    assert list(client.sql(result.sql).p50) == [300.0, 7200.0]


def test_the_clock_may_start_with_the_last_question(client: Client) -> None:
    """Three minutes instead of five, and the definition says which was chosen."""
    result = client.report.first_response(by="week", anchor="last")
    assert list(result.df.p50) == [180.0, 7200.0]
    assert "anchor=last" in result.definition


def test_the_chat_that_waits_is_named(client: Client) -> None:
    """Luz wrote last: the chat, since when, in UTC."""
    [row] = client.report.unanswered().df.itertuples()
    assert (row.chat_name, row.asked.isoformat()) == ("Luz", "2026-11-11T14:00:00+00:00")


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_answers_and_can_be_drawn(client: Client, figure: str) -> None:
    """Values that are numbers, a table for the cell and a chart, offline, where there is more than one row to draw."""
    result: Result = getattr(client.report, figure)()
    assert not result.df.empty
    assert "object" not in {str(kind) for name, kind in result.df.dtypes.items() if name != "type"}
    assert result.definition in result._repr_html_().replace("&#x27;", "'")
    if figure not in {"retention"}:
        assert result.plot().to_dict()["title"]["text"]


def test_who_writes_is_named(client: Client) -> None:
    """Twice the shop answered Luz, and twice she went on after it; the account's own address has no name here."""
    assert list(client.report.load().df.messages) == [2]
    pairs = client.report.response_matrix().df.set_index(["sender", "answerer"]).turns
    assert pairs["Luz", "me"] == 2
    assert pairs["me", "Luz"] == 2


def test_a_customer_who_was_silent_for_days_is_counted(client: Client) -> None:
    """Luz wrote after six days, so after a silence of seven days counted by days."""
    assert list(client.report.reactivated(after_days=7).df.customers) == [1]
    assert client.report.reactivated(after_days=8).df.empty


def test_nothing_is_not_zero(client: Client) -> None:
    """A time of which nothing is stored gives no row and says why."""
    result = client.report.volume(since="2020-01", until="2020-02")
    assert result.df.empty
    assert result.why_empty
    with pytest.raises(InvalidInput):
        result.plot()


def test_who_begins_is_named(client: Client) -> None:
    """Luz began both conversations: the shop ended the first, and she wrote last in the second."""
    rows = client.report.starters().df.set_index("name")
    assert (rows.began["Luz"], rows.ended["me"], rows.ended["Luz"]) == (2, 1, 1)


def test_what_a_week_was_about(client: Client) -> None:
    """Coffee in the first week, what is roasted in the second; the chart has both side by side."""
    result = client.report.text.terms(at_least=1, side="received")
    weeks = {week.isoformat()[:10]: set(terms.term) for week, terms in result.df.groupby("period")}
    assert weeks == {"2026-11-02": {"café", "molido", "quiero", "libras"}, "2026-11-09": {"tostado", "gracias"}}
    assert result.plot().to_dict()["title"]["text"]
    assert "at_least=1" in client.report.text.terms().why_empty
    with pytest.raises(InvalidInput, match="'received'"):
        client.report.text.terms(side="both")


def test_how_far_people_get(client: Client) -> None:
    """Luz asked and ordered within two minutes, and never paid; where nobody begins there is no row."""
    steps = client.report.text.funnel(["café", "libras", "pago"])
    assert list(steps.df.people) == [1, 1, 0]
    assert steps.df.p50[1] == 120
    assert steps.plot().to_dict()["layer"]
    assert client.report.text.funnel(["/menu", "pago"]).why_empty
    with pytest.raises(InvalidInput, match="hours=2"):
        client.report.text.funnel(["café", "pago"], within=timedelta())


def test_how_a_week_sounds(client: Client) -> None:
    """Nobody is pleased or not: all of it is unknown, which is no zero, until a word is given that says something here."""
    unknown = client.report.text.mood()
    assert list(unknown.df.n) == [0, 0]
    assert unknown.df.balance.isna().all()
    assert list(client.report.text.mood(lexicon={"tostado": 1}).df.positive) == [0, 1]


def test_texts_without_the_pieces_say_so(client: Client) -> None:
    """Luz and the shop wrote words only; a ranking of nothing is refused."""
    assert client.report.text.emoji().why_empty
    assert client.report.text.links().df.empty
    with pytest.raises(InvalidInput, match="at least one row"):
        client.report.text.emoji(top=0)


def test_a_campaign_that_is_not_there_is_no_empty_report(client: Client) -> None:
    """No campaign wrote yet, and none has this name."""
    assert "wa.campaigns()" in client.report.campaigns().why_empty
    with pytest.raises(UnknownCampaign, match="navidad"):
        client.report.campaigns("navidad")
    with pytest.raises(InvalidInput, match="days=7"):
        client.report.campaigns(window=timedelta())


def test_an_export_tells_of_no_quotes(client: Client) -> None:
    """What follows what is known, and who quotes whom is not: the empty report says so."""
    adjacent = client.report.reply_network("adjacent", groups=False)
    assert list(adjacent.df.replies) == [2, 2]
    assert adjacent.plot().to_dict()["layer"]
    assert "export" in client.report.reply_network(groups=False).why_empty.lower()
    with pytest.raises(InvalidInput, match="adjacent"):
        client.report.reply_network("nearby")


def test_an_export_tells_of_no_receipts(client: Client) -> None:
    """Nothing is known of delivery and reading, and the empty report says why instead of a zero."""
    result = client.report.lag(since="2026-11-01")
    assert result.df.empty
    assert "export" in result.why_empty
    with pytest.raises(InvalidInput, match="delivered"):
        client.report.lag_curve("played")


@pytest.mark.parametrize(
    ("figure", "parameters", "said"),
    [
        ("first_response", {"by": "fortnight"}, "fortnight"),
        ("volume", {"by": None}, "None"),
        ("first_response", {"anchor": "middle"}, "'first'"),
        ("first_response", {"preset": "zendesk"}, "chatwoot"),
        ("first_response", {"business_hours": "MON-FRI 09:00-13:00, MON 12:00-18:00"}, "overlap"),
        ("first_response", {"business_hours": "nine to five"}, "MON-FRI 09:00-18:00"),
        ("first_response", {"gap": timedelta(minutes=1)}, "0:30:00"),
        ("volume", {"timezone": "America/Bogotá"}, "America/Bogota"),
        ("volume", {"since": "2026-11", "until": "2026-10"}, "no time between"),
        ("volume", {"last": "a month"}, "30d"),
        ("volume", {"colour": "red"}, "colour"),
        ("attainment", {"within": timedelta()}, "minutes=15"),
    ],
)
def test_a_parameter_that_cannot_be_says_what_can(client: Client, figure: str, parameters: dict[str, Any], said: str) -> None:
    """A typed error that names the input or the next step."""
    with pytest.raises(InvalidInput, match=said):
        getattr(client.report, figure)(**parameters)


def test_a_chat_that_is_not_there_is_no_empty_report(client: Client) -> None:
    """Nobody was seen under this number."""
    with pytest.raises(UnknownChat):
        client.report.volume(chat="+57 300 000 0000")
