"""The files of a session: what they say of the last run, and the three ways in which they go."""

from __future__ import annotations

import shutil
from pathlib import Path

from wakit.clock import Clock
from wakit.model import SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.session.account_file import AccountFile
from wakit.session.journal import Journal
from wakit.session.ledger import last_status

#: Ends of a run that still stand when the host starts again.
_LASTING = {SessionState.LOGGED_OUT, SessionState.REPLACED, SessionState.OUTDATED, SessionState.BANNED}
_SUFFIXES = ("", "-wal", "-shm")


class SessionFiles:
    """The session files of one account; the worker must have ended."""

    def __init__(self, workspace: Workspace, account: str) -> None:
        self._folder = workspace.account_dir(account)
        self._database = workspace.session_db(account)

    def set_aside(self) -> None:
        """Keep the session file under another name: the phone ended the session, and linking again needs a fresh one."""
        for suffix in _SUFFIXES:
            path = self._path(suffix)
            if path.exists():
                path.replace(path.with_name(f"ended-{path.name}"))

    def remove_attempt(self, *, keep_account: bool) -> None:
        """Remove what an attempt to link left behind; all of it where the account was never linked."""
        if not keep_account:
            self.remove_all()
            return
        for suffix in _SUFFIXES:
            self._path(suffix).unlink(missing_ok=True)

    def remove_all(self) -> None:
        """Remove the account's folder."""
        if self._folder.is_dir() and not self._folder.is_symlink():
            shutil.rmtree(self._folder)

    def _path(self, suffix: str) -> Path:
        return self._database.with_name(f"{self._database.name}{suffix}")


def remembered(workspace: Workspace, file: AccountFile, clock: Clock) -> SessionStatus:
    """Return how a session stands before it is started: as its last run left it, where that needs a person."""
    status = SessionStatus(
        account=file.account,
        state=SessionState.STOPPED,
        since=clock.now(),
        network=file.network,
        phone=file.phone,
        push_name=file.push_name,
        device=file.device,
        restarts=-1,
    )
    last = _last(workspace, file.account, clock)
    if last is None:
        return status
    status = status.with_(last_connected_at=last.last_connected_at, last_traffic_at=last.last_traffic_at)
    if last.state not in _LASTING:
        return status
    return status.with_(state=last.state, since=last.since, banned_until=last.banned_until, reason=last.reason)


def _last(workspace: Workspace, account: str, clock: Clock) -> SessionStatus | None:
    folder = workspace.journal_dir(account)
    if not folder.is_dir():
        return None
    journal = Journal(folder, clock=clock)
    try:
        return last_status(journal)
    finally:
        journal.close()
