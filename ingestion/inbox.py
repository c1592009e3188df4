"""The inbox as a file system: what lies there, what is new, and reading one file safely.

Belongs here: listing, the register of what is known, opening. Not here: what is done with a
file (`ingestion.receive`).

The inbox is only read: it is the sender's, and may be a read-only share. The register of size
and time of change lies in `work/` and can be lost without harm: the hash of a content decides.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from ingestion.journal import Journal, is_continued
from ingestion.reasons import Refusal
from warehouse.settings import Settings

MAX_BYTES = 256 * 1024 * 1024

_MEBIBYTE = 1024 * 1024
_TABLE_SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv")
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_FILE_ERRORS = (errno.ELOOP, errno.ENXIO, errno.ENOTDIR)

# `register_key` of a name → size, time of change in ns.
Register = dict[str, tuple[int, int]]


class FileChangedError(OSError):
    """The file changed while it was read: it is left for the next look."""


@dataclass(frozen=True)
class Seen:
    """One entry of the inbox, as the file system shows it.

    Attributes:
        name: path below the inbox, exact.
        is_file: a regular file with one name.
    """

    name: str
    size: int
    mtime_ns: int
    is_file: bool


@dataclass(frozen=True)
class Scan:
    """What a look at the inbox found.

    Attributes:
        candidates: new or changed entries, in the order of their names.
        unchanged: number of entries known by name, size and time.
        waiting: names of files that may still be being copied.
        ignored: number of hidden files, lock files of Office and the like.
        unreadable: folders that cannot be listed.
        known: the unchanged entries: name → (size, time of change in ns).
    """

    candidates: tuple[Seen, ...]
    unchanged: int
    waiting: tuple[str, ...]
    ignored: int
    unreadable: tuple[str, ...]
    known: Mapping[str, tuple[int, int]]


def display_name(name: str) -> str:
    """A name as it may be shown and kept: NFC, no control or direction characters."""
    text = unicodedata.normalize("NFC", name)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def scan(settings: Settings, *, wait: bool = False) -> Scan:
    """Look at the inbox, without opening a file and without writing anything.

    A file that changed within the last `MSOKO_SETTLE_SECONDS` (2) may still be being copied.

    Args:
        settings: the installation.
        wait: give such files the time to settle and look again, instead of leaving them for the
            next look; files from a clock that runs ahead are then looked at twice as well.
    """
    register = load_register(settings)
    settle_ns = int(float(os.environ.get("MSOKO_SETTLE_SECONDS", "2")) * 1e9)
    known: dict[str, tuple[int, int]] = {}
    candidates: list[Seen] = []
    young: list[Seen] = []
    ignored = 0
    unreadable: list[str] = []
    now = time.time_ns()
    for seen in _walk(str(settings.inbox), "", unreadable):
        if seen is None:
            ignored += 1
            continue
        age = now - seen.mtime_ns
        if register.get(register_key(seen.name)) == (seen.size, seen.mtime_ns):
            known[seen.name] = (seen.size, seen.mtime_ns)
        elif seen.is_file and age < settle_ns and (wait or age > -settle_ns):
            young.append(seen)
        else:
            candidates.append(seen)
    if young and wait:
        time.sleep(settle_ns / 1e9)
        again = {seen.name: seen for seen in _walk(str(settings.inbox), "", []) if seen is not None}
        settled = [seen for seen in young if again.get(seen.name) == seen]
        young = [seen for seen in young if again.get(seen.name) != seen]
        candidates += settled
    candidates.sort(key=lambda seen: seen.name)
    waiting = tuple(sorted(seen.name for seen in young))
    return Scan(tuple(candidates), len(known), waiting, ignored, tuple(unreadable), known)


def register_key(name: str) -> str:
    """What the register knows a name by: names may be those of persons."""
    return blake2b(os.fsencode(name), digest_size=16).hexdigest()


def load_register(settings: Settings) -> Register:
    """What is known of the inbox, by `register_key`; empty if it is lost or belongs to another journal."""
    try:
        document = json.loads(_register_path(settings).read_bytes())
        if not is_continued(settings.vault / "journal.jsonl", document["journal"]):
            return {}
        pairs = zip(document["size"], document["mtime_ns"], strict=True)
        return dict(zip(document["name"], pairs, strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def save_register(settings: Settings, register: Register, journal: Journal) -> None:
    """Keep the register, by columns: 30,000 entries load in some 50 ms."""
    document = {
        "journal": journal.mark(),
        "name": list(register),
        "size": [size for size, _ in register.values()],
        "mtime_ns": [mtime for _, mtime in register.values()],
    }
    path = _register_path(settings)
    text = json.dumps(document, separators=(",", ":"))
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="ascii")
    temporary.replace(path)


class Reader:
    """Reads files below a folder; no part of a path may be a symbolic link.

    Keeps the folder of the last file open, because files come in the order of their names.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._folder = ("", self._root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()
        os.close(self._root)

    def read(self, name: str) -> bytes:
        """Content of a file, from one descriptor.

        Raises:
            Refusal: it is no regular file, has several names or is too large.
            FileChangedError: it changed while it was read.
            OSError: it cannot be opened.
        """
        folder, _, base = name.rpartition("/")
        try:
            if folder != self._folder[0]:
                self._leave()
                self._folder = (folder, self._open_folder(folder))
            descriptor = os.open(base, _FILE_FLAGS, dir_fd=self._folder[1])
        except OSError as error:
            if error.errno in _NO_FILE_ERRORS:
                raise Refusal("NOT_A_FILE") from None
            raise
        try:
            return _read(descriptor)
        finally:
            os.close(descriptor)

    def _leave(self) -> None:
        if self._folder[1] != self._root:
            os.close(self._folder[1])
        self._folder = ("", self._root)

    def _open_folder(self, folder: str) -> int:
        current = os.dup(self._root)
        for step in filter(None, folder.split("/")):
            above = current
            try:
                current = os.open(step, _FOLDER_FLAGS, dir_fd=above)
            finally:
                os.close(above)
        return current


def _read(descriptor: int) -> bytes:
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode) or before.st_nlink != 1:
        raise Refusal("NOT_A_FILE")
    if before.st_size > MAX_BYTES:
        size, limit = before.st_size // _MEBIBYTE, MAX_BYTES // _MEBIBYTE
        raise Refusal("TOO_LARGE", size=f"{size} МБ", limit=f"{limit} МБ")
    chunks = []
    left = before.st_size + 1  # one more, so that a growing file is noticed
    while left > 0 and (chunk := os.read(descriptor, left)):
        chunks.append(chunk)
        left -= len(chunk)
    after = os.fstat(descriptor)
    data = b"".join(chunks)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileChangedError(errno.EAGAIN, "the file changes")
    if len(data) != before.st_size:
        raise FileChangedError(errno.EAGAIN, "the file changes")
    return data


def _walk(root: str, below: str, unreadable: list[str]) -> Iterator[Seen | None]:
    """Entries below a folder; None for each that is ignored. Links are not followed."""
    try:
        with os.scandir(f"{root}/{below}") as entries:
            found = list(entries)
    except OSError:
        unreadable.append(display_name(below))
        return
    for entry in found:
        name = entry.name
        path = f"{below}/{name}" if below else name
        if name.startswith((".", "~$")) or name == "Thumbs.db":
            yield None
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it has gone in the meantime
            continue
        if stat.S_ISDIR(status.st_mode) and not name.lower().endswith(_TABLE_SUFFIXES):
            yield from _walk(root, path, unreadable)
            continue
        is_file = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
        yield Seen(path, status.st_size, status.st_mtime_ns, is_file)


def _register_path(settings: Settings) -> Path:
    return settings.work / "inbox.json"
