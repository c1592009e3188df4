"""Bytes of a checked file → sheets of cells; one reader for each format.

Belongs here: what a format can and cannot say. Not here: what a sheet means (`layout`), and
whether the bytes are safe to parse (`precheck`, which must come first).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping

import python_calamine as calamine

from ingestion.read.delimited import read_delimited
from ingestion.read.model import Cell, FileKind, Oddities, Sheet
from ingestion.read.scan import MAX_AREA
from ingestion.reasons import Refusal

__all__ = ["Cell", "FileKind", "Sheet", "read_sheets"]

DELIMITED_SHEET = "csv"
_NOTHING_ODD = Oddities()


def read_sheets(data: bytes, kind: FileKind) -> list[Sheet]:
    """All sheets with cells, hidden ones too, in the order of the workbook.

    Args:
        data: content that `precheck` has let through.
        kind: what `precheck` said.

    Raises:
        Refusal: UNREADABLE, ENCRYPTED, or one of `delimited`, `markup`, `xml_tables`.
    """
    return _READERS[kind.format](data, kind.oddities)


def _read_workbook(data: bytes, oddities: Mapping[str, Oddities]) -> list[Sheet]:
    try:
        return list(_sheets(calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)), oddities))
    except calamine.PasswordError:
        raise Refusal("ENCRYPTED") from None
    except (calamine.CalamineError, OSError, ValueError):
        raise Refusal("UNREADABLE") from None  # its text may quote a cell
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the native code; no Exception
            raise Refusal("UNREADABLE") from None
        raise


def _sheets(book: calamine.CalamineWorkbook, oddities: Mapping[str, Oddities]) -> Iterator[Sheet]:
    area = 0
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = _sheet(book, meta, oddities.get(meta.name, _NOTHING_ODD))
        area += sum(map(len, sheet.rows))
        if area > MAX_AREA:
            raise Refusal("TOO_LARGE", size=f"{area} ячеек", limit=f"{MAX_AREA} ячеек")
        yield sheet


def _sheet(book: calamine.CalamineWorkbook, meta: calamine.SheetMetadata, odd: Oddities) -> Sheet:
    rows: list[list[Cell]] = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
    for special in (odd.errors, odd.zeros):
        for (row, column), text in special.items():
            _put(rows, row, column, text)
    visible = meta.visible == calamine.SheetVisibleEnum.Visible
    return Sheet(meta.name, visible, rows, odd.merged, odd.uncached)


def _put(rows: list[list[Cell]], row: int, column: int, text: str) -> None:
    """Write a cell that the reader left empty, also beyond the rectangle that it found."""
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = text


def _read_delimited(data: bytes, _: Mapping[str, Oddities]) -> list[Sheet]:
    rows: list[list[Cell]] = [list(row) for row in read_delimited(data)]
    return [Sheet(DELIMITED_SHEET, visible=True, rows=rows)]


# The parser of markup is loaded only where there is such a file.
def _read_page(data: bytes, _: Mapping[str, Oddities]) -> list[Sheet]:
    from ingestion.read import markup

    return markup.read_page(data)


def _read_xml_2003(data: bytes, _: Mapping[str, Oddities]) -> list[Sheet]:
    from ingestion.read import xml_tables

    return xml_tables.read_xml_2003(data)


def _read_records(data: bytes, _: Mapping[str, Oddities]) -> list[Sheet]:
    from ingestion.read import xml_tables

    return xml_tables.read_records(data)


# A further format is one more entry here and one more answer of `precheck`.
_READERS: Mapping[str, Callable[[bytes, Mapping[str, Oddities]], list[Sheet]]] = {
    "xlsx": _read_workbook,
    "xls": _read_workbook,
    "csv": _read_delimited,
    "html": _read_page,
    "xml2003": _read_xml_2003,
    "records": _read_records,
}
