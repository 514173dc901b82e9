"""A host does not load what only some of its work needs: it lives for weeks."""

from __future__ import annotations

import json
import subprocess
import sys

#: Who plans campaigns, judges words, imports chats, looks at holidays, and nobody at all.
_RARE = ("jinja2", "rapidfuzz", "pyarrow.compute", "holidays", "pandas", "tornado", "httpx", "papermill")
_LOADED = f"""
import json, sys
from wakit.host.lean import keep_out
keep_out()
import wakit.host.app, wakit.host.server, wakit.host.services
json.dump([name for name in {_RARE!r} if name in sys.modules], sys.stdout)
"""


def test_a_host_that_starts_has_loaded_nothing_that_only_some_work_needs() -> None:
    """What a host imports to start holds none of the libraries that planning, importing or hearing words load."""
    ran = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, timeout=120, check=True)
    assert json.loads(ran.stdout) == []
