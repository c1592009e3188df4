"""Directions 5 to 9 by hand: the independent check's own arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from tests.independent.hand import Y, book, day, pupils, staff, total, worked_out
from tests.independent.heads import head_indices, head_parts
from tests.independent.methodical import methodical_parts, teacher_parts
from tests.independent.model import Figure, Key
from tests.independent.procedures import procedure_parts
from tests.independent.upbringing import upbringing_parts


def at(school: str, **columns: Any) -> dict[str, Any]:
    return {"school_id": school, "school_year": Y, **columns}


def test_checks_and_observers() -> None:
    rooms = {"n_rooms": 4, "n_observers": 4, "n_independent": 3}
    found = book(
        "a", "b", "c",
        observation=[
            at("a", procedure_kind="oge", subject=s, held_on=day(d), n_rooms_observed=n, **rooms)
            for s, d, n in (("RU", "2022-05-24", 4), ("MA", "2022-05-27", 3), ("OB", "2022-05-27", 2))
        ]
        + [at("b", procedure_kind="vpr", held_on=day("2022-04-04"), n_rooms_observed=0, **rooms)],
        procedure_check=[
            at("a", check_id=c, item_code=i, procedure_kind=k, subject="RU", checked_on=day(d),
               is_violation=v)
            for c, i, k, d, v in (("1", "x", "oge", "2022-05-24", True),
                                  ("1", "y", "oge", "2022-05-24", True),
                                  ("2", "x", "oge", "2022-05-27", False),
                                  ("3", "x", "vsosh_school", "2021-10-01", False))
        ]
        + [at("c", check_id="4", item_code="x", procedure_kind="vsosh_municipal", checked_on=day("2022-05-30"), is_violation=False)],
        vsosh_result=[
            at(s, stage="school", person_pid="p", subject="RU", appeal_changed=s == "b")
            for s in "ab"
        ],
    )  # fmt: skip
    figures = worked_out(found, procedure_parts(found))
    assert total(figures, "D5.02a", None, breakdown="oge").value == 100
    assert total(figures, "D5.02a", None).value == pytest.approx(200 / 3)
    assert total(figures, "D5.02b", "a", breakdown="oge").value == 100
    assert total(figures, "D5.02b", "a").value == pytest.approx(200 / 3)
    assert total(figures, "D5.03a", None).value == 50
    assert total(figures, "D5.05a", "a").value == 75
    assert total(figures, "D5.05b", "gk").value == 75


def test_decision_within_45_days_and_the_latest_act() -> None:
    analysis = {"doc_type": "results_analysis", "approved_on": day("2022-06-01")}
    act = {"doc_type": "vsoko", "document_no": "1"}
    found = book(
        "a", "b", "c",
        school_document=[at(s, results_on=day("2022-05-01"), **analysis) for s in "ab"]
        + [at("a", approved_on=day("2020-09-01"), uses_external_results=True, **act),
           at("a", approved_on=day("2021-09-01"), uses_external_results=False, **act),
           at("b", approved_on=day("2021-09-01"), uses_external_results=True, **act)],
        decision=[
            at(s, decision_id=s, results_on=day("2022-05-01"), document_date=day(d))
            for s, d in (("a", "2022-06-15"), ("b", "2022-06-16"))
        ],
    )  # fmt: skip
    figures = worked_out(found, procedure_parts(found))
    assert [total(figures, "D5.06a", unit).value for unit in ("a", "b", "c")] == [100, 0, 0]
    assert total(figures, "D5.06b", "gk").value == pytest.approx(100 / 3)


def test_a_visit_of_another_day_is_no_visit_of_the_procedure() -> None:
    check = {"item_code": "x", "is_violation": False}
    found = book(
        observation=[at("a", procedure_kind="vpr", held_on=day("2022-04-04"))],
        procedure_check=[
            at("a", check_id=d, procedure_kind="vpr", checked_on=day(d), **check)
            for d in ("2022-04-04", "2022-04-05")
        ]
        + [
            at("a", check_id=s, procedure_kind="vsosh_school", subject=s, **check)
            for s in ("RU", "MA")
        ],
        vsosh_result=[at("a", stage="school", person_pid="p", subject="RU")],
    )
    parts = [p for p in procedure_parts(found) if p.measure in ("D5.02a", "D5.03a")]
    assert {(p.measure, p.numerator, p.denominator) for p in parts} == {
        ("D5.02a", 1, 1),
        ("D5.03a", 1, 1),
    }


def people() -> list[dict[str, Any]]:
    young: dict[str, Any] = {"birth_year": 1987, "ped_experience": 2, "weekly_hours": 18}
    old: dict[str, Any] = {"birth_year": 1986, "ped_experience": 3, "weekly_hours": 28}
    return [
        *staff("a", "y1", "y2", year="2020/21", birth_year=1990),
        *staff("a", "y1", **young, is_class_tutor=True, subject="MA"),
        *staff("a", "y3", **{**young, "weekly_hours": None}, subject="MA"),
        *staff("a", "o1", **old, subject="RU"),
        *staff("a", "h", post_kind="head"),
        *staff("a", "h", weekly_hours=10, birth_year=1970, ped_experience=30),
        *staff("a", "d", post_kind="deputy_upbringing", weekly_hours=4),
    ]


def test_heads_and_teachers_load() -> None:
    course = {"programme_id": "x", "hours": 250}
    found = book(
        staff=people(),
        cpd_course=[
            {**course, "school_id": "a", "person_pid": "h", "topic": "management", "finished_on": day("2010-01-01")},
            {**course, "person_pid": "d", "topic": "subject", "finished_on": day("2021-01-01")},
        ],
        reserve_post=[
            at("a", post_id=i, person_pid=p, is_trained=t)
            for i, p, t in (("1", "u", True), ("1", "v", False), ("2", None, None))
        ],
        noko_score=[
            {"school_id": "a", "cal_year": c, **dict.fromkeys(("k1", "k2", "k3", "k4"), k), "k5": 50}
            for c, k in ((2019, 10.0), (2020, 100.0))
        ],
        external_audit=[
            {"school_id": s, "audit_id": "1", "audited_on": day("2019-09-01"), "rec_id": r,
             "due_on": day("2020-01-01"), "done_on": d}
            for s, r, d in (("a", "1", day("2022-08-31")), ("a", "2", None), ("c", None, None))
        ],
        site_check=[
            at("a", item_code=i, checked_on=day(d), is_present=True, is_fresh=f)
            for i, d, f in (("1", "2021-10-01", False), ("1", "2022-02-01", True), ("2", "2021-10-01", False))
        ],
    )  # fmt: skip
    figures = worked_out(found, head_parts(found))
    assert total(figures, "D6.01a", "a").value == 50
    assert total(figures, "D6.03a", "a").value == 50
    assert total(figures, "D6.03b", "a").value == 50
    assert total(figures, "D6.03c", "a").value == 50
    assert total(figures, "D6.04a", "a").value == pytest.approx(56 / 3)
    assert total(figures, "D6.04b", "a").value == pytest.approx(100 / 3)
    assert total(figures, "D6.05a", "a").value == 7
    assert total(figures, "D6.05b", "a").value == 50
    assert [total(figures, "D6.07a", unit).value for unit in ("a", "b", "gk")] == [1, 0, 50]
    assert total(figures, "D6.07b", "a").value == 50
    assert total(figures, "D6.10a", "a").value == 50
    assert total(figures, "D6.11a", "a").value == 90
    assert total(figures, "D6.11f", "a").value == 50


def test_index_of_a_head_needs_both_measures() -> None:
    def key(measure: str, unit: str) -> Key:
        return Key(measure, "school", unit, Y, None, None, None, None)

    figures = {
        key("D3.03a", "a"): Figure(1, 60.0),
        key("D4.04a", "a"): Figure(1, 90.0),
        key("D3.03a", "b"): Figure(1, 60.0),
    }
    assert {k.unit: f.value for k, f in head_indices(figures).items()} == {"a": 75}


def test_methodical_work_and_courses() -> None:
    event = {"event_date": day("2021-11-01"), "event_level": "municipal"}
    diagnosis = {"diagnosed_role": "teacher", "diagnosed_on": day("2021-10-01"), "subject": "MA"}
    course = {"topic": "subject", "programme_id": "1", "finished_on": day("2022-02-01")}
    found = book(
        staff=people(),
        meth_event=[
            at("a", event_id=e, event_type=t, person_pid=p, subject=s, deficit_code=d, **event)
            for e, t, p, s, d in (("1", "seminar", "y1", None, None), ("1", "seminar", "o1", None, None),
                                  ("2", "visit", "y1", None, "D"), ("3", "practice", "h", "MA", None),
                                  ("4", "practice", "h", "RU", None))
        ],
        mentor_pair=[
            at("a", mentor_pid="o1", mentee_pid=m, started_on=day("2021-09-10"), ended_on=e, has_report=r)
            for m, e, r in (("y1", day("2022-05-20"), True), ("y9", day("2022-05-20"), False))
        ],
        network_member=[
            at("a", community_id=c, community_kind=k, person_pid=p, n_meetings=n)
            for c, k, p, n in (("1", "mmo", "y1", 1), ("2", "agreement", None, 0), ("3", "mmo", "o1", 2))
        ],
        teacher_diagnostics=[
            {"school_id": "z", "person_pid": "y1", "deficit_code": "D", "plan_on": day("2021-10-05"), **diagnosis},
            {"school_id": "a", "person_pid": "o1", "deficit_code": "E", **diagnosis},
            {"school_id": "a", "person_pid": "h", **diagnosis, "diagnosed_role": "admin"},
        ],
        cpd_course=[
            {"school_id": "a", "person_pid": "y1", "hours": 36, "deficit_code": "D", **course},
            {"person_pid": "o1", "hours": 8, "deficit_code": "D", **course},
            {"person_pid": "h", "hours": 36, "deficit_code": "D", **course},
        ],
        burnout_survey=[
            at("a", wave=w, n_respondents=n, n_high=h) for w, n, h in ((1, 4, 4), (2, 2, 1))
        ],
        contest_result=[
            at("a", person_pid="y1", participant_role="teacher", contest_id="1", contest_level="region")
        ],
    )  # fmt: skip
    figures = worked_out(found, [*methodical_parts(found), *teacher_parts(found)])
    assert total(figures, "D7.01a", "a").value == 75
    assert total(figures, "D7.01b", None).value == 50
    assert total(figures, "D7.01c", None).value == 2
    assert total(figures, "D7.02a", "a").value == 50
    assert total(figures, "D7.02b", "gk").value == 50
    assert total(figures, "D7.03a", "a").value == 50
    assert total(figures, "D7.03b", None).value == 2
    assert total(figures, "D8.01a", "a").value == 50
    assert total(figures, "D8.01a", "a", subject="MA").value == 50
    assert total(figures, "D8.01a", "a", subject="RU").value == 0
    assert total(figures, "D8.01b", "a").value == 50
    assert total(figures, "D8.01c", None).value == 50
    assert total(figures, "D8.01d", "a").value == 50
    assert total(figures, "D8.02a", "a").value == 50
    assert total(figures, "D8.02b", "a").status == "insufficient_n"
    assert total(figures, "D8.03a", "a", breakdown="region").value == 25
    assert total(figures, "D8.03a", "a", breakdown="world").value == 0


def test_a_young_teacher_needs_not_be_a_beginner() -> None:
    pair = {"mentor_pid": "o", "started_on": day("2021-09-10"), "has_report": False}
    found = book(
        staff=[
            *staff("a", "new", birth_year=1995, ped_experience=1),
            *staff("a", "used", birth_year=1990, ped_experience=8),
            *staff("a", "late", birth_year=1970, ped_experience=1),
        ],
        mentor_pair=[at("a", mentee_pid=who, **pair) for who in ("new", "late")],
    )
    figures = worked_out(found, methodical_parts(found))
    assert total(figures, "D7.02a", "a").value == 50


@pytest.mark.parametrize(("schools", "told"), [("a", False), ("ab", True)])
def test_only_a_register_of_the_city_tells_that_the_city_has_nothing(schools, told) -> None:
    found = book(
        "a", "b",
        meth_event=[
            at(s, event_id="1", event_type="seminar", event_level="school", person_pid=s,
               subject=None, deficit_code=None, event_date=day("2021-11-01"))
            for s in schools
        ],
        network_member=[
            at(s, community_id="1", community_kind="mmo", person_pid=s, n_meetings=1)
            for s in schools
        ],
    )  # fmt: skip
    counts = {
        key.measure: figure.value
        for key, figure in worked_out(found, methodical_parts(found)).items()
        if key.measure in ("D7.01c", "D7.03b")
    }
    assert counts == ({"D7.01c": 0, "D7.03b": 0} if told else {})


def test_upbringing() -> None:
    document = {"approved_on": day("2021-09-01"), "document_no": "1"}
    prevention = {"n_pupils": 100, "n_accounted": 5, "n_ipr_before": 4, "n_ipr_closed": 1}
    found = book(
        staff=people(),
        pupil_year=pupils("a", "p", grade=5),
        cpd_course=[
            {"school_id": "a", "person_pid": p, "programme_id": "1", "topic": "upbringing", "hours": 72, "finished_on": day(d)}
            for p, d in (("y1", "2021-01-01"), ("d", "2018-01-01"))
        ],
        school_document=[
            at(s, doc_type=t, is_published=p, n_items_due=i, n_items_done=i and i - 5, **document)
            for s, t, p, i in (("a", "upbringing", True, None), ("a", "calendar", True, 20),
                               ("b", "upbringing", True, None), ("b", "calendar", False, 20))
        ],
        prevention_count=[at(s, **prevention) for s in "ab"],
        prevention_pupil=[
            at("b", person_pid=p, account_type=t, on_from=day("2021-12-01"), on_to=e)
            for p, t, e in (("1", "kdn", None), ("1", "opdn", None), ("2", "vshu", None),
                            ("3", "kdn", day("2022-08-31")), ("4", "kdn", day("2022-09-01")))
        ],
    )  # fmt: skip
    figures = worked_out(found, upbringing_parts(found))
    assert total(figures, "D9.01a", "a").value == 50
    assert [total(figures, "D9.02a", unit).value for unit in ("a", "b")] == [100, 0]
    assert total(figures, "D9.02b", "gk").value == 75
    assert [total(figures, "D9.04a", unit).value for unit in ("a", "b")] == [50, 20]
    assert total(figures, "D9.04b", "gk").value == 25


def test_what_one_school_sends_tells_nothing_of_another() -> None:
    course = {
        "programme_id": "1",
        "topic": "results_use",
        "hours": 36,
        "finished_on": day("2021-01-01"),
    }
    own: dict[str, Any] = {"school_id": "a", "person_pid": "t1", **course}
    both = [*staff("a", "t1", "t2"), *staff("b", "t3")]
    for more, shares in (
        ([], {"a": 50}),
        # another school's own file
        ([{**own, "school_id": "c", "delivery_id": "e"}], {"a": 50}),
        # a teacher who came with his course: his new school has still told nothing
        ([{**own, "school_id": "c", "person_pid": "t3", "delivery_id": "e"}], {"a": 50}),
        # one sender, two schools: a register of the city
        ([{**own, "school_id": "c"}], {"a": 50, "b": 0}),
    ):
        found = book("a", "b", "c", staff=both, cpd_course=[own, *more])
        found.source.seq["e"] = 2
        parts = [part for part in procedure_parts(found) if part.school_year == Y]
        trained = {
            p.school: 100 * p.numerator / p.denominator for p in parts if p.measure == "D5.04a"
        }
        assert trained == shares
    documents = [at("a", doc_type="calendar", approved_on=day("2021-09-01"))]
    found = book("a", "b", school_document=documents)
    assert {p.school for p in upbringing_parts(found) if p.measure == "D9.02a"} == {"a"}
