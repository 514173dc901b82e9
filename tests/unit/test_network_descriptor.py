from __future__ import annotations

import json
from pathlib import Path

import pytest

from wakit.errors import NetworkDescriptorError
from wakit.network import NetworkDescriptor

ROOT = "ab" * 32


@pytest.fixture
def descriptor(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text("pem")
    path = tmp_path / "network.json"
    path.write_text(json.dumps({"proxy": "http://127.0.0.1:4433", "ca": str(tmp_path / "ca.pem"), "noise_root": ROOT}))
    return path


def test_descriptor_gives_identity_and_environment(descriptor: Path) -> None:
    """The key names the network; the environment keeps a worker on this machine."""
    network = NetworkDescriptor.load(descriptor)
    assert f"emulated:{ROOT[:16]}" == network.id
    assert {"HTTPS_PROXY": "http://127.0.0.1:4433", "SSL_CERT_FILE": str(network.ca)} == network.environment


def test_descriptor_missing_says_how_to_start_one(tmp_path: Path) -> None:
    """A missing file is named, with the command that makes one."""
    with pytest.raises(NetworkDescriptorError, match=r"nowhere\.json.*wakit emulator"):
        NetworkDescriptor.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"noise_root": "xyz"}, "64 hex"),
        ({"proxy": "http://10.0.0.1:80"}, "on this machine"),
        ({"ca": "gone.pem"}, r"gone\.pem"),
        ({"proxy": None}, "proxy missing"),
    ],
)
def test_descriptor_foreign_or_broken_is_refused(descriptor: Path, change: dict[str, object], said: str) -> None:
    """A descriptor that lacks something or points away from this machine is refused by name."""
    descriptor.write_text(json.dumps(json.loads(descriptor.read_text()) | change))
    with pytest.raises(NetworkDescriptorError, match=said):
        NetworkDescriptor.load(descriptor)


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "\ufeff\0"])
def test_descriptor_that_is_no_object_is_refused(descriptor: Path, content: str) -> None:
    """Anything but a JSON object is refused without a traceback of the parser."""
    descriptor.write_text(content)
    with pytest.raises(NetworkDescriptorError):
        NetworkDescriptor.load(descriptor)
