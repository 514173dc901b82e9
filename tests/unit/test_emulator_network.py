"""The network as a whole: it starts and ends cleanly, and says what is wrong."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from wakit.emulator import ControlClient, Fault, Network
from wakit.emulator.link import StanzaError
from wakit.errors import InvalidInput, LinkingFailed, NetworkDescriptorError, PortInUse, UnknownAccount
from wakit.ids import JID
from wakit.network import NetworkDescriptor


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


def web(net: Network) -> httpx.Client:
    """Return a client that trusts the network's certificate and sees the world through its proxy."""
    context = ssl.create_default_context(cafile=net.env()["SSL_CERT_FILE"])
    return httpx.Client(proxy=net.proxy_url, verify=context, trust_env=False)


def test_network_leaves_nothing_behind(tmp_path: Path) -> None:
    """Threads, sockets and the temporary folder are gone after the end, also with a phone on it."""
    threads, descriptors = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    with Network() as net:
        net.phone("+57 300 123 4567")
        folder = net.descriptor.parent
    deadline = time.monotonic() + 5
    while set(threading.enumerate()) - threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= threads
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert not folder.exists()


def test_descriptor_is_private_and_exactly_what_clients_read(net: Network) -> None:
    """Three fields, readable by its owner only, and accepted by the reader of descriptors."""
    assert set(json.loads(net.descriptor.read_text())) == {"proxy", "ca", "noise_root"}
    assert net.descriptor.stat().st_mode & 0o777 == 0o600
    assert net.descriptor.parent.stat().st_mode & 0o777 == 0o700
    read = NetworkDescriptor.load(net.descriptor)
    assert read.environment == net.env()
    assert read.noise_root.hex() == net.noise_root


def test_port_in_use_is_named() -> None:
    """The error names the port, and the failed network leaves no thread."""
    threads = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        network = Network(port=port)
        with pytest.raises(PortInUse, match=str(port)):
            network.start()
        network.close()
    assert set(threading.enumerate()) <= threads


def test_former_port_that_is_taken_is_given_up(tmp_path: Path) -> None:
    """A state folder prefers its port, but starts on another one."""
    with Network(tmp_path / "net") as net:
        port = net.port
    with socket.create_server(("127.0.0.1", port)), Network(tmp_path / "net") as net:
        assert net.port != port


def test_two_networks_do_not_know_each_other(net: Network) -> None:
    """Each has its own root key, port and numbers."""
    with Network() as other:
        assert (other.noise_root, other.port) != (net.noise_root, net.port)
        other.phone("+57 300 123 4567")
        with pytest.raises(StanzaError, match="404"):
            net.devices("+57 300 123 4567")


def test_network_works_beside_a_running_event_loop() -> None:
    """Its loop is its own; an asyncio program drives it from a worker thread or blocks on it."""

    async def program() -> str:
        with Network() as net:
            phone = await asyncio.to_thread(net.phone, "+57 300 123 4567")
            net.phone("+57 300 987 6543")
            return phone.send("+57 300 987 6543", "hola")

    assert asyncio.run(program())


def test_call_on_the_networks_own_loop_is_refused_not_hung(net: Network) -> None:
    """A synchronous call from inside would wait for itself for ever."""

    async def inside() -> None:
        with pytest.raises(RuntimeError, match="own loop"):
            net.devices("+573001234567")

    net.run(inside())


def test_run_ends_at_its_timeout(net: Network) -> None:
    """Work that does not end is cancelled."""
    ended = threading.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        net.run(endless(), timeout=0.05)
    assert ended.wait(5)


def test_network_that_is_not_running_says_so() -> None:
    """Before start and after close every use is one clear error."""
    network = Network()
    with pytest.raises(RuntimeError, match="not running"):
        _ = network.port
    with network:
        phone = network.phone("+57 300 123 4567")
    with pytest.raises(RuntimeError, match="not running"):
        phone.send("+57 300 123 4567", "tarde")
    network.close()


def test_nothing_leaves_the_machine_through_the_proxy(net: Network) -> None:
    """Every host leads to the media host; what is not a tunnel is refused and recorded."""
    with web(net) as client, pytest.raises(httpx.ConnectError):
        client.get("https://example.com/")
    with httpx.Client(proxy=net.proxy_url, trust_env=False) as client:
        assert client.get("http://example.com/").status_code == 405
    notes = [str(line.node) for line in net.trace if line.who.startswith(("example.com", "http://example.com"))]
    assert any("connect" in note for note in notes)
    assert any("refused" in note for note in notes)


def test_media_is_kept_checked_and_deleted(net: Network) -> None:
    """Upload, resume check, ranged download and delete, as clients do them."""
    data = b"cipher" * 1000
    token = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
    with web(net) as client:
        url = f"https://mmg.whatsapp.net/mms/image/{token}"
        assert client.post(url, params={"resume": "1"}).json() == {"resume": 0}
        assert client.post(url, content=b"other").status_code == 400
        where = client.post(url, content=data).json()["direct_path"]
        assert client.post(url, params={"resume": "1"}).json()["resume"] == "complete"
        assert client.get(f"https://mmg.whatsapp.net{where}").content == data
        part = client.get(f"https://mmg.whatsapp.net{where}", headers={"Range": "bytes=6-11"})
        assert (part.status_code, part.content) == (206, b"cipher")
        assert client.delete(url).status_code == 200
        assert client.get(f"https://mmg.whatsapp.net{where}").status_code == 404
        assert client.get("https://mmg.whatsapp.net/../../etc/passwd").status_code == 404


def test_media_faults_hit_one_method(net: Network) -> None:
    """A media host that refuses uploads still serves downloads."""
    armed = net.faults.arm(Fault.MEDIA_REFUSED, status=507, method="POST")
    with web(net) as client:
        assert client.post("https://mmg.whatsapp.net/mms/image/AAAA").status_code == 507
        assert client.get("https://mmg.whatsapp.net/v/t62.7118-24/none").status_code == 404
    net.faults.disarm(armed)


def test_control_api_drives_phones_from_outside(net: Network) -> None:
    """Phones are made, write and are read over HTTP; faults are switched; the trace is readable."""
    with ControlClient(net.descriptor) as control:
        assert control.phone("+57 310 000 0001", "Ana")["name"] == "Ana"
        control.phone("+57 310 000 0002", "Leo")
        number = control.send("573100000001", "+57 310 000 0002", "hola")
        net.phone("+57 310 000 0002").wait_for(text="hola")
        assert [message["id"] for message in control.inbox("+573100000002")] == [number]
        assert control.inbox("+573100000002", after=1) == []
        control.arm("login-failure", times=1, reason=402, code=101)
        assert [one.details for one in net.faults.armed()] == [{"reason": 402, "code": 101}]
        control.disarm("login-failure")
        assert net.faults.armed() == []
        assert number in control.trace(last=20)
        assert len(control.phones()) >= 2


def test_control_api_raises_the_phones_errors(net: Network) -> None:
    """The error class of the other process is raised here, with its message."""
    with ControlClient(net.descriptor) as control:
        control.phone("+57 310 000 0001")
        with pytest.raises(UnknownAccount, match="573109999999"):
            control.inbox("+573109999999")
        with pytest.raises(LinkingFailed):
            control.scan("+573100000001", b"no picture")
        with pytest.raises(InvalidInput):
            control.arm("no-such-fault")


def test_control_api_needs_the_token(net: Network) -> None:
    """Without the token of the private file nothing is shown and nothing happens."""
    where = json.loads(net.control.read_text())
    assert net.control.stat().st_mode & 0o777 == 0o600
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ñ".encode()}):
        assert httpx.get(f"{where['url']}/phones", headers=headers, trust_env=False).status_code == 401


def test_control_of_an_ended_network_says_so(tmp_path: Path) -> None:
    """A descriptor without a running network is one typed error."""
    with Network(tmp_path / "net") as net:
        control = ControlClient(net.descriptor)
        descriptor = net.descriptor
    with control, pytest.raises(NetworkDescriptorError, match="ended"):
        control.phones()
    with pytest.raises(NetworkDescriptorError, match="wakit emulator"):
        ControlClient(descriptor)


def test_disruption_of_an_absent_device_is_refused(net: Network) -> None:
    """Dropping who is not connected is an error, not a silent nothing."""
    with pytest.raises(StanzaError, match="not connected"):
        net.drop(JID("573001234567", "s.whatsapp.net", 9))


def test_fixture_gives_every_test_a_network_of_its_own(whatsapp_network: Network, net: Network) -> None:
    """The plugin's fixture is a running network."""
    assert whatsapp_network.port != net.port


def test_shop_is_opened_and_closed_from_outside(net: Network) -> None:
    """Scripted customers start to write at a request, to a phone that was made before, and stop at another."""
    with ControlClient(net.descriptor) as control:
        with pytest.raises(UnknownAccount):
            control.open_shop("+573109999999")
        control.phone("+57 310 000 0003", "Café")
        assert control.open_shop("+57 310 000 0003", speed=0, customers=4, visits=3)["script"] > 0
        net.phone("+57 310 000 0003").wait_for(timeout=20)
        assert control.shop()["sent"] > 0
        control.close_shop()
        assert control.shop() == {"open": False}
