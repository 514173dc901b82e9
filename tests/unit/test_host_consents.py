"""The consent ledger through a real host: written down, refused, queued messages cancelled, and seen by queries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hosts import ending, until

from wakit.client import connect
from wakit.errors import OptedOut, UnknownAccount
from wakit.paths import Workspace

ANA = "+57 300 123 4567"


def test_consents_are_written_down_and_taken_back(tmp_path: Path) -> None:
    """Who opts out stays out of an import, comes back only by themselves, and the view has every line once."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace, connect(workspace) as client:
        agreed = client.opt_in(ANA, "marketing", text="Acepto", channel="form")
        out = client.opt_out(ANA, text="no más")
        assert [line.id for line in client.consents(ANA)] == [*(line.id for line in out[::-1]), agreed.id]
        with pytest.raises(OptedOut):
            client.opt_in(ANA, "marketing", text="Acepto")
        file = tmp_path / "in.csv"
        file.write_text("phone,purpose,text\n+573001234567,marketing,Acepto\n+573001234568,marketing,Acepto\n")
        done = client.import_consents(file)
        assert (done.added, done.opted_out) == (1, (2,))
        assert client.opt_in(ANA, "marketing", text="Acepto", again=True).state == "in"
        query = "SELECT count(*), count(DISTINCT id), count(*) FILTER (state = 'out') FROM consents"
        slips: list[Callable[[], object]] = [
            lambda: client.opt_in(ANA, "marketing", text="Acepto", account="defalt"),
            lambda: client.opt_out(ANA, account="defalt"),
            lambda: client.import_consents(file, account="defalt"),
        ]
        for slip in slips:
            with pytest.raises(UnknownAccount):
                slip()
        assert not workspace.journal_dir("defalt").exists()
        until(lambda: client.sql(query).to_numpy().tolist() == [[5, 5, 2]])
