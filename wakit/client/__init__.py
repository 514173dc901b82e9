"""
What people hold: ``wakit.connect()`` and its twin for ``async`` code.

A client whose host died finds or starts the next one by itself, but never
repeats a call that the dead host may have carried out: that one raises
``HostGone``. Nothing of the host is imported here; a kernel pays for HTTP only.
"""

from __future__ import annotations

import sys

from wakit.client.aio import AsyncClient
from wakit.client.blocking import Client
from wakit.client.workspace import Place, workspace_at

__all__ = ["AsyncClient", "Client", "connect"]


def connect(workspace: Place = None, *, start: bool = True) -> Client:
    """
    Return a client of a workspace, and start its host where none is running.

    Args:
        workspace: Its folder; unset, ``WAKIT_HOME`` or the folder that the
            current one lies in.
        start: ``False`` raises ``HostGone`` where no host is running.

    Raises:
        WorkspaceNotFound: There is no workspace.
        HostError: Its host cannot be used.
    """
    client = Client(workspace_at(workspace), start=start)
    # In a notebook the magics come with the first client; nobody needs to know an extension's name.
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        from wakit.magic import enable

        enable(shell)
    return client
