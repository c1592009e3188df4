"""Makes workbooks that no spreadsheet would write."""

from __future__ import annotations

import io
import struct
import zipfile

import xlwt
from xlwt.CompoundDoc import XlsDoc

CANARY = "Канарейкина Жар-Птица"

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORKBOOK = (
    f'{HEADER}<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="Лист" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
ROWS = (
    f'<row r="1"><c r="A1" t="inlineStr"><is><t>{CANARY}</t></is></c><c r="B1"><v>5</v></c></row>'
)


def sheet(rows: str = ROWS, before: str = "", after: str = "") -> str:
    return (
        f'{HEADER}<worksheet xmlns="{NAMESPACE}">{before}<sheetData>{rows}</sheetData>{after}'
        "</worksheet>"
    )


def parts(sheet_xml: str | bytes | None = None, target: str = "worksheets/sheet1.xml") -> dict:
    return {
        "[Content_Types].xml": (
            f'{HEADER}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>'
        ),
        "_rels/.rels": (
            f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": (
            f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/worksheet" Target="{target}"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": sheet() if sheet_xml is None else sheet_xml,
    }


def pack(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def book(rows: str = ROWS, **extra: str | bytes) -> bytes:
    return pack(parts(sheet(rows)) | extra)


def with_directory(data: bytes, name: str, **changes: int) -> bytes:
    """Change fields (`size`, `packed`, `offset`, `flags`, `method`) of an entry of the directory."""
    places = {"flags": (8, "<H"), "method": (10, "<H"), "packed": (20, "<L"),
              "size": (24, "<L"), "offset": (42, "<L")}  # fmt: skip
    found = bytearray(data)
    start = data.rindex(name.encode(), 0, len(data)) - 46
    assert data[start : start + 4] == b"PK\1\2"
    for field, value in changes.items():
        place, form = places[field]
        struct.pack_into(form, found, start + place, value)
    return bytes(found)


def overlapping(copies: int) -> bytes:
    """A directory in which many members share one content."""
    data = pack(parts() | {"xl/worksheets/sheet2.xml": sheet("<row/>" * 200_000)})
    end = len(data) - 22
    count, length, start = struct.unpack_from("<HLL", data, end + 10)
    entry_start = data.rindex(b"xl/worksheets/sheet2.xml") - 46
    entry = data[entry_start:end]
    more = b"".join(entry.replace(b"sheet2", f"sh{number:04}".encode()) for number in range(copies))
    finish = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count + copies, count + copies, length + len(more), start, 0
    )
    return data[:end] + more + finish


def compound(*streams: str) -> bytes:
    """Something with the magic of an OLE container and these names in its directory."""
    names = b"".join(stream.encode("utf-16-le") + b"\0" * 64 for stream in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + names + b"\0" * 2048


def old_book_with_password() -> bytes:
    """A BIFF8 workbook with the record that announces encryption."""
    workbook = xlwt.Workbook()
    workbook.add_sheet("Лист").write(0, 0, CANARY)
    stream = workbook.get_biff_data()
    first = 4 + int.from_bytes(stream[2:4], "little")
    record = struct.pack("<2H", 0x2F, 54) + b"\x11" * 54
    buffer = io.BytesIO()
    XlsDoc().save(buffer, stream[:first] + record + stream[first:])
    return buffer.getvalue()
