from __future__ import annotations

import pytest

from ingestion.read.model import Sheet
from ingestion.read.sheet_names import number_of, without_persons


def shown(name: str) -> str:
    return without_persons(Sheet(name, True, []), 3).name


@pytest.mark.parametrize(
    "name",
    ["Лист1", "Sheet1", "csv", "html", "Данные", "РУ 4", "4 МА", "Математика 5А", "Раздел 2",
     "Русский язык", "Успеваемость 2020-21", "", "1"],
)  # fmt: skip
def test_words_of_the_field_are_told(name):
    assert shown(name) in (name, "лист № 3")
    if "Успеваемость" not in name:
        assert shown(name) == name


@pytest.mark.parametrize(
    "name", ["Иванова", "5А Жарптицына А.", "Жарптицына Аделаидушка", "Математика Петров"]
)
def test_other_words_are_not(name):
    sheet = without_persons(Sheet(name, True, []), 3)
    assert sheet.name == "лист № 3"
    assert sheet.own_name == name
    assert number_of(sheet.name) == 3
    assert number_of(name) is None
