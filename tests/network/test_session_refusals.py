"""What a session refuses before anything is started, created or lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from driven_session import Driven

from wakit.emulator import Network
from wakit.errors import CorruptFile, ForeignNetwork, ForeignSession, InvalidAccountId, NetworkDescriptorError, UnsafePath
from wakit.network import NetworkDescriptor
from wakit.paths import Workspace

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def linked(net: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which ana and leo were linked once, stopped."""
    workspace = Workspace(tmp_path_factory.mktemp("linked")).create()
    for account, number in (("ana", "+57 300 123 4567"), ("leo", "+57 300 765 4321")):
        with Driven(workspace, account, network=net) as driven:
            driven.link(net.phone(number))
    return workspace.root


@pytest.fixture
def copy(linked: Path, tmp_path: Path) -> Workspace:
    """Return a copy of that workspace, to be damaged."""
    shutil.copytree(linked, tmp_path / "copy")
    return Workspace(tmp_path / "copy").create()


def files(workspace: Workspace) -> dict[str, bytes]:
    return {str(path.relative_to(workspace.root)): path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "account", ["../x", "/etc", "a/b", "a?mode=memory", "a#b", "%2e%2e%2f", "postgres://x", "a\0", "CON", "a" * 33, "аna"]
)
def test_F31_other_account_ids_are_refused_and_nothing_is_made(workspace: Workspace, account: str) -> None:
    """Only a slug becomes an account; anything else is refused before a file exists."""
    before = files(workspace)
    with pytest.raises(InvalidAccountId, match="is not an account id"):
        Driven(workspace, account)
    assert files(workspace) == before


def test_an_account_never_leaves_its_network(copy: Workspace, net: Network) -> None:
    """On another emulated network, and on WhatsApp itself, the account is refused; its files stay as they are."""
    before = files(copy)
    with Network() as other, Driven(copy, network=other) as ana:
        with pytest.raises(ForeignNetwork, match="was linked on the emulated network"):
            ana.start()
        with pytest.raises(ForeignNetwork):
            ana.session.use_network(NetworkDescriptor.load(other.descriptor))
    assert files(copy) == before


def test_an_account_of_whatsapp_never_dials_an_emulated_network(copy: Workspace, net: Network) -> None:
    """An account that was linked on WhatsApp itself is not started on a descriptor."""
    path = copy.account_file("ana")
    path.write_text(json.dumps({**json.loads(path.read_text()), "network": "whatsapp", "descriptor": None}))
    with Driven(copy, network=net) as ana, pytest.raises(ForeignNetwork, match="was linked on WhatsApp itself"):
        ana.start()


def test_linking_again_stays_on_the_network_of_before(copy: Workspace, net: Network) -> None:
    """After its phone ended the session an emulated account is never linked on WhatsApp itself by leaving the network out."""
    path = copy.account_file("ana")
    path.write_text(json.dumps({**json.loads(path.read_text()), "device": None}))
    copy.session_db("ana").unlink()
    with Driven(copy) as ana:
        shown = ana.start().until("qr")
        assert shown.network == f"emulated:{net.noise_root[:16]}"


def test_a_missing_descriptor_is_named(copy: Workspace) -> None:
    """Without its network's descriptor an account is not started, and the message names the file."""
    path = copy.account_file("ana")
    path.write_text(json.dumps({**json.loads(path.read_text()), "descriptor": "/nowhere/network.json"}))
    with Driven(copy) as ana, pytest.raises(NetworkDescriptorError, match=r"/nowhere/network\.json"):
        ana.start()


def test_another_network_behind_the_same_descriptor_is_refused(copy: Workspace) -> None:
    """When the file now describes another network the account stays where it belongs."""
    path = copy.account_file("ana")
    with Network() as other:
        path.write_text(json.dumps({**json.loads(path.read_text()), "descriptor": str(other.descriptor)}))
        with Driven(copy) as ana, pytest.raises(ForeignNetwork, match="now describes"):
            ana.start()


def test_the_session_of_another_account_is_refused(copy: Workspace) -> None:
    """The session.db of leo under ana is not connected: ForeignSession names the file and the next step."""
    for suffix in ("", "-wal", "-shm"):
        source = copy.session_db("leo").with_name(f"session.db{suffix}")
        if source.exists():
            shutil.copy2(source, copy.session_db("ana").with_name(source.name))
    with Driven(copy) as ana:
        with pytest.raises(ForeignSession, match="wakit login ana"):
            ana.start()
        assert ana.status.state == "stopped"
        assert "another account" in str(ana.status.reason)
    assert copy.session_db("ana").exists()


@pytest.mark.parametrize("content", ["{", "[]", '"text"', '{"account": "leo"}', "\xff"])
def test_a_damaged_account_file_is_named_and_left(copy: Workspace, content: str) -> None:
    """account.json that cannot be read, or names another account, is a CorruptFile with the path."""
    copy.account_file("ana").write_text(content, encoding="latin-1")
    with pytest.raises(CorruptFile, match=r"account\.json"):
        Driven(copy)
    assert copy.account_file("ana").read_text(encoding="latin-1") == content


def test_a_damaged_journal_is_named_and_left(copy: Workspace) -> None:
    """A journal that is none keeps the session from starting; it is not overwritten."""
    path = copy.journal_dir("ana") / "journal.db"
    path.write_bytes(b"garbage" * 1000)
    for extra in ("-wal", "-shm"):
        path.with_name(f"journal.db{extra}").unlink(missing_ok=True)
    with pytest.raises(CorruptFile, match=r"journal\.db"):
        Driven(copy)
    assert path.read_bytes() == b"garbage" * 1000


def test_F32_a_session_file_that_is_a_link_is_not_opened(copy: Workspace, tmp_path: Path) -> None:
    """session.db as a symbolic link is refused with its path."""
    path = copy.session_db("ana")
    target = path.replace(tmp_path / "elsewhere.db")
    path.symlink_to(target)
    with Driven(copy) as ana, pytest.raises(UnsafePath, match=r"session\.db"):
        ana.start()


def test_F32_an_account_folder_that_is_a_link_is_not_opened(workspace: Workspace, net: Network, tmp_path: Path) -> None:
    """auth_sessions/ana as a symbolic link is refused, and nothing is written behind it."""
    (tmp_path / "elsewhere").mkdir()
    workspace.account_dir("ana").symlink_to(tmp_path / "elsewhere")
    with Driven(workspace, network=net) as ana, pytest.raises(UnsafePath, match="it is a link"):
        ana.start()
    assert list((tmp_path / "elsewhere").iterdir()) == []
