"""The journal of the vault: what came, when and under which name, and what people decided.

Belongs here: the append-only file `vault/journal.jsonl` and what follows from its events. With
the files of the vault it is all that a rebuild needs. Not here: storing files
(`ingestion.vault`), what the files hold (`ingestion.load`).

Events, in the order of `seq`:
    received   a content that was not known before; `kind`, `told`
    again      a known content is back under a name that held another one: it is the newest again;
               or a withdrawn content is back, which stays withdrawn
    alias      a known content under one more name
    told       a person names what the file does not say; takes a withdrawal back
    withdrawn  a person takes a delivery out of force; `reason`
    accepted   a person lets a delivery stand that a rule holds; `reason`, `params`: rule, document,
               until
    refused    never entered the vault; `code`, `params`
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.settings import Settings


class JournalError(Exception):
    """A line in the middle of the journal is broken: restore the vault from its backup."""


class Event(NamedTuple):
    """One line of the journal.

    Attributes:
        seq: running number from 1.
        event: see the module.
        at: UTC, ISO 8601; all events of one look at the inbox share it.
        sha256: of the content; of a made-up text for what has no readable content.
        name: path below the inbox, safe to display.
        size: bytes.
        kind: real or synthetic.
        told: envelope fields named by a person.
        reason: why it was withdrawn.
        code, params: why it was refused (`ingestion.reasons`), or what was accepted.
    """

    seq: int
    event: str
    at: str
    sha256: str
    name: str = ""
    size: int = 0
    kind: str = ""
    told: Mapping[str, str] = {}
    reason: str = ""
    code: str = ""
    params: Mapping[str, str | int] = {}

    @property
    def delivery_id(self) -> str:
        return self.sha256[:16]

    def line(self) -> str:
        """The event as one line of JSON, empty fields left out."""
        filled = {name: value for name, value in self._asdict().items() if value not in ("", {})}
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":")) + "\n"


class Journal:
    """The events so far and what is known from them; reading it never changes the file.

    Attributes:
        events: all events.
        known: content → first sequence number, of the contents in the vault.
        refused: contents that were refused.
        withdrawn: contents that a person has taken out of force.
        content_of: name → content that it held last.
        kind: real or synthetic, by the first content; empty as long as there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self.known: dict[str, int] = {}
        self.refused: set[str] = set()
        self.withdrawn: set[str] = set()
        self.content_of: dict[str, str] = {}
        self.kind = ""
        self._size = 0
        self._read()

    def append(self, events: Iterable[Mapping[str, Any]]) -> list[Event]:
        """Add events in one durable write; after it they are acknowledged.

        Args:
            events: fields of the events without `seq`.

        Raises:
            OSError: the disk is full; a torn line is cut off by the next append.
        """
        first = len(self.events) + 1
        added = [Event(seq=first + offset, **fields) for offset, fields in enumerate(events)]
        if not added:
            return added
        data = "".join(event.line() for event in added).encode("utf-8")
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, self._size)
            os.lseek(descriptor, 0, os.SEEK_END)
            with os.fdopen(os.dup(descriptor), "wb") as stream:
                stream.write(data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self.path.parent)
        self._size += len(data)
        self._learn(added)
        return added

    def mark(self) -> tuple[int, str]:
        """Length of the journal and its last bytes: tells whether it is still the same one."""
        return self._size, _tail(self.path, self._size)

    def _read(self) -> None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        # A line that was torn by a crash was never acknowledged.
        self._size = data.rfind(b"\n") + 1
        try:
            lines = data[: self._size].decode("utf-8").replace("\n", ",").rstrip(",")
            self._learn([Event(**fields) for fields in json.loads(f"[{lines}]")])
        except (ValueError, TypeError) as error:
            raise JournalError(f"{self.path.name}: a line is broken") from error
        if [event.seq for event in self.events] != list(range(1, len(self.events) + 1)):
            raise JournalError(f"{self.path.name}: sequence numbers have a gap")

    def _learn(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.event == "refused":
                self.refused.add(event.sha256)
                continue
            if event.event == "withdrawn":
                self.withdrawn.add(event.sha256)
            elif event.event == "told":
                self.withdrawn.discard(event.sha256)
            if event.event == "received":
                self.known.setdefault(event.sha256, event.seq)
                self.kind = self.kind or event.kind
            if event.name:
                self.content_of[event.name] = event.sha256
        self.events.extend(events)


def open_journal(settings: Settings) -> Journal:
    """The journal of an installation.

    Raises:
        JournalError: it is broken.
    """
    return Journal(settings.vault / "journal.jsonl")


def is_continued(path: Path, mark: Sequence[Any]) -> bool:
    """Is the journal the one that `mark` was taken of, perhaps longer now?"""
    size, tail = mark
    return bool(_tail(path, size) == tail)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tail(path: Path, size: int) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, size - 64))
            found = stream.read(min(size, 64))
    except FileNotFoundError:
        found = b""
    return found.hex() if len(found) == min(size, 64) else "missing"
