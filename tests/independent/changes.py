"""D1.10b and D2.01a, b, d, e: differences of shares of «2», and the rule for low-result schools.

Belongs here: which two works are compared, states of components. Not here: shares themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from typing import NamedTuple

from tests.independent.model import (
    ENOUGH,
    EXCLUDED_KINDS,
    Figure,
    Key,
    Row,
    Source,
    hidden,
    seed,
    year_from,
)
from tests.independent.shares import Counts, Paper, papers, results, thresholds, units
from tests.independent.statistics import jackknife, newcombe

COMPONENTS = {
    "V_RU5": ("VPR", "RU", 5),
    "V_MA5": ("VPR", "MA", 5),
    "V_RU6": ("VPR", "RU", 6),
    "V_MA6": ("VPR", "MA", 6),
    "E_RU": ("EGE", "RU", 11),
    "E_MA": ("EGE", "MA", 11),
    "E_MAB": ("EGE", "MA", 11),
    "O_RU": ("OGE", "RU", 9),
    "O_MA": ("OGE", "MA", 9),
}
SEED_RULE = ("V_RU5", "V_MA5", "V_RU6", "V_MA6", "E_RU", "E_MA")


class Pair(NamedTuple):
    """Fails and participants of two works, the later one first."""

    x2: float
    n2: float
    x1: float
    n1: float
    n: float


@dataclass(frozen=True)
class Work:
    """What one component of one year stands on."""

    cal_year: int
    season: str
    n: int
    fails: int
    mean: float | None = None
    sd: float | None = None
    deliveries: frozenset[str] = frozenset()


def parameter(code: str) -> float:
    """A parameter of the catalogue."""
    return next(
        float(row["value"])
        for row in seed("catalogue/parameters.csv")
        if row["parameter_code"] == code
    )


def difference(level: str, pairs: Sequence[Pair]) -> Figure:
    """Pooled difference of shares in points; n is the smaller side of each comparison."""

    def pooled(some: Sequence[Pair]) -> float | None:
        n2, n1 = sum(p.n2 for p in some), sum(p.n1 for p in some)
        if not n2 or not n1:
            return None
        return sum(p.x2 for p in some) / n2 - sum(p.x1 for p in some) / n1

    value = pooled(pairs)
    assert value is not None
    if level == "school":
        (pair,) = pairs
        interval = newcombe((pair.x2, pair.n2), (pair.x1, pair.n1))
    else:
        interval = jackknife(pairs, pooled)
    low, high = interval or (None, None)
    n = int(sum(p.n for p in pairs))
    return hidden(
        n,
        Figure(
            n,
            100 * value,
            low=None if low is None else 100 * low,
            high=None if high is None else 100 * high,
        ),
    )


def cohort_drop(source: Source) -> dict[Key, Figure]:
    """D1.10b: programme 5 minus programme 4 of those who were a year younger."""
    marked = {p: c for p, c in papers(source).items() if c.n_marked and p.subject in ("RU", "MA")}
    cuts: dict[Key, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    chosen: dict[tuple[str, str, int, int], tuple[Paper, Counts]] = {}
    for paper, counts in sorted(
        marked.items(), key=lambda item: (item[1].n_marked, item[0].season == "autumn")
    ):
        chosen[paper.school, paper.subject, paper.grade, paper.cal_year] = paper, counts
    for (school, subject, grade, year), (later, counts) in chosen.items():
        if grade != 5 or (school, subject, 4, year - 1) not in chosen:
            continue
        before = chosen[school, subject, 4, year - 1][1]
        pair = _pair(fails(counts), counts.n_marked, fails(before), before.n_marked)
        for level, unit in units(later.school, place):
            for where in ((*later[2:4], 5, later.subject), (None,) * 4):
                key = Key("D1.10b", level, unit, later.school_year, *where)
                cuts[key][later.school].append(pair)
    return {key: difference(key.level, _one_each(schools)) for key, schools in cuts.items()}


def _one_each(schools: dict[str, list[Pair]]) -> list[Pair]:
    return [
        Pair(*(sum(column) for column in zip(*pairs, strict=True))) for pairs in schools.values()
    ]


def _pair(x2: float, n2: float, x1: float, n1: float) -> Pair:
    return Pair(x2, n2, x1, n1, min(n2, n1))


def fails(counts: Counts) -> int:
    return (counts.marks or {}).get(2, 0)


def works(source: Source) -> dict[tuple[str, str, int], Work]:
    """Component works: school, component, year. Of two seasons the larger one."""
    found: dict[tuple[str, str, int], Work] = {}
    for paper, counts in papers(source).items():
        name = f"V_{paper.subject}{paper.grade}"
        if name in COMPONENTS and counts.n_marked:
            key = (paper.school, name, paper.cal_year)
            work = Work(
                paper.cal_year, paper.season, counts.n_marked, fails(counts),
                deliveries=frozenset(counts.mark_deliveries),
            )  # fmt: skip
            if key not in found or (found[key].n, found[key].season == "autumn") < (
                work.n,
                work.season == "autumn",
            ):
                found[key] = work
    limits = thresholds()
    groups: dict[tuple[str, str, int], list[tuple[bool, float]]] = defaultdict(list)
    for result in results(source, "EGE"):
        if result.subject in ("RU", "MA"):
            base = result.level == "base"
            year, score = result.cal_year, (result.mark if base else result.test_score) or 0
            limit = limits[year, result.subject, result.level, "certificate"]
            name = "E_MAB" if base else f"E_{result.subject}"
            groups[result.school, name, year].append((score < limit, score))
    for result in results(source, "OGE"):
        if result.subject in ("RU", "MA"):
            mark = result.mark or 0
            groups[result.school, f"O_{result.subject}", result.cal_year].append((mark < 3, mark))
    for key, got in groups.items():
        scores = [score for _, score in got]
        found[key] = Work(
            key[2], "main", len(got), sum(fail for fail, _ in got), mean(scores),
            stdev(scores) if len(scores) > 1 else None,
        )  # fmt: skip
    return found


def fail_changes(source: Source) -> dict[Key, Figure]:
    """D2.01b: each component against the year before; totals pool the components."""
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    found = works(source)
    cuts: dict[Key, dict[str, list[Pair]]] = defaultdict(lambda: defaultdict(list))
    for (school, name, year), work in found.items():
        before = found.get((school, name, year - 1))
        if before is None:
            continue
        _, subject, grade = COMPONENTS[name]
        pair = _pair(work.fails, work.n, before.fails, before.n)
        for level, unit in units(school, place):
            cut = Key(
                "D2.01b", level, unit, year_from(year), year, work.season, grade, subject, name
            )
            total = Key("D2.01b", level, unit, year_from(year), None, None, None, None)
            cuts[cut][school].append(pair)
            cuts[total][school].append(pair)
    return {key: difference(key.level, _one_each(schools)) for key, schools in cuts.items()}


def listed(source: Source) -> dict[str, list[Row]]:
    """Rows of official lists by school, markers or none."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in source.tables["bias_list"]:
        found[row["school_id"]].append(row)
    return found


def bias_ever(source: Source, school: str, year: int) -> bool:
    """In a list of this or an earlier year, itself or a school that it took over."""
    family, grown = {school}, True
    while grown:
        before = {
            row["school_id"]
            for row in source.tables["school"]
            if row["successor_school_id"] in family
        }
        grown = not before <= family
        family |= before
    lists = listed(source)
    return any(row["list_year"] <= year for name in family for row in lists[name])


def states(source: Source, school: str, year: int) -> dict[str, str]:
    """State of each of the six components, as in part 2.3 of the catalogue."""
    found = works(source) if not isinstance(source, Cached) else source.works
    return {
        name: _state(
            source,
            name,
            school,
            Years(year, found.get((school, name, year - 1)), found.get((school, name, year))),
        )
        for name in SEED_RULE
    }


@dataclass
class Cached(Source):
    """A source whose works are counted once."""

    works: dict[tuple[str, str, int], Work] = field(default_factory=dict)


class Years(NamedTuple):
    """Works of one component in a year and the year before."""

    year: int
    before: Work | None
    now: Work | None


def _state(source: Source, name: str, school: str, years: Years) -> str:
    year, before, now = years
    procedure, subject, grade = COMPONENTS[name]
    level = "profile" if (procedure, subject) == ("EGE", "MA") else "none"
    krai = [source.krai.get((y, subject, level)) for y in (year - 1, year)]
    if now is None or (procedure == "EGE" and krai[1] is None):
        return "no_data"
    if now.n < ENOUGH:
        return "insufficient_n"
    if before is None or before.n < ENOUGH or (procedure == "EGE" and krai[0] is None):
        return "level_only"
    for row in listed(source)[school]:
        if row["list_year"] in (year - 1, year):
            marks = {k: row[k] for k in ("m_4ru", "m_4ma", "m_5ru", "m_5ma")}
            if not any(marks.values()) or marks.get(f"m_{grade}{subject.lower()}"):
                return "not_comparable"
    z = parameter("shnor_z")
    if procedure == "VPR":
        change = 100 * (now.fails / now.n - before.fails / before.n)
        sure = newcombe((now.fails, now.n), (before.fails, before.n), z)
        if change >= parameter("shnor_d_vpr"):
            return "worse" if sure[0] > 0 else "worse_weak"
        return "better" if -change >= parameter("shnor_d_vpr") and sure[1] < 0 else "stable"
    assert krai[0]
    assert krai[1]
    assert now.mean is not None
    assert before.mean is not None
    rel = now.mean / krai[1] - before.mean / krai[0]
    errors = [
        work.sd / math.sqrt(work.n) / ref if work.sd is not None else None
        for work, ref in ((before, krai[0]), (now, krai[1]))
    ]
    known = [error for error in errors if error is not None]
    significant = len(known) == 2 and abs(rel) > z * math.hypot(*known)
    if -rel >= parameter("shnor_d_ege"):
        return "worse" if significant else "worse_weak"
    return "better" if rel >= parameter("shnor_d_ege") and significant else "stable"


def federal(source: Source, school: str, year: int) -> bool | None:
    """30 % below the minimum in two works of the year, or in one work two years in a row."""
    found = source.works if isinstance(source, Cached) else works(source)
    share = parameter("shnor_federal_share")

    def low(name: str, of: int) -> bool:
        work = found.get((school, name, of))
        return bool(work and work.n >= ENOUGH and 100 * work.fails / work.n >= share)

    if not any(
        (school, name, year) in found and found[school, name, year].n >= ENOUGH
        for name in COMPONENTS
    ):
        return None
    now = [name for name in COMPONENTS if low(name, year)]
    return len(now) >= 2 or any(low(name, year - 1) for name in now)


def rule_figures(source: Source) -> dict[Key, Figure]:
    """D2.01a, d, e at all levels they have."""
    cached = Cached(source.tables, source.authority, source.seq, source.krai, works(source))
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    years = sorted({year for _, _, year in cached.works})
    figures: dict[Key, Figure] = {}
    for year in years:
        flags: dict[tuple[str, str | None], list[bool]] = defaultdict(list)
        for row in source.tables["school"]:
            school, opened, closed = row["school_id"], row["opened_on"], row["closed_on"]
            if row["school_kind"] in EXCLUDED_KINDS:
                continue
            if (opened and opened.year > year) or (closed and closed.year < year):
                continue
            flag = federal(cached, school, year)
            if flag is not None:
                for level, unit in units(school, place)[1:]:
                    flags[level, unit].append(flag)
            n = sum(
                cached.works[school, name, of].n
                for name in COMPONENTS
                for of in (year - 1, year)
                if (school, name, of) in cached.works
            )
            if n:
                key = Key("D2.01e", "school", school, year_from(year), None, None, None, None)
                figures[key] = (
                    Figure(n, status="no_data")
                    if flag is None
                    else Figure(n, float(flag), float(flag), 1)
                )
            for name, state in states(cached, school, year).items():
                work = cached.works.get((school, name, year))
                if work or (school, name, year - 1) in cached.works:
                    _, subject, grade = COMPONENTS[name]
                    window = (work.cal_year, work.season) if work else (None, None)
                    key = Key(
                        "D2.01a", "school", school, year_from(year), *window, grade, subject, name
                    )
                    weak = state in ("no_data", "insufficient_n")
                    figures[key] = Figure(
                        work.n if work else 0, status=state if weak else "ok", text=state
                    )
        for (level, unit), hits in flags.items():
            key = Key("D2.01e", level, unit, year_from(year), None, None, None, None)
            low = sum(hits)
            figures[key] = Figure(len(hits), 100 * low / len(hits), low, len(hits))
    figures |= positive_dynamics(cached, place)
    return figures


def positive_dynamics(source: Cached, place: dict[str, str]) -> dict[Key, Figure]:
    """D2.01d: schools of the official list with something better and nothing worse."""
    lists: dict[tuple[str, str, str | None], dict[str, bool]] = defaultdict(dict)
    for row in source.tables["shnor_official"]:
        school, school_year = row["school_id"], row["list_school_year"]
        got = set(states(source, school, int(school_year[:4])).values())
        for level, unit in units(school, place):
            if level != "school":
                lists[school_year, level, unit][school] = "better" in got and "worse" not in got
    return {
        Key("D2.01d", level, unit, school_year, None, None, None, None): Figure(
            len(schools),
            100 * sum(schools.values()) / len(schools),
            sum(schools.values()),
            len(schools),
        )
        for (school_year, level, unit), schools in lists.items()
    }


def all_changes(source: Source) -> dict[Key, Figure]:
    """Every figure of this module."""
    return {**cohort_drop(source), **fail_changes(source), **rule_figures(source)}
