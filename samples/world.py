"""What all registers of a city agree on: schools, years, pupils, staff, results, planted truths.

Belongs here: the common ground and small helpers of register builders. Not here: rows of a
register (`samples.registers`), files (`samples.layouts`).
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from samples.contingent import Contingent
from samples.exams import Exams
from samples.layouts.exports import Place
from samples.population import Population, School
from samples.staffing import Staff

# A cell of a register before it is written: code, number, date, yes or no, person.
Row = dict[str, Any]

_YEARS = 5
_GIFTED_FROM = 1.6
# Autumn in which schools that improve begin to (`vpr.PLAN_SHIFTS`).
_HEAD_CHANGE = 2020


@dataclass(frozen=True)
class Planted:
    """Schools (by id) in which a register shows something that analysis must find.

    Attributes:
        bad_attendance: many lessons missed without a reason.
        head_change: school → school year in which its head changed; results rise after it.
        no_reserve: no candidate for any post.
        unknown_leavers: does not know where a third of its leavers are.
        easy_olympiad: high points at the school stage, low ones at the municipal stage.
        no_agreements: no partner.
        stale_site: sections missing.
    """

    bad_attendance: tuple[str, ...]
    head_change: Mapping[str, str]
    no_reserve: str
    unknown_leavers: str
    easy_olympiad: tuple[str, ...]
    no_agreements: str
    stale_site: str

    @cached_property
    def at(self) -> Mapping[str, list[str]]:
        """School → what is planted there."""
        found: dict[str, list[str]] = defaultdict(list)
        for field in fields(self):
            where = getattr(self, field.name)
            for school_id in (where,) if isinstance(where, str) else where:
                found[school_id].append(field.name)
        return found


def school_year(start: int) -> str:
    """`2020/21` of 2020."""
    return f"{start}/{(start + 1) % 100:02d}"


def school_years(years: Sequence[int]) -> tuple[int, ...]:
    """Starts of the school years that registers cover: five, or more if the exams ask for it."""
    last = years[-1]
    return tuple(range(min(years[0] - 2, last - _YEARS + 1), last + 1))


@dataclass
class World:
    """One municipality with all that is true of it.

    Attributes:
        starts: years in which the registers' school years begin.
        before: school years before them that the contingent reaches back: who gets a certificate
            in the first years entered grade 5 earlier.
    """

    population: Population
    exams: Exams
    starts: tuple[int, ...]
    place: Place
    before: int = 0

    @cached_property
    def schools(self) -> dict[int, School]:
        """Schools of the first municipality: in a region the others keep their own registers."""
        own = self.population.schools[0].municipality
        return {one.index: one for one in self.population.schools if one.municipality == own}

    @cached_property
    def planted(self) -> Planted:
        """The plan of each school decides; where nothing is planned, its place does."""
        plans: dict[str, list[School]] = {}
        usual = [one for one in self.schools.values() if one.closed_after is None]
        for school in usual:
            plans.setdefault(school.plan, []).append(school)
        weak = plans.get("declines") or sorted(usual, key=lambda one: one.ability)
        calm = plans.get("ordinary", usual)
        improves = plans.get("improves", [])[:1]
        return Planted(
            bad_attendance=tuple(one.id for one in weak[:2]),
            head_change={one.id: school_year(_HEAD_CHANGE) for one in improves},
            no_reserve=calm[0].id,
            unknown_leavers=calm[1 % len(calm)].id,
            easy_olympiad=tuple(one.id for one in plans.get("inflates", [])),
            no_agreements=calm[2 % len(calm)].id,
            stale_site=calm[3 % len(calm)].id,
        )

    @cached_property
    def contingent(self) -> Contingent:
        unknown = next(
            one.index for one in self.schools.values() if one.id == self.planted.unknown_leavers
        )
        first = self.starts[0]
        starts = (*range(first - self.before, first), *self.starts)
        return Contingent(self.population, self.schools, starts, first, self.exams, unknown)

    @cached_property
    def staff(self) -> Staff:
        changes = {
            one.index: int(self.planted.head_change[one.id][:4])
            for one in self.schools.values()
            if one.id in self.planted.head_change
        }
        sizes = {
            index: max(len(self.contingent.pupils.get((index, start), ())) for start in self.starts)
            for index in self.schools
        }
        return Staff(self.schools, sizes, self.starts, changes, self.population.seed)

    def rng(self, name: str) -> np.random.Generator:
        """Chance of one register: another register's change does not disturb it."""
        return np.random.default_rng([self.population.seed, 20, zlib.crc32(name.encode())])

    def school_starts(self) -> Iterator[tuple[School, int]]:
        """Open schools in each school year."""
        for start in self.starts:
            for index, school in self.schools.items():
                if (index, start) in self.contingent.pupils:
                    yield school, start

    def positions(self, cal_year: int, grade: int) -> dict[int, int]:
        """Place in the cohort → number of the graduate, as protocols of that year count them."""
        found = self._positions.get((cal_year, grade))
        if found is None:
            cohort = self.population.cohort(cal_year, "spring", grade)
            found = {place: number for number, place in enumerate(cohort.place.tolist())}
            self._positions[cal_year, grade] = found
        return found

    @cached_property
    def _positions(self) -> dict[tuple[int, int], dict[int, int]]:
        return {}

    def base(self, school: School, start: int | None = None) -> Row:
        """Cells that rows of a school begin with."""
        row: Row = {"school_code": school.login, "school_name_given": school.short_name}
        if start is not None:
            row["school_year"] = school_year(start)
        return row

    def facts(self, school: School, start: int) -> Row:
        """Numbers of a school on 20 September that its registers agree on."""
        key = school.index, start
        if key not in self._known:
            self._known[key] = self._facts(school, start)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[int, int], Row]:
        return {}

    def _facts(self, school: School, start: int) -> Row:
        rng = np.random.default_rng([self.population.seed, 24, school.index, start])
        hard = self.hardship(school)
        pupils = self.contingent.here(school.index, start)
        size = len(pupils)
        accounted = count(rng, size, 0.008 + 0.004 * hard)
        usual = min(0.12, max(0.02, 0.055 + 0.012 * hard))
        return {
            "size": size,
            "sen": size if school.kind == "special" else round(size * usual),
            "accounted": accounted,
            "at_risk": accounted + count(rng, size - accounted, 0.03 + 0.01 * hard),
            "older": sum(start - p.person.born.year >= 8 for p in pupils),
            "gifted": sum(p.ability > _GIFTED_FROM for p in pupils),
            "teachers": len(self.staff.by_school(start, "teacher").get(school.index, ())),
        }

    def hardship(self, school: School) -> float:
        """How hard the context of a school is, about standard normal, against its ability."""
        return self._hardship[school.index]

    @cached_property
    def _hardship(self) -> dict[int, float]:
        own = np.random.default_rng([self.population.seed, 23])
        return {
            index: -0.8 * school.ability + 0.6 * float(own.standard_normal())
            for index, school in self.schools.items()
        }


def count(rng: np.random.Generator, total: int, share: float) -> int:
    """How many of so many, if each is one with this chance."""
    return int(rng.binomial(total, min(0.99, max(0.002, share)))) if total > 0 else 0


def some_day(rng: np.random.Generator, start: int, first: int = 10, last: int = 240) -> dt.date:
    """A day of a school year: so many days after 1 September."""
    return dt.date(start, 9, 1) + dt.timedelta(days=int(rng.integers(first, last)))
