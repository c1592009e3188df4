"""The vault: contents of delivered files under their SHA-256, written in durable groups.

Belongs here: storing and checking contents. Not here: which files are taken
(`ingestion.receive`), when a file counts as received (`ingestion.journal`).
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from warehouse.settings import Settings

_FILE_MODE = 0o440
_FOLDER_MODE = 0o700
_PART = ".part"


def path_of(settings: Settings, sha256: str) -> Path:
    """Where a content lies."""
    return settings.vault / sha256[:2] / sha256


def remove_leftovers(settings: Settings) -> None:
    """Delete what an interrupted `store` left; call it under the warehouse's lock.

    A content that got its final name but no line in the journal may stay: it is whole, nothing
    reads it, and the same file is stored over it when it is received again.
    """
    for path in _new_folder(settings).glob(f"*{_PART}"):
        path.unlink()


def store(settings: Settings, contents: Mapping[str, bytes]) -> None:
    """Store contents by their hash; all of them are durable when this returns.

    One flush for the whole group: an fsync per file would cost more than everything else.

    Raises:
        OSError: the disk is full or broken; nothing of the group may be acknowledged.
    """
    new = str(_new_folder(settings))
    vault = str(settings.vault)
    for sha256, data in contents.items():
        _write(f"{new}/{sha256}{_PART}", data)
    _flush(vault)
    for first in {sha256[:2] for sha256 in contents}:
        (settings.vault / first).mkdir(mode=_FOLDER_MODE, exist_ok=True)
    for sha256 in contents:  # plain texts: paths as objects would cost more than the renames
        os.rename(f"{new}/{sha256}{_PART}", f"{vault}/{sha256[:2]}/{sha256}")  # noqa: PTH104
    _flush(vault)


def damaged(settings: Settings, contents: Iterable[str]) -> list[str]:
    """Contents that are missing or do not fit their hash."""
    found = []
    for sha256 in contents:
        try:
            with path_of(settings, sha256).open("rb") as stream:
                actual = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            actual = ""
        if actual != sha256:
            found.append(sha256)
    return found


def _new_folder(settings: Settings) -> Path:
    folder = settings.vault / ".new"
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    return folder


def _write(path: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, _FILE_MODE)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fchmod(descriptor, _FILE_MODE)  # whatever the umask is
    finally:
        os.close(descriptor)


def _flush(folder: str) -> None:
    """Write everything that the folder's file system has in memory to the disk.

    `fsync` of the folder itself comes last: it is the durable call of the group where `syncfs`
    is a library's function that tracing tools do not see.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:
            os.sync()
        elif syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
