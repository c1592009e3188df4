"""Tables written as XML → sheets of cells: «Таблица XML 2003» and records of open data.

Belongs here: what the two forms can and cannot say. Not here: web pages and the grid (`markup`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from lxml import etree

from ingestion.read.markup import (
    MAX_AREA,
    Attributes,
    Grid,
    Target,
    parse,
    span,
    too_far,
    too_many_rows,
)
from ingestion.read.model import Cell, Place, Sheet
from ingestion.read.scan import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from ingestion.reasons import Refusal


def read_xml_2003(data: bytes) -> list[Sheet]:
    """Sheets of a «Таблица XML 2003».

    Raises:
        Refusal: XML_DTD, UNREADABLE, CELL_TOO_LONG, TOO_LARGE, TOO_MANY_COLUMNS or FAR_CELL.
    """
    return _parse_xml(_Workbook(), data)


def read_records(data: bytes) -> list[Sheet]:
    """Records of an open-data XML (root / list / record) as one sheet.

    A column is a text element of the record or of a group in it (`Group/Element`); what lies
    deeper are tables of their own and is left out. The first row holds the columns' names.

    Raises:
        Refusal: XML_DTD, UNREADABLE, CELL_TOO_LONG, TOO_LARGE, TOO_MANY_COLUMNS or FAR_CELL.
    """
    return _parse_xml(_Records(), data)


def _parse_xml(target: Any, data: bytes) -> list[Sheet]:
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return parse(parser, target, data)


_EXCEL = "{urn:schemas-microsoft-com:office:spreadsheet}"
_HIDDEN = "{urn:schemas-microsoft-com:office:excel}Visible"


class _Strict(Target):
    """What the targets for XML share."""

    def doctype(self, *_: object) -> None:
        raise Refusal("XML_DTD")


class _Workbook(_Strict):
    """Target of the parser for a «Таблица XML 2003»."""

    def __init__(self) -> None:
        self._sheets: list[Sheet] = []
        self._grid = Grid()
        self._name = ""
        self._visible = True
        self._uncached: set[Place] = set()
        self._cell: Attributes | None = None
        self._type = ""
        self._has_data = self._in_data = self._in_comment = False
        self._in_visible = False
        self._text: list[str] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        self.down()
        name = tag.removeprefix(_EXCEL)
        if tag == _HIDDEN:
            self._in_visible = True
            self._text = []
        elif name == "Worksheet":
            self._grid = Grid()
            self._name = attributes.get(f"{_EXCEL}Name", "")
            self._visible = True
            self._uncached = set()
        elif name == "Row":
            self._grid.start_row(_index(attributes, MAX_ROWS))
        elif name == "Cell":
            self._cell = dict(attributes)
            self._text = []
            self._has_data = False
            self._type = ""
        elif name == "Comment":
            self._in_comment = True
        elif name == "Data" and not self._in_comment:
            self._has_data = self._in_data = True
            self._type = attributes.get(f"{_EXCEL}Type", "")

    def end(self, tag: str) -> None:
        self.depth -= 1
        name = tag.removeprefix(_EXCEL)
        if tag == _HIDDEN:
            self._in_visible = False
            self._visible = "Hidden" not in "".join(self._text)
        elif name == "Data":
            self._in_data = self._in_data and self._in_comment
        elif name == "Comment":
            self._in_comment = False
        elif name == "Cell" and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "Worksheet":
            uncached = frozenset(self._uncached)
            self._sheets.append(
                self._grid.sheet(self._name, visible=self._visible, uncached=uncached)
            )

    def data(self, text: str) -> None:
        if self._in_data or self._in_visible:
            self._text.append(text)

    def close(self) -> list[Sheet]:
        return self._sheets

    def _end_cell(self, attributes: Attributes) -> None:
        across = span(attributes, f"{_EXCEL}MergeAcross", 1)
        down = span(attributes, f"{_EXCEL}MergeDown", 1)
        column = _index(attributes, MAX_COLUMNS)
        cell = _typed("".join(self._text), self._type)
        self._grid.put(cell, across=across, down=down, column=column)
        if f"{_EXCEL}Formula" in attributes and not self._has_data:
            rows = self._grid.rows
            self._uncached.add((len(rows) - 1, len(rows[-1]) - across))


def _index(attributes: Attributes, limit: int) -> int | None:
    """Where the writer says that the row or cell stands, from 1."""
    text = attributes.get(f"{_EXCEL}Index")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Refusal("UNREADABLE")
    return int(text) if len(text) < 10 else limit + 1


def _typed(text: str, kind: str) -> Cell:
    """Value of a cell as its writer declares it; what does not fit stays text."""
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text
    if kind == "Boolean" and text in ("0", "1"):
        return text == "1"
    return text


class _Records(_Strict):
    """Target of the parser for records: root / list / record / [group /] element."""

    _RECORD, _ELEMENT, _DEEPEST = 3, 4, 5

    def __init__(self) -> None:
        self._root = ""
        self._path: list[str] = []
        self._has_children = False
        self._columns: dict[str, int] = {}
        self._record: dict[int, str] = {}
        self._records: list[dict[int, str]] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        del attributes
        self.down()
        name = tag.rpartition("}")[2]
        self._root = self._root or name
        self._path.append(name)
        self._has_children = False
        self._text = []

    def end(self, tag: str) -> None:
        del tag
        depth = self.depth
        self.depth -= 1
        if self._ELEMENT <= depth <= self._DEEPEST and not self._has_children:
            text = "".join(self._text)
            if len(text) > MAX_TEXT:
                raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)
            name = "/".join(self._path[self._RECORD :])
            column = self._columns.setdefault(name, len(self._columns))
            if column >= MAX_COLUMNS:
                raise Refusal("TOO_MANY_COLUMNS", columns=column + 1, limit=MAX_COLUMNS)
            self._record.setdefault(column, text)
        elif depth == self._RECORD:
            self._records.append(self._record)
            self._record = {}
            rows = len(self._records)
            if rows > MAX_ROWS:
                raise too_many_rows(rows)
            if rows * len(self._columns) > MAX_AREA:
                raise too_far(rows, len(self._columns))
        self._path.pop()
        self._has_children = True
        self._text = []

    def data(self, text: str) -> None:
        if self.depth >= self._ELEMENT:
            self._text.append(text)

    def close(self) -> list[Sheet]:
        width = range(len(self._columns))
        rows: list[list[Cell]] = [list(self._columns)]
        rows += [[record.get(column, "") for column in width] for record in self._records]
        return [Sheet(self._root, visible=True, rows=rows)]
