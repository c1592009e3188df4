"""One file → a `Reading`: recognise its tables, find out what they are about, type their rows.

Belongs here: the order of the steps and the account of every row. Not here: the steps
(`recognise`, `body`, `envelope`, `rows_*`), which layouts exist (contracts), processes (`worker`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ingestion.contracts import Contract
from ingestion.read import (
    formats,
    given,
    named,
    precheck,
    rows_cells,
    rows_exam,
    rows_plain,
    rows_pupil,
    rows_units,
    sheet_names,
    stamps,
    uninvited,
)
from ingestion.read.body import Block, Body, Structure, split, type_block
from ingestion.read.envelope import resolve, vpr_season
from ingestion.read.layouts import CompiledLayout
from ingestion.read.model import Cell, ReadContext, Reading, Sheet
from ingestion.read.nearest import nearest
from ingestion.read.parts import Assembly
from ingestion.read.recognise import Recogniser
from ingestion.read.scanner import Said, Scanner
from ingestion.read.typing import Reject
from ingestion.read.words import cell_text, fold, is_blank, parse_moment
from ingestion.reasons import Refusal
from ingestion.reference import Reference

_LONGEST_TITLE = 300
_OF_ROWS = "строка таблицы"
_CACHED_ENVELOPES = 4096


class _Engine:
    """What is prepared once in a process for one context."""

    def __init__(self, context: ReadContext) -> None:
        self.context = context
        self.reference: Reference = context.reference
        self.recogniser = Recogniser(context.contracts)
        self.scanner = Scanner(self.reference)
        self._envelopes: dict[tuple[Any, ...], dict[str, Any]] = {}

    def envelope(self, layout: CompiledLayout, said: Sequence[Said]) -> dict[str, Any]:
        """The envelope; thousands of files say the same of themselves."""
        if not layout.contract.envelope:
            return _senders(said)
        key = (layout.id, *((one.place, *one.facts.items()) for one in said))
        envelope = self._envelopes.get(key)
        if envelope is None:
            if len(self._envelopes) > _CACHED_ENVELOPES:
                self._envelopes.clear()
            envelope = self._envelopes[key] = resolve(self.reference, layout.spec, said)
        return dict(envelope)


def _senders(said: Sequence[Said]) -> dict[str, Any]:
    """Who sent a register: what places say without contradiction."""
    senders = {one.facts["sender"] for one in said if "sender" in one.facts}
    return {"sender": senders.pop()} if len(senders) == 1 else {}


_engines: list[_Engine] = []


def _engine(context: ReadContext) -> _Engine:
    if not _engines or _engines[0].context is not context:
        _engines[:] = [_Engine(context)]
    return _engines[0]


def read_file(
    data: bytes, name: str, told: Mapping[str, str], delivery_id: str, context: ReadContext
) -> Reading:
    """Read one file.

    A bad file is a refused reading; an exception is a defect of ours, which the worker turns
    into a refusal of this file alone.

    Args:
        data: its bytes.
        name: path relative to the inbox, with folders.
        told: envelope fields given by the person who delivered the file.
        delivery_id: goes into the reading.
        context: contracts, reference facts, the pseudonymiser.
    """
    reading = Reading(delivery_id=delivery_id, status="read", bytes=len(data))
    return _guarded(
        lambda: formats.read_sheets(data, precheck.precheck(data, name)),
        name,
        told,
        reading,
        context,
    )


def read_tables(
    sheets: Sequence[Sheet],
    name: str,
    told: Mapping[str, str],
    delivery_id: str,
    context: ReadContext,
) -> Reading:
    """The same for sheets that are read already."""
    reading = Reading(delivery_id=delivery_id, status="read")
    return _guarded(lambda: sheets, name, told, reading, context)


def _guarded(
    sheets: Callable[[], Sequence[Sheet]],
    name: str,
    told: Mapping[str, str],
    reading: Reading,
    context: ReadContext,
) -> Reading:
    started = time.perf_counter()
    there: Sequence[Sheet] = ()
    try:
        there = sheets()
        _read(there, name, told, reading, _engine(context))
    except Refusal as refusal:
        _refuse(reading, refusal.code, refusal.params)
        named.note_sender(reading, there, context.contracts)
    reading.seconds = time.perf_counter() - started
    return reading


def _refuse(reading: Reading, code: str, params: Mapping[str, str | int | float]) -> None:
    reading.status = "refused"
    reading.reason_code = code
    reading.params = dict(params)
    reading.parts = []
    reading.tables = []


def _read(
    sheets: Sequence[Sheet],
    name: str,
    told: Mapping[str, str],
    reading: Reading,
    engine: _Engine,
) -> None:
    structure: Structure = Counter()
    blocks: list[Block] = []
    sheets = [sheet_names.without_persons(sheet, n) for n, sheet in enumerate(sheets, start=1)]
    spoken = given.Spoken(sheets, name, told)
    for sheet in sheets:
        if sheet.visible:
            blocks += split(sheet, engine.recogniser, structure, spoken.of_kind)
        else:
            structure[sheet.name, "auxiliary"] += len(sheet.rows)
    assembly = Assembly(reading.delivery_id)
    try:
        if not blocks:
            stamps.refuse_unknown(sheets, engine.context.contracts)
            uninvited.refuse_unknown(sheets, engine.recogniser.layouts, spoken.file)
            raise Refusal("UNKNOWN_LAYOUT", nearest=nearest(sheets, engine.recogniser.layouts))
        first = blocks[0].plan.layout
        reading.layout, reading.table = first.id, first.contract.table
        reading.source = first.spec.get("source", first.contract.source)
        uninvited.refuse(blocks, sheets, spoken.file, restricted=engine.context.restricted_rows)
        stamps.accept_old(blocks, structure, engine.context.contracts)
        blocks = [_widened(block, structure) for block in blocks]
        if not any(block.rows for block in blocks):
            is_form = first.contract.template or "formula_total" in first.spec
            raise Refusal("EMPTY_TEMPLATE" if is_form else "NO_DATA_ROWS")
        outside = [*engine.scanner.path(name), engine.scanner.told(told)]
        for block in blocks:
            for facts, part in _partition(block, engine.scanner):
                said = [*_inside(block, engine.scanner), *facts, *outside]
                _read_part(part, said, reading, assembly, engine, spoken=spoken)
    finally:
        reading.structure = [(sheet, kind, n) for (sheet, kind), n in structure.items() if n]
    _check_share(reading, first.contract)
    assembly.finish(reading)


def _widened(block: Block, structure: Structure) -> Block:
    if not block.plan.layout.spec.get("long"):
        return block
    wide, merged = rows_units.widen(block)
    structure[block.sheet.name, "continuation"] += merged
    return wide


def _inside(block: Block, scanner: Scanner) -> Iterator[Said]:
    """What the cells around the table and the name of the sheet say."""
    exam = None
    for line in reversed(block.titles):
        if len(line) > _LONGEST_TITLE:
            continue
        if exam is None and (exam := scanner.exam(line)):
            yield Said("заголовок таблицы", exam)
        elif facts := scanner.scan(line):
            yield Said("заголовок таблицы", facts)
    yield Said("название листа", scanner.scan(block.sheet.own_name))


def _partition(block: Block, scanner: Scanner) -> Iterator[tuple[list[Said], Block]]:
    """Rows that are about different things, and what they say of it.

    Rows that do not say it (a date that is none) stay with the first part and are rejected.
    """
    plan = block.plan
    if "_uploaded" in plan.index:
        keys = [_uploaded(cell) for cell in block.cells("_uploaded")]
    elif "_exam" in plan.index:
        keys = [_frozen(scanner.exam(cell_text(cell))) for cell in block.cells("_exam")]
    else:
        keys = []
    different = [key for key in dict.fromkeys(keys) if key is not None]
    if len(different) <= 1:
        facts = [Said(_OF_ROWS, dict(different[0]))] if different else []
        yield facts, block
        return
    for key in different:
        takes = {key, None} if key == different[0] else {key}
        positions = [i for i, other in enumerate(keys) if other in takes]
        yield [Said(_OF_ROWS, dict(key))], block.part(positions)


_Key = tuple[tuple[str, Any], ...]


def _uploaded(cell: Cell) -> _Key | None:
    moment = parse_moment(cell)
    if moment is None:
        return None
    return (("cal_year", moment.year), ("season", vpr_season(moment.date())))


def _frozen(facts: Mapping[str, Any] | None) -> _Key | None:
    return tuple(sorted(facts.items())) if facts else None


def _read_part(
    block: Block,
    said: Sequence[Said],
    reading: Reading,
    assembly: Assembly,
    engine: _Engine,
    *,
    spoken: given.Spoken,
) -> None:
    envelope = engine.envelope(block.plan.layout, said)
    body = type_block(block)
    if not block.plan.layout.contract.envelope:
        for column, value in given.constants(block, said, spoken, engine.reference).items():
            body.columns[column] = [value] * body.n
    reading.rows_read += body.n
    _build(body, envelope, engine)
    reading.rows_rejected += len(body.rejects)
    reading.rows_accepted += body.n - len(body.rejects)
    for i in sorted(body.rejects):
        for title, why in body.rejects[i]:
            reading.rejections.append(
                (block.sheet.name, block.numbers[i], title, why.code, dict(why.params))
            )
    assembly.add(body, envelope)


def _build(body: Body, envelope: Mapping[str, Any], engine: _Engine) -> None:
    layout = body.block.plan.layout
    if layout.kind == "pupil":
        _reject_bad_dates(body)
        rows_pupil.build(body, envelope, engine.reference)
    elif layout.kind == "units":
        rows_units.build(body)
        if "unpivot" in layout.spec:
            rows_units.look_at_repeated(body)
        rows_plain.drop_duplicates(body)
    elif layout.kind == "cells":
        rows_units.look_at_repeated(body)
        rows_cells.build(body)
        rows_plain.drop_duplicates(body)
    elif layout.kind == "exam":
        rows_exam.build_result(body, envelope, engine.context.pseudonymiser)
    elif layout.kind == "change":
        if "_exam" in body.block.plan.index:
            _reject_bad_exams(body, engine.scanner)
        rows_exam.build_change(body, envelope, engine.context.pseudonymiser)
    else:
        rows_plain.build(body, engine.context.pseudonymiser)


def _reject_bad_dates(body: Body) -> None:
    if "_uploaded" in body.block.plan.index:
        for i, cell in enumerate(body.block.cells("_uploaded")):
            if not is_blank(cell) and parse_moment(cell) is None:
                body.reject(i, body.block.plan.heading["_uploaded"], Reject("BAD_DATE"))


def _reject_bad_exams(body: Body, scanner: Scanner) -> None:
    for i, cell in enumerate(body.block.cells("_exam")):
        if scanner.exam(fold(cell_text(cell))) is None:
            body.reject(i, body.block.plan.heading["_exam"], Reject("NOT_IN_VOCABULARY"))


def _check_share(reading: Reading, contract: Contract) -> None:
    limit = contract.max_rejected_share
    if reading.rows_rejected > limit * reading.rows_read:
        raise Refusal(
            "TOO_MANY_REJECTED",
            rejected=reading.rows_rejected,
            rows=reading.rows_read,
            limit=f"{limit:.0%}",
        )


__all__ = ["read_file", "read_tables"]
