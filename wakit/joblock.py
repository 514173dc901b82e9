"""
One run of a job at a time: a lock that its runner holds and that the system drops when the runner dies, however it dies.

So the lock also tells a run that goes on from one that was cut off, without pids, which are given out again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from hashlib import blake2b

from filelock import FileLock, Timeout

from wakit.errors import RunBusy
from wakit.paths import Workspace, check_private_file, private_dir

#: The host holds a lock for an instant when it looks whether a run is alive.
_PATIENCE = 0.5


@contextlib.contextmanager
def job_lock(workspace: Workspace, job: str) -> Iterator[None]:
    """
    Be the one run of *job* for the length of the block.

    Raises:
        RunBusy: Another one is.
    """
    try:
        held = _lock(workspace, job, _PATIENCE).acquire()
    except Timeout as exc:
        raise RunBusy(
            f"The job {job!r} is running already. It runs once at a time: wait, or look at: wakit runs list", job=job
        ) from exc
    with held:
        yield


def is_running(workspace: Workspace, job: str) -> bool:
    """Return whether some process is the one run of *job*."""
    try:
        with _lock(workspace, job, 0):
            return False
    except Timeout:
        return True


def _lock(workspace: Workspace, job: str, timeout: float) -> FileLock:
    folder = private_dir(private_dir(workspace.runs) / "locks")
    # a job's name may hold what a file's name may not
    path = folder / f"{blake2b(job.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}.lock"
    check_private_file(path)
    return FileLock(path, timeout, mode=0o600, poll_interval=0.02, fallback_to_soft=False)
