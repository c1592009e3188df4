"""What is fuzzed: a name, and a function from a plan of mutations to an execution.

Belongs here: one execution of our own code in this process, and what must hold after it. A
`Refusal` is an answer; any other exception, a broken account of rows or more than two seconds is
a failure. Files of workbooks go no further than the pre-check here, because the native parser
behind it may abort the process; the grids stand for what it would give.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from ingestion.read.layout import read_file, read_tables
from ingestion.read.model import Reading, Sheet
from ingestion.read.precheck import precheck
from ingestion.read.worker import Segment
from ingestion.reasons import Refusal, sentence
from tests.fuzz import corpus, mutate
from tests.fuzz.mutate import Plan

SECONDS = 2.0


def workbook(seed: int, plan: Plan) -> bytes:
    """A workbook with the XML of one or more members changed."""
    all_members = corpus.workbooks()
    members = dict(all_members[seed % len(all_members)])
    names = sorted(members)
    for number in range(0, len(plan), 2):
        share = plan[number : number + 2]
        # Mostly the sheet itself.
        name = names[share[0][2] % len(names)] if share[0][0] % 3 == 0 else names[-1]
        members[name] = mutate.markup(members[name], share)
    return corpus.packed(members)


def _precheck(seed: int, plan: Plan) -> None:
    data = workbook(seed, plan)
    try:
        precheck(data, "2021/4/Математика.xlsx")
    except Refusal as refusal:
        sentence(refusal.code, refusal.params)


@cache
def _sources(write: Callable[[corpus.Table], str | bytes]) -> tuple[str | bytes, ...]:
    return tuple(write(table) for table in corpus.tables())


def _markup(write: Callable[[corpus.Table], str], ending: str) -> Callable[[int, Plan], None]:
    def run(seed: int, plan: Plan) -> None:
        sources = _sources(write)
        text = mutate.markup(str(sources[seed % len(sources)]), plan)
        name = corpus.tables()[seed % len(sources)].name.rpartition(".")[0]
        encoding = "cp1251" if seed % 5 == 0 else "utf-8"
        _judge(
            read_file(
                text.encode(encoding, "replace"), name + ending, {}, "f" * 16, corpus.context()
            )
        )

    return run


def _csv(seed: int, plan: Plan) -> None:
    sources = _sources(corpus.lines)
    source = sources[seed % len(sources)]
    assert isinstance(source, bytes)
    name = corpus.tables()[seed % len(sources)].name.rpartition(".")[0]
    data = mutate.delimited(source, plan)
    _judge(read_file(data, f"{name}.csv", {}, "f" * 16, corpus.context()))


@cache
def _heads() -> tuple[object, ...]:
    return tuple(dict.fromkeys(cell for table in corpus.tables() for cell in table.rows[0]))


def _grid(seed: int, plan: Plan) -> None:
    tables = corpus.tables()
    table = tables[seed % len(tables)]
    rows = mutate.grid(table.rows, plan, _heads())
    last = plan[-1]
    texts = mutate.TEXTS
    name = table.name if last[0] % 4 else f"{texts[last[1] % len(texts)]}/{table.name}"
    title = table.sheet if last[0] % 5 else texts[last[2] % len(texts)]
    place = (last[1] % (len(rows) + 1), last[2] % 9)
    sheets = [
        Sheet(
            title,
            visible=True,
            rows=rows,
            merged=((place, (place[0] + 2, 3)),),
            uncached=frozenset({place}),
        )
    ]
    reading = read_tables(sheets, name, {}, "f" * 16, corpus.context())
    _judge(reading)
    if reading.status == "read":
        assert sum(n for *_, n in reading.structure) + reading.rows_read >= len(rows)


def _judge(reading: Reading) -> None:
    if reading.reason_code:
        sentence(reading.reason_code, reading.params)
    assert reading.rows_read == reading.rows_accepted + reading.rows_rejected
    wrong = {(sheet, row) for sheet, row, *_ in reading.rejections}
    assert len(wrong) == reading.rows_rejected
    for *_, code, params in reading.rejections:
        sentence(code, params)
    segment = Segment(Path(), corpus.context().contracts)
    segment.add("key", replace(reading, tables=list(reading.tables)))
    for table in list(segment._columns):  # what would be written
        segment._batch(table)


# Name → share of the executions and one execution.
TARGETS: dict[str, tuple[float, Callable[[int, Plan], None]]] = {
    "pre-check and scan of workbooks": (0.30, _precheck),
    "recognise, envelope, typing of grids": (0.30, _grid),
    "web pages": (0.15, _markup(corpus.page, ".xls")),
    "SpreadsheetML": (0.10, _markup(corpus.spreadsheet, ".xls")),
    "records of open data": (0.03, _markup(corpus.records, ".xml")),
    "delimited text": (0.12, _csv),
}


def timed(run: Callable[[int, Plan], None], seed: int, plan: Plan) -> float:
    """Seconds of one execution; fails if they are too many."""
    start = time.process_time()
    run(seed, plan)
    seconds = time.process_time() - start
    assert seconds <= SECONDS, f"{seconds:.1f} s"
    return seconds
