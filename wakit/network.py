"""
Which WhatsApp: the real one, or an emulated one behind a descriptor.

A *network descriptor* is a JSON file ``{"proxy": "http://127.0.0.1:PORT",
"ca": "<path>", "noise_root": "<64 hex>"}``. The key in it identifies the
network: an account remembers the key it was linked under, so that a real
session never dials an emulated network and the other way round, while the port
may change at each start of the emulator.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wakit.errors import NetworkDescriptorError

REAL = "whatsapp"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_FIELDS = ("proxy", "ca", "noise_root")


@dataclass(frozen=True, kw_only=True)
class NetworkDescriptor:
    """Where an emulated network listens and by which keys it is known."""

    path: Path
    proxy: str
    ca: Path
    noise_root: bytes

    @property
    def id(self) -> str:
        """The name that accounts remember: ``emulated:`` and 16 hex digits of the root key."""
        return f"emulated:{self.noise_root.hex()[:16]}"

    @property
    def environment(self) -> dict[str, str]:
        """
        Variables of a worker on this network; they must be set before exec.

        With the proxy set nothing can leave the machine, whatever the library dials.
        """
        return {"HTTPS_PROXY": self.proxy, "SSL_CERT_FILE": str(self.ca)}

    @classmethod
    def load(cls, path: Path | str) -> NetworkDescriptor:
        """
        Read a descriptor file.

        Raises:
            NetworkDescriptorError: The file is missing, is no JSON, lacks a
                field, or points away from this machine.
        """
        path = Path(path).expanduser().absolute()
        data = _read(path)
        root = str(data["noise_root"])
        if re.fullmatch(r"[0-9a-fA-F]{64}", root) is None:
            raise _refused(path, '"noise_root" must be 64 hex digits')
        host = urlsplit(str(data["proxy"])).hostname
        if host not in _LOOPBACK:
            raise _refused(path, f'"proxy" must be on this machine, not on {host!r}')
        ca = (path.parent / str(data["ca"])).absolute()
        if not ca.is_file():
            raise _refused(path, f'"ca" names {str(ca)!r}, which is not there')
        return cls(path=path, proxy=str(data["proxy"]), ca=ca, noise_root=bytes.fromhex(root))


def _read(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as exc:
        raise _refused(path, "there is no such file. Is the emulator running? Run: wakit emulator") from exc
    except (OSError, ValueError) as exc:
        raise _refused(path, f"it cannot be read as JSON ({type(exc).__name__})") from exc
    missing = [name for name in _FIELDS if not isinstance(data, dict) or not isinstance(data.get(name), str)]
    if missing:
        raise _refused(path, f"{', '.join(missing)} missing or not a string")
    return dict(data)


def _refused(path: Path, why: str) -> NetworkDescriptorError:
    return NetworkDescriptorError(f"Network descriptor {str(path)!r}: {why}.", descriptor=str(path))
