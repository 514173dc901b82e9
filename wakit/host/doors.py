"""
The host's two doors: the Unix socket, always, and 127.0.0.1, on request.

A path that is in the way is removed only if it is a socket of ours; links,
folders and other people's files are refused. Only the holder of the life lock
opens doors, so a socket of ours can only be a dead host's.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import ssl
import stat
from collections.abc import AsyncIterator
from pathlib import Path

from wakit.errors import HostError, InvalidInput, PortInUse, UnsafePath
from wakit.host.guard import App, Gate, Guard
from wakit.host.server import make_server
from wakit.host.tokens import Tokens
from wakit.hostfile import TcpOptions
from wakit.paths import Workspace, private_dir, write_private

LOOPBACK = "127.0.0.1"
_BACKLOG = 128
#: Seconds for a server to take over its listening socket.
_START_TIMEOUT = 5.0


class Doors:
    """The listening sockets of one host."""

    def __init__(self, workspace: Workspace, tcp: TcpOptions | None) -> None:
        self._workspace = workspace
        self._options = tcp
        self._token = ""
        self._unix: socket.socket | None = None
        self._tcp: socket.socket | None = None
        #: File with the bearer token of the TCP door.
        self.token_file: str | None = None

    def open(self) -> None:
        """
        Listen; nobody is answered yet.

        Raises:
            UnsafePath: Something is in the way of the socket.
            PortInUse: Of the TCP port.
            InvalidInput: The certificate cannot be used.
        """
        if self._options is not None:
            check_certificate(self._options)
            self._tcp = listen_tcp(self._options.port)
            self._token, path = new_token(self._workspace)
            self.token_file = str(path)
        self._unix = listen_unix(self._workspace.socket)

    @property
    def tcp_url(self) -> str | None:
        """Where the TCP door is, ``http://127.0.0.1:PORT``."""
        return f"{self._scheme}://{LOOPBACK}:{self._port}" if self._tcp is not None else None

    @contextlib.asynccontextmanager
    async def serve(self, app: App, tokens: Tokens) -> AsyncIterator[None]:
        """Answer at both doors until the block ends."""
        assert self._unix is not None
        served = [(make_server(Guard(app)), self._unix)]
        if self._tcp is not None:
            assert self._options is not None
            tokens.admit(self._token)
            gate = Gate(app, tokens=tokens, port=self._port, scheme=self._scheme)
            tls = {"ssl_certfile": self._options.certfile, "ssl_keyfile": self._options.keyfile}
            served.append((make_server(gate, **tls), self._tcp))
        tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in served]
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                for server, _ in served:
                    await server.answering.wait()
            yield
        finally:
            for server, _ in served:
                server.should_exit = True
            await asyncio.gather(*tasks)

    def close(self) -> None:
        """Stop listening and remove the socket and the token."""
        for sock in (self._unix, self._tcp):
            if sock is not None:
                sock.close()
        if self._unix is not None:
            remove_socket(self._workspace.socket)
        if self.token_file is not None:
            Path(self.token_file).unlink(missing_ok=True)

    @property
    def _scheme(self) -> str:
        return "https" if self._options is not None and self._options.certfile else "http"

    @property
    def _port(self) -> int:
        assert self._tcp is not None
        return int(self._tcp.getsockname()[1])


def listen_unix(path: Path) -> socket.socket:
    """
    Return a listening socket at *path*, mode 0600.

    Raises:
        UnsafePath: Something that is no socket of ours is there.
    """
    private_dir(path.parent)
    remove_socket(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(str(path))
        path.chmod(0o600)
        sock.listen(_BACKLOG)
    except OSError as exc:
        sock.close()
        msg = f"The host cannot listen at {str(path)!r} ({exc.strerror})."
        raise HostError(msg, path=str(path)) from exc
    return sock


def remove_socket(path: Path) -> None:
    """
    Remove a dead socket of ours; a missing one is fine.

    Raises:
        UnsafePath: It is a link, a folder, a file, or somebody else's.
    """
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(info.st_mode) or info.st_uid != os.getuid():
        msg = f"{str(path)!r} is in the way of the host's socket and is no socket of yours. Move it away."
        raise UnsafePath(msg, path=str(path))
    path.unlink()


def listen_tcp(port: int) -> socket.socket:
    """
    Return a listening socket on 127.0.0.1.

    Raises:
        PortInUse: Or not allowed to be used.
    """
    # asyncio sets TCP_NODELAY only where proto says TCP; without it a small answer waits 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen(_BACKLOG)
    except (OSError, OverflowError) as exc:
        sock.close()
        why = "is in use" if getattr(exc, "errno", None) == errno.EADDRINUSE else f"cannot be used ({exc})"
        msg = f"Port {port} {why}. Choose another one, or 0 for any free port."
        raise PortInUse(msg, port=port) from exc
    return sock


def new_token(workspace: Workspace) -> tuple[str, Path]:
    """Make the bearer token of this start; the one before is worthless from here on."""
    path = workspace.host_file.with_suffix(".token")
    token = secrets.token_urlsafe(32)
    write_private(path, token.encode())
    return token, path


def check_certificate(tcp: TcpOptions) -> None:
    """
    Refuse a certificate that TLS could not be served with.

    Raises:
        InvalidInput: Naming the files.
    """
    if tcp.certfile is None:
        if tcp.keyfile is not None:
            msg = f"A key ({str(tcp.keyfile)!r}) without a certificate. Give --certfile too."
            raise InvalidInput(msg, keyfile=str(tcp.keyfile))
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tcp.certfile, tcp.keyfile, password=_no_password)
    except (OSError, ValueError) as exc:
        msg = f"The certificate {str(tcp.certfile)!r} and its key cannot be used ({exc}). Give PEM files without a password."
        raise InvalidInput(msg, certfile=str(tcp.certfile), keyfile=str(tcp.keyfile)) from exc


def _no_password() -> str:
    # Without this OpenSSL would ask on a terminal that the host does not have.
    return ""
