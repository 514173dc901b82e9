"""The switchboard: what is armed happens to whom and as often as it was said."""

from __future__ import annotations

import threading

import pytest

from wakit.emulator.faults import Fault, Faults


def test_fault_wears_off_after_its_times() -> None:
    """A fault armed twice happens twice."""
    faults = Faults()
    faults.arm(Fault.LOGIN_FAILURE, times=2, reason=402, code=101)
    struck = [faults.strike(Fault.LOGIN_FAILURE) for _ in range(3)]
    assert [one.number("reason", 0) if one else None for one in struck] == [402, 402, None]


def test_fault_hits_only_the_named_account_and_namespace() -> None:
    """Details that the fault names must match; what it does not name matches anything."""
    faults = Faults()
    faults.arm("iq-refused", account="573001234567", status=429, xmlns="usync")
    assert faults.strike(Fault.IQ_REFUSED, "573009876543", xmlns="usync") is None
    assert faults.strike(Fault.IQ_REFUSED, "573001234567", xmlns="w:g2") is None
    assert faults.strike(Fault.IQ_REFUSED, "573001234567", xmlns="usync") is not None
    faults.arm("media-refused")
    assert faults.strike(Fault.MEDIA_REFUSED, method="PUT") is not None


def test_faults_are_switched_off_one_by_one_by_kind_or_all() -> None:
    """Each way of switching off leaves the others on."""
    faults = Faults()
    first = faults.arm(Fault.PONG_WITHHELD)
    faults.arm(Fault.PONG_WITHHELD, account="1")
    faults.arm(Fault.MESSAGE_UNACKED)
    faults.disarm(first)
    assert [one.account for one in faults.armed()] == ["1", None]
    faults.disarm("pong-withheld")
    assert [one.fault for one in faults.armed()] == [Fault.MESSAGE_UNACKED]
    faults.disarm()
    assert faults.armed() == []


def test_unknown_fault_is_refused_by_name() -> None:
    """A typing error is not a fault that never happens."""
    with pytest.raises(ValueError, match="pong-witheld"):
        Faults().arm("pong-witheld")


def test_fault_counts_right_from_many_threads() -> None:
    """``times`` is exact however many strike at once."""
    faults, hits = Faults(), []
    faults.arm(Fault.IQ_REFUSED, times=500)

    def strike() -> None:
        hits.extend(one for _ in range(200) if (one := faults.strike(Fault.IQ_REFUSED)))

    threads = [threading.Thread(target=strike) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hits) == 500
