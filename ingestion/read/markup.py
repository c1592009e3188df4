"""Tables of a web page → a sheet of cells; and what all tables written as markup share.

Belongs here: the grid that cells are put into, the parser's use. Not here: XML (`xml_tables`),
what a file is and whether it may be parsed (`precheck`), what a sheet means (`layout`).

The parser is libxml2 in its push form: no tree, no entities of the document's own, no network,
its built-in limits of depth and text left on. Cells are counted while they come, so a file that
asks for a huge rectangle ends at the cell that asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from ingestion.read.delimited import decode
from ingestion.read.model import Cell, Place, Sheet
from ingestion.read.scan import MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from ingestion.reasons import Refusal

PAGE_SHEET = "html"
MAX_AREA = 3_000_000  # places of cells, blank ones too
_MAX_NESTED = 16  # tables in tables
_MAX_DEPTH = 256
_HEAD = 4096

Attributes = Mapping[str, str]


def read_page(data: bytes) -> list[Sheet]:
    """All tables of a web page, one under the other, with the lines of text between them.

    Raises:
        Refusal: UNREADABLE, ENCODING_UNKNOWN, NUL_BYTE, CELL_TOO_LONG, TOO_LARGE,
            TOO_MANY_COLUMNS or FAR_CELL.
    """
    text = _decode(data)
    target: Any = _Page()
    return parse(etree.HTMLParser(target=target, no_network=True), target, text)


_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?(windows-1251|koi8-r|cp866)""", re.IGNORECASE
)


def _decode(data: bytes) -> str:
    """Text of a page: what is no UTF-8 is what the page says, else by its words."""
    said = _CHARSET.search(data, 0, _HEAD)
    if said:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            if b"\0" not in data:
                return data.decode(said[1].decode().lower(), "replace")
    return decode(data)


def parse(parser: Any, target: Target, content: bytes | str) -> list[Sheet]:
    """Sheets that the target makes of the content.

    Raises:
        Refusal: UNREADABLE, or what the target refuses.
    """
    try:
        parser.feed(content)
        parser.close()
    except (etree.LxmlError, ValueError, LookupError):
        raise Refusal("UNREADABLE") from None  # its text may quote a cell
    return target.close()


class Grid:
    """Rows of one sheet as they come; refuses more than a table may hold."""

    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.merged: list[tuple[Place, Place]] = []
        self._covered: dict[int, int] = {}  # column → row up to which a cell above reaches
        self._area = 0

    def start_row(self, number: int | None = None) -> None:
        """Begin the next row, or the row of that number, from 1."""
        row = len(self.rows) + 1 if number is None else max(number, len(self.rows) + 1)
        if row > MAX_ROWS:
            raise too_far(row, 1) if number else too_many_rows(row)
        while len(self.rows) < row:
            self.rows.append([])

    def put(self, cell: Cell, *, across: int = 1, down: int = 1, column: int | None = None) -> None:
        """Put a cell with its spans; its value stands in the first place only."""
        if isinstance(cell, str) and len(cell) > MAX_TEXT:
            raise Refusal("CELL_TOO_LONG", limit=MAX_TEXT)
        if not self.rows:
            self.start_row()
        row = len(self.rows)
        cells = self.rows[-1]
        before = len(cells)
        if column is not None:
            _check_column(column, row)
            cells.extend([""] * (column - 1 - len(cells)))
        else:
            while self._covered.get(len(cells), 0) >= row:
                cells.append("")
        first = len(cells)
        _check_column(first + across, row)
        cells.append(cell)
        cells.extend([""] * (across - 1))
        self._area += len(cells) - before
        if self._area > MAX_AREA:
            raise too_far(row, first + across)
        if across > 1 or down > 1:
            last = min(row + down - 1, MAX_ROWS)
            self.merged.append(((row - 1, first), (last - 1, first + across - 1)))
            if down > 1:
                self._covered.update(dict.fromkeys(range(first, first + across), last))

    def line(self, text: str) -> None:
        """A line of text outside of any table."""
        self.start_row()
        self._covered.clear()
        self.put(text)

    def end_table(self) -> None:
        """Spans do not reach beyond their table."""
        self._covered.clear()

    def sheet(self, name: str, *, visible: bool = True, uncached: frozenset[Place]) -> Sheet:
        return Sheet(name, visible, self.rows, tuple(self.merged), uncached)


def _check_column(column: int, row: int) -> None:
    if column > MAX_COLUMNS:
        raise too_far(row, column)


def too_far(row: int, column: int) -> Refusal:
    """Refusal of a table with a cell so far away."""
    return Refusal("FAR_CELL", row=row, column=column)


def too_many_rows(row: int) -> Refusal:
    """Refusal of a table with so many rows."""
    return Refusal("TOO_LARGE", size=f"{row} строк", limit=f"{MAX_ROWS} строк")


def span(attributes: Attributes, name: str, more: int = 0) -> int:
    """Number of places that a cell takes; nonsense is one."""
    text = attributes.get(name, "").strip()
    return max(int(text) + more, 1) if text.isascii() and text.isdigit() and len(text) < 10 else 1


# Elements of a page that end a line of text.
_LINES = frozenset(
    ["p", "div", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "caption",
     "center", "pre", "form", "fieldset", "legend", "option"]
)  # fmt: skip
_SILENT = frozenset(["script", "style", "title", "head"])


class Target:
    """What the targets share: how deep the parser is."""

    depth = 0

    def down(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Refusal("UNREADABLE")

    def close(self) -> list[Sheet]:
        raise NotImplementedError


class _Page(Target):
    """Target of the parser for a web page.

    A table inside a cell is a table of its own: the row that holds it ends where it begins.
    """

    def __init__(self) -> None:
        self._grid = Grid()
        self._text: list[str] = []
        self._cell: Attributes | None = None
        self._tables = 0
        self._silent = 0
        self._in_row = False

    def start(self, tag: str, attributes: Attributes) -> None:
        self.down()
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_text()
            self._in_row = False
            self._tables += 1
            if self._tables > _MAX_NESTED:
                raise Refusal("UNREADABLE")
        elif tag == "tr":
            self._end_text()
            self._grid.start_row()
            self._in_row = True
        elif tag in ("td", "th"):
            self._end_text()
            if not self._in_row:
                self._grid.start_row()
                self._in_row = True
            self._cell = dict(attributes)
        elif tag in _LINES:
            self._end_line()

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in ("td", "th"):
            self._end_text()
        elif tag in ("tr", "table"):
            self._end_text()
            self._in_row = False
            if tag == "table":
                self._tables = max(self._tables - 1, 0)
                self._grid.end_table()
        elif tag in _LINES:
            self._end_line()

    def data(self, text: str) -> None:
        if not self._silent:
            self._text.append(text)

    def close(self) -> list[Sheet]:
        self._end_text()
        return [self._grid.sheet(PAGE_SHEET, uncached=frozenset())]

    def _end_line(self) -> None:
        if self._cell is None:
            self._end_text()
        elif self._text[-1:] != [" "]:
            self._text.append(" ")

    def _end_text(self) -> None:
        """Put what was written since the last cell or line."""
        text = "".join(self._text).strip()
        self._text = []
        if self._cell is not None:
            across, down = span(self._cell, "colspan"), span(self._cell, "rowspan")
            self._cell = None
            self._grid.put(text, across=across, down=down)
        elif text:
            self._grid.line(text)
            self._in_row = False
