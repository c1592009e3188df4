"""Intervals as textbooks give them, on counts; quantiles from scipy.

Belongs here: formulas of one figure. Not here: which schools and papers go into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

from scipy import stats

Interval = tuple[float, float]
_T = TypeVar("_T")
Z_95 = float(stats.norm.ppf(0.975))


def wilson(hits: float, n: float, z: float = Z_95) -> Interval:
    """Score interval of a share, as fractions of one."""
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(later: tuple[float, float], earlier: tuple[float, float], z: float = Z_95) -> Interval:
    """Interval of the difference of two independent shares (Newcombe's hybrid score)."""
    (x2, n2), (x1, n1) = later, earlier
    p2, p1 = x2 / n2, x1 / n1
    (low2, high2), (low1, high1) = wilson(x2, n2, z), wilson(x1, n1, z)
    return (
        p2 - p1 - math.hypot(p2 - low2, high1 - p1),
        p2 - p1 + math.hypot(high2 - p2, p1 - low1),
    )


def jackknife(
    clusters: Sequence[_T], statistic: Callable[[Sequence[_T]], float | None]
) -> Interval | None:
    """Leave one school out: t interval around the figure of all schools.

    None when fewer than two schools are there, when a figure without one of them does not exist,
    or when all of them tell the same: no spread is no certainty.
    """
    k = len(clusters)
    if k < 2:
        return None
    without = [statistic([*clusters[:i], *clusters[i + 1 :]]) for i in range(k)]
    figure = statistic(clusters)
    values = [value for value in without if value is not None]
    if figure is None or len(values) < k:
        return None
    mean = sum(values) / k
    error = math.sqrt((k - 1) / k * sum((value - mean) ** 2 for value in values))
    if error < 1e-12:
        return None
    half = float(stats.t.ppf(0.975, k - 1)) * error
    return figure - half, figure + half
