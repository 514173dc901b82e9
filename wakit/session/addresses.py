"""What two addresses of one person make: a ``Contact`` that lets the store pair them."""

from __future__ import annotations

from wakit.ids import LID_SERVER, USER_SERVER
from wakit.model import Contact


def contact(account: str, one: str, other: str, name: str | None = None) -> Contact | None:
    """Return the contact that a phone address and a LID of one person make, or nothing where they are no pair."""
    found = {address.rpartition("@")[2]: address for address in (one, other) if address}
    phone, lid = found.get(USER_SERVER), found.get(LID_SERVER)
    if not phone or not lid:
        return None
    return Contact(account=account, jid=lid, phone=f"+{phone.partition('@')[0]}", lid=lid, name=name)
