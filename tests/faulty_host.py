"""
A host that kills itself at a step of a send, by SIGKILL, where the words of the message name that step.

The rest is the real host; arguments as of ``python -m wakit.host``.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from wakit.host.__main__ import main
from wakit.host.sender import Sender
from wakit.model import SendState
from wakit.outbox import Outbox, Task
from wakit.outgoing import Said, Text
from wakit.session.supervisor import Session

#: The steps, as words of a message. Each kills one host: the next one sends the same words.
BEFORE_COMMIT, BEHIND_SENDING, BEHIND_ANSWER = "before the commit", "behind sending", "behind the answer"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def is_fatal(content: Said, step: str) -> bool:
    """Return whether this is the message to die at; only the first host that comes to it does."""
    if not (isinstance(content, Text) and content.text == step):
        return False
    marker = Path(os.environ["WAKIT_TEST_DIED"], step)
    first = not marker.exists()
    marker.touch()
    return first


def dies_before_commit() -> None:
    """The row is written, and its transaction is open."""
    real = Outbox._add

    def add(self: Outbox, account: str, to: str, content: Said, *more: Any) -> Any:
        added = real(self, account, to, content, *more)
        if is_fatal(content, BEFORE_COMMIT):
            die()
        return added

    Outbox._add = add  # type: ignore[method-assign]


def dies_after_sending() -> None:
    """The row is ``sending`` on disk, and nobody was called."""
    real = Sender._handed_over

    async def handed_over(self: Sender, account: str, task: Task) -> Any:
        if is_fatal(task.content, BEHIND_SENDING):
            die()
        return await real(self, account, task)

    Sender._handed_over = handed_over  # type: ignore[method-assign]


def dies_after_the_answer() -> None:
    """WhatsApp took the message and the worker said so; the row is still ``sending``."""
    real, fatal = Outbox.settle, set[str]()
    called = Session.send

    async def send(self: Session, to: Any, content: Said, *args: Any, send_id: str, **more: Any) -> Any:
        if is_fatal(content, BEHIND_ANSWER):
            fatal.add(send_id)
        return await called(self, to, content, *args, send_id=send_id, **more)

    def settle(self: Outbox, send_id: str, state: SendState, *more: Any) -> Any:
        if send_id in fatal and state is SendState.SENT:
            die()
        return real(self, send_id, state, *more)

    Session.send, Outbox.settle = send, settle  # type: ignore[method-assign]


if __name__ == "__main__":
    dies_before_commit()
    dies_after_sending()
    dies_after_the_answer()
    sys.exit(main())
