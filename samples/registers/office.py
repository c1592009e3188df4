"""Registers of the education office: checks, agreements, audits, recommendations, decisions.

Belongs here: rows of these tables. Not here: counts and fixed lists (`counts`), files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

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


def cycle_step(world: World) -> Iterator[Row]:
    """Documents of all steps but the last, which the last year still owes."""
    for start in world.starts:
        for direction in _DIRECTIONS:
            for number, step in enumerate(_STEPS):
                if step == "effect" and start == world.starts[-1]:
                    continue
                yield {
                    "school_year": school_year(start), "direction_code": direction, "step": step,
                    "document_no": f"{direction}-{number + 1}",
                    "document_date": _day(start, 20 + 25 * number),
                }  # fmt: skip
