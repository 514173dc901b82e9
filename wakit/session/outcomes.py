"""What a session raises when it cannot do what was asked: each with the account and the next step."""

from __future__ import annotations

from wakit.errors import ForeignSession, LinkingFailed, NotConnected, NotLinked, StorageFull, WakitError, error_named
from wakit.model import SessionState
from wakit.paths import Workspace
from wakit.session.channel import ExitCode
from wakit.session.signals import Exited


def refusal(exited: Exited, account: str, workspace: Workspace) -> WakitError | None:
    """Return why a worker could not be set up, or nothing where it is simply started again."""
    if exited.code == ExitCode.FOREIGN_SESSION:
        path = workspace.session_db(account)
        msg = f"{str(path)!r} is the session of another account. Move it away and link again: wakit login {account}"
        return ForeignSession(msg, account=account, path=str(path))
    if exited.is_full_disk:
        return StorageFull(account=account)
    if exited.error:
        return error_named(exited.error)(exited.reason, account=account)
    return None


def not_linked(account: str) -> NotLinked:
    """Return the error of a call that needs a linked account."""
    return NotLinked(f"The account {account!r} is not linked to a phone. Run: wakit login {account}", account=account)


def not_connected(account: str, state: SessionState) -> NotConnected:
    """Return the error of a call that needs a connection."""
    msg = f"The account {account!r} is not connected right now ({state}). Nothing was done: try again later."
    return NotConnected(msg, account=account, state=str(state))


def already_linked(account: str, phone: str | None) -> LinkingFailed:
    """Return the error of linking an account that is linked."""
    msg = f"The account {account!r} is linked to {phone}. Log out first: wakit logout {account}"
    return LinkingFailed(msg, account=account)


def not_unlinked(account: str, cause: WakitError) -> NotConnected:
    """Return the error of a logout that WhatsApp could not be asked for."""
    msg = (
        f"The account {account!r} was not logged out, because WhatsApp could not be asked: {cause.message} "
        f"Everything was left as it is. Try again, or give up the session here with: wakit logout {account} --force, "
        "and remove the device on the phone."
    )
    return NotConnected(msg, account=account)
