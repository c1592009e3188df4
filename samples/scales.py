"""Scales and subjects that the city's papers and exams are marked by.

Belongs here: reading the reference seeds of the dbt project as data. Not here: the figures.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
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


@cache
def profile_names() -> Mapping[str, str]:
    """Code of a profile → Russian name."""
    return {row["profile"]: row["profile_name_ru"] for row in _read("profile_subject")}


@cache
def profile_subjects() -> Mapping[str, set[str]]:
    """Code of a profile → its subjects."""
    found: dict[str, set[str]] = {profile: set() for profile in profile_names()}
    for row in _read("profile_subject"):
        if row["subject"]:
            found[row["profile"]].add(row["subject"])
    return found


@cache
def specialty_subjects() -> Mapping[str, set[str]]:
    """Group of specialties (two digits) → subjects near to it."""
    found: dict[str, set[str]] = {}
    for row in _read("specialty_subject"):
        found.setdefault(row["specialty_group"], set()).add(row["subject"])
    return found


@cache
def profile_groups() -> Mapping[str, list[str]]:
    """Code of a profile → groups of specialties near to it."""
    found: dict[str, list[str]] = {}
    for row in _read("profile_specialty"):
        found.setdefault(row["profile"], []).append(row["specialty_group"])
    return found


@cache
def form_cells() -> Sequence[Mapping[str, str]]:
    """Cells of statistical forms with the variables that they hold."""
    return _read("fsn_cell_map")


def marks(scores: Ints, cuts: Cuts) -> Ints:
    """Marks 2 to 5 of primary scores."""
    return 2 + np.searchsorted(np.array(cuts), scores, side="right")
