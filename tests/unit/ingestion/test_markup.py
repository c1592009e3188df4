"""Tables written as markup or tab text under the name .xls: what is read, what is refused."""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc

import pytest

from ingestion.read.formats import read_sheets
from ingestion.read.precheck import precheck
from ingestion.reasons import Refusal

EXCEL = "urn:schemas-microsoft-com:office:spreadsheet"
CANARY = "Канарейкина"


def sheets(data: bytes, name: str = "a.xls"):
    return read_sheets(data, precheck(data, name))


def page(body: str, head: str = "", encoding: str = "utf-8") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding)


def xml_2003(rows: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{EXCEL}" xmlns:ss="{EXCEL}" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<Worksheet ss:Name="Лист 1"><Table>{rows}</Table>{more}</Worksheet></Workbook>'
    ).encode()


def data(text: object, kind: str = "String") -> str:
    return f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>'


PAGE = """
  <style>td {mso-number-format: "@"}</style><script>var t = "<td>нет</td>";</script>
  <h2>Школа: МБОУ &laquo;СОШ&nbsp;№&nbsp;1&raquo;</h2>Учебный год: 2021/2022<br>Отчёт
  <table border=1>
    <caption>Контингент</caption>
    <tr><th rowspan=2>Класс</th><th colspan="2">Пропущено</th></tr>
    <tr><th>по уважительной</th><th>без</th></tr>
    <tr><td>5<b>А</b><br>утро</td><td>1&lt;2</td><td>&#1071;</td>
    <tr><td></td><td>006036</td>
  </table>
"""
PAGE_ROWS = [
    ["Школа: МБОУ «СОШ\xa0№\xa01»"],
    ["Учебный год: 2021/2022"],
    ["Отчёт"],
    ["Контингент"],
    ["Класс", "Пропущено", ""],
    ["", "по уважительной", "без"],
    ["5А утро", "1<2", "Я"],
    ["", "006036"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "koi8-r"])
def test_a_page_is_read_in_its_encoding(encoding):
    text, shown = PAGE, repr(PAGE_ROWS)
    if encoding in ("cp1251", "koi8-r"):
        text, shown = text.replace("№", "N"), shown.replace("№", "N")
    (sheet,) = sheets(page(text, encoding=encoding))
    assert repr(sheet.rows) == shown
    assert sheet.merged == (((4, 0), (5, 0)), ((4, 1), (4, 2)))


def test_what_a_page_says_of_its_encoding_counts_only_if_it_is_no_utf_8():
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'
    body = "<table><tr><td>Жук</td></tr></table>"  # no word of the field
    assert sheets(page(body, meta, "cp1251"))[0].rows == [["Жук"]]
    assert sheets(page(body, meta))[0].rows == [["Жук"]]


def test_a_table_in_a_cell_is_a_table_of_its_own():
    body = (
        "<table><tr><td>Школа: 1<table><tr><td>а</td><td>б</td></tr></table></td>"
        "<td>после</td></tr><tr><td>конец</td></tr></table>"
    )
    assert sheets(page(body))[0].rows == [["Школа: 1"], ["а", "б"], ["после"], ["конец"]]


@pytest.mark.parametrize("name", ["a.xls", "a.XLS", "a.html", "a.htm"])
def test_a_page_may_say_what_it_is(name):
    assert sheets(page("<table><tr><td>1</td></tr></table>"), name)[0].rows == [["1"]]


def test_xml_2003_is_read():
    rows = (
        f"<Row>{data('Код')}{data('Дата')}</Row>"
        f'<Row ss:Index="4">{data("006036")}{data("2021-09-01T00:00:00.000", "DateTime")}'
        f'<Cell ss:Index="5"><Data ss:Type="Number">2.5</Data></Cell>{data(1, "Boolean")}</Row>'
        f'<Row><Cell ss:MergeAcross="1"><ss:Data ss:Type="String">а<B>б</B> &lt;&#1071;</ss:Data>'
        f"<Comment><ss:Data>заметка</ss:Data></Comment></Cell>{data('#DIV/0!', 'Error')}</Row>"
        f'<Row><Cell ss:Formula="=SUM(R1)"/></Row>'
    )
    (sheet,) = sheets(xml_2003(rows))
    assert sheet.rows == [
        ["Код", "Дата"],
        [],
        [],
        ["006036", dt.datetime(2021, 9, 1), "", "", 2.5, True],  # noqa: DTZ001
        ["аб <Я", "", "#DIV/0!"],
        [""],
    ]
    assert (sheet.name, sheet.visible) == ("Лист 1", True)
    assert sheet.merged == (((4, 0), (4, 1)),)
    assert sheet.uncached == {(5, 0)}


def test_a_hidden_sheet_of_xml_2003_says_so():
    more = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    assert not sheets(xml_2003(f"<Row>{data(1)}</Row>", more))[0].visible


def test_xml_2003_in_cp1251_is_read():
    content = xml_2003(f"<Row>{data('Жук')}</Row>").decode().replace("UTF-8", "windows-1251")
    assert sheets(content.encode("cp1251"))[0].rows == [["Жук"]]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_tab_text_named_xls_is_read(encoding):
    content = "Код\tКласс\n006036\t5А\n".encode(encoding)
    assert sheets(content)[0].rows == [["Код", "Класс"], ["006036", "5А"]]


def test_records_of_open_data_are_read():
    content = """<?xml version="1.0"?><OpenData><Certificates>
      <Certificate><RegNumber>01</RegNumber><Org><INN>2305</INN><Name>«СОШ "1"</Name></Org>
        <Supplements><Supplement><Id>9</Id></Supplement></Supplements></Certificate>
      <Certificate><Org/><RegNumber>2</RegNumber><RegNumber>3</RegNumber></Certificate>
    </Certificates></OpenData>""".encode()
    (sheet,) = sheets(content, "data.xml")
    assert sheet.rows == [
        ["RegNumber", "Org/INN", "Org/Name", "Org"],
        ["01", "2305", '«СОШ "1"', ""],
        ["2", "", "", ""],
    ]


ROW = "<tr><td>1</td></tr>"
BOMB = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
XML = '<?xml version="1.0"?>'
HOSTILE = {
    "many cells": ("a.xls", page(f"<table>{'<tr>' + '<td>1' * 1000}{ROW * 499_001}</table>"),
                   "TOO_LARGE"),
    "many cells of XML": ("a.xls", xml_2003(f"<Row>{data(1) * 500_001}</Row>"), "TOO_LARGE"),
    "rows without cells": ("a.xls", page(f"<table>{'<tr>' * 200_001}</table>"), "TOO_LARGE"),
    "tags without end": ("a.xls", page(f"<table></table>{'<p>' * 2_000_008}"), "TOO_LARGE"),
    "far colspan": ("a.xls", page('<table><tr><td colspan="999999999">1</table>'), "FAR_CELL"),
    "wide rows": ("a.xls", page(f"<table>{'<tr><td colspan=700>1' * 18_000}</table>"),
                  "FAR_CELL"),
    "rowspans everywhere": (
        "a.xls", page(f"<table><tr>{'<td rowspan=999999>1' * 699}{'<tr><td>1' * 18_000}</table>"),
        "FAR_CELL"),
    "nested tables": ("a.xls", page("<table><tr><td>" * 100 + "</table>" * 100), "UNREADABLE"),
    "deep markup": ("a.xls", page(f"<table><tr><td>{'<b>' * 100_000}1</table>"), "UNREADABLE"),
    "huge cell": ("a.xls", page(f"<table><tr><td>{'ю' * 40_000}</table>"), "CELL_TOO_LONG"),
    "page with entities": ("a.xls", b"<!DOCTYPE html [<!ENTITY a 'b'>]>" + page("<table></table>"),
                           "XML_DTD"),
    "page with NUL": ("a.xls", page("<table><tr><td>1\0</table>"), "NUL_BYTE"),
    "page cut": ("a.xls", page("<table><tr><td>1</td></tr></table>")[:-24], "CSV_TRUNCATED"),
    "page in no known encoding": ("a.xls", page("<table><tr><td>Жук</table>", encoding="cp866"),
                                  "ENCODING_UNKNOWN"),
    "page without a table": ("a.xls", page("<p>Нет доступа"), "HTML_IN_XLS"),
    "page named csv": ("a.csv", page("<table></table>"), "WRONG_EXTENSION"),
    "entity bomb": ("a.xls", xml_2003("").replace(b"<Workbook", f"<!DOCTYPE a [{BOMB}]><Workbook"
                                                  .encode(), 1), "XML_DTD"),
    "external entity": (
        "a.xml", f'{XML}<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'.encode(),
        "XML_DTD"),
    "external DTD": ("a.xml", f'{XML}<!DOCTYPE a SYSTEM "http://x/a.dtd"><a/>'.encode(), "XML_DTD"),
    "unknown entity": ("a.xml", f"{XML}<a><b><c><d>&x;</d></c></b></a>".encode(), "UNREADABLE"),
    "far row": ("a.xls", xml_2003(f'<Row ss:Index="1048576">{data(1)}</Row>'), "FAR_CELL"),
    "far column": ("a.xls", xml_2003('<Row><Cell ss:Index="16384"/></Row>'), "FAR_CELL"),
    "column of many digits": ("a.xls", xml_2003(f'<Row><Cell ss:Index="{"9" * 5000}"/></Row>'),
                              "FAR_CELL"),
    "column by a word": ("a.xls", xml_2003('<Row><Cell ss:Index="-1"/></Row>'), "UNREADABLE"),
    "far merge": ("a.xls", xml_2003('<Row><Cell ss:MergeAcross="99999"/></Row>'), "FAR_CELL"),
    "wide rows of XML": ("a.xls", xml_2003('<Row><Cell ss:Index="700"/></Row>' * 18_000),
                         "FAR_CELL"),
    "deep XML": ("a.xml", f"{XML}{'<a>' * 300}{'</a>' * 300}".encode(), "UNREADABLE"),
    "XML cut": ("a.xls", xml_2003(f"<Row>{data(CANARY)}</Row>")[:-80], "UNREADABLE"),
    "XML in UTF-16": ("a.xml", f"{XML}<a><b><c><d>1</d></c></b></a>".encode("utf-16"),
                      "WRONG_EXTENSION"),
    "XML of a false encoding": (
        "a.xml", f'<?xml version="1.0" encoding="utf-8"?><a><b>{CANARY}</b></a>'.encode("cp1251"),
        "UNREADABLE"),
    "XML of an unknown encoding": ("a.xml", b'<?xml version="1.0" encoding="klingon"?><a><b/></a>',
                                   "UNREADABLE"),
    "XML with NUL": ("a.xml", f"{XML}<a>\0</a>".encode(), "NUL_BYTE"),
    "many comments": ("a.xml", f"{XML}{'<!--a-->' * 50_000}<!".encode(), "UNREADABLE"),
    "records of 10^3 columns": (
        "a.xml", f"{XML}<a><b><c>{''.join(f'<d{i}/>' for i in range(1000))}</c></b></a>".encode(),
        "TOO_MANY_COLUMNS"),
    "records of 200,001 rows": ("a.xml", f"{XML}<a><b>{'<c/>' * 200_001}</b></a>".encode(),
                                "TOO_LARGE"),
    "record with a huge text": ("a.xml", f"{XML}<a><b><c><d>{'x' * 40_000}</d></c></b></a>"
                                .encode(), "CELL_TOO_LONG"),
    "XML named xls": ("a.xls", f"{XML}<a/>".encode(), "XML_IN_XLS"),
    "tab text with NUL": ("a.xls", b"a\tb\n" * 1_000 + b"1\t\0\n", "NUL_BYTE"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_markup_is_refused_fast(case):
    name, content, code = HOSTILE[case]
    start = time.process_time()
    with pytest.raises(Refusal) as caught:
        sheets(content, name)
    assert caught.value.code == code
    assert time.process_time() - start < 2
    assert CANARY not in str(caught.value) + repr(caught.value.params)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_memory_stays_near_the_size_of_the_cells():
    content = page(f"<table>{('<tr>' + '<td>1' * 60) * 1_000}</table>")
    tracemalloc.start()
    (sheet,) = sheets(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(sheet.rows), len(sheet.rows[0])) == (1_000, 60)
    assert peak < 16 * 2**20


def test_markup_with_any_byte_changed_never_breaks_more_than_itself():
    originals = {
        "a.xls": page(PAGE),
        "b.xls": xml_2003(f"<Row>{data(CANARY)}{data(1.5, 'Number')}</Row>"),
        "a.xml": f"{XML}<a><b><c><d>{CANARY}</d></c></b></a>".encode(),
    }
    said = []
    for name, original in originals.items():
        for place in range(0, len(original), 7):
            for flip in (0x5A, 0x80):
                changed = bytearray(original)
                changed[place] ^= flip
                try:
                    sheets(bytes(changed), name)
                except Refusal as refusal:
                    said.append(str(refusal))
    assert said
    assert CANARY not in "".join(said)
