"""
The folders of a workspace, and private files in them.

Paths are built here and nowhere else, from account ids that passed
``ids.account_id``. Folders are 0700, files 0600, and neither is ever reached
through a link: what is in here are other people's conversations, and the
session file is the account itself.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wakit.errors import StorageFull, UnsafePath, WorkspaceNotFound, WorkspaceNotWritable
from wakit.ids import account_id

#: Umask of every wakit process: neonize and DuckDB create files 0644 otherwise.
UMASK = 0o077
#: Longest path of a Unix socket on Linux is 107 bytes, on macOS 103.
SOCKET_LIMIT = 100


@dataclass(frozen=True)
class Workspace:
    """One folder with ``auth_sessions/`` and ``data/``: what a host owns."""

    root: Path
    #: Where the files that are made from the journals lie, if not in ``data/``: a rebuild makes new ones beside the old.
    made: Path | None = None

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """
        Return the workspace that ``WAKIT_HOME`` names or that *start* lies in.

        A folder that ``WAKIT_HOME`` names becomes a workspace if it is none yet:
        who names it means it. One that is not there is more likely a typing error.

        Raises:
            WorkspaceNotFound: No folder from *start* up to the root has both
                ``auth_sessions/`` and ``data/``.
        """
        home = os.environ.get("WAKIT_HOME")
        if home and start is None:
            named = cls(Path(home).expanduser().absolute())
            return named.create() if named.root.is_dir() else named.require()
        here = (start or Path.cwd()).absolute()
        for folder in (here, *here.parents):
            if cls(folder).exists:
                return cls(folder)
        msg = f"There is no wakit workspace in {str(here)!r} or above it. Run: wakit init DIR, or set WAKIT_HOME."
        raise WorkspaceNotFound(msg, path=str(here))

    @property
    def exists(self) -> bool:
        return self.sessions.is_dir() and self.data.is_dir()

    def require(self) -> Workspace:
        """Return self, or raise ``WorkspaceNotFound``."""
        if self.exists:
            return self
        msg = f"{str(self.root)!r} is no wakit workspace: auth_sessions/ and data/ are missing. Run: wakit init {self.root}"
        raise WorkspaceNotFound(msg, path=str(self.root))

    def naming(self, file: Path) -> str:
        """Return what a file is known by here: its place below the workspace, or its absolute path where it lies elsewhere."""
        path, root = file.resolve(), self.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    def create(self) -> Workspace:
        """Make the private folders, or check them where they exist."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise refused(self.root, exc) from exc
        for folder in (self.sessions, self.data, self.logs, self.journals):
            private_dir(folder)
        return self

    @property
    def sessions(self) -> Path:
        return self.root / "auth_sessions"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def journals(self) -> Path:
        return self.data / "journals"

    @property
    def database(self) -> Path:
        """The DuckDB file; only the host opens it."""
        return (self.made or self.data) / "wakit.duckdb"

    @property
    def keys(self) -> Path:
        """The key set that makes ingest idempotent."""
        return (self.made or self.data) / "keys.db"

    @property
    def media(self) -> Path:
        """Files of messages, named by their hash."""
        return self.data / "media"

    @property
    def search(self) -> Path:
        """The folder of the full-text index."""
        return (self.made or self.data) / "search"

    @property
    def outbox(self) -> Path:
        """The durable send queue."""
        return self.data / "outbox.db"

    @property
    def runs(self) -> Path:
        """Output notebooks of runs, by day, and the locks of jobs."""
        return self.data / "runs"

    @property
    def webhooks(self) -> Path:
        """Where events are posted to, and how far that got."""
        return self.data / "webhooks.db"

    @property
    def consent_key(self) -> Path:
        """The key without which nobody can tell who is on the suppression list."""
        return self.sessions / "consent.key"

    @property
    def pseudonym_key(self) -> Path:
        """The key without which nobody can tell who stands behind a pseudonym of a report."""
        return self.sessions / "pseudonyms.key"

    @property
    def host_file(self) -> Path:
        """Where the running host says how to reach it."""
        return self.sessions / "host.json"

    @property
    def tokens(self) -> Path:
        """Hashes of the bearer tokens, and what each may do."""
        return self.sessions / "tokens.json"

    @property
    def life_lock(self) -> Path:
        """Held by the host for as long as it lives."""
        return self.sessions / "host.lock"

    @property
    def start_lock(self) -> Path:
        """Held by whoever is starting a host."""
        return self.sessions / "start.lock"

    @property
    def host_log(self) -> Path:
        return self.logs / "host.log"

    @property
    def socket(self) -> Path:
        """
        The host's Unix socket: beside the lock when the path is short enough.

        Otherwise a private folder of the temporary directory, named after the
        workspace. Clients never compute it: ``host.json`` says where it is.
        """
        beside = self.sessions / "host.sock"
        if len(os.fsencode(beside)) <= SOCKET_LIMIT:
            return beside
        name = hashlib.blake2b(os.fsencode(self.root.absolute()), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"wakit-{os.getuid()}-{name}" / "host.sock"

    def account_dir(self, account: str) -> Path:
        """The linked-device session of one account."""
        return self.sessions / account_id(account)

    def session_db(self, account: str) -> Path:
        """The library's database; its holder owns the account."""
        return self.account_dir(account) / "session.db"

    def account_file(self, account: str) -> Path:
        """Which network and phone the session belongs to."""
        return self.account_dir(account) / "account.json"

    def worker_lock(self, account: str) -> Path:
        return self.account_dir(account) / "worker.lock"

    def worker_log(self, account: str) -> Path:
        return self.logs / f"worker-{account_id(account)}.log"

    def journal_dir(self, account: str) -> Path:
        """The journal and its rotated, compressed parts."""
        return self.journals / account_id(account)

    def accounts(self) -> list[str]:
        """Return the ids of all accounts that have a folder with an ``account.json``."""
        return sorted(p.parent.name for p in self.sessions.glob("*/account.json"))


def refused(path: Path, exc: OSError) -> StorageFull | WorkspaceNotWritable:
    """Return our error for what the system says to a write: its message names the path and the next step."""
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFull(f"The disk of {str(path)!r} is full. {StorageFull.__doc__}", path=str(path))
    msg = f"{str(path)!r} cannot be written to ({exc.strerror}). Check its owner and permissions, or choose another folder."
    return WorkspaceNotWritable(msg, path=str(path))


def private_dir(path: Path) -> Path:
    """
    Make or check a folder that only its owner can enter.

    Raises:
        UnsafePath: It is a link, no folder, or somebody else's.
        WorkspaceNotWritable: It cannot be made, made private or written to.
        StorageFull: There is no room for it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileExistsError, NotADirectoryError) as exc:
        raise _unsafe(path, "it is a link or no folder") from exc
    except OSError as exc:
        if path.is_symlink():
            raise _unsafe(path, "it is a link") from exc
        raise refused(path, exc) from exc
    try:
        _own(fd, path)
        if stat.S_IMODE(os.fstat(fd).st_mode) != 0o700:
            os.fchmod(fd, 0o700)
    except OSError as exc:
        msg = f"{str(path)!r} cannot be made private ({exc.strerror}). Run: chmod 700 {path}, or choose a folder on another disk."
        raise WorkspaceNotWritable(msg, path=str(path)) from exc
    finally:
        os.close(fd)
    if not os.access(path, os.W_OK):
        msg = f"{str(path)!r} cannot be written to. Check its owner and permissions, or choose another folder."
        raise WorkspaceNotWritable(msg, path=str(path))
    return path


def check_private_file(path: Path) -> None:
    """
    Refuse a file that is a link or that other users can read; a missing one is fine.

    Raises:
        UnsafePath: With the ``chmod`` to run.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError as exc:
        raise _unsafe(path, f"it is a link or cannot be opened ({exc.strerror})") from exc
    try:
        _own(fd, path)
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or info.st_nlink > 1:
            raise _unsafe(path, "it is no plain file of its own")
        if stat.S_IMODE(info.st_mode) & 0o077:
            raise _unsafe(path, f"other users can reach it. Run: chmod 600 {path}")
    finally:
        os.close(fd)


def read_private(path: Path) -> bytes:
    """Return the content of a private file after ``check_private_file``."""
    check_private_file(path)
    return path.read_bytes()


def write_private(path: Path, content: bytes) -> None:
    """
    Replace a file at once and durably; readers see the old or the new content, mode 0600.

    Raises:
        WorkspaceNotWritable, StorageFull: The old content is still there.
    """
    try:
        _replace(path, content)
    except OSError as exc:
        raise refused(path, exc) from exc


def _replace(path: Path, content: bytes) -> None:
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _own(fd: int, path: Path) -> None:
    owner = os.fstat(fd).st_uid
    if owner != os.getuid():
        raise _unsafe(path, f"it belongs to user {owner}")


def _unsafe(path: Path, why: str) -> UnsafePath:
    return UnsafePath(f"{str(path)!r} was not opened: {why}.", path=str(path))
