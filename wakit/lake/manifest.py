"""What a manifest says: which files are the part of one host, which columns its tables have, and what is known of which time."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from wakit.errors import InvalidInput

MANIFEST = "manifest.json"
KIND = "wakit-snapshot"
#: Layout of folder and manifest; the second one has the columns, and months of the tables of metrics.
VERSION = 2
#: Folder of the manifests of hosts.
HOSTS = "hosts"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z", re.ASCII)
#: A host has its own part of the numbers that stand for people: those of a store are below this.
_PEOPLE = 32


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a snapshot."""

    #: Below the folder, with forward slashes.
    path: str
    table: str
    account: str
    #: ``2026-11`` in UTC, for tables with instants.
    month: str | None
    rows: int
    bytes: int
    sha256: str
    #: Changes with any row of it; says nothing outside of this database.
    state: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The part of one host, or all of a snapshot without hosts."""

    parts: tuple[Part, ...]
    #: Table → column → its type in DuckDB's words; tables without a row have no file, and their columns all the same.
    tables: dict[str, dict[str, str]]
    coverage: list[dict[str, Any]]
    #: Everything else that it says.
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, content: bytes, where: str) -> Self:
        """
        Return what the content of a manifest says.

        Raises:
            InvalidInput: It is none, or another version's.
        """
        try:
            told = json.loads(content)
            kind, number = told.pop("kind"), told.pop("version")
            if kind == KIND and number == VERSION:
                parts = tuple(Part(**part) for part in told.pop("files"))
                return cls(parts=parts, tables=told.pop("tables"), coverage=told.pop("coverage"), facts=told)
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            msg = f"{where!r} is no manifest of wakit. Run: wakit snapshot"
            raise InvalidInput(msg, path=where) from exc
        msg = f"{where!r} is of another version ({number}). Take the snapshot again with this one."
        raise InvalidInput(msg, path=where)

    def written(self) -> bytes:
        """Return the content of the file."""
        told = {
            "kind": KIND,
            "version": VERSION,
            **self.facts,
            "tables": self.tables,
            "coverage": self.coverage,
            "files": [asdict(part) for part in self.parts],
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


def host_name(name: str) -> str:
    """
    Return the name of a host.

    Raises:
        InvalidInput: No folder of a lake is called so.
    """
    if not _NAME.match(name):
        msg = f"{name[:64]!r} is no name for a host. Use a-z, 0-9, _ and -, at most 32 of them, such as tienda-1."
        raise InvalidInput(msg, host=name[:64])
    return name


def manifest_of(host: str) -> str:
    """Return where the manifest of a host is, below the place of its lake."""
    return f"{HOSTS}/{host}.json"


def space_of(host: str | None) -> int:
    """
    Return what is added to the numbers that stand for people, so that those of two hosts differ.

    A report only compares such numbers. Which one a host adds follows from its name, so that it is the same
    at each snapshot and needs nobody who deals them out.
    """
    if host is None:
        return 0
    return (int.from_bytes(hashlib.blake2b(host.encode(), digest_size=4).digest()) >> 1) << _PEOPLE
