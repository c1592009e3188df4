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
    PACKAGE,
    RELATIONS,
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


def many_sheets(count: int, rows: int) -> bytes:
    """One large sheet that the workbook names many times."""
    named = "".join(f'<sheet name="Л{i}" sheetId="{i}" r:id="rId1"/>' for i in range(1, count + 1))
    workbook = (
        f'{HEADER}<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets>'
        "</workbook>"
    )
    cells = "".join(
        f'<row r="{i}"><c r="A{i}">{VALUE}<c r="B{i}">{VALUE}</row>' for i in range(1, rows)
    )
    return pack(parts(sheet(cells)) | {"xl/workbook.xml": workbook})


def strings(items: str, rows: str) -> bytes:
    """A workbook with a table of shared strings."""
    found = parts(sheet(rows))
    found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
        "</Types>",
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    )
    found["xl/_rels/workbook.xml.rels"] = found["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
    )
    found["xl/sharedStrings.xml"] = f'{HEADER}<sst xmlns="{NAMESPACE}">{items}</sst>'
    return pack(found)


def sparse_sheets(count: int, far: str) -> bytes:
    """Different sheets with a first cell and a far one."""
    found = parts()
    named, relations = "", ""
    for i in range(1, count + 1):
        named += f'<sheet name="Л{i}" sheetId="{i}" r:id="rId{i}"/>'
        relations += (
            f'<Relationship Id="rId{i}" Type="{RELATIONS}/worksheet" '
            f'Target="worksheets/sheet{i}.xml"/>'
        )
        found[f"xl/worksheets/sheet{i}.xml"] = sheet(cell(far))
    found["xl/workbook.xml"] = (
        f'{HEADER}<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets>'
        "</workbook>"
    )
    found["xl/_rels/workbook.xml.rels"] = (
        f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
    )
    return pack(found)


def one_string_everywhere(*, rich: bool = False) -> bytes:
    rows = "".join(
        f'<row r="{i}">' + '<c t="s"><v>0</v></c>' * 50 + "</row>" for i in range(1, 3_001)
    )
    text = f"<r><t>{'ж' * 3_000}</t></r>" * 10 if rich else f"<t>{'ж' * 32_000}</t>"
    return strings(f"<si>{text}</si>", rows)


def linked_sheet(target: str) -> bytes:
    """A sheet with a relation to a place outside."""
    relations = (
        f'{HEADER}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/hyperlink" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return book(**{"xl/worksheets/_rels/sheet1.xml.rels": relations})


EXCEL = "urn:schemas-microsoft-com:office:spreadsheet"


def xml_2003(rows: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<Workbook xmlns="{EXCEL}" xmlns:ss="{EXCEL}">'
        f'<Worksheet ss:Name="Л"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


def data(text: str) -> str:
    return f'<Cell><Data ss:Type="String">{text}</Data></Cell>'


def page(rows: str, before: str = "") -> bytes:
    return f"<html>{before}<body><table>{rows}</table></body></html>".encode()


def records(inner: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<Data><List>{inner}</List></Data>'.encode()


BILLION = "<!DOCTYPE a [<!ENTITY a 'ха'>" + "".join(
    f"<!ENTITY {'abcdefghij'[i]} '{f'&{chr(96 + i)};' * 10}'>" for i in range(1, 10)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
UNKNOWN = "UNKNOWN_LAYOUT"
ATTRIBUTES = " ".join(f'a{i}=""' for i in range(100_000))

# Workbooks that only a second look tells from honest ones, and tables written as markup or text.
MORE = {
    "one sheet named 300 times": ("a.xlsx", many_sheets(300, 20_000), "ZIP_NAMES"),
    "a long string in 150,000 cells": ("a.xlsx", one_string_everywhere(), "TOO_LARGE"),
    "rich strings everywhere": ("a.xlsx", one_string_everywhere(rich=True), "TOO_LARGE"),
    "forty sheets of seven million places": ("a.xlsx", sparse_sheets(40, "ZZ9999"), "TOO_LARGE"),
    "a sheet of nine million places": ("a.xlsx", sparse_sheets(1, "AS199999"), UNKNOWN),
    "a list of sheets of 9 MB": (
        "a.xlsx",
        pack(parts() | {"xl/workbook.xml": parts()["xl/workbook.xml"] + "<!---->" * 1_400_000}),
        "UNREADABLE",
    ),
    "a string that is not there": (
        "a.xlsx", strings("<si><t>x</t></si>", '<row r="1"><c r="A1" t="s"><v>9</v></c></row>'),
        "UNREADABLE",
    ),
    "100,000 nested elements": (
        "a.xlsx", book(f'<row r="1"><c r="A1">{"<x>" * 100_000}</c></row>'), "UNREADABLE",
    ),
    "100,000 attributes": (
        "a.xlsx",
        book(f'<row r="1"><c r="A1" {ATTRIBUTES}/></row>'),
        "CELL_TOO_LONG",
    ),
    "100,000 rows of nothing": ("a.xlsx", book("<row/>" * 100_000), UNKNOWN),
    "links to the file system": ("a.xlsx", linked_sheet("file:///etc/passwd"), UNKNOWN),
    "links to the network": ("a.xlsx", linked_sheet("http://203.0.113.1/x"), UNKNOWN),
    "a name with DDE": (
        "a.xlsx",
        pack(parts() | {"xl/workbook.xml": parts()["xl/workbook.xml"].replace(
            "</sheets>", "</sheets><definedNames><definedName name=\"x\">cmd|'/C calc'!A0"
            "</definedName></definedNames>")}),
        UNKNOWN,
    ),
    "a picture that unpacks to 15 MB": (
        "a.xlsx", book(**{"xl/media/image1.png": b"\0" * (15 * 2**20)}), UNKNOWN,
    ),
    "formulas that inject, as texts": (
        "a.xlsx",
        book('<row r="1"><c r="A1" t="inlineStr"><is><t>=CMD|"/C calc"!A0</t></is></c>'
             '<c r="B1" t="inlineStr"><is><t>@SUM(1)</t></is></c></row>'),
        UNKNOWN,
    ),
    "signs that turn the text round": (
        "a.xlsx",
        book('<row r="1"><c r="A1" t="inlineStr"><is><t>\u202exslx.\u200b5\u2066А\u00ad</t></is>'
             "</c></row>"),
        UNKNOWN,
    ),
    "page of 600,000 cells": ("a.xls", page("<tr>" + "<td>1" * 600_000), "TOO_LARGE"),
    "page of 20,000 columns": ("a.xls", page("<tr>" + "<td>1</td>" * 20_000), "FAR_CELL"),
    "page with a span of a milliard": (
        "a.xls", page('<tr><td colspan="999999999">1</td></tr>'), "FAR_CELL",
    ),
    "page with spans that multiply": (
        "a.xls", page('<tr><td colspan="700" rowspan="199999">1</td></tr>' * 9_000), "FAR_CELL",
    ),
    "page of tables in tables": (
        "a.xls", page("<tr><td>" + "<table><tr><td>" * 50 + "</table>" * 50), "UNREADABLE",
    ),
    "page 100,000 deep": (
        "a.xls", page("<tr><td>" + "<div>" * 100_000 + "</td></tr>"), "UNREADABLE",
    ),
    "page with a cell of 10 MB": (
        "a.xls", page(f"<tr><td>{'x' * (10 * 2**20)}</td></tr>"), "CELL_TOO_LONG",
    ),
    "page with an attribute of 10 MB": (
        "a.xls", page(f'<tr><td title="{"x" * (10 * 2**20)}">1</td></tr>'), UNKNOWN,
    ),
    "page with entities": ("a.xls", page("<tr><td>&j;</td></tr>", BILLION), "XML_DTD"),
    "page with a frame and a script": (
        "a.xls",
        page('<tr><td><script src="file:///etc/passwd"></script>'
             '<iframe src="http://203.0.113.1/"></iframe><img src="//203.0.113.1/x"></td></tr>'),
        UNKNOWN,
    ),
    "page with NUL": ("a.xls", page("<tr><td>1\0</td></tr>"), "NUL_BYTE"),
    "page that says UTF-7": (
        "a.xls", page("<tr><td>+ADw-</td></tr>", '<meta charset="utf-7">'), UNKNOWN,
    ),
    "XML 2003 with entities": ("a.xls", xml_2003(data("&j;"), BILLION), "XML_DTD"),
    "XML 2003 that reads a file": ("a.xls", xml_2003(data("&x;"), OUTSIDE), "XML_DTD"),
    "XML 2003 with an external DTD": (
        "a.xls", xml_2003(data("1"), '<!DOCTYPE a SYSTEM "http://203.0.113.1/a.dtd">'), "XML_DTD",
    ),
    "XML 2003 with a far row": (
        "a.xls", xml_2003(f'<Row ss:Index="1048576">{data("1")}</Row>'), "FAR_CELL",
    ),
    "XML 2003 with a far cell": (
        "a.xls", xml_2003('<Row><Cell ss:Index="99999"><Data>1</Data></Cell></Row>'), "FAR_CELL",
    ),
    "XML 2003 with far cells in many rows": (
        "a.xls", xml_2003('<Row><Cell ss:Index="702"/></Row>' * 20_000), "FAR_CELL",
    ),
    "XML 2003 with a huge merge": (
        "a.xls",
        xml_2003('<Row><Cell ss:MergeAcross="690" ss:MergeDown="199000"/></Row>' * 9_000),
        "FAR_CELL",
    ),
    "XML 2003 of 20,000 columns": ("a.xls", xml_2003(f"<Row>{data('1') * 20_000}</Row>"), "FAR_CELL"),
    "XML 2003, 50,000 deep": ("a.xls", xml_2003("<Row>" * 50_000), "UNREADABLE"),
    "XML 2003 that is cut": ("a.xls", xml_2003("<Row>")[:-40], "UNREADABLE"),
    "XML 2003 with a cell of 10 MB": (
        "a.xls", xml_2003(f"<Row>{data('x' * (10 * 2**20))}</Row>"), "CELL_TOO_LONG",
    ),
    "records with entities": ("a.xml", records("<R><A>&j;</A></R>", BILLION), "XML_DTD"),
    "records that read a file": ("a.xml", records("<R><A>&x;</A></R>", OUTSIDE), "XML_DTD"),
    "records that include a file": (
        "a.xml",
        records('<R><A><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                'href="file:///etc/passwd" parse="text"/></A></R>'),
        UNKNOWN,
    ),
    "records of 20,000 columns": (
        "a.xml", records(f"<R>{''.join(f'<a{i}>1</a{i}>' for i in range(20_000))}</R>"),
        "TOO_MANY_COLUMNS",
    ),
    "records with ever new columns": (
        "a.xml", records("".join(f"<R><a{i % 700}>1</a{i % 700}></R>" for i in range(9_000))),
        "FAR_CELL",
    ),
    "records 50,000 deep": ("a.xml", records("<R>" * 50_000), "UNREADABLE"),
    "csv with a cell of 10 MB": ("a.csv", "Код;Балл\n1;".encode() + b"x" * (10 * 2**20), "CELL_TOO_LONG"),
    "csv with ten quoted cells of 10 MB": (
        "a.csv", "Код;Балл\n".encode() + (b'"' + b"x\n" * (4 * 2**20) + b'";') * 10, "TOO_LARGE",
    ),
    "csv of 39 MB": (
        "a.csv", "Код;Класс\n".encode("cp1251") + "школа № 1;12345678\n".encode("cp1251") * 2_100_000, "TOO_LARGE",
    ),
    "csv of 39 MB in one line": ("a.csv", "Код;".encode() + b"12345678;" * 4_500_000, "TOO_LARGE"),
    "csv of 39 MB in long cells": (
        "a.csv", "Код;Балл\n".encode("cp1251") + (b"1;" + b"\xd0" * 30_000 + b"\n") * 1_300, UNKNOWN,
    ),
    "csv of 41 MB": ("a.csv", b"1;2\n" * (41 * 2**18), "TOO_LARGE"),
    "csv of nothing but quotes": ("a.csv", "Код;Балл\n".encode() + b'"' * 2_000_000, "CELL_TOO_LONG"),
    "csv of nothing but delimiters": ("a.csv", "Код\n".encode() + b";" * 10_000_000, "TOO_LARGE"),
    "csv of nothing but line ends": ("a.csv", "Код\n".encode() + b"\n" * 10_000_000, "TOO_LARGE"),
    "csv that turns the text round": ("a.csv", "К\u202eод;Ба\u200bлл\n1;\ufeff2\n".encode(), UNKNOWN),
    "csv with NUL in UTF-16": ("a.csv", "Код;Балл\n1;\0\n".encode("utf-16"), "NUL_BYTE"),
    "csv in half of UTF-16": ("a.csv", "Код;Балл\n".encode("utf-16")[:-1], "ENCODING_UNKNOWN"),
    "csv in UTF-32": ("a.csv", "Код;Балл\n1;2\n".encode("utf-32"), "NUL_BYTE"),
    "csv in two encodings": (
        "a.csv", "Код;Балл\n".encode() + "класс;1\n".encode("cp1251"), UNKNOWN,
    ),
    "csv with escapes of a terminal": ("a.csv", b"\x1b]0;x\x07;\x1b[31m\n1;2\n", UNKNOWN),
    "csv that injects formulas": (
        "a.csv", 'Код;Балл\n=CMD|"/C calc"!A0;+1\n@SUM(1);-2\n'.encode(), UNKNOWN,
    ),
}  # fmt: skip
