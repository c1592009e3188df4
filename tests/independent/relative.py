"""D2.01c, and means that are weighted by participants above the cut.

Belongs here: a mean against a reference, its interval by Student. Not here: shares.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import NamedTuple

from scipy import stats

from tests.independent.model import Figure, Key, Source, hidden
from tests.independent.shares import results, units
from tests.independent.statistics import jackknife


def ege_to_krai(source: Source) -> dict[Key, Figure]:
    """Mean test score of a school by the mean of the krai, subject and level alike."""
    groups: dict[tuple[str, str, int, str, str], list[float]] = defaultdict(list)
    for result in results(source, "EGE"):
        if result.level != "base" and result.test_score is not None:
            where = (result.school, result.school_year, result.cal_year)
            groups[(*where, result.subject, result.level)].append(result.test_score)
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    figures: dict[Key, Figure] = {}
    cuts: dict[Key, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for (school, school_year, year, subject, level), scores in groups.items():
        krai = source.krai.get((year, subject, level))
        key = Key("D2.01c", "school", school, school_year, year, "main", 11, subject)
        if krai is None:
            continue
        rel, n = mean(scores) / krai, len(scores)
        half = student_half(stdev(scores) / krai, n) if n > 1 else None
        figures[key] = hidden(n, Figure(n, rel, low=half and rel - half, high=half and rel + half))
        for above, unit in units(school, place)[1:]:
            cuts[key._replace(level=above, unit=unit)][school].append((n, rel))
    return figures | weighted_means(cuts)


def student_half(sd: float, n: int) -> float:
    """Half of the 95 % interval of a mean."""
    return float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)


class Weighted(NamedTuple):
    """A school's mean and its participants."""

    n: int
    value: float


def weighted_means(
    cuts: Mapping[Key, Mapping[str, Sequence[tuple[int, float]]]],
) -> dict[Key, Figure]:
    """Means weighted by participants; the jackknife over schools above the school."""

    def pooled(some: Sequence[Weighted]) -> float | None:
        n = sum(item.n for item in some)
        return sum(item.n * item.value for item in some) / n if n else None

    figures: dict[Key, Figure] = {}
    for key, schools in cuts.items():
        weighted = [
            Weighted(sum(n for n, _ in got), sum(n * v for n, v in got) / sum(n for n, _ in got))
            for got in schools.values()
        ]
        value, n = pooled(weighted), sum(item.n for item in weighted)
        interval = None if key.level == "school" else jackknife(weighted, pooled)
        low, high = interval or (None, None)
        figures[key] = hidden(n, Figure(n, value, low=low, high=high))
    return figures
