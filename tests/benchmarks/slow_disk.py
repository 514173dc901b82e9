"""A disk whose every flush takes a while: a shim for ``LD_PRELOAD``, compiled when a benchmark needs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void wait_a_while(void) { struct timespec t = {0, DELAY_NS}; nanosleep(&t, 0); }
int fsync(int fd) { wait_a_while(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { wait_a_while(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""


def shim(folder: Path, milliseconds: float) -> Path:
    """
    Return a library that makes fsync and fdatasync of a process take this much longer.

    Raises:
        FileNotFoundError: There is no C compiler.
    """
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(SOURCE)
    delay = f"-DDELAY_NS={int(milliseconds * 1e6)}L"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", delay, "-o", library, source, "-ldl"], check=True)
    return library
