"""Direction 2: D2.01f-D2.06x; the rule for low-result schools itself is in `changes`.

Belongs here: attendance, children at risk, help to listed schools, the context index.
Not here: pooling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean, quantiles, stdev

from tests.independent.model import ENOUGH, Row, Source, seed
from tests.independent.parts import Part
from tests.independent.registers import Place, Registers, Span
from tests.independent.shares import vpr_cuts
from tests.independent.training import custom

SMALL = 100
VARIABLES_NEEDED = 4
CONTACTS = {"visit", "consultation", "training"}
# measure: numerator and denominator of a register of counts
COUNTS = {
    "low_result_attendance": {
        "D2.02a": ("missed", "lessons_due"),
        "D2.02b": ("missed_unexcused", "lessons_due"),
        "D2.02c": ("n_truants", "n_pupils"),
    },
    "prevention_count": {
        "D2.03a": ("n_at_risk_plan", "n_at_risk"),
        "D2.03b": ("n_at_risk_extra", "n_at_risk"),
        "D2.03c": ("n_at_risk_basic", "n_at_risk_took"),
    },
}


def low_result_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from counted(book, COUNTS)
    yield from competence(book)
    yield from help_given(book)
    index = context_index(book)
    for place, value in index.items():
        yield Part("D2.06a", *place, value)
    yield from resilience(book, index)
    yield from custom(book, "D2.06x")


def counted(book: Registers, tables: dict[str, dict[str, tuple[str, str]]]) -> Iterable[Part]:
    """Measures that are a sum of one column by a sum of another."""
    for table, measures in tables.items():
        for row in book.rows(table):
            for measure, (above, below) in measures.items():
                if row[above] is not None and row[below] is not None:
                    yield Part(
                        measure, row["school_id"], row["school_year"], row[above], row[below]
                    )


def competence(book: Registers) -> Iterable[Part]:
    """D2.04a, b: diagnostics of teachers of listed schools in their subject."""
    latest: dict[tuple[str, str, str], Row] = {}
    for year in {year for _, year in book.listed}:
        found = book.diagnosed(Span.of(year), "teacher")
        for row in sorted(found, key=lambda r: r["diagnosed_on"]):
            latest[year, row["subject"], row["person_pid"]] = row
    for (school, year, subject), teachers in book.teachers_of_subject.items():
        heard = book.heard_lately("teacher_diagnostics", Span.of(year))
        if (school, year) in book.listed and heard.of(school):
            who = [t for t in teachers if (year, subject, t) in latest]
            good = sum(latest[year, subject, t]["level"] in ("sufficient", "high") for t in who)
            yield Part("D2.04a", school, year, len(who), len(teachers), subject=subject)
            yield Part("D2.04b", school, year, good, len(who), subject=subject)


def help_given(book: Registers) -> Iterable[Part]:
    """D2.05a-c."""
    documents, events = book.by_place("school_document"), book.by_place("meth_event")
    for school, year in book.listed:
        if book.heard("school_document", year).of(school):
            adopted = {
                row["doc_type"]
                for row in documents.get((school, year), [])
                if row["approved_on"] <= Span.of(year).end
            }
            yield Part("D2.05a", school, year, {"curator", "support_plan"} <= adopted)
        if book.heard("meth_event", year).of(school):
            rows = events.get((school, year), [])
            contacts = {row["event_id"] for row in rows if row["event_type"] in CONTACTS}
            yield Part("D2.05b", school, year, len(contacts))
    for row in book.rows("recommendation"):
        due, done, year = row["due_on"], row["done_on"], row["school_year"]
        if row["school_id"] is not None and due <= Span.of(year).end:
            yield Part("D2.05c", row["school_id"], year, done is not None and done <= due)


def context_index(book: Registers) -> dict[Place, float]:
    """D2.06a: mean standing in the context variables, higher is harder."""
    variables: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in book.rows("social_passport"):
        for name in ("n_parents_no_higher", "n_low_income", "n_ovz", "n_accounted"):
            if row["n_pupils"]:
                share = row[name] / row["n_pupils"]
                variables[row["school_year"], name][row["school_id"]] = share
    for (school, year), rows in book.by_place("language_count").items():
        total = sum(row["n_pupils"] for row in rows)
        if total:
            share = sum(row["n_non_native"] for row in rows) / total
            variables[year, "language"][school] = share
    register = book.schools()
    for school, year in book.by_grade:
        pupils, second = book.pupils((school, year)), book.cell((school, year), "n_pupils_shift2")
        if second is not None and pupils:
            variables[year, "shift"][school] = second / pupils
        if pupils:
            small = register[school]["place_type"] == "village" and pupils < SMALL
            variables[year, "small rural"][school] = float(small)
    standing: dict[Place, list[float]] = defaultdict(list)
    for (year, _), shares in variables.items():
        spread = stdev(shares.values()) if len(shares) > 1 else 0
        if spread > 0:
            for school, share in shares.items():
                standing[school, year].append((share - mean(shares.values())) / spread)
    return {place: mean(z) for place, z in standing.items() if len(z) >= VARIABLES_NEEDED}


def basic_shares(source: Source) -> dict[Place, float]:
    """D1.03a of a school and year over all works, where enough participants have marks."""
    sums: dict[Place, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cut in vpr_cuts(source):
        if cut.measure == "D1.03a":
            sums[cut.school, cut.school_year][0] += cut.hits
            sums[cut.school, cut.school_year][1] += cut.n
    return {place: 100 * hits / n for place, (hits, n) in sums.items() if n >= ENOUGH}


def resilience(book: Registers, index: dict[Place, float]) -> Iterable[Part]:
    """D2.01f: hard conditions, results as good as those of the krai; unknown where it has none."""
    shares = basic_shares(book.source)
    krai = {
        int(row["cal_year"]): float(row["value"])
        for row in seed("reference/reference_value.csv")
        if (row["measure"], row["territory"], row["subject"]) == ("D1.03a", "krai", "")
    }
    for year in {year for _, year in index}:
        values = [value for (_, when), value in index.items() if when == year]
        good = krai.get(int(year[:4]) + 1)
        if len(values) < 2 or good is None:
            continue
        worst = quantiles(values, n=4, method="inclusive")[2]
        for (school, when), value in index.items():
            if when == year and (school, year) in shares:
                hit = value >= worst and shares[school, year] >= good
                yield Part("D2.01f", school, year, hit)
