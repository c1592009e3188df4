"""Direction 1 by hand: the independent check's own arithmetic."""

from __future__ import annotations

import pytest

from tests.independent.hand import Y, book, day, leavers, pupils, staff, total, worked_out
from tests.independent.statistics import wilson
from tests.independent.training import training_parts


def test_staffing() -> None:
    found = book(
        staff=staff("a", "t1", "t2", "t3") + staff("b", "t4"),
        staff_post=[
            {"school_id": s, "school_year": Y, "post_group": g, "posts_total": t, "posts_vacant": v}
            for s, g, t, v in (("a", "teaching", 20.5, 1), ("a", "admin", 3, 3), ("b", "teaching", 9.5, 2))
        ],
        attestation=[
            {"school_id": s, "person_pid": p, "category": c, "decided_on": day(d), "valid_to": until}
            for s, p, c, d, until in (
                ("a", "t1", "first", "2019-01-10", day("2024-01-10")),
                ("a", "t2", "highest", "2016-01-10", day("2021-09-19")),
                ("a", "t3", "conformity", "2020-01-10", None),
                ("b", "t4", "highest", "2021-09-20", None),
            )
        ],
        cpd_course=[
            {"school_id": s, "person_pid": p, "programme_id": "x", "topic": "soko", "hours": 36, "finished_on": day(d)}
            for s, p, d in (("b", "t4", "2019-08-31"), ("b", "t1", "2019-09-01"), ("c", "z", "2020-09-01"))
        ],
        fsn_cell=[
            {"school_id": "a", "form": "oo1", "form_year": 2021, "section": s, "row_code": r, "column_code": c, "cell_value": v}
            for s, r, c, v in (("3.1", "06", "3", 10), ("3.1", "06", "5", 9), ("2.1", "02", "4", 70), ("2.1", "02", "5", 55))
        ],
    )  # fmt: skip
    figures = worked_out(found, training_parts(found))
    assert total(figures, "D1.01a", "gk").value == pytest.approx(10)
    assert total(figures, "D1.01b", "a").value == pytest.approx(100 / 3)
    assert total(figures, "D1.01b", "gk").value == pytest.approx(50)
    assert total(figures, "D1.01c", "a").value == pytest.approx(90)
    assert total(figures, "D1.01d", "a").value == pytest.approx(12.5)
    assert [total(figures, "D1.02a", u).value for u in ("a", "b", "gk")] == [100, 0, 50]


def test_completion_and_grade_nine() -> None:
    before = pupils("a", "p1", "p2", "p3", "p4", grade=10, year="2020/21")
    before += pupils("a", "late", grade=10, year="2020/21", enrolled_on=day("2020-10-01"))
    now = pupils("a", "p1", "p2", grade=11) + pupils("a", "p3", grade=11, movement_type="transfer")
    now += pupils("a", *"stuvw", grade=9) + pupils("a", "x", grade=9, left_on=day("2022-05-24"))
    found = book(
        pupil_year=before + now + pupils("a", "r", grade=8, movement_type="repeat"),
        leaver=[
            *leavers("a", "p1", grade=11),
            *leavers("a", "p2", grade=11, certificate="no"),
            *leavers("a", "s", grade=9),
            *leavers("a", "t", grade=9, certificate="no", destination="retake"),
            *leavers("a", "u", grade=9, destination="work"),
            *leavers("a", "v", grade=9, destination="unknown"),
            *leavers("a", "w", grade=9, destination="grade10", confirmed_on=None),
        ],
    )
    figures = worked_out(found, training_parts(found))
    assert total(figures, "D1.04a", "a").value == pytest.approx(100 / 4)
    assert total(figures, "D1.04b", "a").value == pytest.approx(100 / 3)
    assert total(figures, "D1.05c", "a").value == pytest.approx(100 / 9)
    assert total(figures, "D1.05c", "a", grade=8).value == 100
    assert total(figures, "D1.06a", "a").value == pytest.approx(60)
    assert total(figures, "D1.06b", "a").value == pytest.approx(20)
    assert total(figures, "D1.06c", "a").value == pytest.approx(40)


def test_honours_are_linked_by_a_unique_name() -> None:
    def result(who: str, subject: str, score: int) -> dict[str, object]:
        return {
            "school_id": "a", "procedure": "EGE", "school_year": Y, "cal_year": 2022,
            "season": "main", "participant_pid": f"e-{who}", "full_name_pid": who.upper(),
            "pid_basis": "document", "subject": subject, "exam_date": day("2022-06-01"),
            "level": "profile" if subject == "MA" else "none", "is_present": True,
            "test_score": score,
        }  # fmt: skip

    gold = leavers("a", "g1", "g2", "g3", grade=11, certificate="honours")
    gold += leavers("a", "twin1", "twin2", grade=11, certificate="honours", full_name_pid="TWIN")
    scores = [("g1", "RU", 90), ("g1", "MA", 69), ("g2", "RU", 70), ("twin", "RU", 20)]
    found = book(leaver=gold, ege_result=[result(*score) for score in scores])
    figure = total(worked_out(found, training_parts(found)), "D1.07f", "a")
    assert (figure.numerator, figure.denominator) == (1, 2)


def test_works_and_minimum_numbers() -> None:
    kdr = {"school_year": Y, "grade_label": 7, "test_date": day("2022-02-01")}
    marks = {"work_kind": "kdr", "subject": "MA", "n2": 4, "n3": 8, "n4": 6, "n5": 2}
    found = book(
        "a", "b", "c",
        pupil_year=pupils("a", *"abcdefghijklmnopqrst", grade=7) + pupils("b", "z", grade=7),
        kdr_result=[
            {**kdr, **marks, "school_id": "a", "work_code": "1", "n_part": 20},
            {**kdr, "school_id": "a", "work_code": "2", "work_kind": "complex", "n_part": 15,
             "n_base": 9, "n_high": 3},
            {**kdr, "school_id": "a", "work_code": "3", "work_kind": "functional", "n_part": 5,
             "n_base": 1, "n_high": 0},
            {**kdr, "school_id": "c", "work_code": "2", "work_kind": "complex", "n_part": 9,
             "n_base": 9, "n_high": 0},
            {**kdr, "school_id": "b", "work_code": "4", "work_kind": "reading", "n_part": 2,
             "n_base": 1, "n_high": 0},
        ],
    )  # fmt: skip
    figures = worked_out(found, training_parts(found))
    basic = total(figures, "D1.03d", "a", grade=7, subject="MA")
    assert (basic.value, basic.n, basic.status) == (80, 20, "ok")
    assert basic.low == pytest.approx(100 * wilson(16, 20)[0])
    assert total(figures, "D1.08a", "a").value == pytest.approx(65)
    assert total(figures, "D1.08b", "a").value == pytest.approx(75)
    assert total(figures, "D1.08b", "b").value == 0
    reading = total(figures, "D1.10d", "b")
    assert (reading.n, reading.value, reading.status) == (2, None, "insufficient_n")


def test_sen_rows_win_over_counts() -> None:
    counts = {"n_sen": 9, "n_pmpk": 8, "n_aop": 6, "n_prescribed": 4, "n_supported": 2}
    counts |= dict.fromkeys(("n_leavers9", "n_leavers11"), 10)
    counts |= {"n_leavers9_continued": 9, "n_leavers11_continued": 4}
    rows = [("k1", True, "7.1", "7.1"), ("k2", True, "7.1", None), ("k3", None, "8.1", "8.1")]
    found = book(
        sen_count=[{"school_id": s, "school_year": Y, **counts} for s in "ab"],
        sen_pupil=[
            {"school_id": "b", "school_year": Y, "person_pid": p, "aop_code": named,
             "studied_aop_code": studied, "pmpk_on": day("2021-03-01") if pmpk else None,
             "is_prescribed": True, "is_supported": p == "k1"}
            for p, pmpk, named, studied in rows
        ],
    )  # fmt: skip
    figures = worked_out(found, training_parts(found))
    assert total(figures, "D1.11a", "a").value == pytest.approx(75)
    assert total(figures, "D1.11a", "b").value == pytest.approx(50)
    assert total(figures, "D1.11b", "b").value == pytest.approx(100 / 3)
    assert total(figures, "D1.12a", "a").value == pytest.approx(65)
    assert total(figures, "D1.12a", "a", breakdown="grade9").value == pytest.approx(90)


def test_experts_by_examinees() -> None:
    expert = {"school_year": Y, "expert_role": "expert", "procedure_kind": "oge"}
    found = book(
        expert=[
            {**expert, "school_id": "a", "person_pid": p, "subject": s, "trained_on": t, "valid_to": v}
            for p, s, t, v in (("1", "RU", day("2020-01-01"), None),
                               ("2", "RU", None, None),
                               ("3", "RU", day("2020-01-01"), day("2022-08-30")),
                               ("1", "MA", day("2022-08-31"), None))
        ],
        oge_result=[
            {"school_id": "a" if p < 50 else "b", "procedure": "OGE", "school_year": Y, "cal_year": 2022,
             "season": "main", "participant_pid": str(p), "pid_basis": "document", "level": "none",
             "subject": "RU", "exam_date": day("2022-05-24"), "is_present": True, "mark": 4}
            for p in range(60)
        ],
    )  # fmt: skip
    figures = worked_out(found, training_parts(found))
    assert total(figures, "D1.02b", None).value == 50
    assert total(figures, "D1.02b", None, subject="RU").value == pytest.approx(100 / 3)
    assert total(figures, "D1.02c", None, subject="RU", breakdown="oge").value == 2


def test_the_first_date_of_the_city() -> None:
    dates = [("a", "1", "2021-12-01", True), ("a", "2", "2021-12-01", False)]
    dates += [("a", "2", "2022-02-02", True), ("b", "3", "2022-02-02", True)]
    dates += [("b", "4", "2021-11-24", True)]  # earlier than the city
    found = book(
        essay_result=[
            {"school_id": s, "participant_pid": p, "exam_date": day(d), "passed": ok}
            for s, p, d, ok in dates
        ]
    )
    parts = [part for part in training_parts(found) if part.measure == "D1.13b"]
    assert [(p.school, p.school_year, p.numerator) for p in parts] == [("a", Y, 1), ("a", Y, 0)]


def test_indicators_that_the_customer_gives() -> None:
    row = {"measure_code": "D1.13x", "school_year": Y, "unit_name": "%"}
    found = book(
        custom_indicator=[
            {**row, "custom_code": "1", "school_id": "a", "numerator": 3, "denominator": 4},
            {**row, "custom_code": "2", "given_value": 12.5},
            {**row, "custom_code": "3", "numerator": 3},
        ]
    )
    figures = worked_out(found, training_parts(found))
    assert total(figures, "D1.13x", "a", breakdown="1").value == 75
    assert total(figures, "D1.13x", None, breakdown="2").value == 12.5
    assert len({key.breakdown for key in figures}) == 2
