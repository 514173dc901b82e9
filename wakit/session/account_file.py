"""
``account.json``: which network and which phone a session belongs to.

It is written before the session file exists, so that no crash can leave a
session whose network nobody knows, and it is what makes a real session never
dial an emulated network, nor the other way round.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from wakit.errors import CorruptFile, ForeignNetwork
from wakit.ids import account_id
from wakit.network import REAL, NetworkDescriptor
from wakit.paths import Workspace, private_dir, read_private, write_private


@dataclass(frozen=True, kw_only=True)
class AccountFile:
    """What the workspace remembers of one account."""

    account: str
    #: ``whatsapp`` or ``emulated:…``.
    network: str = REAL
    #: Path of the descriptor that was used last; nothing on WhatsApp itself.
    descriptor: str | None = None
    #: E.164 number of the linked phone; stays when the phone ends the session.
    phone: str | None = None
    lid: str | None = None
    push_name: str | None = None
    #: Device JID of this companion, or nothing while no phone is linked.
    device: str | None = None
    #: When it was linked, ISO 8601.
    linked_at: str | None = None

    @property
    def is_linked(self) -> bool:
        """Whether a phone lists this companion."""
        return self.device is not None

    @classmethod
    def load(cls, workspace: Workspace, account: str) -> Self | None:
        """
        Read the file of an account, or return nothing where there is none.

        Raises:
            CorruptFile: It is there but cannot be read; it names the file and the next step.
        """
        path = workspace.account_file(account)
        try:
            data = json.loads(read_private(path))
            found = cls(**{name: value for name, value in data.items() if name in cls.__dataclass_fields__})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError) as exc:
            msg = f"{str(path)!r} is damaged ({type(exc).__name__}). Move the folder away and link again."
            raise CorruptFile(msg, path=str(path)) from exc
        if found.account != account_id(account):
            msg = f"{str(path)!r} belongs to the account {found.account!r}. Move the folder to that name."
            raise CorruptFile(msg, path=str(path))
        return found

    def save(self, workspace: Workspace) -> None:
        """Write the file at once and durably, 0600 in a 0700 folder."""
        private_dir(workspace.account_dir(self.account))
        content = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        write_private(workspace.account_file(self.account), content.encode())

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other values."""
        return replace(self, **changes)

    def linked(self, device: str, phone: str, at: datetime) -> Self:
        """Return the file as it is right after the phone accepted this companion."""
        return replace(self, device=device, phone=phone, linked_at=at.isoformat())

    def unlinked(self) -> Self:
        """Return the file as it is after the link ended; the number stays, for people."""
        return replace(self, device=None, linked_at=None)

    def on(self, network: NetworkDescriptor | None) -> Self:
        """
        Return the file for the network to be used now.

        Without *network* an account stays where it was linked last, also after
        its phone ended the session: linking it again must not dial WhatsApp by
        surprise. One that is not linked may be linked on any named network.

        Raises:
            ForeignNetwork: It is linked on another network.
        """
        if network is None:
            return self
        if self.is_linked and network.id != self.network:
            msg = (
                f"The account {self.account!r} was linked on {_named(self.network)}. It will not be connected to "
                f"{_named(network.id)}. Use another account there, or log out first: wakit logout {self.account}"
            )
            raise ForeignNetwork(msg, account=self.account, network=self.network)
        return replace(self, network=network.id, descriptor=str(network.path))

    def open_network(self) -> NetworkDescriptor | None:
        """
        Return the descriptor of the account's network, or nothing on WhatsApp itself.

        Raises:
            NetworkDescriptorError: It is gone or malformed.
            ForeignNetwork: Another network is behind that path now.
        """
        if self.descriptor is None:
            return None
        network = NetworkDescriptor.load(Path(self.descriptor))
        if network.id != self.network:
            msg = (
                f"The account {self.account!r} was linked on {_named(self.network)}, but {self.descriptor!r} now describes "
                f"{_named(network.id)}. Start the former network again, or log out: wakit logout {self.account} --force"
            )
            raise ForeignNetwork(msg, account=self.account, network=self.network)
        return network


def _named(network: str) -> str:
    return "WhatsApp itself" if network == REAL else f"the emulated network {network.partition(':')[2]}"
