"""Which deliveries a rebuild must not stumble over: `work/held.json`.

Belongs here: keeping the list of held deliveries while the build database is made anew. A held
table stands without them, and from the vault alone nobody could tell which they were.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from warehouse.database import open_database
from warehouse.settings import Settings
from warehouse.state import write_durably


def keep_held(settings: Settings) -> None:
    """Write down what is held now; called before the build database is removed."""
    if not settings.database.exists():
        return
    try:
        with open_database(settings, read_only=True) as connection:
            rows = connection.execute(
                "select delivery_id from meta.delivery where status = 'held' order by 1"
            ).fetchall()
    except duckdb.Error:
        # A database that cannot be opened tells nothing; it is why somebody rebuilds.
        return
    if rows:
        write_durably(_path(settings), json.dumps([row[0] for row in rows]))


def held_before(settings: Settings) -> set[str]:
    """The deliveries that were held before the rebuild; empty outside one."""
    try:
        return set(json.loads(_path(settings).read_text(encoding="ascii")))
    except (OSError, ValueError):
        return set()


def forget_held(settings: Settings) -> None:
    """Called when the raw tables stand again."""
    _path(settings).unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    return settings.work / "held.json"
