"""A clean file of the city as a grid of cells that an operator may spoil, and back to bytes.

Belongs here: finding the table and its columns in a good file, drafts, rendering. Not here: what
is spoilt (`operators`), what becomes of it (`cells`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from ingestion.read import formats, given, precheck
from ingestion.read.body import Block, split
from ingestion.read.model import Sheet
from ingestion.read.words import cell_text, is_blank
from samples.workbook import Sheet as OurSheet
from samples.workbook import column_letters, workbook_parts

PERSON = ("_fio", "_surname", "_name", "_patronymic", "_series", "_document")


class NotApplicable(Exception):  # noqa: N818  not an error
    """The operator has nothing to spoil in this file."""


@dataclass(frozen=True)
class Paper:
    """One clean file."""

    name: str
    data: bytes
    container: str
    sheets: tuple[Sheet, ...]
    blocks: tuple[Block, ...]

    @cached_property
    def block(self) -> Block:
        return max(self.blocks, key=lambda block: len(block.rows))

    @property
    def layout(self) -> str:
        return self.block.plan.layout.id

    @property
    def contract(self) -> Any:
        return self.block.plan.layout.contract

    @property
    def table(self) -> str:
        return self.contract.table

    @property
    def kind(self) -> str:
        return self.block.plan.layout.kind

    @property
    def is_form(self) -> bool:
        """Whether it is a form of the product."""
        return any("версия формы" in title for title in self.block.titles)

    def short(self, rows: int) -> Paper:
        """The same file with the first rows of its table only; one of many tables stays whole."""
        extra = set(self.block.numbers[rows:])
        if not extra or len(self.blocks) > 1 or self.kind == "cells":
            return self
        draft = Draft(self)
        draft.sheet.rows = [
            row for number, row in enumerate(draft.sheet.rows, 1) if number not in extra
        ]
        return load(self.name, draft.render())


def load(name: str, data: bytes, recogniser: Any = None) -> Paper:
    """A file, read as far as its cells and the place of its tables."""
    kind = precheck.precheck(data, name)
    sheets = formats.read_sheets(data, kind)
    spoken = given.Spoken(sheets, name, {})
    finder = recogniser or _RECOGNISER[0]
    blocks = [
        block
        for sheet in sheets
        if sheet.visible
        for block in split(sheet, finder, Counter(), spoken.of_kind)
    ]
    return Paper(name, data, kind.format, tuple(sheets), tuple(blocks))


_RECOGNISER: list[Any] = []


def use_recogniser(recogniser: Any) -> None:
    _RECOGNISER[:] = [recogniser]


@dataclass
class Grid:
    """A sheet that may be changed."""

    name: str
    rows: list[list[Any]]
    visible: bool = True
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)


class Draft:
    """A paper being spoilt.

    Attributes:
        name: path, which an operator may change.
        sheets, sheet: all grids; that of the table.
        at: positions of the table's rows in the sheet, from 0.
        marks: spoilt places: row number from 1, heading or None.
        raw: XML of cells that no value can say, by row and column from 0.
        planted: texts that no message may repeat.
        final: change of the finished bytes.
        before: further files that came earlier.
        alone: the clean file is taken away, as if it had never come.
    """

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.name = paper.name
        self.block = paper.block
        self.contract = paper.contract
        self.columns = dict(paper.block.plan.index)
        self.tasks = [column.index for column in paper.block.plan.repeated]
        self.sheets = [
            Grid(s.name, [list(row) for row in s.rows], s.visible, list(s.merged))
            for s in paper.sheets
        ]
        self.sheet = next(s for s in self.sheets if s.name == paper.block.sheet.name)
        self.at = [number - 1 for number in paper.block.numbers]
        self.marks: list[tuple[int, str | None]] = []
        self.raw: dict[tuple[int, int], str] = {}
        self.planted: list[str] = []
        self.final: Any = None
        self.alone = False
        self.encoding = "cp1251"

    @property
    def rows(self) -> list[list[Any]]:
        return self.sheet.rows

    @property
    def header(self) -> int:
        """Position of the (last) row of headings."""
        return self.block.header_row - 1

    def title(self, name: str) -> str:
        return self.block.plan.heading.get(name, name)

    def get(self, i: int, name: str | int) -> Any:
        row = self.rows[self.at[i]]
        column = name if isinstance(name, int) else self.columns[name]
        return row[column] if column < len(row) else ""

    def put(self, i: int, name: str | int, value: Any, *, mark: bool = True) -> None:
        row = self.rows[self.at[i]]
        column = name if isinstance(name, int) else self.columns[name]
        row.extend([""] * (column + 1 - len(row)))
        row[column] = value
        if mark:
            self.mark(i, name)

    def put_raw(self, i: int, name: str, xml: str) -> None:
        self.put(i, name, 1)
        self.raw[self.at[i], self.columns[name]] = xml

    def mark(self, i: int, name: str | int | None = None) -> None:
        title = self.title(name) if isinstance(name, str) else None
        self.marks.append((self.at[i] + 1, title))
        person = [self.columns[n] for n in PERSON if n in self.columns]
        row = self.rows[self.at[i]]
        self.planted += [str(row[c]) for c in person if c < len(row) and len(str(row[c])) > 4]

    def insert(self, position: int, *rows: list[Any]) -> None:
        """Rows before a position of the sheet."""
        self.rows[position:position] = [list(row) for row in rows]
        self.at = [p + len(rows) if p >= position else p for p in self.at]
        self.marks = [(n + len(rows) if n > position else n, t) for n, t in self.marks]
        self.sheet.merged = [
            tuple((r + len(rows) if r >= position else r, c) for r, c in corners)
            for corners in self.sheet.merged
        ]

    def typed(self, *types: str, filled: bool = True) -> list[str]:
        """Columns of the contract's types that are in the table (and filled somewhere)."""
        found = []
        for name in self.columns:
            if name.startswith("_"):
                continue
            column = self.contract.column(name)
            if column.type in types and (not filled or self.filled(name)):
                found.append(name)
        return found

    def filled(self, name: str | int) -> list[int]:
        return [i for i in range(len(self.at)) if not is_blank(self.get(i, name))]

    def render(self) -> bytes:
        data = _RENDER[self.paper.container](self)
        return self.final(data) if self.final else data


def _plain(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, dt.date):
        return f"{cell:%d.%m.%Y}"
    return None if cell == "" else cell


def _xlsx(draft: Draft) -> bytes:
    sheets = [
        OurSheet(
            grid.name,
            [[_plain(cell) for cell in row] for row in grid.rows],
            [
                f"{column_letters(a[1])}{a[0] + 1}:{column_letters(b[1])}{b[0] + 1}"
                for a, b in grid.merged
            ],
            "visible" if grid.visible else "hidden",
        )
        for grid in draft.sheets
    ]
    parts = workbook_parts(sheets)
    name = f"xl/worksheets/sheet{draft.sheets.index(draft.sheet) + 1}.xml"
    for (row, column), xml in draft.raw.items():
        reference = f"{column_letters(column)}{row + 1}"
        parts[name] = parts[name].replace(f'<c r="{reference}"><v>1</v></c>', xml.format(reference))
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return whole.getvalue()


def _csv(draft: Draft) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([cell_text(_plain(c)) if c != "" else "" for c in r] for r in draft.rows)
    return out.getvalue().encode(draft.encoding, "replace")


def _html(draft: Draft) -> bytes:
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell_text(_plain(c) or ''))}</td>" for c in row) + "</tr>"
        for row in draft.rows
    )
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    text = f"<html><head>{meta}</head><body><table>{lines}</table></body></html>"
    return text.encode("cp1251", "xmlcharrefreplace")


def _records(draft: Draft) -> bytes:
    return draft.paper.data


_RENDER = {"xlsx": _xlsx, "csv": _csv, "html": _html, "records": _records}
