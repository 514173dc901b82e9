"""The records of the network survive a restart, bytes and all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakit.emulator.server.directory import Directory, device_hash, participant_hash
from wakit.emulator.server.state import (
    Account,
    Collection,
    Device,
    FolderVault,
    Group,
    Mailbox,
    Picture,
    PreKey,
    State,
    Waiting,
)
from wakit.errors import CorruptFile
from wakit.ids import JID, LID_SERVER, USER_SERVER


def full_state(folder: Path) -> State:
    state = State(folder)
    account = Directory(state).register("573001234567", push_name="Café Añejo")
    account.devices[1] = Device(
        number=1, linked_at=5, noise=b"\xff\0" * 16, identity=b"\x80" * 32, signed_prekey=PreKey(id=b"\0\0\1", value=b"\xfe" * 32)
    )
    account.devices[1].prekeys = [PreKey(id=bytes(3), value=bytes(range(32)), signature=b"\xff" * 64)]
    account.picture = Picture(id="7", data=b"\xff\xd8\xff")
    account.blocked, account.watchers = [JID("1", LID_SERVER)], {"573009876543"}
    account.collections["regular"] = Collection(version=1, patches=[b"\xc3\x28"])
    group = Group(id="1203", creator="573001234567", created=1, subject="Tienda ☕", subject_by="573001234567", subject_at=1)
    group.members = {"573001234567": "superadmin"}
    box = Mailbox(phone="573001234567", device=1)
    box.waiting.append(Waiting(tag="message", id="A1", stanza=b"\0\xf8\xff"))
    state.groups[group.id], state.mailboxes["573001234567", 1] = group, box
    state.touch(account, group, box)
    return state


def test_state_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """Accounts, devices, keys, groups and waiting stanzas are read back as they were."""
    before = full_state(tmp_path / "net")
    before.flush()
    after = State(tmp_path / "net")
    assert (after.accounts, after.groups, after.mailboxes) == (before.accounts, before.groups, before.mailboxes)


def test_state_is_private_and_written_only_when_touched(tmp_path: Path) -> None:
    """Files are 0600 and hold nothing before the flush; a second flush writes nothing."""
    state = full_state(tmp_path / "net")
    assert list((tmp_path / "net").rglob("*.json")) == []
    state.flush()
    files = list((tmp_path / "net").rglob("*.json"))
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert state.take() == []


def test_damaged_record_is_named(tmp_path: Path) -> None:
    """A damaged file is an error that names it, not an empty network."""
    full_state(tmp_path / "net").flush()
    file = next((tmp_path / "net" / "accounts").iterdir())
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(CorruptFile, match="573001234567"):
        State(tmp_path / "net")


def test_forgotten_record_stays_forgotten(tmp_path: Path) -> None:
    """The mailbox of a removed device leaves no file behind, written before or not."""
    state = full_state(tmp_path / "net")
    state.flush()
    box = state.mailboxes.pop(("573001234567", 1))
    state.touch(box)
    state.forget(box)
    state.flush()
    assert State(tmp_path / "net").mailboxes == {}


def test_account_is_found_by_both_addresses_with_or_without_device(tmp_path: Path) -> None:
    """Phone number, LID and their device forms are the same account; strangers are nobody."""
    directory = Directory(State(tmp_path / "net"))
    account = directory.register("573001234567")
    for server in (USER_SERVER, LID_SERVER):
        assert directory.find(account.address(server, 3)) is account
    assert directory.find(JID("573001234567", LID_SERVER)) is None
    assert directory.find(None) is None
    assert directory.register("573001234567", push_name="Ana") is account
    assert account.push_name == "Ana"


def test_lid_is_the_same_on_every_network(tmp_path: Path) -> None:
    """A number's LID is derived from it, so two runs can be compared; numbers do not share one."""
    lids = {Directory(State(tmp_path / name)).register("573001234567").lid for name in "ab"}
    assert len(lids) == 1
    directory = Directory(State(tmp_path / "many"))
    assert len({directory.register(f"5730012{number:05d}").lid for number in range(2000)}) == 2000


def test_participant_hash_is_the_clients_hash() -> None:
    """The hash that clients compute over nobody is in their dictionary."""
    assert participant_hash([]) == "2:47DEQpj8"


@given(st.sets(st.integers(0, 99), min_size=1))
def test_device_hash_does_not_depend_on_order(numbers: set[int]) -> None:
    """The hash of a device list names the set, not the order in which devices came."""
    jids = [JID("5730", USER_SERVER, number) for number in numbers]
    assert participant_hash(jids) == participant_hash(reversed(jids))


def test_device_list_has_only_devices_with_keys() -> None:
    """Nobody can encrypt for a device that has not published keys, so it is not listed."""
    account = Account(phone="5730", lid="1", created=0)
    account.devices = {0: Device(number=0, linked_at=0), 1: Device(number=1, linked_at=0, identity=b"i")}
    assert account.reachable() == []
    account.devices[1].signed_prekey = PreKey(id=b"1", value=b"v")
    assert device_hash(account, LID_SERVER) == participant_hash([JID("1", LID_SERVER, 1)])


def test_vault_keeps_secrets_under_safe_names_only(tmp_path: Path) -> None:
    """A name can never leave the folder."""
    vault = FolderVault(tmp_path / "vault")
    assert vault.read("phone-57") is None
    vault.write("phone-57", b"\0secret")
    assert vault.read("phone-57") == b"\0secret"
    for name in ("../x", "a/b", "", "a.b", "ñ"):
        with pytest.raises(ValueError, match="cannot name"):
            vault.write(name, b"")
