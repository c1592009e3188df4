"""More of the corpus: workbooks that only a second look tells from honest ones, markup, text.

Belongs here: the files of `MORE`. Not here: those that were known from the start
(`hostile_corpus`).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hostile import HEADER, NAMESPACE, PACKAGE, RELATIONS, book, pack, parts, sheet
from hostile_corpus import VALUE, cell


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
