"""From a school's counts to figures of all levels.

Belongs here: pooling, intervals, minimum numbers by kind of measure. Not here: what is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.independent.model import SHOW_FROM, Figure, Key, hidden, seed
from tests.independent.relative import student_half
from tests.independent.shares import units
from tests.independent.statistics import jackknife, wilson


@dataclass(frozen=True)
class Rule:
    """How a measure is read; the catalogue's columns kind, interval_method and min_n.

    Attributes:
        scale: 100 for percent and «per 100», 1000 for «per 1000».
        school_min: minimum of one school where it differs from that of the city.
    """

    kind: str = "ratio"
    interval: str = "none"
    min_n: int = 0
    scale: float = 100
    school_min: int | None = None


COUNTED = Rule()
WORKS = Rule(interval="wilson", min_n=10)
COUNT = Rule("count", scale=1)
FLAG = Rule("flag")
INDEX = Rule("index", scale=1)
GIVEN = Rule("given", scale=1)
MEAN = Rule("mean", scale=1)

# Every measure that is not a complete count of shares.
RULES = {
    **dict.fromkeys(("D1.03d", "D1.03e", "D1.03f", "D1.08a", "D1.09c", "D1.10d"), WORKS),
    **dict.fromkeys(("D1.13b", "D1.13c", "D2.03c", "D3.01c", "D5.03b"), WORKS),
    **dict.fromkeys(("D3.01d", "D4.01a", "D4.09b", "D7.01c", "D7.03b"), COUNT),
    **dict.fromkeys(("D2.01f", "D6.07a"), FLAG),
    **dict.fromkeys(("D2.06a", "D6.12a", "D6.13a"), INDEX),
    **dict.fromkeys(("D1.13x", "D2.06x"), GIVEN),
    **dict.fromkeys(("D6.04a", "D6.05a", "D6.11a"), MEAN),
    "D1.01d": Rule(scale=1),
    "D1.08c": Rule("mean", "t", 10, 1),
    "D1.12a": Rule(school_min=10),
    "D1.13d": Rule("difference", "difference", 10, 1),
    "D2.04b": Rule(interval="wilson", min_n=10, school_min=5),
    "D2.05b": Rule(scale=1),
    "D3.01e": Rule("difference", "paired", 10, 1),
    "D6.08a": Rule("index", min_n=10, scale=1),
    "D6.09a": Rule("index", min_n=10, scale=1),
    "D6.11c": Rule("mean"),
    "D6.11e": Rule(interval="wilson", min_n=10, school_min=30),
    "D8.02b": Rule(interval="wilson", min_n=10, school_min=15),
    "D9.04a": Rule(scale=1000),
    "D9.05c": Rule(interval="wilson", min_n=10, school_min=10),
}


@dataclass(frozen=True)
class Part:
    """What one school (None: the city itself) adds to one figure.

    A mean or a difference is told as the sum of values over n. `role` is «cut» or «total» where
    the total is no sum of cuts.
    """

    measure: str
    school: str | None
    school_year: str
    numerator: float
    denominator: float = 1
    grade: int | None = None
    subject: str | None = None
    breakdown: str = "all"
    sd: float | None = None
    role: str = "both"
    window: tuple[int | None, str | None] = (None, None)


def rule_of(measure: str) -> Rule:
    return RULES.get(measure, COUNTED)


def pooled_figures(parts: Iterable[Part], place: Mapping[str, str]) -> dict[Key, Figure]:
    """Cuts and totals of all levels; denominators of nothing give nothing."""
    found = [part for part in parts if part.denominator > 0]
    figures: dict[Key, Figure] = {}
    for role in ("cut", "total"):
        groups: dict[Key, dict[str | None, list[Part]]] = defaultdict(lambda: defaultdict(list))
        for part in found:
            if part.role in ("both", role):
                for level, unit in _units(part.school, place):
                    groups[_key(part, level, unit, role)][part.school].append(part)
        for key, schools in groups.items():
            made = _figure(key, schools)
            if made is not None:
                figures[key] = made
    return figures


def _units(school: str | None, place: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    return (("municipality", None),) if school is None else units(school, place)


def _key(part: Part, level: str, unit: str | None, role: str) -> Key:
    where = (*part.window, part.grade, part.subject) if role == "cut" else (None,) * 4
    return Key(part.measure, level, unit, part.school_year, *where, part.breakdown)


def _figure(key: Key, schools: Mapping[str | None, Sequence[Part]]) -> Figure | None:
    rule = rule_of(key.measure)
    sums = [(sum(p.numerator for p in s), sum(p.denominator for p in s)) for s in schools.values()]
    hits, n = sum(x for x, _ in sums), sum(y for _, y in sums)
    if rule.kind in ("index", "given") and (key.level != "school" and None not in schools):
        return None
    if rule.kind == "count":
        return Figure(len(sums), hits, hits)
    if rule.kind == "flag":
        return Figure(int(n), hits if key.level == "school" else 100 * hits / n, hits, n)
    interval = None
    if rule.interval != "none" and key.level != "school":
        interval = jackknife(sums, _ratio)
    elif rule.interval == "wilson":
        interval = wilson(hits, n)
    elif rule.interval != "none":
        interval = _student(hits / n, n, [part for s in schools.values() for part in s])
    low, high = interval or (None, None)
    if rule.interval == "wilson" and low is not None and high is not None:
        low, high = max(low, 0.0), min(high, 1.0)
    figure = Figure(
        round(n),
        rule.scale * hits / n,
        hits,
        n,
        None if low is None else rule.scale * low,
        None if high is None else rule.scale * high,
    )
    alone = key.level == "school" and rule.school_min is not None
    return hidden(round(n), figure, rule.school_min or 0 if alone else rule.min_n)


def shown(figures: Mapping[Key, Figure]) -> dict[Key, Figure]:
    """What readers are told: of one or two people, and of a school too small, only the number."""
    of_persons = {
        row["measure_code"] for row in seed("catalogue/measures.csv") if row["of_persons"] == "true"
    }
    told = dict(figures)
    for key, figure in figures.items():
        rule, n = rule_of(key.measure), figure.n or 0
        alone = key.level == "school" and n < (rule.school_min or 0)
        if alone or (n < SHOW_FROM and key.measure in of_persons):
            status = "insufficient_n" if n < max(rule.min_n, 1) else "suppressed"
            told[key] = Figure(figure.n, denominator=figure.denominator, status=status)
    return told


def _ratio(sums: Sequence[tuple[float, float]]) -> float | None:
    below = sum(n for _, n in sums)
    return sum(hits for hits, _ in sums) / below if below else None


def _student(value: float, n: float, parts: Sequence[Part]) -> tuple[float, float] | None:
    """Interval of one mean; means of several works have none."""
    (sd,) = {part.sd for part in parts} if len(parts) == 1 else {None}
    if sd is None or n < 2:
        return None
    half = student_half(sd, int(n))
    return value - half, value + half
