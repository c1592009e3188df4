"""Reference seeds as a workbook and back."""

import shutil

import openpyxl
import pytest

from ingestion.reasons import Refusal
from ingestion.reply.seedbook import (
    FOLDER,
    SeedBookError,
    import_seed_book,
    seeds,
    write_seed_book,
)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "reference")
    return tmp_path / "reference"


@pytest.fixture
def book(folder, tmp_path):
    write_seed_book(tmp_path / "S40.xlsx", folder)
    return openpyxl.load_workbook(tmp_path / "S40.xlsx")


def back(book, folder):
    path = folder.parent / "filled.xlsx"
    book.save(path)
    return import_seed_book(path.read_bytes(), path.name, folder)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_every_seed_has_a_sheet_and_every_column_a_type(book, folder) -> None:
    names = [seed.name for seed in seeds(folder)]
    assert book.sheetnames[1:] == names
    assert {"reference_value", "exam_threshold", "vpr_scale", "profile_subject"} <= set(names)
    for seed in seeds(folder):
        first = seed.path(folder).read_text(encoding="utf-8").splitlines()[0]
        assert first.split(",") == list(seed.columns)
        assert all(cell.value for cell in book[seed.name][1])


def test_unchanged_values_change_nothing(book, folder) -> None:
    before = contents(folder)
    assert back(book, folder) == {}
    assert contents(folder) == before


def test_a_value_that_a_person_replaces_stands_in_the_seed(book, folder) -> None:
    sheet = book["reference_value"]
    names = [cell.value for cell in sheet[2]]
    sheet.cell(3, names.index("value") + 1, 71.25)
    sheet.cell(3, names.index("confidence") + 1, "official_text")
    rows = sheet.max_row - 2
    assert back(book, folder) == {"reference_value": (rows, rows)}
    line = (folder / "reference_value.csv").read_text(encoding="utf-8").splitlines()[1]
    assert ",71.25," in line
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("value", "много", "«value»: нужно число"),
        ("source", None, "«source»: не заполнено"),
        ("confidence", "точно", "«confidence»: не из списка"),
    ],
)
def test_a_wrong_row_replaces_nothing(book, folder, name, value, said) -> None:
    sheet = book["exam_threshold"]
    names = [cell.value for cell in sheet[2]]
    sheet.cell(4, names.index(name) + 1).value = value
    book["subjects"].cell(3, 2, "Другое имя")
    before = contents(folder)
    with pytest.raises(SeedBookError) as caught:
        back(book, folder)
    assert caught.value.problems == (f"лист «exam_threshold», строка 4, {said}",)
    assert contents(folder) == before


def test_headings_sheets_and_keys_are_checked(book, folder) -> None:
    book["subjects"]["A2"] = "kod"
    book["oge_scale"].title = "шкала"
    threshold = book["comparability_break"]
    for column in range(1, threshold.max_column + 1):
        threshold.cell(4, column, threshold.cell(3, column).value)
    with pytest.raises(SeedBookError) as caught:
        back(book, folder)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "лист «comparability_break», строка 4",
        "лист «шкала»",
        "лист «subjects»",
    ]


def test_another_file_is_refused(folder) -> None:
    with pytest.raises(Refusal):
        import_seed_book(b"\0", "S40.xlsx", folder)
