"""Defects of headings, of rows around the table and of the sheet.

Belongs here: what stands where. Not here: single cells (`of_cells`), bytes (`of_bytes`).
"""

from __future__ import annotations

import copy
import re

from tests.defects.operator import SAME, SHOULD, Operator, grid, one, plain, some, xlsx
from tests.defects.paper import Grid, NotApplicable

_LATIN = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
_GONE = ("file:FORM_CHANGED", "file:UNKNOWN_LAYOUT", "row:REQUIRED_EMPTY", "file:TITLE_MISSING",
         "same")  # fmt: skip


def _needed(draft):
    layout = draft.block.plan.layout
    return [n for n in layout.need if n in draft.columns]


def _head(draft, column):
    """Rows of the header that hold this column's heading, the last one first."""
    first = draft.header - draft.block.plan.header_rows + 1
    rows = [r for r in range(draft.header, first - 1, -1) if column < len(draft.rows[r])]
    return [r for r in rows if str(draft.rows[r][column]).strip()] or [draft.header]


def _drop(draft, rng):
    name = one(rng, [n for n in _needed(draft) if len(_head(draft, draft.columns[n])) == 1])
    column = draft.columns[name]
    if list(draft.columns.values()).count(column) > 1 or draft.block.plan.header_rows > 1:
        raise NotApplicable
    for row in draft.rows[draft.header :]:
        if column < len(row):
            del row[column]
    draft.marks = [(position + 1, None) for position in draft.at]


def _rename(draft, rng):
    name = one(rng, _needed(draft))
    column = draft.columns[name]
    for row in _head(draft, column):
        draft.rows[row][column] = "Показатель прочий"
    draft.marks = [(position + 1, None) for position in draft.at]


def _reorder(draft, rng):
    if draft.block.plan.header_rows > 1:
        raise NotApplicable
    width = max(len(row) for row in draft.rows[draft.header :])
    order = list(range(width))
    rng.shuffle(order)
    for number in range(draft.header, len(draft.rows)):
        row = draft.rows[number] + [""] * (width - len(draft.rows[number]))
        draft.rows[number] = [row[column] for column in order]


def _swap_headings(draft, rng):
    """Headings of a column of words and of one of numbers are exchanged."""
    numbers = [n for n in draft.typed("int", "number", "date") if len(draft.filled(n)) > 1]
    words = [n for n in draft.typed("enum", "text") if len(draft.filled(n)) > 1]
    words = [n for n in words if n in draft.contract.key or draft.contract.column(n).type == "enum"]
    numbers = [n for n in numbers if draft.columns[n] not in {draft.columns[w] for w in words}]
    if not numbers or not words or draft.block.plan.header_rows > 1:
        raise NotApplicable
    a, b = draft.columns[one(rng, numbers)], draft.columns[one(rng, words)]
    row = draft.rows[draft.header]
    row[a], row[b] = row[b], row[a]
    draft.marks = [(position + 1, None) for position in draft.at]


def _shift(draft, rng):
    """Cells of a row stand one column further right."""
    (i,) = some(rng, range(len(draft.at)))
    first = min(draft.columns.values())
    draft.rows[draft.at[i]].insert(first, "")
    draft.mark(i)


def _duplicate(draft, rng):
    (i,) = some(rng, range(len(draft.at)))
    last = draft.at[-1] + 1
    draft.rows.insert(last, list(draft.rows[draft.at[i]]))
    draft.marks.append((last + 1, None))


def _spacers(draft, rng):
    for number in range(draft.header - draft.block.plan.header_rows + 1, len(draft.rows)):
        draft.rows[number] = [c for cell in draft.rows[number] for c in (cell, "")]
    draft.sheet.merged = []


def _odd_headings(draft, rng):
    for number in range(draft.header - draft.block.plan.header_rows + 1, draft.header + 1):
        draft.rows[number] = [
            f" {str(cell).replace(' ', '  ')}\n" if isinstance(cell, str) and cell else cell
            for cell in draft.rows[number]
        ]


def _heading_breaks(draft, rng):
    for number in range(draft.header - draft.block.plan.header_rows + 1, draft.header + 1):
        draft.rows[number] = [
            str(cell).replace(" ", "\n", 1) if isinstance(cell, str) else cell
            for cell in draft.rows[number]
        ]


def _latin(draft, rng):
    row = draft.rows[draft.header]
    names = [
        c for c in sorted(set(draft.columns.values())) if c < len(row) and len(str(row[c])) > 3
    ]
    if not names:
        raise NotApplicable
    column = rng.choice(names)
    row[column] = str(row[column]).translate(_LATIN)


def _upper(draft, rng):
    row = draft.rows[draft.header]
    for column in set(draft.columns.values()):
        if column < len(row) and isinstance(row[column], str):
            row[column] = row[column].upper()


def _above(draft, rng):
    first = draft.header - draft.block.plan.header_rows + 1
    draft.insert(first, ["Сведения за отчётный период"], [], ["Муниципальное образование"], [])


def _numbers_row(draft, rng):
    width = max(draft.columns.values()) + 1
    if width < 3:
        raise NotApplicable
    draft.insert(draft.header + 1, [*range(1, width + 1)])


def _total(draft, rng):
    if draft.block.plan.layout.spec.get("totals_are_data"):
        raise NotApplicable
    last = draft.at[-1] + 1
    numbers = [draft.columns[n] for n in draft.typed("int", "number")]
    row = ["" for _ in range(max(draft.columns.values()) + 1)]
    for column in numbers[:2]:
        row[column] = 805
    row[0] = rng.choice(("Итого", "ВСЕГО:", "Всего по муниципалитету", "Итого по школам"))
    draft.insert(last, row)


def _total_first(draft, rng):
    if draft.block.plan.layout.spec.get("totals_are_data"):
        raise NotApplicable
    row = [rng.choice(("Итого", "Всего по муниципалитету")), 805]
    draft.insert(draft.at[0], row)


def _footer(draft, rng):
    last = draft.at[-1] + 1
    draft.insert(last, [], ["Исполнитель: Иванова И. И., тел. 8 (86159) 0-00-00"],
                 ["Дата составления: 20.05.2021"])  # fmt: skip


def _blank_rows(draft, rng):
    for i in sorted(some(rng, range(len(draft.at)), 3), reverse=True):
        draft.insert(draft.at[i], [])
    draft.insert(len(draft.rows), *[[""] * 5] * 30)


def _nameless(draft, rng):
    row = draft.rows[draft.header]
    row.extend([""] * (3 + max(len(r) for r in draft.rows) - len(row)))
    for i in range(len(draft.at)):
        draft.rows[draft.at[i]].extend([""] * 12)


def _extra_column(draft, rng):
    row = draft.rows[draft.header]
    width = max(len(r) for r in draft.rows)
    row.extend([""] * (width - len(row)))
    row.append("Примечание исполнителя")
    for position in draft.at:
        cells = draft.rows[position]
        cells.extend([""] * (width - len(cells)))
        cells.append("проверено")


def _personal(draft, rng):
    if not draft.block.plan.layout.is_nameless:
        raise NotApplicable
    row = draft.rows[draft.header]
    width = max(len(r) for r in draft.rows)
    row.extend([""] * (width - len(row)))
    row.append(rng.choice(("ФИО обучающегося", "СНИЛС", "Паспорт", "Телефон", "Дата рождения")))
    draft.planted.append("Канарейкина Анна Ивановна")
    for position in draft.at:
        cells = draft.rows[position]
        cells.extend([""] * (width - len(cells)))
        cells.append("Канарейкина Анна Ивановна")


def _hidden_sheet(draft, rng):
    draft.sheets.append(Grid("Служебный", [["да", "нет"], ["5", "4"]], visible=False))


def _hidden_copy(draft, rng):
    draft.sheets.append(Grid("Черновик", copy.deepcopy(draft.rows), visible=False))


def _visible_copy(draft, rng):
    rows = copy.deepcopy(draft.rows)
    draft.sheets.append(Grid("Лист копия", rows))
    draft.marks = [(position + 1, None) for position in draft.at]


def _sheet_name(draft, rng):
    draft.sheet.name = "Лист1"


def _shifted_table(draft, rng):
    for sheet in (draft.sheet,):
        sheet.rows = [["", *row] for row in sheet.rows]
        sheet.merged = [tuple((r, c + 1) for r, c in corners) for corners in sheet.merged]


def _no_rows(draft, rng):
    del draft.rows[draft.header + 1 :]


def _only_blank(draft, rng):
    draft.rows[draft.header + 1 :] = [[""] * 8 for _ in range(30)]


def _old_stamp(draft, rng):
    for row in draft.rows[: draft.header]:
        if row and "версия формы" in str(row[0]):
            row[0] = re.sub(r"[0-9a-f]{8}$", "0123abcd", str(row[0]))


def _other_version(draft, rng):
    _old_stamp(draft, rng)
    _extra_column(draft, rng)


def _form(paper):
    return plain(paper) and paper.is_form


def _sheets(paper):
    """Workbooks whose sheet says nothing of its own."""
    return xlsx(paper) and len(paper.sheets) == 1


def _simple(paper):
    return plain(paper) or paper.kind == "units"


def _titled(paper):
    return grid(paper) and paper.kind != "cells" and len(paper.blocks) == 1


def _op(code, title, spoil, expect, where=plain, **more):
    return Operator(code, title, spoil, tuple(expect), where=where, group="table", **more)


OPERATORS = (
    _op("E20", "a needed column is missing", _drop, _GONE),
    _op("E21", "a needed column is renamed", _rename, _GONE),
    _op("E22", "headings of two columns exchanged", _swap_headings, ["row:*"]),
    _op("E23", "a row shifted by a column", _shift, ["row:*", "outside"]),
    _op("E24", "a row written twice", _duplicate, ["row:DUPLICATE_ROW"]),
    _op("E25", "personal data that nobody asked for", _personal, ["file:EXTRA_PERSONAL_DATA"]),
    _op("D47", "blank form instead of data", _no_rows, ["file:EMPTY_TEMPLATE", "file:NO_DATA_ROWS"],
        where=_titled),
    _op("D29", "only blank rows under the heading", _only_blank,
        ["file:EMPTY_TEMPLATE", "file:NO_DATA_ROWS"], where=_titled),
    _op("E26", "form of another version with other columns", _other_version, ["file:TEMPLATE_VERSION"],
        where=_form),
    _op("E27", "table repeated on a second sheet", _visible_copy,
        ["row:DUPLICATE_ROW", "gate:unique_key"], where=lambda p: _form(p) and _sheets(p)),
    _op("E28", "form of an earlier version with the same columns", _old_stamp, SAME, where=_form),
    _op("E29", "columns in another order", _reorder, SAME),
    _op("D20", "rows above the heading", _above, SAME, where=_titled),
    _op("D20n", "column numbers under the heading", _numbers_row, SAME, where=_titled),
    _op("D22", "total at the end", _total, SAME, where=_simple),
    _op("D22f", "total under the heading", _total_first, SAME, where=_simple),
    _op("D26", "footer that names who filled it in", _footer, SAME, where=_titled),
    _op("E30", "blank rows within and below", _blank_rows, SAME),
    _op("D28", "every second column blank", _spacers, SAME),
    _op("D28n", "nameless columns at the right", _nameless, SAME, where=_simple),
    _op("E31", "an additional column", _extra_column, SAME),
    _op("D59", "line breaks and double blanks in headings", _odd_headings, SAME, where=_titled),
    _op("D59b", "line break instead of a blank", _heading_breaks, SAME, where=_titled),
    _op("D19", "Latin letters in a heading", _latin, SAME, level=SHOULD),
    _op("E32", "headings in capitals", _upper, SAME),
    _op("D39", "hidden sheet of lists", _hidden_sheet, SAME, where=_sheets),
    _op("D39c", "hidden copy of the table", _hidden_copy, SAME, where=_sheets),
    _op("D39a", "blank first column", _shifted_table, SAME, where=_titled),
    _op("D38", "another sheet name", _sheet_name, SAME, where=_sheets),
)  # fmt: skip
