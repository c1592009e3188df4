"""How like the real region the city is: a table for each of the 68 papers.

Belongs here: the comparison and its page in `docs/`; `python -m samples.calibration` writes it.
Not here: the model that is compared (`papers`, `vpr`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from samples.papers import Floats, Ints, Paper
from samples.population import Population, make_schools
from samples.vpr import Results, Window, draw_window, load_windows
from warehouse.settings import PROJECT, Settings, load_settings

PAGE = PROJECT / "docs" / "synthetic_city.md"
SCHOOLS, SEED = 600, 41

MAX_KS = 0.05
MAX_ICC_DIFFERENCE = 0.05
MAX_CUT_RATIO_DIFFERENCE = 0.20
MAX_ABSENT_DIFFERENCE = 0.02


@dataclass(frozen=True)
class Likeness:
    """One paper of the city against the real one.

    Attributes:
        ks: greatest distance between the two distributions of primary scores.
        cut_ratios: (real, city) for each cut c: pupils with c points for each with c - 1.
    """

    paper: Paper
    participants: int
    ks: float
    icc: float
    absent_share: float
    cut_ratios: tuple[tuple[float, float], ...]

    @property
    def worst_cut(self) -> float:
        """Greatest relative difference of the ratios at cuts."""
        return max((abs(city / real - 1) for real, city in self.cut_ratios), default=0.0)

    @property
    def holds(self) -> bool:
        """Whether all four targets are met."""
        return (
            self.ks <= MAX_KS
            and abs(self.icc - self.paper.icc) <= MAX_ICC_DIFFERENCE
            and self.worst_cut <= MAX_CUT_RATIO_DIFFERENCE
            and abs(self.absent_share - self.paper.absent_share) <= MAX_ABSENT_DIFFERENCE
        )


def icc(scores: Floats, school: Ints) -> float:
    """Intraclass correlation of one-way analysis of variance with unequal groups."""
    _, group = np.unique(school, return_inverse=True)
    sizes = np.bincount(group).astype(float)
    means = np.bincount(group, weights=scores) / sizes
    n, k = sizes.sum(), len(sizes)
    between = (sizes * (means - scores.mean()) ** 2).sum() / (k - 1)
    within = ((scores - means[group]) ** 2).sum() / (n - k)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    return float((between - within) / (between + (size - 1) * within))


def compare(results: Results) -> Likeness:
    """Compare one drawn paper with the real one."""
    paper = results.window.paper
    total = results.total[results.present]
    counts = np.bincount(total, minlength=paper.max_score + 1)
    drawn = counts / counts.sum()
    real = paper.observed
    return Likeness(
        paper=paper,
        participants=len(total),
        ks=float(np.abs(np.cumsum(drawn) - np.cumsum(real)).max()),
        icc=icc(total.astype(float), results.pupils.school[results.present]),
        absent_share=float(1 - results.present.mean()),
        cut_ratios=tuple(
            (float(real[cut] / real[cut - 1]), float(drawn[cut] / max(drawn[cut - 1], 1e-9)))
            for cut in paper.cuts
        ),
    )


def paper_windows() -> list[Window]:
    """One window for each of the 68 papers, as it was really held."""
    return [window for window in load_windows() if window.cal_year == window.paper.year]


def measure(
    settings: Settings, windows: Sequence[Window], schools: int = SCHOOLS, seed: int = SEED
) -> list[Likeness]:
    """Draw papers over a region without planted schools and compare them."""
    population = Population(make_schools(settings, schools, seed, plant=False), seed)
    return [compare(draw_window(population, replace(window))) for window in windows]


def page(rows: Sequence[Likeness]) -> str:
    """The page in Markdown."""
    good = sum(row.holds for row in rows)
    lines = [
        "# How like a real region the synthetic city is",
        "",
        (
            "Written by `python -m samples.calibration`; do not edit. What else the city holds:"
            " [registers](synthetic_registers.md)."
        ),
        "",
        (
            f"A region of {SCHOOLS} schools (seed {SEED}, no planted schools) against aggregates of one"
            " real region of 2020 and 2021. Targets: Kolmogorov–Smirnov distance of primary scores"
            f" ≤ {MAX_KS}, intraclass correlation between schools within ± {MAX_ICC_DIFFERENCE},"
            " ratio at each mark's boundary (pupils with the boundary's score for each with one point"
            f" less) within ± {MAX_CUT_RATIO_DIFFERENCE:.0%}, absent pupils within"
            f" ± {MAX_ABSENT_DIFFERENCE:.0%} points."
        ),
        "",
        (
            f"**{good} of {len(rows)} papers meet all four.** Papers without a known scale have no"
            " boundaries to compare. Planted schools (`samples.population.PLANTED`) differ from this"
            " on purpose; their number is fixed, so that a region as a whole stays like this, while in"
            " a city of 20 schools they are many."
        ),
        "",
        (
            "| paper | participants | KS | ICC real | ICC city | boundaries real → city | absent real"
            " | absent city | all |"
        ),
        "|---|---:|---:|---:|---:|---|---:|---:|---|",
    ]
    for row in rows:
        cuts = ", ".join(f"{real:.2f} → {city:.2f}" for real, city in row.cut_ratios) or "–"
        lines.append(
            f"| {row.paper.id} | {row.participants} | {row.ks:.3f} | {row.paper.icc:.3f}"
            f" | {row.icc:.3f} | {cuts} | {row.paper.absent_share:.1%} | {row.absent_share:.1%}"
            f" | {'yes' if row.holds else '**no**'} |"
        )
    return "\n".join(lines) + "\n"


def main(target: Path = PAGE) -> int:
    """Write the page; 1 if a paper misses a target."""
    rows = measure(load_settings(), paper_windows())
    target.write_text(page(rows), encoding="utf-8")
    missed = [row.paper.id for row in rows if not row.holds]
    print(f"{len(rows) - len(missed)} of {len(rows)} papers meet all targets", *missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
