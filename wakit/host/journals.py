"""
The journals of all accounts, as the host reads them.

One object reads for live clients on the event loop, another one for the drain in
its thread: a bulk read must never make a live event wait for a lock.
"""

from __future__ import annotations

from wakit.config import Settings
from wakit.paths import Workspace
from wakit.session.journal import Journal


class Journals:
    """Opens each journal once, when it is first needed."""

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self._workspace = workspace
        self._settings = settings
        self._open: dict[str, Journal] = {}

    def accounts(self) -> list[str]:
        """Return all accounts that ever had a journal, linked or not."""
        return sorted(path.name for path in self._workspace.journals.iterdir() if path.is_dir())

    def get(self, account: str) -> Journal:
        """
        Return the journal of *account*.

        Raises:
            CorruptFile: It cannot be read.
        """
        if account not in self._open:
            self._open[account] = Journal(
                self._workspace.journal_dir(account),
                flush=self._settings.journal_flush,
                rotate_at=self._settings.journal_rotate,
            )
        return self._open[account]

    def close(self) -> None:
        """Close what was opened."""
        for journal in self._open.values():
            journal.close()
