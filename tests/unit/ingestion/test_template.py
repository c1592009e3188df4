"""Blank forms: what a sender sees, and that the filled form is read by the same contract."""

import datetime as dt
import re

import openpyxl
import pytest

from ingestion.contracts import load_contracts
from ingestion.contracts.form import (
    EXAMPLE_PERSON,
    find_stamp,
    form_columns,
    form_version,
    is_required,
)
from ingestion.read.layout import read_file
from ingestion.read.persons import _wrong_name, name_of
from ingestion.read.precheck import precheck
from ingestion.reply import template
from ingestion.reply.template import (
    FIRST_ROW,
    FORM_SHEET,
    HEADING_ROW,
    HELP_SHEET,
    LISTS_SHEET,
    hint,
    templates_of,
    write_template,
)
from tests.unit.ingestion.layout_world import context

TEMPLATES = sorted(name for name, contract in load_contracts().items() if contract.template)
SCHOOLS = [("s1", "СОШ № 1"), ("0017", "СОШ № 2")]


@pytest.fixture(scope="module", params=TEMPLATES)
def contract(request):
    return load_contracts()[request.param]


@pytest.fixture(scope="module")
def blank(contract, tmp_path_factory):
    path = tmp_path_factory.mktemp("forms") / "form.xlsx"
    write_template(contract, path, SCHOOLS)
    return path


@pytest.fixture(scope="module")
def book(blank):
    return openpyxl.load_workbook(blank)


def read(path):
    return read_file(path.read_bytes(), path.name, {}, "0" * 16, context())


def rules_of(book):
    """Column letter → validation of its cells."""
    return {
        re.match("[A-Z]+", str(rule.sqref))[0]: rule
        for rule in book[FORM_SHEET].data_validations.dataValidation
    }


def letters_of(contract):
    return {
        column.name: openpyxl.utils.get_column_letter(number)
        for number, column in enumerate(form_columns(contract), start=1)
    }


def list_of(book, letter):
    return [cell.value for cell in book[LISTS_SHEET][letter] if cell.value is not None]


def test_thirty_registers_and_more_have_a_form() -> None:
    assert len(TEMPLATES) >= 31
    assert {c.table for c in templates_of("S19")} == {"staff", "staff_post"}
    assert [c.table for c in templates_of("leaver")] == ["leaver"]
    assert templates_of("vpr_pupil") == templates_of("S01") == []


def test_headings_are_the_contracts_titles(contract, book) -> None:
    assert book.sheetnames == [FORM_SHEET, HELP_SHEET, LISTS_SHEET]
    assert book[LISTS_SHEET].sheet_state == "hidden"
    columns = form_columns(contract)
    headings = book[FORM_SHEET][HEADING_ROW]
    assert [cell.value for cell in headings] == [column.title for column in columns]
    assert len({cell.value for cell in headings}) == len(columns)
    for cell, column in zip(headings, columns, strict=True):
        is_marked = cell.fill.fgColor.rgb == "FFFFD966"
        assert is_marked == is_required(contract, column)
        wanted = "Обязательно" if is_marked else "Если есть"
        assert cell.comment.text == hint(contract, column)
        assert f". {wanted}. " in cell.comment.text


def test_hints_speak_to_those_who_fill_in() -> None:
    contract = load_contracts()["leaver"]
    said = {column.name: hint(contract, column) for column in form_columns(contract)}
    assert said["certificate"] == "Аттестат. Обязательно. Допустимо: нет, да, с отличием."
    assert said["grade_label"].endswith("Обязательно. Целое число. От 9 до 12.")
    contract = load_contracts()["staff"]
    said = {column.name: hint(contract, column) for column in form_columns(contract)}
    assert said["subject"] == "Основной предмет. Если есть. Выберите из списка."


def test_persons_are_named_by_two_cells_and_nothing_that_follows_is_asked() -> None:
    titles = [column.title for column in form_columns(load_contracts()["mentor_pair"])]
    assert titles[2:6] == [
        "ФИО наставника", "Дата рождения наставника",
        "ФИО молодого педагога", "Дата рождения молодого педагога",
    ]  # fmt: skip
    for table in ("staff", "leaver"):
        names = {column.name for column in form_columns(load_contracts()[table])}
        assert not names & {"person_pid", "birth_year", "full_name_pid"}
    for table in TEMPLATES:
        assert all(column.type != "pid" for column in form_columns(load_contracts()[table]))


def test_form_is_empty_and_passes_the_pre_check(blank, book) -> None:
    assert precheck(blank.read_bytes(), blank.name).format == "xlsx"
    rows = book[FORM_SHEET].iter_rows(min_row=FIRST_ROW)
    assert all(cell.value is None for row in rows for cell in row)


def test_the_blank_form_is_refused_as_such_and_its_example_is_no_data(contract, blank) -> None:
    if contract.restricted:
        pytest.skip("such files are refused whatever they hold")
    reading = read(blank)
    assert (reading.reason_code, reading.rows_read) == ("EMPTY_TEMPLATE", 0)
    assert reading.table == contract.table


def test_structure_is_locked_and_cells_of_data_are_open(contract, book) -> None:
    sheet = book[FORM_SHEET]
    assert book.security.lockStructure
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert all(cell.protection.locked for row in (1, HEADING_ROW) for cell in sheet[row])
    groups = [group for group in sheet.column_dimensions.values() if group.min]
    assert all(not group.protection.locked for group in groups)
    assert sum(group.max - group.min + 1 for group in groups) == len(form_columns(contract))


def test_drop_down_lists(tmp_path) -> None:
    contract = load_contracts()["staff"]
    write_template(contract, tmp_path / "form.xlsx", SCHOOLS, today=dt.date(2026, 11, 24))
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    letters, rules = letters_of(contract), rules_of(book)
    posts = [names[0] for names in contract.column("post_kind").vocabulary.values()]
    wanted = {
        "post_kind": posts,
        "school_code": ["s1 — СОШ № 1", "0017 — СОШ № 2"],
        "is_class_tutor": ["да", "нет"],
    }
    for name, values in wanted.items():
        letter = letters[name]
        assert list_of(book, letter) == values
        assert rules[letter].type == "list"
        assert rules[letter].formula1 == f"{LISTS_SHEET}!${letter}$1:${letter}${len(values)}"
    assert "Математика" in list_of(book, letters["subject"])
    years = list_of(book, letters["school_year"])
    assert (years[0], years[-1]) == ("2026/27", "2015/16")


def test_dates_and_ranges_are_checked_by_the_cell(tmp_path) -> None:
    contract = load_contracts()["staff"]
    write_template(contract, tmp_path / "form.xlsx")
    letters = letters_of(contract)
    rules = rules_of(openpyxl.load_workbook(tmp_path / "form.xlsx"))
    assert rules[letters["post_since"]].type == "date"
    assert rules[letters["_born.person_pid"]].type == "date"
    hours = rules[letters["weekly_hours"]]
    assert (hours.type, hours.formula1, hours.formula2) == ("decimal", "0", "54")
    assert letters["school_code"] not in rules  # no register, no list


def test_nothing_that_is_written_becomes_a_formula(tmp_path) -> None:
    contract = load_contracts()["shnor_official"]
    write_template(contract, tmp_path / "form.xlsx", [("=1+1", "@SUM(A1)"), ("+s2", "-2")])
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=1+1") for cell in cells)
    assert all(cell.data_type in ("s", "n") and cell.value != 2 for cell in cells)


def test_version_is_visible_and_follows_the_contract(contract, book) -> None:
    shown = {row[0].value: row[1].value for row in book[HELP_SHEET].iter_rows()}
    version = form_version(contract)
    assert shown["Версия формы"] == version
    stamp = find_stamp([book[FORM_SHEET]["A1"].value])
    assert (stamp.table, stamp.version) == (contract.table, version)
    assert version in book.properties.keywords
    assert len({form_version(load_contracts()[name]) for name in TEMPLATES}) == len(TEMPLATES)


def test_the_help_names_every_column_with_an_example(contract, book) -> None:
    shown = {row[0].value: row for row in book[HELP_SHEET].iter_rows()}
    assert "пример" in shown["Столбец"][2].value
    for column in form_columns(contract):
        example = shown[column.title][2].value
        assert example
        if column.pattern:
            assert re.fullmatch(column.pattern, example)


def test_bounds_are_told_in_words_and_the_past_ends_today(tmp_path) -> None:
    for name in ("social_passport", "staff", "leaver"):
        write_template(load_contracts()[name], tmp_path / f"{name}.xlsx", SCHOOLS)
    books = {path.stem: openpyxl.load_workbook(path) for path in tmp_path.glob("*.xlsx")}
    said = {rule.error for book in books.values() for rule in rules_of(book).values()}
    assert "Нужно целое число не меньше 0." in said
    assert not [text for text in said if "e+" in text]
    letter = letters_of(load_contracts()["staff"])["_born.person_pid"]
    assert rules_of(books["staff"])[letter].formula2 == "TODAY()"
    examples = {
        row[0].value: row[2].value for name in books for row in books[name][HELP_SHEET].iter_rows()
    }
    assert (examples["Обучающихся"], examples["С ОВЗ"]) == ("100", "10")
    assert (examples["Ставка"], examples["Класс"]) == ("1", "9")


def test_the_example_person_is_nobody() -> None:
    assert _wrong_name(name_of(EXAMPLE_PERSON)).code == "EXAMPLE_PERSON"


def test_schools_stand_in_the_help(tmp_path) -> None:
    write_template(load_contracts()["staff"], tmp_path / "form.xlsx", SCHOOLS)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert ("0017", "СОШ № 2") in [
        (row[0].value, row[1].value) for row in book[HELP_SHEET].iter_rows()
    ]


def test_same_contract_gives_the_same_bytes(contract, blank, tmp_path) -> None:
    write_template(contract, tmp_path / "again.xlsx", SCHOOLS)
    assert (tmp_path / "again.xlsx").read_bytes() == blank.read_bytes()


def typed_by_a_person(column):
    """(what a person puts into the cell, what must be read)."""
    if column.name == "school_code":
        return "0017 — СОШ № 2", "0017"
    if column.name == "subject":
        return "Математика", "MA"
    if column.vocabulary:
        code, names = list(column.vocabulary.items())[-1]
        return names[0], code
    if column.pattern:
        return (template._EXAMPLES[column.pattern],) * 2
    if column.type == "bool":
        return (column.spellings or {"no": ["нет"]})["no"][0], False
    if column.type == "date":
        day = dt.date(2000, 2, 29) if column.name.startswith("_born") else dt.date(2025, 3, 1)
        return day, day
    if column.type == "int":
        value = int(column.minimum or 0) + 1 if column.maximum != 1 else 1
        return value, value
    if column.type == "number":
        return (column.minimum or 0) + 0.5, (column.minimum or 0) + 0.5
    if column.name.startswith("_fio."):
        return "Ёлкина-Примерова Анна Петровна", None
    text = "0071" if column.type == "code" else f"текст: {column.name}"
    return text, text


def fill(book, contract, row=FIRST_ROW):
    """Fill in one row; returns column → value that must come out."""
    expected = {}
    for number, column in enumerate(form_columns(contract), start=1):
        typed, value = typed_by_a_person(column)
        book[FORM_SHEET].cell(row, number, typed)
        if not column.name.startswith("_"):
            expected[column.name] = value
    return expected


def test_what_a_person_fills_in_is_what_is_read(contract, blank, tmp_path) -> None:
    if contract.restricted:
        pytest.skip("refused without an explicit permission")
    path = tmp_path / "form.xlsx"
    book = openpyxl.load_workbook(blank)
    expected = fill(book, contract)
    book.save(path)
    reading = read(path)
    assert (reading.status, reading.reason_code, reading.rows_accepted) == ("read", None, 1), (
        reading.rejections
    )
    [rows] = reading.tables
    got = {name: rows.columns[name][0] for name in expected}
    assert got == expected
    assert rows.columns["row_no"] == [FIRST_ROW]
    for identity in contract.identities:
        assert re.fullmatch("[0-9a-zA-Z_-]{16,}", rows.columns[identity.pid][0])
        if identity.birth_year:
            assert rows.columns[identity.birth_year] == [2000]
