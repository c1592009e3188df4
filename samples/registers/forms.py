"""Figures of the statistical forms, counted from pupils and staff of the city.

Belongs here: variable → value, and the cells that hold it. Not here: how a form looks
(`samples.layouts.official`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from samples.layouts.official import EDITION
from samples.population import School
from samples.scales import form_cells
from samples.world import Row, World

# Variable, grade and subject (or profile); blank where it is not by these.
Variables = Mapping[tuple[str, str, str], int]

_PUPILS_A_CLASS = 27
_ITEMS = 24
_GRADED = ("n_classes", "n_pupils", "n_pupils_shift2", "n_sen", "n_sen_inclusive")


def form_rows(
    world: World, form: str, school: School, start: int, children: int = 0
) -> Iterator[Row]:
    """Cells of a form; before the first school year only those of classes and pupils.

    `children` is how many of the school's children are in extra education.
    """
    values = {**_variables(world, school, start), ("n_children_extra", "", ""): children}
    for cell in form_cells():
        key = cell["variable"], cell["grade"], cell["subject"]
        if (cell["form"], cell["edition"]) == (form, EDITION) and key in values:
            yield {
                "school_code": school.login, "form": form, "form_year": start, "edition": EDITION,
                "section": cell["section"], "row_code": cell["row_code"],
                "column_code": cell["column_code"], "cell_value": values[key],
            }  # fmt: skip


def _variables(world: World, school: School, start: int) -> Variables:
    grades = world.contingent.grades(school.index, start)
    found: dict[tuple[str, str, str], int] = {}
    for grade, n in grades.items():
        found["n_pupils", str(grade), ""] = n
        found["n_classes", str(grade), ""] = -(-n // _PUPILS_A_CLASS)
    if start >= world.starts[0]:
        _add_pupils(found, world, school, start, grades)
        _add_staff_and_base(found, world, school, start)
    for name in _GRADED:
        graded = [value for (variable, grade, _), value in found.items() if variable == name]
        if graded:
            found[f"{name}_total", "", ""] = sum(graded)
    return found


def _add_pupils(
    found: dict[tuple[str, str, str], int],
    world: World,
    school: School,
    start: int,
    grades: Mapping[int, int],
) -> None:
    """Second shift, special needs shared out over grades, profiles, advanced subjects."""
    sen, size = world.facts(school, start)["sen"], sum(grades.values())
    second = (3, 6, 7) if school.index % 3 == 0 else (6,) if school.index % 3 == 1 else ()
    before = 0
    for grade, n in grades.items():
        upto = round(sen * sum(m for g, m in grades.items() if g <= grade) / max(1, size))
        found["n_sen", str(grade), ""] = own = upto - before
        found["n_sen_inclusive", str(grade), ""] = 0 if school.kind == "special" else own * 4 // 5
        found["n_pupils_shift2", str(grade), ""] = n if grade in second else 0
        before = upto
    profiles = Counter(
        (str(pupil.grade), pupil.profile or "universal")
        for pupil in world.contingent.here(school.index, start)
        if pupil.grade >= 10
    )
    for (year, profile), n in profiles.items():
        found["n_profile", year, profile] = n
    middle = sum(n for grade, n in grades.items() if 5 <= grade <= 9)
    if school.kind in ("lyceum", "gymnasium") and middle:
        found["n_advanced", "", ""] = middle // 2
        found["n_advanced", "", "MA" if school.kind == "lyceum" else "EN"] = middle // 3
        found["n_advanced", "", "RU"] = middle // 4


def _add_staff_and_base(
    found: dict[tuple[str, str, str], int], world: World, school: School, start: int
) -> None:
    teachers = world.staff.by_school(start, "teacher").get(school.index, [])
    found["n_teachers", "", ""] = len(teachers)
    found["n_teachers_higher_ped", "", ""] = sum(
        one.education == "higher" and one.is_ped for one in teachers
    )
    size = sum(world.contingent.grades(school.index, start).values())
    found["n_computers", "", ""] = round(size * (0.12 + 0.02 * (school.index % 4)))
    found["accessibility_items", "", ""] = _ITEMS
    found["accessibility_done", "", ""] = 10 + (school.index * 5 + start) % 13
