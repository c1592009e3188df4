"""Direction 6: D6.01-D6.13, but for the residuals of D6.08a and D6.09a.

Belongs here: administrators, teachers' load, reserve, conditions. Not here: pooling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import mean

from tests.independent.model import Figure, Key, Row, grouped
from tests.independent.parts import Part, pooled_figures
from tests.independent.registers import Heard, Place, Registers, Span, before

MANAGEMENT_HOURS = 250
OVERLOAD, ADMIN_LIMIT = 27, 9
BEGINNER = 3
WHOLE_SURVEY = "ВСЕГО"


def head_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction that does not stand on other measures."""
    yield from administrators(book)
    yield from young_teachers(book)
    yield from load(book)
    yield from support(book)
    yield from audits(book)
    yield from reserve(book)
    yield from conditions(book)


def administrators(book: Registers) -> Iterable[Part]:
    """D6.01a, D6.02a."""
    for year, places in grouped(book.admins, lambda place: place[1]).items():
        span = Span.of(year)
        # a long course of management counts for ever, so does what tells of it
        finished = [row for row in book.rows("cpd_course") if row["finished_on"] <= span.end]
        qualified = {row["person_pid"] for row in book.courses(span, "soko")} | {
            row["person_pid"]
            for row in finished
            if row["topic"] == "management" and row["hours"] >= MANAGEMENT_HOURS
        }
        courses = Heard.from_rows(finished)
        diagnostics = book.heard_lately("teacher_diagnostics", span)
        volunteers = {r["person_pid"] for r in book.diagnosed(span, "admin") if r["is_voluntary"]}
        for place in places:
            admins = book.admins[place]
            if courses.of(place[0]):
                yield Part("D6.01a", *place, len(admins & qualified), len(admins))
            if diagnostics.of(place[0]):
                yield Part("D6.02a", *place, len(admins & volunteers), len(admins))


def young_teachers(book: Registers) -> Iterable[Part]:
    """D6.03a-c."""
    for place, rows in book.staff.items():
        teachers = [row for row in rows if row["post_kind"] == "teacher"]
        dated = [row for row in teachers if row["birth_year"] is not None]
        yield Part("D6.03a", *place, len(book.young[place]), len(dated))
        known = [row["ped_experience"] for row in teachers if row["ped_experience"] is not None]
        yield Part("D6.03b", *place, sum(years < BEGINNER for years in known), len(known))
        were = book.young.get((place[0], before(place[1])), set())
        yield Part("D6.03c", *place, len(were & book.teachers[place]), len(were))


def load(book: Registers) -> Iterable[Part]:
    """D6.04a, b, D6.05a, b."""
    for place, rows in book.staff.items():
        hours: dict[str, float] = defaultdict(float)
        teaching: dict[str, float] = defaultdict(float)
        for row in rows:
            hours[row["person_pid"]] += row["weekly_hours"] or 0
            if row["post_kind"] == "teacher" and row["weekly_hours"] is not None:
                teaching[row["person_pid"]] += row["weekly_hours"]
        admins = [hours[person] for person in book.admins.get(place, ())]
        for mean_of, above, found, limit in (
            ("D6.04a", "D6.04b", list(teaching.values()), OVERLOAD),
            ("D6.05a", "D6.05b", admins, ADMIN_LIMIT),
        ):
            yield Part(mean_of, *place, sum(found), len(found))
            yield Part(above, *place, sum(value > limit for value in found), len(found))


def support(book: Registers) -> Iterable[Part]:
    """D6.06a."""
    for year, places in grouped(book.teachers, lambda place: place[1]).items():
        pairs = active_pairs(book, Span.of(year))
        events = [row for row in book.rows("meth_event") if row["school_year"] == year]
        heard = Heard.from_rows([*pairs, *events])
        helped = {row[side] for row in pairs for side in ("mentor_pid", "mentee_pid")} | {
            row["person_pid"] for row in events if row["event_level"] == "school"
        }
        for place in (place for place in places if heard.of(place[0])):
            teachers = book.teachers[place]
            yield Part("D6.06a", *place, len(teachers & helped), len(teachers))


def active_pairs(book: Registers, span: Span) -> list[Row]:
    """Mentor pairs in force in the year."""
    return [
        row for row in book.rows("mentor_pair") if span.touches(row["started_on"], row["ended_on"])
    ]


def audits(book: Registers) -> Iterable[Part]:
    """D6.07a, b."""
    for year in book.years:
        span = Span.of(year)
        recent = book.recent("external_audit", span)
        passed = {row["school_id"] for row in recent}
        heard = book.heard_lately("external_audit", span)
        for school in (school for school in book.open(year) if heard.of(school)):
            yield Part("D6.07a", school, year, school in passed)
        for row in book.rows("external_audit"):
            if row["rec_id"] is not None and span.recent(row["due_on"]):
                done = row["done_on"] is not None and row["done_on"] <= span.end
                yield Part("D6.07b", row["school_id"], year, done)


def reserve(book: Registers) -> Iterable[Part]:
    """D6.10a, b."""
    for place, rows in book.by_place("reserve_post").items():
        posts = grouped(rows, lambda row: row["post_id"])
        ready = [
            any(row["person_pid"] is not None and row["is_trained"] for row in candidates)
            for candidates in posts.values()
        ]
        yield Part("D6.10a", *place, sum(ready), len(ready))
    for year in book.years:
        for row in book.recent("head_appointment", Span.of(year)):
            if row["post_kind"] == "head":
                yield Part("D6.10b", row["school_id"], year, row["is_from_reserve"])


def conditions(book: Registers) -> Iterable[Part]:
    """D6.11a-f."""
    for school, rows in grouped(book.rows("noko_score"), lambda row: row["school_id"]).items():
        for year in book.years:
            last = Span.of(year).start + 1
            known = [row for row in rows if last - 3 < row["cal_year"] <= last]
            if known:
                row = max(known, key=lambda r: r["cal_year"])
                yield Part("D6.11a", school, year, mean(row[f"k{i}"] for i in range(1, 6)))
    for place in book.fsn:
        for measure, above, below in (
            ("D6.11b", book.cell(place, "n_pupils_shift2"), book.pupils(place)),
            (
                "D6.11c",
                book.cell(place, "accessibility_done"),
                book.cell(place, "accessibility_items"),
            ),
            ("D6.11d", book.cell(place, "n_computers"), book.pupils(place)),
        ):
            if above is not None and below:
                yield Part(measure, *place, above, below)
    survey = [r for r in book.rows("consumer_survey") if r["question_code"] == WHOLE_SURVEY]
    for row in survey:
        answers = (row["n_satisfied"], row["n_respondents"])
        yield Part("D6.11e", row["school_id"], row["school_year"], *answers)
    for place, rows in book.by_place("site_check").items():
        for checks in grouped(rows, lambda row: row["item_code"]).values():
            latest = max(checks, key=lambda row: row["checked_on"])
            yield Part("D6.11f", *place, latest["is_present"] and latest["is_fresh"])


def head_indices(figures: Mapping[Key, Figure]) -> dict[Key, Figure]:
    """D6.12a and D6.13a: means of two totals of one school."""

    def totals(measure: str) -> dict[Place, float]:
        return {
            (key.unit, key.school_year): figure.value
            for key, figure in figures.items()
            if (key.measure, key.level, key.breakdown) == (measure, "school", "all")
            and key.grade is None
            and key.unit is not None
            and figure.value is not None
        }

    parts = []
    for measure, first, second in (
        ("D6.12a", totals("D3.03a"), totals("D4.04a")),
        ("D6.13a", totals("D1.11a"), totals("D1.11b")),
    ):
        for place in first.keys() & second.keys():
            parts.append(Part(measure, *place, (first[place] + second[place]) / 2))
    return {
        key: figure
        for key, figure in pooled_figures(parts, {p.school: "" for p in parts if p.school}).items()
        if key.level == "school"
    }
