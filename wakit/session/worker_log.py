"""
What a worker prints: into a private, redacted, daily rotated file, never to a terminal or a notebook.

The Go library writes to the C-level stdout: pairing codes, addresses, login
events. A Jupyter kernel would capture that into the notebook.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

from wakit.redact import KEEP_DAYS, RedactingFormatter

#: Longest line that is kept together; the library's are far shorter.
_LONGEST = 8192


class WorkerLog:
    """The log file of one account's worker."""

    def __init__(self, path: Path, *, network: str, key: bytes = b"") -> None:
        path.touch(mode=0o600, exist_ok=True)
        self._handler = logging.handlers.TimedRotatingFileHandler(
            path, when="midnight", backupCount=KEEP_DAYS, utc=True, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(RedactingFormatter(network, key))
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take a piece of output; whole lines are written, the rest waits for more."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self.write(line.decode("utf-8", "replace"))

    def write(self, line: str) -> None:
        """Write one line."""
        if line.strip():
            self._handler.handle(logging.LogRecord("worker", logging.INFO, "", 0, "%s", (line,), None))

    def close(self) -> None:
        """Write what is left and close the file."""
        self.feed(b"\n")
        self._handler.close()
