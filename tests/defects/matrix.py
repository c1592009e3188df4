"""All cells of the matrix, in worker processes; the clean variations; totals.

Belongs here: which cells there are and how they are spread over processes. Not here: one cell
(`cells`), the table that people read (`report`).
"""

from __future__ import annotations

import multiprocessing
import pickle
import re
import shutil
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
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
_ROWS = re.compile(r"G0[12378]|G09|G1[01]|G19-.*|G20-.*|S1[0457]|S2[1-5]|S26|S33")
# Of these the gate judges every row by itself, so files of several tables may go there together;
# but not a file of a table that others are compared with.
ROWWISE = frozenset(o.code for o in OPERATORS if not o.whole or _ROWS.fullmatch(o.code))
COMPARED_WITH = frozenset({"pupil_year", "staff", "fsn_cell", "school", "vpr_pupil", "leaver"})
SEEDS = 5
SHORT = 40
_FILES_OF_A_LAYOUT = 12
_ROW_JOBS, _GATE_JOBS, _READ_JOBS, _CLEAN_CITIES = 4, 8, 4, 10


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


def in_rounds(
    operators: Sequence[Operator], whole: Library, short: Library, seeds: int, city: City
) -> list[Cell]:
    """Cells of operators that the gate judges row by row.

    In each round every table hands in one file, and all of them go to the gate at once.
    """
    waiting: dict[str, list[tuple[Operator, list[Paper], int]]] = defaultdict(list)
    for operator in operators:
        for papers in (whole if operator.whole else short).values():
            if fitting := [paper for paper in papers if operator.where(paper)]:
                waiting[papers[0].table] += [(operator, fitting, n) for n in range(seeds)]
    cells: list[Cell] = []
    while waiting:
        open_ = []
        for table in list(waiting):
            if (one := _next_open(waiting[table], cells, city.context)) is not None:
                open_.append(one)
            if not waiting[table]:
                del waiting[table]
        if open_:
            said = city.deliver([(one.reading, one.draft.name) for one in open_])
            cells += [one.end(said[one.reading.delivery_id]) for one in open_]
    return cells


def _next_open(
    queue: list[tuple[Operator, list[Paper], int]], cells: list[Cell], ctx: ReadContext
) -> Waiting | None:
    """The next cell of a table that the gate has to decide; those that it need not are done."""
    while queue:
        operator, papers, seed = queue.pop(0)
        one = first_fitting(operator, papers, seed, ctx)
        if one is None:
            cells.append(_not_applicable(operator, papers, seed))
        elif one.open:
            return one
        else:
            cells.append(one.end([]))
    return None


def read_cells(root: Path, codes: Sequence[str], seeds: int) -> list[Cell]:
    """Cells of operators that reading decides."""
    ctx = context()
    papers = wide_library(root)
    return [
        cell for code in codes for own in papers.values()
        for cell in cells_of(BY_CODE[code], own, range(seeds), None, ctx)
    ]  # fmt: skip


def gate_cells(root: Path, job: Job) -> list[Cell]:
    """Cells of operators that need the gate: `rows` of a share of the tables, or one by one."""
    own = root / f"worker-{job.kind}-{job.number}"
    shutil.rmtree(own, ignore_errors=True)
    operators = [BY_CODE[code] for code in job.codes]
    with City(root / "base", own) as city:
        whole = library(city.files().items())
        if job.kind == "rows":
            whole = {k: v for k, v in whole.items() if _share(v[0].table) == job.number}
            short = {k: [paper.short(SHORT) for paper in v[:SEEDS]] for k, v in whole.items()}
            alone = {k for k, v in whole.items() if v[0].table in COMPARED_WITH}
            found = in_rounds(operators, *(
                {k: v for k, v in papers.items() if k not in alone} for papers in (whole, short)
            ), job.seeds, city)  # fmt: skip
            for layout in alone:
                found += in_rounds(
                    operators, {layout: whole[layout]}, {layout: short[layout]}, job.seeds, city
                )
        else:
            found = [
                cell for operator in operators for papers in whole.values()
                for cell in cells_of(operator, papers, range(job.seeds), city, city.context)
            ]  # fmt: skip
    shutil.rmtree(own, ignore_errors=True)
    return found


def _share(table: str) -> int:
    """Which of the jobs has the rows of a table."""
    return sorted(load_contracts()).index(table) % _ROW_JOBS


@dataclass(frozen=True)
class Job:
    """A part of the work: `codes` of operators, or clean cities from `number` on."""

    kind: str
    codes: tuple[str, ...]
    seeds: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}-{zlib.crc32(repr(self).encode()):08x}.pkl"


def _work(root: Path, job: Job) -> tuple[str, list[object], float]:
    """Do a job, or take its result if it was done before an interruption."""
    path = root / job.name
    if path.exists():
        found: tuple[str, list[object], float] = pickle.loads(path.read_bytes())
        return found
    started = time.monotonic()
    result: list[object] = []
    if job.kind == "read":
        result += read_cells(root, job.codes, job.seeds)
    elif job.kind == "clean":
        result += clean.variations(root, range(job.number, job.number + job.seeds))
    else:
        result += gate_cells(root, job)
    done = job.kind, result, time.monotonic() - started
    path.write_bytes(pickle.dumps(done))
    return done


def jobs_of(size: Size) -> list[Job]:
    read = tuple(o.code for o in OPERATORS if not o.to_gate)
    rows = tuple(o.code for o in OPERATORS if o.to_gate and o.code in ROWWISE)
    gate = tuple(o.code for o in OPERATORS if o.to_gate and o.code not in ROWWISE)
    return [
        *(Job("rows", rows, size.seeds, n) for n in range(_ROW_JOBS)),
        *(Job("gate", gate[n::_GATE_JOBS], size.seeds, n) for n in range(_GATE_JOBS)),
        *(Job("read", read[n::_READ_JOBS], size.seeds, n) for n in range(_READ_JOBS)),
        *(Job("clean", (), min(_CLEAN_CITIES, size.variations - n), n)
          for n in range(0, size.variations, _CLEAN_CITIES)),
    ]  # fmt: skip


def run_all(
    root: Path, size: Size, processes: int = 2
) -> tuple[list[Cell], list[clean.Clean], float]:
    """The whole matrix and the clean variations; minutes that it took on so many processes."""
    started = time.monotonic()
    if not (root / "prepared").exists():
        prepare(root, size)
        (root / "prepared").touch()
    seconds = time.monotonic() - started
    jobs = jobs_of(size)
    cells: list[Cell] = []
    cleans: list[clean.Clean] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, max_tasks_per_child=1) as pool:
        for number, done in enumerate(pool.map(partial(_work, root), jobs), 1):
            (cleans if done[0] == "clean" else cells).extend(done[1])  # type: ignore[arg-type]
            seconds += done[2] / processes
            print(f"{number}/{len(jobs)} {done[0]}: {len(cells)} cells, {len(cleans)} clean cities,"
                  f" {seconds / 60:.1f} min", flush=True)  # fmt: skip
    return cells, cleans, seconds / 60
