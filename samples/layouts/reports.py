"""Reports of the ФИС ОКО: individual results (Ф1), marks (Ф3), journal, distribution, tasks.

Belongs here: the common frame and the five reports, with rows of the whole sample, the region,
municipalities and schools. Not here: exports of pupils' rows (`exports`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from samples.impurity import Impurity
from samples.layouts.exports import Place, municipality_key, pupil_code, task_heading
from samples.papers import Floats, Ints
from samples.population import School
from samples.scales import marks, subject_abbreviations, subject_names
from samples.vpr import Results, Window
from samples.workbook import Cell, Sheet

# Invented sizes of the levels above: how many schools and participants they have.
_SAMPLE = (38_000, 1_400_000)
_REGION = (1_150, 58_000)
# The whole sample does a little worse than the region.
_SAMPLE_SHIFT = 0.06
_EXPECTED_TASK_SHIFT = 0.02


def title(window: Window) -> str:
    """What a report says of itself: year, subject, grade."""
    name = subject_names()[window.subject]
    shown = f"ВПР {window.cal_year} {name} {window.grade_label} класс"
    if window.grade_label != window.programme_grade:
        shown += f" (по программе {window.programme_grade} класса)"
    return shown


def _frame(window: Window, name: str) -> list[list[Cell]]:
    """Rows 1 to 7 above the header in row 8."""
    return [
        [name],
        [],
        [title(window)],
        ["Предмет:", subject_names()[window.subject]],
        ["Максимальный первичный балл:", window.paper.max_score],
        ["Дата:", f"{window.held_on:%d.%m.%Y}"],
        [],
    ]


def _sheet_name(window: Window, name: str) -> str:
    abbreviation = subject_abbreviations()[window.subject]
    return f"{abbreviation} {window.grade_label} {name}"[:31]


def _units(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
) -> list[tuple[str, Ints, int | None]]:
    """Municipalities, each with its schools after it.

    Returns:
        Name, positions of participants, number of schools (None for a school).
    """
    by_municipality: dict[str, list[tuple[int, slice]]] = {}
    for item in chosen:
        by_municipality.setdefault(schools[item[0]].municipality.id, []).append(item)
    units: list[tuple[str, Ints, int | None]] = []
    for members in by_municipality.values():
        municipality = schools[members[0][0]].municipality
        inside = [part.start + np.flatnonzero(results.present[part]) for _, part in members]
        units.append(
            (
                f"{municipality.name}({municipality_key(place, municipality)})",
                np.concatenate(inside),
                len(members),
            )
        )
        units += [
            (f"{schools[school].short_name}({schools[school].login})", positions, None)
            for (school, _), positions in zip(members, inside, strict=True)
            if len(positions)
        ]
    return units


def _above(window: Window, place: Place) -> list[tuple[str, int, int, Floats]]:
    """The whole sample and the region: name, schools, participants, shares of primary scores."""
    observed = window.paper.observed
    lower = (1 - _SAMPLE_SHIFT) * observed + _SAMPLE_SHIFT * np.append(observed[1:], 0.0)
    return [
        ("Вся выборка", *_SAMPLE, lower / lower.sum()),
        (place.region_name, *_REGION, observed),
    ]


def _percents(values: Floats | Ints) -> list[Cell]:
    counts = values.astype(float)
    total = counts.sum()
    return [round(100 * float(value) / float(total), 2) for value in counts]


def report_marks(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Ф3: percents of marks; headings 2 to 5 are numbers."""
    del impurity
    window = results.window
    cuts = window.cuts
    if cuts is None or results.marks is None:
        raise ValueError(f"{window.id}: no scale")
    mark_of_score = marks(np.arange(window.paper.max_score + 1), cuts)
    rows: list[list[Cell]] = [
        *_frame(window, "Статистика по отметкам"),
        ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5],
    ]
    for name, n_schools, n_part, shares in _above(window, place):
        by_mark = np.bincount(mark_of_score, weights=shares, minlength=6)[2:6]
        rows.append([name, n_schools, n_part, *_percents(by_mark)])
    for name, positions, n_schools_in in _units(results, schools, chosen, place):
        counts = np.bincount(results.marks[positions], minlength=6)[2:6]
        rows.append([name, n_schools_in, len(positions), *_percents(counts)])
    return [Sheet(_sheet_name(window, "Статистика по отметкам"), rows)]


def report_distribution(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Percents of participants with each primary score."""
    del impurity
    window = results.window
    top = window.paper.max_score
    rows: list[list[Cell]] = [
        *_frame(window, "Распределение первичных баллов"),
        ["Группы участников", "Кол-во ОО", "Кол-во участников", *range(top + 1)],
    ]
    for name, n_schools, n_part, shares in _above(window, place):
        rows.append([name, n_schools, n_part, *_percents(shares)])
    for name, positions, n_schools_in in _units(results, schools, chosen, place):
        counts = np.bincount(results.total[positions], minlength=top + 1)
        rows.append([name, n_schools_in, len(positions), *_percents(counts)])
    return [Sheet(_sheet_name(window, "Распределение первичных баллов"), rows)]


def report_tasks(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Percents of the maximum of each task, with a row of maxima above."""
    del impurity
    window, paper = results.window, results.window.paper
    labels = [task_heading(label, 0).rsplit(" ", 1)[0] for label in paper.task_labels]
    rows: list[list[Cell]] = [
        *_frame(window, "Выполнение заданий"),
        ["Группы участников", "Кол-во ОО", "Кол-во участников", *labels],
    ]
    rows[6] = ["Макс балл", None, None, *paper.task_max.tolist()]
    for shift, (name, n_schools, n_part, _) in zip(
        (_EXPECTED_TASK_SHIFT, 0.0), _above(window, place), strict=True
    ):
        done = np.clip(paper.task_p - shift, 0.01, 1.0)
        rows.append([name, n_schools, n_part, *np.round(100 * done, 2).tolist()])
    scores = np.maximum(results.tasks, 0)
    for name, positions, n_schools_in in _units(results, schools, chosen, place):
        done = scores[positions].mean(axis=0) / paper.task_max
        rows.append([name, n_schools_in, len(positions), *np.round(100 * done, 2).tolist()])
    return [Sheet(_sheet_name(window, "Выполнение заданий"), rows)]


_COMPARISON = (
    ("Понизили", "(Отметка < Отметка по журналу)"),
    ("Подтвердили", "(Отметка = Отметке по журналу)"),
    ("Повысили", "(Отметка > Отметка по журналу)"),
)


def _compared(results: Results, positions: Ints) -> list[int]:
    if results.marks is None:
        raise ValueError(f"{results.window.id}: no scale")
    difference = results.marks[positions] - results.journal[positions]
    return [int((difference < 0).sum()), int((difference == 0).sum()), int((difference > 0).sum())]


def report_journal(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Marks against journal marks: wide; until 2021 a block of four rows for each unit."""
    del impurity
    window = results.window
    name = "Сравнение отметок с отметками по журналу"
    rows = _frame(window, name)
    units: list[tuple[str, list[int]]] = []
    for unit, positions, n_schools in _units(results, schools, chosen, place):
        counts = _compared(results, positions)
        if n_schools is not None and not units:
            # The region's shares are those of the city, at the region's size.
            total = sum(counts)
            units.append(
                (place.region_name, [round(count * _REGION[1] / total) for count in counts])
            )
        units.append((unit, counts))
    if window.cal_year <= 2021:
        rows.append(["Группы участников", "Кол-во участников", "%"])
        for unit, counts in units:
            total = sum(counts)
            rows.append([unit])
            for (word, rule), count in zip(_COMPARISON, counts, strict=True):
                rows.append([f"{word} {rule} %", count, round(100 * count / total, 2)])
            rows.append(["Всего", total, 100])
    else:
        header: list[Cell] = ["Группы участников", "Кол-во участников(всего)"]
        for word, rule in _COMPARISON:
            header += [f"{word} {rule} %", f"{word} {rule} Кол-во участников"]
        rows.append(header)
        for unit, counts in units:
            total = sum(counts)
            row: list[Cell] = [unit, total]
            for count in counts:
                row += [round(100 * count / total, 2), count]
            rows.append(row)
    return [Sheet(_sheet_name(window, name), rows)]


def report_results(
    results: Results,
    schools: Sequence[School],
    chosen: Sequence[tuple[int, slice]],
    place: Place,
    impurity: Impurity,
) -> list[Sheet]:
    """Ф1: individual results with marks; a separator row before each school."""
    window, paper = results.window, results.window.paper
    if results.marks is None:
        raise ValueError(f"{window.id}: no scale")
    rows = _frame(window, "Индивидуальные результаты")
    tasks = len(paper.task_max)
    rows[6] = [*[None] * 5, "Уровень сложности задания", *["Б"] * (tasks - 2), "П", "П"]
    rows.append(
        [
            "ОО",
            "Муниципалитет",
            "Название ОО",
            "Код участника",
            "Класс",
            "Вариант",
            *map(task_heading, paper.task_labels, paper.task_max.tolist()),
            "Первичный балл",
            "Отметка",
            "Отметка по журналу",
        ]
    )
    for school, part in chosen:
        positions = part.start + np.flatnonzero(results.present[part])
        item = schools[school]
        rows.append([f"{item.short_name}({item.login}) | Кол-во участников: {len(positions)}"])
        names = impurity.class_names(
            results.pupils.class_no[positions], window.grade_label, school * 7 + 3
        )
        municipality = f"{item.municipality.name}({municipality_key(place, item.municipality)})"
        cells = impurity.task_cells(results.tasks[positions])
        for number, position in enumerate(positions.tolist()):
            rows.append(
                [
                    item.login,
                    municipality,
                    item.short_name,
                    pupil_code(window.grade_label, int(results.pupils.order[position])),
                    names[number],
                    int(results.variant[position]),
                    *cells[number],
                    int(results.total[position]),
                    int(results.marks[position]),
                    int(results.journal[position]),
                ]
            )
    return [Sheet(_sheet_name(window, "Индивидуальные результаты"), rows)]


Writer = Callable[
    [Results, Sequence[School], Sequence[tuple[int, slice]], Place, Impurity], list[Sheet]
]

# Kind of report → its writer and the beginning of its file's name.
REPORTS: dict[str, tuple[Writer, str]] = {
    "marks": (report_marks, "Ф3"),
    "distribution": (report_distribution, "Распределение"),
    "journal": (report_journal, "Сравнение"),
    "tasks": (report_tasks, "Выполнение"),
    "results_f1": (report_results, "Ф1"),
}


def report_name(window: Window, kind: str) -> str:
    """Name of a report's file with its folders; the cells say everything too."""
    folder = f"ВПР/{window.cal_year}/{window.programme_grade}"
    abbreviation = subject_abbreviations()[window.subject]
    season = " осень" if window.season == "autumn" else ""
    return f"{folder}/{REPORTS[kind][1]}_{abbreviation}{season}.xlsx"
