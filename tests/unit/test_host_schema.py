"""
Whatever the schema allows, and what it does not, is answered without a failure of the host.

schemathesis makes requests from the OpenAPI document: right ones, and ones that break it in
one place. Without a linked account there is no reason for any 5xx. The seed is
fixed and nothing is shrunk: a failure comes again, and the requests stay few.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hosts import ending, until
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from journaled import heard
from schemathesis.generation import GenerationMode

from wakit import autostart
from wakit.access import Scope
from wakit.client import Client, connect
from wakit.hostfile import TcpOptions
from wakit.paths import Workspace
from wakit.session.journal import Journal

#: Streams do not end, and a host that is stopped answers no more; both have tests of their own.
LEFT_OUT = r"^/api/(events|sessions/\{account\}/watch|host/stop)$"
#: Requests for each operation, each way.
EXAMPLES = 10
#: Routes that would start to link a phone on WhatsApp itself, which a test must not.
LINKING = ("/connect", "/pair")
MESSAGES = 20


@dataclass(frozen=True)
class Api:
    """The host as a program sees it that has nothing but its document."""

    address: str
    operations: list[Any]
    headers: dict[str, str]
    workspace: Workspace
    client: Client


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Return a host with some messages; a webhook could only reach a port that nobody listens on."""
    folder = tmp_path_factory.mktemp("schema")
    with pytest.MonkeyPatch.context() as env, ending(Workspace(folder / "shop").create()) as workspace:
        env.setenv("WAKIT_WEBHOOK_HOSTS", "127.0.0.1:9")
        journal = Journal(workspace.journal_dir("default"))
        journal.append_many(heard(number, f"pedido {number}", person=number % 3) for number in range(MESSAGES))
        journal.close()
        info = autostart.launch(workspace, TcpOptions(port=0))
        with connect(workspace) as client:
            until(lambda: len(client.messages()) == MESSAGES)
            token = client.create_token("schema", [Scope.ADMIN], rate="100000/second")
            headers = {"authorization": f"Bearer {token.secret}"}
            yield Api(str(info.tcp), operations(str(info.tcp), headers), headers, workspace, client)


def operations(address: str, headers: dict[str, str]) -> list[Any]:
    """Return what can be asked for; the document says nothing of tokens, or most wrong requests would test the door only."""
    document = httpx.get(f"{address}/api/openapi.json", headers=headers).raise_for_status().json()
    for methods in document["paths"].values():
        for method in methods.values():
            method.pop("security", None)
    found = schemathesis.openapi.from_dict(document).exclude(path_regex=LEFT_OUT).get_all_operations()
    return [operation.ok() for operation in found]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_makes_the_host_fail(api: Api, mode: GenerationMode) -> None:
    """Every answer of every operation is one that somebody thought of, and the host is afterwards what it was before."""
    assert len(api.operations) > 50
    wrong, before = [], api.client.host_info
    for operation in api.operations:
        try:
            ask(api, operation, mode)
        except Exception as exc:  # all of them are wanted, not the first
            wrong.append(f"{operation.label}: {exc}")
    assert wrong == []
    assert (MESSAGES, before) == (len(api.client.messages()), api.client.host_info)
    assert "Traceback" not in api.workspace.host_log.read_text("utf-8")


def ask(api: Api, operation: Any, mode: GenerationMode) -> None:
    """Make requests of one operation and check the answers."""

    @seed(4)
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        if case.method == "POST" and case.operation.path.endswith(LINKING):
            body = case.body if isinstance(case.body, dict) else {}
            case.body, case.media_type = {**body, "network": "/nonexistent/network.json"}, "application/json"
        answer = case.call(base_url=api.address, headers=api.headers, timeout=20)
        told = f"{answer.status_code} {answer.text[:300]} <- {case.method} {case.formatted_path} {case.query} {case.body!r:.300}"
        assert answer.status_code < 500, told
        assert answer.status_code not in {401, 403, 429}, told
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"], told

    with contextlib.suppress(Unsatisfiable):  # an operation without anything to break
        check()
