"""Registers with pupils' names: contingent, leavers, olympiad, contests, extra education.

Belongs here: rows of these tables. Not here: counts by school (`counts`), files.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from collections.abc import Iterator

import numpy as np

from samples.contingent import Pupil
from samples.names import passport
from samples.population import School
from samples.world import Row, World, count, some_day

_OLYMPIAD = ("RU", "MA", "BI", "GG", "IS", "OB", "FI", "HI", "LI", "EN", "IN")
_DIRECTIONS = ("technical", "science", "art", "sport", "tourism", "social")
_DIRECTION_BOUNDS = (0.16, 0.28, 0.56, 0.82, 0.88)
_LEVELS = ("school", "municipal", "region", "russia")
_EASY = 30.0
_MAX_POINTS = 100


def pupil_year(world: World) -> Iterator[Row]:
    """The contingent with its movements, from before the other registers on."""
    for (index, start), pupils in world.contingent.pupils.items():
        base = world.base(world.schools[index], start)
        for pupil in pupils:
            yield {
                **base, "person_pid": pupil.person, "grade_label": pupil.grade,
                "class_label": f"{pupil.grade}{pupil.letter}", "class_profile": pupil.profile,
                "enrolled_on": pupil.enrolled_on, "left_on": pupil.left_on,
                "movement_type": pupil.movement,
            }  # fmt: skip


def leaver(world: World) -> Iterator[Row]:
    """Leavers of the school years that have ended."""
    for (index, start), leavers in world.contingent.leavers.items():
        base = world.base(world.schools[index], start)
        for one in leavers:
            yield {
                **base, "person_pid": one.pupil.person, "grade_label": one.pupil.grade,
                "certificate": one.certificate, "destination": one.destination,
                "specialty_code": one.specialty, "confirmed_on": one.confirmed_on,
            }  # fmt: skip


def attendance(world: World) -> Iterator[Row]:
    """Lessons by class and month; two schools miss many without a reason."""
    rng = world.rng("attendance")
    for school, start in world.school_starts():
        base = world.base(school, start)
        bad = 0.045 if school.id in world.planted.bad_attendance else 0.0
        unexcused = max(0.002, 0.008 + 0.004 * world.hardship(school)) + bad
        classes: dict[tuple[int, str], int] = {}
        for pupil in world.contingent.here(school.index, start):
            at = pupil.grade, pupil.letter
            classes[at] = classes.get(at, 0) + 1
        for (grade, letter), n in sorted(classes.items()):
            for month in (9, 10, 11, 12, 1, 2, 3, 4, 5):
                due = n * (84 + 5 * grade + month % 4)
                excused = count(rng, due, 0.04 + 0.03 * (month in (12, 1, 2)))
                yield {
                    **base, "grade_label": grade, "class_label": f"{grade}{letter}", "month": month,
                    "n_pupils": n, "lessons_due": due, "missed_excused": excused,
                    "missed_unexcused": count(rng, due - excused, unexcused),
                }  # fmt: skip


def extra_enrolment(world: World) -> Iterator[Row]:
    """One programme for most children, two for some; fewer where the context is hard."""
    rng = world.rng("extra_enrolment")
    for school, start in world.school_starts():
        base = world.base(school, start)
        share = 0.66 - 0.06 * world.hardship(school)
        for pupil in world.contingent.here(school.index, start):
            if rng.random() >= share:
                continue
            second, where, which, adapted, left = rng.random(5).tolist()
            for turn in range(1 + (second < 0.12)):
                direction = bisect(_DIRECTION_BOUNDS, where) if turn == 0 else 3
                number = 1 + int(which * 9) + 10 * turn
                yield {
                    **base, "person_pid": pupil.person,
                    "age": start + 1 - pupil.person.born.year - 1, "grade_label": pupil.grade,
                    "organisation_name": f"Дом творчества № {1 + direction % 3}",
                    "programme_id": f"П-{direction + 1}{number:02d}",
                    "programme_name": f"Программа {number}",
                    "programme_direction": _DIRECTIONS[direction],
                    "is_profile": pupil.grade >= 5 and direction < 2, "is_adapted": adapted < 0.03,
                    "enrolled_on": dt.date(start, 9, 1 + int(which * 18)),
                    "left_on": dt.date(start + 1, 2, 10) if left < 0.04 else None,
                }  # fmt: skip


def vsosh_result(world: World) -> Iterator[Row]:
    """School stage, and the municipal stage of the best; an easy school stage where planted."""
    rng = world.rng("vsosh_result")
    for school, start in world.school_starts():
        easy = _EASY if school.id in world.planted.easy_olympiad else 0.0
        for pupil in world.contingent.here(school.index, start):
            if pupil.grade < 4 or pupil.key[1] < 0 or rng.random() > 0.24 + 0.05 * pupil.ability:
                continue
            subjects = _OLYMPIAD[:2] if pupil.grade == 4 else _OLYMPIAD
            first = int(rng.integers(len(subjects)))
            second = first * 5 % len(subjects)
            for subject in dict.fromkeys((subjects[first], subjects[second])):
                able = 40 + 13 * pupil.ability + 3 * school.ability
                points = _points(able + easy + 12 * rng.standard_normal())
                base = {
                    **world.base(school, start), "person_pid": pupil.person, "subject": subject,
                    "grade_label": pupil.grade,
                    "grade_of_task": pupil.grade + int(pupil.grade < 11 and rng.random() < 0.02),
                    "max_points": _MAX_POINTS,
                }  # fmt: skip
                yield {**base, **_stage("school", points, 66, rng)}
                if pupil.grade >= 7 and points >= 55:
                    later = _points(able - 8 + 10 * rng.standard_normal())
                    yield {**base, **_stage("municipal", later, 58, rng)}


def _points(value: float) -> int:
    return max(0, min(_MAX_POINTS, round(value)))


def _stage(stage: str, points: int, winner_from: int, rng: np.random.Generator) -> Row:
    """A winner has more than half of all points."""
    status = "winner" if points >= winner_from else "prize" if points > 50 else "participant"
    return {
        "stage": stage, "points": points, "result_status": status,
        "appeal_changed": bool(rng.random() < 0.01),
        "is_invited": stage == "municipal" and points >= 64,
    }  # fmt: skip


def contest_result(world: World) -> Iterator[Row]:
    """Pupils and teachers in contests other than the olympiad."""
    rng = world.rng("contest_result")
    for school, start in world.school_starts():
        base = world.base(school, start)
        for pupil in world.contingent.here(school.index, start):
            if rng.random() < 0.07 + 0.02 * pupil.ability:
                kind = ("subject", "creative", "skills")[int(rng.choice(3, p=(0.4, 0.45, 0.15)))]
                kind = "creative" if kind == "skills" and pupil.grade < 6 else kind
                yield {
                    **base, "person_pid": pupil.person, "participant_role": "pupil",
                    "grade_label": pupil.grade, **_contest(kind, start, rng),
                }  # fmt: skip
        for one in world.staff.by_school(start, "teacher").get(school.index, ()):
            if rng.random() < 0.06:
                yield {
                    **base, "person_pid": one.person, "participant_role": "teacher",
                    **_contest("teacher", start, rng),
                }  # fmt: skip


def _contest(kind: str, start: int, rng: np.random.Generator) -> Row:
    number = 1 + int(rng.integers(6))
    return {
        "contest_id": f"К-{start}-{kind[:2].upper()}{number}",
        "contest_name": f"Конкурс {number}",
        "contest_kind": kind,
        "contest_level": _LEVELS[number % len(_LEVELS)],
        "result_status": ("winner", "prize", "participant")[
            int(rng.choice(3, p=(0.08, 0.2, 0.72)))
        ],
        "in_official_list": number != 6,
    }


def essay_result(world: World) -> Iterator[Row]:
    """Everybody of grade 11 in December; who fails writes again in February."""
    rng = world.rng("essay_result")
    for school, start, pupil in _of_grade(world, 11):
        row = {**_candidate(world, school, start, pupil), "work_kind": "essay"}
        passed = bool(rng.random() < 0.97 + 0.01 * pupil.ability)
        yield {**row, "exam_date": dt.date(start, 12, 2), "passed": passed}
        if not passed:
            yield {**row, "exam_date": dt.date(start + 1, 2, 3), "passed": True}


def interview_result(world: World) -> Iterator[Row]:
    """Everybody of grade 9 in February; passed from 10 of 20 points on."""
    rng = world.rng("interview_result")
    for school, start, pupil in _of_grade(world, 9):
        row = _candidate(world, school, start, pupil)
        points = max(3, min(20, round(14.5 + 2.2 * pupil.ability + float(rng.normal(0, 1.6)))))
        yield {
            **row, "exam_date": dt.date(start + 1, 2, 10), "points": points, "passed": points >= 10
        }  # fmt: skip
        if points < 10:
            yield {**row, "exam_date": dt.date(start + 1, 3, 10), "points": 11, "passed": True}


def sen_pupil(world: World) -> Iterator[Row]:
    """A named list that the product refuses unless it is told otherwise."""
    rng = world.rng("sen_pupil")
    start = world.starts[-1]
    for index, school in world.schools.items():
        for pupil in world.contingent.here(index, start)[::17]:
            supported = bool(rng.random() < 0.8)
            yield {
                **world.base(school, start), "person_pid": pupil.person, "grade_label": pupil.grade,
                "pmpk_on": some_day(rng, start - 1), "aop_code": "5.1",
                "studied_aop_code": "5.1" if supported else None, "is_prescribed": True,
                "is_supported": supported,
            }  # fmt: skip


def prevention_pupil(world: World) -> Iterator[Row]:
    """A named list that the product refuses unless it is told otherwise."""
    rng = world.rng("prevention_pupil")
    start = world.starts[-1]
    for index, school in world.schools.items():
        for pupil in world.contingent.here(index, start)[::60]:
            if pupil.grade >= 5:
                yield {
                    **world.base(school, start), "person_pid": pupil.person,
                    "account_type": ("vshu", "opdn", "kdn")[int(rng.integers(3))],
                    "on_from": some_day(rng, start), "on_to": None,
                    "has_plan": bool(rng.random() < 0.85),
                }  # fmt: skip


def _of_grade(world: World, grade: int) -> Iterator[tuple[School, int, Pupil]]:
    """Pupils who are in the grade until the exams."""
    for school, start in world.school_starts():
        for pupil in world.contingent.pupils[school.index, start]:
            if pupil.grade == grade and (pupil.left_on is None or pupil.left_on.month > 5):
                yield school, start, pupil


def _candidate(world: World, school: School, start: int, pupil: Pupil) -> Row:
    """Cells of an admission protocol; a name stands in three cells, a document in two."""
    surname, name, patronymic = pupil.person.fio.split()
    number = world.positions(start + 1, pupil.grade)[pupil.key[1]]
    series, document = passport(start + 1, pupil.grade, number)
    return {
        "school_code": school.rcoi_code, "school_name_given": school.short_name,
        "_surname": surname, "_name": name, "_patronymic": patronymic, "_series": series,
        "_document": document, "class_label": f"{pupil.grade}{pupil.letter}",
    }  # fmt: skip
