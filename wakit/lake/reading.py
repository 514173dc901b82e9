"""A lake as engines see it: tables, the files of each, and what is known of which time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from wakit.errors import InvalidInput
from wakit.lake.manifest import HOSTS, MANIFEST, Manifest, manifest_of, space_of
from wakit.lake.place import Place


@dataclass(frozen=True, kw_only=True)
class LakeTable:
    """One table of all hosts."""

    name: str
    #: Column → its type in DuckDB's words; of columns that only newer hosts have, others have nothing.
    columns: dict[str, str]
    #: Below the place of the lake.
    files: tuple[str, ...]


class Lake:
    """The parts of all hosts, as their manifests name them at one moment."""

    def __init__(self, place: Place, hosts: dict[str | None, Manifest]) -> None:
        self.place = place
        #: Name of each host → its part; a snapshot without hosts is that of ``None``.
        self.hosts = hosts

    @classmethod
    def open(cls, where: Path | str) -> Self:
        """
        Read the manifests of a lake.

        Raises:
            InvalidInput: There is no lake, two hosts cannot be told apart, or a manifest cannot be read.
        """
        place = Place(where)
        hosts = dict(_manifests(place))
        if not hosts:
            msg = f"There is no lake at {str(place)!r}. On each host, run: wakit snapshot {place} --host NAME"
            raise InvalidInput(msg, place=str(place))
        spaces: dict[int, str | None] = {}
        for host in hosts:
            if (other := spaces.setdefault(space_of(host), host)) != host:
                msg = f"The hosts {other!r} and {host!r} have the same numbers. Take the snapshot of one under another name."
                raise InvalidInput(msg, hosts=[other, host])
        return cls(place, hosts)

    @property
    def tables(self) -> list[LakeTable]:
        """The tables of all hosts."""
        columns: dict[str, dict[str, str]] = {}
        files: dict[str, list[str]] = {}
        for host, manifest in self.hosts.items():
            whose = {} if host is None else {"host": "VARCHAR"}
            for table, found in manifest.tables.items():
                columns.setdefault(table, whose | found).update(found)
            for part in manifest.parts:
                files.setdefault(part.table, []).append(part.path)
        return [LakeTable(name=name, columns=columns[name], files=tuple(files.get(name, ()))) for name in sorted(columns)]

    @property
    def account(self) -> str:
        """What an account is called, as an expression of SQL: those of one name on two hosts, ``default@north``."""
        named = ({part.account for part in manifest.parts} for manifest in self.hosts.values())
        hosts = Counter(account for accounts in named for account in accounts)
        shared = ", ".join(f"'{account}'" for account, count in sorted(hosts.items()) if count > 1)
        return f"CASE WHEN account IN ({shared}) THEN account || '@' || host ELSE account END" if shared else "account"


def _manifests(place: Place) -> Iterator[tuple[str | None, Manifest]]:
    whole = place.read(MANIFEST)
    if whole is not None:
        yield None, Manifest.read(whole, place.url(MANIFEST))
        return
    for name in place.names(HOSTS):
        host = name.removesuffix(".json")
        path = manifest_of(host)
        if (content := place.read(path)) is not None:
            yield host, Manifest.read(content, place.url(path))
