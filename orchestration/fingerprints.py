"""Hashes of the product itself: has the code or the configuration changed since the last run?

Belongs here: which files stand for which part of the product. Imports nothing heavy, because
every look for news asks it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from warehouse.settings import DBT_PROJECT, PROJECT


def dbt_hash() -> str:
    """Models, seeds, macros and tests: all that figures hang on."""
    return _dbt_hash((".sql", ".yml", ".csv"))


def compiled_hash() -> str:
    """What the compiled SQL hangs on: rows of seeds do not change it."""
    return _dbt_hash((".sql", ".yml"))


def _dbt_hash(suffixes: tuple[str, ...]) -> str:
    folders = (DBT_PROJECT / name for name in ("models", "macros", "seeds", "tests"))
    files = [
        path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in suffixes
    ]
    return _hash([*sorted(DBT_PROJECT.glob("*.yml")), *files])


def product_hashes() -> dict[str, str]:
    """Part of the product → hash of the files that a run's result hangs on."""
    config = Path(os.environ.get("MSOKO_CONFIG") or PROJECT / "msoko.yml")
    code = [
        path
        for room in ("ingestion", "expectations")
        for path in sorted((PROJECT / room).rglob("*.py"))
    ]
    return {
        "contracts": _hash(sorted((PROJECT / "ingestion" / "contracts").glob("*.yml"))),
        "code": _hash(code),
        "dbt": dbt_hash(),
        "config": _hash([config]),
    }


def build_format() -> str:
    """The code that defines tables of the build database: another one, another database."""
    return _hash([PROJECT / "warehouse" / "database.py", PROJECT / "ingestion" / "deliveries.py"])


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
