"""What a release says, reduced to a comparable value; and what a warehouse must never show.

Belongs here: helpers that several pipeline tests share.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

# Columns that tell when something was done, not what is so.
_TIMES = {"received_at", "stale_since", "computed_at", "read_seconds", "seq"}


def logical_hash(database: Path) -> dict[str, str]:
    """Per table of `marts`, and of the deliveries: number of rows and an order-free hash."""
    result = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema = 'marts' or table_name in ('delivery', 'rejection') order by all"
        ).fetchall()
        for schema, table in tables:
            columns = connection.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = ? and table_name = ? order by column_name",
                [schema, table],
            ).fetchall()
            # The last digits of a sum hang on the order in which two threads added it up.
            row = ", ".join(
                f'round("{name}", 9)' if kind == "DOUBLE" else f'"{name}"'
                for name, kind in columns
                if name not in _TIMES
            )
            found = connection.execute(
                f'select count(*), bit_xor(hash({row})) from {schema}."{table}"'
            ).fetchone()
            result[f"{schema}.{table}"] = str(found)
    return result


def broken_invariants(root: Path, editions: list[dict[str, str]]) -> list[str]:
    """Which of the invariants does a warehouse break, after a kill or after a rerun?

    I1: the published file opens, fits its manifest and equals one of `editions` (none published
    yet is an edition too, as an empty dict). I2: every journalled file is in the vault under its
    hash. I4: no temporary file is left (only asked of a finished run, see `leftovers`).
    """
    broken = []
    published = root / "current" / "msoko.duckdb"
    if published.exists():
        manifest = json.loads((published.parent / "manifest.json").read_text(encoding="utf-8"))
        actual = hashlib.sha256(published.read_bytes()).hexdigest()
        if manifest["sha256"] != actual:
            broken.append("I1: the published file does not fit its manifest")
        elif logical_hash(published) not in editions:
            broken.append("I1: the published file is no accepted edition")
    elif {} not in editions:
        broken.append("I1: nothing is published any more")
    journal = root / "vault" / "journal.jsonl"
    if journal.exists():
        for line in journal.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            digest = event.get("sha256")
            if event.get("event") != "received" or not digest:
                continue
            stored = root / "vault" / digest[:2] / digest
            if not stored.exists() or hashlib.sha256(stored.read_bytes()).hexdigest() != digest:
                broken.append(f"I2: {digest[:16]} is journalled but not in the vault")
    return broken


def leftovers(root: Path) -> list[str]:
    """Temporary files that a finished run has left behind (I4)."""
    found = []
    for path in root.rglob("*"):
        name = path.name
        temporary = name.endswith((".part", ".tmp", ".wal")) or name.startswith("cand-")
        if temporary and "dagster" not in path.parts:
            found.append(str(path.relative_to(root)))
    return found
