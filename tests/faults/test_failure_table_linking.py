"""The failure table, linking: codes run out, the phone stalls, WhatsApp asks for more than the library can do (F18)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driven_session import Driven, poll, says

from wakit.emulator import Network
from wakit.ids import phone_number
from wakit.paths import Workspace
from wakit.session.states import Limits

pytestmark = [pytest.mark.network, pytest.mark.faults]

NUMBER = "+57 300 555 3001"


@pytest.fixture(scope="module", autouse=True)
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """
    Return a session that shows the two codes of an attempt to nobody.

    WhatsApp gives six, and only then the library lets the first live a minute; of two, each lives 20 s.
    """
    with Network() as network:
        workspace = Workspace(tmp_path_factory.mktemp("patient")).create()
        network.faults.arm("qr-refs", count=2)
        with Driven(workspace, "leo", network=network) as leo:
            yield leo.start()


@pytest.fixture
def eva(workspace: Workspace, net: Network) -> Iterator[Driven]:
    net.faults.disarm()
    with Driven(workspace, "eva", network=net, limits=Limits(scan=1.0), start_timeout=5.0) as driven:
        yield driven
    net.faults.disarm()


def test_F18_whatsapp_hangs_up_while_a_qr_is_shown(eva: Driven, net: Network) -> None:
    """The server closes during the QR: qr_expired with a button, the process ended, nothing left; a new code links."""
    net.faults.arm("qr-closed", times=1)
    eva.start()
    says(eva.until("qr_expired"), es="El código caducó sin usarse", en="The code expired unused")
    poll(lambda: eva.session.pid is None and not eva.workspace.account_dir("eva").exists())
    eva.do(eva.session.new_code())
    net.phone(NUMBER).scan_text(str(eva.until("qr").qr))
    eva.until("connected")


def test_a_scan_that_goes_nowhere_leaves_the_qr(eva: Driven, net: Network) -> None:
    """The phone scans and WhatsApp never completes it: the phone says so, the code stays and can be scanned again."""
    net.faults.arm("pairing-stalled", times=1)
    shown = eva.start().until("qr")
    with pytest.raises(Exception, match="could not link"):
        net.phone(NUMBER).scan_text(str(shown.qr))
    assert eva.status.state == "qr"
    net.phone(NUMBER).scan_text(str(eva.status.qr))
    eva.until("connected")


def test_a_passkey_ends_in_a_named_state(eva: Driven, net: Network) -> None:
    """WhatsApp asks for a passkey: stalled with the next step, not a spinner; linking by code then works."""
    net.faults.arm("pairing-passkey", times=1)
    shown = eva.start().until("qr")
    with pytest.raises(Exception, match="could not link"):
        net.phone(NUMBER).scan_text(str(shown.qr))
    stalled = eva.until("stalled")
    assert stalled.reason == "passkey-request"
    says(stalled, es="un paso que esta biblioteca no puede completar", en="a step this library cannot complete")
    poll(lambda: eva.session.pid is None and not eva.workspace.account_dir("eva").exists())
    eva.do(eva.session.pair_phone(phone_number(NUMBER)))
    net.phone(NUMBER).type_code(str(eva.status.pairing_code))
    eva.until("connected")


def test_a_scan_without_a_login_is_stalled(eva: Driven, net: Network) -> None:
    """Scanned, but no login within scan_timeout: stalled; the link is kept and a later try connects with it."""
    shown = eva.start().until("qr")
    net.faults.arm("dial-dropped")
    device = net.phone(NUMBER).scan_text(str(shown.qr))
    stalled = eva.until("stalled")
    assert (stalled.device, stalled.reason) == (str(device), "no login after the scan")
    net.faults.disarm()
    eva.do(eva.session.retry_now())
    assert eva.until("connected").device == str(device)


def test_a_login_that_the_library_misses_is_made_up_for(eva: Driven, net: Network) -> None:
    """Scanned, and the first login fails: a fresh worker logs in with the saved link before anybody calls it stalled."""
    shown = eva.start().until("qr")
    net.faults.arm("login-failure", reason=418, times=1)
    device = net.phone(NUMBER).scan_text(str(shown.qr))
    assert eva.until("connected").device == str(device)
    assert "stalled" not in eva.states


def test_F18_an_unused_pairing_code_expires_with_its_attempt(eva: Driven, net: Network) -> None:
    """The network hangs up on a pairing code that nobody typed: qr_expired, and nothing left."""
    eva.do(eva.session.pair_phone(phone_number(NUMBER)))
    eva.until("pairing")
    net.offline()
    try:
        says(eva.until("qr_expired"), es="El código caducó", en="The code expired")
    finally:
        net.online()
    poll(lambda: eva.session.pid is None and not eva.workspace.account_dir("eva").exists())


def test_F18_codes_follow_each_other_and_run_out(patient: Driven) -> None:
    """A second code follows by itself and is told to live 20 s; then qr_expired, the process is gone and left nothing."""
    first = patient.until("qr")
    second = patient.until("qr", timeout=60, where=lambda status: status.qr not in {None, first.qr})
    assert first.code_expires_at is not None
    assert second.code_expires_at is not None
    assert 59 < (first.code_expires_at - first.since).total_seconds() <= 60
    assert 39 < (second.code_expires_at - first.since).total_seconds() < 45
    expired = patient.until("qr_expired", timeout=60)
    assert 39 < (expired.since - first.since).total_seconds() < 48
    poll(lambda: patient.session.pid is None and not patient.workspace.account_dir("leo").exists())
