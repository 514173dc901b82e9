"""Outgoing messages as the host lists them, and what people decide of those that nobody knows of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hosts import ending, until

from wakit.cli import main
from wakit.client import Client, connect
from wakit.clock import SystemClock
from wakit.errors import InvalidInput
from wakit.model import Send, SendState
from wakit.outbox import Outbox
from wakit.outgoing import Place, Text
from wakit.paths import Workspace

ANA = "573001234567@s.whatsapp.net"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a host that was cut off during sends."""
    with ending(Workspace(tmp_path_factory.mktemp("sends") / "shop").create()) as workspace:
        outbox = Outbox(workspace.outbox, SystemClock())
        for number in range(8):
            outbox.begin("ana", ANA, Text(text=f"cut {number}"))
        outbox.add("beto", ANA, Place(latitude=4.6, longitude=-74.1))
        outbox.close()
        with connect(workspace) as found:
            yield found


def unknown(client: Client) -> Send:
    """Return one that nobody has decided yet."""
    return next(send for send in client.pending(account="ana") if send.state is SendState.UNKNOWN)


def test_person_says_that_it_arrived(client: Client) -> None:
    """It is sent, by whom and when is kept, and queries see it."""
    done = client.arrived(unknown(client), by="Ana María")
    assert (done.state, done.decided_by) == (SendState.SENT, "Ana María")
    query = "SELECT state, type, decided_by FROM sends WHERE id = ?"
    until(lambda: client.sql(query, [done.id]).to_numpy().tolist() == [["sent", "text", "Ana María"]])
    with pytest.raises(InvalidInput, match="Ana María said that it arrived"):
        client.send_again(done)


def test_person_sends_it_again(client: Client) -> None:
    """The new send waits in the queue and names the old one, which is not asked about again."""
    old = unknown(client)
    new = client.send_again(old)
    assert (new.state, new.again_of) == (SendState.QUEUED, old.id)
    left = [send.id for send in client.pending()]
    assert (new.id in left, old.id in left) == (True, False)
    assert client.sent(old.id).state is SendState.UNKNOWN
    with pytest.raises(InvalidInput, match="sent it again"):
        client.arrived(old)


def test_decision_without_a_name_is_that_of_the_token(client: Client) -> None:
    """Programs need not say who they are: the host knows whose token came."""
    way = httpx.HTTPTransport(uds=client.host_info.socket)
    with httpx.Client(transport=way, base_url="http://localhost") as http:
        told = http.post(f"/api/sends/{unknown(client).id}/arrived", json={})
        assert (told.status_code, told.json()["decided_by"]) == (200, "owner")
        for by in ("", "x" * 101, 3):
            assert http.post(f"/api/sends/{unknown(client).id}/arrived", json={"by": by}).status_code == 400
        assert http.post("/api/sends/ghost/arrived", json={}).json()["code"] == "unknown-send"


def test_sends_are_listed_in_pages(client: Client) -> None:
    """The newest come first, each on one page, over REST as well; states and accounts choose."""
    whole = [send.id for send in client.sends()]
    first = client.sends(limit=4)
    assert whole == [send.id for send in [*first, *client.sends(before=first[-1])]]
    assert {"location"} == {str(send.type) for send in client.sends(account="beto", states=[SendState.QUEUED])}
    assert client.sends(states=["read"]) == []
    way = httpx.HTTPTransport(uds=client.host_info.socket)
    with httpx.Client(transport=way, base_url="http://localhost") as http:
        answer = http.get("/api/sends?limit=4&state=unknown&state=queued&state=sent").raise_for_status()
        found = answer.json()
        while "next" in answer.links:
            answer = http.get(answer.url.join(answer.links["next"]["url"])).raise_for_status()
            found += answer.json()
    assert whole == [row["id"] for row in found]


def test_terminal_lists_and_decides(client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown send comes with the two commands that decide it, and both work as written."""
    monkeypatch.chdir(client._workspace.root)
    monkeypatch.setenv("WAKIT_LANG", "en")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["sends", *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    for command, told in (("arrived", "counts as sent"), ("again", "is sent again as")):
        send = unknown(client)
        hint = f"wakit sends {command} {send.id}"
        assert hint in run("list", "--state", "unknown")
        assert told in run(command, send.id)
        listed = run("list")
        assert "decided by" in next(line for line in listed.splitlines() if line.startswith(send.id))
        assert hint not in listed
    client.arrived(unknown(client), by="Ana\x1b[2J\u202e")
    assert "\x1b" not in run("list")
    assert "taken back" in run("cancel", client.pending(account="beto")[0].id)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"not_after": "2026-01-01"}, "which is over"),
        ({"not_before": "2999-02-01", "not_after": "2999-01-01"}, "no time between them"),
        ({"purpose": "spam"}, "purpose"),
        ({"priority": 10_000}, "priority"),
    ],
)
def test_terms_that_can_never_be_met_are_refused(client: Client, terms: dict[str, Any], why: str) -> None:
    """Before anything is queued, with what is wrong."""
    before = client.pending()
    with pytest.raises(InvalidInput, match=why):
        client.send("+573001234567", "hola", account="beto", **terms)
    assert before == client.pending()
