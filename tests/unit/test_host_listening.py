"""Events over server-sent events and WebSockets: replay, who may listen, and clients that do not read."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from hosts import ending
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect, unix_connect

from wakit import autostart, client
from wakit.access import Scope
from wakit.hostfile import HostInfo, TcpOptions
from wakit.model import Gap
from wakit.paths import Workspace
from wakit.session.entries import EventCode
from wakit.session.journal import Journal

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
MANY, LONG = 4000, 4000


@dataclass
class Shop:
    """A running host whose journal of one account, ``ana``, holds many gaps, and one of ``luis``."""

    workspace: Workspace
    info: HostInfo
    token: str

    @property
    def port(self) -> int:
        assert self.info.tcp is not None
        return int(self.info.tcp.rpartition(":")[2])

    def listen(self, query: str = "") -> ClientConnection:
        return unix_connect(self.info.socket, f"ws://localhost/api/events/ws{query}")

    def knock(self, query: str = "", *, token: str | None = None, **headers: str) -> ClientConnection:
        bearer = {"authorization": f"Bearer {token or self.token}"} if token != "" else {}
        host = headers.pop("host", f"127.0.0.1:{self.port}")
        door = socket.create_connection(("127.0.0.1", self.port))
        return connect(f"ws://{host}/api/events/ws{query}", sock=door, additional_headers={**bearer, **headers})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ending(Workspace(tmp_path_factory.mktemp("listening") / "shop").create()) as workspace:
        for account, count in (("ana", MANY), ("luis", 1)):
            journal = Journal(workspace.journal_dir(account))
            journal.append_many((EventCode.GAP, gap(account, number), AT) for number in range(1, count + 1))
            journal.close()
        info = autostart.launch(workspace, TcpOptions(port=0))
        assert info.token_file is not None
        yield Shop(workspace, info, Path(info.token_file).read_text())


def gap(account: str, number: int) -> bytes:
    return json.dumps(Gap(account=account, since=AT, until=AT, cause=f"{number} ".ljust(LONG, "x")).to_json()).encode()


def read(listener: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [json.loads(listener.recv(timeout=10)) for _ in range(count)]


def numbers(told: list[dict[str, Any]]) -> list[int]:
    return [int(event["data"]["cause"].split()[0]) for event in told]


def test_stream_begins_where_it_is_told_to(shop: Shop) -> None:
    """From the very beginning, and right behind any event: none twice, none left out."""
    with shop.listen("?after=0&account=ana") as listener:
        start, *told = read(listener, 6)
        assert start == {"id": "0"}
        assert numbers(told) == [1, 2, 3, 4, 5]
        assert (told[0]["kind"], told[0]["account"]) == ("gap", "ana")
    with shop.listen(f"?account=ana&after={told[2]['id']}") as listener:
        assert numbers(read(listener, 3)[1:]) == [4, 5]


def test_stream_without_a_start_begins_now(shop: Shop) -> None:
    """The first message says where now is, so that a break before the first event loses nothing."""
    with shop.listen() as listener:
        assert read(listener, 1) == [{"id": f"ana:{MANY},luis:1"}]


def test_stream_is_filtered(shop: Shop) -> None:
    """Only the account and the kinds that were asked for."""
    with shop.listen("?after=0&account=luis&kinds=gap") as listener:
        assert [event["account"] for event in read(listener, 2)[1:]] == ["luis"]


@pytest.mark.parametrize("query", ["?after=x", "?kinds=surprise", "?account=../x"])
def test_question_that_makes_no_sense_is_a_problem_document(shop: Shop, query: str) -> None:
    """Before it is a WebSocket the answer is HTTP, with the same document as everywhere."""
    with pytest.raises(InvalidStatus) as refused:
        shop.listen(query)
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body)["code"] in {"invalid-input", "invalid-account-id"}


@pytest.mark.parametrize(
    ("headers", "token", "status", "code"),
    [
        ({}, "", 401, "unauthorized"),
        ({}, "wrong", 401, "unauthorized"),
        ({"origin": "https://evil.example"}, None, 403, "foreign-origin"),
        ({"origin": "null"}, None, 403, "foreign-origin"),
        ({"host": "evil.example"}, None, 403, "foreign-host"),
    ],
)
def test_F34_who_may_not_listen_hears_nothing(
    shop: Shop, headers: dict[str, str], token: str | None, status: int, code: str
) -> None:
    """A WebSocket is no way around token, host and origin: pages cannot open one across origins."""
    with pytest.raises(InvalidStatus) as refused:
        shop.knock(token=token, **headers)
    assert (refused.value.response.status_code, json.loads(refused.value.response.body)["code"]) == (status, code)
    with pytest.raises(InvalidStatus):
        shop.knock(f"?token={shop.token}", token="")


def test_listening_needs_the_scope_read_and_ends_with_the_token(shop: Shop) -> None:
    """A token that only sends is refused; one that is revoked is cut off."""
    with client.connect(shop.workspace) as owner:
        sender, reader = (owner.create_token(str(scope), [scope]) for scope in (Scope.SEND, Scope.READ))
        with pytest.raises(InvalidStatus) as refused:
            shop.knock(token=sender.secret)
        assert json.loads(refused.value.response.body)["code"] == "insufficient-scope"
        with shop.knock("?after=0", token=reader.secret) as listener:
            read(listener, 1)
            owner.revoke_token("read")
            with pytest.raises(ConnectionClosed) as closed:  # what is under way still arrives
                read(listener, MANY)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
        owner.revoke_token("send")


def test_message_of_a_listener_that_is_too_large_ends_its_stream(shop: Shop) -> None:
    """Nothing that a listener says matters, so it may not say much."""
    with shop.listen() as listener:
        read(listener, 1)
        listener.send("hello")
        listener.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            read(listener, 2)


SSE = b"GET /api/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
WS = (
    b"GET /api/events/ws?after=0 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.mark.parametrize("asked", [SSE, WS], ids=["sse", "websocket"])
def test_clients_that_do_not_read_cost_next_to_nothing(shop: Shop, asked: bytes) -> None:
    """Sixteen megabytes wait for each of twenty sleepers; the host does not hold them, and one who reads gets all."""
    host = psutil.Process(shop.info.pid)
    with shop.listen("?after=0&account=ana") as listener:
        read(listener, MANY + 1)  # whatever reading costs once is paid
    before = host.memory_info().rss
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            sleeper = stack.enter_context(contextlib.closing(socket.socket(socket.AF_UNIX)))
            sleeper.settimeout(10)
            sleeper.connect(shop.info.socket)
            sleeper.sendall(asked)
            assert sleeper.recv(12).startswith(b"HTTP/1.1 ")
        with shop.listen("?after=0&account=ana") as listener:
            assert numbers(read(listener, MANY + 1)[1:]) == list(range(1, MANY + 1))
        assert host.memory_info().rss - before < 30e6


def test_follower_of_the_other_transport_sees_the_same_events(shop: Shop) -> None:
    """Ids and events are the same over both, so a client can change its mind in the middle."""
    with shop.listen("?after=0&account=ana") as listener:
        told = read(listener, 11)[1:]
    with client.connect(shop.workspace) as owner:
        events = [event.to_json() for event in itertools.islice(owner.events("0", account="ana"), 10)]
    assert told == events


def test_listener_is_told_goodbye(tmp_path: Path) -> None:
    """A host that is stopped says so in the close frame, at once."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        info = autostart.launch(workspace)
        with unix_connect(info.socket, "ws://localhost/api/events/ws") as listener:
            assert json.loads(listener.recv(timeout=10)) == {"id": "0"}
            begin = time.monotonic()
            autostart.stop(workspace)
            with pytest.raises(ConnectionClosed) as closed:
                listener.recv(timeout=10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in {1001, 1012}
            assert time.monotonic() - begin < 10
