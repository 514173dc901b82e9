"""Ending a command that runs until somebody ends it, so that its ``with`` blocks clean up."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Ended(BaseException):
    """Somebody asked this process to end; no ``except Exception`` on the way may take it."""


@contextlib.contextmanager
def until_ended() -> Iterator[None]:
    """Run the body until Ctrl-C, SIGTERM or the end of the terminal; a second one cannot cut the clean-up short."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in _ENDINGS:
            signal.signal(each, signal.SIG_IGN)
        raise _Ended

    before = {number: signal.signal(number, end) for number in _ENDINGS}
    try:
        with contextlib.suppress(_Ended):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
