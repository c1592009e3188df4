"""Trends over comparable windows and performance of tasks, against independent calculations.

Belongs here: small hand-made series, statsmodels and scipy. Not here: thresholds of indicators.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.dbt_fixture import City, Row, exam, pupils, school

pytestmark = pytest.mark.slow

# ОГЭ, Russian: participants and marks «2» by school and year.
OGE = {
    "A": {2022: (60, 30), 2023: (60, 15), 2024: (60, 6)},
    "B": {2022: (50, 5), 2023: (50, 6), 2024: (50, 5)},
    "C": {2022: (40, 4), 2023: (40, 8), 2024: (30, 3)},
}
FLAT, RISING = "B", "A"
# ОГЭ, maths: nobody wrote it in 2020.
WITH_A_HOLE = {"A": {2018: (50, 15), 2019: (50, 10), 2021: (50, 8)}}
# ОГЭ, physics: two pupils in the first year.
TWO_PUPILS = {"C": {2021: (2, 1), 2022: (50, 10)}}


def oge_rows(results: dict[str, dict[int, tuple[int, int]]], subject: str) -> list[Row]:
    return [
        exam(
            code,
            f"{code}{year}-{number}",
            subject,
            2 if number < n_fail else 4,
            cal_year=year,
            procedure="OGE",
        )
        for code, years in results.items()
        for year, (n_part, n_fail) in years.items()
        for number in range(n_part)
    ]


def vpr_rows() -> list[Row]:
    """Grade 4 maths of school A: three windows, none comparable with the next."""
    return [
        row
        for year, season in ((2019, "spring"), (2020, "autumn"), (2021, "spring"))
        for row in pupils(
            "A", [2] * 5 + [4] * 15, cal_year=year, season=season, grade=4, subject="MA"
        )
    ]


def task_rows() -> tuple[list[Row], list[Row]]:
    """Two tasks: 20 pupils with mark 4 and 10 with mark 2 of grade 6 biology, spring 2021."""
    first = [1] * 10 + [0] * 4 + [-1] * 2 + [-2] * 2 + [None] * 2 + [1] * 10
    second = [2] * 5 + [1] * 5 + [0] * 10 + [0] * 10
    rows = pupils("B", [4] * 20 + [2] * 10, grade=6, subject="BI")
    scored = [
        {**row, "scores": [one, two]} for row, one, two in zip(rows, first, second, strict=True)
    ]
    envelope = {
        key: rows[0][key] for key in ("procedure", "cal_year", "season", "school_year", "subject")
    }
    tasks = [
        {
            **envelope,
            "grade_label": 6,
            "programme_grade": 6,
            "task_position": place,
            "task_label": label,
            "is_running_number": False,
            "max_score": maximum,
        }
        for place, (label, maximum) in enumerate((("1(1)", 1), ("1K2", 2)), 1)
    ]
    return scored, tasks


def running_rows() -> tuple[list[Row], list[Row]]:
    """Grade 4 maths of spring 2021 with running numbers: the catalogue names the 15 tasks."""
    rows = pupils("C", [4] * 10, grade=4, subject="MA")
    scored = [{**row, "scores": [1] * 4 + [0] * 11} for row in rows]
    tasks = [
        {
            **{key: rows[0][key] for key in ("cal_year", "season", "school_year", "subject")},
            "grade_label": 4,
            "programme_grade": 4,
            "task_position": place,
            "task_label": str(place),
            "is_running_number": True,
        }
        for place in range(1, 16)
    ]
    return scored, tasks


def report_rows(name: str, subject: str, n_part: int) -> list[Row]:
    """A school's report of a paper without pupil rows."""
    return [
        {
            "procedure": "VPR",
            "cal_year": 2021,
            "season": "spring",
            "school_year": "2020/21",
            "subject": subject,
            "grade_label": 6,
            "programme_grade": 6,
            "unit_level": "school",
            "unit_name": name,
            "school_id": name,
            "n_part": n_part,
            "task_label": label,
            "max_score": maximum,
            "pct_done": done,
        }
        for label, maximum, done in (("1.1", 1, 50.0), ("1К2", 2, 40.0))
    ]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("trend"))
    city.deliver("reg", "school", [school("A"), school("B"), school("C", municipality="other")])
    exams = {"RU": OGE, "MA": WITH_A_HOLE, "PH": TWO_PUPILS}
    city.deliver("oge", "oge_result", [row for s, r in exams.items() for row in oge_rows(r, s)])
    city.deliver("vpr", "vpr_pupil", vpr_rows())
    for name, (scored, tasks) in (("named", task_rows()), ("running", running_rows())):
        city.deliver(name, "vpr_pupil", scored)
        city.deliver(name, "vpr_paper_task", tasks)
    city.deliver("report", "vpr_task_result", report_rows("A", "BI", 30))
    city.deliver("two", "vpr_task_result", report_rows("B", "GG", 2))
    city.run_dbt("seed", "--select", "path:seeds")
    city.build("+mart_result_trend", "+mart_task_performance")
    return city


def trend(city: City, level: str, unit: str | None, procedure: str = "OGE") -> list[dict[str, Any]]:
    return city.query(
        "select * from marts.mart_result_trend where level = ? and procedure = ?"
        " and coalesce(school_id, municipality_id) is not distinct from ?"
        " and subject = case when procedure = 'OGE' then 'RU' else 'MA' end"
        " order by cal_year, season desc",
        [level, procedure, unit],
    )


def test_school_share_has_a_wilson_interval(city: City) -> None:
    row = trend(city, "school", RISING)[0]
    assert (row["share_fail"], row["share_basic"], row["interval_method"]) == (50, 50, "wilson")
    low, high = proportion_confint(30, 60, method="wilson")
    assert (row["share_basic_ci_low"], row["share_basic_ci_high"]) == pytest.approx(
        (100 * low, 100 * high), rel=1e-4
    )


def test_change_to_the_last_window_has_a_newcombe_interval(city: City) -> None:
    row = trend(city, "school", RISING)[1]
    low, high = confint_proportions_2indep(45, 60, 30, 60, method="newcomb", correction=False)
    assert row["delta_prev"] == pytest.approx(25)
    assert (row["delta_prev_ci_low"], row["delta_prev_ci_high"]) == pytest.approx(
        (100 * low, 100 * high), rel=1e-4
    )


def test_three_comparable_windows_give_a_slope(city: City) -> None:
    rows = trend(city, "school", RISING)
    slope = stats.theilslopes([50, 75, 90], [2022, 2023, 2024]).slope
    assert [row["slope_pp_per_year"] for row in rows] == pytest.approx([slope] * 3)
    assert {(row["n_years"], row["first_year"], row["trend_class"]) for row in rows} == {
        (3, 2022, "rise")
    }
    assert {row["trend_class"] for row in trend(city, "school", FLAT)} == {"flat"}


def test_a_year_without_the_exam_is_a_hole_and_no_break(city: City) -> None:
    """70, 80 and 84 % of 2018, 2019 and 2021: slopes 10, 2 and 14 / 3 a year, not of windows."""
    rows = city.query(
        "select * from marts.mart_result_trend where level = 'school' and procedure = 'OGE'"
        " and subject = 'MA' order by cal_year"
    )
    assert [(row["cal_year"], row["share_basic"]) for row in rows] == [
        (2018, pytest.approx(70)),
        (2019, pytest.approx(80)),
        (2021, pytest.approx(84)),
    ]
    assert {(row["segment_no"], row["comparability_break"], row["n_years"]) for row in rows} == {
        (1, None, 3)
    }
    assert [row["delta_prev"] for row in rows] == [None, pytest.approx(10), pytest.approx(4)]
    assert [row["slope_pp_per_year"] for row in rows] == pytest.approx([14 / 3] * 3)


def test_of_two_pupils_only_their_number_is_shown(city: City) -> None:
    first, second = city.query(
        "select * from marts.mart_result_trend where level = 'school' and subject = 'PH'"
        " order by cal_year"
    )
    told = ("n2", "n4", "share_fail", "share_basic", "share_basic_ci_low", "mean_score", "sd_score")
    assert {first[name] for name in told} == {None}
    assert first["n_part"] == 2
    # the change would tell the first year
    assert (second["share_basic"], second["delta_prev"]) == (80, None)
    tasks = city.query(
        "select * from marts.mart_task_performance where school_id = 'B' and subject = 'GG'"
    )
    assert [(row["n_counted"], row["pct_done"]) for row in tasks] == [(2, None), (2, None)]


def test_above_the_school_the_interval_is_a_jackknife_over_schools(city: City) -> None:
    row = trend(city, "register", None)[0]
    n = np.array([60, 50, 40])
    passed = n - np.array([30, 5, 4])
    share = passed.sum() / n.sum()
    without = (passed.sum() - passed) / (n.sum() - n)
    error = np.sqrt(2 / 3 * ((without - without.mean()) ** 2).sum())
    reach = stats.t.ppf(0.975, 2) * error
    assert (row["share_basic"], row["interval_method"]) == (pytest.approx(100 * share), "jackknife")
    assert row["share_basic_ci_low"] == pytest.approx(100 * max(share - reach, 0))
    assert row["share_basic_ci_high"] == pytest.approx(100 * min(share + reach, 1))
    assert row["n_schools"] == 3


def test_municipality_of_one_school_has_no_interval(city: City) -> None:
    row = trend(city, "municipality", "other")[0]
    assert (row["share_basic"], row["share_basic_ci_low"]) == (90, None)


def test_breaks_split_a_series(city: City) -> None:
    rows = trend(city, "school", "A", "VPR")
    assert [row["segment_no"] for row in rows] == [1, 2, 3]
    assert rows[0]["comparability_break"] is None
    assert "осенью 2020 года" in rows[1]["comparability_break"]
    assert rows[2]["comparability_break"] is not None
    assert {(row["trend_class"], row["delta_prev"]) for row in rows} == {("broken", None)}


def tasks(city: City, where: str) -> dict[tuple[str, str], dict[str, Any]]:
    rows = city.query(
        "select * from marts.mart_task_performance"
        f" where {where} and subject = 'BI' order by task_label"
    )
    return {(row["task_label"], row["mark_group"]): row for row in rows}


def test_not_taught_leaves_the_denominator_and_not_started_is_zero(city: City) -> None:
    found = tasks(city, "school_id = 'B'")
    first = found["1.1", "all"]
    assert (first["n_part"], first["n_counted"]) == (30, 26)
    assert first["pct_done"] == pytest.approx(100 * 20 / 26)
    assert (first["pct_not_started"], first["pct_not_taught"]) == pytest.approx(
        (100 * 2 / 30, 100 * 2 / 30)
    )
    assert (found["1.1", "4"]["pct_done"], found["1.1", "2"]["pct_done"]) == (62.5, 100)
    second = found["1К2", "all"]
    assert second["pct_done"] == pytest.approx(100 * 15 / 60)
    assert (second["max_score"], second["max_basis"]) == (2, "file")
    assert found.keys() == {(task, group) for task in ("1.1", "1К2") for group in ("all", "2", "4")}


def test_reports_fill_in_for_schools_without_pupil_rows(city: City) -> None:
    report = tasks(city, "school_id = 'A'")["1К2", "all"]
    assert (report["source"], report["pct_done"], report["n_part"]) == ("report", 40, 30)
    whole = tasks(city, "level = 'register'")["1К2", "all"]
    assert (whole["source"], whole["n_schools"]) == ("mixed", 2)
    assert whole["pct_done"] == pytest.approx(100 * (15 + 24) / 120)


def test_running_numbers_get_names_levels_and_zones_from_the_catalogue(city: City) -> None:
    rows = city.query(
        "select * from marts.mart_task_performance"
        " where school_id = 'C' and mark_group = 'all' order by task_no"
    )
    assert [row["task_label"] for row in rows][:6] == ["1", "2", "3", "4", "5.1", "5.2"]
    assert rows[2]["max_score"] == 2
    assert rows[2]["max_basis"] == "catalogue"
    assert [row["zone"] for row in rows[:5]] == [
        "sufficient", "sufficient", "insufficient", "sufficient", "insufficient"
    ]  # fmt: skip
    assert rows[2]["pct_done"] == 50
