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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingestion.contracts import load_contracts
from ingestion.read.model import ReadContext
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
from tests.defects.cells import NOT_APPLICABLE, Cell, Waiting, begin, context
from tests.defects.city import City, build, settings_of, write_clean
from tests.defects.operator import Operator
from tests.defects.paper import NotApplicable, Paper, load

OPERATORS: tuple[Operator, ...] = (
    *of_bytes.OPERATORS, *of_tables.OPERATORS, *of_cells.OPERATORS, *of_results.OPERATORS,
    *of_groups.OPERATORS, *of_files.OPERATORS, *of_sources.OPERATORS,
)  # fmt: skip
BY_CODE = {operator.code: operator for operator in OPERATORS}
# Of these the gate judges every row by itself, so files of several tables may go there together.
ROWWISE = frozenset(
    {"G01", "G02", "G03", "G07", "G08", "G09", "G10", "G11", "S21", "S26"}
)  # fmt: skip
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


def _not_applicable(operator: Operator, papers: Sequence[Paper], seed: int) -> Cell:
    paper = papers[0]
    return Cell(operator.code, paper.layout, paper.table, seed, NOT_APPLICABLE, None)


def first_fitting(
    operator: Operator, papers: Sequence[Paper], seed: int, ctx: ReadContext
) -> Waiting | None:
    """Each seed begins with another file and takes the next one where there is nothing to spoil."""
    for k in range(len(papers)):
        with suppress(NotApplicable):
            return begin(operator, papers[(seed * 7 + k) % len(papers)], seed, ctx)
    return None


def cells_of(
    operator: Operator,
    papers: Sequence[Paper],
    seeds: Iterable[int],
    city: City | None,
    ctx: ReadContext,
) -> list[Cell]:
    """One cell for each seed."""  # fmt: skip
    fitting = [paper for paper in papers if operator.where(paper)]
    cells = []
    for seed in seeds if fitting else ():
        waiting = first_fitting(operator, fitting, seed, ctx)
        if waiting is None:
            cells.append(_not_applicable(operator, fitting, seed))
        elif waiting.open and city:
            without = [waiting.draft.paper.data] if waiting.draft.alone else []
            said = city.deliver([(waiting.reading, waiting.draft.name)], without)
            cells.append(waiting.end(said[waiting.reading.delivery_id]))
        else:
            cells.append(waiting.end([]))
    return cells


def together(operator: Operator, papers: Library, seed: int, city: City) -> list[Cell]:
    """Cells of one operator in all layouts; files of different tables go to the gate at once."""
    cells = []
    open_: dict[str, Waiting] = {}
    for own in papers.values():
        if not (fitting := [paper for paper in own if operator.where(paper)]):
            continue
        waiting = first_fitting(operator, fitting, seed, city.context)
        if waiting is None:
            cells.append(_not_applicable(operator, fitting, seed))
        elif not waiting.open:
            cells.append(waiting.end([]))
        elif waiting.draft.contract.table in open_:
            said = city.deliver([(waiting.reading, waiting.draft.name)])
            cells.append(waiting.end(said[waiting.reading.delivery_id]))
        else:
            open_[waiting.draft.contract.table] = waiting
    if open_:
        said = city.deliver([(one.reading, one.draft.name) for one in open_.values()])
        cells += [one.end(said[one.reading.delivery_id]) for one in open_.values()]
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
            operator = BY_CODE[code]
            papers = whole if operator.whole else short
            if operator.code in ROWWISE or not operator.whole:
                found += [c for n in range(seeds) for c in together(operator, papers, n, city)]
                continue
            for own_papers in papers.values():
                found += cells_of(operator, own_papers, range(seeds), city, city.context)
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
    jobs += [("gate", root, tuple(gate[n::8]), size.seeds, n) for n in range(8)]
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
