from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wakit.emulator.signal import Ciphertext, DecryptFailed, Endpoint, PreKeyBundle, Reason
from wakit.ids import JID

ANA, BETO = JID("101", "lid"), JID("102", "lid", 1)
#: Few examples: each makes dozens of key agreements.
FEW = settings(max_examples=25, deadline=None)


def bundle(endpoint: Endpoint, *, one_time: bool = True) -> PreKeyBundle:
    """Publish an endpoint's prekeys as the network hands them out."""
    prekeys = endpoint.prekeys
    number, pair = next(iter(prekeys.more(1).items())) if one_time else (None, None)
    return PreKeyBundle(
        registration_id=endpoint.registration_id,
        identity=endpoint.identity.public,
        signed_prekey_id=prekeys.signed_id,
        signed_prekey=prekeys.signed.public,
        signature=prekeys.signature,
        prekey_id=number,
        prekey=pair and pair.public,
    )


@dataclass
class Pair:
    """Two endpoints that write to each other over a wire that may reorder and lose."""

    ana: Endpoint = field(default_factory=Endpoint.generate)
    beto: Endpoint = field(default_factory=Endpoint.generate)
    under_way: list[tuple[bool, Ciphertext, bytes]] = field(default_factory=list)

    def send(self, *, from_ana: bool, text: bytes) -> None:
        sealed = self.ana.encrypt(BETO, text) if from_ana else self.beto.encrypt(ANA, text)
        self.under_way.append((from_ana, sealed, text))

    def deliver(self, position: int) -> None:
        from_ana, sealed, text = self.under_way.pop(position % len(self.under_way))
        assert text == (self.beto.decrypt(ANA, sealed) if from_ana else self.ana.decrypt(BETO, sealed))


@pytest.fixture
def pair() -> Pair:
    """Return two endpoints of which the first may write."""
    made = Pair()
    made.ana.start(BETO, bundle(made.beto))
    return made


@FEW
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 50)), min_size=1, max_size=60))
def test_session_any_order_of_sending_and_delivery_is_readable(steps: list[tuple[bool, bool, int]]) -> None:
    """Whatever the order of sending and delivery, both ways, every message is read exactly as it was written."""
    pair = Pair()
    pair.ana.start(BETO, bundle(pair.beto))
    for number, (sending, from_ana, position) in enumerate(steps):
        if sending and (from_ana or pair.beto.has_session(ANA)):
            pair.send(from_ana=from_ana, text=f"message {number}".encode())
        elif pair.under_way:
            pair.deliver(position)
    while pair.under_way:
        pair.deliver(0)


@FEW
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_session_lost_messages_leave_the_rest_readable(lost: list[bool]) -> None:
    """Messages that never arrive do not keep later ones from being read."""
    pair = Pair()
    pair.ana.start(BETO, bundle(pair.beto))
    for number, is_lost in enumerate(lost):
        pair.send(from_ana=True, text=str(number).encode())
        if is_lost:
            pair.under_way.pop()
        else:
            pair.deliver(0)


def test_session_first_message_names_prekeys_until_answered(pair: Pair) -> None:
    """The initiator sends its prekey envelope until the other side has answered, and no longer."""
    assert ["pkmsg", "pkmsg"] == [pair.ana.encrypt(BETO, b"x").kind for _ in range(2)]
    pair.send(from_ana=True, text=b"hola")
    pair.deliver(0)
    pair.send(from_ana=False, text=b"buenas")
    pair.deliver(0)
    assert "msg" == pair.ana.encrypt(BETO, b"x").kind


def test_session_without_one_time_prekey_works() -> None:
    """A device whose one-time prekeys are used up can still be written to."""
    pair = Pair()
    pair.ana.start(BETO, bundle(pair.beto, one_time=False))
    pair.send(from_ana=True, text=b"hola")
    pair.deliver(0)


def test_session_started_by_both_at_once_settles(pair: Pair) -> None:
    """Two devices that start a session with each other at the same moment read everything."""
    pair.beto.start(ANA, bundle(pair.ana))
    for number in range(6):
        pair.send(from_ana=number % 2 == 0, text=str(number).encode())
    while pair.under_way:
        pair.deliver(len(pair.under_way) - 1)


def test_session_message_read_twice_is_a_duplicate(pair: Pair) -> None:
    """The same ciphertext opens once."""
    sealed = pair.ana.encrypt(BETO, b"hola")
    pair.beto.decrypt(ANA, sealed)
    with pytest.raises(DecryptFailed) as caught:
        pair.beto.decrypt(ANA, sealed)
    assert Reason.DUPLICATE is caught.value.reason


@pytest.mark.parametrize("position", [0, 2, 5, 40, -12, -1])
def test_session_forged_message_changes_nothing(pair: Pair, position: int) -> None:
    """A message with one flipped bit is refused, and the true one is still readable after it."""
    for from_ana in (True, False):
        pair.send(from_ana=from_ana, text=b"first")
        pair.deliver(0)
    sealed = pair.ana.encrypt(BETO, b"hola")
    forged = bytearray(sealed.data)
    forged[position] ^= 1
    with pytest.raises(DecryptFailed):
        pair.beto.decrypt(ANA, Ciphertext(sealed.kind, bytes(forged)))
    assert b"hola" == pair.beto.decrypt(ANA, sealed)


def test_session_too_many_skipped_messages_are_refused(pair: Pair) -> None:
    """A counter more than 2000 ahead is taken for an attack, 2000 is not."""
    pair.send(from_ana=True, text=b"first")
    pair.deliver(0)
    sealed = [pair.ana.encrypt(BETO, b"x") for _ in range(2002)]
    with pytest.raises(DecryptFailed) as caught:
        pair.beto.decrypt(ANA, sealed[2001])
    assert Reason.TOO_FAR is caught.value.reason
    assert b"x" == pair.beto.decrypt(ANA, sealed[2000])


def test_session_unknown_prekey_is_named() -> None:
    """A first message to a prekey that was used up cannot be read, and says why."""
    pair = Pair()
    offer = bundle(pair.beto)
    pair.ana.start(BETO, offer)
    pair.beto.prekeys.one_time.clear()
    with pytest.raises(DecryptFailed) as caught:
        pair.beto.decrypt(ANA, pair.ana.encrypt(BETO, b"hola"))
    assert Reason.NO_PREKEY is caught.value.reason


def test_session_forgotten_is_reported_and_renewed(pair: Pair) -> None:
    """A device that lost its session says so, and a new one started over it works."""
    pair.send(from_ana=True, text=b"hola")
    pair.deliver(0)
    pair.beto.forget([ANA])
    pair.ana.start(BETO, bundle(pair.beto))
    pair.send(from_ana=True, text=b"otra vez")
    pair.deliver(0)
    pair.send(from_ana=False, text=b"listo")
    pair.deliver(0)


def test_session_bundle_with_foreign_signature_is_refused() -> None:
    """A prekey that its identity did not sign starts no session."""
    ana, beto, mallory = Endpoint.generate(), Endpoint.generate(), Endpoint.generate()
    good, bad = bundle(beto), bundle(mallory)
    forged = PreKeyBundle(
        registration_id=good.registration_id,
        identity=good.identity,
        signed_prekey_id=1,
        signed_prekey=bad.signed_prekey,
        signature=bad.signature,
    )
    with pytest.raises(DecryptFailed):
        ana.start(BETO, forged)


@FEW
@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_session_survives_dump_and_load(directions: list[bool]) -> None:
    """An endpoint restored from its JSON reads what is under way and goes on, after any conversation."""
    pair = Pair()
    pair.ana.start(BETO, bundle(pair.beto))
    pair.send(from_ana=True, text=b"hola")
    pair.deliver(0)
    for number, from_ana in enumerate(directions):
        pair.send(from_ana=from_ana, text=str(number).encode())
        if number % 3 == 0:
            pair.deliver(len(pair.under_way) - 1)
        pair.ana = Endpoint.load(json.loads(json.dumps(pair.ana.dump())))
        pair.beto = Endpoint.load(json.loads(json.dumps(pair.beto.dump())))
    while pair.under_way:
        pair.deliver(0)


@FEW
@given(st.booleans(), st.lists(st.integers(0, 8 * 120), min_size=1, max_size=5), st.integers(0, 200))
def test_session_damaged_anywhere_is_refused_or_read_as_written(answered: bool, bits: list[int], cut: int) -> None:
    """Whatever bits are flipped or cut off, a message is refused with a reason or read exactly as it was written."""
    pair = Pair()
    pair.ana.start(BETO, bundle(pair.beto))
    for from_ana in (True, False) if answered else ():
        pair.send(from_ana=from_ana, text=b"antes")
        pair.deliver(0)
    sealed = pair.ana.encrypt(BETO, b"hola")
    damaged = bytearray(sealed.data)
    for bit in bits:
        damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    try:
        plain = pair.beto.decrypt(ANA, Ciphertext(sealed.kind, bytes(damaged[: len(damaged) - cut])))
    except DecryptFailed:
        return
    assert b"hola" == plain
