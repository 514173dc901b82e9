from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wakit.emulator.signal import DecryptFailed, Endpoint, Reason
from wakit.ids import JID

GROUP, ANA = JID("120363000000000001", "g.us"), JID("101", "lid")


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(12)))
def test_sender_key_any_order_is_readable(order: list[int]) -> None:
    """Group messages are read in whatever order they arrive."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    key = writer.group_key(GROUP)
    reader.learn_group_key(GROUP, ANA, key.distribution())
    sealed = [key.encrypt(str(number).encode()) for number in range(12)]
    assert [str(number).encode() for number in order] == [reader.decrypt_group(GROUP, ANA, sealed[number]) for number in order]


def test_sender_key_unknown_writer_is_reported() -> None:
    """A message under a key that was never handed over cannot be read, and says why."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    with pytest.raises(DecryptFailed) as caught:
        reader.decrypt_group(GROUP, ANA, writer.group_key(GROUP).encrypt(b"hola"))
    assert Reason.NO_SESSION is caught.value.reason


def test_sender_key_late_member_reads_only_what_follows() -> None:
    """A key that is handed over later opens nothing that was written before."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    key = writer.group_key(GROUP)
    before = key.encrypt(b"before")
    reader.learn_group_key(GROUP, ANA, key.distribution())
    assert b"after" == reader.decrypt_group(GROUP, ANA, key.encrypt(b"after"))
    with pytest.raises(DecryptFailed):
        reader.decrypt_group(GROUP, ANA, before)


def test_sender_key_handed_over_again_opens_nothing_twice() -> None:
    """The copy of a known key that comes with a retry does not turn the chain back."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    key = writer.group_key(GROUP)
    handover = key.distribution()
    reader.learn_group_key(GROUP, ANA, handover)
    sealed = key.encrypt(b"hola")
    reader.decrypt_group(GROUP, ANA, sealed)
    reader.learn_group_key(GROUP, ANA, handover)
    with pytest.raises(DecryptFailed) as caught:
        reader.decrypt_group(GROUP, ANA, sealed)
    assert Reason.DUPLICATE is caught.value.reason


def test_sender_key_forged_signature_is_refused() -> None:
    """Another member cannot write under somebody's key."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    key = writer.group_key(GROUP)
    reader.learn_group_key(GROUP, ANA, key.distribution())
    sealed = bytearray(key.encrypt(b"hola"))
    sealed[-1] ^= 1
    with pytest.raises(DecryptFailed) as caught:
        reader.decrypt_group(GROUP, ANA, bytes(sealed))
    assert Reason.CORRUPT is caught.value.reason


def test_sender_key_renewed_is_another_one() -> None:
    """After somebody left, the former key no longer opens what is written."""
    writer, leaver = Endpoint.generate(), Endpoint.generate()
    leaver.learn_group_key(GROUP, ANA, writer.group_key(GROUP).distribution())
    writer.renew_group_key(GROUP)
    with pytest.raises(DecryptFailed):
        leaver.decrypt_group(GROUP, ANA, writer.group_key(GROUP).encrypt(b"hola"))


def test_sender_key_survives_dump_and_load() -> None:
    """Both sides go on from their JSON, skipped messages included."""
    writer, reader = Endpoint.generate(), Endpoint.generate()
    key = writer.group_key(GROUP)
    reader.learn_group_key(GROUP, ANA, key.distribution())
    sealed = [key.encrypt(str(number).encode()) for number in range(3)]
    reader.decrypt_group(GROUP, ANA, sealed[2])
    writer, reader = (Endpoint.load(json.loads(json.dumps(one.dump()))) for one in (writer, reader))
    assert b"0" == reader.decrypt_group(GROUP, ANA, sealed[0])
    assert b"new" == reader.decrypt_group(GROUP, ANA, writer.group_key(GROUP).encrypt(b"new"))
