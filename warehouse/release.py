"""Releases: the immutable files that BI reads, and the link that names the current one.

Belongs here: publishing a candidate, verifying, pinning, rolling back, retention. Not here:
which relations are published and what is written into `meta` (orchestration.publish).

A release is a folder `releases/<id>/` with `msoko.duckdb` and `manifest.json`. Nothing in it is
changed after it has got its name. `current` is a symlink to the folder, not to the file: DuckDB
names the catalogue after the file and caches open databases by their real path, so a reader's
next connection sees the new release and saved queries keep their catalogue name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.database import open_file
from warehouse.settings import Settings
from warehouse.state import sync_folder, write_durably

FILE = "msoko.duckdb"
MANIFEST = "manifest.json"
PIN = "pin.json"
# Readable by every client from DuckDB 1.2 on; the default of a newer DuckDB may not be.
STORAGE_VERSION = "v1.2.0"
_CANDIDATE_PREFIX = ".candidate-"


class ReleaseError(Exception):
    """A release cannot be published, found or trusted; the text says which and why."""


@dataclass(frozen=True)
class Release:
    """The manifest of one release.

    Attributes:
        release_id: name of the folder; sorts by time.
        seq: one more than the parent's; order does not hang on the clock.
        built_at: UTC, ISO 8601.
        run_id: the Dagster run that built it.
        parent: release that stood when this one was built.
        kind: 'real' or 'synthetic'.
        fingerprint: hash of what the figures stand on; equal inputs make no new release.
        sha256: hash of the database file.
        size: bytes of the database file.
        tables: 'schema.table' → number of rows.
        checks: outcome of the rules: passed, warnings, held.
        storage_version: storage format of the file.
    """

    release_id: str
    seq: int
    built_at: str
    run_id: str
    parent: str | None
    kind: str
    fingerprint: str
    sha256: str = ""
    size: int = 0
    tables: Mapping[str, int] = field(default_factory=dict)
    checks: Mapping[str, int] = field(default_factory=dict)
    storage_version: str = STORAGE_VERSION


def new_release(
    settings: Settings, *, run_id: str, kind: str, fingerprint: str, now: datetime | None = None
) -> Release:
    """The head of a release that is about to be built on top of the current one."""
    parent = current_release(settings)
    built_at = (now or datetime.now(UTC)).astimezone(UTC)
    token = hashlib.sha256(f"{run_id}\0{fingerprint}".encode()).hexdigest()[:8]
    known = releases(settings)
    return Release(
        release_id=f"{built_at:%Y%m%dT%H%M%S.%f}Z-{token}",
        seq=1 + max((release.seq for release in known), default=0),
        built_at=built_at.isoformat(timespec="seconds"),
        run_id=run_id,
        parent=parent.release_id if parent else None,
        kind=kind,
        fingerprint=fingerprint,
    )


def publish(
    settings: Settings,
    release: Release,
    build: Callable[[duckdb.DuckDBPyConnection], None],
    checks: Mapping[str, int],
    beside: Sequence[Path] = (),
) -> Release:
    """Build a new file, make it durable, give it its name and switch `current` to it.

    Args:
        settings: the installation.
        release: head of the release, from `new_release`.
        build: fills the empty database it is given; its schemas become the release.
        checks: outcome of the rules, for the manifest.
        beside: files of which the release keeps a copy.

    Returns:
        The complete manifest.

    Raises:
        ReleaseError: another release was published meanwhile, or the file is not whole.
    """
    candidate = settings.releases / f"{_CANDIDATE_PREFIX}{release.release_id}"
    candidate.mkdir(mode=0o750)
    database = candidate / FILE
    with open_file(
        database, read_only=False, storage_version=STORAGE_VERSION, scratch=settings.scratch
    ) as connection:
        build(connection)
        connection.execute("checkpoint")
    if database.with_name(f"{FILE}.wal").exists():
        raise ReleaseError(f"{release.release_id}: рядом с файлом выпуска остался журнал")
    complete = Release(
        **{
            **asdict(release),
            "sha256": file_sha256(database),
            "size": database.stat().st_size,
            "tables": count_rows(database),
            "checks": dict(checks),
        }
    )
    for path in beside:
        copy = Path(shutil.copyfile(path, candidate / path.name))
        _sync_file(copy)
        copy.chmod(0o440)
    _sync_file(database)
    database.chmod(0o440)
    write_durably(
        candidate / MANIFEST,
        json.dumps(asdict(complete), ensure_ascii=False, indent=1, sort_keys=True),
    )
    parent = current_release(settings)
    if (parent.release_id if parent else None) != release.parent:
        raise ReleaseError(f"{release.release_id}: пока он строился, вышел другой выпуск")
    candidate.rename(settings.releases / release.release_id)
    sync_folder(settings.releases)
    _switch(settings, release.release_id)
    return complete


def count_rows(database: Path) -> dict[str, int]:
    """Rows of each table of a DuckDB file."""
    with open_file(database) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        counts: dict[str, int] = {}
        for schema, table in tables:
            row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
            counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def releases(settings: Settings) -> list[Release]:
    """Releases that are on the disk, oldest first."""
    found = []
    for manifest in settings.releases.glob(f"[0-9]*/{MANIFEST}"):
        release = _read_manifest(manifest)
        if release:
            found.append(release)
    return sorted(found, key=lambda release: release.seq)


def current_release(settings: Settings) -> Release | None:
    """The release that `current` names; None before the first one."""
    try:
        target = settings.current.readlink()
    except OSError:
        return None
    return _read_manifest(settings.root / target / MANIFEST)


def verify(settings: Settings, release: Release) -> str | None:
    """What is wrong with a release, in a Russian phrase; None if it is as it was published."""
    database = settings.releases / release.release_id / FILE
    if not database.is_file():
        return "нет файла"
    if database.with_name(f"{FILE}.wal").exists():
        return "рядом с файлом лежит журнал записи"
    if file_sha256(database) != release.sha256:
        return "файл изменён после публикации"
    if count_rows(database) != dict(release.tables):
        return "число строк не то, что при публикации"
    return None


def repair(settings: Settings) -> str | None:
    """Switch to the newest whole release if the current one is not whole.

    Returns:
        A Russian sentence about what was done; None if nothing had to be.
    """
    current = current_release(settings)
    known = releases(settings)
    if current is None and not known:
        return None
    fault = verify(settings, current) if current else "нет описания выпуска"
    if fault is None:
        return None
    broken = current.release_id if current else "текущий выпуск"
    for release in reversed(known):
        if release != current and verify(settings, release) is None:
            _switch(settings, release.release_id)
            return f"{broken}: {fault}; возвращён выпуск {release.release_id}"
    return f"{broken}: {fault}; целого выпуска нет, поможет msoko rebuild"


def roll_back(settings: Settings, release_id: str | None = None) -> Release:
    """Make an earlier release the current one.

    Args:
        settings: the installation.
        release_id: which one; by default the newest whole one before the current.

    Raises:
        ReleaseError: there is no such release, or it is not whole.
    """
    current = current_release(settings)
    known = releases(settings)
    if release_id:
        candidates = [release for release in known if release.release_id == release_id]
    else:
        candidates = [
            release for release in reversed(known) if not current or release.seq < current.seq
        ]
    fault: str | None = "его нет среди выпусков" if release_id else "более раннего выпуска нет"
    for release in candidates:
        fault = verify(settings, release)
        if fault is None:
            _switch(settings, release.release_id)
            return release
    raise ReleaseError(f"откат невозможен: {release_id or 'предыдущий выпуск'}: {fault}")


def pin(settings: Settings, release_id: str, reason: str) -> None:
    """Keep a release for as long as a document cites it.

    Raises:
        ReleaseError: there is no such release.
    """
    folder = _folder(settings, release_id)
    note = {"reason": reason, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    write_durably(folder / PIN, json.dumps(note, ensure_ascii=False))


def unpin(settings: Settings, release_id: str) -> None:
    """Let retention remove a release again.

    Raises:
        ReleaseError: there is no such release.
    """
    (_folder(settings, release_id) / PIN).unlink(missing_ok=True)


def pin_reason(settings: Settings, release_id: str) -> str | None:
    """Why a release is pinned; None if it is not."""
    try:
        note = json.loads((settings.releases / release_id / PIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(note.get("reason", ""))


def remove_old(settings: Settings) -> list[str]:
    """Remove releases beyond the last `releases_keep`, but never the current or a pinned one.

    A reader that has a removed file open keeps reading it.
    """
    current = current_release(settings)
    old = releases(settings)[: -settings.releases_keep]
    removed = []
    for release in old:
        if release == current or pin_reason(settings, release.release_id) is not None:
            continue
        # Renamed first: a kill in the middle leaves a leftover, not half a release.
        doomed = settings.releases / f"{_CANDIDATE_PREFIX}{release.release_id}"
        (settings.releases / release.release_id).rename(doomed)
        shutil.rmtree(doomed)
        removed.append(release.release_id)
    return removed


def remove_leftovers(settings: Settings) -> None:
    """Wipe what a killed run left behind; called under the lock when a run starts."""
    for candidate in settings.releases.glob(f"{_CANDIDATE_PREFIX}*"):
        shutil.rmtree(candidate)
    for link in settings.root.glob(".current-*"):
        link.unlink()


def _folder(settings: Settings, release_id: str) -> Path:
    if not any(release.release_id == release_id for release in releases(settings)):
        raise ReleaseError(f"выпуска {release_id} нет")
    return settings.releases / release_id


def _read_manifest(path: Path) -> Release | None:
    try:
        return Release(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _switch(settings: Settings, release_id: str) -> None:
    temporary = settings.root / f".current-{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path(settings.releases.name) / release_id, target_is_directory=True)
    temporary.replace(settings.current)
    sync_folder(settings.root)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
