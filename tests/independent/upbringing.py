"""Direction 9: D9.01-D9.05.

Belongs here: training of tutors, programmes, volunteers, prevention, languages. Not here: pooling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.independent.low_result import counted
from tests.independent.model import grouped
from tests.independent.parts import Part
from tests.independent.registers import Place, Registers, Span

TUTORS = {"deputy_upbringing", "adviser", "social"}
COUNTS = {
    "volunteer_count": {"D9.03a": ("n_volunteers", "n_pupils8")},
    "prevention_count": {
        "D9.04b": ("n_ipr_closed", "n_ipr_before"),
        "D9.04d": ("n_offences_repeat", "n_offences"),
    },
    "holiday_count": {"D9.04c": ("n_at_risk_occupied", "n_at_risk")},
    "language_count": {
        "D9.05b": ("n_supported", "n_non_native"),
        "D9.05c": ("n_basic", "n_took"),
    },
}


def upbringing_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from tutors(book)
    yield from programmes(book)
    yield from accounted(book)
    yield from counted(book, COUNTS)
    for row in book.rows("language_count"):
        where = (row["school_id"], row["school_year"], row["n_non_native"], row["n_pupils"])
        yield Part("D9.05a", *where, row["grade_label"])


def tutors(book: Registers) -> Iterable[Part]:
    """D9.01a."""
    people: dict[Place, set[str]] = defaultdict(set)
    for row in book.rows("staff"):
        if row["is_class_tutor"] or row["post_kind"] in TUTORS:
            people[row["school_id"], row["school_year"]].add(row["person_pid"])
    for year, places in grouped(people, lambda place: place[1]).items():
        span = Span.of(year)
        trained = {row["person_pid"] for row in book.courses(span, "upbringing")}
        heard = book.heard_lately("cpd_course", span)
        for place in (place for place in places if heard.of(place[0])):
            yield Part("D9.01a", *place, len(people[place] & trained), len(people[place]))


def programmes(book: Registers) -> Iterable[Part]:
    """D9.02a, b."""
    documents = book.by_place("school_document")
    for year in book.years_of("school_document"):
        heard = book.heard("school_document", year)
        for school in (school for school in book.open(year) if heard.of(school)):
            ready = {
                row["doc_type"]
                for row in documents.get((school, year), [])
                if row["approved_on"] <= Span.of(year).end and row["is_published"]
            }
            yield Part("D9.02a", school, year, {"upbringing", "calendar"} <= ready)
    for row in book.rows("school_document"):
        if row["doc_type"] == "calendar" and row["n_items_done"] is not None and row["n_items_due"]:
            items = (row["n_items_done"], row["n_items_due"])
            yield Part("D9.02b", row["school_id"], row["school_year"], *items)


def accounted(book: Registers) -> Iterable[Part]:
    """D9.04a: rows of pupils win over the count."""
    counts = {place: rows[0] for place, rows in book.by_place("prevention_count").items()}
    pupils = book.by_place("prevention_pupil")
    for place in counts.keys() | pupils.keys():
        below = counts[place]["n_pupils"] if place in counts else book.pupils(place)
        if place in pupils:
            end = Span.of(place[1]).end
            above = len(
                {
                    row["person_pid"]
                    for row in pupils[place]
                    if row["account_type"] in ("opdn", "kdn")
                    and row["on_from"] <= end
                    and (row["on_to"] is None or row["on_to"] > end)
                }
            )
        else:
            above = counts[place]["n_accounted"]
        yield Part("D9.04a", *place, above, below)
