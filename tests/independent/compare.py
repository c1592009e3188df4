"""Value by value: the published figures against those worked out here.

Belongs here: reading `indicator_value`, tolerance, the list of disagreements. Not here: rules.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import duckdb

from tests.independent.figures import MEASURES
from tests.independent.model import Figure, Key
from tests.independent.parts import rule_of

TOLERANCE = 1e-6
FIELDS = ("n", "value", "numerator", "denominator", "low", "high", "status")
OF_MEANS = ("n", "value", "low", "high", "status")
OF_COUNTS = ("value", "status")
FIELDS_OF_KIND = {"ratio": FIELDS, "mean": OF_MEANS, "difference": OF_MEANS}
MISSING = {"no_data", "not_applicable"}
# Counted for the city as a whole: rows of no school.
OF_THE_CITY = {
    *("D1.02b", "D1.02c", "D5.02a", "D5.03a", "D7.01b", "D7.01c"),
    *("D7.03b", "D8.01c", "D8.01e"),
}
# The catalogue asks for the municipality; schools may be shown beside it.
SCHOOLS_OPTIONAL = {
    *("D3.03b", "D4.01b", "D4.09b", "D5.06b", "D6.10a", "D6.10b"),
    *("D7.02b", "D9.04b", "D9.04d"),
}


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
        if _of_the_city(key.measure):
            if key.level == "register":
                continue
            if key.level == "municipality":
                key = key._replace(unit=None)
        if key in found:
            raise AssertionError(f"two rows of one figure: {key}")
        found[key] = Figure(*row[9:17], frozenset(row[17]))  # type: ignore[call-arg]
    return found


def _of_the_city(measure: str) -> bool:
    """Rows of no school: there is one municipality, whatever its code."""
    return measure in OF_THE_CITY or rule_of(measure).kind == "given"


def disagreements(ours: Mapping[Key, Figure], theirs: Mapping[Key, Figure]) -> list[str]:
    """One line for each figure that only one side has or that differs."""
    lines = [
        f"{told(key)}: only here {brief(ours[key])}"
        for key in ours.keys() - theirs.keys()
        if not (key.measure in SCHOOLS_OPTIONAL and key.level == "school")
    ]
    lines += [
        f"{told(key)}: only published {brief(theirs[key])}"
        for key in theirs.keys() - ours.keys()
        if not _needs_no_answer(key, theirs[key])
    ]
    for key in ours.keys() & theirs.keys():
        for name in fields_of(key):
            mine, other = getattr(ours[key], name), getattr(theirs[key], name)
            if not _same(mine, other):
                lines.append(f"{told(key)}: {name} published {other}, here {mine}")
    return sorted(lines)


def fields_of(key: Key) -> tuple[str, ...]:
    """What is compared of a figure."""
    if key.measure == "D2.01a":
        return ("n", "status", "text")
    if key.measure in MEASURES:
        return FIELDS
    rule = rule_of(key.measure)
    fields = FIELDS_OF_KIND.get(rule.kind, OF_COUNTS)
    whole = key.level == "school" and key.grade is None and key.subject is None
    if whole and rule.interval in ("t", "paired", "difference"):
        # the catalogue gives no interval to a mean of several works of one school
        return tuple(name for name in fields if name not in ("low", "high"))
    return fields


def _needs_no_answer(key: Key, figure: Figure) -> bool:
    """Absence that is told, and means above the school of what only schools are asked for.

    An index of shares that are too small to be shown is one that is hidden.
    """
    if key.measure in MEASURES:
        return False
    if rule_of(key.measure).kind in ("index", "given"):
        hidden = figure.status == "suppressed" and figure.value is None
        return figure.status in MISSING or hidden or key.level != "school"
    return figure.status in MISSING


def told(key: Key) -> str:
    """A key as people read it."""
    cuts = {
        "window": key.season and f"{key.cal_year} {key.season}",
        "grade": key.grade,
        "subject": key.subject,
        "breakdown": None if key.breakdown == "all" else key.breakdown,
    }
    named = "".join(f" {name} {value}" for name, value in cuts.items() if value is not None)
    return f"{key.measure} {key.level} {key.unit or '-'} {key.school_year}{named}"


def brief(figure: Figure) -> str:
    """The fields of a figure that are there."""
    shown = {name: getattr(figure, name) for name in FIELDS}
    return " ".join(f"{name}={value}" for name, value in shown.items() if value is not None)


def _same(mine: object, other: object) -> bool:
    if isinstance(mine, int | float) and isinstance(other, int | float):
        return math.isclose(mine, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return mine == other
