"""Small true files to start from: one table of each layout that the synthetic city writes.

Belongs here: the grids and how a grid is written as XML, a page, text. Not here: how they are
spoilt (`mutate`), what is done with them (`targets`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from ingestion.contracts import load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read.formats import read_sheets
from ingestion.read.model import Cell, ReadContext
from ingestion.read.precheck import precheck
from ingestion.read.recognise import Recogniser
from ingestion.reference import load_reference
from samples.city import write_city

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "ingestion"))
from hostile import pack, parts, sheet

_ROWS = 4
_READ = (".xlsx", ".xls", ".csv", ".xml")


class Table(NamedTuple):
    """A file's name, the name of its sheet and its cells."""

    name: str
    sheet: str
    rows: list[list[Cell]]


@cache
def context() -> ReadContext:
    """What the readers need, with rows of every class let through."""
    contracts = load_contracts()
    key = Pseudonymiser(b"k" * 32, "key")
    return ReadContext(contracts, load_reference(), key, "23", restricted_rows=True)


@cache
def tables() -> tuple[Table, ...]:
    """The head and a few rows of one file of each layout."""
    recogniser = Recogniser(context().contracts)
    found: dict[str, Table] = {}
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        write_city(out, schools=3, years=1, restricted=True)
        for path in sorted(file for file in out.rglob("*") if file.suffix in _READ):
            data, told = path.read_bytes(), str(path.relative_to(out))
            for one in read_sheets(data, precheck(data, told)):
                head = recogniser.find(one.rows)
                if head is None or head.plans[0].layout.id in found:
                    continue
                end = head.row + head.header_rows + _ROWS
                rows = [list(row) for row in one.rows[:end]]
                found[head.plans[0].layout.id] = Table(told, one.name, rows)
    return tuple(found[layout] for layout in sorted(found))


@cache
def workbooks() -> tuple[Mapping[str, str], ...]:
    """The same tables as members of workbooks."""
    return tuple(parts(sheet(_sheet_rows(table))) for table in tables())


def packed(members: Mapping[str, str]) -> bytes:
    """A workbook of these members."""
    return pack(dict(members))


def _text(cell: Cell) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%d.%m.%Y %H:%M:%S}"
    return f"{cell:%d.%m.%Y}" if isinstance(cell, dt.date) else str(cell)


def _column(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _sheet_rows(table: Table) -> str:
    lines = []
    for r, row in enumerate(table.rows, start=1):
        cells = []
        for c, cell in enumerate(row):
            place = f"{_column(c)}{r}"
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                cells.append(f'<c r="{place}"><v>{cell}</v></c>')
            elif cell != "":
                text = escape(_text(cell))
                cells.append(f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>')
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    return "".join(lines)


def page(table: Table) -> str:
    """The table as a web page."""
    lines = [
        "<tr>" + "".join(f"<td>{escape(_text(cell))}</td>" for cell in row) + "</tr>"
        for row in table.rows
    ]
    return f'<html><head><meta charset="utf-8"></head><body><table>{"".join(lines)}</table></body></html>'


def spreadsheet(table: Table) -> str:
    """The table as a «Таблица XML 2003»."""
    lines = []
    for row in table.rows:
        cells = []
        for cell in row:
            number = isinstance(cell, int | float) and not isinstance(cell, bool)
            kind = "Number" if number else "String"
            cells.append(f'<Cell><Data ss:Type="{kind}">{escape(_text(cell))}</Data></Cell>')
        lines.append(f"<Row>{''.join(cells)}</Row>")
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="{escape(table.sheet)}"><Table>{"".join(lines)}</Table></Worksheet>'
        "</Workbook>"
    )


def records(table: Table) -> str:
    """The table as records of open data."""
    items = []
    for row in table.rows[1:]:
        cells = "".join(f"<Field{n}>{escape(_text(cell))}</Field{n}>" for n, cell in enumerate(row))
        items.append(f"<Record>{cells}</Record>")
    return f'<?xml version="1.0"?><OpenData><List>{"".join(items)}</List></OpenData>'


def lines(table: Table) -> bytes:
    """The table as delimited text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\r\n").writerows(
        [_text(cell) for cell in row] for row in table.rows
    )
    return stream.getvalue().encode("cp1251", "replace")
