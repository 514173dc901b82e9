"""
The bearer tokens of the TCP door, and what each of them may do.

A token is ``wakit_`` and 256 random bits, so a fast hash of it is enough; the
file holds hashes only and is private all the same. The hash is also the key by
which a token is found: who could learn from timing how much of a hash was right
would still not know a token that has it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wakit.access import NewToken, Scope, Token
from wakit.clock import Clock
from wakit.errors import CorruptFile, DryRun, InvalidInput, NameTaken, UnknownToken
from wakit.host.rates import checked_rate
from wakit.model import Run, RunState
from wakit.paths import Workspace, read_private, write_private

#: How much the token of a start may ask: it is the user's own.
OWN_RATE = "200/10 seconds"
_OWN = "start"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z", re.ASCII)


@dataclass(frozen=True)
class Access:
    """Who asks, and what they may."""

    name: str
    scopes: frozenset[Scope]
    #: Unset for those who are not limited.
    rate: str | None = None
    expires_at: datetime | None = None
    #: Why it is good for nothing but reading, where it is that of a run.
    bounds: str | None = None

    def may(self, scope: Scope) -> bool:
        """Return whether *scope* is allowed."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def within(self, run: Run | None) -> Access:
        """
        Return what is left of this access inside of a run: all of it while one that may send is going on, else only reading.

        Args:
            run: Which one; ``None`` for one that nobody knows here.
        """
        name = "run" if run is None else f"run {run.id[:8]}"
        if run is not None and run.state is RunState.RUNNING and not run.dry_run:
            return replace(self, name=name)
        scopes = frozenset({Scope.READ}) if self.may(Scope.READ) else frozenset()
        return replace(self, name=name, scopes=scopes, bounds=_bounds(run))


#: Whoever comes through the Unix socket: the kernel says that it is the owner.
OWNER = Access("owner", frozenset(Scope))
#: Whoever has no token.
NOBODY = Access("nobody", frozenset())


class Tokens:
    """
    All tokens of one workspace; a change holds from the next request on.

    Args:
        workspace: Where they are kept.
        clock: What is expired.
        rate: What a token may ask that has no rate of its own.

    Raises:
        UnsafePath, CorruptFile: The file cannot be used.
    """

    def __init__(self, workspace: Workspace, clock: Clock, *, rate: str) -> None:
        self._path = workspace.tokens
        self._clock = clock
        self._rate = checked_rate(rate)
        self._known: dict[str, Token] = self._read()
        self._access = {digest: _access(token) for digest, token in self._known.items()}

    def admit(self, secret: str) -> None:
        """Let the token of this start in; it is in no file of ours and lists nowhere."""
        self._access[_digest(secret)] = Access(_OWN, frozenset(Scope), OWN_RATE)

    def access(self, secret: str) -> Access | None:
        """Return what the bearer of *secret* may do; ``None`` for an unknown, revoked or expired one."""
        found = self._access.get(_digest(secret))
        return found if found is not None and self.holds(found) else None

    def holds(self, access: Access) -> bool:
        """Return whether an access that was given is still good: a stream may outlive its token."""
        if access.expires_at is not None and access.expires_at <= self._clock.now():
            return False
        return access is OWNER or any(access is known for known in self._access.values())

    def all(self) -> list[Token]:
        """Return the tokens by name, the expired ones included."""
        return sorted(self._known.values(), key=lambda token: token.name)

    def create(
        self, name: str, scopes: Collection[Scope], *, expires_at: datetime | None = None, rate: str | None = None
    ) -> NewToken:
        """
        Make a token.

        Raises:
            InvalidInput: Name, scopes, rate or expiry cannot be used.
            NameTaken: There is one of that name.
        """
        if not _NAME.match(name) or name == _OWN:
            raise InvalidInput(f"{name[:64]!r} cannot name a token. Use up to 32 of a-z, 0-9, _ and -.", name=name[:64])
        if not scopes:
            raise InvalidInput("A token without a scope would be good for nothing. Give read, send or admin.")
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput(f"{expires_at.isoformat()} has passed.", expires_at=expires_at.isoformat())
        if any(token.name == name for token in self._known.values()):
            raise NameTaken(f"There is a token {name!r}. Choose another name, or run: wakit token revoke {name}", name=name)
        token = Token(
            name=name,
            scopes=tuple(scope for scope in Scope if scope in scopes),
            rate=checked_rate(rate or self._rate),
            created_at=now,
            expires_at=expires_at,
        )
        secret = f"wakit_{secrets.token_urlsafe(32)}"
        self._write({**self._known, _digest(secret): token})
        return NewToken(**vars(token), secret=secret)

    def revoke(self, name: str) -> Token:
        """
        Make a token worthless; streams that it opened end.

        Raises:
            UnknownToken: There is none of that name.
        """
        digest = next((digest for digest, token in self._known.items() if token.name == name), None)
        if digest is None:
            raise UnknownToken(f"There is no token {name[:64]!r}. Run: wakit token list", name=name[:64])
        token = self._known[digest]
        self._write({other: kept for other, kept in self._known.items() if other != digest})
        return token

    def _read(self) -> dict[str, Token]:
        try:
            rows = json.loads(read_private(self._path))
            return {str(row.pop("hash")): Token.from_json(row) for row in rows}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            msg = f"{str(self._path)!r} is damaged ({type(exc).__name__}). Move it away, and make new tokens: wakit token create"
            raise CorruptFile(msg, path=str(self._path)) from exc

    def _write(self, known: dict[str, Token]) -> None:
        rows = [{"hash": digest, **token.to_json()} for digest, token in known.items()]
        write_private(self._path, json.dumps(rows, indent=1).encode())
        gone, new = self._known.keys() - known.keys(), known.keys() - self._known.keys()
        self._known = known
        for digest in gone:
            del self._access[digest]
        self._access |= {digest: _access(known[digest]) for digest in new}


def _bounds(run: Run | None) -> str:
    if run is None:
        return "This notebook runs under WAKIT_RUN, and the host knows no run of that id: it may only read. Unset the variable."
    if run.state is not RunState.RUNNING:
        return f"The run {run.id} is {run.state}: what is left of it may only read."
    return DryRun().message


def _access(token: Token) -> Access:
    return Access(token.name, frozenset(token.scopes), token.rate, token.expires_at and token.expires_at.astimezone(UTC))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
