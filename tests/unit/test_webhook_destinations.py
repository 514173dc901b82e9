"""Where webhooks may go (F34): public HTTPS addresses, or hosts that somebody named; judged at every connection."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest
from receiver import receiving

from wakit.destinations import Destinations, Transport
from wakit.errors import InvalidInput

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names that resolve to what the test says; addresses stand for themselves, other names for nothing."""
    known: dict[str, list[str]] = {}

    async def getaddrinfo(_loop: Any, host: str, port: int, **_: Any) -> list[Any]:
        try:
            socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
            addresses = [host]
        except OSError:
            addresses = known.get(host, [])
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return known


def check(url: str, hosts: str | None = None) -> None:
    asyncio.run(Destinations(hosts).check(url))


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "https://", "https:///x", "ftp://a.example/", "file:///etc/passwd", "//a.example/", "https://a.example:0/"),
        *(
            "https://a.example:99999/",
            "https://user:secret@a.example/",
            "javascript:alert(1)",
            "https://[::1/",
            "https://a\x00b/",
        ),
        f"https://a.example/{'x' * 3000}",
    ],
)
def test_F34_address_that_is_none_is_refused(names: dict[str, list[str]], url: str) -> None:
    """What cannot be posted to is said when it is added, without repeating a secret."""
    names["a.example"] = [PUBLIC]
    with pytest.raises(InvalidInput) as refused:
        check(url)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *(
            "[::1]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:127.0.0.1]",
            "[2002:7f00:1::]",
            "224.0.0.1",
            "255.255.255.255",
            "mixed.example",
        ),
    ],
)
def test_F34_private_address_is_refused(names: dict[str, list[str]], host: str) -> None:
    """This machine, private networks, a cloud's metadata, and names that lead there, in any spelling."""
    names |= {"localhost": ["127.0.0.1"], "mixed.example": [PUBLIC, "10.0.0.1"]}
    with pytest.raises(InvalidInput, match="WAKIT_WEBHOOK_HOSTS"):
        check(f"https://{host}/hook")


def test_F34_public_address_needs_tls(names: dict[str, list[str]]) -> None:
    """HTTPS goes, plain HTTP does not; a name that nobody knows now may come to be."""
    names["crm.example"] = [PUBLIC]
    check("https://crm.example/hook?key=1")
    check("https://later.example/hook")
    with pytest.raises(InvalidInput, match="https://"):
        check("http://crm.example/hook")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "https://crm.lan/x", "http://crm.lan:8443/x"])
def test_F34_named_host_may_be_private_and_without_tls(names: dict[str, list[str]], url: str) -> None:
    """Who names a host in the settings means it."""
    names["crm.lan"] = ["10.0.0.9"]
    check(url, "127.0.0.1:9, CRM.lan")


@pytest.mark.parametrize("url", ["https://crm.example/", "http://127.0.0.1:10/", "https://127.0.0.1/"])
def test_F34_where_hosts_are_named_there_are_no_others(names: dict[str, list[str]], url: str) -> None:
    """The setting is a list of what is allowed, also for public hosts and other ports."""
    names["crm.example"] = [PUBLIC]
    with pytest.raises(InvalidInput, match="WAKIT_WEBHOOK_HOSTS"):
        check(url, "127.0.0.1:9")


def test_F34_name_that_moved_to_a_private_address_is_not_connected_to(names: dict[str, list[str]]) -> None:
    """DNS rebinding: what was public when it was added is judged again at each connection."""
    names["crm.example"] = [PUBLIC]
    check("https://crm.example/hook")
    names["crm.example"] = ["127.0.0.1"]

    async def post() -> None:
        async with httpx.AsyncClient(transport=Transport(Destinations(None)), trust_env=False) as http:
            await http.post("https://crm.example/hook")

    with pytest.raises(httpx.ConnectError, match="private network"):
        asyncio.run(post())


def test_connection_goes_to_the_address_under_the_name(names: dict[str, list[str]]) -> None:
    """The receiver sees the name that was asked for, although an address was connected to."""
    names["crm.lan"] = ["127.0.0.1"]
    with receiving() as receiver:

        async def post() -> int:
            async with httpx.AsyncClient(transport=Transport(Destinations("crm.lan")), trust_env=False) as http:
                return (await http.post(f"http://crm.lan:{receiver.port}/hook", content=b"{}")).status_code

        assert asyncio.run(post()) == 204
        assert [f"crm.lan:{receiver.port}"] == [post.headers["host"] for post in receiver.posts]
