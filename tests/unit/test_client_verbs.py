"""The verbs as a person and a type checker see them."""

from __future__ import annotations

import inspect
import json

import httpx
import pytest

from wakit import widgets
from wakit.client import AsyncClient, Client
from wakit.client.ask import problem
from wakit.client.verbs import Verbs
from wakit.errors import ForeignNetwork, HostError, InvalidAccountId, WakitError
from wakit.host.problems import describe

VERBS = [name for name in dir(Verbs) if type(getattr(Verbs, name)).__name__ in {"verb", "stream", "sending"}]


def requests(client: Client | AsyncClient) -> list[object]:
    """Make a client record what it would do instead of doing it."""
    done: list[object] = []
    vars(client)["perform"] = vars(client)["perform_send"] = vars(client)["follow"] = done.append
    return done


@pytest.fixture
def client() -> Client:
    return Client.__new__(Client)


def test_every_verb_is_there_for_both_clients() -> None:
    """Sync and async offer the same words; only widgets, reports, plans, files, and how to come, are those of one."""
    assert len(VERBS) >= 18
    extra = {name for name in set(dir(Client)) ^ set(dir(AsyncClient)) if not name.startswith("_")}
    assert extra == {
        "campaign",
        "connect",
        "download",
        "language",
        "private",
        "report",
        *(name for name in widgets.__all__ if name.islower()),
    }


@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_verb_shows_its_parameters_and_result(client: Client, name: str) -> None:
    """What a notebook shows for ``wa.verb?`` is what was written, not the plumbing."""
    call = getattr(client, name)
    signature = inspect.signature(call)
    assert "self" not in signature.parameters
    assert "Ask" not in str(signature)
    assert "Stream" not in str(signature)
    assert call.__name__ == name
    assert inspect.getdoc(call)


def test_wrong_account_is_refused_before_anything_is_sent(client: Client) -> None:
    """An account id that cannot exist never becomes part of a path."""
    done = requests(client)
    with pytest.raises(InvalidAccountId):
        client.status("../etc")
    with pytest.raises(InvalidAccountId):
        client.send("+57 300 123 4567", "hola", account="a/b")
    assert done == []


def test_error_of_the_host_arrives_as_the_same_class_with_its_data() -> None:
    """The class is rebuilt by its code; message and data are those of the host."""
    raised = ForeignNetwork("The account 'ana' was linked elsewhere.", account="ana", network="emulated:00")
    told = httpx.Response(409, json=describe(raised))
    error = problem(told)
    assert (type(error), error.message, error.data) == (ForeignNetwork, raised.message, raised.data)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", json.dumps({"code": "x"}).encode()])
def test_answer_that_is_no_problem_document_is_still_a_typed_error(body: bytes) -> None:
    """Something between us and the host answered; the error says so."""
    error = problem(httpx.Response(502, content=body))
    assert isinstance(error, HostError)
    assert "502" in str(error)


def test_unknown_code_of_a_newer_host_is_the_base_error() -> None:
    """A class that this client does not have becomes the base class with the host's words."""
    told = {"code": "brand-new", "detail": "Do this.", "data": {}, "status": 418}
    error = problem(httpx.Response(418, json=told))
    assert (type(error), str(error)) == (WakitError, "Do this.")


def test_repr_names_the_folder_only(client: Client, workspace) -> None:
    """What a notebook keeps of a client is neutral."""
    vars(client)["_workspace"] = workspace
    assert repr(client) == "Client(workspace='shop')"
