"""What the last completed run stood on: `work/state.json`.

Belongs here: reading and writing that file. A run writes it as its very last act, so that a
run that was killed is resumed by the next one. Not here: deciding what is new (orchestration).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from warehouse.settings import Settings


@dataclass(frozen=True)
class State:
    """One completed run.

    Attributes:
        run_id: the Dagster run.
        completed_at: UTC, ISO 8601.
        release_id: the release that stood when the run ended.
        journal_seq: last line of the vault's journal that the run has seen.
        hashes: part of the product (contracts, code, dbt, config) → hash of its files.
        sources: source of the models → fingerprint of what they were built on.
        held: tables that stand at an earlier state, with the number of failed rules.
        accepted_until: day after which something that a person accepted is judged again, ISO.
    """

    run_id: str
    completed_at: str
    release_id: str
    journal_seq: int
    hashes: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    accepted_until: str = ""


def _path(settings: Settings) -> Path:
    return settings.work / "state.json"


def read_state(settings: Settings) -> State | None:
    """The last completed run; None if there is none or the file is not ours."""
    try:
        return State(**json.loads(_path(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_state(settings: Settings, state: State) -> None:
    """Replace the file in one step."""
    write_durably(
        _path(settings), json.dumps(asdict(state), ensure_ascii=False, indent=1, sort_keys=True)
    )


def forget_state(settings: Settings) -> None:
    """Make the next run start from nothing."""
    _path(settings).unlink(missing_ok=True)


def write_durably(path: Path, text: str) -> None:
    """Write a small file so that after a power cut it is either the old or the new one."""
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the folder itself: a rename is durable only after that."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
