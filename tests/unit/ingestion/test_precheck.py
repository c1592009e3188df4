from __future__ import annotations

import io
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from ingestion.read import scan
from ingestion.read.model import FileKind
from ingestion.read.precheck import precheck

sys.path.insert(0, str(Path(__file__).parent))
from hostile import NAMESPACE, book, pack, parts, sheet


def form(rows: int, columns: int) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        worksheet = workbook.add_worksheet("Протокол")
        for row in range(rows):
            worksheet.write_row(row, 0, [40_000 + row, "X", *range(columns - 2)])
    return buffer.getvalue()


def fastest(data: bytes, repeat: int) -> float:
    def once() -> float:
        start = time.process_time()
        precheck(data, "2021/4/Математика.xlsx")
        return time.process_time() - start

    return min(once() for _ in range(repeat))


@pytest.mark.parametrize(
    "name", ["a.xlsx", "A.XLSX", "2020/4/Математика.xlsx", "имя. с точкой.xlsx"]
)
def test_an_ordinary_workbook_passes(name):
    assert precheck(form(30, 20), name) == FileKind("xlsx")


def test_workbooks_of_other_writers_pass():
    workbook = openpyxl.Workbook()
    workbook.active.append(["Код", 1])
    workbook.create_sheet("Служебный").sheet_state = "veryHidden"
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert precheck(buffer.getvalue(), "a.xlsx") == FileKind("xlsx")
    old = xlwt.Workbook()
    old.add_sheet("Лист").write(0, 0, "Код")
    buffer = io.BytesIO()
    old.save(buffer)
    assert precheck(buffer.getvalue(), "a.xls") == FileKind("xls")


@pytest.mark.parametrize("name", ["a.csv", "a.TXT", "a.tsv"])
def test_text_passes_under_names_of_text(name):
    assert precheck("Код;Балл\n1;2\n".encode("cp1251"), name) == FileKind("csv")
    assert precheck("Код;Балл\n1;2\n".encode("utf-16"), name) == FileKind("csv")


def test_streamed_archives_with_wide_numbers_pass():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content.encode())
    assert precheck(buffer.getvalue(), "a.xlsx") == FileKind("xlsx")


def test_stored_members_pass():
    assert precheck(pack(parts(), zipfile.ZIP_STORED), "a.xlsx") == FileKind("xlsx")


def test_private_data_of_other_programs_passes():
    extra = {
        "customXml/item1.xml": '<?xml version="1.0"?><DataMashup/>'.encode("utf-16"),
        "xl/printerSettings/printerSettings1.bin": b"x",
        "docProps/thumbnail.jpeg": b"x",
        "[trash]/0000.dat": b"x",
    }
    assert precheck(book(**extra), "a.xlsx") == FileKind("xlsx")


@pytest.mark.parametrize(
    ("reference", "fits"),
    [("A1", 1), ("ZZ9999", 1), ("A10000", 1), ("AS199999", 1), ("AS200000", 1), ("ZZ12820", 1),
     ("ZZ12821", 0), ("AT200001", 0), ("AAA1", 0), ("A200001", 0)],
)  # fmt: skip
def test_the_rectangle_decides(reference, fits):
    def allowed() -> bool:
        pieces = [f'<sheetData><row><c r="{reference}"><v>1</v></c></row></sheetData>'.encode()]
        if scan.is_ordinary(pieces[0]):
            return True
        try:
            scan.check_extent(pieces, pieces)
        except scan.Refusal:
            return False
        return True

    assert allowed() == bool(fits)


@pytest.mark.parametrize(
    ("letters", "number"), [(b"A", 0), (b"Z", 25), (b"AA", 26), (b"ZZ", 701), (b"XFD", 16_383)]
)
def test_columns_have_numbers(letters, number):
    assert scan.column_number(letters) == number


def test_pieces_never_split_a_cell():
    cells = b"".join(b'<c r="A%d"><v>%d</v></c>' % (i, i) for i in range(1, 3_000))
    text = b"<sheetData><row>" + cells + b"</row></sheetData>"
    for size in (7, 100, 1_001):
        chunks = [text[start : start + size] for start in range(0, len(text), size)]
        pieces = list(scan.whole_cells(chunks, b""))
        assert b"".join(pieces) == text
        for piece in pieces[1:-1]:
            assert piece.startswith(b"<")


STYLES = (
    f'<styleSheet xmlns="{NAMESPACE}"><numFmts><numFmt numFmtId="164" formatCode="000000"/>'
    '<numFmt numFmtId="165" formatCode="0.00"/></numFmts><cellStyleXfs><xf numFmtId="0"/>'
    '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164" fontId="0"/><xf numFmtId="165"/>'
    "</cellXfs></styleSheet>"
)
ODD_ROWS = (
    '<row r="2"><c r="A2" s="1"><v>6036</v></c><c r="B2" s="2"><v>6036</v></c>'
    '<c r="C2" s="1"><v>1234567</v></c><c r="D2" s="1" t="s"><v>0</v></c></row>'
    '<row r="3"><c r="A3" t="e"><v>#DIV/0!</v></c><c r="B3" t="e"><f>1/0</f><v>#N/A</v></c></row>'
    '<row r="4"><c r="A4"><f>1+1</f></c><c r="B4"><f>1+1</f><v>2</v></c><c r="C4"><f>1-1</f><v>0</v></c>'
    '<c r="D4"><f t="shared" si="0"/></c><c r="E4" t="str"><f>A1</f><v></v></c>'
    '<c r="F4"><f>1+1</f><v></v></c></row>'
)
MERGED = '<mergeCells count="1"><mergeCell ref="A1:C2"/></mergeCells>'


def odd_parts(prefix: str) -> dict[str, str]:
    made = parts(sheet(ODD_ROWS, after=MERGED)) | {
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}"><si><t>текст</t></si></sst>',
    }
    if prefix:
        for name in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"):
            text = made[name].replace("</", "\0").replace("<?", "\1")
            text = (
                text.replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:").replace("\1", "<?")
            )
            made[name] = text.replace("xmlns=", f"xmlns:{prefix}=")
    return made


@pytest.mark.parametrize("prefix", ["", "x"])
def test_oddities_are_seen(prefix):
    odd = precheck(pack(odd_parts(prefix)), "a.xlsx").oddities["Лист"]
    assert odd.zeros == {(1, 0): "006036"}
    assert odd.errors == {(2, 0): "#DIV/0!", (2, 1): "#N/A"}
    assert odd.uncached == {(3, 0), (3, 3), (3, 5)}
    assert odd.merged == (((0, 0), (1, 2)),)


def test_a_zero_of_a_workbook_that_recalculates_is_no_value():
    made = odd_parts("")
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(
        "</workbook>", '<calcPr fullCalcOnLoad="1"/></workbook>'
    )
    odd = precheck(pack(made), "a.xlsx").oddities["Лист"]
    assert (3, 2) in odd.uncached
    assert (3, 1) not in odd.uncached


def test_oddities_of_a_large_sheet_are_seen_across_pieces():
    rows = "".join(
        f'<row r="{i}"><c r="A{i}"><v>{i}</v></c><c r="B{i}"><f>A{i}+1</f></c></row>'
        for i in range(1, 40_001)
    )
    odd = precheck(book(rows), "a.xlsx").oddities["Лист"]
    assert odd.uncached == {(row, 1) for row in range(40_000)}


def test_the_pre_check_is_cheap():
    """Budget: 0.15 ms for a school's file, 60 ms for 5,000 × 21; four times that, so that a busy
    machine does not fail the test, still shows a lost fast path."""
    assert fastest(form(26, 21), 200) < 0.0006
    assert fastest(form(5_000, 21), 5) < 0.24
