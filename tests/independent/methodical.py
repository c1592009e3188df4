"""Directions 7 and 8: D7.01-D7.03, D8.01-D8.03.

Belongs here: methodical work, mentors, diagnostics and courses of teachers. Not here: pooling.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from tests.independent.heads import active_pairs
from tests.independent.model import Row, grouped
from tests.independent.parts import Part
from tests.independent.registers import Heard, Place, Registers, Span

ADDRESSED = {"consultation", "seminar", "training", "visit"}
COURSE_HOURS = 16
LEVELS = ("school", "municipal", "region", "russia", "world")


def methodical_parts(book: Registers) -> Iterable[Part]:
    """Everything of direction 7."""
    yield from events(book)
    yield from mentors(book)
    yield from networks(book)


def teacher_parts(book: Registers) -> Iterable[Part]:
    """Everything of direction 8."""
    yield from diagnosed(book)
    yield from courses(book)
    yield from burnout(book)
    yield from teacher_contests(book)


def share_of_teachers(
    book: Registers,
    measure: str,
    year: str,
    who: set[str],
    heard: Heard,
    *,
    breakdown: str = "all",
) -> Iterable[Part]:
    """Teachers of each school of the year, if told of, who are among these people."""
    for place, teachers in book.teachers.items():
        if place[1] == year and heard.of(place[0]):
            part = (len(teachers & who), len(teachers))
            yield Part(measure, *place, *part, breakdown=breakdown)


def events(book: Registers) -> Iterable[Part]:
    """D7.01a-c."""
    for year, rows in grouped(book.rows("meth_event"), lambda row: row["school_year"]).items():
        took = {row["person_pid"] for row in rows if row["event_level"] == "municipal"}
        heard = Heard.from_rows(rows)
        yield from share_of_teachers(book, "D7.01a", year, took, heard)
        help_given = [row for row in rows if row["event_type"] in ADDRESSED]
        addressed = {row["event_id"] for row in help_given if row["deficit_code"] is not None}
        n_events = len({row["event_id"] for row in help_given})
        yield Part("D7.01b", None, year, len(addressed), n_events)
        practice = [row for row in rows if row["event_type"] == "practice"]
        items = {(row["event_id"], row["subject"]) for row in practice}
        for _, subject in items:
            if subject is not None:
                yield Part("D7.01c", None, year, 1, subject=subject, role="cut")
        # that the city added none is known from a journal of the city only
        if items or heard.of_everybody:
            yield Part("D7.01c", None, year, len({event for event, _ in items}), role="total")


def mentors(book: Registers) -> Iterable[Part]:
    """D7.02a, b."""
    for (school, year), young in book.young.items():
        pairs = active_pairs(book, Span.of(year))
        if Heard.from_rows(pairs).of(school):
            helped = young & {row["mentee_pid"] for row in pairs}
            yield Part("D7.02a", school, year, len(helped), len(young))
    for year in book.years:
        ended: dict[tuple[str, str, str, dt.date], bool] = defaultdict(bool)
        for row in book.rows("mentor_pair"):
            if Span.of(year).within(row["ended_on"]):
                pair = (row["school_id"], row["mentor_pid"], row["mentee_pid"], row["ended_on"])
                ended[pair] |= row["has_report"]
        for (school, *_), report in ended.items():
            yield Part("D7.02b", school, year, report)


def networks(book: Registers) -> Iterable[Part]:
    """D7.03a, b."""
    for year, rows in grouped(book.rows("network_member"), lambda row: row["school_year"]).items():
        members = {row["person_pid"] for row in rows}
        heard = Heard.from_rows(rows)
        yield from share_of_teachers(book, "D7.03a", year, members, heard)
        alive = {
            row["community_id"]
            for row in rows
            if row["community_kind"] == "agreement" or row["n_meetings"] >= 2
        }
        if alive or heard.of_everybody:
            yield Part("D7.03b", None, year, len(alive))


def diagnosed(book: Registers) -> Iterable[Part]:
    """D8.01a, b."""
    by_year: dict[str, list[Row]] = {
        year: book.diagnosed(Span.of(year), "teacher")
        for year in {year for _, year in book.teachers}
    }
    heard = {year: book.heard_lately("teacher_diagnostics", Span.of(year)) for year in by_year}
    seen = {(year, row["subject"], row["person_pid"]) for year in by_year for row in by_year[year]}
    for (school, year, subject), teachers in book.teachers_of_subject.items():
        if heard[year].of(school):
            n = sum((year, subject, teacher) in seen for teacher in teachers)
            yield Part("D8.01a", school, year, n, len(teachers), subject=subject, role="cut")
    for place, teachers in book.teachers.items():
        if heard[place[1]].of(place[0]):
            rows = [row for row in by_year[place[1]] if row["person_pid"] in teachers]
            people = {row["person_pid"] for row in rows}
            planned = {row["person_pid"] for row in rows if row["plan_on"] is not None}
            yield Part("D8.01a", *place, len(people), len(teachers), role="total")
            yield Part("D8.01b", *place, len(planned), len(people))


def courses(book: Registers) -> Iterable[Part]:
    """D8.01c-e."""
    found = grouped(book.rows("teacher_diagnostics"), lambda row: row["person_pid"])
    for year in book.years:
        span = Span.of(year)
        matched: dict[tuple[str, str, dt.date], bool] = {}
        for row in book.rows("cpd_course"):
            if span.within(row["finished_on"]):
                earlier = [
                    diagnosis["deficit_code"]
                    for diagnosis in found.get(row["person_pid"], [])
                    if diagnosis["diagnosed_on"] <= row["finished_on"]
                    and diagnosis["diagnosed_role"] == "teacher"
                ]
                if earlier:
                    course = (row["person_pid"], row["programme_id"], row["finished_on"])
                    hit = row["deficit_code"] is not None and row["deficit_code"] in earlier
                    matched[course] = matched.get(course, False) or hit
        yield Part("D8.01c", None, year, sum(matched.values()), len(matched))
        recent = book.recent("cpd_course", span)
        done = {row["person_pid"] for row in recent if row["hours"] >= COURSE_HOURS}
        heard = book.heard_lately("cpd_course", span)
        yield from share_of_teachers(book, "D8.01d", year, done, heard)
    for row in book.rows("cpd_programme"):
        yield Part("D8.01e", None, row["school_year"], row["checklist_passed"])


def burnout(book: Registers) -> Iterable[Part]:
    """D8.02a, b: the last wave of the year."""
    for place, rows in book.by_place("burnout_survey").items():
        last = max(rows, key=lambda row: row["wave"])
        n = last["n_respondents"]
        yield Part("D8.02a", *place, n, len(book.teachers.get(place, ())))
        yield Part("D8.02b", *place, last["n_high"], n)


def teacher_contests(book: Registers) -> Iterable[Part]:
    """D8.03a."""
    took: dict[Place, set[str]] = defaultdict(set)
    for row in book.rows("contest_result"):
        if row["participant_role"] == "teacher":
            for level in (row["contest_level"], "all"):
                took[row["school_year"], level].add(row["person_pid"])
    for year in book.years_of("contest_result"):
        for level in (*LEVELS, "all"):
            who, heard = took[year, level], book.heard("contest_result", year)
            yield from share_of_teachers(book, "D8.03a", year, who, heard, breakdown=level)
