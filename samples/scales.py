"""Scales and subjects that the city's papers and exams are marked by.

Belongs here: reading the reference seeds of the dbt project as data. Not here: the figures.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import numpy as np

from samples.papers import Ints
from warehouse.settings import SEEDS

Cuts = tuple[int, int, int]


def _read(name: str) -> list[dict[str, str]]:
    path = SEEDS / "reference" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _cuts(row: Mapping[str, str]) -> Cuts | None:
    values = [row[key] for key in ("cut3", "cut4", "cut5")]
    return (int(values[0]), int(values[1]), int(values[2])) if all(values) else None


@cache
def vpr_scales() -> Mapping[tuple[int, str, int, str], Cuts]:
    """(calendar year, season, programme grade, subject) → lowest scores of marks 3, 4, 5."""
    return {
        (int(row["cal_year"]), row["season"], int(row["programme_grade"]), row["subject"]): cuts
        for row in _read("vpr_scale")
        if (cuts := _cuts(row))
    }


@cache
def oge_scales() -> Mapping[tuple[int, str], Cuts]:
    """(calendar year, subject) → lowest scores of marks 3, 4, 5."""
    return {
        (int(row["cal_year"]), row["subject"]): cuts
        for row in _read("oge_scale")
        if (cuts := _cuts(row))
    }


@cache
def subject_names() -> Mapping[str, str]:
    """Code → Russian name."""
    return {row["code"]: row["name_ru"] for row in _read("subjects")}


@cache
def subject_abbreviations() -> Mapping[str, str]:
    """Code → abbreviation in names of ВПР sheets."""
    return {row["code"]: row["vpr_abbr"].split("|")[0] for row in _read("subjects")}


def marks(scores: Ints, cuts: Cuts) -> Ints:
    """Marks 2 to 5 of primary scores."""
    return 2 + np.searchsorted(np.array(cuts), scores, side="right")
