"""REST as a program without wakit sees it: pages, tags, problem documents, the documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from hosts import ending, until
from journaled import heard

from wakit import autostart
from wakit.errors import InvalidInput
from wakit.host.pages import read_cursor
from wakit.paths import Workspace
from wakit.session.journal import Journal

MESSAGES, PEOPLE = 23, 7


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a host whose store holds messages of some people, several at the same instant."""
    with ending(Workspace(tmp_path_factory.mktemp("rest") / "shop").create()) as workspace:
        journal = Journal(workspace.journal_dir("ana"))
        journal.append_many(heard(number, f"pedido {number}", person=number % PEOPLE) for number in range(MESSAGES))
        journal.close()
        info = autostart.launch(workspace)
        way = httpx.HTTPTransport(uds=info.socket)
        with httpx.Client(transport=way, base_url="http://localhost", timeout=30) as http:
            until(lambda: len(http.get("/api/messages").json()) == MESSAGES)
            yield http


def pages(rest: httpx.Client, path: str) -> list[list[dict[str, object]]]:
    """Follow the header Link from the first page to the last."""
    found, url = [], httpx.URL(path)
    while True:
        answer = rest.get(url).raise_for_status()
        found.append(answer.json())
        if "next" not in answer.links:
            return found
        url = url.join(answer.links["next"]["url"])
        assert len(found) < 100


@pytest.mark.parametrize(("path", "sizes"), [("chats", [3, 3, 1]), ("contacts", [3, 3, 1]), ("messages", [3] * 7 + [2])])
def test_pages_of_a_list_are_the_list(rest: httpx.Client, path: str, sizes: list[int]) -> None:
    """Each row stands on one page, in the order of the whole; of messages the newest page comes first."""
    found = pages(rest, f"/api/{path}?limit=3&account=ana")
    assert [len(page) for page in found] == sizes
    rows = [row for page in (reversed(found) if path == "messages" else found) for row in page]
    assert rows == rest.get(f"/api/{path}?account=ana").json()


def test_inbox_has_every_chat_and_who_waits_longest_first(rest: httpx.Client) -> None:
    """Nobody answered here, so all wait, unless it was too long ago; what no inbox can be asked for is refused."""
    found = rest.get("/api/inbox?account=ana&days=36500").raise_for_status().json()
    assert PEOPLE == len(found)
    assert MESSAGES == sum(chat["waiting"] for chat in found)
    assert sorted(chat["waiting_since"] for chat in found) == [chat["waiting_since"] for chat in found]
    assert 2 == len(rest.get("/api/inbox?limit=2").json())
    assert [] == rest.get("/api/inbox?account=nobody").json()
    assert 400 == rest.get("/api/inbox?limit=0").status_code


def test_last_page_that_is_full_leads_to_none_or_an_empty_one(rest: httpx.Client) -> None:
    """A limit that divides the list ends it all the same."""
    assert [PEOPLE] == [len(page) for page in pages(rest, f"/api/chats?limit={PEOPLE}")]
    assert sum(len(page) for page in pages(rest, f"/api/messages?limit={MESSAGES}")) == MESSAGES


def test_filters_go_on_from_page_to_page(rest: httpx.Client) -> None:
    """The next page is of the same chat."""
    (first, *_) = rest.get("/api/chats").json()
    found = pages(rest, f"/api/messages?limit=1&chat={first['chat'].replace('+', '%2B')}")
    assert {first["chat"]} == {row["chat"] for page in found for row in page}
    assert sum(len(page) for page in found) == first["messages"]


@pytest.mark.parametrize("path", ["messages", "chats", "contacts", "sends"])
@pytest.mark.parametrize(
    "cursor", ["x", "e30=", "WzFd", "W10=", "bnVsbA==", "W1tdLFtdLFtdLFtdXQ==", "W251bGwsIngiLDEuNSwyXQ==", "ñ"]
)
def test_cursor_that_is_none_is_refused(rest: httpx.Client, path: str, cursor: str) -> None:
    """What no host gave out is 400, never a page of something."""
    answer = rest.get(f"/api/{path}", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-input")


def test_cursor_of_deep_nesting_is_refused() -> None:
    """A cursor made to exhaust the reader is an error like any other."""
    with pytest.raises(InvalidInput):
        read_cursor("W" * 4000, 2)


@pytest.mark.parametrize(
    "path", ["/api/whatsapp/status", "/api/sessions", "/api/messages", "/api/chats?limit=2", "/api/contacts"]
)
def test_answer_that_did_not_change_is_not_sent_again(rest: httpx.Client, path: str) -> None:
    """The tag of an answer gives 304 without a body; another tag, or none, gives the answer."""
    first = rest.get(path)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = rest.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers.get("link") == first.headers.get("link")
    assert rest.get(path, headers={"if-none-match": '"other"'}).json() == first.json()


def test_tags_are_of_what_was_asked_for(rest: httpx.Client) -> None:
    """Another page, another form of the same rows: another tag."""
    tags = [
        rest.get("/api/messages", params={"limit": 2}).headers["etag"],
        rest.get("/api/messages", params={"limit": 3}).headers["etag"],
        rest.get("/api/messages", params={"limit": 3}, headers={"accept": "application/vnd.apache.arrow.stream"}).headers["etag"],
    ]
    assert len(set(tags)) == 3


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/api/docs/secrets.txt", 404, "not-found"),
        ("GET", "/api/docs/..%2fdocs.html", 404, "not-found"),
        ("PUT", "/api/sessions", 405, "method-not-allowed"),
        ("POST", "/api/sends", 400, "invalid-input"),
        ("GET", "/api/messages?limit=0", 400, "invalid-input"),
        ("GET", "/api/sessions/ghost", 404, "unknown-account"),
        ("GET", "/api/sends/ghost", 404, "unknown-send"),
        ("DELETE", "/api/tokens/ghost", 404, "unknown-token"),
        ("DELETE", "/api/webhooks/ghost", 404, "unknown-webhook"),
    ],
)
def test_every_failure_is_a_problem_document(rest: httpx.Client, method: str, path: str, status: int, code: str) -> None:
    """Routes, methods, values and names that are not there: one form for all."""
    answer = rest.request(method, path, json={} if method in {"PUT", "POST"} else None)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told = answer.json()
    assert (told["code"], told["status"], told["type"]) == (code, status, "about:blank")
    assert told["detail"]
    assert told["title"]


def test_idempotency_key_of_the_header_and_of_the_body_must_agree(rest: httpx.Client) -> None:
    """Two different keys are a mistake; either one reaches the queue."""
    body = {"account": "ana", "to": "+57 300 987 6543", "text": "hola"}
    clash = rest.post("/api/sends", json={**body, "idempotency_key": "a"}, headers={"idempotency-key": "b"})
    assert (clash.status_code, clash.json()["code"]) == (400, "invalid-input")
    for path, sent in (("/api/sends", body), ("/api/whatsapp/send", {"account": "ana", "to": body["to"], "content": "x"})):
        assert rest.post(path, json=sent, headers={"idempotency-key": "x" * 129}).status_code == 400


def test_documentation_loads_nothing_from_elsewhere(rest: httpx.Client) -> None:
    """Page, script and style come from this host, and the page's policy forbids everything else."""
    page = rest.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded.pop(0) == "data:,"
    assert len(loaded) == 3
    for one in loaded:
        answer = rest.get(httpx.URL("http://localhost/api/docs").join(one))
        assert answer.status_code == 200
        assert len(answer.content) > 500
    assert "http" not in page.text.replace("http-equiv", "")


def test_schema_describes_failures_and_scopes_as_they_are(rest: httpx.Client) -> None:
    """Each operation fails with a problem document and names its scope; FastAPI's own form is gone."""
    schema = rest.get("/api/openapi.json").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len(operations) > 40
    for operation in operations:
        assert "422" not in operation["responses"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert operation["security"][0]["token"][0] in {"read", "send", "admin"}
    assert "ValidationError" not in json.dumps(schema)
