"""ЕГЭ and ОГЭ of the synthetic city: who takes what, and with which result.

Belongs here: exams of the calendar and results over all schools, with appeals and retakes. Not
here: protocols (`layouts.protocols`).
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from samples.papers import Ints, read_data
from samples.population import Cohort, Population
from samples.scales import Cuts, marks, oge_scales
from samples.vpr import SEASON_TIME, plan_shift, standardised

# Variance between schools, and the part of a pupil's ability that lasts from the ВПР on.
_ICC, _PUPIL_LASTING = 0.2, 0.8
_NOT_COME = 0.01
_APPEAL = 0.012
# Lowest primary scores of marks 3, 4, 5 in base mathematics.
_BASE_CUTS: Cuts = (7, 12, 17)
# ОГЭ scales that the reference does not hold, as shares of the maximum.
_PROPORTIONAL = (0.3, 0.52, 0.75)


@dataclass(frozen=True)
class Exam:
    """One exam of the main period.

    Attributes:
        number: code of the subject in protocols of that procedure.
        oral_on: date of the oral part, for languages.
        layout: sparse, compact, csv, dense, regional, language.
        share: share of the graduates who take it.
        mean, sd: of test scores (ЕГЭ) or of primary scores (ОГЭ, base mathematics).
        min_primary, min_test: the threshold as primary and as test score.
    """

    procedure: str
    cal_year: int
    subject: str
    level: str
    number: str
    held_on: dt.date
    oral_on: dt.date | None
    layout: str
    share: float
    mean: float
    sd: float
    max_primary: int
    min_primary: int
    min_test: int

    @property
    def id(self) -> str:
        return f"{self.procedure}-{self.cal_year}-{self.subject}-{self.level}"

    @property
    def grade(self) -> int:
        return 11 if self.procedure in ("EGE", "GVE11") else 9

    @property
    def gives_marks(self) -> bool:
        """Whether the result is a mark 2 to 5 and not a test score."""
        return self.procedure != "EGE" or self.level == "base"

    @property
    def cuts(self) -> Cuts:
        """Lowest primary scores of marks, where the exam gives marks."""
        if self.level == "base":
            return _BASE_CUTS
        known = self.procedure == "OGE" and oge_scales().get((self.cal_year, self.subject))
        if known:
            return known
        low, middle, high = (round(self.max_primary * share) for share in _PROPORTIONAL)
        return low, middle, high


@cache
def load_exams() -> tuple[Exam, ...]:
    """All exams that the city knows."""
    return tuple(
        Exam(
            procedure=row["procedure"],
            cal_year=int(row["cal_year"]),
            subject=row["subject"],
            level=row["level"],
            number=row["number"],
            held_on=dt.date.fromisoformat(row["held_on"]),
            oral_on=dt.date.fromisoformat(row["oral_on"]) if row["oral_on"] else None,
            layout=row["layout"],
            share=float(row["share"]),
            mean=float(row["mean"]),
            sd=float(row["sd"]),
            max_primary=int(row["max_primary"]),
            min_primary=int(row["min_primary"]),
            min_test=int(row["min_test"]),
        )
        for row in read_data("exams")
    )


@dataclass(frozen=True)
class ExamResults:
    """Results of one exam: one item a participant, sorted by school.

    Attributes:
        person: number of the participant among the graduates of the year, for document and name.
        primary: primary score.
        result: test score, or mark.
        came: whether the participant came.
    """

    exam: Exam
    pupils: Cohort
    person: Ints
    primary: Ints
    result: Ints
    came: NDArray[np.bool_]

    def take(self, chosen: Ints) -> ExamResults:
        return ExamResults(
            self.exam,
            self.pupils.take(chosen),
            self.person[chosen],
            self.primary[chosen],
            self.result[chosen],
            self.came[chosen],
        )


@dataclass(frozen=True)
class Appeals:
    """Changed results: positions among the participants, scores and results before."""

    positions: Ints
    primary_after: Ints
    result_before: Ints
    result_after: Ints


def to_test_score(exam: Exam, primary: Ints) -> Ints:
    """Test score of a primary score: straight lines through 0, the threshold and the maximum.

    Not the official table; the thresholds are.
    """
    points = ((0, exam.min_primary, exam.max_primary), (0, exam.min_test, 100))
    return np.round(np.interp(primary, *points)).astype(np.int64)


def _results(exam: Exam, primary: Ints) -> Ints:
    return marks(primary, exam.cuts) if exam.gives_marks else to_test_score(exam, primary)


def draw_exam(population: Population, exam: Exam) -> ExamResults:
    """Draw the results of one exam over all schools."""
    rng = np.random.default_rng([population.seed, 5, zlib.crc32(exam.id.encode())])
    pupils = population.cohort(exam.cal_year, "spring", exam.grade)
    count, people = len(population.schools), len(pupils.school)
    # Either level of mathematics, never both: one draw decides for both.
    chance = np.random.default_rng(
        [population.seed, 6, exam.cal_year, zlib.crc32(f"{exam.grade}{exam.subject}".encode())]
    ).random(people)
    taken = chance >= 1 - exam.share if exam.level == "base" else chance < exam.share
    person = np.flatnonzero(taken)
    pupils = pupils.take(person)
    weight = np.bincount(pupils.school, minlength=count).astype(float)
    effect = standardised(
        0.9 * population.ability + np.sqrt(1 - 0.9**2) * rng.standard_normal(count), weight
    )
    ability = np.sqrt(_ICC) * effect[pupils.school] + np.sqrt(1 - _ICC) * (
        _PUPIL_LASTING * pupils.ability
        + np.sqrt(1 - _PUPIL_LASTING**2) * rng.standard_normal(len(person))
    )
    time = exam.cal_year + SEASON_TIME["main"]
    shift = np.array([plan_shift(plan, time) for plan in population.plans.tolist()])
    score = exam.mean + exam.sd * (ability + shift[pupils.school])
    if not exam.gives_marks:
        points = ((0, exam.min_test, 100), (0, exam.min_primary, exam.max_primary))
        score = np.interp(score, *points)
    primary = np.clip(np.round(score), 0, exam.max_primary).astype(np.int64)
    return ExamResults(
        exam=exam,
        pupils=pupils,
        person=person,
        primary=primary,
        result=_results(exam, primary),
        came=rng.random(len(person)) >= _NOT_COME,
    )


Exams = Mapping[int, Sequence[ExamResults]]


def draw_exams(population: Population, years: Sequence[int]) -> Exams:
    """Results of all exams of these calendar years."""
    drawn = {
        year: [draw_exam(population, exam) for exam in load_exams() if exam.cal_year == year]
        for year in years
    }
    return {year: [one for one in held if len(one.person)] for year, held in drawn.items()}


def draw_gve(population: Population, one: ExamResults) -> ExamResults:
    """ГВЭ of the graduates who do not sit that ОГЭ or ЕГЭ."""
    exam = replace(
        one.exam, procedure=f"GVE{one.exam.grade}", number="51", layout="dense", level="none",
        max_primary=17,
    )  # fmt: skip
    rng = np.random.default_rng([population.seed, 9, zlib.crc32(exam.id.encode())])
    pupils = population.cohort(exam.cal_year, "spring", exam.grade)
    person = np.setdiff1d(np.arange(len(pupils.school)), one.person)
    pupils = pupils.take(person)
    score = 10 + 2.5 * pupils.ability + rng.normal(0, 1.5, len(person))
    primary = np.clip(np.round(score), 1, exam.max_primary).astype(np.int64)
    came = np.ones(len(person), dtype=bool)
    return ExamResults(exam, pupils, person, primary, _results(exam, primary), came)


def draw_appeals(results: ExamResults, seed: int) -> Appeals:
    """Results that an appeal or a re-check changed by one to three primary points."""
    exam = results.exam
    rng = np.random.default_rng([seed, 7, zlib.crc32(exam.id.encode())])
    below = results.came & (results.primary < exam.max_primary)
    positions = np.flatnonzero(below & (rng.random(len(below)) < _APPEAL))
    after = np.minimum(
        exam.max_primary, results.primary[positions] + rng.integers(1, 4, len(positions))
    )
    return Appeals(positions, after, results.result[positions], _results(exam, after))


def draw_retake(results: ExamResults, seed: int) -> ExamResults:
    """Those who failed an exam with marks, once more in September: most pass."""
    exam = results.exam
    rng = np.random.default_rng([seed, 8, zlib.crc32(exam.id.encode())])
    failed = results.take(np.flatnonzero(results.came & (results.result == 2)))
    primary = np.clip(exam.cuts[0] + rng.integers(-2, 5, len(failed.primary)), 0, exam.max_primary)
    return ExamResults(
        exam, failed.pupils, failed.person, primary, _results(exam, primary),
        np.ones(len(primary), dtype=bool),
    )  # fmt: skip
