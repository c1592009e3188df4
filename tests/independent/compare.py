"""Value by value: the published figures against those worked out here.

Belongs here: reading `indicator_value`, tolerance, the list of disagreements. Not here: rules.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import duckdb

from tests.independent.model import Figure, Key

TOLERANCE = 1e-6
FIELDS = ("n", "value", "numerator", "denominator", "low", "high", "status")


def published(con: duckdb.DuckDBPyConnection, measures: Iterable[str]) -> dict[Key, Figure]:
    """Rows of `marts.indicator_value` that stand on somebody's result.

    Left out: the bias row and the totals of D2.01a, which join words, and totals of D2.01c over
    subjects, whose ratio the catalogue does not ask for.
    """
    found: dict[Key, Figure] = {}
    for row in con.execute(
        """
        select measure_code, level, coalesce(school_id, municipality_id) as unit, school_year,
            case when season is not null then cal_year end, season, grade, subject, breakdown,
            n, value, numerator, denominator, ci_low, ci_high, status, value_text, delivery_ids
        from marts.indicator_value
        where list_contains(?, measure_code) and len(delivery_ids) > 0
            and not (measure_code in ('D2.01a', 'D2.01c') and subject is null)
            and not (measure_code = 'D2.01c' and status = 'no_data')
        """,
        [list(measures)],
    ).fetchall():
        key = Key(*row[:9])
        if key in found:
            raise AssertionError(f"two rows of one figure: {key}")
        found[key] = Figure(*row[9:17], frozenset(row[17]))
    return found


def disagreements(ours: Mapping[Key, Figure], theirs: Mapping[Key, Figure]) -> list[str]:
    """One line for each figure that only one side has or that differs."""
    lines = [f"only here: {key} {ours[key]}" for key in ours.keys() - theirs.keys()]
    lines += [f"only published: {key} {theirs[key]}" for key in theirs.keys() - ours.keys()]
    for key in ours.keys() & theirs.keys():
        fields = ("n", "status", "text") if key.measure == "D2.01a" else FIELDS
        for name in fields:
            mine, other = getattr(ours[key], name), getattr(theirs[key], name)
            if not _same(mine, other):
                lines.append(f"{name}: here {mine}, published {other}: {key}")
    return sorted(lines)


def _same(mine: object, other: object) -> bool:
    if isinstance(mine, int | float) and isinstance(other, int | float):
        return math.isclose(mine, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return mine == other
