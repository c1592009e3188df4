"""The promise of `delivery_ids`: who is listed matters, who is not listed does not.

Belongs here: taking pictures of all figures and telling where two pictures break the promise.
A figure is its value, numbers, interval, words and status; the zone and the flag of comparison
are read against other schools and are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

FigureKey = tuple[object, ...]
KEY = (
    "measure_code, level, coalesce(school_id, municipality_id), school_year,"
    " case when season is not null then cal_year end, season, grade, subject, breakdown"
)
# A state, a flag or a count (also of schools: D2.01d) need not change when one of its sources goes.
NEED_NOT_CHANGE = {"enum", "flag", "count"}
OF_STATES = {"D2.01d"}


@dataclass(frozen=True)
class Shown:
    """A figure and what it stands on; the yardstick of all schools apart."""

    figure: tuple[object, ...]
    listed: frozenset[str]
    yardstick: frozenset[str]


def picture(con: duckdb.DuckDBPyConnection) -> dict[FigureKey, Shown]:
    """All figures of a build database or a release."""
    yardsticks = {
        row[:6]: frozenset(row[6])
        for row in con.execute(
            "select measure_code, school_year, cal_year, season, grade, subject, delivery_ids"
            " from marts.indicator_reference"
        ).fetchall()
    }
    found: dict[FigureKey, Shown] = {}
    for row in con.execute(
        f"select {KEY}, n, round(value, 6), numerator, denominator, round(ci_low, 6),"
        " round(ci_high, 6), value_text, status, delivery_ids from marts.indicator_value"
    ).fetchall():
        key = row[:9]
        yardstick = yardsticks.get((key[0], key[3], *key[4:8]), frozenset())
        found[key] = Shown(row[9:17], frozenset(row[17]), yardstick)
    return found


def kinds(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Kind of each measure."""
    return dict(con.execute("select measure_code, kind from marts.dim_measure").fetchall())


def broken(
    before: Mapping[FigureKey, Shown],
    after: Mapping[FigureKey, Shown],
    delivery: str,
    kind: Mapping[str, str],
) -> list[str]:
    """Figures that break the promise after one delivery was withdrawn."""
    lines = []
    for key, shown in before.items():
        now = after.get(key)
        changed = now is None or now.figure != shown.figure
        if delivery not in shown.listed | shown.yardstick and changed:
            lines.append(f"not listed, yet changed: {key} {shown.figure} -> {now and now.figure}")
        may_stay = key[0] in OF_STATES or kind[str(key[0])] in NEED_NOT_CHANGE
        if delivery in shown.listed and not changed and not may_stay:
            lines.append(f"listed, yet unchanged: {key} {shown.figure}")
    for key in after.keys() - before.keys():
        # a state without results of the year has no season, so its key moves
        if after[key].listed and kind[str(key[0])] != "enum":
            lines.append(f"appeared: {key} {after[key].figure}")
    return lines
