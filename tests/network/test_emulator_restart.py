"""The same state folder is the same network: linked devices, queues and groups outlive a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from network.bare_client import BareClient, jid, link, text_of

from wakit.emulator import Network

pytestmark = pytest.mark.network

ANA, LEO = "+57 300 123 4567", "+57 300 987 6543"


def test_client_survives_a_restart_of_the_network(tmp_path: Path) -> None:
    """The running client reconnects by itself to the restarted network, and both sides go on in their sessions."""
    with Network(tmp_path / "net") as net:
        root, port = net.noise_root, net.port
        client = link(net, tmp_path, net.phone(ANA, name="Ana"))
        group = client.call("create_group", "Tienda", [jid(net.phone(LEO, name="Leo").jid)])
        client.call("send_message", jid(net.phone(LEO).jid), "antes")
        net.phone(LEO).wait_for(text="antes")
    try:
        client.wait("Disconnected")
        with Network(tmp_path / "net") as net:
            assert (net.noise_root, net.port) == (root, port)
            leo = net.phone(LEO)
            client.wait("Connected", after=len(client.events), timeout=60)
            leo.send(ANA, "después")
            client.wait_text("después")
            client.call("send_message", jid(f"{group['JID']['User']}@g.us"), "al grupo")
            leo.wait_for(text="al grupo")
            assert leo.name == "Leo"
    finally:
        client.kill()


def test_messages_wait_for_a_client_that_is_away_across_a_restart(tmp_path: Path) -> None:
    """Fifty messages for a stopped client are delivered in order after the network was restarted."""
    with Network(tmp_path / "net") as net:
        leo, ana = net.phone(LEO, name="Leo"), net.phone(ANA, name="Ana")
        client = link(net, tmp_path, ana)
        first = leo.send(ana, "primero")
        leo.wait_receipt(first, "inactive")
        client.kill()
        for number in range(50):
            leo.send(ana, f"pedido {number}")
    with Network(tmp_path / "net") as net, BareClient(net, client.session) as back:
        preview = back.wait("OfflineSyncPreview")
        # The phone may have had something for its companion too.
        assert int(preview["Message"]) in (50, 51)
        back.wait_text("pedido 49")
        texts = [text_of(data) for event, data in back.events if event == "Message"]
        assert [text for text in texts if text] == [f"pedido {number}" for number in range(50)]
        back.wait("OfflineSyncCompleted")
