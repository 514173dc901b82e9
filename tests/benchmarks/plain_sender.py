"""
neonize alone, sending: how long ``send_message`` takes, one after the other.

``python plain_sender.py DATABASE NOISE_ROOT`` prints ``QR <text>`` and ``CONNECTED``,
then sends each text that comes on stdin as ``<number> <text>`` and prints ``TOOK <seconds>``.
``DATABASE`` goes to the library as it is, so that the caller chooses its settings.
"""

from __future__ import annotations

import sys
import threading
import time

import search_path  # noqa: F401 - makes wakit importable
from neonize.client import NewClient
from neonize.events import ConnectedEv
from neonize.utils import build_jid

from wakit.session.noise_root import trust

trust(bytes.fromhex(sys.argv[2]), "neonize-linux-amd64.so")
client = NewClient(sys.argv[1], uuid="plain")


@client.qr
def on_qr(_: NewClient, text: bytes) -> None:
    print("QR", text.decode(), flush=True)


@client.event(ConnectedEv)
def on_connected(_: NewClient, __: ConnectedEv) -> None:
    print("CONNECTED", flush=True)


def send_all() -> None:
    """Send what comes on stdin."""
    for line in sys.stdin:
        number, text = line.rstrip("\n").split(" ", 1)
        begin = time.perf_counter()
        client.send_message(build_jid(number), text)
        print("TOOK", time.perf_counter() - begin, flush=True)


threading.Thread(target=send_all, daemon=True).start()
client.connect()
