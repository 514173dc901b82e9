"""
A workspace for people: private folders, the shipped notebooks and git rules.

Nothing that is there is ever overwritten, so it can be run again after an
upgrade: new notebooks arrive, edited ones stay. The private folders get an
ignore rule of their own because the workspace may lie in a repository whose
rules we do not know, and a committed session is an account given away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wakit.errors import WorkspaceNotWritable
from wakit.paths import Workspace

_PACKAGE = Path(__file__).parent
_IGNORE_ALL = b"*\n"


class Outcome(StrEnum):
    """What became of one file of the scaffold."""

    MADE = "made"
    #: It was there and is the same.
    KEPT = "kept"
    #: It was there and somebody changed it, so it stays.
    YOURS = "yours"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One file of the scaffold and what became of it."""

    path: Path
    outcome: Outcome


def shipped(inside: str, beside: str) -> Path:
    """Return what the wheel ships as *inside* the package and a checkout has as *beside* it."""
    path = _PACKAGE / inside
    return path if path.exists() else _PACKAGE.parent / beside


def notebooks() -> Path:
    """Return the folder with the shipped notebooks."""
    return shipped("notebooks", "notebooks")


def scaffold(root: Path) -> list[Placed]:
    """
    Make *root* a workspace that can be worked in, and tell what was done.

    Raises:
        WorkspaceNotWritable: Nothing can be made there.
        UnsafePath: A private folder is a link or somebody else's.
    """
    workspace = Workspace(root).create()
    wanted = {
        workspace.root / ".gitignore": shipped("templates/gitignore", ".gitignore").read_bytes(),
        workspace.sessions / ".gitignore": _IGNORE_ALL,
        workspace.data / ".gitignore": _IGNORE_ALL,
    }
    for notebook in sorted(notebooks().glob("*.ipynb")):
        wanted[workspace.root / "notebooks" / notebook.name] = notebook.read_bytes()
    return [Placed(path=path, outcome=_place(path, content)) for path, content in wanted.items()]


def _place(path: Path, content: bytes) -> Outcome:
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return Outcome.KEPT if path.is_file() and path.read_bytes() == content else Outcome.YOURS
    except OSError as exc:
        msg = f"{str(path)!r} cannot be made ({exc.strerror}). Check the owner and the permissions of its folder."
        raise WorkspaceNotWritable(msg, path=str(path)) from exc
    return Outcome.MADE
