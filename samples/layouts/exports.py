"""ВПР results of pupils as the ФИС ОКО exported them: 2020, 2021, 2022.

Belongs here: the three export layouts. Not here: reports (`reports`), collection forms (`forms`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from samples.impurity import Columns, Impurity
from samples.population import Municipality, School
from samples.scales import subject_names
from samples.vpr import Results
from samples.workbook import Cell, Sheet

ABSENT = "отсутствовал"
_WIDTH_2020 = 50
_WIDTH_2021 = 37
_SEX = ("м", "ж")


@dataclass(frozen=True)
class Place:
    """Names of the region that stand in files."""

    region_code: str
    region_name: str


def pupil_code(grade: int, order: int) -> int:
    """Code of a participant: grade digit and four digits; in senior grades four digits."""
    return grade * 10_000 + order + 1 if grade < 10 else 1001 + order


def task_heading(label: str, max_score: int) -> str:
    """A task as the forms of 2022 head it: `5(1) (1б)`, `4К1 (3б)`."""
    number, dot, part = label.partition(".")
    shown = f"{number}({part})" if dot and part.isdigit() else label
    return f"{shown} ({max_score}б)"


def municipality_key(place: Place, municipality: Municipality) -> str:
    """Code of a municipality in the ФИС ОКО."""
    return f"reg{place.region_code}_m{municipality.number:03d}"


def _rows(
    results: Results,
    chosen: Sequence[tuple[int, slice]],
    impurity: Impurity,
    row: Callable[[int, int, str, Sequence[str]], list[Cell]],
    columns: Columns,
) -> list[list[Cell]]:
    """Rows of pupils; `row` gets school, position, class and task cells (none if absent)."""
    rows: list[list[Cell]] = []
    present_rows: list[list[Cell]] = []
    present = results.present
    for school, part in chosen:
        names = impurity.class_names(
            results.pupils.class_no[part], results.window.grade_label, school * 7 + 3
        )
        cells = impurity.task_cells(results.tasks[part])
        for position in range(part.start, part.stop):
            number = position - part.start
            if present[position]:
                built = row(school, position, names[number], cells[number])
                present_rows.append(built)
            else:
                built = row(school, position, "", ())
            rows.append(built)
    impurity.spoil(present_rows, columns)
    return rows


def export_2020(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Machine names, fifty columns; nothing says which subject, grade or year it is."""
    count = len(results.window.paper.task_max)
    grade = results.window.grade_label
    header: list[Cell] = ["groups", "user", "id", "code", "otc", "gender", "klass"]
    header += ["var-1", "var-2", "sum"]
    header += [f"a-{number}-grade" for number in range(1, _WIDTH_2020 - len(header) + 1)]
    header[10 + count] = "Учебник"
    groups = f"{place.region_code}-RU,SOUTH,VPR_{place.region_code}"
    two_parts = results.window.subject == "RU" and results.window.programme_grade == 4
    pupils, total = results.pupils, results.total.tolist()
    order, girls = pupils.order.tolist(), pupils.is_girl.tolist()
    journal, variant = results.journal.tolist(), results.variant.tolist()
    book = f"{results.window.subject.lower()}{results.window.programme_grade}.1"

    def row(school: int, position: int, klass: str, cells: Sequence[str]) -> list[Cell]:
        head: list[Cell] = [
            groups, schools[school].old_login, str(position + 1),
            pupil_code(grade, order[position]),
        ]  # fmt: skip
        if not cells:
            return [*head, None, None, None, ABSENT]
        shown = str(variant[position])
        return [
            *head, str(journal[position]), _SEX[girls[position]], klass, shown,
            shown if two_parts else None, total[position], *cells, book,
        ]  # fmt: skip

    rows = _rows(results, chosen, impurity, row, Columns(4, 5, 7, 9, 10))
    return [Sheet("Sheet1", [header, *rows])]


def export_2021(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Russian names, running task numbers, nameless columns at the end; all cells are text."""
    del place
    count = len(results.window.paper.task_max)
    grade = results.window.grade_label
    header: list[Cell] = [
        "логин школы", "регион", "номер обучающегося", "код обучающегося",
        "отметка за предыдущую четверть/триместр", "пол", "класс", "вариант", "всего баллов",
        *(f"балл за {number}" for number in range(1, count + 1)),
        "Учебник", "Др.уч. автор", "Др.уч. название",
    ]  # fmt: skip
    header += [""] * max(0, min(5, _WIDTH_2021 - len(header)))
    pupils = results.pupils
    total = list(map(str, results.total.tolist()))
    order, girls = pupils.order.tolist(), pupils.is_girl.tolist()
    journal = list(map(str, results.journal.tolist()))
    variant = list(map(str, results.variant.tolist()))
    book = f"{results.window.subject.lower()}{results.window.programme_grade}.1"

    def row(school: int, position: int, klass: str, cells: Sequence[str]) -> list[Cell]:
        head: list[Cell] = [
            schools[school].old_login, schools[school].municipality.name,
            str(order[position] + 1), str(pupil_code(grade, order[position])),
        ]  # fmt: skip
        if not cells:
            return [*head, None, None, None, ABSENT]
        return [
            *head, journal[position], _SEX[girls[position]], klass, variant[position],
            total[position], *cells, book,
        ]  # fmt: skip

    rows = _rows(results, chosen, impurity, row, Columns(4, 5, 7, 8, 9))
    return [Sheet("Sheet", [header, *rows])]


def export_2022(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Two sheets, task labels with maxima, keys joined by pipes; the year is in a date only."""
    paper = results.window.paper
    grade = results.window.grade_label
    frame: list[Cell] = [
        "Пользователь", "Код региона", "Регион", "Муниципалитет", "Школа", "Дата загрузки",
    ]  # fmt: skip
    header: list[Cell] = [
        *frame, "Код", "Вариант",
        *map(task_heading, paper.task_labels, paper.task_max.tolist()),
        "Наименование класса", "Пол", "Отметка за предыдущий триместр/ четверть/полугодие",
        "Итого баллов",
    ]  # fmt: skip
    classes_header: list[Cell] = [
        *frame, 'Буква (цифра) класса. Введите "нет" - если отсутствует',
        "Основной учебник по предмету", "Другое (автор учебника)", "Другое (название учебника)",
    ]  # fmt: skip
    heads: dict[int, list[Cell]] = {}
    for school, _ in chosen:
        item = schools[school]
        loaded = dt.datetime.combine(results.window.held_on, dt.time(10)) + dt.timedelta(
            days=1, minutes=7 * (school % 400), seconds=13
        )
        region = f"reg{place.region_code}0000"
        heads[school] = [
            item.login, region, f"{region} | {place.region_name}",
            f"{municipality_key(place, item.municipality)} | {item.municipality.name}",
            f"{item.login} | {item.short_name}", f"{loaded:%d.%m.%Y %H:%M:%S}",
        ]  # fmt: skip
    pupils = results.pupils
    total = list(map(str, results.total.tolist()))
    order, girls = pupils.order.tolist(), pupils.is_girl.tolist()
    journal = list(map(str, results.journal.tolist()))
    variant = list(map(str, results.variant.tolist()))

    def row(school: int, position: int, klass: str, cells: Sequence[str]) -> list[Cell]:
        head = [*heads[school], str(pupil_code(grade, order[position]))]
        if not cells:
            return [*head, ABSENT]
        return [
            *head, variant[position], *cells, klass, _SEX[girls[position]], journal[position],
            total[position],
        ]  # fmt: skip

    tasks = len(paper.task_max)
    rows = _rows(results, chosen, impurity, row, Columns(10 + tasks, 9 + tasks, 7, 11 + tasks, 8))
    book = f"{results.window.subject.lower()}{results.window.programme_grade}.1 | | "
    class_rows = []
    for school, part in chosen:
        numbers = np.unique(results.pupils.class_no[part])
        for name in impurity.class_names(numbers, grade, school * 7 + 3):
            class_rows.append([*heads[school], name, book])
    return [Sheet("Классы", [classes_header, *class_rows]), Sheet("Протокол", [header, *rows])]


EXPORTS = {
    "export_2020": export_2020,
    "export_2021": export_2021,
    "export_2022": export_2022,
}

# Dative of subjects, as names of files of 2021 have them.
_DATIVE = {
    "RU": "русскому языку", "MA": "математике", "OM": "окружающему миру", "FI": "физике",
    "HI": "химии", "BI": "биологии", "IS": "истории", "GG": "географии",
    "EN": "английскому языку", "DE": "немецкому языку", "OB": "обществознанию",
}  # fmt: skip


def export_name(results: Results) -> str:
    """Name of an export with its folders: the only place that says subject, grade and year."""
    window = results.window
    folder = f"ВПР/{window.cal_year}/{window.programme_grade}"
    if window.layout == "export_2021":
        return (
            f"{folder}/Проведение работы по {_DATIVE[window.subject]},"
            f" {window.programme_grade} класс. ВПР {window.cal_year}.xlsx"
        )
    name = subject_names()[window.subject]
    if window.cal_year == 2022 and window.season == "autumn":
        folder += "/осень"
    return f"{folder}/{name}.xlsx"
