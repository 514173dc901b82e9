"""
neonize as its documentation shows it: default database settings, a callback per event.

``python plain_neonize.py DATABASE NOISE_ROOT`` prints ``QR <text>``, ``CONNECTED
<monotonic>`` and ``MESSAGE <monotonic> <text>``; the clock is the machine's, so that another process can compare.
"""

from __future__ import annotations

import sys
import time

import search_path  # noqa: F401 - makes wakit importable
from neonize.client import NewClient
from neonize.events import ConnectedEv, MessageEv

from wakit.session.noise_root import trust

trust(bytes.fromhex(sys.argv[2]), "neonize-linux-amd64.so")
client = NewClient(sys.argv[1])


@client.qr
def on_qr(_: NewClient, text: bytes) -> None:
    print("QR", text.decode(), flush=True)


@client.event(ConnectedEv)
def on_connected(_: NewClient, __: ConnectedEv) -> None:
    print("CONNECTED", time.monotonic(), flush=True)


@client.event(MessageEv)
def on_message(_: NewClient, event: MessageEv) -> None:
    print("MESSAGE", time.monotonic(), event.Message.conversation or event.Message.extendedTextMessage.text, flush=True)


client.connect()
