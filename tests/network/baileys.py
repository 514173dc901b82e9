"""Baileys as a child process: an independent client of the emulated network."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from wakit.emulator import Network

CLIENT = Path(__file__).with_name("baileys_client.mjs")


def missing() -> str | None:
    """Return why Baileys cannot be run here, or nothing where it can."""
    if shutil.which("node") is None:
        return "Node is not installed"
    home = os.environ.get("BAILEYS_HOME")
    if not home:
        return "BAILEYS_HOME names no folder in which 'npm install baileys@7.0.0-rc14' was run"
    if not (Path(home) / "node_modules" / "baileys").is_dir():
        return f"there is no node_modules/baileys in BAILEYS_HOME ({home})"
    return None


class Baileys:
    """One Baileys session; events are kept until somebody waits for them."""

    def __init__(self, network: Network, state: Path) -> None:
        command = ["node", str(CLIENT), os.environ["BAILEYS_HOME"], network.websocket_url, network.noise_root, str(state)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._ids = itertools.count(1)
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._seen: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def wait(self, timeout: float = 30.0, /, **wanted: Any) -> dict[str, Any]:
        """Return the first line, past or to come, that has these values."""
        deadline = time.monotonic() + timeout
        for index in itertools.count():
            if index == len(self._seen):
                self._seen.append(self._next(deadline, wanted))
            line = self._seen[index]
            if all(line.get(name) == value for name, value in wanted.items()):
                return line
        raise AssertionError

    def _next(self, deadline: float, wanted: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty as exc:
            msg = f"Baileys never said {wanted}; it said: {self._seen}"
            raise AssertionError(msg) from exc

    def call(self, op: str, **arguments: Any) -> Any:
        """Do one operation and return its value."""
        assert self._process.stdin is not None
        number = next(self._ids)
        print(json.dumps({"id": number, "op": op, **arguments}), file=self._process.stdin, flush=True)
        answer = self.wait(id=number)
        assert answer["ok"], answer["error"]
        return answer["value"]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
