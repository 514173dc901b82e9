"""Linking by QR and by code, unlinking on either side, and linking again."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Iterator

import pytest
from driven_session import Driven, poll

from wakit.emulator import Network
from wakit.errors import LinkingFailed, NotConnected, RateLimited
from wakit.ids import phone_number
from wakit.paths import Workspace

pytestmark = pytest.mark.network

NUMBER = "+57 300 123 4567"


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture
def ana(workspace: Workspace, net: Network) -> Iterator[Driven]:
    with Driven(workspace, network=net) as driven:
        yield driven
    net.faults.disarm()


def test_a_scanned_qr_connects_within_a_second(ana: Driven, net: Network) -> None:
    """The QR is the text as the phone must see it, lives a minute, and the scan ends connected with the number."""
    phone = net.phone(NUMBER, name="Café Andino")
    ana.start()
    shown = ana.until("qr")
    assert str(shown.qr).startswith("https://wa.me/settings/linked_devices#")
    assert shown.code_expires_at is not None
    assert 55 < (shown.code_expires_at - shown.since).total_seconds() <= 60
    assert shown.network == f"emulated:{net.noise_root[:16]}"
    assert shown.emulated
    device = phone.scan_text(str(shown.qr))
    connected = ana.until("connected")
    assert (connected.since - shown.since).total_seconds() < 3
    assert (connected.phone, connected.qr, connected.device) == ("+573001234567", None, str(device))
    assert ana.until("connected", where=lambda status: status.push_name).push_name == "Café Andino"


def test_files_are_private_and_say_where_the_account_belongs(ana: Driven, net: Network) -> None:
    """auth_sessions/<account>/ is 0700, everything in it 0600, and account.json names network, phone and device."""
    ana.link(net.phone(NUMBER))
    folder = ana.workspace.account_dir("ana")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {"session.db", "account.json", "worker.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}
    data = json.loads(ana.workspace.account_file("ana").read_text())
    assert data["network"] == f"emulated:{net.noise_root[:16]}"
    assert data["descriptor"] == str(net.descriptor)
    assert (data["account"], data["phone"], data["device"]) == ("ana", "+573001234567", ana.status.device)
    assert data["lid"].endswith("@lid")
    assert data["linked_at"]


def test_the_phone_lists_the_new_device(ana: Driven, net: Network) -> None:
    """Under linked devices the phone shows exactly the device that the status names."""
    phone = net.phone("+57 300 555 0001")
    ana.link(phone)
    assert [str(device) for device in phone.devices] == [ana.status.device]


def test_a_pairing_code_links_without_a_camera(ana: Driven, net: Network) -> None:
    """pair_phone puts a code into the status; typed on the phone it ends connected."""
    phone = net.phone("+57 300 555 0002")
    ana.do(ana.session.pair_phone(phone_number("+573005550002")))
    shown = ana.until("pairing")
    assert (shown.qr, len(str(shown.pairing_code))) == (None, 9)
    assert shown.code_expires_at is not None
    phone.type_code(str(shown.pairing_code))
    assert ana.until("connected").phone == "+573005550002"


def test_a_refused_code_is_told_and_the_qr_stays(ana: Driven, net: Network) -> None:
    """When WhatsApp gives no code the caller learns why, and the QR can still be scanned."""
    net.faults.arm("iq-refused", xmlns="md", status=429, times=1)
    ana.start()
    ana.until("qr")
    with pytest.raises(RateLimited, match="slow down"):
        ana.do(ana.session.pair_phone(phone_number(NUMBER)))
    assert ana.status.state == "qr"
    net.phone(NUMBER).scan_text(str(ana.status.qr))
    ana.until("connected")


def test_a_new_code_replaces_the_former_one(ana: Driven, net: Network) -> None:
    """new_code shows a QR of a fresh process; the former one no longer links anything."""
    former = str(ana.start().until("qr").qr)
    pid = ana.session.pid
    ana.do(ana.session.new_code())
    fresh = str(ana.until("qr", where=lambda status: status.qr != former).qr)
    assert ana.session.pid != pid
    phone = net.phone("+57 300 555 0003")
    with pytest.raises(Exception, match="code"):
        phone.scan_text(former)
    phone.scan_text(fresh)
    ana.until("connected")


def test_F18_giving_up_a_qr_leaves_nothing(ana: Driven) -> None:
    """Stopping while a QR is shown ends the process at once and leaves neither files nor a device."""
    ana.start().until("qr")
    pid = ana.session.pid
    ana.stop()
    assert ana.status.state == "stopped"
    assert not ana.workspace.account_dir("ana").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(pid)), 0)
    ana.start().until("qr")


def test_F18_a_killed_linking_process_shows_a_new_qr(ana: Driven, net: Network) -> None:
    """SIGKILL while a QR is shown: another process shows another QR, and that one links."""
    former = ana.start().until("qr").qr
    os.kill(int(str(ana.session.pid)), signal.SIGKILL)
    fresh = ana.until("qr", where=lambda status: status.qr != former)
    net.phone("+57 300 555 0004").scan_text(str(fresh.qr))
    ana.until("connected")


def test_starting_twice_is_harmless(ana: Driven) -> None:
    """A second start while the QR is shown changes nothing."""
    shown = ana.start().until("qr")
    pid = ana.session.pid
    ana.start()
    assert (ana.session.pid, ana.status.qr) == (pid, shown.qr)


def test_a_linked_account_gives_no_code(ana: Driven, net: Network) -> None:
    """Asking for a code or a QR of a linked account is refused with the next step."""
    ana.link(net.phone(NUMBER))
    for ask in (ana.session.new_code(), ana.session.pair_phone(phone_number(NUMBER))):
        with pytest.raises(LinkingFailed, match="wakit logout ana"):
            ana.do(ask)


def test_logout_unlinks_on_the_phone_and_removes_the_files(ana: Driven, net: Network) -> None:
    """After logout the phone lists nothing, auth_sessions/ana/ is gone, and the journal is still there."""
    phone = net.phone("+57 300 555 0005")
    ana.link(phone)
    ana.do(ana.session.logout())
    assert phone.devices == []
    assert not ana.workspace.account_dir("ana").exists()
    assert (ana.status.state, ana.status.phone, ana.session.is_linked) == ("stopped", None, False)
    assert ana.entries()
    ana.link(phone)


def test_logout_without_whatsapp_keeps_the_files(workspace: Workspace, net: Network) -> None:
    """If WhatsApp cannot be asked, logout says so and leaves everything; only force gives the files up."""
    phone = net.phone("+57 300 555 0006")
    with Driven(workspace, network=net, start_timeout=1.5) as ana:
        ana.link(phone)
        net.offline()
        try:
            ana.until("reconnecting")
            with pytest.raises(NotConnected, match="--force"):
                ana.do(ana.session.logout())
            assert workspace.session_db("ana").exists()
            assert ana.session.is_linked
            ana.do(ana.session.logout(force=True))
            assert not workspace.account_dir("ana").exists()
        finally:
            net.online()
        assert len(phone.devices) == 1


def test_F17_removed_by_the_phone_is_logged_out_and_can_be_linked_again(ana: Driven, net: Network) -> None:
    """The phone removes the device: logged_out, no restart, the session file kept aside, and a new scan connects."""
    phone = net.phone("+57 300 555 0007")
    ana.link(phone)
    phone.unlink(ana.device)
    ended = ana.until("logged_out")
    assert (ended.phone, ended.device) == ("+573005550007", None)
    kept = ana.workspace.account_dir("ana") / "ended-session.db"
    poll(kept.exists)
    poll(lambda: ana.session.pid is None)
    assert ana.status.state == "logged_out"
    ana.link(phone)
    assert [gap.cause for gap in ana.gaps()] == ["logged_out"]
