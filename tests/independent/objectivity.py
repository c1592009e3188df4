"""D1.10c and D5.01a-d: official lists, the gap between ВПР and ОГЭ, screening markers.

Belongs here: the markers whose formula the catalogue gives in full (OBJ1, 3, 4, 5, 7, 8, 9).
Not here: OBJ2 and OBJ6, where it leaves the expected ratio and the comparison of groups open;
their verdicts are taken from `mart_objectivity` when markers are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import mean, stdev
from typing import NamedTuple

from tests.independent.changes import bias_ever, fails, listed, parameter
from tests.independent.model import ENOUGH, Figure, Key, Source, year_from
from tests.independent.relative import weighted_means
from tests.independent.shares import Counts, Paper, paper_of, papers, results, scales, units

MARKERS = ("m_4ru", "m_4ma", "m_5ru", "m_5ma")


def open_schools(source: Source, school_year: str) -> set[str]:
    """Schools that existed on a day of the school year."""
    first, last = int(school_year[:4]), int(school_year[:4]) + 1
    return {
        row["school_id"]
        for row in source.tables["school"]
        if (
            row["closed_on"] is None
            or (row["closed_on"].year, row["closed_on"].month) >= (first, 9)
        )
        and (
            row["opened_on"] is None or (row["opened_on"].year, row["opened_on"].month) < (last, 9)
        )
    }


def list_figures(source: Source) -> dict[Key, Figure]:
    """D5.01a-c; a list of year Y belongs to the school year that ends in Y."""
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    lists = listed(source)
    wrote: dict[int, set[str]] = defaultdict(set)
    for paper, counts in papers(source).items():
        if (paper.subject, paper.grade) == ("RU", 4) and counts.n_part:
            wrote[paper.cal_year].add(paper.school)
    groups: dict[tuple[str, str, str | None, str], dict[str, float]] = defaultdict(dict)
    for year in {row["list_year"] for rows in lists.values() for row in rows}:
        school_year = year_from(year - 1)
        years = {
            school: {row["list_year"] for row in rows if marked(row)}
            for school, rows in lists.items()
        }
        for school, municipality in place.items():
            known = years.get(school, set())
            for level, unit in units(school, {school: municipality}):
                if school in wrote[year] and level != "school":
                    groups["D5.01a", level, unit, school_year][school] = float(year in known)
                if school in open_schools(source, school_year):
                    ever = float(bias_ever(source, school, year))
                    groups["D5.01b", level, unit, school_year][school] = ever
                    times = float(sum(year - 3 < y <= year for y in known))
                    groups["D5.01c", level, unit, school_year][school] = times
    figures: dict[Key, Figure] = {}
    for (measure, level, unit, school_year), schools in groups.items():
        key = Key(measure, level, unit, school_year, None, None, None, None)
        hits, n = sum(schools.values()), len(schools)
        counted = level == "school" or measure == "D5.01c"
        figures[key] = Figure(n, hits if counted else 100 * hits / n, hits, n)
    return figures


def marked(row: Mapping[str, object]) -> bool:
    """A school of the list with at least one marker, or with no detail at all."""
    details = [row[name] for name in (*MARKERS, "n_markers")]
    return any(details) or all(value is None for value in details)


class Mean(NamedTuple):
    """Mean points of a school."""

    n: int
    points: float


def z_scores(means: Mapping[str, Mean], krai: float | None = None) -> dict[str, tuple[float, int]]:
    """Standing of each school with enough participants among those of the register."""
    usable = {school: m for school, m in means.items() if m.n >= ENOUGH}
    if len(usable) < parameter("obj_ref_schools"):
        return {}
    values = [m.points for m in usable.values()]
    centre, spread = krai if krai is not None else mean(values), stdev(values)
    return {school: ((m.points - centre) / spread, m.n) for school, m in usable.items()}


def krai_means(source: Source) -> dict[tuple[int, str, int, str], float]:
    """Mean points of the krai, where its distribution was delivered."""
    weights: dict[tuple[int, str, int, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in source.tables["vpr_score_distribution"]:
        if row["unit_level"] == "region":
            total = weights[row["cal_year"], row["season"], row["programme_grade"], row["subject"]]
            total[0] += row["pct"] * row["primary_score"]
            total[1] += row["pct"]
    return {key: points / share for key, (points, share) in weights.items() if share}


def vpr_oge_gap(source: Source) -> dict[Key, Figure]:
    """D1.10c: standing in ОГЭ minus standing in ВПР of programme 8, the same children."""
    krai = krai_means(source)
    windows: dict[tuple[int, str, str], dict[str, tuple[int, Mean]]] = defaultdict(dict)
    for paper, counts in papers(source).items():
        if paper.grade == 8 and counts.scores:
            got = Mean(len(counts.scores), mean(counts.scores))
            windows[paper.cal_year, paper.season, paper.subject][paper.school] = counts.n_part, got
    exams: dict[tuple[int, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for result in results(source, "OGE"):
        if result.primary is not None:
            exams[result.cal_year, result.subject][result.school].append(result.primary)
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    cuts: dict[Key, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for (year, subject), schools in exams.items():
        oge = z_scores({s: Mean(len(got), mean(got)) for s, got in schools.items()})
        vpr: dict[str, tuple[int, float, int]] = {}
        for (when, season, of), means in windows.items():
            if (when, of) == (year - 1, subject):
                standing = z_scores(
                    {s: m for s, (_, m) in means.items()}, krai.get((when, season, 8, subject))
                )
                for school, (z, n) in standing.items():
                    vpr[school] = max(vpr.get(school, (0, 0.0, 0)), (means[school][0], z, n))
        for school in oge.keys() & vpr.keys():
            n, gap = min(oge[school][1], vpr[school][2]), oge[school][0] - vpr[school][1]
            for level, unit in units(school, place):
                for where in ((year, "main", 9, subject), (None,) * 4):
                    key = Key("D1.10c", level, unit, year_from(year - 1), *where)
                    cuts[key][school].append((n, gap))
    return weighted_means(cuts)


def markers(source: Source) -> dict[tuple[Paper, str], bool]:
    """Verdicts of OBJ1, 5, 7, 8, 9 for each work in which they can be given."""
    found: dict[tuple[Paper, str], bool] = {}
    scale = scales()
    done = papers(source)
    everybody: dict[tuple[int, str, int, str], list[int]] = defaultdict(list)
    for paper, counts in done.items():
        everybody[paper[2:]] += counts.scores
    for paper, counts in done.items():
        limit = scale.get((paper.cal_year, paper.season, paper.grade, paper.subject))
        if counts.n_listed is not None and counts.n_listed >= ENOUGH:
            share = 100 * counts.n_part / counts.n_listed
            found[paper, "OBJ9"] = share < parameter("obj9_participation")
        if counts.marks and limit and counts.n_marked >= ENOUGH and counts.scores:
            quality = 100 * (counts.marks.get(4, 0) + counts.marks.get(5, 0)) / counts.n_marked
            percent = 100 * mean(counts.scores) / limit[3]
            found[paper, "OBJ8"] = quality >= parameter("obj8_quality") and percent < parameter(
                "obj8_mean"
            )
    found |= _journal(source, done)
    found |= _grade_break(done)
    return found


def _journal(source: Source, done: Mapping[Paper, Counts]) -> dict[tuple[Paper, str], bool]:
    """OBJ1: marks lowered or raised against the journal."""
    scale = scales()
    gaps: dict[Paper, list[int]] = defaultdict(list)
    for row in source.one_sender("vpr_pupil", paper_of, lambda r: r["is_present"]):
        paper, mark, score = paper_of(row), row["mark"], row["primary_score"]
        cuts = scale.get((paper.cal_year, paper.season, paper.grade, paper.subject))
        if mark is None and cuts and score is not None:
            mark = 2 + sum(score >= cut for cut in cuts[:3])
        if mark is not None and row["journal_mark"] is not None:
            gaps[paper].append(mark - row["journal_mark"])
    counts = {
        paper: (len(g), sum(x < 0 for x in g), sum(x > 0 for x in g)) for paper, g in gaps.items()
    }
    for row in source.one_sender("vpr_journal", paper_of, lambda r: r["unit_level"] == "school"):
        counts.setdefault(paper_of(row), (row["n_compared"], row["n_lowered"], row["n_raised"]))
    return {
        (paper, "OBJ1"): 100 * max(lowered, raised) / n >= parameter("obj1_medium")
        for paper, (n, lowered, raised) in counts.items()
        if n >= ENOUGH
    }


def _grade_break(done: Mapping[Paper, Counts]) -> dict[tuple[Paper, str], bool]:
    """OBJ5: more «2» in programme 5 than the same children had in programme 4."""
    found: dict[tuple[Paper, str], bool] = {}
    chosen: dict[tuple[str, str, int, int], tuple[Paper, Counts]] = {}
    for paper, counts in sorted(
        done.items(), key=lambda i: (i[1].n_marked, i[0].season == "autumn")
    ):
        if counts.n_marked >= ENOUGH:
            chosen[paper.school, paper.subject, paper.grade, paper.cal_year] = paper, counts
    for paper, counts in done.items():
        before = chosen.get((paper.school, paper.subject, 4, paper.cal_year - 1))
        if paper.grade == 5 and before and counts.n_marked >= ENOUGH:
            share = 100 * (fails(counts) / counts.n_marked - fails(before[1]) / before[1].n_marked)
            found[paper, "OBJ5"] = share >= parameter("obj5_pp")
    return found
