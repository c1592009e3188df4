"""Collection forms that a school fills in for one paper: the older one and that of 2026.

Belongs here: the two forms with their helper sheets, helper columns and unused rows. Not here:
what the ФИС ОКО makes of them (`exports`, `reports`).
"""

from __future__ import annotations

import numpy as np

from samples.impurity import Impurity
from samples.layouts.exports import ABSENT, pupil_code, task_heading
from samples.population import School
from samples.scales import subject_names
from samples.vpr import Results
from samples.workbook import Cell, Sheet, column_letters

_UNUSED_ROWS = 120
_SEX = ("м", "ж")


def form_older(results: Results, part: slice, impurity: Impurity) -> list[Sheet]:
    """The form until 2025: class by its number in sheet `Классы`, sex, total as a formula."""
    window, paper = results.window, results.window.paper
    tasks = list(map(task_heading, paper.task_labels, paper.task_max.tolist()))
    header: list[Cell] = [
        "Код", "Вариант", *tasks, 'Класс № (список формируется из листа "Классы")', "Пол",
        "Отметка за предыдущий триместр/ четверть", "Итого баллов",
    ]  # fmt: skip
    first, last = column_letters(2), column_letters(1 + len(tasks))
    total_column = column_letters(len(header) - 1)
    rows: list[list[Cell]] = [header]
    formulas = {}
    cells = impurity.task_cells(results.tasks[part])
    for number, position in enumerate(range(part.start, part.stop), 2):
        code = pupil_code(window.grade_label, int(results.pupils.order[position]))
        if not results.present[position]:
            rows.append([code, ABSENT])
            continue
        rows.append(
            [
                code,
                int(results.variant[position]),
                *_typed(cells[number - 2]),
                int(results.pupils.class_no[position]) + 1,
                _SEX[int(results.pupils.is_girl[position])],
                int(results.journal[position]),
                int(results.total[position]),
            ]
        )
        formulas[f"{total_column}{number}"] = (
            f'IF(LEN({first}{number})>0,SUM({first}{number}:{last}{number}),"")'
        )
    names = impurity.class_names(np.unique(results.pupils.class_no[part]), window.grade_label, 0)
    classes: list[list[Cell]] = [["№", "Буква (цифра) класса"]]
    classes += [[number, name] for number, name in enumerate(names, 1)]
    return [Sheet("Протокол", rows, formulas=formulas), Sheet("Классы", classes)]


def form_2026(results: Results, part: slice, impurity: Impurity) -> list[Sheet]:
    """The form of 2026: unused rows read as total 0, lists stand right of the table."""
    window, paper = results.window, results.window.paper
    tasks = list(map(task_heading, paper.task_labels, paper.task_max.tolist()))
    header: list[Cell] = [
        "Код участника", "Вариант", *tasks, "Порядковый номер класса",
        "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов",
    ]  # fmt: skip
    width = len(header)
    first, last = column_letters(2), column_letters(1 + len(tasks))
    total_column = column_letters(width - 1)
    allowed: list[Cell] = ["5", "4", "3", "2", "нет отметки"]
    rows: list[list[Cell]] = [header]
    formulas = {}
    cells = impurity.task_cells(results.tasks[part])
    for number, position in enumerate(range(part.start, part.stop), 2):
        code = pupil_code(window.grade_label, int(results.pupils.order[position]))
        if results.present[position]:
            row: list[Cell] = [
                code, int(results.variant[position]), *_typed(cells[number - 2]),
                int(results.pupils.class_no[position]) + 1, int(results.journal[position]),
                int(results.total[position]),
            ]  # fmt: skip
        else:
            row = [code, ABSENT, *[None] * (width - 3), 0]
        rows.append(row)
    unused: list[Cell] = [*[None] * (width - 1), 0]
    rows += [list(unused) for _ in range(_UNUSED_ROWS)]
    for number in range(2, len(rows) + 1):
        formulas[f"{total_column}{number}"] = f"SUM({first}{number}:{last}{number})"
    for row, value in zip(rows[1:], allowed, strict=False):
        row += [None, value]
    service: list[list[Cell]] = [["Вариант", "Отметка", *tasks], ["1", "5"], ["2", "4"]]
    service += [[ABSENT, "3"], [None, "2"], [None, "нет отметки"]]
    return [
        Sheet("Протокол", rows, formulas=formulas),
        Sheet("Служебный", service, state="hidden"),
        Sheet("Порядковый номер класса", [[number] for number in range(1, 51)]),
    ]


def _typed(cells: list[str]) -> list[Cell]:
    """Scores as numbers, everything else as text, as a person types them."""
    return [int(cell) if cell.isdigit() else cell for cell in cells]


FORMS = {"form": form_older, "form_2026": form_2026}


def form_name(results: Results, school: School) -> str:
    """Name of a form; the folder says which school filled it in."""
    window = results.window
    season = "осень/" if window.season == "autumn" else ""
    return (
        f"ВПР/{window.cal_year}/{window.programme_grade}/{season}{school.login}/"
        f"Форма сбора результатов {subject_names()[window.subject]}"
        f" {window.grade_label} класс"
        + (
            f" (по программе {window.programme_grade} класса)"
            if window.grade_label != window.programme_grade
            else ""
        )
        + f" ВПР {window.cal_year}.xlsx"
    )
