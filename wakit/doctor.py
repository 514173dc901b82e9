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
from wakit.languages import Language
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
    said: dict[Language, str]


def examine(workspace: Workspace) -> list[Finding]:
    """Check *workspace* and this installation."""
    return [*_modes(workspace), *_journals(workspace), _library(), _space(workspace), _encryption(workspace)]


def _modes(workspace: Workspace) -> Iterator[Finding]:
    for folder in (workspace.sessions, workspace.data):
        open_ones = [path for path in (folder, *folder.rglob("*")) if _reachable_by_others(path)]
        if not open_ones:
            yield Finding(what=folder.name, verdict=Verdict.OK, said={"es": "solo tuya", "en": "yours only"})
            continue
        first = open_ones[0]
        run = f"chmod -R go-rwx {folder}"
        yield Finding(
            what=folder.name,
            verdict=Verdict.WRONG,
            said={
                "es": f"otros usuarios llegan a {first} ({len(open_ones)} en total). Ejecuta: {run}",
                "en": f"other users can reach {first} ({len(open_ones)} in all). Run: {run}",
            },
        )


def _reachable_by_others(path: Path) -> bool:
    # The two files that explain the folders are meant to be read.
    return path.name not in {"README.md", ".gitignore"} and bool(stat.S_IMODE(path.lstat().st_mode) & 0o077)


def _journals(workspace: Workspace) -> Iterator[Finding]:
    for folder in sorted(path for path in workspace.journals.glob("*") if (path / NAME).exists()):
        try:
            found = check(folder)
        except WakitError as exc:
            yield Finding(what=f"journal {folder.name}", verdict=Verdict.WRONG, said={"es": exc.message, "en": exc.message})
        else:
            yield _journal(folder, found)


def _journal(folder: Path, found: Checkup) -> Finding:
    what = f"journal {folder.name}"
    spanish, english = [], []
    if found.damages:
        places = ", ".join(_place(one) for one in found.damages[:_SHOWN]) + (", …" if len(found.damages) > _SHOWN else "")
        spanish.append(f"no se pueden leer las entradas {places}; todas las demás sí")
        english.append(f"entries {places} cannot be read; all others can")
    if found.log_damaged:
        log = folder / f"{NAME}-wal"
        spanish.append(f"{log} está dañado: al abrirse se aparta, y se lee lo que sigue al daño")
        english.append(f"{log} is damaged: it is kept aside when it is opened next, and what is behind the damage is read")
    if not english:
        said: dict[Language, str] = {"es": f"{found.entries} entradas, legibles", "en": f"{found.entries} entries, all readable"}
        return Finding(what=what, verdict=Verdict.OK, said=said)
    said = {
        "es": f"{'; '.join(spanish)}. Lo que ya está en la base sigue ahí. Copia {folder} y revisa el disco",
        "en": f"{'; '.join(english)}. What is in the database stays there. Copy {folder} and check the disk",
    }
    return Finding(what=what, verdict=Verdict.WRONG, said=said)


def _place(one: Damage) -> str:
    numbers = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    return f"{numbers} ({one.file}: {one.reason})"


def _library() -> Finding:
    spec = importlib.util.find_spec(_LIBRARY)
    places = (spec.submodule_search_locations or []) if spec else []
    if any(path.stat().st_size for place in places for path in Path(place).glob(f"{_LIBRARY}-*.*") if path.suffix != ".py"):
        return Finding(what=_LIBRARY, verdict=Verdict.OK, said={"es": "instalada", "en": "installed"})
    run = "pip install --force-reinstall --no-deps neonize==0.5.2"
    return Finding(
        what=_LIBRARY,
        verdict=Verdict.WRONG,
        said={
            "es": f"falta su parte nativa; la descargaría al arrancar. Ejecuta: {run}",
            "en": f"its native part is missing; it would download it at start. Run: {run}",
        },
    )


def _space(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.data).free
    amount = f"{free / 2**30:.1f} GiB"
    verdict = Verdict.OK if free > _LOW_SPACE else Verdict.WRONG
    return Finding(what="data", verdict=verdict, said={"es": f"{amount} libres", "en": f"{amount} free"})


def _encryption(workspace: Workspace) -> Finding:
    encrypted = _on_encrypted_volume(workspace.sessions)
    if encrypted:
        said: dict[Language, str] = {"es": "el volumen está cifrado", "en": "the volume is encrypted"}
    else:
        said = {
            "es": "no veo cifrado en el volumen: quien copie el disco tiene las cuentas. Usa un volumen o una carpeta cifrada",
            "en": "no encryption seen on the volume: whoever copies the disk has the accounts. Use an encrypted volume or home",
        }
    return Finding(what="auth_sessions", verdict=Verdict.OK if encrypted else Verdict.HINT, said=said)


def _on_encrypted_volume(path: Path) -> bool:
    """Whether the block device below *path*, or one below that, is a dm-crypt mapping; Linux only."""
    device = path.stat().st_dev
    return _encrypted_device(Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))


def _encrypted_device(device: Path) -> bool:
    uuid = device / "dm" / "uuid"
    if uuid.is_file() and uuid.read_text("ascii", "replace").startswith("CRYPT-"):
        return True
    return any(_encrypted_device(below) for below in (device / "slaves").glob("*"))
