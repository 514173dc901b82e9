"""An audience from a file, and how far its campaign got."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from wakit.access import RESULT
from wakit.client.audience import audience_body
from wakit.client.campaigns import Plan
from wakit.errors import InvalidAudience
from wakit.model import Campaign, CampaignState


@pytest.mark.parametrize("heading", ["telefono,nombre", "\ufefftelefono;nombre"])
def test_rows_of_a_file_stay_texts(tmp_path: Path, heading: str) -> None:
    """Zeros in front stay, nothing is nothing, and a spreadsheet may write semicolons and a mark in front."""
    file = tmp_path / "gente.csv"
    mark = ";" if ";" in heading else ","
    file.write_text(f"{heading}\n0057310{mark}Ana\n57311{mark}\n", "utf-8")
    expected = {"columns": ["telefono", "nombre"], "rows": [["0057310", "Ana"], ["57311", None]]}
    assert audience_body(file) == expected
    assert audience_body(str(file)) == expected


@pytest.mark.parametrize("content", [None, b"", b'a\n"x', "teléfono\n1".encode("latin-1")])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """It is missing, empty, cut off or not UTF-8: the error names it."""
    file = tmp_path / "gente.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidAudience, match=r"gente\.csv"):
        audience_body(file)


def test_what_is_no_audience_is_refused() -> None:
    """A query goes as it is and a table as its rows; a list is neither."""
    assert audience_body("SELECT phone FROM contacts") == {"sql": "SELECT phone FROM contacts"}
    assert audience_body(pd.DataFrame({"phone": ["1"]})) == {"columns": ["phone"], "rows": [["1"]]}
    with pytest.raises(InvalidAudience):
        audience_body(["+57300"])


class Answers:
    """A client whose campaign gets one step further at each look."""

    def __init__(self, *steps: tuple[CampaignState, int, int]) -> None:
        self.steps = [*steps]

    def campaign_results(self, _: str) -> dict[str, Any]:
        state, sent, delivered = self.steps.pop(0)
        counts = {"sent": {"count": sent}, "delivered": {"count": delivered}, "read": {"count": 0}}
        return {"campaign": {"state": state, "recipients": 2, "excluded": 1}, **counts}


def plan_of(client: Any) -> Plan:
    campaign = Campaign.__new__(Campaign)
    object.__setattr__(campaign, "id", "c1")
    return Plan(client, campaign, pd.DataFrame())


def test_tally_waits_until_all_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks again while messages leave or are on their way, and says the numbers to the record of a run as well."""
    monkeypatch.setattr("wakit.client.campaigns._LOOK", 0.0)
    answers = Answers((CampaignState.RUNNING, 1, 1), (CampaignState.DONE, 2, 1), (CampaignState.DONE, 2, 2))
    tally = plan_of(answers).tally(wait=60)
    assert (answers.steps, str(tally)) == ([], "recipients 2, excluded 1, sent 2, delivered 2, read 0")
    assert tally._repr_mimebundle_()[RESULT] == {"recipients": 2, "excluded": 1, "sent": 2, "delivered": 2, "read": 0}


@pytest.mark.parametrize(("state", "wait"), [(CampaignState.DRAFT, 60), (CampaignState.PAUSED, 60), (CampaignState.RUNNING, 0)])
def test_tally_does_not_wait_for_what_does_not_come(state: CampaignState, wait: float) -> None:
    """A plan, a campaign that is held, and whoever gives no time get the numbers at once."""
    assert plan_of(Answers((state, 0, 0))).tally(wait=wait).sent == 0
