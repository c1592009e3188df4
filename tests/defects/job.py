"""Some cells of the matrix through the whole job: inbox, readers in processes, gate, Dagster.

Belongs here: drawing them, putting the spoilt files into the inbox of a clean warehouse, asking the
build database. Not here: the demands on an answer (`cells`).
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.contracts import load_contracts
from ingestion.receive import SYNTHETIC_LIST
from tests.defects.cells import CAUGHT, Cell, Found, context, fits, spoil
from tests.defects.matrix import BY_CODE, library
from tests.defects.paper import Draft, NotApplicable
from warehouse.database import open_database
from warehouse.settings import Settings, load_settings

_SEED = 20


@dataclass(frozen=True)
class Drawn:
    """A spoilt file on its way."""

    operator: str
    layout: str
    table: str
    draft: Draft
    data: bytes
    expected: tuple[str, ...]

    @property
    def delivery_id(self) -> str:
        return hashlib.sha256(self.data).hexdigest()[:16]


def through_the_job(root: Path, cells: Sequence[Cell], number: int) -> str:
    """Run the job on a clean city and once more with spoilt files; a sentence on what it said."""
    from orchestration import REFRESH
    from orchestration.launch import launch
    from samples.city import write_city

    os.environ["MSOKO_WAREHOUSE"] = str(root / "job")
    os.environ["MSOKO_KEY_FILE"] = str(root / "job.key")
    os.environ["MSOKO_SETTLE_SECONDS"] = "0"
    settings = load_settings()
    settings.make_folders()
    write_city(settings.inbox, 7, 2, 7, plant=False, impure=False, settings=settings)
    launch(settings, REFRESH, {}, lambda line: None)
    drawn = draw(settings, cells, number)
    deliver(settings, drawn)
    launch(settings, REFRESH, {}, lambda line: None)
    with open_database(settings, read_only=True) as con:
        missed = [f"{one.operator} {one.layout}" for one in drawn if not _seen(con, one)]
    caught = len(drawn) - len(missed)
    text = (
        f"- through the whole job (Dagster, readers in processes, gate): {caught} of "
        f"{len(drawn)} cells drawn by seed"
    )
    return f"{text}; missed: {', '.join(missed)}" if missed else text


def draw(settings: Settings, cells: Sequence[Cell], number: int) -> list[Drawn]:
    """Caught cells in random order, each of another table, so that none hides another one."""
    context()
    inbox = settings.inbox
    paths = [p for p in sorted(inbox.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    papers = library((str(p.relative_to(inbox)), p.read_bytes()) for p in paths)
    restricted = {name for name, item in load_contracts().items() if item.restricted}
    order = [c for c in cells if c.verdict == CAUGHT and c.table not in {*restricted, "school"}]
    random.Random(_SEED).shuffle(order)
    drawn: dict[str, Drawn] = {}
    for cell in order:
        if len(drawn) == number:
            break
        operator = BY_CODE[cell.operator]
        if cell.table in drawn or cell.layout not in papers:
            continue
        try:
            draft, expected = spoil(operator, papers[cell.layout][0], cell.seed)
        except NotApplicable:
            continue
        if draft.alone:
            continue
        data = draft.render()
        drawn[cell.table] = Drawn(
            cell.operator, cell.layout, cell.table, draft, data, expected
        )  # fmt: skip
    return list(drawn.values())


def deliver(settings: Settings, drawn: Sequence[Drawn]) -> None:
    """Put the files where the clean ones lie; all are known as synthetic."""
    hashes = "".join(f"{hashlib.sha256(one.data).hexdigest()}\n" for one in drawn)
    with (settings.inbox / SYNTHETIC_LIST).open("a", encoding="ascii") as file:
        file.write(hashes)
    for one in drawn:
        path = settings.inbox / one.draft.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.data)


def _seen(con: Any, one: Drawn) -> bool:
    """Whether the job found what the cell found."""
    found = []
    rows = con.execute(
        "select status, reason_code, rows_rejected, rows_outside_register from meta.delivery "
        "where delivery_id = ?", [one.delivery_id],
    ).fetchall()  # fmt: skip
    for status, code, rejected, outside in rows:
        if code:
            found.append(Found("file", code))
        if status in ("same_rows", "accepted") and not rejected:
            found += [Found("same", ""), Found("blank", "")]
        if outside:
            found.append(Found("outside", ""))
    marked = {number for number, _ in one.draft.marks}
    for number, code in con.execute(
        "select row_no, code from meta.rejection where delivery_id = ?", [one.delivery_id]
    ).fetchall():
        if number in marked:
            found.append(Found("row", code))
    checks = con.execute(
        "select check_name from meta.check_result where table_name = ? and not success",
        [one.table],
    ).fetchall()
    found += [Found("gate", name) for (name,) in checks]
    return any(fits(expected, item) for expected in one.expected for item in found)
