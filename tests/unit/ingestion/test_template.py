"""Blank forms: what a sender sees, and that the filled form is read by the same contract."""

import datetime as dt

import openpyxl
import pytest

from ingestion.contracts import load_contracts
from ingestion.read.layout import read_file
from ingestion.read.precheck import precheck
from ingestion.reply.template import (
    FORM_SHEET,
    HELP_SHEET,
    LISTS_SHEET,
    form_columns,
    form_version,
    write_template,
)
from tests.unit.ingestion.layout_world import context

TEMPLATES = sorted(name for name, contract in load_contracts().items() if contract.template)


@pytest.fixture(params=TEMPLATES)
def contract(request):
    return load_contracts()[request.param]


def test_headings_are_the_contracts_titles(contract, tmp_path) -> None:
    write_template(contract, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert book.sheetnames == [FORM_SHEET, HELP_SHEET, LISTS_SHEET]
    assert book[LISTS_SHEET].sheet_state == "hidden"
    sheet = book[FORM_SHEET]
    columns = form_columns(contract)
    assert [cell.value for cell in sheet[1]] == [column.title for column in columns]
    for cell, column in zip(sheet[1], columns, strict=True):
        is_marked = cell.fill.fgColor.rgb == "FFFFD966"
        assert is_marked == (column.required or column.name == "school_code")
        assert column.description in cell.comment.text


def test_form_is_empty_and_passes_the_pre_check(contract, tmp_path) -> None:
    path = tmp_path / "form.xlsx"
    write_template(contract, path)
    assert precheck(path.read_bytes(), path.name).format == "xlsx"
    sheet = openpyxl.load_workbook(path)[FORM_SHEET]
    assert all(cell.value is None for row in sheet.iter_rows(min_row=2) for cell in row)


def test_drop_down_lists_are_the_vocabularies(tmp_path) -> None:
    contract = load_contracts()["school"]
    write_template(contract, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    titles = [cell.value for cell in book[FORM_SHEET][1]]
    number = titles.index(contract.column("school_kind").title) + 1
    spellings = [names[0] for names in contract.column("school_kind").vocabulary.values()]
    lists = book[LISTS_SHEET]
    found = [lists.cell(row, number).value for row in range(1, len(spellings) + 1)]
    assert found == spellings
    rules = {
        str(rule.sqref).split(":")[0]: rule
        for rule in book[FORM_SHEET].data_validations.dataValidation
    }
    letter = openpyxl.utils.get_column_letter(number)
    assert rules[f"{letter}2"].type == "list"
    assert rules[f"{letter}2"].formula1 == f"{LISTS_SHEET}!${letter}$1:${letter}${len(spellings)}"


def test_schools_can_be_chosen(tmp_path) -> None:
    contract = load_contracts()["shnor_official"]
    write_template(contract, tmp_path / "form.xlsx", [("s1", "СОШ № 1"), ("=s2", "СОШ № 2")])
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    lists = book[LISTS_SHEET]
    assert [lists["A1"].value, lists["A2"].value] == ["s1", "=s2"]
    assert lists["A2"].data_type == "s"  # text, not a formula
    helped = [(row[0].value, row[1].value) for row in book[HELP_SHEET].iter_rows()]
    assert ("s1", "СОШ № 1") in helped


def test_version_is_visible_and_follows_the_contract(contract, tmp_path) -> None:
    write_template(contract, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    shown = {row[0].value: row[1].value for row in book[HELP_SHEET].iter_rows()}
    assert shown["Версия формы"] == form_version(contract)
    assert len({form_version(load_contracts()[name]) for name in TEMPLATES}) == len(TEMPLATES)


def test_same_contract_gives_the_same_bytes(contract, tmp_path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_template(contract, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_filled_form_is_read_and_the_blank_one_is_refused_as_such(tmp_path) -> None:
    def read(data, name):
        return read_file(data, name, {}, "0" * 16, context())

    path = tmp_path / "form.xlsx"
    contract = load_contracts()["shnor_decision"]
    write_template(contract, path)
    assert read(path.read_bytes(), path.name).reason_code == "EMPTY_TEMPLATE"
    book = openpyxl.load_workbook(path)
    values = {
        "school_code": "s1",
        "decision_school_year": "2020/21",
        "decision": "включить",
        "document_no": "12-п",
        "document_date": dt.date(2021, 3, 1),
    }
    for number, column in enumerate(form_columns(contract), start=1):
        if column.name in values:
            book[FORM_SHEET].cell(2, number, values[column.name])
    book.save(path)
    reading = read(path.read_bytes(), path.name)
    assert (reading.status, reading.reason_code, reading.rows_accepted) == ("read", None, 1)
