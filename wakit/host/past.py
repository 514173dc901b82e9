"""
How far the phones' histories have come in: what a person sees while thousands of messages arrive.

The phone says with each part how much of its history that makes; parts are
stored long after they were journaled, so this counts where they are stored.
Nothing of it is written down: a host that starts in the middle goes on with the
next part's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from wakit.model import Message, Raw, Record

#: Parts that count; names and statuses come beside them with a progress of their own.
_PARTS = frozenset({"INITIAL_BOOTSTRAP", "RECENT", "FULL"})
#: Percent that are shown at most while the last part is still being stored.
_ALMOST = 99


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How much of a history is stored."""

    #: As the phone counts.
    percent: int = 0
    messages: int = 0


class Past:
    """
    Counts what the drain stores of histories.

    Args:
        tell: Called with each progress, in the drain's thread.
    """

    def __init__(self, tell: Callable[[str, Progress], None]) -> None:
        self._tell = tell
        self._known: dict[str, Progress] = {}
        self._ahead: dict[str, Progress] = {}

    def begin(self, account: str) -> None:
        """Forget what was counted and, because something failed, never committed."""
        self._ahead.pop(account, None)

    def counted(self, account: str, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of one part, and tell when the last one was taken."""
        known, part, messages = self._ahead.get(account) or self._known.get(account, Progress()), False, 0
        for record in records:
            if isinstance(record, Raw) and record.fields.get("type") in _PARTS:
                part = True
                first = record.fields["type"] == "INITIAL_BOOTSTRAP" and record.fields["chunk"] <= 1
                known = replace(Progress() if first else known, percent=record.fields["progress"])
            elif isinstance(record, Message):
                messages += 1
            yield record
        if part:
            self._ahead[account] = known = replace(known, messages=known.messages + messages)
            self._tell(account, replace(known, percent=min(known.percent, _ALMOST)))

    def moved(self, account: str) -> None:
        """Tell of parts that are committed by now."""
        if account in self._ahead:
            self._known[account] = self._ahead.pop(account)
            self._tell(account, self._known[account])
