"""Lists of persons that nobody asked for are refused before anything of them is read or copied."""

import pytest

from ingestion.contracts import load_contracts
from ingestion.read.model import Sheet
from tests.unit.ingestion.layout_world import read
from tests.unit.ingestion.test_registers import form

PUPIL = [1, "edu230001", "Канарейкина Василиса Петровна", "05.07.2012", "5А"]
HEAD = ["№", "Код школы", "ФИО", "Дата рождения", "Класс"]
TITLE = ["Учебный год: 2021/22"]


def refused(rows, name="файл.xlsx", **more):
    reading = read(rows, name, **more)
    assert "анарейкин" not in str(reading)
    return reading.reason_code


@pytest.mark.parametrize(
    "heading",
    ["Диагноз", "Вид учёта", "Учёт в КДН", "Заключение ПМПК", "Инвалидность", "Статус ОВЗ",
     "Социальное положение", "Малообеспеченная семья", "Под опекой", "Группа здоровья"],
)  # fmt: skip
def test_children_with_special_data_are_no_contingent(heading):
    rows = [TITLE, [*HEAD, heading], [*PUPIL, "F80.1"]]
    assert refused(rows, "Дети.xlsx") == "EXTRA_PERSONAL_DATA"
    rows = [TITLE, [*HEAD, "Дата зачисления", heading], [*PUPIL, "01.09.2020", "F80.1"]]
    assert refused(rows, "Контингент.xlsx") == "EXTRA_PERSONAL_DATA"


def test_the_contingent_tells_movement():
    assert refused([TITLE, HEAD, PUPIL], "Дети с ОВЗ.xlsx") == "EXTRA_PERSONAL_DATA"
    assert refused([TITLE, HEAD, PUPIL], "5А.xlsx") == "EXTRA_PERSONAL_DATA"
    for heading, cell in (("Дата зачисления", "01.09.2020"), ("Движение", "учится")):
        assert read([TITLE, [*HEAD, heading], [*PUPIL, cell]], "К.xlsx").table == "pupil_year"


def test_a_title_tells_that_it_is_not_the_contingent():
    rows = [[*HEAD, "Движение"], [*PUPIL, "учится"]]
    assert refused([TITLE, *rows], "Дети с ОВЗ.xlsx") == "EXTRA_PERSONAL_DATA"
    title = ["Состоящие на учёте в КДН, учебный год: 2021/22"]
    assert refused([title, *rows], "Список.xlsx") == "EXTRA_PERSONAL_DATA"
    assert refused([TITLE, *rows], "К.xlsx", sheet="Малообеспеченные") == "EXTRA_PERSONAL_DATA"


@pytest.mark.parametrize(
    "headings",
    [
        ["ФИО ребёнка", "Телефон родителя"],
        ["Фамилия", "Имя", "Кружок"],
        ["Ф.И. ребенка", "Класс", "Вид спорта"],
        ["Ученик", "СНИЛС"],
    ],
)
def test_an_unknown_list_of_children_is_not_asked_for_more(headings):
    rows = [headings, ["Канарейкина Анна"] * len(headings)]
    assert refused(rows, "список.csv") == "EXTRA_PERSONAL_DATA"


def test_a_source_that_takes_persons_is_told_what_it_lacks():
    rows = [
        ["ФИО участника", "Код школы", "Предмет олимпиады", "Класс", "Этап", "Баллы"],
        ["Канарейкина Анна Петровна", "edu230001", "Физика", 8, "МЭ", 30],
    ]
    assert refused(rows, "олимпиада.xlsx") == "UNKNOWN_LAYOUT"


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Ф.И. ребенка", "Канарейкина Анна"),
        ("ФИ обучающегося", "Канарейкина Анна"),
        ("Имя, фамилия", "Канарейкина Анна"),
        ("Пояснение", "Канарейкина Василиса Петровна"),
        ("", "Канарейкина Василиса Петровна"),
        ("Примечание", "112-233-445 95"),
    ],
)
def test_counts_with_a_child_in_an_unread_column(heading, cell):
    rows = form(load_contracts()["volunteer_count"])
    rows = [[*rows[0], heading], [*rows[1], cell]]
    assert refused(rows) == "EXTRA_PERSONAL_DATA"


def test_counts_may_name_who_runs_the_school():
    rows = form(load_contracts()["volunteer_count"])
    rows = [[*rows[0], "Директор"], [*rows[1], "Канарейкина Василиса Петровна"]]
    assert read(rows, "форма.xlsx").status == "read"


@pytest.mark.parametrize("visible", [True, False])
def test_counts_with_a_list_of_persons_on_another_sheet(visible):
    rows = form(load_contracts()["volunteer_count"])
    persons = Sheet("Лист2", visible, [["№", "ФИО"], [1, "Канарейкина Василиса Петровна"]])
    assert refused(rows, more=[persons]) == "EXTRA_PERSONAL_DATA"
    harmless = Sheet("Лист2", visible, [["Исполнитель", "Ф.И.О."], ["", "(подпись)"]])
    assert read(rows, "форма.xlsx", more=[harmless]).status == "read"
