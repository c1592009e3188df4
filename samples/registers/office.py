"""Registers of the education office: checks, agreements, audits, recommendations, decisions.

Belongs here: rows of these tables. Not here: counts and fixed lists (`counts`), files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from samples.population import School
from samples.registers.counts import counted
from samples.world import Row, World, school_year

_PROCEDURES = (
    ("vsosh_school", "MA", 20), ("vsosh_municipal", "MA", 75), ("essay", None, 92),
    ("interview", "RU", 162), ("vpr", "RU", 220), ("oge", "RU", 266), ("ege", "RU", 272),
)  # fmt: skip
_ITEMS = ("1.1", "1.2", "2.1", "2.2", "3.1")
_DIRECTIONS = tuple(f"D{number}" for number in range(1, 10))
_STEPS = (
    "goals", "indicators", "methods", "monitoring", "analysis", "recommendations", "measures",
    "decisions", "effect",
)  # fmt: skip


def _day(start: int, days: int) -> dt.date:
    return dt.date(start, 9, 1) + dt.timedelta(days=days)


def procedure_check(world: World) -> Iterator[Row]:
    """Checks of every third school and procedure; more violations where results are pushed."""
    rng = world.rng("procedure_check")
    for school, start in world.school_starts():
        for number, (kind, subject, days) in enumerate(_PROCEDURES):
            if (school.index + number + start) % 3 or (school.grades < 11 and number in (2, 5, 6)):
                continue
            for item in _ITEMS:
                yield {
                    **world.base(school, start),
                    "check_id": f"{start % 100}-{school.number:03d}-{number + 1}",
                    "procedure_kind": kind,
                    "subject": subject,
                    "checked_on": _day(start, days),
                    "item_code": item,
                    "is_violation": bool(
                        rng.random() < (0.2 if school.plan == "inflates" else 0.03)
                    ),
                }


def custom_indicator(world: World) -> Iterator[Row]:
    """One indicator of schools, and one of the municipality alone."""
    yield from counted(world, "custom_indicator")
    for start in world.starts:
        yield {
            "school_year": school_year(start), "measure_code": "D2.06x", "custom_code": "МСОКО-2",
            "custom_name": "Тьюторов в школах с низкими результатами", "document_no": "77-О",
            "formula_text": "число тьюторов", "given_value": 3 + start % 4, "unit_name": "человек",
        }  # fmt: skip


def agreement(world: World) -> Iterator[Row]:
    """Partners of a school; one school has none."""
    rng = world.rng("agreement")
    first = world.starts[0]
    for school in world.schools.values():
        if school.id == world.planted.no_agreements:
            continue
        for number, partner in enumerate(("college", "enterprise", "university"), 1):
            if number < 3 or school.grades == 11:
                since = dt.date(first - 1 + int(rng.integers(3)), 10, 1)
                yield {
                    **world.base(school),
                    "agreement_id": f"Д-{number}",
                    "partner_type": partner,
                    "partner_name": f"Вымышленный партнёр {number}",
                    "valid_from": since,
                    "valid_to": since.replace(year=since.year + 3) if number > 1 else None,
                }


def external_audit(world: World) -> Iterator[Row]:
    """Every second school was audited in the last years; most recommendations are closed."""
    rng = world.rng("external_audit")
    for school in list(world.schools.values())[::2]:
        year = world.starts[-1] - int(rng.integers(0, 4))
        for number in range(1, 4):
            due = dt.date(year + 1, 3 * number, 1)
            yield {
                **world.base(school),
                "audit_id": f"А-{year}",
                "audited_on": dt.date(year, 11, 15),
                "auditor": "Вымышленный центр оценки качества",
                "rec_id": f"{number}",
                "due_on": due,
                "done_on": due - dt.timedelta(days=9) if rng.random() < 0.75 else None,
            }


def _addressees(world: World, start: int) -> Iterator[tuple[int, School]]:
    open_ = [school for school, year in world.school_starts() if year == start]
    for number, school in enumerate(open_, 1):
        for turn in range(2 if school.plan == "declines" else 1):
            yield number + 100 * turn, school


def recommendation(world: World) -> Iterator[Row]:
    """One for each school, two for those whose results fall; some late, some never done."""
    rng = world.rng("recommendation")
    for start in world.starts:
        for number, school in _addressees(world, start):
            due = _day(start, 120)
            yield {
                **world.base(school, start),
                "rec_id": f"Р-{start % 100}-{number:03d}",
                "direction_code": "D2" if school.plan == "declines" else "D1",
                "measure_code": "D2.01a" if school.plan == "declines" else "D1.03a",
                "text_code": f"Т-{number % 7 + 1}",
                "addressee": ("head", "deputy", "teachers")[number % 3],
                "issued_on": _day(start, 30),
                "due_on": due,
                "done_on": due - dt.timedelta(days=int(rng.integers(-9, 40)))
                if rng.random() < 0.85
                else None,
            }


def decision(world: World) -> Iterator[Row]:
    """One for each recommendation; every fifth school waits longer than 45 days."""
    for start in world.starts:
        for number, school in _addressees(world, start):
            late = 70 if school.index % 5 == 4 else 25
            yield {
                **world.base(school, start),
                "decision_id": f"УР-{start % 100}-{number:03d}",
                "direction_code": "D2" if school.plan == "declines" else "D1",
                "document_no": f"{200 + number}-О",
                "document_date": _day(start, late),
                "decision_kind": ("order", "letter", "protocol", "plan")[number % 4],
                "rec_id": f"Р-{start % 100}-{number:03d}",
                "effect_measure": "D1.03a",
                "results_on": _day(start, 0),
            }


def cycle_step(world: World) -> Iterator[Row]:
    """Documents of all steps but the last, which the last year still owes."""
    for start in world.starts:
        for direction in _DIRECTIONS:
            for number, step in enumerate(_STEPS):
                if step == "effect" and start == world.starts[-1]:
                    continue
                yield {
                    "school_year": school_year(start),
                    "direction_code": direction,
                    "step": step,
                    "document_no": f"{direction}-{number + 1}",
                    "document_date": _day(start, 20 + 25 * number),
                }
