"""Rows of hierarchical reports of the ФИС ОКО: whole sample, region, municipality, school.

Belongs here: the level and the school of a row, columns of scores or tasks turned into rows, the
long form of the journal report. Not here: single cells (`typing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.contracts import Column
from ingestion.read.body import Block, Body
from ingestion.read.converters import converter
from ingestion.read.model import Cell
from ingestion.read.recognise import Plan
from ingestion.read.row_kinds import Row
from ingestion.read.rows_pupil import school_of
from ingestion.read.typing import Memo, Value
from ingestion.read.words import cell_text, fold, plain

_SAMPLE = "вся выборка"
_MUNICIPALITY = re.compile(r"reg\d+_m\d+", re.IGNORECASE)
_REGION_CODE = re.compile(r"\(reg\d+\)", re.IGNORECASE)
_REGION = re.compile(
    r"(?:республика|город федерального значения)\b.*|.*\b(?:край|область|республика"
    r"|автономный округ)(?:\s*-.*|\s*\(.*|)"
)
_MUNICIPAL = re.compile(
    r".*\b(?:район|округ|муниципальн\w*|комитет|управление|поселение)\b.*|(?:г\.|город)\s?.*"
)
_MAXIMA = re.compile(r"макс\.?\s*балл|максимальный балл")
_SCHOOL = re.compile(
    r".*(?:\b(?:м[баок]?оу|сош|оош|нош|школа|лицей|гимназия|интернат|учреждение)\b|№\s*\d).*"
)


def unit_of(cell: Cell) -> tuple[str, str, str | None, str | None]:
    """Level, name as given, school login, municipality of one row's label."""
    text = fold(cell_text(cell))
    lowered = plain(text)
    if lowered.startswith(_SAMPLE):
        return "sample", text, None, None
    code, _ = school_of(text)
    if code:
        return "school", text, code, None
    if _MUNICIPALITY.search(text):
        return "municipality", text, None, text
    if _REGION_CODE.search(text) or _REGION.fullmatch(lowered):
        return "region", text, None, None
    if _SCHOOL.fullmatch(lowered) and not _MUNICIPAL.fullmatch(lowered):
        return "school", text, None, None
    return "municipality", text, None, text


def build(body: Body) -> None:
    """Level, name and school of each row."""
    memo = body.block.plan.ready.setdefault("units", Memo(unit_of))
    units = memo.column(body.block.cells("unit_name"))
    columns = body.columns
    columns["unit_level"] = [unit[0] for unit in units]
    columns["unit_name"] = [unit[1] for unit in units]
    columns["school_code"] = [unit[2] for unit in units]
    columns["school_name_given"] = [
        school_of(unit[1])[1] if unit[0] == "school" else None for unit in units
    ]
    columns["_district"] = [unit[3] for unit in units]
    if whole := body.block.plan.layout.spec.get("whole"):
        _percents(body, whole)


def _percents(body: Body, names: Sequence[str]) -> None:
    """Columns that make 100 together and make 1 in every row are fractions (0.355 for 35.5)."""
    columns = [body.columns[name] for name in names if name in body.columns]
    sums = [
        sum(row)
        for row in zip(*columns, strict=True)
        if all(isinstance(value, float) for value in row) and any(row)
    ]
    if sums and all(abs(total - 1) < 0.02 for total in sums):
        for name in names:
            body.columns[name] = [
                round(value * 100, 10) if isinstance(value, float) else value
                for value in body.columns[name]
            ]


def unpivot(body: Body, keep: Sequence[int], above: Sequence[Row]) -> tuple[list[int], Any]:
    """Columns of scores or tasks → rows.

    Args:
        body: the typed block.
        keep: positions of the accepted rows.
        above: rows over the header, where a row of maxima may stand.

    Returns:
        position of each new row, and its own columns.
    """
    plan = body.block.plan
    spec: Mapping[str, Any] = plan.layout.spec["unpivot"]
    column = plan.layout.contract.column(spec["value"])
    memo = plan.ready.setdefault("unpivot", Memo(*converter(column)))
    values = [memo.column(cells) for cells in body.repeated]
    labels: list[Value] = [item.label for item in plan.repeated]
    if plan.layout.contract.column(spec["label"]).type == "int":
        labels = [int(label) for label in labels]
    positions = [i for i in keep for _ in labels]
    columns: dict[str, list[Value]] = {
        spec["label"]: labels * len(keep),
        spec["value"]: [one[i] for i in keep for one in values],
    }
    if spec.get("skip_blank"):
        filled = [k for k, value in enumerate(columns[spec["value"]]) if value is not None]
        positions = [positions[k] for k in filled]
        columns = {name: [values[k] for k in filled] for name, values in columns.items()}
    if "maximum" in spec:
        columns[spec["maximum"]] = _maxima(body, above) * len(keep)
    return positions, columns


def look_at_repeated(body: Body) -> None:
    """Reject rows whose repeated cells are no numbers."""
    plan = body.block.plan
    column: Column = plan.layout.contract.column(plan.layout.spec["unpivot"]["value"])
    memo = plan.ready.setdefault("unpivot", Memo(*converter(column)))
    for item, cells in zip(plan.repeated, body.repeated, strict=True):
        body.look(item.label, memo, cells, memo.column(cells))


def _maxima(body: Body, above: Sequence[Row]) -> list[int | None]:
    plan = body.block.plan
    row: Row = next((row for row in above if _is_maxima(row)), ())
    return [
        column.maximum or (_whole(row[column.index]) if column.index < len(row) else None)
        for column in plan.repeated
    ]


def _is_maxima(row: Row) -> bool:
    return any(_MAXIMA.match(plain(cell_text(cell))) for cell in row[:4])


def _whole(cell: Cell) -> int | None:
    text = fold(cell_text(cell))
    return int(text) if text.isdecimal() and 1 <= int(text) <= 20 else None


_GROUPS = {"понизили": "lowered", "подтвердили": "confirmed", "повысили": "raised"}


def widen(block: Block) -> tuple[Block, int]:
    """Long journal report → the same rows in the wide form.

    A unit is a block of rows `Понизили…`, `Подтвердили…`, `Повысили…`, `Всего` whose label is
    in the first row of the block or in a row of its own above it.

    Returns:
        a block whose rows are [unit, all, n and % of each group], and how many rows of the sheet
        went into another row.
    """
    plan = block.plan
    label_at, n_at, pct_at = (plan.index[name] for name in ("unit_name", "_n", "_pct"))
    wide = plan.ready.setdefault("wide", _wide_plan(plan))
    place = wide.index
    result = Block(wide, block.sheet, block.titles, block.above)
    record: list[Cell] = []
    merged, filled = 0, {""}  # groups that the record has already
    width = 1 + max(label_at, n_at, pct_at)
    for short, number in zip(block.rows, block.numbers, strict=True):
        row = [*short, *[""] * (width - len(short))]
        texts = [plain(cell_text(cell)) for cell in row]
        text = next((text for text in texts if text.startswith((*_GROUPS, "всего"))), "")
        group = next((name for word, name in _GROUPS.items() if text.startswith(word)), text)
        named = not group or texts[label_at] not in ("", text)
        if named or group in filled or not record:
            if not named:  # rows of a unit whose name is missing
                result.doubtful.append(len(result.rows))
            record = [row[label_at] if named else "", *[""] * (len(place) - 1)]
            filled = set()
            result.rows.append(record)
            result.numbers.append(number)
        else:
            merged += 1
        filled.add(group)
        if text.startswith("всего"):
            record[place["n_compared"]] = row[n_at]
        elif group:
            record[place[f"n_{group}"]] = row[n_at]
            record[place[f"pct_{group}"]] = row[pct_at]
    return result, merged


def _wide_plan(plan: Plan) -> Plan:
    names = ["unit_name", "n_compared"]
    names += [f"{kind}_{group}" for group in _GROUPS.values() for kind in ("n", "pct")]
    titles = {name: plan.layout.contract.column(name).title for name in names}
    index = {name: i for i, name in enumerate(names)}
    return Plan(plan.layout, plan.header_rows, index, titles, (), len(names))
