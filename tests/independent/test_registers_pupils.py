"""Directions 2 to 4 by hand: the independent check's own arithmetic."""

from __future__ import annotations

from statistics import stdev
from typing import Any

import pytest
from scipy import stats

from tests.independent.career import career_parts
from tests.independent.hand import Y, book, day, leavers, pupils, staff, total, worked_out
from tests.independent.low_result import context_index, low_result_parts
from tests.independent.talent import talent_parts


def at(school: str, **columns: Any) -> dict[str, Any]:
    return {"school_id": school, "school_year": Y, **columns}


def test_help_to_listed_schools() -> None:
    document = {"school_year": Y, "school_id": "a", "approved_on": day("2021-10-01")}
    event = {"event_date": day("2021-11-01"), "event_level": "municipal"}
    diagnosed = {"diagnosed_role": "teacher", "subject": "MA"}
    found = book(
        "a", "b", "c",
        shnor_official=[{"school_id": s, "list_school_year": Y} for s in "ab"],
        shnor_decision=[
            {"school_id": s, "decision_school_year": Y, "decision": d, "document_date": day(on)}
            for s, d, on in (("b", "include", "2021-09-10"), ("b", "remove", "2022-01-10"),
                             ("c", "include", "2021-09-10"))
        ],
        school_document=[{**document, "doc_type": t} for t in ("curator", "support_plan")]
        + [{**document, "school_id": "c", "doc_type": "curator"}],
        meth_event=[
            at(s, event_id=e, event_type=t, person_pid=p, **event)
            for s, e, t, p in (("a", "1", "visit", "x"), ("a", "1", "visit", "y"),
                               ("a", "2", "practice", "x"), ("c", "3", "training", "z"))
        ],
        recommendation=[
            at("a", rec_id=r, due_on=day("2022-03-01"), done_on=on)
            for r, on in (("1", day("2022-03-01")), ("2", day("2022-03-02")), ("3", None))
        ],
        staff=staff("a", "t1", "t2", subject="MA") + staff("b", "t3", subject="MA"),
        teacher_diagnostics=[
            {"school_id": s, "person_pid": p, "diagnosed_on": day(on), "level": lvl, **diagnosed}
            for s, p, on, lvl in (("a", "t1", "2020-02-02", "low"), ("a", "t1", "2021-02-02", "high"),
                                  ("a", "t2", "2019-08-31", "high"), ("b", "t3", "2021-02-02", "high"))
        ],
    )  # fmt: skip
    figures = worked_out(found, low_result_parts(found))
    assert [total(figures, "D2.05a", u).value for u in ("a", "c", "gk")] == [100, 0, 50]
    assert total(figures, "D2.05b", "gk").value == 1
    assert total(figures, "D2.05c", "a").value == pytest.approx(100 / 3)
    assert total(figures, "D2.04a", "gk", subject="MA").value == 50
    assert total(figures, "D2.04b", "gk").status == "insufficient_n"


def test_context_index_needs_four_variables() -> None:
    names = ("n_parents_no_higher", "n_low_income", "n_ovz", "n_accounted")
    found = book(
        "a", "b", "c", "d",
        social_passport=[
            at(s, n_pupils=10, **dict.fromkeys(names, n)) for s, n in zip("abc", (1, 2, 3), strict=True)
        ]
        + [at("d", n_pupils=0, **dict.fromkeys(names, 0))],
    )  # fmt: skip
    # shares 0.1, 0.2, 0.3: mean 0.2, sample deviation 0.1
    assert context_index(found) == pytest.approx({("a", Y): -1, ("b", Y): 0, ("c", Y): 1})


def test_olympiads() -> None:
    def work(stage: str, who: str, subject: str, points: float, **more: Any) -> dict[str, Any]:
        base = at("a", stage=stage, person_pid=who, subject=subject, points=points)
        return {**base, "max_points": 50, "grade_label": 8, "result_status": "participant", **more}

    found = book(
        "a", "b",
        pupil_year=pupils("a", *"pqrs", grade=8) + pupils("b", "z", grade=8)
        + pupils("a", "little", grade=3),
        vsosh_result=[
            work("school", "p", "MA", 40), work("school", "p", "RU", 40),
            work("school", "q", "MA", 45), work("school", "little", "MA", 10, grade_label=3),
            work("municipal", "p", "MA", 25, result_status="prize", is_invited=True),
            work("municipal", "p", "RU", 10, is_invited=True),
            work("municipal", "q", "MA", 20), work("school", "x", "MA", 9, school_id="c"),
        ],
    )  # fmt: skip
    figures = worked_out(found, talent_parts(found))
    assert [total(figures, "D3.01a", u).value for u in ("a", "b", "gk")] == [50, 0, 40]
    assert total(figures, "D3.01d", "a").value == 1
    assert total(figures, "D3.01d", "a", subject="RU").value == 1
    success = total(figures, "D3.01c", "a", subject="MA")
    assert (success.n, success.status) == (2, "insufficient_n")
    parts = [p for p in talent_parts(found) if (p.measure, p.subject) == ("D3.01e", "MA")]
    assert [(p.numerator, p.denominator, p.sd) for p in parts] == [(80, 2, stdev([30, 50]))]


def test_paired_interval_is_students() -> None:
    gaps = [10.0, 14, 22, 8, 30, 12, 18, 20, 16, 25, 11, 9]
    row = at("a", subject="MA", grade_label=8, result_status="participant", max_points=100)
    works = [{**row, "stage": "municipal", "person_pid": str(i), "points": 40} for i in range(12)]
    works += [
        {**row, "stage": "school", "person_pid": str(i), "points": 40 + gap}
        for i, gap in enumerate(gaps)
    ]
    found = book(vsosh_result=works)
    figure = total(worked_out(found, talent_parts(found)), "D3.01e", "a", subject="MA")
    library = stats.ttest_1samp(gaps, 0).confidence_interval()
    assert (figure.low, figure.high) == pytest.approx((library.low, library.high))


def test_contests_of_the_recognised_lists() -> None:
    found = book(
        pupil_year=pupils("a", *"pqrs", grade=8),
        contest_result=[
            at("a", person_pid=who, participant_role="pupil", contest_id=who,
               contest_level="region", result_status="winner", in_official_list=listed)
            for who, listed in (("p", True), ("q", False), ("r", None))
        ],
    )  # fmt: skip
    figures = worked_out(found, talent_parts(found))
    assert total(figures, "D3.02a", "a").value == 25
    assert total(figures, "D3.02b", "a").value == 75


def test_extra_education_of_those_who_were_there() -> None:
    row = {"programme_direction": "art", "is_profile": False, "grade_label": 8, "age": 14}
    found = book(
        pupil_year=pupils("a", *"pqrs", grade=8) + pupils("b", "z", grade=8),
        extra_enrolment=[
            at("a", person_pid="p", programme_id="1", enrolled_on=day("2021-09-01"), **row),
            at("a", person_pid="p", programme_id="2", enrolled_on=day("2021-09-02"),
               **(row | {"programme_direction": "sport", "is_profile": True})),
            at("a", person_pid="q", programme_id="1", enrolled_on=day("2020-09-01"),
               left_on=day("2021-09-19"), **row),
            at("a", person_pid="r", programme_id="1", enrolled_on=day("2021-10-01"),
               **(row | {"age": 19})),
            at("b", person_pid="z", programme_id="1", enrolled_on=day("2021-10-01"), **row),
        ],
    )  # fmt: skip
    figures = worked_out(found, talent_parts(found))
    assert total(figures, "D3.03a", "a").value == 25
    assert total(figures, "D3.03a", "gk").value == 40
    assert total(figures, "D3.03c", "gk", breakdown="sport").value == 20
    figures = worked_out(found, career_parts(found))
    assert total(figures, "D4.02a", "gk").value == 20


def exam(procedure: str, who: str, subject: str, **result: Any) -> dict[str, Any]:
    level = "profile" if subject == "MA" and procedure == "EGE" else "none"
    return {
        **at("a", procedure=procedure, subject=subject, level=level, cal_year=2022),
        "season": "main", "participant_pid": f"e-{who}", "full_name_pid": who.upper(),
        "pid_basis": "document", "exam_date": day("2022-06-01"), "is_present": True, **result,
    }  # fmt: skip


def test_exams_of_leavers() -> None:
    scores = {"p": {"RU": 40, "MA": 30, "FI": 40}, "q": {"RU": 30, "MA": 80, "FI": 80, "IN": 80}}
    ege = [exam("EGE", w, s, test_score=x) for w, got in scores.items() for s, x in got.items()]
    ege += [exam("EGE", "r", "RU", test_score=90), exam("EGE", "r", "IN", is_present=False)]
    found = book(
        pupil_year=pupils("a", "p", "q", "r", grade=11, class_profile="technological"),
        leaver=[
            *leavers("a", "p", grade=11, destination="university", specialty_code="09.03.01"),
            *leavers("a", "q", grade=11, destination="university", specialty_code="40.03.01"),
            *leavers("a", "r", grade=11, destination="work"),
            *leavers("a", "s", "t", grade=9, specialty_code="09.02.07"),
        ],
        ege_result=ege,
        oge_result=[exam("OGE", w, s, mark=4) for w, s in (("s", "RU"), ("s", "IN"), ("t", "RU"))],
    )
    figures = worked_out(found, career_parts(found))
    assert total(figures, "D4.05a", "a").value == pytest.approx(100 / 3)
    assert total(figures, "D4.05b", "a").value == 50
    assert total(figures, "D4.06a", "a").value == 100
    assert total(figures, "D4.06b", "a", breakdown="technological").value == pytest.approx(200 / 3)
    assert (total(figures, "D4.07a", "a").value, total(figures, "D4.07a", "a").n) == (100, 1)
    assert total(figures, "D4.08a", "a").value == 50


def test_a_profile_that_no_list_knows_is_no_zero() -> None:
    found = book(pupil_year=pupils("a", "p", grade=11, class_profile="технологический"))
    with pytest.raises(ValueError, match="reference list"):
        list(career_parts(found))
