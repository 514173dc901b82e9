"""
What REST costs: requests per second on one core, and the memory of listeners that hear nothing.

``python tests/benchmarks/bench_rest.py [REQUESTS]``. The host has one thread for all of it,
so what it can answer on one core is the number of requests by the processor time
that it took; the wall clock of the same run says what one client process got out
of it, with the client on the other core.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import tempfile
import time
from pathlib import Path

import psutil
import search_path  # noqa: F401 - makes the next ones importable
from hosts import ending
from tables import table

from wakit import autostart
from wakit.paths import Workspace

#: Requests that one connection has under way.
PIPELINED = 8
LISTENERS = 500


def request(path: str, *headers: str) -> bytes:
    """Return one request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def opened(path: str) -> socket.socket:
    """Return a connection to the host's socket."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(30)
    sock.connect(path)
    return sock


def answer(sock: socket.socket, asked: bytes) -> bytes:
    """Return one answer as a whole."""
    sock.sendall(asked)
    got = b""
    while b"\r\n\r\n" not in got:
        got += sock.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    length = int(lengths[0]) if lengths else 0  # "unchanged" has no body
    while len(body) < length:
        body += sock.recv(65_536)
    return head + b"\r\n\r\n" + body


def rate(host: psutil.Process, path: str, asked: bytes, count: int) -> tuple[float, float]:
    """Return requests per second of the host's processor time, and per second of the wall clock."""
    with contextlib.closing(opened(path)) as sock:
        size = len(answer(sock, asked))
        for _ in range(200):
            answer(sock, asked)
        before, begin = sum(host.cpu_times()[:2]), time.perf_counter()
        for _ in range(count // PIPELINED):
            sock.sendall(asked * PIPELINED)
            left = size * PIPELINED
            while left:
                got = len(sock.recv(min(left, 65_536)))
                assert got, "the host hung up"
                left -= got
        took, used = time.perf_counter() - begin, sum(host.cpu_times()[:2]) - before
    done = count // PIPELINED * PIPELINED
    return done / used, done / took


def listeners(host: psutil.Process, path: str, asked: bytes) -> float:
    """Return how many MB the host grows by with many listeners."""
    before = host.memory_info().rss
    with contextlib.ExitStack() as stack:
        for _ in range(LISTENERS):
            sock = stack.enter_context(contextlib.closing(opened(path)))
            sock.sendall(asked)
            assert sock.recv(4096).startswith(b"HTTP/1.1 200")
        time.sleep(12)  # over a heartbeat
        return (host.memory_info().rss - before) / 1e6


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, ending(Workspace(Path(name) / "shop").create()) as workspace:
        info = autostart.launch(workspace)
        host = psutil.Process(info.pid)
        status = request("/api/whatsapp/status")
        with contextlib.closing(opened(info.socket)) as sock:
            head = answer(sock, status).lower()
        tag = next((line[6:].decode() for line in head.split(b"\r\n") if line.startswith(b"etag: ")), '""')
        rows = [
            ["GET /api/whatsapp/status", *rate(host, info.socket, status, count), "≥ 1,500"],
            [
                "the same, unchanged (304)",
                *rate(host, info.socket, request("/api/whatsapp/status", f"If-None-Match: {tag}"), count),
                "",
            ],
            ["GET /api/health", *rate(host, info.socket, request("/api/health"), count), ""],
        ]
        print(table(f"{count} requests each", ["", "a second of one core", "a second of the wall clock", "limit"], rows))
        grown = listeners(host, info.socket, request("/api/events"))
        print(table("", ["", "measured", "limit"], [[f"MB more with {LISTENERS} idle event streams", grown, "≤ 80"]]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
