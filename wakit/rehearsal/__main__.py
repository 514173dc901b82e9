"""``python -m wakit.rehearsal``: reads a script on standard input, plays it, and writes what happened on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from wakit.rehearsal.play import Play
from wakit.rehearsal.script import Script


def main() -> None:
    """Play the script in a folder that is gone afterwards."""
    script = Script.from_json(json.load(sys.stdin))
    with tempfile.TemporaryDirectory(prefix="wakit-rehearsal-") as folder:
        json.dump(asyncio.run(Play(script, Path(folder)).run()), sys.stdout)


if __name__ == "__main__":
    main()
