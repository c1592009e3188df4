"""All cells of the matrix, in worker processes; the clean variations; totals.

Belongs here: which cells there are and how they are spread over processes. Not here: one cell
(`cells`), the table that people read (`report`).
"""

from __future__ import annotations

import multiprocessing
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ingestion.contracts import load_contracts
from tests.defects import (
    clean,
    of_bytes,
    of_cells,
    of_files,
    of_groups,
    of_results,
    of_sources,
    of_tables,
)
from tests.defects.cells import NOT_APPLICABLE, Cell, context, run
from tests.defects.city import City, build, settings_of, write_clean
from tests.defects.operator import Operator
from tests.defects.paper import Paper, load

OPERATORS: tuple[Operator, ...] = (
    *of_bytes.OPERATORS, *of_tables.OPERATORS, *of_cells.OPERATORS, *of_results.OPERATORS,
    *of_groups.OPERATORS, *of_files.OPERATORS, *of_sources.OPERATORS,
)  # fmt: skip
BY_CODE = {operator.code: operator for operator in OPERATORS}
SEEDS = 5
SHORT = 40
_FILES_OF_A_LAYOUT = 12


@dataclass(frozen=True)
class Size:
    """How large the matrix's cities are, and how many seeds and variations it has."""

    schools: int = 7
    years: int = 2
    seeds: int = SEEDS
    variations: int = 200


Library = dict[str, list[Paper]]


def library(files: Iterable[tuple[str, bytes]]) -> Library:
    """Papers by layout, of each a few, small and large ones."""
    found: Library = defaultdict(list)
    for name, data in files:
        paper = load(name, data)
        if paper.blocks and len(found[paper.layout]) < _FILES_OF_A_LAYOUT:
            found[paper.layout].append(paper)
    return found


def prepare(root: Path, size: Size) -> None:
    """The two cities: one in force, and one of many years whose files have all layouts."""
    build(root / "base", schools=size.schools, years=size.years, seed=7)
    wide = settings_of(root / "wide")
    write_clean(wide, schools=5, years=7, seed=11)


def unknown_layouts(papers: Library) -> list[str]:
    """Layouts of the contracts of which no city has a file."""
    known = {item.id for contract in load_contracts().values() for item in contract.layouts}
    return sorted(known - papers.keys())


def wide_library(root: Path) -> Library:
    inbox = settings_of(root / "wide").inbox
    paths = [p for p in sorted(inbox.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    files = ((str(path.relative_to(inbox)), path.read_bytes()) for path in paths)
    return {
        layout: [paper.short(SHORT) for paper in papers[:SEEDS]]
        for layout, papers in library(files).items()
    }


def cells_of(
    operator: Operator, papers: Sequence[Paper], seeds: Iterable[int], of: City | None, ctx: object
) -> list[Cell]:
    """One cell for each seed; each begins with another file and takes the next if it must."""
    fitting = [paper for paper in papers if operator.where(paper)]
    cells = []
    for seed in seeds if fitting else ():
        for k in range(len(fitting)):
            paper = fitting[(seed * 7 + k) % len(fitting)]
            cell = run(operator, paper, seed, ctx, of)
            if cell.verdict != NOT_APPLICABLE:
                break
        cells.append(cell)
    return cells


def read_cells(root: Path, codes: Sequence[str], seeds: int) -> list[Cell]:
    """Cells of operators that reading decides."""
    ctx = context()
    papers = wide_library(root)
    return [
        cell for code in codes for own in papers.values()
        for cell in cells_of(BY_CODE[code], own, range(seeds), None, ctx)
    ]  # fmt: skip


def gate_cells(root: Path, codes: Sequence[str], seeds: int, worker: int) -> list[Cell]:
    """Cells of operators that need the gate."""
    own = root / f"worker{worker}"
    shutil.rmtree(own, ignore_errors=True)
    with City(root / "base", own) as city:
        whole = library(city.files().items())
        short = {k: [paper.short(SHORT) for paper in v[:SEEDS]] for k, v in whole.items()}
        found = []
        for code in codes:
            papers = whole if BY_CODE[code].whole else short
            for layout in papers:
                found += cells_of(BY_CODE[code], papers[layout], range(seeds), city, city.context)
    shutil.rmtree(own, ignore_errors=True)
    return found


def _work(job: tuple[str, Path, tuple[str, ...], int, int]) -> tuple[str, object]:
    kind, root, codes, seeds, number = job
    if kind == "read":
        return kind, read_cells(root, codes, seeds)
    if kind == "gate":
        return kind, gate_cells(root, codes, seeds, number)
    return kind, clean.variations(root, range(number, number + seeds))


def run_all(root: Path, size: Size, processes: int = 2) -> tuple[list[Cell], list[clean.Clean]]:
    """The whole matrix and the clean variations."""
    started = time.monotonic()
    prepare(root, size)
    read = tuple(o.code for o in OPERATORS if not o.to_gate)
    gate = [o.code for o in OPERATORS if o.to_gate]
    jobs: list[tuple[str, Path, tuple[str, ...], int, int]] = []
    jobs += [("gate", root, tuple(gate[n::12]), size.seeds, n) for n in range(12)]
    jobs += [("read", root, read[n::4], size.seeds, n) for n in range(4)]
    step = 20
    jobs += [("clean", root, (), min(step, size.variations - n), n)
             for n in range(0, size.variations, step)]  # fmt: skip
    cells: list[Cell] = []
    cleans: list[clean.Clean] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, max_tasks_per_child=1) as pool:
        for number, (kind, result) in enumerate(pool.map(_work, jobs), 1):
            (cleans if kind == "clean" else cells).extend(result)  # type: ignore[arg-type]
            minutes = (time.monotonic() - started) / 60
            print(f"{number}/{len(jobs)} {kind}: {len(cells)} cells, {len(cleans)} clean cities, "
                  f"{minutes:.1f} min", flush=True)  # fmt: skip
    return cells, cleans
