"""
New files in the place of old ones, all or none.

Several files cannot be renamed at once, but a folder can. So new files are made
in ``data/rebuilding/``; when they are complete and on the disk, the folder is
renamed to ``data/rebuilt/``, and from then on they are the ones that count.
Whoever opens the store next moves them to their places, however often this is cut short.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wakit.errors import WorkspaceNotWritable
from wakit.paths import Workspace, private_dir

#: What SQLite and DuckDB keep beside a file, to be read with that very file.
_COMPANIONS = ("-wal", "-shm", ".wal")


def begin(workspace: Workspace) -> Workspace:
    """Return the workspace with an empty folder for its new files; what an earlier attempt left there goes."""
    folder = _building(workspace)
    shutil.rmtree(folder, ignore_errors=True)
    return Workspace(workspace.root, made=private_dir(folder))


def discard(workspace: Workspace) -> None:
    """Remove the new files: the old ones stay."""
    shutil.rmtree(_building(workspace), ignore_errors=True)


def commit(workspace: Workspace) -> None:
    """Let the new files, which nobody has open, take the place of the old ones for good."""
    folder = _building(workspace)
    for path in (*folder.rglob("*"), folder):
        _flush(path)
    folder.replace(_complete(workspace))
    _flush(workspace.data)
    finish(workspace)


def finish(workspace: Workspace) -> None:
    """
    Move complete new files to their places, where there are any.

    Raises:
        WorkspaceNotWritable: They could not be moved.
    """
    folder = _complete(workspace)
    if workspace.made is not None or not folder.is_dir():
        return
    try:
        for new in sorted(folder.iterdir()):
            old = workspace.data / new.name
            for companion in _COMPANIONS:
                old.with_name(old.name + companion).unlink(missing_ok=True)
            if old.is_dir():
                shutil.rmtree(old)
            new.replace(old)
        _flush(workspace.data)
        folder.rmdir()
    except OSError as exc:
        msg = f"{str(folder)!r} could not be put in place ({exc.strerror}). Check the owner and permissions of {workspace.data}."
        raise WorkspaceNotWritable(msg, path=str(folder)) from exc


def _building(workspace: Workspace) -> Path:
    return workspace.data / "rebuilding"


def _complete(workspace: Workspace) -> Path:
    return workspace.data / "rebuilt"


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
