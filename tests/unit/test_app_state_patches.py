from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wakit.emulator.syncd import Change, Collection, PushNameSetting, SyncActionValue, SyncKey, lt_hash, server_pb
from wakit.errors import CorruptFile

RECORDS = st.lists(st.binary(min_size=32, max_size=32), max_size=8, unique=True)
KEY = SyncKey.generate()


def renamed(name: str, index: str = "setting_pushName") -> Change:
    """Return the change of the push name."""
    return Change([index], SyncActionValue(timestamp=1, pushNameSetting=PushNameSetting(name=name)))


@given(RECORDS, st.randoms())
def test_lt_hash_order_does_not_matter(records: list[bytes], chance) -> None:
    """Records give one hash in whatever order they are added."""
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert lt_hash(bytes(128), [], records) == lt_hash(bytes(128), [], shuffled)


@given(RECORDS, RECORDS)
def test_lt_hash_removing_undoes_adding(kept: list[bytes], removed: list[bytes]) -> None:
    """Adding and taking out again leads back."""
    base = lt_hash(bytes(128), [], kept)
    assert base == lt_hash(lt_hash(base, [], removed), removed, [])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_patches_followed_give_the_same_state(names: list[str]) -> None:
    """A device that applies every patch arrives at the writer's state and reads every change."""
    writer = reader = Collection("critical_block")
    read: list[str] = []
    for name in names:
        patch, writer = writer.patch(KEY, [renamed(name)])
        changes, reader = reader.applied(KEY, patch)
        read += [change.value.pushNameSetting.name for change in changes]
    assert names == read
    assert (writer.version, writer.hash, writer.values) == (reader.version, reader.hash, reader.values)


def test_patch_overwrites_the_record_with_the_same_index() -> None:
    """Setting a value again replaces it in the hash: only the last one counts."""
    once, twice = Collection("critical_block"), Collection("critical_block")
    for name in ("one", "two"):
        _, twice = twice.patch(KEY, [renamed(name)])
    _, once = once.patch(KEY, [renamed("other", "setting_locale")])
    assert (1, 1) == (len(twice.values), len(once.values))


@pytest.mark.parametrize("field", ["snapshotMAC", "patchMAC"])
def test_patch_with_wrong_proof_is_refused(field: str) -> None:
    """A patch whose MACs do not fit the state is not applied."""
    patch, _ = Collection("regular").patch(KEY, [renamed("x")])
    forged = server_pb.SyncdPatch.FromString(patch)
    setattr(forged, field, bytes(32))
    with pytest.raises(CorruptFile, match="regular"):
        Collection("regular").applied(KEY, forged.SerializeToString())


def test_patch_out_of_turn_is_refused() -> None:
    """A patch that skips one does not follow."""
    start = Collection("regular")
    _, after = start.patch(KEY, [renamed("one")])
    later, _ = after.patch(KEY, [renamed("two")])
    with pytest.raises(CorruptFile):
        start.applied(KEY, later)


def test_patch_under_another_key_is_refused() -> None:
    """Only the key that the phone shared opens a patch."""
    patch, _ = Collection("regular").patch(SyncKey.generate(), [renamed("x")])
    with pytest.raises(CorruptFile):
        Collection("regular").applied(KEY, patch)


def test_collection_survives_dump_and_load() -> None:
    """A collection goes on from its JSON."""
    _, collection = Collection("regular").patch(KEY, [renamed("ñandú 🙂")])
    restored = Collection.load(json.loads(json.dumps(collection.dump())))
    assert collection == restored
