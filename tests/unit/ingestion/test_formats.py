from __future__ import annotations

import datetime as dt
import io
import sys
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from ingestion.read.formats import read_sheets
from ingestion.read.precheck import precheck

sys.path.insert(0, str(Path(__file__).parent))
from hostile import pack
from test_precheck import odd_parts


def sheets(data: bytes, name: str = "a.xlsx"):
    return read_sheets(data, precheck(data, name))


def rows_of(text: str, encoding: str = "utf-8"):
    (sheet,) = sheets(text.encode(encoding), "a.csv")
    return sheet.rows


@pytest.fixture(scope="module")
def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        worksheet = made.add_worksheet("МА 4 «А» & Б")
        worksheet.write("C3", 5)
        worksheet.write("D3", "X")
        worksheet.write("E4", True)
        worksheet.write("C5", 6036, made.add_format({"num_format": "000000"}))
        worksheet.write("D5", dt.date(2026, 4, 20), made.add_format({"num_format": "dd.mm.yyyy"}))
        worksheet.write("E5", 0.355, made.add_format({"num_format": "0.0%"}))
        worksheet.write_formula("C6", "=1/0", value="#DIV/0!")
        worksheet.write_formula("D6", "=SUM(C3)")
        worksheet.write_formula("E6", "=SUM(C3)", value=5)
        worksheet.merge_range("A8:C8", "Итоги")
        made.add_worksheet("Служебный").very_hidden()
        hidden = made.add_worksheet("Скрытый")
        hidden.write("B2", "есть")
        hidden.hide()
    return buffer.getvalue()


def test_rows_and_columns_keep_their_numbers(workbook):
    first = sheets(workbook)[0]
    assert first.name == "МА 4 «А» & Б"
    assert first.rows[0] == ["", "", "", "", ""]
    assert first.rows[2] == ["", "", 5, "X", ""]
    assert first.rows[3][4] is True


def test_codes_get_their_zeros_back(workbook):
    assert sheets(workbook)[0].rows[4] == ["", "", "006036", dt.date(2026, 4, 20), 0.355]


def test_error_cells_are_text_and_formulas_without_value_are_marked(workbook):
    first = sheets(workbook)[0]
    assert first.rows[5] == ["", "", "#DIV/0!", 0, 5]
    assert first.uncached == {(5, 3)}


def test_merged_cells_keep_their_value_in_the_first_cell(workbook):
    first = sheets(workbook)[0]
    assert first.rows[7][:3] == ["Итоги", "", ""]
    assert first.merged == (((7, 0), (7, 2)),)


def test_hidden_sheets_are_read_too(workbook):
    found = [(sheet.name, sheet.visible, sheet.rows) for sheet in sheets(workbook)[1:]]
    assert found == [("Служебный", False, []), ("Скрытый", False, [["", ""], ["", "есть"]])]


def test_an_error_outside_of_all_values_still_has_its_place():
    data = pack(odd_parts(""))
    rows = sheets(data)[0].rows
    assert rows[1] == ["006036", 6036, 1234567, "текст", ""]
    assert rows[2][:2] == ["#DIV/0!", "#N/A"]


def test_chart_sheets_are_no_tables():
    made = openpyxl.Workbook()
    made.active.append(["Код"])
    made.create_chartsheet("Диаграмма")
    buffer = io.BytesIO()
    made.save(buffer)
    assert [sheet.name for sheet in sheets(buffer.getvalue())] == ["Sheet"]


def test_old_workbooks_are_read():
    made = xlwt.Workbook()
    worksheet = made.add_sheet("Протокол")
    worksheet.write(2, 1, "Код ОО")
    worksheet.write(3, 1, 111002)
    worksheet.write(3, 2, dt.date(2026, 5, 30), xlwt.easyxf(num_format_str="DD.MM.YYYY"))
    made.add_sheet("Скрытый").visibility = 1
    buffer = io.BytesIO()
    made.save(buffer)
    first, second = sheets(buffer.getvalue(), "a.xls")
    assert first.rows == [
        ["", "", ""],
        ["", "", ""],
        ["", "Код ОО", ""],
        ["", 111002, dt.date(2026, 5, 30)],
    ]
    assert (first.visible, second.visible) == (True, False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866"])
def test_encodings_are_told_by_known_headings(encoding):
    text = "Код ОО;Класс;Балл\r\n006036;4А;61,5\r\n"
    assert rows_of(text, encoding) == [["Код ОО", "Класс", "Балл"], ["006036", "4А", "61,5"]]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
def test_encodings_are_told_in_capitals_too(encoding):
    assert rows_of("ФАМИЛИЯ;ИМЯ\nА;Б\n", encoding)[0] == ["ФАМИЛИЯ", "ИМЯ"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimiters_are_told(delimiter):
    text = "\n".join(delimiter.join(row) for row in [["Код", "Балл", "Класс"], ["1", "2", "4"]])
    assert rows_of(text + "\n") == [["Код", "Балл", "Класс"], ["1", "2", "4"]]


def test_decimal_commas_do_not_delimit():
    assert rows_of("Код;Балл\n1;2,5\n2;3,5\n")[1:] == [["1", "2,5"], ["2", "3,5"]]


def test_a_title_above_the_table_does_not_matter():
    text = "01 - Русский язык 2025.05.30\nКод ОО;Класс;Балл\n1;2;3\n4;5;6\n"
    assert rows_of(text)[0] == ["01 - Русский язык 2025.05.30"]
    assert rows_of(text)[3] == ["4", "5", "6"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"МБОУ ""СОШ № 1""";5', ['МБОУ "СОШ № 1"', "5"]),
        ('"МБОУ "СОШ № 1"";5', ['МБОУ "СОШ № 1"', "5"]),
        ('"МБОУ "СОШ № 1" города";5', ['МБОУ "СОШ № 1" города', "5"]),
        ('МБОУ "СОШ № 1";5', ['МБОУ "СОШ № 1"', "5"]),
        ('"а;б";5', ["а;б", "5"]),
        ('"";5', ["", "5"]),
    ],
)
def test_inner_quotes_survive(line, cells):
    # The last line makes the strict reader give up, as such files do.
    for rest in ("", '"школа "А"";1\n'):
        assert rows_of(f"Школа;Балл\n{line}\n{rest}")[1] == cells


def test_a_line_feed_inside_quotes_stays_in_its_cell():
    assert rows_of('Код;"Балл\n(80-99)"\n1;2\n') == [["Код", "Балл\n(80-99)"], ["1", "2"]]


def test_the_empty_column_of_trailing_delimiters_goes():
    assert rows_of("Код;Балл;\n1;2;\n3;;\n") == [["Код", "Балл"], ["1", "2"], ["3", ""]]


def test_an_empty_last_column_with_a_heading_stays():
    assert rows_of("Код;Балл\n1;\n2;\n") == [["Код", "Балл"], ["1", ""], ["2", ""]]


def test_a_last_line_without_end_but_with_all_cells_is_whole():
    assert rows_of("Код;Балл\n1;2\n3;4")[-1] == ["3", "4"]
    assert rows_of("Код;Балл") == [["Код", "Балл"]]
