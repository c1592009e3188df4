"""Rows under a header: which are data, and their cells typed column by column.

Belongs here: telling data from titles, totals, separators, footers and empty rows; typing the
columns that the plan found. Not here: what the typed columns mean together (`rows_*`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest

from ingestion.read import rows_cells
from ingestion.read.converters import HELPERS, column_converter
from ingestion.read.model import Cell, Sheet
from ingestion.read.recognise import Found, Plan, Recogniser
from ingestion.read.row_kinds import Kinds, Patterns, Row, counts, first_text, line, texts_of
from ingestion.read.scanner import common_patterns
from ingestion.read.typing import Memo, Reject, Value
from ingestion.read.words import cell_text, fold, is_blank, plain

Structure = Counter[tuple[str, str]]
_MOST_REASONS = 20  # told of one row

# Columns that the row builders read from raw cells.
_RAW = {
    "pupil": ("school_code",),
    "exam": ("school_code",),
    "change": ("school_code",),
    "units": ("unit_name",),
}


@dataclass
class Block:
    """One table on a sheet.

    Attributes:
        titles: text lines above the header, nearest last.
        rows, numbers: data rows and their row numbers, from 1.
        separators: (position among `rows` before which it stands, its text).
        above: the rows over the header, as they are.
        header_row: row number of the (last) header row, from 1.
        doubtful: positions of rows that begin like no data row and are nothing else either;
            they are rejected.
    """

    plan: Plan
    sheet: Sheet
    titles: list[str]
    above: list[Row]
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    separators: list[tuple[int, str]] = field(default_factory=list)
    header_row: int = 1
    doubtful: list[int] = field(default_factory=list)

    def part(self, positions: Sequence[int]) -> Block:
        """The same table with some of its rows."""
        doubtful = frozenset(self.doubtful)
        return Block(
            self.plan,
            self.sheet,
            self.titles,
            self.above,
            [self.rows[i] for i in positions],
            [self.numbers[i] for i in positions],
            header_row=self.header_row,
            doubtful=[k for k, i in enumerate(positions) if i in doubtful],
        )

    def cells(self, name: str) -> list[Cell]:
        """Raw cells of a column that the plan found."""
        index = self.plan.index[name]
        return [row[index] if index < len(row) else "" for row in self.rows]


@dataclass
class Body:
    """Typed columns of a block.

    Attributes:
        columns: typed values by column name, helpers included.
        repeated: raw cells of the task or score columns.
        rejects: row position → (heading, why) of all that is wrong with the row.
        fragments: row position → JSON members of the original text.
        recount: rows whose total has to be counted anew.
    """

    block: Block
    n: int
    columns: dict[str, list[Value]]
    repeated: list[tuple[Cell, ...]]
    rejects: dict[int, list[tuple[str | None, Reject]]] = field(default_factory=dict)
    fragments: dict[int, list[str]] = field(default_factory=dict)
    recount: set[int] = field(default_factory=set)

    def reject(self, row: int, title: str | None, why: Reject) -> None:
        """Reject a row; of a heading the first reason stays."""
        known = self.rejects.setdefault(row, [])
        if len(known) < _MOST_REASONS and title not in (other for other, _ in known):
            known.append((title, why))

    def reject_twin(self, row: int, title: str | None, of: int, names: Sequence[str]) -> None:
        """Reject a row that has the key of another one.

        Args:
            row: its position.
            title: heading to mark; None for the row.
            of: position of the row that stays.
            names: columns of the key.
        """
        contract = self.block.plan.layout.contract
        titles = {column.name: column.title for column in contract.all_columns}
        titles |= {identity.pid: identity.fio for identity in contract.identities}
        titles["school_id"] = titles.get("school_code", "")
        heading = self.block.plan.heading
        shown = dict.fromkeys(heading.get(name) or titles.get(name, "") for name in names)
        key = ", ".join(f"«{one}»" for one in shown if one)
        self.reject(row, title, Reject("DUPLICATE_ROW", row=self.block.numbers[of], key=key))

    def look(self, title: str, memo: Memo, cells: Sequence[Cell], values: Sequence[Value]) -> None:
        """Second look at a column: reject rows, keep the original text of odd cells."""
        if memo.odd.isdisjoint(cells):
            return
        odd = memo.odd
        for i, cell in enumerate(cells):
            if cell in odd:
                value = values[i]
                if value.__class__ is Reject:
                    self.reject(i, title, value)
                else:
                    self.fragments.setdefault(i, []).append(memo.fragment(title, cell))


def rectangular(rows: Sequence[Row], width: int = 0) -> list[tuple[Cell, ...]]:
    """Columns of the rows; short rows are filled with blanks."""
    if rows and len(set(map(len, rows))) == 1 and len(rows[0]) >= width:
        return list(zip(*rows, strict=True))
    columns = list(zip_longest(*rows, fillvalue=""))
    return columns + [("",) * len(rows)] * (width - len(columns))


def split(
    sheet: Sheet,
    recogniser: Recogniser,
    structure: Structure,
    told: Callable[[str], str] = lambda _: "",
) -> list[Block]:
    """All known tables of a sheet; rows that are no data are counted in `structure`.

    `told` gives what the file's name, a person and, for some kinds, other sheets say.
    """
    if bool in set(map(type, chain.from_iterable(sheet.rows))):
        # True is 1 as a key of a memo; as a text it is not.
        rows = [[cell_text(c) if isinstance(c, bool) else c for c in row] for row in sheet.rows]
        sheet = replace(sheet, rows=rows)
    rows = sheet.rows
    found = recogniser.find(rows)
    if found is None:
        structure[sheet.name, "auxiliary"] += len(rows)
        return []
    blocks = []
    above: list[Row] = list(rows[: found.row])
    while found is not None:
        titles = [text for text in map(line, above) if text]
        structure[sheet.name, "title"] += len(titles)
        structure[sheet.name, "empty"] += len(above) - len(titles)
        plan = found.choose("\n".join(titles), told) or found.plans[-1]
        if plan.layout.kind == "cells":
            plan = rows_cells.with_graphs(plan, rows[found.row :])
            found = Found(found.row, (plan,))
        structure[sheet.name, "header"] += found.header_rows
        if "fill_down" in plan.layout.spec:
            rows = _filled_down(rows, found.row + found.header_rows, plan)
            sheet = replace(sheet, rows=rows)
        block = Block(plan, sheet, titles, above, header_row=found.row + found.header_rows)
        found, above = _fill(block, found, recogniser, structure)
        blocks.append(block)
    return blocks


def _filled_down(rows: list[list[Cell]], start: int, plan: Plan) -> list[list[Cell]]:
    """Blank cells of merged columns get the value above; a row of blanks ends that."""
    indexes = [plan.index[name] for name in plan.layout.spec["fill_down"] if name in plan.index]
    filled = list(rows[:start])
    above: dict[int, Cell] = {}
    for row in rows[start:]:
        if all(map(is_blank, row)):
            above = {}
            filled.append(row)
            continue
        cells = list(row) + [""] * (max(indexes, default=-1) + 1 - len(row))
        for index in indexes:
            if is_blank(cells[index]):
                cells[index] = above.get(index, "")
            above[index] = cells[index]
        filled.append(cells)
    return filled


def _regular(plan: Plan) -> Memo:
    """Memo of the anchor column: does this cell begin a data row?"""
    memo = plan.ready.get("regular")
    if memo is None:
        layout = plan.layout
        anchor = layout.spec["anchor"]
        typed, _ = column_converter(layout, anchor)
        pattern = re.compile(layout.spec.get("anchor_pattern", ".*"), re.DOTALL)
        patterns = Patterns(layout.spec)
        separator = re.compile(layout.spec["separator"]) if "separator" in layout.spec else None

        def convert(cell: Cell) -> bool:
            value = typed(cell)
            if value is None or isinstance(value, Reject):
                return False
            shown = fold(cell_text(cell))
            text = plain(shown)
            return not (
                not pattern.fullmatch(shown)
                or patterns.total.fullmatch(text)
                or patterns.footer.fullmatch(text)
                or (separator and separator.search(shown))
                or any(heading.fullmatch(text) for heading in layout.headings[anchor])
            )

        memo = plan.ready["regular"] = Memo(convert)
    return memo


def _fill(
    block: Block, found: Found, recogniser: Recogniser, structure: Structure
) -> tuple[Found | None, list[Row]]:
    """Give the block its data rows; returns the next header with the rows above it."""
    rows = block.sheet.rows
    start = found.row + found.header_rows
    anchor = block.plan.index[block.plan.layout.spec["anchor"]]
    cells = [row[anchor] if anchor < len(row) else "" for row in rows[start:]]
    regular = _regular(block.plan).column(cells)
    filled = block.plan.index.get(block.plan.layout.spec.get("filled", ""))
    if filled is not None:  # a title is a text in the anchor's column too
        regular = [
            begins and filled < len(row) and not is_blank(row[filled])
            for begins, row in zip(regular, rows[start:], strict=True)
        ]
    if block.plan.layout.kind == "plain":  # a total has a number where a row of a school has one
        total = re.compile(common_patterns()["totals"])
        regular = [
            begins and not total.fullmatch(plain(first_text(row)))
            for begins, row in zip(regular, rows[start:], strict=True)
        ]
    if start < len(rows) and counts(texts_of(rows[start])):
        regular[0] = False  # the row of graph numbers under a header has numbers for codes
    if all(regular):
        block.rows = list(rows[start:])
        block.numbers = list(range(start + 1, len(rows) + 1))
        return None, []
    sheet = block.sheet.name
    kinds = Kinds(block.plan)
    pending: list[int] = []

    def settle(as_data: bool) -> None:
        as_data = as_data and block.plan.layout.kind != "cells"  # there it is a line of words
        for i in pending:
            if as_data:
                block.doubtful.append(len(block.rows))
                block.rows.append(rows[i])
                block.numbers.append(i + 1)
            else:
                structure[sheet, "footer"] += 1
        pending.clear()

    for i, is_regular in enumerate(regular, start):
        row = rows[i]
        if is_regular:
            settle(as_data=True)
            block.rows.append(row)
            block.numbers.append(i + 1)
            continue
        kind = kinds.of(row, first=not block.rows)
        if kind is None and (next_found := recogniser.at(rows, i)):
            return next_found, [rows[j] for j in pending]  # undecided rows are its titles
        if kind == "separator":
            settle(as_data=True)
            block.separators.append((len(block.rows), line(row, " | ")))
        if kind is None:
            pending.append(i)
        else:
            structure[sheet, kind] += 1
    notes = [i for i in pending if sum(not is_blank(cell) for cell in rows[i]) == 1]
    if len(notes) == len(pending):
        settle(as_data=False)
    else:
        settle(as_data=True)
    return None, []


def _memos(plan: Plan) -> list[tuple[str, int, Memo, bool, str]]:
    memos = plan.ready.get("memos")
    if memos is None:
        layout = plan.layout
        raw = _RAW.get(layout.kind, ())
        memos = plan.ready["memos"] = []
        for name, index in plan.index.items():
            if name in raw or (name.startswith("_") and name not in HELPERS):
                continue
            required = name not in HELPERS and layout.contract.column(name).required
            memo = Memo(*column_converter(layout, name))
            memos.append((name, index, memo, required, plan.heading[name]))
    return memos


def type_block(block: Block) -> Body:
    """Type all columns of a block that the plan found."""
    plan = block.plan
    cells = rectangular(block.rows, plan.width)
    n = len(block.rows)
    body = Body(block, n, {}, [cells[column.index] for column in plan.repeated])
    if block.sheet.uncached:
        _mark_uncached(body)  # before the cell passes for an empty one
    instead, default = (plan.layout.spec.get(key, {}) for key in ("instead", "default"))
    for name, index, memo, required, title in _memos(plan):
        column = cells[index]
        if (other := plan.index.get(instead.get(name))) is not None:
            column = tuple(map(_or_else, column, cells[other]))
        values = memo.column(column)
        body.look(title, memo, column, values)
        if name in default:
            values = [default[name] if value is None else value for value in values]
        if required and None in values:
            for i, value in enumerate(values):
                if value is None:
                    body.reject(i, title, Reject("REQUIRED_EMPTY"))
        body.columns[name] = values
    anchor = plan.layout.spec["anchor"]
    names = body.columns.get("school_name_given", []) if anchor == "school_code" else []
    for i in block.doubtful:
        blank = is_blank(cells[plan.index[anchor]][i])
        if blank and names and isinstance(names[i], str):
            continue  # the name is as good as the code
        body.reject(i, plan.heading[anchor], Reject("REQUIRED_EMPTY" if blank else "BAD_CODE"))
    return body


def _or_else(cell: Cell, other: Cell) -> Cell:
    return other if is_blank(cell) else cell


def _mark_uncached(body: Body) -> None:
    """A formula without a stored value is no value: the row is rejected, or its total counted."""
    plan = body.block.plan
    total = plan.index.get(plan.layout.spec.get("formula_total", ""))
    titles: dict[int, str] = {index: plan.heading[name] for name, index in plan.index.items()}
    titles |= {column.index: column.label for column in plan.repeated}
    positions = {number: i for i, number in enumerate(body.block.numbers)}
    for row, column in body.block.sheet.uncached:
        position = positions.get(row + 1)
        if position is None or column not in titles:
            continue
        if column == total:
            body.recount.add(position)
        else:
            body.reject(position, titles[column], Reject("UNCACHED_FORMULA"))


def source_texts(body: Body) -> list[str | None]:
    """JSON of the original text of each row; None where all is as typed."""
    texts: list[str | None] = [None] * body.n
    for i, fragments in body.fragments.items():
        texts[i] = "{" + ", ".join(fragments) + "}"
    return texts
