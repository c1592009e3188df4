"""Clean variations: other seeds, sizes, years and spellings, in which nothing may be alarmed at.

Belongs here: making such a city, taking it in, counting what the gate says. Not here: defects.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from expectations.worker import GateProcess
from samples.city import write_city
from samples.impurity import Impurity
from tests.defects.city import judged, settings_of
from warehouse.database import open_database

_SCHOOLS, _YEARS = (3, 4, 3, 5, 8), (1, 1, 2, 1, 1, 3)


@dataclass(frozen=True)
class Clean:
    """What the gate said of one clean city.

    Attributes:
        papers: school-papers, a school's rows of one part of one table.
        critical, warnings: (table, rule, number of failing groups or rows, detail).
        refused: files that reading refused, with the reason.
    """

    seed: int
    schools: int
    years: int
    spelt: bool
    papers: int
    critical: tuple[tuple[str, str, int, str], ...]
    warnings: tuple[tuple[str, str, int, str], ...]
    refused: tuple[str, ...]


@contextmanager
def _spellings_only() -> Iterable[None]:
    """Cells spelt as people do, but no total changed and no score spoilt."""

    def chosen(self: Impurity, rows: int, rate: float) -> list[int]:
        if rate in (9e-4, 2e-5):
            return []
        count = self.rng.binomial(rows, rate)
        return self.rng.integers(0, rows, count).tolist() if count else []

    with mock.patch.object(Impurity, "_chosen", chosen):
        yield


def variation(root: Path, seed: int, judge: GateProcess) -> Clean:
    """One clean city from the inbox to the verdicts."""
    shutil.rmtree(root, ignore_errors=True)
    schools, years = _SCHOOLS[seed % len(_SCHOOLS)], _YEARS[seed % len(_YEARS)]
    spelt = seed % 2 == 1
    settings = settings_of(root)
    settings.make_folders()
    with _spellings_only():
        write_city(settings.inbox, schools, years, 1000 + seed, plant=False, impure=spelt,
                   restricted=True, settings=settings)  # fmt: skip
    with open_database(settings) as con:
        verdicts = judged(settings, con, judge)
        papers = _papers(con)
        refused = con.execute(
            "select name || ': ' || reason_code from meta.reading where outcome <> 'read'"
        ).fetchall()
    failures = [(t, f.name, f.n_failed, f.detail[:200], f.severity)
                for t, v in verdicts.items() for f in v.failures]  # fmt: skip
    shutil.rmtree(root, ignore_errors=True)
    return Clean(
        seed, schools, years, spelt, papers,
        tuple(f[:4] for f in failures if f[4] == "critical"),
        tuple(f[:4] for f in failures if f[4] == "warning"),
        tuple(text for (text,) in refused),
    )  # fmt: skip


def _papers(con: Any) -> int:
    """A school's rows of one part of one table, over all tables."""
    tables = con.execute(
        "select table_name from duckdb_columns() where schema_name = 'incoming' "
        "and column_name = 'school_id' and table_name not like 'candidate_%'"
    ).fetchall()
    counts = " union all ".join(
        f"select count(*) as n from (select distinct school_id, delivery_id, part_no "
        f"from incoming.{table})" for (table,) in tables
    )  # fmt: skip
    return int(con.execute(f"select sum(n) from ({counts})").fetchall()[0][0])


def variations(root: Path, seeds: Iterable[int]) -> list[Clean]:
    with GateProcess() as judge:
        return [variation(root / f"clean{seed}", seed, judge) for seed in seeds]
