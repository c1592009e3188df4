"""Registers of staff: posts, categories, courses, diagnostics, events, mentors, reserve, experts.

Belongs here: rows of these tables. Not here: who works where (`samples.staffing`), files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from samples.staffing import ADMIN, TEACHER, UPBRINGING, Employee
from samples.world import Row, World, some_day

# Topic, hours, chance that a teacher takes such a course in a year.
_COURSES = (
    ("subject", 72, 0.2), ("results_use", 36, 0.08), ("soko", 72, 0.03), ("mentoring", 36, 0.02),
    ("other", 16, 0.06),
)  # fmt: skip
_TEAM_FROM = 2020
_EVENTS = ("seminar", "training", "results", "practice", "seminar", "consultation")
_EXPERT_SUBJECTS = ("RU", "MA", "OB", "BI", "FI", "IS")


def _working(
    world: World, start: int, *posts: str
) -> Iterator[tuple[Row, Employee]]:  # cells to begin with, and the person
    for one in world.staff.of(start, *posts):
        school = world.schools[one.school]
        if (one.school, start) in world.contingent.pupils:
            yield {**world.base(school, start), "person_pid": one.person}, one


def staff(world: World) -> Iterator[Row]:
    """Everybody on 20 September; every third teacher is a class tutor."""
    for start in world.starts:
        for number, (row, one) in enumerate(_working(world, start)):
            since = dt.date(one.since, 8, 20 + number % 10)
            yield {
                **row, "post_kind": one.post,
                "is_class_tutor": one.post == TEACHER and number % 3 == 0, "subject": one.subject,
                "weekly_hours": one.hours,
                "post_rate": round(one.hours / 18, 2) if one.post == TEACHER else 1,
                "ped_experience": None if one.post == "other" else one.experience_in(start),
                "education": one.education,
                "is_ped_education": one.is_ped and one.education in ("higher", "secondary"),
                "post_since": since,
            }  # fmt: skip


def staff_post(world: World) -> Iterator[Row]:
    """Posts of the staffing table; a hard context leaves more of them vacant."""
    rng = world.rng("staff_post")
    for school, start in world.school_starts():
        here = world.staff.by_school(start).get(school.index, [])
        teaching = sum(one.hours / 18 for one in here if one.post == TEACHER)
        vacant = max(0, round(float(rng.normal(0.8 + 0.7 * world.hardship(school), 0.7)) * 2) / 2)
        groups = {
            "teaching": (round(teaching * 2) / 2 + vacant, vacant),
            "admin": (sum(one.post in ADMIN for one in here), 0),
            "other": (sum(one.post == "other" for one in here), 0),
        }
        for group, (total, open_) in groups.items():
            yield {
                **world.base(school, start), "post_group": group, "posts_total": total,
                "posts_vacant": open_,
            }  # fmt: skip


def attestation(world: World) -> Iterator[Row]:
    """A first decision, and a new one every five years."""
    seen: set[str] = set()
    for one in world.staff.everybody:
        if one.category_on is None or one.category is None or one.person.fio in seen:
            continue
        seen.add(one.person.fio)
        decided = one.category_on
        while decided.year <= world.starts[-1]:
            yield {
                **world.base(world.schools[one.school]), "person_pid": one.person,
                "category": one.category, "decided_on": decided,
                "valid_to": decided.replace(year=decided.year + 5),
                "document_no": f"{decided:%m}-{decided.year % 100}",
            }  # fmt: skip
            decided = decided.replace(year=decided.year + 5)


_SPECIAL = (("management", 260, 0.15), ("upbringing", 36, 0.25))


def _programme(topic: str) -> str:
    return f"ДПО-{topic.upper()}"


def cpd_course(world: World) -> Iterator[Row]:
    """Teachers by chance; each school trains a team in the assessment of quality."""
    rng = world.rng("cpd_course")
    deficits = _deficits(world)
    for start in world.starts:
        team: dict[int, int] = {}
        for row, one in _working(world, start):
            if one.post == "other":
                continue
            topics = list(_COURSES)
            if one.post in ADMIN:
                topics = [_COURSES[2], _SPECIAL[0]]
            elif one.post in UPBRINGING:
                topics = [_SPECIAL[1]]
            for topic, hours, chance in topics:
                wanted = topic == "soko" and start >= _TEAM_FROM and team.get(one.school, 0) < 2
                if rng.random() >= (0.4 if wanted else chance):
                    continue
                team[one.school] = team.get(one.school, 0) + (topic == "soko")
                deficit = deficits.get((one.person.fio, start))
                yield {
                    **row, "programme_id": _programme(topic), "topic": topic, "hours": hours,
                    "finished_on": some_day(rng, start),
                    "deficit_code": deficit if topic == "subject" else None,
                    "is_soko_team": topic == "soko",
                }  # fmt: skip


def _deficits(world: World) -> dict[tuple[str, int], str]:
    return {
        (row["person_pid"].fio, int(row["school_year"][:4])): row["deficit_code"]
        for row in teacher_diagnostics(world)
        if row["deficit_code"]
    }


def teacher_diagnostics(world: World) -> Iterator[Row]:
    """A fifth of teachers and administrators a year; able schools have able teachers."""
    rng = world.rng("teacher_diagnostics")
    for start in world.starts:
        for row, one in _working(world, start, TEACHER, *ADMIN):
            admin = one.post in ADMIN
            if (not admin and one.subject is None) or rng.random() >= 0.22:
                continue
            ability = world.schools[one.school].ability
            score = float(np.clip(round(68 + 7 * ability + float(rng.normal(0, 13)), 1), 10, 100))
            level = "low" if score < 55 else "high" if score >= 85 else "sufficient"
            day = some_day(rng, start, 30, 120)
            yield {
                **row, "diagnosed_role": "admin" if admin else "teacher",
                "subject": None if admin else one.subject, "diagnosed_on": day, "score_pct": score,
                "level": level, "deficit_code": f"Д-{one.subject or 'УПР'}" if score < 75 else None,
                "is_voluntary": bool(rng.random() < 0.6),
                "plan_on": day + dt.timedelta(days=20) if rng.random() < 0.7 else None,
            }  # fmt: skip


def meth_event(world: World) -> Iterator[Row]:
    """Municipal events, events of schools, visits to schools with low results."""
    rng = world.rng("meth_event")
    for start in world.starts:
        teachers = list(_working(world, start, TEACHER))
        for number in range(24):
            kind = _EVENTS[number % len(_EVENTS)]
            level = "municipal" if number % 3 else "school"
            day = some_day(rng, start)
            subject = ("RU", "MA", "EN", None)[number % 4]
            for row, one in teachers:
                if (subject in (None, one.subject)) and rng.random() < 0.07:
                    yield {
                        **row, "event_id": f"С-{start}-{number + 1:02d}", "event_date": day,
                        "event_type": kind, "event_level": level, "subject": subject,
                        "deficit_code": f"Д-{subject}" if subject and number % 2 else None,
                    }  # fmt: skip
        for school in world.schools.values():
            weak = school.plan == "declines"
            if (school.index, start) not in world.contingent.pupils:
                continue
            for turn in range(3 if weak else 1):
                yield {
                    **world.base(school, start),
                    "event_id": f"П-{start}-{school.number:03d}-{turn + 1}",
                    "event_date": some_day(rng, start),
                    "event_type": ("visit", "consultation", "russian")[turn if weak else 2],
                    "event_level": "municipal" if weak else "school",
                }  # fmt: skip


def mentor_pair(world: World) -> Iterator[Row]:
    """Most beginners have an experienced teacher of their school as a mentor."""
    rng = world.rng("mentor_pair")
    for start in world.starts:
        for index, here in world.staff.by_school(start, TEACHER).items():
            mentors = [one for one in here if one.experience_in(start) >= 8]
            for number, young in enumerate(one for one in here if one.is_young(start)):
                if not mentors or rng.random() > 0.8:
                    continue
                begun = dt.date(start, 9, 10)
                ended = rng.random() < 0.85
                yield {
                    **world.base(world.schools[index], start),
                    "mentor_pid": mentors[number % len(mentors)].person, "mentee_pid": young.person,
                    "started_on": begun, "ended_on": dt.date(start + 1, 5, 25) if ended else None,
                    "has_report": bool(ended),
                }  # fmt: skip


def network_member(world: World) -> Iterator[Row]:
    """Methodical unions by subject; agreements have no persons."""
    rng = world.rng("network_member")
    for start in world.starts:
        for row, one in _working(world, start, TEACHER):
            if one.subject and rng.random() < 0.45:
                yield {
                    **row, "community_id": f"ММО-{one.subject}",
                    "community_name": f"Методическое объединение {one.subject}",
                    "community_kind": "mmo", "subject": one.subject, "n_meetings": 4,
                }  # fmt: skip
        for number in range(3):
            school = world.schools[sorted(world.schools)[number]]
            yield {
                **world.base(school, start), "community_id": f"СД-{number + 1}",
                "community_name": f"Договор о сетевой форме {number + 1}",
                "community_kind": "agreement", "n_meetings": number + 1,
            }  # fmt: skip


def expert(world: World) -> Iterator[Row]:
    """A quarter of experienced teachers; a mandate lasts three years."""
    rng = world.rng("expert")
    for start in world.starts:
        seen: set[str] = set()
        for row, one in _working(world, start, TEACHER):
            if one.subject not in _EXPERT_SUBJECTS or one.experience_in(start) < 6:
                continue
            if rng.random() < 0.25 and one.person.fio not in seen:
                seen.add(one.person.fio)
                trained = some_day(rng, start - int(rng.integers(0, 4)))
                yield {
                    **row, "expert_role": "senior" if rng.random() < 0.15 else "expert",
                    "subject": one.subject,
                    "procedure_kind": ("oge", "ege", "vpr")[int(rng.integers(3))],
                    "trained_on": trained,
                    "valid_to": trained.replace(day=1, year=trained.year + 3),
                }  # fmt: skip


def reserve_post(world: World) -> Iterator[Row]:
    """Candidates for each post of a head or deputy; one school has none."""
    rng = world.rng("reserve_post")
    for start in world.starts:
        teachers = world.staff.by_school(start, TEACHER)
        for index, here in world.staff.by_school(start, "head", "deputy").items():
            school = world.schools[index]
            for number, one in enumerate(here, 1):
                row = {
                    **world.base(school, start), "post_id": f"{school.number:03d}-{number}",
                    "post_kind": one.post,
                }  # fmt: skip
                candidates = [t for t in teachers[index] if t.experience_in(start) >= 5]
                empty = school.id == world.planted.no_reserve or rng.random() < 0.2
                if empty or not candidates:
                    yield row
                    continue
                candidate = candidates[number % len(candidates)]
                yield {
                    **row, "person_pid": candidate.person, "included_on": dt.date(start, 10, 1),
                    "is_trained": bool(rng.random() < 0.65),
                }  # fmt: skip


def head_appointment(world: World) -> Iterator[Row]:
    """Everybody who was head or deputy in these years."""
    last = world.starts[-1]
    for one in world.staff.everybody:
        if one.post in ("head", "deputy") and one.until > world.starts[0]:
            yield {
                **world.base(world.schools[one.school]), "person_pid": one.person,
                "post_kind": one.post, "appointed_on": dt.date(one.since, 8, 25),
                "left_on": dt.date(one.until, 8, 20) if one.until <= last else None,
                "is_from_reserve": one.from_reserve,
            }  # fmt: skip
