"""The key set: the first claim owns a key, and a replay of it is new again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wakit.store import keyset
from wakit.store.bloom import Bloom, positions
from wakit.store.keyset import Claim, KeySet

A, B, C = (bytes([n]) * 16 for n in (9, 5, 7))


@pytest.fixture(params=["all fresh", "all moved"])
def keys(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeySet]:
    """Yield an empty key set that keeps claims in memory, or moves each at once into segments of three."""
    if request.param == "all moved":
        monkeypatch.setattr(keyset, "FRESH", 1)
        monkeypatch.setattr(keyset, "SEGMENT", 3)
    tmp_path.chmod(0o700)
    found = KeySet(tmp_path / "keys.db")
    yield found
    found.close()


def test_first_claim_owns_the_key(keys: KeySet) -> None:
    """Another entry with the same key is a duplicate, now and later."""
    assert [True, True] == keys.claim([Claim(A, 1, 1, 0), Claim(B, 1, 1, 1)])
    assert [False, True] == keys.claim([Claim(A, 1, 2, 0), Claim(C, 1, 2, 1)])


def test_replay_is_new_again(keys: KeySet) -> None:
    """A crash after the claim and before the commit loses nothing."""
    claims = [Claim(A, 1, 1, 0), Claim(B, 1, 2, 0)]
    assert keys.claim(claims) == keys.claim(claims) == [True, True]


def test_equal_keys_of_one_call_have_one_owner(keys: KeySet) -> None:
    """The first in the journal wins, whatever the order of the keys."""
    claims = [Claim(A, 1, 1, 0), Claim(B, 1, 1, 1), Claim(A, 1, 1, 2), Claim(A, 1, 2, 0)]
    assert [True, True, False, False] == keys.claim(claims)
    assert [True, True, False, False] == keys.claim(claims)


def test_nothing_to_claim_is_nothing_owned(keys: KeySet) -> None:
    """An empty batch costs nothing."""
    assert keys.claim([]) == []


def test_owner_names_account_entry_and_row(keys: KeySet) -> None:
    """The live stream asks whose a key is."""
    keys.claim([Claim(A, 3, 70_000_000_000, 5)])
    assert (3, 70_000_000_000, 5) == keys.owner(A)
    assert keys.owner(B) is None


def test_keys_survive_reopening(keys: KeySet, tmp_path: Path) -> None:
    """Duplicates of years are still duplicates."""
    keys.claim([Claim(A, 1, 1, 0)])
    keys.close()
    again = KeySet(tmp_path / "keys.db")
    try:
        assert [False] == again.claim([Claim(A, 1, 2, 0)])
    finally:
        again.close()


def test_release_gives_up_what_never_became_a_row(keys: KeySet) -> None:
    """A message whose entry was lost in a power cut is new when it comes again."""
    keys.claim([Claim(A, 1, 5, 0), Claim(B, 1, 6, 0)])
    keys.claim([Claim(C, 2, 9, 0)])
    keys.release(1, 6, 0)
    assert [(1, 5, 0), None, (2, 9, 0)] == [keys.owner(key) for key in (A, B, C)]


def test_release_within_an_entry_keeps_its_first_rows(keys: KeySet) -> None:
    """A long entry is committed in parts."""
    keys.claim([Claim(A, 1, 5, 99), Claim(B, 1, 5, 100)])
    keys.release(1, 5, 100)
    assert [(1, 5, 99), None] == [keys.owner(key) for key in (A, B)]


def test_release_of_nothing_does_not_read_all_keys(keys: KeySet) -> None:
    """A clean start costs one look at one row."""
    keys.claim([Claim(A, 1, 5, 0)])
    seen: list[str] = []
    keys._db.set_trace_callback(seen.append)
    keys.release(1, 6, 0)
    assert not [statement for statement in seen if "FROM claim" in statement]


def test_racing_claims_have_one_owner(keys: KeySet) -> None:
    """Eight threads claim the same keys for different entries; each key has one owner."""
    wanted = [os.urandom(16) for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        owned = list(pool.map(lambda seq: keys.claim([Claim(key, 1, seq, n) for n, key in enumerate(wanted)]), range(1, 9)))
    assert [1] * len(wanted) == [sum(column) for column in zip(*owned, strict=True)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=6), replay=st.integers(0, 5))
def test_any_sequence_stores_each_key_once(keys: KeySet, batches: list[list[str]], replay: int) -> None:
    """For any batches, claimed again from any point on, exactly the first place of each key is new."""
    start = os.urandom(8)
    claims = [
        [Claim(start + name.encode() * 8, 1, seq, item) for item, name in enumerate(batch)]
        for seq, batch in enumerate(batches, 1)
    ]
    first = [keys.claim(batch) for batch in claims]
    assert first[replay:] == [keys.claim(batch) for batch in claims[replay:]]
    places = [(name, (seq, item)) for seq, batch in enumerate(batches) for item, name in enumerate(batch)]
    firsts = dict(reversed(places))
    expected = [[firsts[name] == (seq, item) for item, name in enumerate(batch)] for seq, batch in enumerate(batches)]
    assert expected == first


def test_no_key_is_forgotten_over_many_segments(keys: KeySet) -> None:
    """Twenty segments later, and after reopening, the first key is still a duplicate, and a new one is new."""
    batches = [[Claim(os.urandom(16), 1, seq, item) for item in range(5)] for seq in range(1, 13)]
    assert all(all(keys.claim(batch)) for batch in batches)
    assert [[False] * 5] * 12 == [keys.claim([claim._replace(seq=99) for claim in batch]) for batch in batches]
    assert 60 == len(keys)


def test_claims_that_were_moved_are_found_after_reopening(keys: KeySet, tmp_path: Path) -> None:
    """Filters are stored with what they filter."""
    claims = [Claim(os.urandom(16), 1, seq, 0) for seq in range(1, 30)]
    for claim in claims:
        keys.claim([claim])
    keys.close()
    again = KeySet(tmp_path / "keys.db")
    try:
        assert [(1, claim.seq, 0) for claim in claims] == [again.owner(claim.key) for claim in claims]
        assert again.owner(A) is None
    finally:
        again.close()


def test_filter_has_no_false_no_and_few_false_maybes() -> None:
    """All that is in a full segment is found; of what is not, less than one in five hundred has to be looked up."""
    inside, outside = ([os.urandom(16) for _ in range(count)] for count in (1_000_000, 20_000))
    bloom = Bloom()
    bloom.add(positions(inside))
    assert len(inside) == len(bloom.maybe(positions(inside)))
    assert len(bloom.maybe(positions(outside))) < len(outside) / 500
