"""
What can be checked without a phone: private modes, journals, the library, room on the disk, encryption.

It looks and never repairs, because what looks wrong may be meant; each finding
says what to run.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from wakit.errors import WakitError
from wakit.languages import Language, mark, speak
from wakit.paths import Workspace
from wakit.session.checkup import Checkup, Damage, check
from wakit.session.journal import NAME

#: Below this a day of a busy account may not fit.
_LOW_SPACE = 2**30
_LIBRARY = "neonize"
#: Most damaged places that are told one by one.
_SHOWN = 5


class Verdict(Enum):
    """How a check came out."""

    OK = "✓"
    HINT = "!"
    WRONG = "✗"

    @property
    def icon(self) -> str:
        return self.value

    @property
    def fine(self) -> bool:
        return self is not Verdict.WRONG


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check: what was looked at, how it came out, and what to do."""

    what: str
    verdict: Verdict
    said: str


def examine(workspace: Workspace, lang: Language) -> list[Finding]:
    """Check *workspace* and this installation, and say it in *lang*."""
    return [
        *_modes(workspace, lang),
        *_journals(workspace, lang),
        _library(lang),
        _space(workspace, lang),
        _encryption(workspace, lang),
    ]


def _modes(workspace: Workspace, lang: Language) -> Iterator[Finding]:
    for folder in (workspace.sessions, workspace.data):
        open_ones = [path for path in (folder, *folder.rglob("*")) if _reachable_by_others(path)]
        if not open_ones:
            yield Finding(what=folder.name, verdict=Verdict.OK, said=speak(lang, "yours only"))
            continue
        said = speak(
            lang,
            "other users can reach {first} ({count} in all). Run: {run}",
            first=open_ones[0],
            count=len(open_ones),
            run=f"chmod -R go-rwx {folder}",
        )
        yield Finding(what=folder.name, verdict=Verdict.WRONG, said=said)


def _reachable_by_others(path: Path) -> bool:
    # The two files that explain the folders are meant to be read.
    return path.name not in {"README.md", ".gitignore"} and bool(stat.S_IMODE(path.lstat().st_mode) & 0o077)


def _journals(workspace: Workspace, lang: Language) -> Iterator[Finding]:
    for folder in sorted(path for path in workspace.journals.glob("*") if (path / NAME).exists()):
        try:
            found = check(folder)
        except WakitError as exc:
            yield Finding(what=f"journal {folder.name}", verdict=Verdict.WRONG, said=exc.message)
        else:
            yield _journal(folder, found, lang)


def _journal(folder: Path, found: Checkup, lang: Language) -> Finding:
    what = f"journal {folder.name}"
    wrong = []
    if found.damages:
        places = ", ".join(_place(one) for one in found.damages[:_SHOWN]) + (", …" if len(found.damages) > _SHOWN else "")
        wrong.append(speak(lang, "entries {places} cannot be read; all others can", places=places))
    if found.log_damaged:
        told = mark("{log} is damaged: it is kept aside when it is opened next, and what is behind the damage is read")
        wrong.append(speak(lang, told, log=folder / f"{NAME}-wal"))
    if not wrong:
        return Finding(what=what, verdict=Verdict.OK, said=speak(lang, "{count} entries, all readable", count=found.entries))
    told = mark("{wrong}. What is in the database stays there. Copy {folder} and check the disk")
    return Finding(what=what, verdict=Verdict.WRONG, said=speak(lang, told, wrong="; ".join(wrong), folder=folder))


def _place(one: Damage) -> str:
    numbers = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    return f"{numbers} ({one.file}: {one.reason})"


def _library(lang: Language) -> Finding:
    spec = importlib.util.find_spec(_LIBRARY)
    places = (spec.submodule_search_locations or []) if spec else []
    if any(path.stat().st_size for place in places for path in Path(place).glob(f"{_LIBRARY}-*.*") if path.suffix != ".py"):
        return Finding(what=_LIBRARY, verdict=Verdict.OK, said=speak(lang, "installed"))
    run = "pip install --force-reinstall --no-deps neonize==0.5.2"
    said = speak(lang, "its native part is missing; it would download it at start. Run: {run}", run=run)
    return Finding(what=_LIBRARY, verdict=Verdict.WRONG, said=said)


def _space(workspace: Workspace, lang: Language) -> Finding:
    free = shutil.disk_usage(workspace.data).free
    verdict = Verdict.OK if free > _LOW_SPACE else Verdict.WRONG
    return Finding(what="data", verdict=verdict, said=speak(lang, "{amount} free", amount=f"{free / 2**30:.1f} GiB"))


def _encryption(workspace: Workspace, lang: Language) -> Finding:
    if _on_encrypted_volume(workspace.sessions):
        return Finding(what="auth_sessions", verdict=Verdict.OK, said=speak(lang, "the volume is encrypted"))
    said = speak(
        lang, "no encryption seen on the volume: whoever copies the disk has the accounts. Use an encrypted volume or home"
    )
    return Finding(what="auth_sessions", verdict=Verdict.HINT, said=said)


def _on_encrypted_volume(path: Path) -> bool:
    """Whether the block device below *path*, or one below that, is a dm-crypt mapping; Linux only."""
    device = path.stat().st_dev
    return _encrypted_device(Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))


def _encrypted_device(device: Path) -> bool:
    uuid = device / "dm" / "uuid"
    if uuid.is_file() and uuid.read_text("ascii", "replace").startswith("CRYPT-"):
        return True
    return any(_encrypted_device(below) for below in (device / "slaves").glob("*"))
