"""Direction 3: D3.01-D3.04.

Belongs here: olympiads, contests, extra education, gifted children. Not here: pooling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean, stdev

from tests.independent.low_result import counted
from tests.independent.model import Row, grouped
from tests.independent.parts import Part
from tests.independent.registers import Heard, Place, Registers, Span

WINNERS = {"winner", "prize"}
DIRECTIONS = ("technical", "science", "art", "sport", "tourism", "social")


def talent_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from olympiads(book)
    yield from stage_gap(book)
    yield from contests(book)
    yield from extra_education(book)
    yield from counted(book, {"gifted_count": {"D3.04a": ("n_with_support", "n_gifted")}})
    yield from counted(book, {"sen_count": {"D3.03b": ("n_extra", "n_sen")}})
    for row in book.rows("gifted_count"):
        place = (row["school_id"], row["school_year"])
        yield Part("D3.04b", *place, row["n_gifted"], book.pupils(place))


def olympiads(book: Registers) -> Iterable[Part]:
    """D3.01a-d."""
    stages = grouped(book.rows("vsosh_result"), lambda row: (row["stage"], row["school_year"]))
    heard = {stage: Heard.from_rows(rows) for stage, rows in stages.items()}
    for measure, stage, first in (("D3.01a", "school", 4), ("D3.01b", "municipal", 7)):
        persons: dict[Place, set[str]] = defaultdict(set)
        for row in book.rows("vsosh_result"):
            if row["stage"] == stage and first <= row["grade_label"] <= 11:
                persons[row["school_id"], row["school_year"]].add(row["person_pid"])
        for place in book.by_grade:
            if (stage, place[1]) in heard and heard[stage, place[1]].of(place[0]):
                took = len(persons[place])
                yield Part(measure, *place, took, book.pupils(place, first, 11))
    for (stage, year), rows in stages.items():
        if stage != "municipal":
            continue
        for row in rows:
            won = row["result_status"] in WINNERS
            yield Part("D3.01c", row["school_id"], year, won, subject=row["subject"])
            invited = bool(row["is_invited"])
            yield Part(
                "D3.01d", row["school_id"], year, invited, subject=row["subject"], role="cut"
            )
        # a primary school has none of the grades that the stage is for
        told = {school for school in book.open(year) if heard[stage, year].of(school)}
        for school in (s for s in told if book.schools()[s]["school_kind"] != "nosh"):
            guests = {r["person_pid"] for r in rows if r["school_id"] == school and r["is_invited"]}
            yield Part("D3.01d", school, year, len(guests), role="total")


def stage_gap(book: Registers) -> Iterable[Part]:
    """D3.01e: the same pupils and subject at both stages."""

    def who(row: Row) -> tuple[str, str, str, str]:
        return row["school_id"], row["school_year"], row["subject"], row["person_pid"]

    gaps: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    scored = [r for r in book.rows("vsosh_result") if r["points"] is not None and r["max_points"]]
    for (school, year, subject, _), rows in grouped(scored, who).items():
        percents = {
            stage: [100 * r["points"] / r["max_points"] for r in rows if r["stage"] == stage]
            for stage in ("school", "municipal")
        }
        if percents["school"] and percents["municipal"]:
            gaps[school, year, subject].append(
                mean(percents["school"]) - mean(percents["municipal"])
            )
    for (school, year, subject), found in gaps.items():
        sd = stdev(found) if len(found) > 1 else None
        yield Part("D3.01e", school, year, sum(found), len(found), subject=subject, sd=sd)


def contests(book: Registers) -> Iterable[Part]:
    """D3.02a, b."""
    took: dict[Place, set[str]] = defaultdict(set)
    won: dict[Place, set[str]] = defaultdict(set)
    for row in book.rows("contest_result"):
        if row["participant_role"] == "pupil":
            place = (row["school_id"], row["school_year"])
            if row["in_official_list"]:
                took[place].add(row["person_pid"])
            high = row["contest_level"] in ("region", "russia", "world")
            if high and row["result_status"] in WINNERS:
                won[place].add(row["person_pid"])
    for place in book.by_grade:
        if book.heard("contest_result", place[1]).of(place[0]):
            yield Part("D3.02a", *place, len(took[place]), book.pupils(place))
            yield Part("D3.02b", *place, len(won[place]), book.pupils(place))


def attending(book: Registers) -> dict[Place, list[Row]]:
    """Enrolments of a school's pupils that were in force in the year."""
    return {
        (school, year): [
            row for row in rows if Span.of(year).touches(row["enrolled_on"], row["left_on"])
        ]
        for (school, year), rows in book.by_place("extra_enrolment").items()
        if school is not None
    }


def extra_education(book: Registers) -> Iterable[Part]:
    """D3.03a, c."""
    enrolled = attending(book)
    for place in book.by_grade:
        if book.heard("extra_enrolment", place[1]).of(place[0]):
            children = {
                row["person_pid"]
                for row in enrolled.get(place, [])
                if row["age"] is not None and 5 <= row["age"] <= 18
            }
            yield Part("D3.03a", *place, len(children), book.pupils(place))
    for place, rows in book.by_place("extra_enrolment").items():
        if place[0] is not None:
            for direction in DIRECTIONS:
                n = sum(row["programme_direction"] == direction for row in rows)
                yield Part("D3.03c", *place, n, len(rows), breakdown=direction)
