"""All cells of the matrix, in worker processes; the clean variations; totals.

Belongs here: which cells there are and how they are spread over processes. Not here: one cell
(`cells`), the table that people read (`report`).
"""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import shutil
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
# Other tables are compared with these, so their defects go to the gate one at a time. All other
# tables may go there together: rules of one say nothing about a file of another one.
ALONE = ("exam_change", "fsn_cell", "pupil_year", "school", "social_passport", "staff", "vpr_pupil")
SEEDS = 5
SHORT = 40
_FILES_OF_A_LAYOUT = 12
_GATE_JOBS, _READ_JOBS, _CLEAN_CITIES = 2, 4, 10


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
    operator: Operator, papers: Sequence[Paper], seeds: Iterable[int], ctx: ReadContext
) -> list[Cell]:
    """One cell for each seed, as far as reading goes."""
    fitting = [paper for paper in papers if operator.where(paper)]
    cells = []
    for seed in seeds if fitting else ():
        waiting = first_fitting(operator, fitting, seed, ctx)
        cells.append(waiting.end([]) if waiting else _not_applicable(operator, fitting, seed))
    return cells


Queue = list[tuple[Operator, list[Paper], int]]


def queues(
    operators: Sequence[Operator], whole: Library, short: Library, seeds: int
) -> dict[str, Queue]:
    """By table: operators, the papers that they fit, seeds."""
    waiting: dict[str, Queue] = defaultdict(list)
    for operator in operators:
        for papers in (whole if operator.whole else short).values():
            if fitting := [paper for paper in papers if operator.where(paper)]:
                waiting[papers[0].table] += [(operator, fitting, n) for n in range(seeds)]
    return waiting


def in_rounds(waiting: dict[str, Queue], city: City) -> list[Cell]:
    """Cells of operators that need the gate.

    In each round every table hands in one file, and all of them go to the gate at once.
    """
    cells: list[Cell] = []
    while waiting:
        open_ = []
        for table in list(waiting):
            if (one := _next_open(waiting[table], cells, city.context)) is not None:
                open_.append(one)
            if not waiting[table]:
                del waiting[table]
        if open_:
            without = [one.draft.paper.data for one in open_ if one.draft.alone]
            said = city.deliver([(one.reading, one.draft.name) for one in open_], without)
            cells += [one.end(said[one.reading.delivery_id]) for one in open_]
    return cells


def _next_open(queue: Queue, cells: list[Cell], ctx: ReadContext) -> Waiting | None:
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
        for cell in cells_of(BY_CODE[code], own, range(seeds), ctx)
    ]  # fmt: skip


def gate_cells(root: Path, job: Job) -> list[Cell]:
    """Cells of operators that need the gate, of the job's tables."""
    own = root / f"worker-{job.kind}-{job.number}"
    shutil.rmtree(own, ignore_errors=True)
    operators = [BY_CODE[code] for code in job.codes]
    found: list[Cell] = []
    with City(root / "base", own) as city:
        papers = library(city.files().items())
        for tables in job.together:
            whole = {layout: own for layout, own in papers.items() if own[0].table in tables}
            short = {k: [paper.short(SHORT) for paper in v[:SEEDS]] for k, v in whole.items()}
            found += in_rounds(queues(operators, whole, short, job.seeds), city)
    shutil.rmtree(own, ignore_errors=True)
    return found


@dataclass(frozen=True)
class Job:
    """A part of the work: `codes` of operators, or clean cities from `number` on.

    Of the gate's jobs each has a share of the tables.
    """

    kind: str
    codes: tuple[str, ...]
    seeds: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}-{zlib.crc32(repr(self).encode()):08x}.pkl"

    @property
    def together(self) -> list[tuple[str, ...]]:
        """Tables whose files may go to the gate in one round."""
        share = slice(self.number, None, _GATE_JOBS)
        if self.kind == "alone":
            return [(table,) for table in ALONE[share]]
        return [tuple(sorted(load_contracts().keys() - set(ALONE))[share])]


def _work(root: Path, job: Job) -> tuple[str, list[object], float]:
    """Do a job, or take its result if it was done before an interruption."""
    path = root / job.name
    if path.exists():
        found: tuple[str, list[object], float] = pickle.loads(path.read_bytes())
        return found
    result: list[object] = []
    if job.kind == "read":
        result += read_cells(root, job.codes, job.seeds)
    elif job.kind == "clean":
        result += clean.variations(root, range(job.number, job.number + job.seeds))
    else:
        result += gate_cells(root, job)
    done = job.kind, result, _cpu_seconds()
    path.write_bytes(pickle.dumps(done))
    return done


def _cpu_seconds() -> float:
    """Of this process, which does one job, and of those that it started."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def jobs_of(size: Size) -> list[Job]:
    read = tuple(o.code for o in OPERATORS if not o.to_gate)
    gate = tuple(o.code for o in OPERATORS if o.to_gate)
    return [
        *(Job(kind, gate, size.seeds, n) for kind in ("alone", "rounds") for n in range(_GATE_JOBS)),
        *(Job("read", read[n::_READ_JOBS], size.seeds, n) for n in range(_READ_JOBS)),
        *(Job("clean", (), min(_CLEAN_CITIES, size.variations - n), n)
          for n in range(0, size.variations, _CLEAN_CITIES)),
    ]  # fmt: skip


def run_all(root: Path, size: Size, processes: int = 2) -> tuple[list[Cell], list[clean.Clean]]:
    """The whole matrix and the clean variations."""
    if not (root / "prepared").exists():
        prepare(root, size)
        (root / "prepared").touch()
    jobs, seconds = jobs_of(size), 0.0
    cells: list[Cell] = []
    cleans: list[clean.Clean] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, max_tasks_per_child=1) as pool:
        for number, done in enumerate(pool.map(partial(_work, root), jobs), 1):
            (cleans if done[0] == "clean" else cells).extend(done[1])  # type: ignore[arg-type]
            seconds += done[2]
            print(f"{number}/{len(jobs)} {done[0]}: {len(cells)} cells, {len(cleans)} clean cities,"
                  f" {seconds / 60:.1f} CPU minutes", flush=True)  # fmt: skip
    return cells, cleans
