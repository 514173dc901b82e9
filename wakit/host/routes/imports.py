"""
Imports of exported chats.

The file lies on the machine of the host and is named by its path: whoever may
talk to the host is its user, who could read that file anyway. Reading and
comparing happen in a thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from wakit.errors import InvalidInput
from wakit.host.routes.bodies import AccountBody
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.ids import account_id

router = APIRouter(prefix="/api/imports", tags=["imports"])


class ImportBody(AccountBody):
    """Which file to import, and what it does not tell itself."""

    path: Path = Field(description="Absolute path of the .txt or .zip on the machine of the host.")
    chat: str | None = Field(None, min_length=1, description="Name, phone number or JID of the chat.")
    date_order: str | None = Field(None, description="dmy, mdy or ymd.")
    tz: str | None = Field(None, description="Time zone of the phone.")
    me: str | None = Field(None, description="The name under which the account itself wrote.")


@router.post("", status_code=201)
def add(host: Host, body: ImportBody) -> dict[str, Any]:
    """Import an exported chat; doing it again adds only what is new."""
    from wakit.importers.deliver import import_file  # the arithmetic of pyarrow with it: only where something is imported

    if not body.path.is_absolute():
        raise InvalidInput(f"{str(body.path)!r} is no absolute path. The host does not know your folder.", path=str(body.path))
    imported = import_file(
        host.store,
        body.path,
        account=account_id(body.account),
        chat=body.chat,
        date_order=body.date_order,
        tz=body.tz,
        me=body.me,
    )
    return imported.to_json()


@router.get("")
def imports(host: Host, account: AccountFilter) -> list[dict[str, Any]]:
    """Return the imports, the undone ones included."""
    return [imported.to_json() for imported in host.store.imports.all(account)]


@router.post("/{number}/undo")
def undo(host: Host, number: int) -> dict[str, Any]:
    """Take an import back."""
    return host.store.imports.undo(number).to_json()
