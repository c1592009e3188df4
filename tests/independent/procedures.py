"""Direction 5: D5.02-D5.06; official lists and markers are in `objectivity`.

Belongs here: checks, observers, training in the use of results, decisions. Not here: pooling.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from tests.independent.model import Row, grouped
from tests.independent.parts import Part
from tests.independent.registers import Heard, Registers, Span

DECISION_DAYS = dt.timedelta(days=45)
OLYMPIADS = {"vsosh_school", "vsosh_municipal"}


def procedure_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from checks(book)
    yield from olympiad_checks(book)
    yield from trained(book)
    yield from observers(book)
    yield from decisions(book)


def checks(book: Registers) -> Iterable[Part]:
    """D5.02a, b."""
    visited: dict[tuple[str, str], set[tuple[str, str, dt.date]]] = defaultdict(set)
    held: dict[tuple[str, str], set[tuple[str, str, dt.date]]] = defaultdict(set)
    for table, column, days in (
        ("procedure_check", "checked_on", visited),
        ("observation", "held_on", held),
    ):
        for row in book.rows(table):
            kind = row["procedure_kind"]
            if kind not in OLYMPIADS:
                for breakdown in (kind, "all"):
                    day = (row["school_id"], kind, row[column])
                    days[row["school_year"], breakdown].add(day)
    for (year, kind), found in held.items():
        heard = book.heard("procedure_check", year)
        told = {day for day in found if heard.of(day[0])}
        yield Part("D5.02a", None, year, len(visited[year, kind] & told), len(told), breakdown=kind)
    for place, rows in book.by_place("procedure_check").items():
        kinds = {row["procedure_kind"] for row in rows}
        for kind in (*kinds, "all"):
            of_kind = [row for row in rows if kind in ("all", row["procedure_kind"])]
            violations = sum(row["is_violation"] for row in of_kind)
            n_checks = len({row["check_id"] for row in of_kind})
            yield Part("D5.02b", *place, violations, n_checks, breakdown=kind)


def olympiad_checks(book: Registers) -> Iterable[Part]:
    """D5.03a, b."""
    held: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in book.rows("vsosh_result"):
        if row["stage"] == "school":
            held[row["school_year"]].add((row["school_id"], row["subject"]))
        if row["stage"] in ("school", "municipal"):
            changed = bool(row["appeal_changed"])
            where = (row["school_id"], row["school_year"])
            yield Part("D5.03b", *where, changed, subject=row["subject"])
    for year, sessions in held.items():
        heard = book.heard("procedure_check", year)
        visited = {
            (row["school_id"], row["subject"])
            for row in book.rows("procedure_check")
            if row["school_year"] == year and row["procedure_kind"] == "vsosh_school"
        }
        told = {session for session in sessions if heard.of(session[0])}
        yield Part("D5.03a", None, year, len(visited & told), len(told))


def trained(book: Registers) -> Iterable[Part]:
    """D5.04a."""
    for year, places in grouped(book.teachers, lambda place: place[1]).items():
        span = Span.of(year)
        events = book.recent("meth_event", span)
        heard = Heard.from_rows([*book.recent("cpd_course", span), *events])
        done = {row["person_pid"] for row in book.courses(span, "results_use")}
        done |= {row["person_pid"] for row in events if row["event_type"] == "results"}
        for place in (place for place in places if heard.of(place[0])):
            teachers = book.teachers[place]
            yield Part("D5.04a", *place, len(teachers & done), len(teachers))


def observers(book: Registers) -> Iterable[Part]:
    """D5.05a, b."""
    for row in book.rows("observation"):
        place = (row["school_id"], row["school_year"])
        for breakdown in (row["procedure_kind"], "all"):
            rooms = (row["n_rooms_observed"], row["n_rooms"])
            yield Part("D5.05a", *place, *rooms, breakdown=breakdown)
            people = (row["n_independent"], row["n_observers"])
            yield Part("D5.05b", *place, *people, breakdown=breakdown)


def decisions(book: Registers) -> Iterable[Part]:
    """D5.06a, b."""
    documents, decided = book.by_place("school_document"), book.by_place("decision")
    acts: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows("school_document"):
        if row["doc_type"] == "vsoko":
            acts[row["school_id"]].append(row)
    for year in book.years_of("school_document"):
        end = Span.of(year).end
        heard = book.heard("school_document", year)
        for school in (school for school in book.open(year) if heard.of(school)):
            analysed = any(
                row["doc_type"] == "results_analysis" and row["results_on"] is not None
                for row in documents.get((school, year), [])
            )
            in_time = any(
                row["results_on"] is not None
                and row["document_date"] <= row["results_on"] + DECISION_DAYS
                for row in decided.get((school, year), [])
            )
            if book.heard("decision", year).of(school):
                yield Part("D5.06a", school, year, analysed and in_time)
            valid = [row for row in acts[school] if row["approved_on"] <= end]
            latest = max(valid, key=lambda row: row["approved_on"], default=None)
            names = latest is not None and bool(latest["uses_external_results"])
            yield Part("D5.06b", school, year, names)
