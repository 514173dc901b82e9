"""Which workspace a client means."""

from __future__ import annotations

from pathlib import Path

from wakit.paths import Workspace

Place = Workspace | Path | str | None


def workspace_at(place: Place) -> Workspace:
    """Return the workspace at a folder, or the one that ``Workspace.find`` finds."""
    if place is None:
        return Workspace.find()
    return (place if isinstance(place, Workspace) else Workspace(Path(place).expanduser().absolute())).require()
