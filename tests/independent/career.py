"""Direction 4: D4.01-D4.09.

Belongs here: agreements, profile study, choice of exams, admission by profile. Not here: pooling.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.independent.model import Row, seed
from tests.independent.parts import Part
from tests.independent.registers import Heard, Place, Registers, Span
from tests.independent.shares import thresholds
from tests.independent.talent import attending

PARTNERS = {"college", "university", "enterprise"}
WITHOUT_CHOICE = {"2019/20", "2020/21"}
COMPULSORY = {"RU", "MA"}


def career_parts(book: Registers) -> Iterable[Part]:
    """Everything of the direction."""
    yield from agreements(book)
    yield from profile_study(book)
    yield from three_subjects(book)
    yield from choice(book)
    yield from vocational(book)
    yield from skills(book)
    for row in book.rows("career_diagnostics"):
        place, grade = (row["school_id"], row["school_year"]), row["grade_label"]
        if 8 <= grade <= 11:
            pupils = book.pupils(place, grade, grade)
            yield Part("D4.04a", *place, row["n_diagnosed"], pupils, grade)


def agreements(book: Registers) -> Iterable[Part]:
    """D4.01a, b."""
    for year in book.years:
        valid = [
            row
            for row in book.rows("agreement")
            if Span.of(year).touches(row["valid_from"], row["valid_to"])
        ]
        partners: dict[str, set[str]] = defaultdict(set)
        for row in valid:
            if row["partner_type"] in PARTNERS:
                partners[row["school_id"]].add(row["agreement_id"])
        heard = Heard.from_rows(valid)
        for school in (school for school in book.open(year) if heard.of(school)):
            yield Part("D4.01a", school, year, len(partners[school]))
            yield Part("D4.01b", school, year, bool(partners[school]))


def profile_study(book: Registers) -> Iterable[Part]:
    """D4.02a, D4.03a, b."""
    enrolled = attending(book)
    for place in book.by_grade:
        if book.heard("extra_enrolment", place[1]).of(place[0]):
            members = {
                row["person_pid"]
                for row in enrolled.get(place, [])
                if row["is_profile"] and row["grade_label"] in range(5, 12)
            }
            yield Part("D4.02a", *place, len(members), book.pupils(place, 5, 11))
    profiles = {r["subject"] for r in seed("reference/fsn_cell_map.csv") if _is(r, "n_profile")}
    subjects = {r["subject"] for r in seed("reference/fsn_cell_map.csv") if _is(r, "n_advanced")}
    # a form leaves cells empty in which there is nobody; its edition may lack the table
    asked = {(place[1], cell[0]) for place, values in book.fsn.items() for cell in values}
    for place, values in book.fsn.items():
        told: dict[tuple[str, str | None], float] = defaultdict(float)
        for (variable, _, cut), value in values.items():
            told[variable, cut] += value
        older, middle = book.pupils(place, 10, 11), book.pupils(place, 5, 9)
        if (place[1], "n_profile") in asked:
            for profile in profiles:
                n = told["n_profile", profile]
                yield Part("D4.03a", *place, n, older, breakdown=profile)
            n = sum(told["n_profile", profile] for profile in profiles - {"universal"})
            yield Part("D4.03a", *place, n, older)
        if (place[1], "n_advanced") in asked:
            yield Part("D4.03b", *place, told["n_advanced", None], middle, role="total")
            for subject in subjects - {""}:
                n = told["n_advanced", subject]
                yield Part("D4.03b", *place, n, middle, subject=subject, role="cut")


def _is(row: Row, variable: str) -> bool:
    return bool(row["variable"] == variable)


def three_subjects(book: Registers) -> Iterable[Part]:
    """D4.05a, b: three subjects at the threshold of entry, Russian among them."""
    limits, exams = thresholds(), book.exam_results("EGE")
    held = {
        (row["school_id"], row["school_year"])
        for row, _ in book.takers("ege_result", "EGE")
        if row["is_present"]
    }
    for place, rows in book.leavers.items():
        graduates = [row for row in rows if row["grade_label"] in (11, 12)]
        if place not in held:
            continue
        passed, took = 0, 0
        for row in graduates:
            found = [
                r
                for r in exams.get((*place, row["person_pid"]), [])
                if r.level != "base" and r.test_score is not None
            ]
            subjects = {
                r.subject
                for r in found
                for limit in [limits.get((r.cal_year, r.subject, r.level, "entry_rosobrnadzor"))]
                if limit is not None and r.test_score is not None and r.test_score >= limit
            }
            passed += len(subjects) >= 3 and "RU" in subjects
            took += len({r.subject for r in found}) >= 3
        yield Part("D4.05a", *place, passed, len(graduates))
        yield Part("D4.05b", *place, passed, took)


def profile_of(book: Registers) -> dict[tuple[str, str, str], str]:
    """Profile of the class in which a pupil of grade 11 was last.

    Raises:
        ValueError: a profile that the reference list does not know would match nothing.
    """
    found = {}
    rows = [row for row in book.rows("pupil_year") if row["grade_label"] == 11]
    for row in sorted(rows, key=lambda r: (r["enrolled_on"] is not None, r["enrolled_on"])):
        found[row["school_id"], row["school_year"], row["person_pid"]] = row["class_profile"]
    known = {line["profile"] for line in seed("reference/profile_subject.csv")}
    if strange := set(found.values()) - known - {None}:
        raise ValueError(f"profiles without a reference list: {sorted(strange)}")
    return {who: profile for who, profile in found.items() if profile not in (None, "universal")}


def choice(book: Registers) -> Iterable[Part]:
    """D4.06a, b, D4.08a."""
    named: dict[str, set[str]] = defaultdict(set)
    for line in seed("reference/profile_subject.csv"):
        named[line["profile"]].add(line["subject"])
    fields: dict[str, set[str]] = defaultdict(set)
    for line in seed("reference/profile_specialty.csv"):
        fields[line["profile"]].add(line["specialty_group"])
    profiles, link = profile_of(book), book.links("EGE")
    chosen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row, who in book.takers("ege_result", "EGE"):
        person = link.get((row["school_id"], row["school_year"], who))
        if person is not None:
            subject = set() if row["level"] == "base" else {row["subject"]}
            chosen[row["school_id"], row["school_year"], person] |= subject
    for (school, year, person), subjects in chosen.items():
        profile = profiles.get((school, year, person))
        if profile is not None:
            n = len(subjects & named[profile])
            for breakdown in (profile, "all"):
                yield Part("D4.06a", school, year, n >= 1, breakdown=breakdown)
                yield Part("D4.06b", school, year, n >= 2, breakdown=breakdown)
    for row in book.rows("leaver"):
        place: Place = (row["school_id"], row["school_year"])
        profile = profiles.get((*place, row["person_pid"]))
        if profile and row["grade_label"] == 11 and row["destination"] in ("college", "university"):
            yield Part("D4.08a", *place, (row["specialty_code"] or "")[:2] in fields[profile])


def vocational(book: Registers) -> Iterable[Part]:
    """D4.07a: the chosen ОГЭ subject is near to the specialty."""
    near: dict[str, set[str]] = defaultdict(set)
    for line in seed("reference/specialty_subject.csv"):
        near[line["specialty_group"]].add(line["subject"])
    exams = book.exam_results("OGE")
    for row in book.rows("leaver"):
        place: Place = (row["school_id"], row["school_year"])
        goes = row["grade_label"] == 9 and row["destination"] == "college" and row["specialty_code"]
        if goes and place[1] not in WITHOUT_CHOICE:
            found = exams.get((*place, row["person_pid"]), [])
            subjects = {r.subject for r in found} - COMPULSORY
            if subjects:
                yield Part("D4.07a", *place, bool(subjects & near[row["specialty_code"][:2]]))


def skills(book: Registers) -> Iterable[Part]:
    """D4.09a, b."""
    took: dict[Place, set[str]] = defaultdict(set)
    for row in book.rows("contest_result"):
        pupil = row["participant_role"] == "pupil" and row["grade_label"] in range(6, 12)
        if pupil and row["contest_kind"] == "skills":
            took[row["school_id"], row["school_year"]].add(row["person_pid"])
    for place in book.by_grade:
        if book.heard("contest_result", place[1]).of(place[0]):
            yield Part("D4.09a", *place, len(took[place]), book.pupils(place, 6, 11))
    for row in book.rows("sen_count"):
        if row["n_skills"] is not None:
            yield Part("D4.09b", row["school_id"], row["school_year"], row["n_skills"])
