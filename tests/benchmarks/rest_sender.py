"""
A program that sends over REST: how long ``POST /api/sends`` takes, one after the other.

``python rest_sender.py SOCKET`` prints ``CONNECTED``, sends each text that comes on stdin
as ``<number> <text>`` and prints ``TOOK <seconds>``, as ``plain_sender`` does: both are processes of
their own, so neither shares one with the emulated network.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
import time


class Connection(http.client.HTTPConnection):
    """HTTP over the host's Unix socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])


host = Connection("localhost")
print("CONNECTED", flush=True)
for line in sys.stdin:
    number, text = line.rstrip("\n").split(" ", 1)
    begin = time.perf_counter()
    body = json.dumps({"to": number, "text": text, "wait": 30})
    host.request("POST", "/api/sends", body, {"content-type": "application/json"})
    answer = json.load(host.getresponse())
    took = time.perf_counter() - begin
    assert answer["state"] in {"sent", "delivered"}, answer
    print("TOOK", took, flush=True)
