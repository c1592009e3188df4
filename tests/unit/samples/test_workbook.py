"""The minimal workbook writer against two independent readers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from samples.workbook import MARK, Sheet, column_letters, write_workbook

ROWS: list[list[str | int | float | None]] = [
    ["Код", "Вариант", "Ёлка «№ 1» <&>"],
    ["006036", 2, None, 3.5],
    [],
    [None, " пробелы ", "%s #"],
]


@pytest.mark.parametrize(
    ("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_column_letters(number: int, letters: str) -> None:
    assert column_letters(number) == letters


def test_two_readers_see_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "книга.xlsx"
    write_workbook(path, [Sheet("Первый", ROWS), Sheet("Скрытый", [["x"]], state="hidden")])

    book = load_workbook(path)
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "hidden"]
    assert [[cell.value for cell in row] for row in book["Первый"].iter_rows()] == [
        ["Код", "Вариант", "Ёлка «№ 1» <&>", None],
        ["006036", 2, None, 3.5],
        [None] * 4,
        [None, " пробелы ", "%s #", None],
    ]
    assert book.properties.keywords == MARK
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Первый")
    assert sheet.to_python()[1] == ["006036", 2.0, "", 3.5]


def test_a_formula_keeps_its_value(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    write_workbook(path, [Sheet("s", [[1, 2, 3]], formulas={"C1": "SUM(A1:B1)"})])
    assert load_workbook(path)["s"]["C1"].value == "=SUM(A1:B1)"
    assert load_workbook(path, data_only=True)["s"]["C1"].value == 3


def test_same_rows_same_bytes_and_merged_ranges(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (first, second):
        write_workbook(path, [Sheet("s", ROWS * 200, merged=("A1:B1",))])
    assert first.read_bytes() == second.read_bytes()
    assert str(load_workbook(first)["s"].merged_cells) == "A1:B1"
    assert zipfile.ZipFile(first).testzip() is None
