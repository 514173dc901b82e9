"""
The host's pages below ``/wakit/`` of a Jupyter server, behind its login (extra ``proxy``).

jupyter-server-proxy calls ``server`` when Jupyter starts. It reaches the host by its
Unix socket, so the host needs no TCP port, and whoever may use the Jupyter server may
use the host: both belong to one person. The host is not started here, as somebody may
have stopped it on purpose; ``wakit.connect()`` and ``wakit host start`` do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wakit.paths import Workspace

_ICON = Path(__file__).parent / "templates" / "wakit.svg"


def server() -> dict[str, Any]:
    """
    Return what to put below ``/wakit/``, and its entry in JupyterLab's launcher.

    Raises:
        WorkspaceNotFound: Jupyter was not started in a workspace.
    """
    entry = {"title": "wakit API", "icon_path": str(_ICON), "path_info": "wakit/api/docs", "category": "Other"}
    return {"unix_socket": str(Workspace.find().socket), "launcher_entry": entry, "update_last_activity": False}
