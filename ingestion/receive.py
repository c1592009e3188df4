"""Inbox → vault: what is taken, what is refused at the door, what people say of a file.

Belongs here: the decision on each new file as a whole. Not here: looking and opening
(`ingestion.inbox`), storage (`ingestion.vault`), the record (`ingestion.journal`), anything
about the content of a table (`ingestion.read`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingestion import vault
from ingestion.inbox import (
    Reader,
    Scan,
    Seen,
    display_name,
    load_register,
    register_key,
    save_register,
    scan,
)
from ingestion.journal import Journal, open_journal
from ingestion.reasons import Refusal
from warehouse.lock import warehouse_lock
from warehouse.settings import Settings

__all__ = ["Received", "Scan", "Seen", "accept", "deliver", "receive", "scan", "withdraw"]

REAL, SYNTHETIC = "real", "synthetic"
SYNTHETIC_LIST = ".msoko-synthetic"
TOLD_FIELDS = frozenset(
    {"procedure", "cal_year", "season", "school_year", "subject"}
    | {"grade_label", "programme_grade", "sender", "exam_date"}
)

_GROUP_FILES = 2_000
_GROUP_BYTES = 64 * 1024 * 1024
_CORE_PROPERTIES = re.compile(rb"PK\x03\x04.{22}(..)(..)docProps/core\.xml", re.DOTALL)
_KEYWORDS = re.compile(rb"<cp:keywords>[^<]*msoko-synthetic")
_CORE_LIMIT = 64 * 1024
_DEFLATED = 8


@dataclass
class Received:
    """What became of the candidates.

    Attributes:
        new: delivery ids of contents taken into the vault.
        aliases: number of known contents under one more name.
        again: delivery ids of contents that are back under a name that held another one.
        withdrawn: delivery ids of contents that are back and stay withdrawn.
        touched: number of files whose bytes had not changed.
        refused: (displayable name, code).
        later: names of files that changed while they were read or cannot be opened now.
        damaged: delivery ids whose content in the vault does not fit its hash (`verify`) and
            could not be stored anew from the inbox.
    """

    new: list[str] = field(default_factory=list)
    aliases: int = 0
    again: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    touched: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def receive(
    settings: Settings,
    scan: Scan,
    *,
    verify: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Received:
    """Take the candidates of a look at the inbox into the vault.

    A file counts as received when its line is in the journal; a run killed before that finds the
    file again.

    Args:
        settings: the installation.
        scan: the look.
        verify: hash the unchanged files and the whole vault too.
        on_progress: called with files done and files found.

    Raises:
        OSError: the vault cannot be written.
        JournalError: the journal is broken.
    """
    with warehouse_lock(settings):
        vault.remove_leftovers(settings)
        candidates = list(scan.candidates)
        known_before = load_register(settings)
        if not candidates and not verify and len(scan.known) == len(known_before):
            return Received()
        reception = _Reception(settings, verify)
        if verify:
            known = scan.known.items()
            candidates += [Seen(name, size, mtime, True) for name, (size, mtime) in known]
            candidates.sort(key=lambda seen: seen.name)
        register = {register_key(name): entry for name, entry in scan.known.items()}
        with Reader(settings.inbox) as reader:
            for done, seen in enumerate(candidates, start=1):
                if reception.take(seen, reader):
                    register[register_key(seen.name)] = (seen.size, seen.mtime_ns)
                if on_progress and (done % 500 == 0 or done == len(candidates)):
                    on_progress(done, len(candidates))
        result = reception.finish()
        if register != known_before:
            save_register(settings, register, reception.journal)
        return result


def deliver(settings: Settings, path: Path, told: Mapping[str, str]) -> str:
    """Take one file, with what it does not say itself; returns its delivery id.

    Of a known content only `told` is recorded; it becomes the newest again, and a withdrawal is
    taken back.

    Raises:
        Refusal: the file cannot be taken.
        ValueError: `told` holds an unknown field.
        OSError: the file cannot be read or the vault not be written.
    """
    unknown = sorted(set(told) - TOLD_FIELDS)
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(unknown)}")
    path = path.absolute()
    inside = path.is_relative_to(settings.inbox)
    name = display_name(str(path.relative_to(settings.inbox)) if inside else path.name)
    with warehouse_lock(settings):
        journal = open_journal(settings)
        vault.remove_leftovers(settings)
        with Reader(path.parent) as reader:
            data = reader.read(path.name)
        sha256 = hashlib.sha256(data).hexdigest()
        event = {"sha256": sha256, "at": _now(), "name": name, "told": dict(told)}
        if sha256 in journal.known:
            journal.append([{**event, "event": "told"}])
        else:
            kind = _kind(data, sha256, _synthetic_list(settings))
            _refuse_mix(journal.kind, kind)
            vault.store(settings, {sha256: data})
            journal.append([{**event, "event": "received", "size": len(data), "kind": kind}])
        return sha256[:16]


def withdraw(settings: Settings, delivery_id: str, reason: str) -> None:
    """Take a delivery out of force; its history and its file stay.

    Raises:
        KeyError: the journal knows no such delivery.
        ValueError: no reason is given.
    """
    if not reason.strip():
        raise ValueError("a withdrawal needs a reason")
    with warehouse_lock(settings):
        journal = open_journal(settings)
        found = [sha256 for sha256 in journal.known if sha256[:16] == delivery_id]
        if not found:
            raise KeyError(delivery_id)
        event = {"event": "withdrawn", "sha256": found[0], "at": _now(), "reason": reason.strip()}
        journal.append([event])


def accept(
    settings: Settings, delivery_id: str, *, rule: str, reason: str, document: str, until: dt.date
) -> None:
    """Let a delivery stand although a rule fails; the gate obeys until the day has passed.

    A later word on the same delivery and rule replaces an earlier one.

    Args:
        settings: the installation.
        delivery_id: the delivery.
        rule: name of the rule; empty for all of them that may be accepted.
        reason: why.
        document: number of the document that it rests on.
        until: last day.

    Raises:
        KeyError: the journal knows no such delivery.
        ValueError: no reason or no document is given.
    """
    if not reason.strip() or not document.strip():
        raise ValueError("an acceptance needs a reason and a document")
    with warehouse_lock(settings):
        journal = open_journal(settings)
        found = [sha256 for sha256 in journal.known if sha256[:16] == delivery_id]
        if not found:
            raise KeyError(delivery_id)
        params = {"rule": rule, "document": document.strip(), "until": until.isoformat()}
        journal.append([{
            "event": "accepted", "sha256": found[0], "at": _now(), "reason": reason.strip(),
            "params": params,
        }])  # fmt: skip


class _Reception:
    """Decides on files one by one; stores and records them in groups."""

    def __init__(self, settings: Settings, verify: bool) -> None:
        self.journal: Journal = open_journal(settings)
        self._settings = settings
        self._verify = verify
        self._kind = self.journal.kind
        self._synthetic = _synthetic_list(settings)
        self._at = _now()
        self._result = Received()
        self._damaged = set(vault.damaged(settings, self.journal.known) if verify else ())
        self._contents: dict[str, bytes] = {}
        self._bytes = 0
        self._events: list[dict[str, Any]] = []
        self._content_of = dict(self.journal.content_of)
        self._refused = set(self.journal.refused)

    def take(self, seen: Seen, reader: Reader) -> bool:
        """Decide on one file; false if it is left for the next look."""
        name = display_name(seen.name)
        if not seen.is_file:
            self._refuse(name, _made_up_hash("NOT_A_FILE", seen), 0, Refusal("NOT_A_FILE"))
            return True
        try:
            data = reader.read(seen.name)
        except Refusal as refusal:
            self._refuse(name, _made_up_hash(refusal.code, seen), seen.size, refusal)
            return True
        except OSError:
            self._result.later.append(name)
            return False
        if len(data) != seen.size:  # not the file that was looked at
            self._result.later.append(name)
            return False
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in self.journal.known or sha256 in self._contents:
            self._take_known(name, sha256, data)
        else:
            self._take_new(name, sha256, data)
        return True

    def finish(self) -> Received:
        """Store and record what is left of the last group."""
        self._commit()
        self._result.damaged = sorted(sha256[:16] for sha256 in self._damaged)
        return self._result

    def _take_new(self, name: str, sha256: str, data: bytes) -> None:
        kind = _kind(data, sha256, self._synthetic)
        try:
            _refuse_mix(self._kind, kind)
        except Refusal as refusal:
            self._refuse(name, sha256, len(data), refusal)
            return
        self._kind = kind
        self._record("received", name, sha256, size=len(data), kind=kind)
        self._result.new.append(sha256[:16])
        self._hold(sha256, data)

    def _take_known(self, name: str, sha256: str, data: bytes) -> None:
        before = self._content_of.get(name)
        if sha256 in self.journal.withdrawn and not (self._verify and before == sha256):
            self._record("again", name, sha256)
            self._result.withdrawn.append(sha256[:16])
        elif before == sha256:
            self._result.touched += 1
        elif before is None:
            self._record("alias", name, sha256)
            self._result.aliases += 1
        else:
            self._record("again", name, sha256)
            self._result.again.append(sha256[:16])
        if sha256 in self._damaged:
            self._damaged.discard(sha256)
            self._hold(sha256, data)

    def _refuse(self, name: str, sha256: str, size: int, refusal: Refusal) -> None:
        if sha256 in self._refused:
            return
        self._refused.add(sha256)
        self._result.refused.append((name, refusal.code))
        params = {"code": refusal.code, "params": refusal.params}
        self._record("refused", name, sha256, size=size, **params)

    def _record(self, event: str, name: str, sha256: str, **fields: Any) -> None:
        if event != "refused":
            self._content_of[name] = sha256
        self._events.append(
            {"event": event, "at": self._at, "sha256": sha256, "name": name, **fields}
        )

    def _hold(self, sha256: str, data: bytes) -> None:
        self._contents[sha256] = data
        self._bytes += len(data)
        if len(self._contents) >= _GROUP_FILES or self._bytes >= _GROUP_BYTES:
            self._commit()

    def _commit(self) -> None:
        if self._contents:
            vault.store(self._settings, self._contents)
        self.journal.append(self._events)
        self._contents, self._bytes, self._events = {}, 0, []


def _now() -> str:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _made_up_hash(code: str, seen: Seen) -> str:
    """Stands for a content that is never read; the same entry gives the same one."""
    times = f"\0{seen.size}\0{seen.mtime_ns}" if seen.is_file else ""
    return hashlib.sha256(os.fsencode(f"{code}\0{seen.name}{times}")).hexdigest()


def _synthetic_list(settings: Settings) -> frozenset[str]:
    try:
        text = (settings.inbox / SYNTHETIC_LIST).read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(text.split())


def _kind(data: bytes, sha256: str, synthetic: frozenset[str]) -> str:
    """Synthetic if the file carries the mark of `samples` or stands in the inbox's list.

    The one small member is unpacked without a zip library: it must cost microseconds, and a
    file that hides the mark only passes for a real one, which is refused where it matters.
    """
    if sha256 in synthetic:
        return SYNTHETIC
    found = _CORE_PROPERTIES.search(data)
    if found is None:
        return REAL
    start = found.end() + int.from_bytes(found[2], "little")
    properties = data[start : start + _CORE_LIMIT]
    if data[found.start() + 8] == _DEFLATED:
        try:
            properties = zlib.decompressobj(-zlib.MAX_WBITS).decompress(properties, _CORE_LIMIT)
        except zlib.error:
            return REAL
    return SYNTHETIC if _KEYWORDS.search(properties) else REAL


def _refuse_mix(of_warehouse: str, of_file: str) -> None:
    if of_warehouse and of_file != of_warehouse:
        raise Refusal("SYNTHETIC_MIX" if of_file == SYNTHETIC else "REAL_MIX")
