"""Direction 1: D1.01-D1.13, but for what `shares`, `changes` and `objectivity` work out.

Belongs here: who is counted in each measure of the quality of training. Not here: pooling.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.independent.model import Row, grouped, year_from
from tests.independent.parts import Part
from tests.independent.registers import Heard, Place, Registers, Span, before
from tests.independent.shares import Result, papers, results
from tests.independent.skills import meta_skills

CERTIFIED = {"yes", "honours"}
CONTINUING = {"grade10", "college", "retake"}
GONE = {"transfer", "moved_out"}
HONOURS_FROM = 70


def training_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from staffing(book)
    yield from experts(book)
    yield from works(book)
    yield from exams_without_choice(book)
    yield from completion(book)
    yield from grade_nine(book)
    yield from honours(book)
    yield from diagnostics(book)
    yield from sen(book)
    yield from first_dates(book)
    yield from niko(book)
    yield from meta_skills(book.source)
    yield from custom(book, "D1.13x")


def staffing(book: Registers) -> Iterable[Part]:
    """D1.01a-d, D1.02a."""
    for row in book.rows("staff_post"):
        if row["post_group"] == "teaching":
            place = (row["school_id"], row["school_year"])
            yield Part("D1.01a", *place, row["posts_vacant"], row["posts_total"])
    for year, places in grouped(book.teachers, lambda place: place[1]).items():
        day = Span.of(year).snapshot
        decided = [row for row in book.rows("attestation") if row["decided_on"] <= day]
        holders = {
            row["person_pid"]
            for row in decided
            if row["category"] in ("first", "highest")
            and (row["valid_to"] is None or row["valid_to"] >= day)
        }
        heard = Heard.from_rows(decided)
        for place in (place for place in places if heard.of(place[0])):
            teachers = book.teachers[place]
            yield Part("D1.01b", *place, len(teachers & holders), len(teachers))
    for place in book.fsn:
        n_teachers = book.cell(place, "n_teachers")
        if n_teachers:
            educated, pupils = book.cell(place, "n_teachers_higher_ped"), book.pupils(place)
            if educated is not None:
                yield Part("D1.01c", *place, educated, n_teachers)
            if pupils:
                yield Part("D1.01d", *place, pupils, n_teachers)
    for year in book.years:
        span = Span.of(year)
        heard = book.heard_lately("cpd_course", span)
        courses = [row for row in book.courses(span, "soko") if row["is_soko_team"] is not False]
        trained = {row["person_pid"] for row in courses}
        for school in book.open(year):
            staff = book.staff.get((school, year))
            if staff and heard.of(school):
                hit = any(row["person_pid"] in trained for row in staff)
                yield Part("D1.02a", school, year, hit)


def experts(book: Registers) -> Iterable[Part]:
    """D1.02b, c."""
    valid: dict[tuple[str, str | None, str | None], set[str]] = defaultdict(set)
    bank: dict[tuple[str, str | None], dict[str, bool]] = defaultdict(dict)
    for row in book.rows("expert"):
        end, year = Span.of(row["school_year"]).end, row["school_year"]
        trained, until = row["trained_on"], row["valid_to"]
        good = trained is not None and trained <= end and (until is None or until >= end)
        known = bank[year, row["subject"]]
        known[row["person_pid"]] = known.get(row["person_pid"], False) or good
        if good:
            valid[year, row["subject"], row["procedure_kind"]].add(row["person_pid"])
    for (year, subject), people in bank.items():
        yield Part("D1.02b", None, year, sum(people.values()), len(people), subject=subject)
    examined: dict[tuple[str, str, str], float] = defaultdict(float)
    for paper, counts in papers(book.source).items():
        if book.heard("expert", paper.school_year).of(paper.school):
            examined[paper.school_year, paper.subject, "vpr"] += counts.n_part
    takers = {
        (r.school_year, r.subject, r.person)
        for r in results(book.source, "OGE")
        if book.heard("expert", r.school_year).of(r.school)
    }
    for year, subject, _ in takers:
        examined[year, subject, "oge"] += 1
    for (year, subject, procedure), n in examined.items():
        found = len(valid[year, subject, procedure])
        yield Part("D1.02c", None, year, found, n, subject=subject, breakdown=procedure)


def works(book: Registers) -> Iterable[Part]:
    """D1.03d, f, D1.08a, b, D1.10d: works of the krai and of the city."""
    largest: dict[tuple[Place, int], int] = defaultdict(int)
    planned: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows("kdr_result"):
        place, grade = (row["school_id"], row["school_year"]), row["grade_label"]
        marks = [row["n2"], row["n3"], row["n4"], row["n5"]]
        levels = [row["n_base"], row["n_high"]]
        if row["work_kind"] == "kdr" and None not in marks:
            yield Part("D1.03d", *place, sum(marks[1:]), row["n_part"], grade, row["subject"])
        if row["work_kind"] in ("complex", "functional"):
            planned[place[1]].append(row)
            largest[place, grade] = max(largest[place, grade], row["n_part"])
            if None not in levels:
                yield Part("D1.08a", *place, sum(levels), row["n_part"], grade)
        if row["work_kind"] == "reading" and None not in levels:
            yield Part("D1.10d", *place, sum(levels), row["n_part"], grade)
    heard = {year: Heard.from_rows(rows) for year, rows in planned.items()}
    for place, grades in book.by_grade.items():
        if place[1] not in heard or not heard[place[1]].of(place[0]):
            continue
        for grade, n in grades.items():
            if any(row["grade_label"] == grade for row in planned[place[1]]):
                yield Part("D1.08b", *place, largest[place, grade], n, grade)
    for row in book.rows("municipal_test"):
        where = (row["school_id"], row["school_year"], row["n_pass"], row["n_part"])
        yield Part("D1.03f", *where, row["grade_label"], row["subject"])


def exams_without_choice(book: Registers) -> Iterable[Part]:
    """D1.03e: ГВЭ of both grades."""
    for procedure, grade in (("GVE9", 9), ("GVE11", 11)):
        for r in results(book.source, procedure):
            if r.mark is not None:
                yield Part(
                    "D1.03e", r.school, r.school_year, r.mark >= 3, 1, grade, r.subject,
                    procedure.lower(), window=(r.cal_year, "main"),
                )  # fmt: skip


def completion(book: Registers) -> Iterable[Part]:
    """D1.04a, b, D1.05a-c."""
    for place, rows in book.leavers.items():
        school, year = place
        for gross, net, grades, entered, back in (
            ("D1.04a", "D1.04b", (11, 12), 10, 1),
            ("D1.05a", "D1.05b", (9,), 5, 4),
        ):
            done = {
                row["person_pid"]
                for row in rows
                if row["grade_label"] in grades and row["certificate"] in CERTIFIED
            }
            start = (school, before(year, back))
            yield Part(gross, *place, len(done), book.pupils(start, entered, entered))
            years = [(school, before(year, ago)) for ago in range(back + 1)]
            if all(where in book.contingent for where in years):
                moved = {
                    row["person_pid"]
                    for where in years
                    for row in book.contingent[where]
                    if row["movement_type"] in GONE
                }
                cohort = book.on_day(start, Span.of(start[1]).snapshot, entered) - moved
                yield Part(net, *place, len(done & cohort), len(cohort))
    for place, rows in book.contingent.items():
        for grade, found in grouped(rows, lambda row: row["grade_label"]).items():
            at_end = [r for r in found if r["movement_type"] not in (*GONE, "left")]
            repeat = {r["person_pid"] for r in at_end if r["movement_type"] == "repeat"}
            yield Part("D1.05c", *place, len(repeat), len({r["person_pid"] for r in at_end}), grade)


def grade_nine(book: Registers) -> Iterable[Part]:
    """D1.06a-c."""
    for place, rows in book.leavers.items():
        nine = [row for row in rows if row["grade_label"] == 9]
        if not nine:
            continue
        without = sum(row["certificate"] == "no" for row in nine)
        stopped = sum(
            row["certificate"] != "no" and row["destination"] not in CONTINUING for row in nine
        )
        day = dt.date(Span.of(place[1]).start + 1, 5, 25)
        # one who leaves on the day itself has not left before it
        there = book.on_day(place, day, 9, last=day - dt.timedelta(days=1))
        pupils = len(there) if place in book.contingent else len(nine)
        yield Part("D1.06a", *place, without + stopped, pupils)
        yield Part("D1.06b", *place, without, pupils)
        unknown = sum(
            row["destination"] == "unknown"
            or (row["confirmed_on"] is None and row["destination"] != "none")
            for row in nine
        )
        yield Part("D1.06c", *place, unknown, len(nine))


def honours(book: Registers) -> Iterable[Part]:
    """D1.07f: certificates with honours that ЕГЭ does not confirm."""
    exams = book.exam_results("EGE")
    for place, rows in book.leavers.items():
        holders = [
            best
            for row in rows
            if row["grade_label"] == 11 and row["certificate"] == "honours"
            if (best := _compulsory(exams.get((*place, row["person_pid"]), [])))
        ]
        yield Part("D1.07f", *place, sum(min(h) < HONOURS_FROM for h in holders), len(holders))


def _compulsory(found: Iterable[Result]) -> list[int]:
    return [
        r.test_score
        for r in found
        if r.test_score is not None and (r.subject, r.level) in (("RU", "none"), ("MA", "profile"))
    ]


def diagnostics(book: Registers) -> Iterable[Part]:
    """D1.09a-c, D1.10a."""
    for place, rows in book.by_place("diagnostic_count").items():
        whole = [row for row in rows if row["subject"] is None]
        of_subjects = [row for row in rows if row["subject"] is not None]
        for row in whole:
            part = (row["n_diagnosed"], row["n_pupils"], row["grade_label"])
            yield Part("D1.09a", *place, *part)
            if row["grade_label"] == 1 and row["n_readiness"] is not None:
                yield Part("D1.10a", *place, row["n_readiness"], book.pupils(place, 1, 1))
        chosen = whole or of_subjects
        routes = (sum(row["n_route"] for row in chosen), sum(row["n_below"] for row in chosen))
        yield Part("D1.09b", *place, *routes)
        for row in of_subjects:
            part = (row["n_reached"], row["n_retook"], row["grade_label"])
            yield Part("D1.09c", *place, *part, row["subject"])


def sen(book: Registers) -> Iterable[Part]:
    """D1.11a-c, D1.12a: pupil rows win over counts."""
    counts, pupils = book.by_place("sen_count"), book.by_place("sen_pupil")
    for place in counts.keys() | pupils.keys():
        if place in pupils:
            concluded = [row for row in pupils[place] if row["pmpk_on"] is not None]
            same = sum(
                r["aop_code"] is not None and r["studied_aop_code"] == r["aop_code"]
                for r in concluded
            )
            prescribed = [row for row in pupils[place] if row["is_prescribed"]]
            yield Part("D1.11a", *place, same, len(concluded))
            supported = sum(bool(row["is_supported"]) for row in prescribed)
            yield Part("D1.11b", *place, supported, len(prescribed))
        else:
            (row,) = counts[place]
            yield Part("D1.11a", *place, row["n_aop"], row["n_pmpk"])
            yield Part("D1.11b", *place, row["n_supported"], row["n_prescribed"])
    for row in book.rows("sen_count"):
        place = (row["school_id"], row["school_year"])
        nine = (row["n_leavers9_continued"], row["n_leavers9"])
        eleven = (row["n_leavers11_continued"], row["n_leavers11"])
        yield Part("D1.12a", *place, *nine, breakdown="grade9")
        yield Part("D1.12a", *place, *eleven, breakdown="grade11")
        yield Part("D1.12a", *place, nine[0] + eleven[0], nine[1] + eleven[1])
    for place in book.fsn:
        inclusive, all_of_them = book.cell(place, "n_sen_inclusive"), book.cell(place, "n_sen")
        if inclusive is not None and all_of_them:
            yield Part("D1.11c", *place, inclusive, all_of_them)


def first_dates(book: Registers) -> Iterable[Part]:
    """D1.13b, c: the date of the year on which most of the city came for the first time."""
    for measure, table in (("D1.13b", "essay_result"), ("D1.13c", "interview_result")):
        for year, rows in grouped(book.rows(table), _held_in).items():
            came: dict[str, dt.date] = {}
            for row in rows:
                who, day = row["participant_pid"], row["exam_date"]
                came[who] = min(day, came.get(who, day))
            most = Counter(came.values())
            first = min(most, key=lambda day: (-most[day], day))
            for row in rows:
                if row["exam_date"] == first:
                    yield Part(measure, row["school_id"], year, row["passed"])


def _held_in(row: Row) -> str:
    day: dt.date = row["exam_date"]
    return year_from(day.year if day.month >= 9 else day.year - 1)


def niko(book: Registers) -> Iterable[Part]:
    """D1.13d: the school's sample against the mean of the country."""
    for row in book.rows("niko_result"):
        year = year_from(row["cal_year"] - 1)
        yield Part(
            "D1.13d", row["school_id"], year, (row["mean_pct"] - row["rf_mean"]) * row["n_part"],
            row["n_part"], subject=row["subject"], breakdown=row["study"], sd=row["sd_pct"],
        )  # fmt: skip


def custom(book: Registers, measure: str) -> Iterable[Part]:
    """Rows that the customer gives himself."""
    for row in book.rows("custom_indicator"):
        if row["measure_code"] == measure:
            value = row["given_value"]
            if value is None and row["numerator"] is not None and row["denominator"]:
                scale = 100 if row["unit_name"] == "%" else 1
                value = scale * row["numerator"] / row["denominator"]
            if value is not None:
                place = (row["school_id"], row["school_year"])
                yield Part(measure, *place, value, breakdown=row["custom_code"])
