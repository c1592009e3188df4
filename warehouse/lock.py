"""One writer at a time: the operating system's lock on the warehouse.

Belongs here: waiting for and holding the lock. Whoever writes anything below the warehouse
folder, from the command line, the web interface or the daemon, holds it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from warehouse.settings import Settings

_POLL_SECONDS = 0.2
_held: set[str] = set()


@contextmanager
def warehouse_lock(settings: Settings, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the warehouse's lock; wait for it as long as another process has it.

    The lock is the kernel's (`flock`), so a killed process leaves none behind. Within one
    process it may be taken again by the holder.

    Args:
        settings: the installation.
        on_wait: called once if somebody else holds the lock.
    """
    path = settings.root / ".lock"
    if str(path) in _held:
        yield
        return
    settings.make_folders()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if on_wait and not told:
                    on_wait()
                told = True
                time.sleep(_POLL_SECONDS)
        _held.add(str(path))
        try:
            yield
        finally:
            _held.discard(str(path))
    finally:
        os.close(descriptor)
