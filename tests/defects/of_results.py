"""Defects of ВПР, of reports of the ФИС ОКО, of exam protocols and statistical forms.

Belongs here: pupils' rows, hierarchical reports, protocols, cells of forms. Not here: what
several sources say of each other (`of_groups`).
"""

from __future__ import annotations

import re

from tests.defects.operator import SAME, Operator, in_cell, one, some
from tests.defects.paper import NotApplicable

NBSP = "\xa0"


def _pupil(paper):
    return paper.kind == "pupil"


def _units(paper):
    return paper.kind == "units"


def _exam(paper):
    return paper.kind == "exam"


def _present(draft):
    return [
        i for i in draft.filled("variant")
        if "отсутств" not in str(draft.get(i, "variant")).lower()
        and str(draft.get(i, "primary_score")) not in ("", "0", "0.0")
    ]  # fmt: skip


def _attempted(draft, task):
    return [
        i for i in _present(draft) if re.fullmatch(r"\d+(\.0)?", str(draft.get(i, task)).strip())
    ]


def _role(name, *values):
    """Values into a column of present pupils; `{}` is the old value."""

    def spoil(draft, rng):
        if name not in draft.columns:
            raise NotApplicable
        rows = [i for i in _present(draft) if str(draft.get(i, name)).strip()]
        for i, value in zip(some(rng, rows, len(values)), values, strict=False):
            old = draft.get(i, name)
            old = int(old) if isinstance(old, float) and old.is_integer() else old
            draft.put(i, name, value.format(old))

    return spoil


def _task(draft, rng, *values):
    column = rng.choice(draft.tasks)
    for i, value in zip(some(rng, _attempted(draft, column), len(values)), values, strict=False):
        draft.put(i, column, value)


def _not_attempted(draft, rng):
    """Other spellings of cells that are X already."""
    places = [
        (i, t) for t in draft.tasks for i in range(len(draft.at))
        if str(draft.get(i, t)).strip() in ("X", "Х", "x", "х")
    ]  # fmt: skip
    if not places:
        raise NotApplicable
    for (i, t), text in zip(rng.sample(places, min(5, len(places))),
                            ("x", "Х", "х", " Х", f"X{NBSP}"), strict=False):  # fmt: skip
        draft.put(i, t, text)


def _not_taught(draft, rng):
    places = [
        (i, t) for t in draft.tasks for i in range(len(draft.at))
        if "пройд" in str(draft.get(i, t))
    ]  # fmt: skip
    if not places:
        raise NotApplicable
    for (i, t), text in zip(places[:3], ("не пройд", "Не пройд.", f"не{NBSP}пройд."), strict=False):
        draft.put(i, t, text)


def _absent(draft, rng):
    rows = [
        i for i in range(len(draft.at)) if "отсутств" in str(draft.get(i, "variant")).lower()
    ]  # fmt: skip
    for i, text in zip(some(rng, rows, 3), ("Отсутствовал", "ОТСУТствовал", f"отсутствовал{NBSP}"),
                       strict=False):  # fmt: skip
        draft.put(i, "variant", text)


def _absent_with_points(draft, rng):
    (i,) = some(rng, _present(draft))
    draft.put(i, "variant", "отсутствовал")


def _class_spelling(draft, rng):
    if "class_label" not in draft.columns:
        raise NotApplicable
    rows = [i for i in draft.filled("class_label") if str(draft.get(i, "class_label")) in "АВЕКМН"]
    for i in some(rng, rows, 5):
        old = str(draft.get(i, "class_label"))
        draft.put(i, "class_label", old.translate(str.maketrans("АВЕКМН", "ABEKMH")))


def _wrong_total(draft, rng):
    (i,) = some(rng, _present(draft))
    total = int(float(draft.get(i, "primary_score")))
    draft.put(i, "primary_score", str(total - 1) if total > 1 else str(total + 1))


def _above_total(draft, rng):
    (i,) = some(rng, _present(draft))
    draft.put(i, "primary_score", "119")


def _formula_total(draft, rng):
    if "formula_total" not in draft.block.plan.layout.spec:
        raise NotApplicable
    (i,) = some(rng, _present(draft))
    draft.put_raw(i, "primary_score", '<c r="{}"><f>SUM(1)</f></c>')


def _uncached_task(draft, rng):
    column = rng.choice(draft.tasks)
    (i,) = some(rng, _attempted(draft, column))
    draft.put(i, column, 1)
    draft.raw[draft.at[i], column] = '<c r="{}"><f>SUM(1)</f></c>'


def _numbers(draft, rng):
    for position in draft.at:
        draft.rows[position][:] = [
            float(c) if isinstance(c, str) and c.strip().isdigit() else c
            for c in draft.rows[position]
        ]


def _phantoms(draft, rng):
    width = draft.columns["primary_score"]
    draft.insert(len(draft.rows), *[[*[""] * width, 0]] * 20)


def _other_folder(draft, rng):
    """The folder says another year than the file's name."""
    changed = re.sub(r"/(20\d\d)/", lambda m: f"/{int(m[1]) - 1}/", draft.name, count=1)
    if changed == draft.name or not re.search(r"20\d\d", draft.name.rpartition("/")[2]):
        raise NotApplicable
    draft.name = changed


def _nowhere(draft, rng):
    """Neither name nor folder says what the file is about."""
    said = re.compile(r"20\d\d|\d+ класс|матем|русск", re.IGNORECASE)
    if any(said.search(str(c)) for s in draft.sheets for r in s.rows[: draft.header] for c in r):
        raise NotApplicable
    if any(said.search(sheet.name) for sheet in draft.sheets):
        draft.sheet.name = "Sheet1"
    suffix = draft.name.rpartition(".")[2]
    draft.name = f"Новая папка/Книга1.{suffix}"


def _bounds(name, value):
    return lambda draft, rng: (
        in_cell(draft, rng, [n for n in [name] if n in draft.columns], value) and None
    )


def _unit_number(value):
    def spoil(draft, rng):
        names = [n for n in draft.typed("int", "number") if draft.contract.column(n).required]
        names = [n for n in names if n in draft.columns]
        in_cell(draft, rng, names, value)

    return spoil


def _fractions(draft, rng):
    names = ("pct_2", "pct_3", "pct_4", "pct_5")
    if not set(names) <= draft.columns.keys():
        raise NotApplicable
    for i in range(len(draft.at)):
        for name in names:
            draft.put(i, name, float(draft.get(i, name)) / 100, mark=False)


def _with_sign(draft, rng):
    names = [n for n in draft.typed("number") if n.startswith("pct")]
    name = one(rng, names)
    for i in some(rng, draft.filled(name), 4):
        draft.put(i, name, f"{draft.get(i, name)}%".replace(".", ","))


def _shifted_unit_total(draft, rng):
    draft.insert(draft.at[-1] + 1, ["", "ВСЕГО по региону", 805, "х"])


def _separator(draft, rng):
    if not draft.block.separators:
        raise NotApplicable
    for row in draft.rows:
        for column, cell in enumerate(row):
            if isinstance(cell, str) and (match := re.search(r"участников\D*(\d+)", cell)):
                row[column] = cell.replace(match[1], str(int(match[1]) + 7))
                return


def _bad_task_value(value):
    return lambda draft, rng: _task(draft, rng, value)


def _participant_twice(draft, rng):
    (i,) = some(rng, range(len(draft.at)))
    last = draft.at[-1] + 1
    draft.insert(last, list(draft.rows[draft.at[i]]))
    draft.marks.append((last + 1, None))


def _nobody(draft, rng):
    helpers = [
        n
        for n in draft.columns
        if n.startswith(
            ("_surname", "_name", "_patronymic", "_fio", "_series", "_document", "_participant")
        )
    ]
    (i,) = some(rng, range(len(draft.at)))
    for name in helpers:
        draft.put(i, name, "", mark=False)
    draft.mark(i)


def _not_come(draft, rng):
    name = next(n for n in ("test_score", "mark") if n in draft.columns)
    rows = [
        i for i in range(len(draft.at))
        if not str(draft.get(i, name)).strip() and not str(draft.get(i, "primary_score")).strip()
    ]  # fmt: skip
    for i in some(rng, rows, 2):
        draft.put(i, name, "не явился")


def _row_code(draft, rng):
    """Row numbers of a form as numbers: 1 for «01»."""
    for i in range(len(draft.at)):
        draft.put(i, "row_code", float(draft.get(i, "row_code")))


def _form_year(draft, rng):
    """The title page does not say the year."""
    for sheet in draft.sheets:
        for row in sheet.rows:
            row[:] = [re.sub(r"20\d\d", "", c) if isinstance(c, str) else c for c in row]
    draft.name = "Форма.xlsx"


def _form_cell(value):
    def spoil(draft, rng):
        column = rng.choice(draft.tasks)
        (i,) = some(rng, [i for i in range(len(draft.at)) if draft.get(i, column) != ""])
        draft.put(i, column, value)

    return spoil


def _op(code, title, spoil, expect, where=_pupil, **more):
    return Operator(code, title, spoil, tuple(expect), where=where, group="results", **more)


_WITHOUT_MAXIMUM = ("vpr_export_2020", "vpr_export_2021")
_TASK = ("row:TASK_SCORE_INVALID",)
OPERATORS = (
    _op("D01", '"not attempted" in several spellings', _not_attempted, SAME),
    _op("D02", "topic not taught, in several spellings", _not_taught, SAME),
    _op("D03", "absence in several spellings", _absent, SAME),
    _op("D03p", "absent with points", _absent_with_points, ["row:SHIFTED_COLUMNS"]),
    _op("D04v", "no-break blanks at mark, sex, variant",
        _role("journal_mark", f"{{}}{NBSP}", f"{NBSP}{{}}"), SAME),
    _op("D05", "class letter in Latin", _class_spelling, SAME),
    _op("D06", 'sex "4": columns shifted', _role("sex", "4"), ["row:SHIFTED_COLUMNS"]),
    _op("D06m", 'mark "ж": columns shifted', _role("journal_mark", "ж"),
        ["row:SHIFTED_COLUMNS"]),
    _op("D06t", 'points "м": columns shifted', _bad_task_value("м"), ["row:SHIFTED_COLUMNS"]),
    _op("D07", "no mark", _role("journal_mark", "нет отметки", "н/а", "отсутствовал"),
        ["blank"]),
    _op("D07m", "mark 1", _role("journal_mark", "1"), ["row:OUT_OF_RANGE"]),
    _op("D08", "negative points", _bad_task_value("-1"), _TASK),
    _op("D08m", "more points than possible", _bad_task_value("30"), _TASK),
    _op("D08q", 'points "?"', _bad_task_value("?"), _TASK),
    _op("D08s", "total above the maximum", _above_total,
        ["row:SCORE_ABOVE_MAX", "row:OUT_OF_RANGE"],
        where=lambda p: _pupil(p) and p.layout not in _WITHOUT_MAXIMUM),
    _op("D08g", "total above the possible, maximum not named in the file", _above_total,
        ["row:SCORE_ABOVE_MAX", "gate:primary_within_maximum", "gate:total_is_sum_of_tasks"],
        where=lambda p: p.layout in _WITHOUT_MAXIMUM),
    _op("D09", "total is not the sum of tasks", _wrong_total, ["gate:total_is_sum_of_tasks"],
        whole=True, where=lambda p: _pupil(p) and "formula_total" not in p.block.plan.layout.spec),
    _op("D11", "numbers instead of texts", _numbers, SAME),
    _op("D30f", "total of a form not computed", _formula_total, SAME,
        where=lambda p: _pupil(p) and p.container == "xlsx"),
    _op("D30t", "points are a formula not computed", _uncached_task, ["row:UNCACHED_FORMULA"]),
    _op("D29p", "blank rows of a form with total 0", _phantoms, SAME,
        where=lambda p: p.layout.startswith("vpr_form")),
    _op("D45", "participant's row written twice", _participant_twice, ["row:DUPLICATE_ROW"],
        where=lambda p: p.kind in ("pupil", "exam")),
    _op("D46", "another number of participants declared", _separator, ["gate:declared_participants"],
        where=lambda p: p.layout == "vpr_f1", whole=True),
    _op("B13", "folder and file name name different years", _other_folder,
        ["file:ENVELOPE_CONTRADICTION"], where=lambda p: p.kind in ("pupil", "exam", "units")),
    _op("B12", "file does not say what it is about", _nowhere, ["file:ENVELOPE_MISSING"]),
    _op("D08u", "word instead of a number in a report", _unit_number("много"), ["row:NOT_A_NUMBER"],
        where=_units),
    _op("D52u", "suppression mark in a report", _unit_number("SUPP"), ["row:SUPPRESSED_VALUE"],
        where=_units),
    _op("E05u", "percentage above 100", _bounds("pct_2", 150), ["row:OUT_OF_RANGE"],
        where=lambda p: p.table == "vpr_marks"),
    _op("D34", "fractions instead of percentages", _fractions, SAME, where=_units),
    _op("D34s", "percentages with sign and comma", _with_sign, SAME, where=_units),
    _op("D23", "total shifted by a column", _shifted_unit_total, SAME,
        where=lambda p: _units(p) and p.layout != "vpr_journal_long"),
    _op("D08e", "ЕГЭ score above 100", _bounds("test_score", 150), ["row:OUT_OF_RANGE"],
        where=_exam),
    _op("D07e", "ОГЭ mark 7", _bounds("mark", 7), ["row:OUT_OF_RANGE"], where=_exam),
    _op("E03e", "word instead of a primary score", _bounds("primary_score", "сто"),
        ["row:NOT_A_NUMBER"], where=_exam),
    _op("E40", "participant not identified", _nobody, ["row:REQUIRED_EMPTY"], where=_exam),
    _op("E41", '"не явился" instead of a score', _not_come, SAME, where=_exam),
    _op("E42", "row numbers of a form as numbers", _row_code, SAME, where=lambda p: p.kind == "cells"),
    _op("E43", "form does not name its year", _form_year, ["file:TITLE_MISSING"],
        where=lambda p: p.kind == "cells"),
    _op("E44", "word in a cell of a form", _form_cell("много"), ["row:NOT_A_NUMBER"],
        where=lambda p: p.kind == "cells"),
    _op("E45", "negative number in a form", _form_cell(-3), ["row:OUT_OF_RANGE"],
        where=lambda p: p.kind == "cells"),
)  # fmt: skip
