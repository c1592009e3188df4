"""Blank forms for senders, with the schools that the register holds now.

Belongs here: which forms a name means, the schools to choose from. Not here: how a form looks
(`ingestion.reply`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingestion.contracts import Contract, load_contracts
from ingestion.reply import seedbook
from ingestion.reply.template import templates_of, write_template
from warehouse.database import open_database
from warehouse.lock import warehouse_lock
from warehouse.settings import Settings


class FormNameError(Exception):
    """The name means no form; the text lists those that there are."""


def write_forms(
    settings: Settings, name: str | None, folder: Path, waiting: Callable[[], None]
) -> list[Path]:
    """Write the forms of a table or a source, or all forms.

    Args:
        settings: the installation.
        name: table, source (S19), S40 for the reference seeds; None for all forms.
        folder: where to; made if it is missing.
        waiting: called if a run has to be waited for.

    Raises:
        FormNameError: the name means no form.
        OSError: a file cannot be written.
    """
    contracts = _all() if name is None else templates_of(name)
    wants_seeds = name in (None, seedbook.SOURCE)
    if not contracts and not wants_seeds:
        known = sorted({x for c in _all() for x in (c.table, c.source)} | {seedbook.SOURCE})
        raise FormNameError(f"формы {name} нет; есть: {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    schools = _schools(settings, waiting) if any(c.school for c in contracts) else []
    paths = []
    for contract in contracts:
        path = folder / f"{contract.table}.xlsx"
        write_template(contract, path, schools)
        paths.append(path)
    if wants_seeds:
        path = folder / f"{seedbook.SOURCE}.xlsx"
        seedbook.write_seed_book(path)
        paths.append(path)
    return paths


def _all() -> list[Contract]:
    """Forms that every sender may have; lists of children are asked for by name only."""
    return [c for c in load_contracts().values() if c.template and not c.restricted]


def _schools(settings: Settings, waiting: Callable[[], None]) -> list[tuple[str, str]]:
    if not settings.database.exists():
        return []
    with warehouse_lock(settings, waiting), open_database(settings, read_only=True) as connection:
        made = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = 'school'"
        ).fetchone()
        if not made:
            return []
        return connection.execute(
            "select school_id, short_name from raw.school"
            " where municipality_id = ? and closed_on is null order by short_name, school_id",
            [settings.municipality_id],
        ).fetchall()
