from __future__ import annotations

import re

import pytest

from ingestion.read.model import Sheet
from ingestion.read.sheet_names import number_of, path_without_persons, without_persons


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


SHA = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Характеристика Канарейкина Василиса Петровна.xlsx", "файл 01234567"),
        ("канарейкина_василиса_петровна.csv", "файл 01234567"),
        ("СНИЛС 112-233-445 95.xlsx", "файл 01234567"),
        ("Канарейкина Василиса 05.07.2012.xlsx", "файл 01234567"),
        (
            "Русский язык 5 класс 2021 Канарейкина В.П.xlsx",
            "файл 01234567 Русский язык 5 класс 2021",
        ),
    ],
)
def test_a_file_named_after_a_person_is_told_by_its_hash(name, told):
    shown = path_without_persons(f"2021/{name}", SHA)
    assert shown.startswith(f"2021/{told}")
    assert shown.endswith(name[-4:])
    assert not {"канарейкина", "василиса", "445", "2012"} & {*re.findall(r"\w+", shown.lower())}
    assert path_without_persons(shown, SHA) == shown


def test_so_is_a_folder():
    shown = path_without_persons("Канарейкина В.А./Математика.xlsx", SHA)
    assert re.fullmatch("папка [0-9a-f]{8}/.*", shown)
    assert shown.endswith("/Математика.xlsx")
    assert "анарейкин" not in shown


@pytest.mark.parametrize(
    "name",
    ["ВПР 2021 230001.xlsx", "Сетевой город/Контингент 2021-22.xls", "edu230001/РУ 4.xlsx",
     "01 - Русский язык 2025.05.30.xlsx", "01_2025.05.30", "СОШ им. Пушкина А.С./форма.csv", "без"],
)  # fmt: skip
def test_other_files_are_told_as_they_are(name):
    assert path_without_persons(name, SHA) == name
