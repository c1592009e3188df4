"""Rows of a file → its parts and table columns, with keys and hashes.

Belongs here: which rows are one logical unit, its key, its hash, the final columns. Not here:
which part is in force (`ingestion.load`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestion.contracts import SYSTEM_COLUMNS, Contract, load_contracts
from ingestion.read import rows_pupil, rows_units
from ingestion.read.body import Body, source_texts
from ingestion.read.model import Part, Reading, TableRows
from ingestion.read.words import cell_text, parse_moment, plain

_REGION_CODE = re.compile(r"reg\d+_m\d+")
_TOWN = re.compile(r"^(?:г\.|город\b)\s*")
_LATER = frozenset({"school_id", "school_match"})
_SYSTEM = frozenset(column.name for column in SYSTEM_COLUMNS)
_COMMON = ("procedure", "cal_year", "season", "school_year", "subject", "grade_label",
           "programme_grade", "sender")  # fmt: skip


def stored_columns(contract: Contract) -> tuple[str, ...]:
    """Columns that a reading fills, in the order of the table (delivery_id is the file's)."""
    known = _stored.get(contract.table)
    if known is None:
        known = _stored[contract.table] = _stored_columns(contract)
    return known


_stored: dict[str, tuple[str, ...]] = {}


def _stored_columns(contract: Contract) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in contract.all_columns
        if column.name not in (_LATER if contract.school else ()) and column.name != "delivery_id"
    )


@dataclass
class _Building:
    part: Part
    columns: dict[str, list[Any]]
    tasks: dict[str, list[Any]] = field(default_factory=dict)


class Assembly:
    """Collects the parts of one file; blocks with the same logical key become one part."""

    def __init__(self, delivery_id: str) -> None:
        self.delivery_id = delivery_id
        self._parts: dict[str, _Building] = {}

    def add(self, body: Body, envelope: Mapping[str, Any]) -> None:
        """Add the accepted rows of a block."""
        keep = (
            [i for i in range(body.n) if i not in body.rejects] if body.rejects else range(body.n)
        )
        if not keep:
            return
        layout = body.block.plan.layout
        contract = layout.contract
        scope = _scope(body, envelope, keep)
        key = _logical_key(contract, scope, envelope, body, keep)
        building = self._parts.get(key)
        if building is None:
            part = Part(
                part_no=len(self._parts) + 1,
                table=contract.table,
                logical_key=key,
                envelope=dict(envelope),
                rows=0,
                rows_hash="",
                document_date=None,
                authority=int(layout.spec.get("authority", 1)),
                scope=scope,
            )
            building = self._parts[key] = _Building(part, {n: [] for n in stored_columns(contract)})
        part = building.part
        part.rows += len(keep)
        if body.block.separators:
            wrong = rows_pupil.declared_mismatches(body)
            part.envelope["declared_mismatches"] = (
                part.envelope.get("declared_mismatches", 0) + wrong
            )
        part.document_date = max(
            filter(None, (part.document_date, _document_date(body, keep))), default=None
        )
        positions: Sequence[int] = keep
        own: Mapping[str, list[Any]] = {}
        if "unpivot" in layout.spec:
            positions, own = rows_units.unpivot(body, keep, body.block.above)
        _append(building.columns, body, envelope, positions, own, part_no=part.part_no)
        if layout.kind == "pupil" and not building.tasks:
            building.tasks = rows_pupil.task_rows(body.block.plan)
            n = len(building.tasks["task_position"])
            building.tasks["sheet"] = [body.block.sheet.name] * n
            building.tasks["row_no"] = [body.block.header_row] * n

    def finish(self, reading: Reading) -> None:
        """Put parts, tables and the common envelope into the reading."""
        tables: dict[str, dict[str, list[Any]]] = {}
        for building in self._parts.values():
            part = building.part
            part.rows_hash = rows_hash(part.logical_key, building.columns)
            _merge(tables, part.table, building.columns)
            if building.tasks:
                _merge(tables, rows_pupil.TASK_TABLE, _task_columns(building))
        reading.parts = [building.part for building in self._parts.values()]
        reading.tables = [TableRows(table, columns) for table, columns in tables.items()]
        envelopes = [part.envelope for part in reading.parts]
        reading.envelope = {
            name: values.pop() if len(values := {e.get(name) for e in envelopes}) == 1 else None
            for name in _COMMON
        }
        reading.document_date = max(
            (part.document_date for part in reading.parts if part.document_date), default=None
        )


def _append(
    columns: dict[str, list[Any]],
    body: Body,
    envelope: Mapping[str, Any],
    positions: Sequence[int],
    own: Mapping[str, list[Any]],
    *,
    part_no: int,
) -> None:
    n = len(positions)
    whole = n == body.n and isinstance(positions, range)
    given = {
        **body.columns,
        "row_no": body.block.numbers,
        "source_text": source_texts(body),
    }
    constant = {**envelope, "part_no": part_no, "sheet": body.block.sheet.name}
    for name, values in columns.items():
        if name in own:
            values.extend(own[name])
        elif name in given:
            values.extend(given[name] if whole else [given[name][i] for i in positions])
        else:
            values.extend([constant.get(name)] * n)


def _merge(
    tables: dict[str, dict[str, list[Any]]], table: str, columns: dict[str, list[Any]]
) -> None:
    known = tables.get(table)
    if known is None:
        tables[table] = columns
    else:
        for name, values in columns.items():
            known[name] = known[name] + values


def _task_columns(building: _Building) -> dict[str, list[Any]]:
    part, tasks = building.part, building.tasks
    n = len(tasks["task_position"])
    constant = {**part.envelope, "part_no": part.part_no}
    contract = load_contracts()[rows_pupil.TASK_TABLE]
    return {
        name: tasks[name] if name in tasks else [constant.get(name)] * n
        for name in stored_columns(contract)
    }


def rows_hash(logical_key: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """Hash of typed rows; the order of rows, the sheet and the delivery do not matter."""
    names = [
        name
        for name, values in sorted(columns.items())
        if name not in _SYSTEM
        and name not in _COMMON
        and any(value is not None for value in values)
    ]
    rows = sorted(map(repr, zip(*(columns[name] for name in names), strict=True)))
    digest = hashlib.blake2b(f"{logical_key}|{names}".encode(), digest_size=16)
    digest.update("\n".join(rows).encode())
    return digest.hexdigest()


def _scope(body: Body, envelope: Mapping[str, Any], keep: Iterable[int]) -> str:
    """The one school, else the one municipality that the rows are about, else `*`.

    Two schools that send the same report do not correct each other.
    """
    if not body.block.plan.layout.contract.envelope:
        return "*"
    if body.block.plan.layout.spec.get("sender"):
        return _same_login(envelope["sender"])
    codes = body.columns.get("school_code", [])
    schools = {codes[i] for i in keep if codes[i]} if codes else set()
    if len(schools) == 1:
        return _same_login(schools.pop())
    districts = body.columns.get("_district")
    if districts is None and "_district" in body.block.plan.index:
        districts = body.block.cells("_district")
    if districts:
        given = {districts[i] for i in keep if districts[i]}
        named = {_municipality(cell_text(cell)) for cell in given}
        if len(named) == 1:
            return f"m:{named.pop()}"
    return "*"


def _municipality(text: str) -> str:
    """Name in one spelling: `reg23_m012 | город N`, `г. N`, `N(reg23_m012)` are one."""
    name = _TOWN.sub("", _REGION_CODE.sub("", plain(text)).strip(" |()"))
    return name or plain(text)


def _same_login(code: str) -> str:
    return f"edu{code[3:]}" if code.startswith("sch") else code


def _logical_key(
    contract: Contract, scope: str, envelope: Mapping[str, Any], body: Body, keep: Sequence[int]
) -> str:
    if not contract.envelope:
        by = body.block.plan.layout.spec.get("part_by")
        return f"{contract.table}|{body.columns[by][keep[0]] if by else '*'}"
    names = ["procedure", "cal_year", "season", "programme_grade", "subject"]
    if "exam_date" in envelope:
        names += ["level", "exam_date"]
    values = [str(envelope.get(name) or "") for name in names]
    return "|".join([contract.table, scope, *values])


def _document_date(body: Body, keep: Sequence[int]) -> dt.date | None:
    """The latest upload or document date among the rows."""
    if "_uploaded" in body.block.plan.index:
        cells = body.block.cells("_uploaded")
        moments = [parse_moment(cell) for cell in dict.fromkeys(cells[i] for i in keep)]
        return max((moment.date() for moment in moments if moment), default=None)
    dates = body.columns.get("document_date", [])
    return max((dates[i] for i in keep if dates[i]), default=None) if dates else None
