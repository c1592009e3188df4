"""The paper model: how pupils' abilities become primary scores, task scores and journal marks.

Belongs here: one ВПР paper as a distribution. Not here: who the pupils are (`population`), how
files look (`layouts`).

A pupil's ability is standard normal; the honest score is its quantile in the paper's smooth
distribution. Then a school may push pupils who stand just below a mark's boundary over it: how
much of that all schools together do is the difference between the real histogram and the
smooth one, how much one school does depends on its propensity (0 to 1), so that the mean over
schools is exactly the real histogram.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOT_ATTEMPTED = -1
NOT_TAUGHT = -2

# A suppressed cell of the histogram held 1 to 9 pupils.
_SUPPRESSED_COUNT = 4.0
# What a school that inflates without restraint does at each boundary, wherever the region does not.
_FULL_PUSH = 0.95
_WINDOW = 3
_ENOUGH_PUPILS = 30
_SIZE_POINTS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Push:
    """What happens just below one boundary.

    Attributes:
        below: scores below the boundary.
        share: share of pupils with each of these scores whom all schools together push.
        targets: scores at and above the boundary that the pushed pupils get.
        weights: their probabilities.
    """

    below: tuple[int, ...]
    share: tuple[float, ...]
    targets: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Paper:
    """One of the 68 real papers, as aggregates of one region.

    Attributes:
        id: year-grade-subject, such as `2021-4-MA`.
        cuts: lowest scores of marks 3, 4 and 5; fewer where no scale is known.
        icc: intraclass correlation of scores within schools.
        icc_latent: the same for abilities (scores are a step function of them).
        school_sizes: participants of a school at the 0, 5, 25, 50, 75, 95, 100th percentile.
        thresholds: ability from which each score on is reached (honest distribution).
        observed: share of pupils with each score in the real histogram.
    """

    id: str
    year: int
    grade: int
    subject: str
    participants: int
    absent_share: float
    schools_share: float
    icc: float
    icc_latent: float
    school_sizes: tuple[float, ...]
    max_score: int
    cuts: tuple[int, ...]
    observed: Floats
    smooth: Floats
    thresholds: Floats
    pushes: tuple[Push, ...]
    task_labels: tuple[str, ...]
    task_max: Ints
    task_p: Floats
    share_x: Floats
    share_not_taught: Floats
    journal: Floats

    def size_at(self, rank: Floats) -> Floats:
        """Participants of a school whose size has this rank (0 to 1) in the region."""
        return np.exp(np.interp(rank, _SIZE_POINTS, np.log(self.school_sizes)))


def read_data(name: str) -> list[dict[str, str]]:
    """Rows of one of the city's own data files."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def smooth_histogram(counts: Floats, cuts: Sequence[int]) -> tuple[Floats, tuple[Push, ...]]:
    """Take the boundary effect out of a histogram.

    Around each cut the counts are replaced by a straight line between the counts on both sides
    of a window, with the mass of the window kept; what is missing below the cut is what was
    pushed, and it went where counts exceed the line at and above the cut.

    Returns:
        The smooth counts (same total) and one push for each cut where anything was pushed.
    """
    smooth = counts.copy()
    pushes = []
    gaps = np.diff([0, *cuts, len(counts)])
    for position, cut in enumerate(cuts):
        width = int(min(_WINDOW, gaps[position] // 2, gaps[position + 1] // 2))
        low, high = cut - width, cut + width - 1
        if width < 1 or low < 1 or high + 1 >= len(counts):
            continue
        window = np.arange(low, high + 1)
        line = np.interp(window, (low - 1, high + 1), (smooth[low - 1], smooth[high + 1]))
        if line.sum() == 0:
            continue
        line *= counts[window].sum() / line.sum()
        missing = np.maximum(line - counts[window], 0.0)[:width]
        excess = np.maximum(counts[window] - line, 0.0)[width:]
        moved = min(missing.sum(), excess.sum())
        if moved <= 0:
            continue
        missing *= moved / missing.sum()
        excess *= moved / excess.sum()
        smooth[window] = counts[window] + np.concatenate([missing, -excess])
        share = missing / np.maximum(smooth[window][:width], 1e-9)
        pushes.append(
            Push(
                below=tuple(range(low, cut)),
                share=tuple(share.tolist()),
                targets=tuple(range(cut, high + 1)),
                weights=tuple((excess / excess.sum()).tolist()),
            )
        )
    return smooth, tuple(pushes)


def _thresholds(shares: Floats) -> Floats:
    """Ability above which a score greater than 0, 1, … begins."""
    inverse = NormalDist().inv_cdf
    cumulated = np.cumsum(shares)[:-1]
    return np.array([inverse(float(np.clip(value, 1e-9, 1 - 1e-9))) for value in cumulated])


def latent_icc(shares: Floats, icc: float) -> float:
    """ICC of abilities that gives scores the wanted ICC.

    The score is a function g of a standard normal ability, so two pupils whose abilities
    correlate by r have scores that correlate by sum(a_k² r^k) / sum(a_k²), with a_k the
    coefficients of g in Hermite polynomials (Mehler's formula). The sum rises with r, so
    halving intervals finds r.
    """
    grid = np.linspace(-6.0, 6.0, 2401)
    density = np.exp(-(grid**2) / 2)
    density /= density.sum()
    score = np.searchsorted(_thresholds(shares), grid).astype(float)
    score -= (score * density).sum()
    before, current = np.zeros_like(grid), np.ones_like(grid)
    squares = []
    for order in range(1, 12):
        before, current = current, (grid * current - np.sqrt(order - 1) * before) / np.sqrt(order)
        squares.append(float((score * current * density).sum() ** 2))
    powers = np.arange(1, 12)
    weights = np.array(squares) / float((score**2 * density).sum())
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if (weights * middle**powers).sum() < icc:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _journal_table(rows: Sequence[Mapping[str, str]], max_score: int) -> Floats:
    """Cumulated probabilities of journal marks 2, 3, 4, 5 for each primary score."""
    scores = np.arange(max_score + 1)
    weight = np.full((4, max_score + 1), 1e-12)
    for row in rows:
        mean, spread = float(row["mean_score"]), max(float(row["sd_score"]), 1.0)
        weight[int(row["mark"]) - 2] += (
            float(row["n"]) / spread * np.exp(-(((scores - mean) / spread) ** 2) / 2)
        )
    return np.cumsum(weight / weight.sum(axis=0), axis=0).T


@cache
def load_papers() -> Mapping[str, Paper]:
    """The 68 papers by id."""
    tasks: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_data("vpr_tasks"):
        tasks[row["paper"]].append(row)
    journal: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_data("vpr_journal_marks"):
        journal[row["paper"]].append(row)
    counts = {row["paper"]: row["counts"].split() for row in read_data("vpr_histograms")}
    rows = read_data("vpr_papers")
    all_schools = max(int(row["schools"]) for row in rows)
    papers = {}
    for row in rows:
        name, items = row["paper"], tasks[row["paper"]]
        observed = np.array(
            [_SUPPRESSED_COUNT if item == "s" else float(item) for item in counts[name]]
        )
        cuts = tuple(int(row[key]) for key in ("cut3", "cut4", "cut5") if row[key])
        smooth, pushes = smooth_histogram(observed, cuts)
        total = observed.sum()
        sizes = [float(row[key]) for key in ("n_p05", "n_p25", "n_p50", "n_p75", "n_p95", "n_max")]
        papers[name] = Paper(
            id=name,
            year=int(row["year"]),
            grade=int(row["grade"]),
            subject=row["subject"],
            participants=int(row["participants"]),
            absent_share=float(row["absent_share"]),
            schools_share=int(row["schools"]) / all_schools,
            icc=float(row["icc"]),
            icc_latent=latent_icc(observed / total, float(row["icc"])),
            school_sizes=(max(1.0, sizes[0] / 2), *sizes),
            max_score=int(row["max_score"]),
            cuts=cuts,
            observed=observed / total,
            smooth=smooth / total,
            thresholds=_thresholds(smooth / total),
            pushes=pushes,
            task_labels=tuple(item["label"] for item in items),
            task_max=np.array([int(item["max_score"]) for item in items]),
            task_p=np.array([float(item["p_value"]) for item in items]),
            share_x=np.array([float(item["share_x"]) for item in items]),
            share_not_taught=np.array([float(item["share_not_taught"]) for item in items]),
            journal=_journal_table(journal[name], int(row["max_score"])),
        )
    return papers


def _own_share(mean: float, propensity: Floats) -> Floats:
    """Share that each pupil's school pushes, when all schools together push `mean`.

    u^((1-f)/f) has the mean f over u uniform in (0, 1). The ordinary schools of these pupils are
    not quite uniform, so their shares are shifted until the mean is right.
    """
    if mean <= 0:
        return np.zeros(len(propensity))
    own: Floats = np.minimum(propensity ** ((1 - mean) / mean), 1.0)
    ordinary = (propensity > 0) & (propensity < 1)
    if ordinary.sum() < _ENOUGH_PUPILS:
        return own
    if mean < 0.5:
        own[ordinary] = np.minimum(1.0, own[ordinary] * mean / own[ordinary].mean())
    else:
        rest = 1 - own[ordinary]
        own[ordinary] = 1 - np.minimum(1.0, rest * (1 - mean) / max(rest.mean(), 1e-9))
    return own


def _systematic(share: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Choose pupils with these probabilities; their number is the expected one, give or take 1."""
    cumulated = np.floor(np.cumsum(share) + rng.random())
    return np.diff(cumulated, prepend=0.0) > 0


def draw_totals(
    paper: Paper, ability: Floats, propensity: Floats, rng: np.random.Generator
) -> Ints:
    """Primary scores of pupils.

    Args:
        paper: the paper.
        ability: standard normal, one a pupil.
        propensity: how much the pupil's school pushes over boundaries: 0 never, 1 always.
        rng: source of chance.
    """
    total = np.searchsorted(paper.thresholds, ability).astype(np.int64)
    if not len(total):
        return total
    pushed = total.copy()
    for push in paper.pushes:
        for score, mean in zip(push.below, push.share, strict=True):
            near = np.flatnonzero(total == score)
            own = _own_share(mean, propensity[near])
            chosen = near[_systematic(own, rng)]
            pushed[chosen] = rng.choice(push.targets, size=len(chosen), p=push.weights)
    without_limit = (propensity >= 1.0) & (rng.random(len(total)) < _FULL_PUSH)
    for cut in paper.cuts:
        pushed[without_limit & (pushed < cut) & (pushed >= cut - _WINDOW)] = cut
    return pushed


def draw_tasks(
    paper: Paper,
    total: Ints,
    classes: Ints,
    rng: np.random.Generator,
    *,
    not_taught: bool = True,
) -> Ints:
    """Scores of each task, which sum exactly to the primary score.

    Each task is cut into points, each with its own difficulty; a pupil gets the points that
    are easiest for him, easiness being the point's difficulty plus logistic noise.

    Args:
        paper: the paper.
        total: primary scores.
        classes: number of the pupil's class: a topic is not taught to whole classes.
        rng: source of chance.
        not_taught: whether «не пройд.» occurs.

    Returns:
        One row a pupil, one column a task; `NOT_ATTEMPTED` and `NOT_TAUGHT` stand for 0.
    """
    task_of_point = np.repeat(np.arange(len(paper.task_max)), paper.task_max)
    step = np.concatenate([np.arange(count) - (count - 1) / 2 for count in paper.task_max])
    p_value = np.clip(paper.task_p, 0.02, 0.98)[task_of_point]
    easiness = (np.log(p_value / (1 - p_value)) - 0.8 * step).astype(np.float32)
    noise = rng.random((len(total), len(easiness)), dtype=np.float32)
    keys = easiness + np.log((noise + 1e-7) / (1 - noise + 1e-7))
    if not_taught and len(total):
        skipped = rng.random((int(classes.max()) + 1, len(paper.task_max))) < np.minimum(
            paper.share_not_taught * 2.0, 0.3
        )
        class_skips = skipped[classes]
        keys -= class_skips[:, task_of_point] * np.float32(1e3)
    ordered = -np.sort(-keys, axis=1)
    last = ordered[np.arange(len(total)), np.maximum(total - 1, 0)]
    got = (keys >= last[:, None]) & (total > 0)[:, None]
    starts = np.concatenate([[0], np.cumsum(paper.task_max)[:-1]])
    scores = np.add.reduceat(got, starts, axis=1, dtype=np.int64)
    zero = scores == 0
    share_zero = np.maximum(zero.mean(axis=0), 1e-6)
    left_out = zero & (rng.random(scores.shape) < np.minimum(paper.share_x / share_zero, 0.95))
    scores[left_out] = NOT_ATTEMPTED
    if not_taught and len(total):
        scores[zero & class_skips] = NOT_TAUGHT
    return scores


def draw_journal(
    paper: Paper, total: Ints, rng: np.random.Generator, raised: NDArray[np.bool_]
) -> Ints:
    """Journal marks of pupils with these primary scores; `raised` adds one mark."""
    table = paper.journal[total]
    mark = 2 + (rng.random(len(total))[:, None] > table[:, :3]).sum(axis=1)
    marks: Ints = np.minimum(5, mark + raised)
    return marks
