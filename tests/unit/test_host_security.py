"""What the TCP door lets in: the right token, from this machine, in JSON, in time and in measure (F34)."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from hosts import ending

from wakit import autostart
from wakit.errors import InvalidInput
from wakit.host import guard, problems
from wakit.host.doors import check_certificate
from wakit.host.guard import BODY_LIMIT, Guard
from wakit.host.server import is_own_peer
from wakit.hostfile import HostInfo, TcpOptions, is_alive
from wakit.paths import Workspace


@dataclass
class Door:
    """The TCP door of a running host."""

    info: HostInfo
    token: str
    log: Path

    @property
    def port(self) -> int:
        assert self.info.tcp is not None
        return int(self.info.tcp.rpartition(":")[2])

    def ask(
        self,
        method: str = "GET",
        path: str = "/api/sessions",
        body: bytes | None = None,
        *,
        token: str | None = "right",
        **headers: str,
    ) -> tuple[int, dict[str, str], Any]:
        """Send one request exactly as given and return status, headers and JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["authorization"] = f"Bearer {self.token if token == 'right' else token}"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            text = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(text) if text else None


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with ending(Workspace(tmp_path_factory.mktemp("door") / "shop").create()) as workspace:
        info = autostart.launch(workspace, TcpOptions(port=0))
        assert info.token_file is not None
        yield Door(info, Path(info.token_file).read_text(), workspace.host_log)


JSON = {"content_type": "application/json"}


def test_F34_right_token_is_answered_and_kept_by_nobody(door: Door) -> None:
    """The token opens; the answer must not be stored anywhere on its way."""
    status, headers, answer = door.ask()
    assert (status, answer) == (200, [])
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
    assert "set-cookie" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("token", [None, "", "wrong", "\xe9\xe9"])
def test_F34_without_the_token_nothing_is_told(door: Door, token: str | None) -> None:
    """No, empty, wrong and non-ASCII tokens are 401, for existing and other paths alike."""
    for path in ("/api/sessions", "/api/health", "/api/openapi.json", "/nowhere"):
        status, headers, answer = door.ask(path=path, token=token)
        assert (status, answer["code"]) == (401, "unauthorized")
        assert headers["www-authenticate"] == "Bearer"
        assert headers["cache-control"] == "no-store"


def test_F34_token_in_the_address_counts_for_nothing(door: Door) -> None:
    """Addresses end up in logs and histories; the token is taken from its header only."""
    assert door.ask(path=f"/api/sessions?token={door.token}&access_token={door.token}", token=None)[0] == 401


@pytest.mark.parametrize("host", ["evil.com", "evil.com:{port}", "127.0.0.1", "127.0.0.1:1", "localhost", "0.0.0.0:{port}", ""])
def test_F34_foreign_host_header_is_refused(door: Door, host: str) -> None:
    """DNS rebinding: a name that is not this loopback port is 403 even with the token."""
    status, _, answer = door.ask(host=host.format(port=door.port))
    assert (status, answer["code"]) == (403, "foreign-host")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}"])
def test_F34_names_of_the_loopback_port_are_right(door: Door, host: str) -> None:
    """All three names of this address work."""
    assert door.ask(host=host.format(port=door.port))[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.com", "null", "http://localhost", "https://127.0.0.1:{port}"])
def test_F34_foreign_origin_is_refused(door: Door, origin: str) -> None:
    """A web page from elsewhere is 403 even if it had the token."""
    status, _, answer = door.ask(origin=origin.format(port=door.port))
    assert (status, answer["code"]) == (403, "foreign-origin")


def test_F34_own_origin_is_right(door: Door) -> None:
    """A page of this very address may ask."""
    assert door.ask(origin=f"http://127.0.0.1:{door.port}")[0] == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""])
def test_F34_state_changes_need_json(door: Door, kind: str) -> None:
    """What a form or a simple request can send is 415 and changes nothing."""
    body = json.dumps({"account": "ana", "to": "+573001234567", "content": "x"}).encode()
    status, _, answer = door.ask("POST", "/api/whatsapp/send", body, content_type=kind)
    assert (status, answer["code"]) == (415, "unsupported-media-type")


def test_F34_get_changes_nothing(door: Door) -> None:
    """Verbs that act answer GET with 405."""
    for path in ("/api/host/stop", "/api/whatsapp/connect", "/api/whatsapp/disconnect", "/api/messages/read"):
        assert door.ask(path=path)[0] == 405
    assert door.ask()[0] == 200


def test_F34_huge_body_is_refused_by_its_length_and_by_its_size(door: Door) -> None:
    """A claim of too much is refused at once; too much without a claim while it comes."""
    status, _, answer = door.ask("POST", "/api/sends", b"{}", content_length=str(BODY_LIMIT + 1), **JSON)
    assert (status, answer["code"]) == (413, "content-too-large")
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as raw:
        head = f"POST /api/sends HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\nAuthorization: Bearer {door.token}\r\n"
        raw.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        with contextlib.suppress(ConnectionError):
            for _ in range(BODY_LIMIT // 65536 + 2):
                raw.sendall(chunk)
        assert raw.recv(64).startswith(b"HTTP/1.1 413")


def test_F34_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come is 408 after its time, through the framework that reads it."""
    monkeypatch.setattr(guard, "BODY_TIMEOUT", 0.05)
    app = FastAPI()
    problems.install(app)

    @app.post("/")
    async def echo(body: dict[str, str]) -> dict[str, str]:
        return body

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def scene() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        async with asyncio.timeout(5):
            await Guard(app)(scope | {"http_version": "1.1", "scheme": "http", "raw_path": b"/"}, never, send)
        return sent

    start, body = asyncio.run(scene())
    assert (start["status"], json.loads(body["body"])["code"]) == (408, "request-timeout")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"account": "../x"}', b'{"surprise": 1}', b"\xff\xfe"])
def test_F34_body_that_is_none_is_a_problem_document(door: Door, body: bytes) -> None:
    """Malformed bodies are 400 with a code, in the seed's form on the seed's routes."""
    status, headers, answer = door.ask("POST", "/api/whatsapp/send", body, **JSON)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert answer["code"] in {"invalid-input", "invalid-account-id"}
    assert (answer["success"], answer["message"]) == (False, answer["detail"])


def test_F34_thousand_requests_at_once_are_slowed_down(tmp_path: Path) -> None:
    """Beyond the burst the answer is 429 with the seconds to wait; the host lives."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        info = autostart.launch(workspace, TcpOptions(port=0))
        assert info.token_file is not None
        busy = Door(info, Path(info.token_file).read_text(), workspace.host_log)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", busy.port, timeout=30)) as connection:
            answers = []
            for _ in range(1000):
                connection.request("GET", "/api/sessions", headers={"authorization": f"Bearer {busy.token}"})
                answer = connection.getresponse()
                answer.read()
                answers.append(answer.status)
                if answer.status == 429:
                    assert int(answer.getheader("retry-after") or 0) >= 1
        assert answers[:200] == [200] * 200
        assert 429 in answers
        assert is_alive(workspace)


def test_F34_token_is_private_new_at_each_start_and_in_no_log_nor_argv(tmp_path: Path) -> None:
    """0600, another one after a restart, and nowhere else on the machine."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        tokens = []
        for _ in range(2):
            info = autostart.restart(workspace, TcpOptions(port=0))
            path = Path(info.token_file or "")
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            tokens.append(path.read_text())
            door = Door(info, tokens[-1], workspace.host_log)
            assert door.ask()[0] == 200
            door.ask(token=tokens[0] + "x")
            assert tokens[-1] not in Path(f"/proc/{info.pid}/cmdline").read_text()
            assert tokens[-1] not in Path(f"/proc/{info.pid}/environ").read_text()
            assert tokens[-1] not in workspace.host_file.read_text()
        assert len(set(tokens)) == 2
        assert Door(info, tokens[0], workspace.host_log).ask()[0] == 401
        log = workspace.host_log.read_text()
        assert not any(token in log for token in tokens)
        autostart.stop(workspace)
        assert not path.exists()


def test_small_answers_over_tcp_do_not_wait_for_an_acknowledgement(door: Door) -> None:
    """Without TCP_NODELAY each answer on a kept connection would take 40 ms."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)) as connection:
        times = []
        for _ in range(15):
            begin = time.perf_counter()
            connection.request("GET", "/api/health", headers={"authorization": f"Bearer {door.token}"})
            connection.getresponse().read()
            times.append(time.perf_counter() - begin)
    assert sorted(times)[len(times) // 2] < 0.03


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, private


def test_tls_with_a_given_certificate(tmp_path: Path) -> None:
    """The TCP door speaks TLS with that certificate, and plain HTTP gets nothing; the socket is as ever."""
    cert, key = certificate(tmp_path)
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        info = autostart.launch(workspace, TcpOptions(port=0, certfile=cert, keyfile=key))
        assert info.tcp is not None
        assert info.tcp.startswith("https://")
        token, port = Path(info.token_file or "").read_text(), int(info.tcp.rpartition(":")[2])
        trusted = ssl.create_default_context(cafile=str(cert))
        with contextlib.closing(http.client.HTTPSConnection("localhost", port, context=trusted, timeout=30)) as connection:
            connection.request("GET", "/api/health", headers={"authorization": f"Bearer {token}"})
            assert json.loads(connection.getresponse().read())["pid"] == info.pid
        with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
            plain.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert not plain.recv(1000).startswith(b"HTTP")
        assert autostart.find(workspace) == info


def test_certificate_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A missing, foreign or keyless certificate is an error before anything is opened."""
    cert, key = certificate(tmp_path)
    check_certificate(TcpOptions(port=0, certfile=cert, keyfile=key))
    for wrong in (
        TcpOptions(port=0, certfile=tmp_path / "none.pem"),
        TcpOptions(port=0, certfile=key, keyfile=key),
        TcpOptions(port=0, keyfile=key),
    ):
        with pytest.raises(InvalidInput, match=r"\.pem"):
            check_certificate(wrong)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_F33_process_of_another_user_is_turned_away_at_the_socket(tmp_path: Path) -> None:
    """Even with all folders and the socket open to the world, only the owner is answered."""
    with ending(Workspace(tmp_path / "shop").create()) as workspace:
        info = autostart.launch(workspace)
        way = [path for path in (Path(info.socket), *Path(info.socket).parents) if path != Path("/")]
        before = [path.stat().st_mode for path in way]
        for path in way:
            path.chmod(path.stat().st_mode | (0o777 if path.is_socket() else 0o755))
        ask = (
            "import os, socket, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1])\n"
            "try:\n"
            "    s.sendall(b'GET /api/health HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"
            "    print(s.recv(1000))\n"
            "except ConnectionError: print(b'')"
        )
        asked = subprocess.run([sys.executable, "-c", ask, info.socket], capture_output=True, text=True, timeout=30, check=False)
        for path, mode in zip(way, before, strict=True):
            path.chmod(mode)
        assert (asked.returncode, asked.stdout.strip()) == (0, "b''"), asked.stderr
        assert autostart.find(workspace) == info
        assert "another user" in workspace.host_log.read_text()


def test_peer_of_this_user_is_known_by_the_kernel() -> None:
    """SO_PEERCRED of our own socket pair is us."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert is_own_peer(ours)


def test_F34_files_come_as_bytes_only(door: Door) -> None:
    """The one address that takes more than JSON takes nothing that a page could post by itself."""
    for kind in ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
        assert door.ask("POST", "/api/files", b"x", content_type=kind)[0] == 415
