"""Forms of other versions and forms whose headings were changed."""

import datetime as dt

import openpyxl
import pytest

from ingestion.contracts import load_contracts
from ingestion.contracts.form import Stamp, find_stamp, form_columns, form_version, stamp_line
from ingestion.read.layout import read_file
from ingestion.reply.template import FIRST_ROW, FORM_SHEET, HEADING_ROW, write_template
from tests.unit.ingestion.layout_world import context

CONTRACT = load_contracts()["shnor_decision"]
VALUES = {
    "school_code": "s1",
    "decision_school_year": "2020/21",
    "decision": "включить",
    "document_no": "12-п",
    "document_date": dt.date(2021, 3, 1),
}


@pytest.fixture
def book(tmp_path):
    write_template(CONTRACT, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    for number, column in enumerate(form_columns(CONTRACT), start=1):
        book[FORM_SHEET].cell(FIRST_ROW, number, VALUES.get(column.name))
    return book


def heading(book, name):
    names = [column.name for column in form_columns(CONTRACT)]
    return book[FORM_SHEET].cell(HEADING_ROW, names.index(name) + 1)


def make_old(book):
    cell = book[FORM_SHEET]["A1"]
    cell.value = cell.value.replace(form_version(CONTRACT), "0123abcd")


def read(book, tmp_path):
    book.save(tmp_path / "filled.xlsx")
    data = (tmp_path / "filled.xlsx").read_bytes()
    return read_file(data, "filled.xlsx", {}, "0" * 16, context())


def test_the_stamp_is_found_in_its_line() -> None:
    assert find_stamp(["", f"  {stamp_line(CONTRACT)} "]) == Stamp(
        "shnor_decision", form_version(CONTRACT)
    )
    assert find_stamp(["Форма 1, версия 2"]) is None


def test_a_form_of_today_has_no_remark(book, tmp_path) -> None:
    reading = read(book, tmp_path)
    assert reading.rows_accepted == 1
    assert (FORM_SHEET, "title", 1) in reading.structure
    assert "old_form" not in {kind for _, kind, _ in reading.structure}


def test_an_old_form_with_all_that_is_required_is_read_with_a_remark(book, tmp_path) -> None:
    make_old(book)
    number = heading(book, "school_name_given").column
    book[FORM_SHEET].delete_cols(number)
    reading = read(book, tmp_path)
    assert (reading.status, reading.rows_accepted) == ("read", 1)
    assert (FORM_SHEET, "old_form", 1) in reading.structure


@pytest.mark.parametrize("name", ["school_name_given", "document_no"])
def test_an_old_form_that_would_lose_something_is_refused(book, tmp_path, name) -> None:
    make_old(book)
    heading(book, name).value = "Прежний заголовок"
    reading = read(book, tmp_path)
    assert reading.reason_code == "TEMPLATE_VERSION"
    assert reading.params == {
        "form": "shnor_decision",
        "version": "0123abcd",
        "current": form_version(CONTRACT),
    }


def test_a_changed_heading_of_todays_form_is_named(book, tmp_path) -> None:
    heading(book, "document_no").value = "№"
    reading = read(book, tmp_path)
    assert reading.reason_code == "FORM_CHANGED"
    assert reading.params["headings"] == CONTRACT.column("document_no").title


def test_a_stamp_of_a_form_that_is_no_more_does_not_help(book, tmp_path) -> None:
    for row in book[FORM_SHEET].iter_rows():
        for cell in row:
            cell.value = None
    book[FORM_SHEET]["A1"] = "Старое. Форма no_such_form, версия формы 0123abcd"
    assert read(book, tmp_path).reason_code == "UNKNOWN_LAYOUT"
