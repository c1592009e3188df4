"""Registers whose rows are a school, a grade or a fixed list: cells drawn as the data file says.

Belongs here: the meaning of `samples/data/registers.yml`. Not here: the figures in it, registers
that name persons (`pupils`, `staff`), files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from samples.papers import DATA
from samples.population import School
from samples.world import Row, World, count, school_year


@cache
def specifications() -> Mapping[str, Mapping[str, Any]]:
    """Table → how its rows come about."""
    text = (DATA / "registers.yml").read_text(encoding="utf-8")
    found: dict[str, Mapping[str, Any]] = yaml.load(text, yaml.CSafeLoader)
    return found


def counted(world: World, table: str) -> Iterator[Row]:
    """Rows of a table of the data file."""
    drawing = _Drawing(world, table)
    if drawing.spec.get("years"):
        for start in world.starts:
            yield from drawing.rows(None, start)
        return
    every, once = drawing.spec.get("every", 1), drawing.spec.get("once", False)
    without = drawing.spec.get("unless_planted")
    for school, start in world.school_starts():
        if without in world.planted.at.get(school.id, ()) or (once and start != world.starts[-1]):
            continue
        if (school.index + start) % every == 0:
            yield from drawing.rows(school, start)


class _Drawing:
    """Rows of one table, one after the other."""

    def __init__(self, world: World, table: str) -> None:
        self.world = world
        self.spec = specifications()[table]
        self.rng = world.rng(table)

    def rows(self, school: School | None, start: int) -> Iterator[Row]:
        base: Row = {"school_year": school_year(start)}
        facts: Row = {"year": start}
        grades: Mapping[int, int] = {}
        before: Row = {}
        if school is not None:
            with_year = not (self.spec.get("no_school_year") or self.spec.get("once"))
            base = self.world.base(school, start if with_year else None)
            grades = self.world.contingent.grades(school.index, start)
            facts |= self.world.facts(school, start)
        rows = self.spec.get("rows", [{}])
        if bounds := self.spec.get("grades"):
            within = [grade for grade in sorted(grades) if bounds[0] <= grade <= bounds[1]]
            rows = [{**fixed, "grade_label": grade} for grade in within for fixed in rows]
        for fixed in rows:
            if self._is_left_out(fixed, school, grades):
                continue
            row = {**base, **facts, "grade_size": grades.get(fixed.get("grade_label", 0)), **before}
            for name, cell in {**fixed, **self.spec["cells"], **fixed}.items():
                row[name] = self._value(cell, row, school, start)
            before = {f"_before_{name}": row[name] for name in self.spec["cells"]}
            yield {k: v for k, v in row.items() if k not in _FACTS and not k.startswith("_")}

    def _is_left_out(
        self, fixed: Mapping[str, Any], school: School | None, grades: Mapping[int, int]
    ) -> bool:
        if school is None:
            return False
        return (
            school.grades < fixed.get("_needs", 0)
            or ("grade_label" in fixed and not grades.get(fixed["grade_label"]))
            or fixed.get("_plan", school.plan) != school.plan
        )

    def _value(self, cell: Any, row: Row, school: School | None, start: int) -> Any:
        if isinstance(cell, str):
            return row.get(cell, cell)
        if not isinstance(cell, dict):
            return cell
        if any(row.get(name) != wanted for name, wanted in cell.get("when", {}).items()) or any(
            row.get(name) == wanted for name, wanted in cell.get("unless", {}).items()
        ):
            return cell.get("otherwise")
        if "day" in cell:
            if self.rng.random() < cell.get("missing", 0):
                return None
            days = self._value(cell["day"], row, school, start)
            return dt.date(start, 9, 1) + dt.timedelta(days=days)
        if "copy" in cell:
            return row[cell["copy"]]
        if "minus" in cell:
            first, *others = (row[name] for name in cell["minus"])
            return first - sum(others)
        if "mean" in cell:
            return round(sum(row[name] for name in cell["mean"]) / len(cell["mean"]), 2)
        assert school is not None
        if "text" in cell:
            return cell["text"].format(yy=start % 100, number=f"{school.number:03d}")
        if "pick" in cell:
            return cell["pick"][school.index % len(cell["pick"])]
        return self._drawn(cell, row, school, start)

    def _drawn(self, cell: Mapping[str, Any], row: Row, school: School, start: int) -> Any:
        shift = (
            cell.get("hard", 0) * self.world.hardship(school)
            + cell.get("able", 0) * school.ability
            + cell.get("trend", 0) * (start - self.world.starts[0])
            + cell.get("plus", 0)
            + cell.get(school.plan, 0)
            + sum(cell.get(name, 0) for name in self.world.planted.at.get(school.id, ()))
        )
        if "near" in cell:
            value = cell["near"] + shift + float(self.rng.normal(0, cell["sd"]))
            return round(min(cell["most"], value), 1)
        if "chance" in cell:
            return bool(self.rng.random() < cell["chance"] + shift)
        total = row[cell["of"]]
        if school.grades < cell.get("needs", 0):
            return 0
        if row.get("grade_label") != cell.get("grade", row.get("grade_label")):
            return None
        if "times" in cell:
            return total * cell["times"]
        if "by" in cell:
            return max(1, total // row[cell["by"]])
        return count(self.rng, total, float(self._value(cell["share"], row, school, start)) + shift)


_FACTS = frozenset(
    ["size", "sen", "accounted", "at_risk", "older", "gifted", "teachers", "grade_size", "year"]
)  # fmt: skip
