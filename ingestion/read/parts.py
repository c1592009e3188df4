"""Rows of a file → its parts and table columns, with keys and hashes.

Belongs here: which rows are one logical unit, its key, its hash, the final columns. Not here:
which part is in force (`ingestion.load`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestion.contracts import SYSTEM_COLUMNS, Contract, load_contracts
from ingestion.read import rows_plain, rows_pupil, rows_units
from ingestion.read.body import Body, source_texts
from ingestion.read.model import Part, Reading, TableRows
from ingestion.read.typing import Value
from ingestion.read.words import cell_text, parse_moment, plain
from ingestion.reasons import Refusal

MAX_PARTS = 32_000
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
        given = _given(body)
        for scope, key, envelope_of, positions in _groups(body, envelope, keep):
            self._add_part(body, given, envelope_of, positions, scope=scope, key=key)

    def _add_part(
        self,
        body: Body,
        given: Mapping[str, list[Any]],
        envelope: Mapping[str, Any],
        keep: Sequence[int],
        *,
        scope: str,
        key: str,
    ) -> None:
        layout = body.block.plan.layout
        contract = layout.contract
        building = self._parts.get(key)
        if building is None:
            if len(self._parts) == MAX_PARTS:
                raise Refusal("TOO_MANY_PARTS", limit=MAX_PARTS)
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
        constant = {**envelope, "part_no": part.part_no, "sheet": body.block.sheet.name}
        _append(building.columns, given, constant, own, positions, n=body.n)
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


def _given(body: Body) -> dict[str, list[Any]]:
    return {
        **body.columns,
        "row_no": body.block.numbers,
        "source_text": source_texts(body),
    }


def _groups(
    body: Body, envelope: Mapping[str, Any], keep: Sequence[int]
) -> Iterator[tuple[str, str, Mapping[str, Any], Sequence[int]]]:
    """Scope, logical key, envelope and rows of each part of a block."""
    layout = body.block.plan.layout
    if layout.contract.envelope:
        scope = _scope(body, envelope, keep)
        yield scope, _logical_key(layout.contract, scope, envelope), envelope, keep
        return
    by = layout.spec.get("part_by", ())
    names = (by,) if isinstance(by, str) else tuple(by)
    if not names:
        yield "*", f"{layout.contract.table}|*", envelope, keep
        return
    columns = [_part_values(body, name) for name in names]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i in keep:
        groups.setdefault(tuple(column[i] for column in columns), []).append(i)
    for values, positions in groups.items():
        of = dict(zip(names, values, strict=True))
        key = "|".join([layout.contract.table, *("" if v is None else str(v) for v in values)])
        common = {name: value for name, value in of.items() if name in _COMMON}
        whole = keep if len(groups) == 1 else positions
        yield of.get("school_code") or "*", key, {**envelope, **common}, whole


def _part_values(body: Body, name: str) -> list[Any]:
    """Values that tell parts apart; a school's code in one spelling, its name where it has none."""
    if name != "school_code":
        return body.columns.get(name) or [None] * body.n
    texts = {given: _school_key(given) for given in set(rows_plain.schools_given(body))}
    return [texts[given] for given in rows_plain.schools_given(body)]


def _school_key(given: Value) -> str | None:
    if not isinstance(given, str):  # blank, or the row is rejected for it
        return None
    text = plain(given)
    return (text.lstrip("0") if text.isdigit() else _same_login(text)) or text


def _append(
    columns: dict[str, list[Any]],
    given: Mapping[str, list[Any]],
    constant: Mapping[str, Any],
    own: Mapping[str, list[Any]],
    positions: Sequence[int],
    *,
    n: int,
) -> None:
    whole = len(positions) == n and isinstance(positions, range)
    for name, values in columns.items():
        if name in own:
            values.extend(own[name])
        elif name in given:
            values.extend(given[name] if whole else [given[name][i] for i in positions])
        else:
            values.extend([constant.get(name)] * len(positions))


def _merge(
    tables: dict[str, dict[str, list[Any]]], table: str, columns: dict[str, list[Any]]
) -> None:
    known = tables.setdefault(table, columns)
    if known is not columns:
        for name, values in columns.items():
            known[name].extend(values)


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
    table = logical_key.partition("|")[0]
    of_file = {*load_contracts()[table].envelope, "sender"}
    names = [
        name
        for name, values in sorted(columns.items())
        if name not in _SYSTEM
        and name not in of_file
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


def _logical_key(contract: Contract, scope: str, envelope: Mapping[str, Any]) -> str:
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
