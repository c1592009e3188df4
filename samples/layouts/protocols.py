"""Protocols of the РЦОИ: ЕГЭ and ОГЭ in their layouts, languages, appeals.

Belongs here: titles, headings, masks of answers, footers; several exams in one sheet. Not here:
results (`exams`). All names and documents are invented (`names`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from samples.exams import Appeals, Exam, ExamResults
from samples.layouts.exports import Place
from samples.names import full_name, passport
from samples.population import School
from samples.scales import subject_names
from samples.workbook import Cell, Sheet

_SHORT_SHARE = 0.55
_TASK_POINTS = 3


def exam_title(exam: Exam, held_on: dt.date | None = None) -> str:
    """Title of a protocol: number, subject, date; languages have two dates and no number."""
    name = subject_names()[exam.subject]
    if exam.oral_on:
        if exam.cal_year <= 2021:
            return f"{name} п.: {exam.held_on:%Y.%m.%d}, у.: {exam.oral_on:%Y.%m.%d}"
        return f"{name} п:{exam.held_on:%Y.%m.%d}; у:{exam.oral_on:%Y.%m.%d}"
    if exam.level == "base":
        name = f"{name} (базовый уровень)"
    return f"{exam.number} - {name} {held_on or exam.held_on:%Y.%m.%d}"


def masks(exam: Exam, primary: int) -> tuple[str, str]:
    """Answers in brief form and in full form that add up to the primary score."""
    short_max = max(1, round(exam.max_primary * _SHORT_SHARE))
    short = min(short_max, round(primary * _SHORT_SHARE))
    rest = primary - short
    if rest > exam.max_primary - short_max:
        short, rest = primary - (exam.max_primary - short_max), exam.max_primary - short_max
    brief = "+" * short + "-" * (short_max - short)
    shift = primary % short_max
    full = []
    left = exam.max_primary - short_max
    while left > 0:
        points = min(_TASK_POINTS, left)
        full.append(f"{min(points, rest)}({points})")
        rest -= min(points, rest)
        left -= points
    return brief[shift:] + brief[:shift], "".join(full)


class _Person:
    """What stands in a protocol about one participant."""

    def __init__(self, results: ExamResults, schools: Sequence[School], position: int) -> None:
        exam = results.exam
        self.school = schools[int(results.pupils.school[position])]
        number = int(results.person[position])
        girl = int(results.pupils.is_girl[position])
        self.name = full_name(int(results.pupils.name_number[position]), girl)
        self.series, self.document = passport(exam.cal_year, exam.grade, number)
        self.code = f"{exam.cal_year % 100}{number + 1:08d}"
        self.klass = f"{exam.grade}{'АБВГД'[min(4, int(results.pupils.class_no[position]))]}"
        self.ppe = f"{1000 + self.school.municipality.number}"
        self.room = f"{1 + int(results.pupils.order[position]) // 15:04d}"
        self.came = bool(results.came[position])
        primary = int(results.primary[position])
        answers: tuple[Cell, Cell] = masks(exam, primary) if self.came else (None, None)
        self.brief, self.full = answers
        self.primary = primary if self.came else None
        self.result = int(results.result[position]) if self.came else None


def _footers(results: ExamResults, width: int) -> list[list[Cell]]:
    """Rows under a table: a word in the first column, a figure in the last."""
    exam = results.exam
    came = results.came
    n = int(came.sum())
    mean = round(float(results.result[came].mean()), 2) if n else 0
    least = exam.cuts[0] if exam.gives_marks else exam.min_test
    rows: list[tuple[str, Cell]] = [
        ("Средние", mean),
        ("Минимальная граница", least),
        ("Всего участников", n),
    ]
    return [[word, *[None] * (width - 2), figure] for word, figure in rows]


def _table(
    results: ExamResults, schools: Sequence[School], headings: Sequence[str]
) -> list[list[Cell]]:
    """Header and rows; a heading's cell is found by its name."""
    rows: list[list[Cell]] = [list(headings)]
    for position in range(len(results.person)):
        person = _Person(results, schools, position)
        surname, name, patronymic = person.name
        cells: dict[str, Cell] = {
            "№": position + 1,
            "Код МСУ": f"{person.school.municipality.number:03d}",
            "Код ОО": person.school.rcoi_code,
            "Класс": person.klass,
            "Код ООП": "1",
            "Профиль": "универсальный",
            "Код ППЭ": person.ppe,
            "Аудитория": person.room,
            "Фамилия": surname,
            "Имя": name,
            "Отчество": patronymic,
            "Серия": person.series,
            "Номер": person.document,
            "Документ": f"{person.series} {person.document}",
            "Вариант": str(300 + position % 10),
            "Код участника": person.code,
            "№ бланка": f"{results.exam.number}{person.code}",
            "Ответы в краткой форме": person.brief,
            "Ответы в развернутой форме": person.full,
            "Задания с кратким ответом": person.brief,
            "Задания с развёрнутым ответом": person.full,
            "Первичный балл": person.primary,
            "Итоговый балл": person.result,
            "Балл": person.result,
            "Оценка": person.result,
        }
        if results.exam.oral_on:
            oral = None if person.primary is None else round(person.primary * 0.2)
            cells["Код ППЭ"] = f"п:{person.ppe} у:{person.ppe}"
            cells["Устная часть"] = None if oral is None else f"{oral}(20)"
            cells["Первичный балл устной части"] = oral
            cells["Первичный балл письм. части"] = (
                None if person.primary is None or oral is None else person.primary - oral
            )
        rows.append([cells[heading] for heading in headings])
    return rows


COMPACT = (
    "№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", "Фамилия", "Имя", "Отчество",
    "Вариант", "Код участника", "№ бланка", "Ответы в краткой форме",
    "Ответы в развернутой форме", "Первичный балл", "Итоговый балл",
)  # fmt: skip
SPARSE = (
    "№", "Код МСУ", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя", "Отчество",
    "Серия", "Номер", "Задания с кратким ответом", "Задания с развёрнутым ответом",
    "Первичный балл", "Балл",
)  # fmt: skip
DENSE = (
    "№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", "Фамилия", "Имя",
    "Отчество", "Серия", "Номер", "Задания с кратким ответом", "Задания с развёрнутым ответом",
    "Первичный балл", "Оценка",
)  # fmt: skip
REGIONAL = (*SPARSE[:-1], "Оценка")
LANGUAGE = (
    "№", "Код ППЭ", "Код ОО", "Класс", "Фамилия", "Имя", "Отчество", "Документ",
    "Ответы в краткой форме", "Ответы в развернутой форме", "Устная часть",
    "Первичный балл письм. части", "Первичный балл устной части", "Первичный балл",
    "Итоговый балл",
)  # fmt: skip
# Names stand side by side, all other columns of the regional layout have an empty one after them.
_NO_SPACER = ("Фамилия", "Имя")


def _spaced(rows: Sequence[Sequence[Cell]], headings: Sequence[str]) -> list[list[Cell]]:
    result: list[list[Cell]] = []
    for row in rows:
        cells: list[Cell] = []
        for heading, cell in zip(headings, row, strict=True):
            cells.append(cell)
            if heading not in _NO_SPACER:
                cells.append(None)
        result.append(cells)
    return result


def protocol(
    results: Sequence[ExamResults],
    schools: Sequence[School],
    place: Place,
    held_on: dt.date | None = None,
) -> list[Sheet]:
    """One sheet with these exams one under another, in the layout of the first."""
    rows: list[list[Cell]] = []
    layout = results[0].exam.layout
    headings = {
        "compact": COMPACT, "csv": COMPACT, "sparse": SPARSE, "regional": REGIONAL,
        "dense": DENSE, "language": LANGUAGE,
    }[layout]  # fmt: skip
    if results[0].exam.procedure.startswith("GVE"):
        rows.append([f"Протокол проверки ГВЭ-{results[0].exam.grade}"])
    if layout in ("sparse", "regional"):
        rows += [["Протокол проверки"], [f"{place.region_code} - {place.region_name}"]]
    if results[0].exam.level == "base":
        headings = (*headings[:-1], "Оценка")
    for one in results:
        shift = 7 if layout == "compact" and one is not results[0] else 0
        rows.append([*[None] * shift, exam_title(one.exam, held_on)])
        table = _table(one, schools, headings)
        table += _footers(one, len(headings))
        rows += _spaced(table, headings) if layout in ("sparse", "regional") else table
        rows.append([])
    return [Sheet("Протокол", rows)]


def protocol_csv(
    results: ExamResults, schools: Sequence[School], place: Place, encoding: str
) -> bytes:
    """The same as text with semicolons."""
    rows = protocol([results], schools, place)[0].rows
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def appeals_sheet(
    results: Sequence[tuple[ExamResults, Appeals]], schools: Sequence[School], result: str
) -> list[Sheet]:
    """Changed results (`result` heads them): two-level header, exam and date in one cell."""
    rows: list[list[Cell]] = [
        ["Изменения результатов"],
        [
            "№", "Экзамен", "Код ОО", "Фамилия", "Имя", "Отчество", "Серия", "Номер",
            "Текущие", None, "Состояние", "Дата изменений", f"{result} до изменения", "Разница",
        ],
        [*[None] * 8, "Первичный балл", result],
    ]  # fmt: skip
    for one, appeals in results:
        exam = one.exam
        name = subject_names()[exam.subject]
        changed = dt.datetime.combine(exam.held_on + dt.timedelta(days=25), dt.time(9, 54, 41))
        for number, position in enumerate(appeals.positions.tolist()):
            person = _Person(one, schools, position)
            before, after = int(appeals.result_before[number]), int(appeals.result_after[number])
            moment = changed + dt.timedelta(minutes=number)
            rows.append(
                [
                    len(rows) - 2,
                    f"{name}({exam.held_on:%Y.%m.%d})",
                    person.school.rcoi_code,
                    *person.name,
                    person.series,
                    person.document,
                    int(appeals.primary_after[number]),
                    after,
                    "Апелляция удовлетворена",
                    f"{moment:%d.%m.%Y} {moment.hour}:{moment:%M:%S}",
                    before,
                    after - before,
                ]
            )
    return [Sheet("Изменения", rows, merged=("I2:J2",))]
