"""
Where webhooks may go.

A program that posts to any address it is told is a way around a firewall: to a
router, to a cloud's metadata, to this machine. So a destination is HTTPS on a
public address, unless ``WAKIT_WEBHOOK_HOSTS`` names it. A name is looked up at
every connection and the address that was judged is the one that is connected to,
so a name that points elsewhere a moment later gains nothing. Redirects are
answers, not orders.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

import httpx

from wakit.errors import InvalidInput

_LONGEST = 2048
_SCHEMES = {"https": 443, "http": 80}


class Destinations:
    """
    The rules of one host.

    Args:
        hosts: The only ones that may be reached, ``name`` or ``name:port``,
            comma-separated; unset means all public ones.
    """

    def __init__(self, hosts: str | None) -> None:
        self._named = {host.strip().lower() for host in (hosts or "").split(",") if host.strip()}

    def read(self, url: str) -> tuple[str, int]:
        """
        Return host and port of an address; whether they may be reached is looked at when they are.

        Raises:
            InvalidInput: It is no address, or one that is not encrypted and not named.
        """
        parts = _split(url)
        host, port = str(parts.hostname), parts.port or _SCHEMES[parts.scheme]
        if parts.scheme != "https" and not self._is_named(host, port):
            raise InvalidInput(f"Webhooks go to https:// addresses. {_NAME_IT}", host=host)
        return host, port

    async def check(self, url: str) -> None:
        """
        Refuse an address that events must not be posted to.

        Raises:
            InvalidInput: With the rule that it breaks.
        """
        host, port = self.read(url)
        try:
            await self.address(host, port)
        except httpx.ConnectError as exc:
            raise InvalidInput(str(exc), host=host) from exc
        except OSError:  # no network now; it is looked up at every connection
            return

    async def address(self, host: str, port: int) -> str:
        """
        Return the address to connect to for a host.

        Raises:
            httpx.ConnectError: It is none that may be reached.
            OSError: The name has no address.
        """
        named = self._is_named(host, port)
        if self._named and not named:
            msg = f"WAKIT_WEBHOOK_HOSTS does not name {host}:{port}."
            raise httpx.ConnectError(msg)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(sockaddr[0]) for *_, sockaddr in found]
        if not named and not all(_is_public(address) for address in addresses):
            msg = f"{host} is on this machine or in a private network. {_NAME_IT}"
            raise httpx.ConnectError(msg)
        return addresses[0]

    def _is_named(self, host: str, port: int) -> bool:
        return host.lower() in self._named or f"{host.lower()}:{port}" in self._named


class Transport(httpx.AsyncBaseTransport):
    """Connects to the address that was judged, under the name that was asked for."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._way = httpx.AsyncHTTPTransport(verify=ssl.create_default_context())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            address = await self._destinations.address(host, request.url.port or _SCHEMES[request.url.scheme])
        except OSError as exc:
            msg = f"{host} has no address"
            raise httpx.ConnectError(msg) from exc
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)
        return await self._way.handle_async_request(request)

    async def aclose(self) -> None:
        await self._way.aclose()


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        httpx.URL(url)
        port = parts.port
    except (ValueError, httpx.InvalidURL) as exc:
        raise InvalidInput(f"{url[:64]!r} is not an address that can be posted to.") from exc
    if len(url) > _LONGEST or parts.scheme not in _SCHEMES or not parts.hostname or port == 0:
        raise InvalidInput(f"{url[:64]!r} is not an address that can be posted to. Give https://HOST/PATH.")
    if parts.username or parts.password:
        raise InvalidInput("An address with a name and password in it ends up in logs. Posts are signed instead.")
    return parts


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return (mapped or ip).is_global and not ip.is_multicast


_NAME_IT = "To allow this one, name it in WAKIT_WEBHOOK_HOSTS."
