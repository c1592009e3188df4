"""The paper model: sums, boundaries, correlations, and likeness to real papers."""

from __future__ import annotations

import numpy as np
import pytest

from samples.calibration import PAGE, SEED, icc, measure, page, paper_windows
from samples.papers import (
    NOT_ATTEMPTED,
    NOT_TAUGHT,
    draw_tasks,
    draw_totals,
    latent_icc,
    load_papers,
    smooth_histogram,
)
from samples.scales import marks
from warehouse.settings import load_settings

FOUR = ("2020-5-IS", "2021-8-RU", "2021-7-MA", "2021-4-OM")


def test_there_are_68_papers_and_their_tasks_add_up() -> None:
    papers = load_papers()
    assert len(papers) == 68
    assert {name for name, paper in papers.items() if paper.task_max.sum() != paper.max_score} == (
        set()
    )
    for paper in papers.values():
        assert paper.observed.sum() == pytest.approx(1)
        assert paper.smooth.sum() == pytest.approx(1)


def test_smoothing_moves_what_was_pushed_and_nothing_else() -> None:
    counts = np.array([10.0, 10, 10, 10, 2, 18, 10, 10, 10, 10])
    smooth, pushes = smooth_histogram(counts, [5])
    assert smooth == pytest.approx([10.0] * 10)
    (push,) = pushes
    assert push.below[-1] == 4
    assert push.share[-1] == pytest.approx(0.8)
    assert push.targets[0] == 5
    assert push.weights[0] == pytest.approx(1.0)


def test_latent_icc_of_a_dichotomy_is_the_arcsine_law() -> None:
    # Two halves of a normal variable correlate by 2/π·asin(r).
    shares = np.array([0.5, 0.5])
    for r in (0.1, 0.3, 0.6):
        assert latent_icc(shares, 2 / np.pi * np.arcsin(r)) == pytest.approx(r, abs=0.01)


def test_icc_of_identical_groups_and_of_no_groups() -> None:
    school = np.repeat(np.arange(50), 10)
    assert icc(school.astype(float), school) == pytest.approx(1.0)
    noise = np.random.default_rng(1).standard_normal(500)
    assert abs(icc(noise, school)) < 0.06


@pytest.mark.parametrize("name", FOUR)
def test_tasks_sum_to_the_total_within_their_maxima(name: str) -> None:
    paper = load_papers()[name]
    rng = np.random.default_rng(2)
    total = draw_totals(paper, rng.standard_normal(4000), rng.random(4000), rng)
    tasks = draw_tasks(paper, total, np.arange(4000) // 25, rng)
    assert (np.maximum(tasks, 0).sum(axis=1) == total).all()
    assert (tasks <= paper.task_max).all()
    assert set(np.unique(tasks[tasks < 0]).tolist()) <= {NOT_ATTEMPTED, NOT_TAUGHT}
    difficulty = np.maximum(tasks, 0).mean(axis=0) / paper.task_max
    assert np.abs(difficulty - paper.task_p).max() < 0.12


def test_honest_schools_push_nobody_and_inflating_ones_almost_all() -> None:
    paper = load_papers()["2021-8-RU"]
    ability = np.random.default_rng(3).standard_normal(20_000)
    cut = paper.cuts[0]
    ratio = {}
    for propensity in (0.0, 1.0):
        total = draw_totals(paper, ability, np.full(20_000, propensity), np.random.default_rng(4))
        counts = np.bincount(total, minlength=paper.max_score + 1)
        ratio[propensity] = counts[cut - 1] / counts[cut]
    assert ratio[0.0] == pytest.approx(paper.smooth[cut - 1] / paper.smooth[cut], rel=0.15)
    assert ratio[1.0] < 0.05


def test_marks_begin_at_the_cuts() -> None:
    assert marks(np.array([0, 5, 6, 9, 10, 14, 15, 20]), (6, 10, 15)).tolist() == [
        2, 2, 3, 3, 4, 4, 5, 5,
    ]  # fmt: skip


def test_all_papers_are_like_the_real_ones_and_the_page_says_so() -> None:
    rows = measure(load_settings(), paper_windows(), seed=SEED)
    assert len(rows) == 68
    assert [row.paper.id for row in rows if not row.holds] == []
    assert page(rows) == PAGE.read_text(encoding="utf-8"), "run python -m samples.calibration"
