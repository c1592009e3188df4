"""Writing small workbooks fast: minimal OOXML from ready-made strings.

Belongs here: the file format. Not here: what a sheet says. A general library takes several
milliseconds a workbook; a region's year is thirty thousand of them. Times inside the archive
are fixed, so the same rows give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | float | None

MARK = "msoko-synthetic"
# Smaller parts cost more time to compress than they save.
_COMPRESS_FROM = 2000
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_SHARED = ' t="s"'

_ROOT_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
)
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill'
    ' patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_CORE = (
    f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"<cp:keywords>{MARK}</cp:keywords>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created>'
    "</cp:coreProperties>"
)


@dataclass
class Sheet:
    """One sheet.

    Attributes:
        name: at most 31 characters, as Excel wants it.
        rows: cells of each row; None leaves a cell out.
        merged: ranges such as `A1:C1`.
        state: visible, hidden or veryHidden.
        formulas: formula by cell reference; the row holds the cached value.
    """

    name: str
    rows: Iterable[Sequence[Cell]]
    merged: Sequence[str] = ()
    state: str = "visible"
    formulas: Mapping[str, str] = field(default_factory=dict)


def column_letters(number: int) -> str:
    """Letters of a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _strings_xml(strings: Mapping[str, int]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">{items}</sst>'


@cache
def _row_template(kinds: tuple[type, ...]) -> str:
    """A whole row with `#` for its number and `%s` for values.

    Rows with the same types of cells share a template, so a row costs one replacement and one
    formatting, both in C.
    """
    cells = "".join(
        f'<c r="{column_letters(position)}#"{_SHARED if kind is str else ""}><v>%s</v></c>'
        for position, kind in enumerate(kinds)
        if kind is not type(None)
    )
    return f'<row r="#">{cells}</row>'


def _row_xml(number: int, row: Sequence[Cell], strings: dict[str, int]) -> str:
    filled = tuple(
        [
            strings.setdefault(cell, len(strings)) if type(cell) is str else cell
            for cell in row
            if cell is not None
        ]
    )
    return _row_template(tuple(map(type, row))).replace("#", str(number)) % filled


def _sheet_xml(sheet: Sheet, strings: dict[str, int]) -> str:
    body = "".join([_row_xml(number, row, strings) for number, row in enumerate(sheet.rows, 1)])
    for reference, formula in sheet.formulas.items():
        head = f'<c r="{reference}">'
        body = body.replace(f"{head}<v>", f"{head}<f>{escape(formula)}</f><v>", 1)
    merged = "".join(f'<mergeCell ref="{reference}"/>' for reference in sheet.merged)
    if merged:
        merged = f'<mergeCells count="{len(sheet.merged)}">{merged}</mergeCells>'
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{merged}</worksheet>'


def workbook_parts(sheets: Sequence[Sheet]) -> dict[str, str]:
    """The files inside the archive, by name."""
    strings: dict[str, int] = {}
    parts = {
        f"xl/worksheets/sheet{number}.xml": _sheet_xml(sheet, strings)
        for number, sheet in enumerate(sheets, 1)
    }
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
        f' ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    entries = "".join(
        f'<sheet name="{escape(sheet.name, {chr(34): "&quot;"})}" sheetId="{number}"'
        f"{'' if sheet.state == 'visible' else f' state={chr(34)}{sheet.state}{chr(34)}'}"
        f' r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    last = len(sheets)
    return {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'{overrides}<Override PartName="/xl/sharedStrings.xml"'
            f' ContentType="{_TYPE}.sharedStrings+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
            '<Override PartName="/docProps/core.xml" ContentType='
            '"application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
        ),
        "_rels/.rels": _ROOT_RELATIONS,
        "docProps/core.xml": _CORE,
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets>'
            "</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            f'<Relationship Id="rId{last + 1}" Type="{_OFFICE}/sharedStrings"'
            f' Target="sharedStrings.xml"/><Relationship Id="rId{last + 2}"'
            f' Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _STYLES,
        **parts,
        "xl/sharedStrings.xml": _strings_xml(strings),
    }


def write_parts(path: Path, parts: Mapping[str, str | bytes]) -> None:
    """Write an archive of parts with fixed times."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _FIXED_TIME)
            if len(content) > _COMPRESS_FROM:
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=1)
    path.write_bytes(whole.getvalue())


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write an xlsx that carries the mark of synthetic data."""
    write_parts(path, workbook_parts(sheets))
