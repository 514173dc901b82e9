"""Tokens: what they open, what they do not, how often, until when."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hosts import ending

from wakit import autostart
from wakit.access import NewToken, Scope, Token
from wakit.cli.exits import Exit
from wakit.client import Client, connect
from wakit.clock import ManualClock
from wakit.errors import CorruptFile, InvalidInput, NameTaken, UnknownToken
from wakit.host.guard import FILES
from wakit.host.rates import Rates, checked_rate
from wakit.host.scopes import SCOPES, scope_of
from wakit.host.tokens import OWNER, Tokens
from wakit.hostfile import TcpOptions
from wakit.paths import Workspace

#: What stands in the paths of routes.
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Shop:
    """A host with a TCP door, and its owner's client."""

    client: Client
    port: int

    def ask(self, secret: str, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        kind = "application/octet-stream" if path == FILES else "application/json"
        headers = {"authorization": f"Bearer {secret}", "content-type": kind}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, json.dumps({} if body is None else body) if method == "POST" else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    @contextlib.contextmanager
    def token(self, *scopes: Scope, rate: str = "1000/second") -> Iterator[str]:
        made = self.client.create_token("try", scopes, rate=rate)
        try:
            yield made.secret
        finally:
            with contextlib.suppress(UnknownToken):
                self.client.revoke_token("try")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ending(Workspace(tmp_path_factory.mktemp("tokens") / "shop").create()) as workspace:
        info = autostart.launch(workspace, TcpOptions(port=0))
        assert info.tcp is not None
        with connect(workspace) as client:
            yield Shop(client, int(info.tcp.rpartition(":")[2]))


@pytest.mark.parametrize("scope", [Scope.READ, Scope.SEND])
def test_scope_opens_its_own_routes_only(shop: Shop, scope: Scope) -> None:
    """Every route but the public page is 403 for a token of another scope, whatever stands in the path or the body."""
    with shop.token(scope) as secret:
        for route, needed in SCOPES.items():
            method, path = route.split(" ")
            if needed in {scope, None} or path.endswith("/ws"):  # a WebSocket: see test_host_listening
                continue
            status, answer = shop.ask(secret, method, re.sub(r"{(\w+)}", lambda part: "1" if part[1] == "number" else "x", path))
            assert (status, answer.get("code")) == (403, "insufficient-scope"), route
            assert str(needed) in answer["detail"]


def test_read_and_send_are_apart_and_admin_is_both(shop: Shop) -> None:
    """A token that only sends cannot read, and the other way round; admin may do all."""
    message = {"account": "nobody", "to": "+57 300 987 6543", "text": "hola"}
    for scopes, read, send in [((Scope.READ,), 200, 403), ((Scope.SEND,), 403, 404), ((Scope.ADMIN,), 200, 404)]:
        with shop.token(*scopes) as secret:
            assert read == shop.ask(secret, "GET", "/api/sessions")[0]
            assert send == shop.ask(secret, "POST", "/api/sends", message)[0]  # 404: no such account


def test_route_that_is_in_no_table_is_for_admins() -> None:
    """What somebody forgot is closed, not open."""
    assert scope_of("POST", "/api/new") is Scope.ADMIN


def test_socket_of_the_owner_needs_no_token(shop: Shop) -> None:
    """The Unix socket makes, lists and revokes tokens without having one."""
    with shop.token(Scope.READ):
        assert ["try"] == [token.name for token in shop.client.tokens()]
    assert shop.client.tokens() == []


def test_revoked_token_is_worthless_at_once(shop: Shop) -> None:
    """The next request is 401."""
    with shop.token(Scope.READ) as secret:
        assert shop.ask(secret, "GET", "/api/sessions")[0] == 200
        shop.client.revoke_token("try")
        assert shop.ask(secret, "GET", "/api/sessions")[0] == 401


def test_stream_ends_when_its_token_is_revoked(shop: Shop) -> None:
    """Who listens is cut off at the next thing that is told, not at the next request."""
    with (
        shop.token(Scope.READ) as secret,
        contextlib.closing(http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)) as connection,
    ):
        connection.request("GET", "/api/sessions/ana/watch", headers={"authorization": f"Bearer {secret}"})
        stream = connection.getresponse()
        assert stream.readline() == b"event: state\n"
        shop.client.revoke_token("try")
        rest = stream.read()  # ends, or the connection's time limit fails the test
        assert rest.count(b"event:") == 0


def test_each_token_has_a_rate_of_its_own(shop: Shop) -> None:
    """One that asks too much is 429 with the seconds to wait; the others go on."""
    with shop.token(Scope.READ, rate="3/minute") as secret:
        assert [200, 200, 200, 429] == [shop.ask(secret, "GET", "/api/sessions")[0] for _ in range(4)]
        other = shop.client.create_token("other")
        assert shop.ask(other.secret, "GET", "/api/sessions")[0] == 200
        assert other.rate == "60/minute"
        shop.client.revoke_token("other")


def test_strangers_cannot_keep_a_bearer_out(shop: Shop) -> None:
    """Guesses are slowed down in a window of their own."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)) as connection:
        told = set()
        for _ in range(250):
            connection.request("GET", "/api/sessions", headers={"authorization": "Bearer guess"})
            answer = connection.getresponse()
            answer.read()
            told.add(answer.status)
    assert told == {401, 429}
    with shop.token(Scope.READ) as secret:
        assert shop.ask(secret, "GET", "/api/sessions")[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ana", "scopes": ["read"]},
        {"name": "start", "scopes": ["read"]},
        {"name": "ana", "scopes": []},
        {"name": "ana", "scopes": ["root"]},
        {"name": "ana", "scopes": ["read"], "rate": "often"},
        {"name": "ana", "scopes": ["read"], "days": -1},
        {"name": "ana", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "ana", "scopes": ["read"], "days": 1, "expires_at": "2099-01-01T00:00:00Z"},
    ],
)
def test_token_that_makes_no_sense_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    """Names, scopes, rates and dates are checked before anything is written."""
    with shop.token(Scope.ADMIN) as secret:
        status, answer = shop.ask(secret, "POST", "/api/tokens", body)
    assert (status, answer["code"]) == (400, "invalid-input")
    assert shop.client.tokens() == []


def made(workspace: Workspace, clock: ManualClock) -> tuple[Tokens, NewToken]:
    tokens = Tokens(workspace, clock, rate="60/minute")
    return tokens, tokens.create("crm", [Scope.SEND], expires_at=NOW + timedelta(days=1))


def test_token_is_kept_as_a_hash_in_a_private_file(workspace: Workspace) -> None:
    """Neither the file nor a listing nor a repr has the secret; a new host knows the token all the same."""
    clock = ManualClock(NOW)
    tokens, token = made(workspace, clock)
    assert stat.S_IMODE(workspace.tokens.stat().st_mode) == 0o600
    for place in (workspace.tokens.read_text(), repr(tokens.all()), repr(token)):
        assert token.secret not in place
        assert token.secret.removeprefix("wakit_") not in place
    again = Tokens(workspace, clock, rate="1/minute")
    access = again.access(token.secret)
    assert access is not None
    assert (access.name, access.scopes, access.rate) == ("crm", {Scope.SEND}, "60/minute")
    assert [type(one) for one in again.all()] == [Token]


def test_token_expires(workspace: Workspace) -> None:
    """From its time on it opens nothing, and what it opened may not stay."""
    clock = ManualClock(NOW)
    tokens, token = made(workspace, clock)
    access = tokens.access(token.secret)
    assert access is not None
    clock.advance(86_400)
    assert tokens.access(token.secret) is None
    assert not tokens.holds(access)
    assert tokens.holds(OWNER)


def test_name_is_given_once(workspace: Workspace) -> None:
    """A second token of a name is refused, and nothing is revoked that is not there."""
    tokens, _ = made(workspace, ManualClock(NOW))
    with pytest.raises(NameTaken, match="wakit token revoke crm"):
        tokens.create("crm", [Scope.READ])
    with pytest.raises(UnknownToken, match="wakit token list"):
        tokens.revoke("ghost")


@pytest.mark.parametrize("content", [b"{", b"{}x", b'[{"name": "x"}]', b"[3]", b'[{"hash": "00", "name": "x"}]'])
def test_damaged_file_is_named(workspace: Workspace, content: bytes) -> None:
    """A file that is none of ours is an error that says what to do, and is left as it is."""
    workspace.tokens.write_bytes(content)
    workspace.tokens.chmod(0o600)
    with pytest.raises(CorruptFile, match=r"tokens\.json"):
        Tokens(workspace, ManualClock(NOW), rate="60/minute")
    assert workspace.tokens.read_bytes() == content


@pytest.mark.parametrize("text", ["", "x", "0/minute", "60", "-1/second", "5/fortnight"])
def test_rate_that_is_none_is_refused(text: str) -> None:
    """What cannot be counted is said at once."""
    with pytest.raises(InvalidInput, match="60/minute"):
        checked_rate(text)


def test_rate_tells_how_long_to_wait() -> None:
    """So many at once, then a time within the window."""
    rates = Rates()
    assert [0.0, 0.0] == [rates.wait("ana", "2/10 seconds") for _ in range(2)]
    assert 0 < rates.wait("ana", "2/10 seconds") <= 10
    assert rates.wait("luis", "2/10 seconds") == 0.0


def test_secret_is_in_no_log(shop: Shop, tmp_path: Path) -> None:
    """The host's log of a session with tokens names none of them."""
    with shop.token(Scope.READ) as secret:
        shop.ask(secret, "GET", "/api/sessions")
        shop.ask(secret, "POST", "/api/host/stop")
    log = Path(shop.client.host_info.socket).parents[1] / "data" / "logs" / "host.log"
    assert secret not in log.read_text()


def test_terminal_makes_lists_and_revokes_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret alone is on standard output, so that a script can keep it; listings do not have it."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        monkeypatch.setenv("WAKIT_HOME", str(workspace.root))
        made = run("token", "create", "crm", "--scope", "send", "--scope", "read", "--days", "30", "--rate", "5/second")
        assert made.stdout.startswith("wakit_")
        assert made.stdout.count("\n") == 1
        assert "crm (read, send, 5/second, " in made.stderr
        listed = json.loads(run("token", "list", "--json").stdout)
        assert [("crm", ["read", "send"])] == [(one["name"], one["scopes"]) for one in listed]
        assert "secret" not in listed[0]
        assert "crm" in run("token", "revoke", "crm").stdout
        assert run("token", "revoke", "crm").returncode == Exit.INPUT
        assert "wakit token create" in run("token", "list").stdout
        assert run("token", "create", "x", "--scope", "root").returncode == Exit.USAGE


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", "from wakit.cli import main; main()", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
