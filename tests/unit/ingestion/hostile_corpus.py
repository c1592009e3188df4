"""The corpus of hostile files: name in the inbox, bytes, and what must be said of them.

Belongs here: the files. Not here: how workbooks are made by hand (`hostile`), what is measured
(`test_hostile_pool`). Each file costs the sender a reason and the product nothing.
"""

from __future__ import annotations

import hashlib
import io
import sys
import warnings
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hostile import (
    HEADER,
    NAMESPACE,
    book,
    compound,
    old_book_with_password,
    overlapping,
    pack,
    parts,
    sheet,
    with_directory,
)

SHEET = "xl/worksheets/sheet1.xml"
VALUE = "<v>1</v></c>"


def cell(reference: str) -> str:
    return f'<row r="1"><c r="A1">{VALUE}</row><row r="2"><c r="{reference}">{VALUE}</row>'


def bomb() -> bytes:
    row = f'<row r="1"><c r="A1">{VALUE}</row>'
    return pack(parts(sheet(row * 2_000_000)))


def bomb_of_images() -> bytes:
    return pack(parts() | {"xl/media/image1.png": b"\0" * (310 * 2**20)})


def entity_bomb() -> str:
    entities = '<!ENTITY a0 "ха">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
    )
    return sheet().replace(HEADER, f"{HEADER}<!DOCTYPE worksheet [{entities}]>")


def lying_size() -> bytes:
    data = pack(parts(sheet(f'<row><c r="A1">{VALUE}</row>' * 20_000)))
    return with_directory(data, SHEET, size=1_000)


def far_without_reference() -> str:
    # Random-looking comments keep the ratio low; each empty row moves the next cell down.
    noise = "".join(f"<!--{hashlib.sha256(bytes([i])).hexdigest()}-->" for i in range(200))
    return f"<row/>{noise}" + "<row/>" * 300_000 + f"<row><c>{VALUE}</row>"


def twins() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        with warnings.catch_warnings(action="ignore"):
            archive.writestr(SHEET, sheet(cell("XFD1048576")))
    return buffer.getvalue()


def two_directories() -> bytes:
    good, bad = book(), book(cell("XFD1048576"))
    return bad + good


def many_members() -> bytes:
    return pack(parts() | {f"xl/x{number}.xml": "" for number in range(100_000)})


def relations_to(target: str) -> bytes:
    return pack(parts(target=target) | {f"xl/{target}": sheet(cell("XFD1048576"))})


XLSX = {
    "far cell": (book(cell("XFD1048576")), "FAR_CELL"),
    "far row": (book(cell("A1048576")), "FAR_CELL"),
    "cell far enough for gigabytes": (book(cell("GR100001")), "FAR_CELL"),
    "far cell of two sheets' size": (book(cell("CB199999")), "FAR_CELL"),
    "far cell in quotes of the other kind": (
        book("<row><c r='XFD1048576'><v>1</v></c></row>"),
        "FAR_CELL",
    ),
    "far cell with blanks": (book('<row><c  r = "XFD1048576" ><v>1</v></c></row>'), "FAR_CELL"),
    "far cell in small letters": (book(cell("xfd1048576")), "FAR_CELL"),
    "far cell behind a bracket": (
        book('<row><c t=">" r="XFD1048576"><v>1</v></c></row>'),
        "FAR_CELL",
    ),
    "far cell with a prefix": (
        book(f'<x:row xmlns:x="{NAMESPACE}"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'),
        "FAR_CELL",
    ),
    "far cell without references": (book(f'<row r="1048576"><c>{VALUE}</row>'), "FAR_CELL"),
    "far cell by counting rows": (book("<row/>" * 300_000 + f"<row><c>{VALUE}</row>"), "FAR_CELL"),
    "far cell behind comments": (book(far_without_reference()), "UNREADABLE"),
    "20,000 columns": (
        book('<row r="1">' + f"<c>{VALUE}" * 20_000 + "</row>"),
        "TOO_MANY_COLUMNS",
    ),
    "703 columns": (book('<row r="1">' + f"<c>{VALUE}" * 703 + "</row>"), "TOO_MANY_COLUMNS"),
    "200,001 rows": (
        book("".join(f'<row r="{i}"><c r="A{i}">{VALUE}</row>' for i in range(1, 200_002))),
        "TOO_LARGE",
    ),
    "a cell of 40,000 letters": (
        book(f'<row><c r="A1" t="str"><v>{"ж" * 40_000}</v></c></row>'),
        "CELL_TOO_LONG",
    ),
    "an attribute of 5 MB": (
        book(f'<row><c r="A1" x="{"ж" * 2_500_000}"/></row>'),
        "CELL_TOO_LONG",
    ),
    "zip bomb": (bomb(), "ZIP_BOMB"),
    "zip bomb of an image": (bomb_of_images(), "ZIP_BOMB"),
    "lying size": (lying_size(), "ZIP_BOMB"),
    "lying size, too large": (with_directory(book(), SHEET, size=5_000), "ZIP_BROKEN"),
    "lying packed size": (with_directory(book(), SHEET, packed=5), "ZIP_BROKEN"),
    "overlapping members": (overlapping(900), "ZIP_BOMB"),
    "offset outside": (with_directory(book(), SHEET, offset=2**31), "ZIP_BROKEN"),
    "unknown method": (with_directory(book(), SHEET, method=99), "ZIP_BROKEN"),
    "encrypted member": (with_directory(book(), SHEET, flags=1), "ENCRYPTED"),
    "100,000 members": (many_members(), "ZIP_BOMB"),
    "twin members": (twins(), "ZIP_NAMES"),
    "two directories": (two_directories(), "ZIP_BROKEN"),
    "rubbish behind": (book() + b"x", "ZIP_BROKEN"),
    "path traversal": (book(**{"../../etc/cron.d/x.xml": "<a/>"}), "ZIP_NAMES"),
    "path traversal, Windows": (book(**{"xl\\..\\..\\x.xml": "<a/>"}), "ZIP_NAMES"),
    "absolute member": (book(**{"/tmp/x.xml": "<a/>"}), "ZIP_NAMES"),
    "drive letter": (book(**{"C:/x.xml": "<a/>"}), "ZIP_NAMES"),
    "sheet under another name": (relations_to("media/image1.png"), "ZIP_NAMES"),
    "sheet in an odd folder": (relations_to("theme/theme1.xml"), "FAR_CELL"),
    "nested zip": (book(**{"xl/embeddings/a.zip": book()}), "EMBEDDED_OBJECT"),
    "nested workbook": (
        book(**{"xl/embeddings/Microsoft_Excel_Sheet.xlsx": book()}),
        "EMBEDDED_OBJECT",
    ),
    "program": (book(**{"xl/run.exe": b"MZ"}), "EMBEDDED_OBJECT"),
    "OLE object": (book(**{"xl/embeddings/oleObject1.bin": b"x"}), "EMBEDDED_OBJECT"),
    "external links": (book(**{"xl/externalLinks/externalLink1.xml": "<a/>"}), "EXTERNAL_LINKS"),
    "DDE": (
        book(**{"xl/externalLinks/externalLink1.xml": '<a><ddeLink ddeService="cmd"/></a>'}),
        "EXTERNAL_LINKS",
    ),
    "macros": (book(**{"xl/vbaProject.bin": b"x"}), "MACROS"),
    "ActiveX": (book(**{"xl/activeX/activeX1.xml": "<a/>"}), "MACROS"),
    "Excel 4 macros": (book(**{"xl/macrosheets/sheet1.xml": "<a/>"}), "MACROS"),
    "DTD": (pack(parts(sheet().replace(HEADER, HEADER + "<!DOCTYPE a>"))), "XML_DTD"),
    "external DTD": (
        pack(parts(sheet().replace(HEADER, HEADER + '<!DOCTYPE a SYSTEM "http://x/a.dtd">'))),
        "XML_DTD",
    ),
    "entity bomb": (pack(parts(entity_bomb())), "XML_DTD"),
    "DTD in the styles": (
        book(
            **{"xl/styles.xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}
        ),
        "XML_DTD",
    ),
    "DTD behind a long comment": (
        pack(parts(sheet().replace(HEADER, f"{HEADER}<!--{'x' * 5_000}--><!DOCTYPE a>"))),
        "XML_DTD",
    ),
    "UTF-16 inside": (pack(parts(sheet().encode("utf-16"))), "UNREADABLE"),
    "no XML inside": (pack(parts(b"\xff\xff\xff")), "UNREADABLE"),
    "zip without a workbook": (pack({"a.xml": "<a/>"}), "NOT_XLSX"),
    "empty zip": (pack({}), "NOT_XLSX"),
    "binary workbook": (book(**{"xl/workbook.bin": b"x"}), "NOT_XLSX"),
    "spreadsheet of LibreOffice": (
        pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        "OPEN_DOCUMENT",
    ),
    "Word document in a zip": (pack({"word/document.xml": "<a/>", "a/b.bin": "x"}), "NOT_XLSX"),
    "open document": (book(mimetype=b"application/vnd.oasis"), "NOT_XLSX"),
    "password": (compound("EncryptionInfo", "EncryptedPackage"), "ENCRYPTED"),
    "nothing": (b"", "EMPTY_FILE"),
    "blanks": (b"  \n", "WRONG_EXTENSION"),
    "web page": (b"<html><table><tr><td>1</td></tr></table></html>", "WRONG_EXTENSION"),
    "text": ("Код;Балл\n1;2\n".encode("cp1251"), "WRONG_EXTENSION"),
    "binary rubbish": (b"\x01\x00\x02\x00" * 100, "NOT_XLSX"),
}

OTHERS = {
    "xlsx named xls": ("a.xls", book(), "WRONG_EXTENSION"),
    "xlsx named csv": ("a.csv", book(), "WRONG_EXTENSION"),
    "xlsx without extension": ("a", book(), "WRONG_EXTENSION"),
    "xlsx with a second extension": ("a.xlsx.pdf", book(), "WRONG_EXTENSION"),
    "xlsm": ("a.xlsm", book(), "MACROS"),
    "xls named xlsx": ("a.xlsx", compound("Workbook"), "WRONG_EXTENSION"),
    "xls with macros": ("a.xls", compound("Workbook", "_VBA_PROJECT_CUR"), "MACROS"),
    "Word document": ("a.xls", compound("WordDocument"), "NOT_XLSX"),
    "broken xls": ("a.xls", compound("Workbook"), "UNREADABLE"),
    "password of the old kind": ("a.xls", old_book_with_password(), "ENCRYPTED"),
    "password, named xls": ("a.xls", compound("EncryptedPackage"), "ENCRYPTED"),
    "web page named xls": ("a.XLS", b"\xef\xbb\xbf <HTML><body><p>", "HTML_IN_XLS"),
    "cut table named xls": ("a.xls", b"<table><tr><td>1", "CSV_TRUNCATED"),
    "XML page named xls": ("a.xls", b'<?xml version="1.0"?><html>', "HTML_IN_XLS"),
    "SpreadsheetML": (
        "a.xls",
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
        "XML_IN_XLS",
    ),
    "text named xls": ("a.xls", b"a;b\n1;2\n", "WRONG_EXTENSION"),
    "pdf": ("a.pdf", b"%PDF-1.4", "NOT_XLSX"),
    "web page named csv": ("a.csv", b"<!DOCTYPE html><html>", "WRONG_EXTENSION"),
    "csv with NUL": ("a.csv", "Код;Балл\n1;2\0\n".encode(), "NUL_BYTE"),
    "csv with NUL far behind": ("a.csv", b"a;b\n" * 1_000 + b"1;\0\n", "NUL_BYTE"),
    "csv of blanks": ("a.csv", b" \n \n", "EMPTY_FILE"),
    "csv in no known encoding": ("a.csv", bytes(range(128, 256)), "ENCODING_UNKNOWN"),
    "csv in half an encoding": (
        "a.csv",
        b"\xef\xbb\xbf" + "Код".encode("cp1251"),
        "ENCODING_UNKNOWN",
    ),
    "csv with a huge cell": ("a.csv", b"a;b\n1;" + b"x" * 40_000 + b"\n", "CELL_TOO_LONG"),
    "csv with a huge quoted cell": ("a.csv", b'a;b\n1;"' + b"x" * 40_000 + b'"\n', "CELL_TOO_LONG"),
    "csv of 20,000 columns": ("a.csv", b"1;" * 20_000 + b"\n", "TOO_MANY_COLUMNS"),
    "csv of 200,001 rows": ("a.csv", b"1;2\n" * 200_001, "TOO_LARGE"),
    "csv cut in the last row": ("a.csv", b"a;b;c\n1;2;3\n4;5", "CSV_TRUNCATED"),
    "csv cut in a quoted cell": ("a.csv", b'a;b;c\n1;2;3\n4;"5', "CSV_TRUNCATED"),
}
