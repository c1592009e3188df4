"""ВПР of the synthetic city: which papers are written when, and how pupils do.

Belongs here: windows of the calendar, results of one paper over all schools. Not here: the
paper model (`papers`), files (`layouts`).
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from samples.papers import (
    Floats,
    Ints,
    Paper,
    draw_journal,
    draw_tasks,
    draw_totals,
    load_papers,
    read_data,
)
from samples.population import Cohort, Population
from samples.scales import Cuts, marks, vpr_scales

# Parts of a school's effect: lasting, of the subject, of this paper (squares sum to 1).
_LASTING, _OF_SUBJECT, _OF_PAPER = 0.75, 0.5, 0.433
# Part of a pupil's ability that lasts; the rest is new in each paper.
_PUPIL_LASTING = 0.8
# A paper written by fewer pupils than this share of a grade is written by chosen classes.
_WHOLE_GRADE = 0.85
_ENOUGH_SCHOOLS = 10

# What planted schools add to their pupils' ability at these times (year with fraction).
PLAN_SHIFTS: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "declines": ((2020.7, 2021.3, 2022.3, 2022.7), (0.3, -0.7, -1.0, -1.2)),
    "improves": ((2020.7, 2021.3, 2022.3, 2022.7), (-1.0, -0.2, 0.3, 0.5)),
}
# A school that inflates: whatever its pupils can do, its ВПР come out alike and high.
_INFLATED_MEAN, _INFLATED_SPREAD, _INFLATED_JOURNAL = 0.8, 0.3, 0.6
SEASON_TIME = {"spring": 0.3, "main": 0.45, "autumn": 0.7}


@dataclass(frozen=True)
class Window:
    """One paper at one time.

    Attributes:
        paper: the real paper whose distribution is used.
        programme_grade: grade of the paper.
        grade_label: grade of the pupils (one more in autumn).
        layout: in which layout results of pupils are written.
        schools_share: share of schools that write it.
        reports: kinds of reports that are written too.
        everybody: all pupils of the grade write it, whatever was real.
    """

    cal_year: int
    season: str
    school_year: str
    paper: Paper
    programme_grade: int
    grade_label: int
    subject: str
    layout: str
    schools_share: float
    held_on: dt.date
    reports: tuple[str, ...]
    everybody: bool = False

    @property
    def id(self) -> str:
        return f"{self.cal_year}-{self.season}-{self.programme_grade}-{self.subject}"

    @property
    def cuts(self) -> Cuts | None:
        """The scale, if one is known."""
        return vpr_scales().get((self.cal_year, self.season, self.programme_grade, self.subject))

    def rng(self, seed: int, purpose: int) -> np.random.Generator:
        """A source of chance of this window's own, so that windows can be drawn in any order."""
        return np.random.default_rng([seed, purpose, zlib.crc32(self.id.encode())])


@cache
def load_windows() -> tuple[Window, ...]:
    """All windows that the city knows, in the order of the calendar."""
    papers = load_papers()
    return tuple(
        Window(
            cal_year=int(row["cal_year"]),
            season=row["season"],
            school_year=row["school_year"],
            paper=papers[row["paper"]],
            programme_grade=int(row["programme_grade"]),
            grade_label=int(row["grade_label"]),
            subject=row["subject"],
            layout=row["layout"],
            schools_share=float(row["schools_share"]),
            held_on=dt.date.fromisoformat(row["held_on"]),
            reports=tuple(row["reports"].split()),
        )
        for row in read_data("vpr_windows")
    )


@dataclass(frozen=True)
class Results:
    """Results of one window: one item a listed pupil, sorted by school.

    Attributes:
        present: whether the pupil wrote the paper; scores of the others mean nothing.
        total: primary score.
        tasks: scores of tasks, `NOT_ATTEMPTED` or `NOT_TAUGHT`.
        journal: journal mark.
    """

    window: Window
    pupils: Cohort
    present: NDArray[np.bool_]
    total: Ints
    tasks: Ints
    journal: Ints
    variant: Ints

    @cached_property
    def marks(self) -> Ints | None:
        """Marks by the scale, if there is one."""
        cuts = self.window.cuts
        return None if cuts is None else marks(self.total, cuts)

    def only(self, part: slice) -> Results:
        """Results of some pupils in a row."""
        return Results(
            window=self.window,
            pupils=self.pupils.take(np.arange(part.start, part.stop)),
            present=self.present[part],
            total=self.total[part],
            tasks=self.tasks[part],
            journal=self.journal[part],
            variant=self.variant[part],
        )

    def schools(self) -> list[tuple[int, slice]]:
        """Index of each school with the slice of its pupils."""
        school = self.pupils.school
        edges = [0, *(np.flatnonzero(np.diff(school)) + 1).tolist(), len(school)]
        return [(int(school[low]), slice(low, high)) for low, high in pairwise(edges) if high > low]


def plan_shift(plan: str, time: float) -> float:
    """What a plan adds to ability at a time."""
    points = PLAN_SHIFTS.get(plan)
    return float(np.interp(time, *points)) if points else 0.0


def standardised(effect: Floats, weight: Floats) -> Floats:
    """Shift and scale school effects to mean 0 and variance 1 over pupils."""
    if (weight > 0).sum() < 3:
        return effect
    mean = np.average(effect, weights=weight)
    variance = np.average((effect - mean) ** 2, weights=weight)
    result: Floats = (effect - mean) / np.sqrt(variance)
    return result


def _without_accident(own: Floats, school: Ints, effect: Floats) -> Floats:
    """Take from pupils' abilities what chance put between schools.

    Means of a few pupils differ between schools by chance, and by chance go along with the
    school's effect; in papers with few pupils a school that alone would move the intraclass
    correlation. Afterwards they differ exactly as much as chance does on average.
    """
    size = np.bincount(school, minlength=len(effect)).astype(float)
    here = size > 0
    if here.sum() < _ENOUGH_SCHOOLS:
        return own
    mean = np.bincount(school, weights=own, minlength=len(effect)) / np.maximum(size, 1)
    weight, there = size[here], effect[here]
    slope = (weight * mean[here] * there).sum() / (weight * there**2).sum()
    clean = mean - slope * effect - np.average(mean[here], weights=weight)
    square = (weight * clean[here] ** 2).sum() / (here.sum() - 2)
    inside = own - mean[school]
    freedom = max(len(own) - here.sum(), 1)
    spread = np.sqrt((inside**2).sum() / freedom)
    result: Floats = inside / spread + clean[school] / np.sqrt(square)
    return result


def _choose_pupils(population: Population, window: Window, rng: np.random.Generator) -> Cohort:
    """Pupils who are listed for the paper: whole grades, or some classes where it was by choice."""
    pupils = population.cohort(window.cal_year, window.season, window.grade_label)
    if window.everybody:
        return pupils
    count = len(population.schools)
    paper = window.paper
    share = paper.schools_share if paper.schools_share < 0.95 else 1.0
    takes_part = rng.permutation(count) < round(count * share * window.schools_share)
    takes_part[np.flatnonzero(np.isin(population.plans, ("inflates", "declines", "improves")))] |= (
        share == 1.0
    )
    if not takes_part[pupils.school].any():
        takes_part[pupils.school] = True
    size = np.bincount(pupils.school, minlength=count)
    wanted = paper.size_at(population.rank) / (1 - paper.absent_share)
    limit = np.where(wanted < _WHOLE_GRADE * size, np.maximum(1, np.round(wanted)), size)
    # A block of the list, beginning anywhere, stands for one or two classes.
    offset = (rng.random(count) * np.maximum(size, 1)).astype(int)
    place = (pupils.order + offset[pupils.school]) % np.maximum(size, 1)[pupils.school]
    return pupils.take(np.flatnonzero(takes_part[pupils.school] & (place < limit[pupils.school])))


def draw_window(population: Population, window: Window) -> Results:
    """Draw the results of one window over all schools."""
    rng = window.rng(population.seed, 3)
    pupils = _choose_pupils(population, window, rng)
    count, n = len(population.schools), len(pupils.school)
    of_subject = np.random.default_rng(
        [population.seed, 4, zlib.crc32(window.subject.encode())]
    ).standard_normal(count)
    effect = (
        _LASTING * population.ability
        + _OF_SUBJECT * of_subject
        + _OF_PAPER * rng.standard_normal(count)
    )
    weight = np.bincount(pupils.school, minlength=count).astype(float)
    effect = standardised(effect, weight)
    own = _PUPIL_LASTING * pupils.ability + np.sqrt(1 - _PUPIL_LASTING**2) * rng.standard_normal(n)
    own = _without_accident(own, pupils.school, effect)
    within = window.paper.icc_latent
    ability = np.sqrt(within) * effect[pupils.school] + np.sqrt(1 - within) * own
    time = window.cal_year + SEASON_TIME[window.season]
    shift = np.array([plan_shift(plan, time) for plan in population.plans.tolist()])
    ability += shift[pupils.school]
    inflates = (population.plans == "inflates")[pupils.school]
    ability = np.where(inflates, _INFLATED_MEAN + _INFLATED_SPREAD * ability, ability)
    total = draw_totals(window.paper, ability, population.propensity[pupils.school], rng)
    classes = pupils.school * 64 + np.minimum(pupils.class_no, 63)
    tasks = draw_tasks(
        window.paper, total, np.unique(classes, return_inverse=True)[1], rng,
        not_taught=window.cal_year <= 2021,
    )  # fmt: skip
    total = np.maximum(tasks, 0).sum(axis=1)
    raised = inflates & (rng.random(n) < _INFLATED_JOURNAL)
    return Results(
        window=window,
        pupils=pupils,
        present=rng.random(n) >= window.paper.absent_share,
        total=total,
        tasks=tasks,
        journal=draw_journal(window.paper, total, rng, raised),
        variant=rng.integers(1, 3, n),
    )
