"""D1.03a-c, D1.07a-e, D1.13a: counts of participants and their pooled shares.

Belongs here: who is a participant, which result counts, what is a hit. Not here: differences
between years, the rule for low-result schools, markers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.independent.model import (
    Figure,
    Key,
    Row,
    Source,
    grouped,
    hidden,
    seed,
)
from tests.independent.statistics import jackknife, wilson

LANGUAGES = {"EN", "DE", "FR", "ES", "ZH", "IT"}
SEASON_ORDER = {"early": 0, "main": 1, "reserve": 2, "september": 3}


class Paper(NamedTuple):
    """One work of a ВПР window in a school."""

    school: str
    school_year: str
    cal_year: int
    season: str
    grade: int
    subject: str


@dataclass
class Counts:
    """What a school did in one work."""

    n_part: int
    n_listed: int | None
    marks: dict[int, int] | None
    scores: list[int] = field(default_factory=list)
    deliveries: set[str] = field(default_factory=set)
    mark_deliveries: set[str] = field(default_factory=set)

    @property
    def n_marked(self) -> int:
        return sum((self.marks or {}).values())


class Result(NamedTuple):
    """Final result of one person in one exam of a year."""

    procedure: str
    school: str
    school_year: str
    cal_year: int
    subject: str
    level: str
    person: str
    test_score: int | None
    mark: int | None
    primary: int | None
    deliveries: frozenset[str]


def paper_of(row: Row) -> Paper:
    return Paper(
        row["school_id"],
        row["school_year"],
        row["cal_year"],
        row["season"],
        row["programme_grade"],
        row["subject"],
    )


def scales() -> dict[tuple[int, str, int, str], tuple[int, int, int, int]]:
    """Cuts and maximum of each work that has a scale."""
    return {
        (int(r["cal_year"]), r["season"], int(r["programme_grade"]), r["subject"]): (
            int(r["cut3"]),
            int(r["cut4"]),
            int(r["cut5"]),
            int(r["max_score"]),
        )
        for r in seed("reference/vpr_scale.csv")
        if r["cut3"] and r["cut4"] and r["cut5"]
    }


def papers(source: Source) -> dict[Paper, Counts]:
    """Works of all schools: pupil rows win, Ф3 fills what they do not tell."""
    scale = scales()
    found: dict[Paper, Counts] = {}
    pupil_rows = source.one_sender("vpr_pupil", paper_of, lambda _: True)
    for paper, rows in grouped(pupil_rows, paper_of).items():
        present = [row for row in rows if row["is_present"]]
        marks: dict[int, int] = defaultdict(int)
        cuts = scale.get((paper.cal_year, paper.season, paper.grade, paper.subject))
        for row in present:
            mark, score = row["mark"], row["primary_score"]
            if mark is None and cuts and score is not None:
                mark = 2 + sum(score >= cut for cut in cuts[:3])
            if mark is not None:
                marks[mark] += 1
        deliveries = {row["delivery_id"] for row in rows}
        scores = [row["primary_score"] for row in present if row["primary_score"] is not None]
        found[paper] = Counts(
            len(present), len(rows), dict(marks) or None, scores, deliveries, deliveries
        )
    reports = source.one_sender("vpr_marks", paper_of, lambda row: row["unit_level"] == "school")
    for row in reports:
        paper, n = paper_of(row), row["n_part"]
        if any(row[f"pct_{mark}"] is None for mark in (2, 3, 4, 5)):
            continue
        told = {mark: round(row[f"pct_{mark}"] * n / 100) for mark in (2, 3, 4, 5)}
        if paper not in found:
            found[paper] = Counts(n, None, told, [], {row["delivery_id"]}, {row["delivery_id"]})
        elif found[paper].marks is None:
            found[paper].marks = told
            found[paper].mark_deliveries = {row["delivery_id"]}
    return found


def people(rows: Iterable[Row]) -> dict[tuple[int, str, str], str]:
    """One name for the pseudonyms that one person has in protocols of different forms.

    Two pseudonyms of one name in a school and year are one person if they rest on different
    things (document, code); two of the same kind are namesakes and stay apart.
    """
    names: dict[tuple[object, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    own: dict[tuple[int, str, str], str] = {}
    for row in rows:
        pid, year, school = row["participant_pid"], row["cal_year"], row["school_id"]
        own[year, school, pid] = pid
        if row["name_pid"] is not None:
            names[year, school, row["name_pid"]][row["pid_basis"]].add(pid)
    for (year, school, _), bases in names.items():
        if all(len(pids) == 1 for pids in bases.values()):
            pids = set().union(*bases.values())
            for pid in pids:
                own[year, school, pid] = min(pids)  # type: ignore[index]
    return own


def results(source: Source, procedure: str) -> list[Result]:
    """ЕГЭ: the best valid result; ОГЭ and ГВЭ: the last one; appeals applied."""
    table = "ege_result" if procedure in ("EGE", "GVE11") else "oge_result"
    appeals = [row for row in source.tables["exam_change"] if row["procedure"] == procedure]
    known = people([*source.tables[table], *appeals])

    def person(row: Row) -> tuple[object, ...]:
        who = known[row["cal_year"], row["school_id"], row["participant_pid"]]
        return who, row["cal_year"], row["subject"], row["level"]

    def sitting(row: Row) -> tuple[object, ...]:
        return *person(row), row["season"], row["exam_date"]

    changes: dict[tuple[object, ...], Row] = {}
    for row in appeals:
        if row["score_after"] is not None:
            key = (*person(row), row["exam_date"])
            if key not in changes or changes[key]["changed_at"] < row["changed_at"]:
                changes[key] = row
    sat = source.one_sender(
        table, sitting, lambda row: row["is_present"] and row["procedure"] == procedure
    )
    final: list[Result] = []
    for rows in grouped(sat, person).values():
        attempts = []
        for row in rows:
            base = procedure != "EGE" or row["level"] == "base"
            score, mark = row.get("test_score"), row["mark"]
            change = changes.get((*person(row), row["exam_date"]))
            if change:
                score, mark = (
                    (score, change["score_after"]) if base else (change["score_after"], mark)
                )
            got = mark if base else score
            if got is not None:
                rank = (
                    (SEASON_ORDER[row["season"]], row["exam_date"])
                    if procedure != "EGE"
                    else (got,)
                )
                primary = (
                    change["primary_score"]
                    if change and change["primary_score"] is not None
                    else row["primary_score"]
                )
                files = {row["delivery_id"]} | ({change["delivery_id"]} if change else set())
                attempts.append((rank, row, score, mark, primary, files))
        if attempts:
            _, row, score, mark, primary, _ = max(attempts, key=lambda item: item[0])
            final.append(
                Result(
                    procedure,
                    row["school_id"],
                    row["school_year"],
                    row["cal_year"],
                    row["subject"],
                    row["level"],
                    str(person(row)[0]),
                    score,
                    mark,
                    primary,
                    frozenset().union(*(item[5] for item in attempts)),
                )
            )
    return final


def thresholds() -> dict[tuple[int, str, str, str], float]:
    """Threshold of a kind by year, subject and level; languages share one."""
    found: dict[tuple[int, str, str, str], float] = {}
    for row in seed("reference/exam_threshold.csv"):
        if row["procedure"] == "EGE" and row["value"]:
            names = LANGUAGES if row["subject"] == "FL" else {row["subject"]}
            for name in names:
                key = (int(row["cal_year"]), name, row["level"], row["kind"])
                found[key] = float(row["value"])
    return found


@dataclass(frozen=True)
class Cut:
    """Hits of participants of one school in one cut."""

    measure: str
    school: str
    school_year: str
    cal_year: int
    season: str
    grade: int
    subject: str | None
    hits: float
    n: float
    breakdown: str = "all"
    n_part: int = 0


def vpr_cuts(source: Source) -> Iterable[Cut]:
    """Shares of marks, and participation."""
    for paper, counts in papers(source).items():
        where = (paper.school, paper.school_year, paper.cal_year, paper.season)
        where_to = (paper.grade, paper.subject)
        if counts.marks:
            marks = counts.marks
            hits = {
                "D1.03a": counts.n_marked - marks.get(2, 0),
                "D1.07a": marks.get(5, 0),
                "D1.07b": marks.get(4, 0) + marks.get(5, 0),
            }
            for measure, found in hits.items():
                yield Cut(measure, *where, *where_to, found, counts.n_marked)
        elif counts.n_part:
            for measure in ("D1.03a", "D1.07a", "D1.07b"):
                yield Cut(measure, *where, *where_to, 0, 0, n_part=counts.n_part)
        if counts.n_listed is not None:
            yield Cut("D1.13a", *where, *where_to, counts.n_part, counts.n_listed)


def exam_cuts(source: Source) -> Iterable[Cut]:
    """Shares of ОГЭ marks, ЕГЭ thresholds, 81-100 points, 220 points of three."""
    for rows in _by_subject(results(source, "OGE")):
        first = rows[0]
        where = (first.school, first.school_year, first.cal_year, "main", 9, first.subject)
        yield Cut("D1.03b", *where, sum((r.mark or 0) >= 3 for r in rows), len(rows))
        yield Cut("D1.07c", *where, sum(r.mark == 5 for r in rows), len(rows))
    limits = thresholds()
    ege = results(source, "EGE")
    for rows in _by_subject(ege):
        first = rows[0]
        base = first.level == "base"
        subject = "MA_base" if base else first.subject
        where = (first.school, first.school_year, first.cal_year, "main", 11, subject)
        for kind in ("certificate", "entry_rosobrnadzor", "entry_ministry", "entry_minprosv"):
            limit = limits.get((first.cal_year, first.subject, first.level, kind))
            if limit is not None:
                got = [(r.mark if base else r.test_score) or 0 for r in rows]
                yield Cut("D1.03c", *where, sum(x >= limit for x in got), len(rows), kind)
        if not base:
            high = sum(81 <= (r.test_score or 0) <= 100 for r in rows)
            yield Cut("D1.07d", *where, high, len(rows))
    people: dict[tuple[str, str, int], dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for r in ege:
        if r.test_score is not None and r.level != "base":
            people[r.school, r.school_year, r.cal_year][r.person].append(r.test_score)
    for (school, year, cal_year), persons in people.items():
        best = [sum(sorted(s, reverse=True)[:3]) for s in persons.values() if len(s) >= 3]
        if best:
            yield Cut(
                "D1.07e", school, year, cal_year, "main", 11, None,
                sum(x >= 220 for x in best), len(best),
            )  # fmt: skip


def _by_subject(found: Iterable[Result]) -> Iterable[list[Result]]:
    groups: dict[tuple[str, int, str, str], list[Result]] = defaultdict(list)
    for result in found:
        groups[result.school, result.cal_year, result.subject, result.level].append(result)
    return groups.values()


def share_figures(source: Source) -> dict[Key, Figure]:
    """School, municipality and register; the cuts and the total of the school year."""
    cuts = [*vpr_cuts(source), *exam_cuts(source)]
    place = {row["school_id"]: row["municipality_id"] for row in source.tables["school"]}
    figures: dict[Key, Figure] = {}
    for total in (False, True):
        groups: dict[Key, dict[str, list[float]]] = defaultdict(dict)
        for cut in cuts:
            for level, unit in units(cut.school, place):
                key = _key(cut, level, unit, total=total)
                row = groups[key].setdefault(cut.school, [0.0, 0.0, 0])
                for place_of, amount in enumerate((cut.hits, cut.n, cut.n_part)):
                    row[place_of] += amount
        for key, schools in groups.items():
            figures[key] = _share(key, list(schools.values()))
    return figures


def units(school: str, place: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    """Where a school's figures are counted."""
    return ("school", school), ("municipality", place[school]), ("register", None)


def _key(cut: Cut, level: str, unit: str | None, *, total: bool) -> Key:
    where = (
        (None, None, None, None) if total else (cut.cal_year, cut.season, cut.grade, cut.subject)
    )
    return Key(cut.measure, level, unit, cut.school_year, *where, cut.breakdown)


def _share(key: Key, schools: list[list[float]]) -> Figure:
    def pooled(some: Sequence[Sequence[float]]) -> float | None:
        below = sum(row[1] for row in some)
        return sum(row[0] for row in some) / below if below else None

    hits, n, without_mark = (sum(column) for column in zip(*schools, strict=True))
    minimum = 0 if key.measure == "D1.13a" else 10
    value = pooled(schools)
    if value is None:
        return Figure(int(without_mark), status="no_data")
    schools = [row for row in schools if row[1]]
    interval: tuple[float, float] | None = None
    if minimum:
        interval = wilson(hits, n) if key.level == "school" else jackknife(schools, pooled)
    low, high = interval or (None, None)
    return hidden(
        int(n),
        Figure(
            int(n),
            100 * value,
            hits,
            n,
            None if low is None else 100 * max(low, 0.0),
            None if high is None else 100 * min(high, 1.0),
        ),
        minimum,
    )
