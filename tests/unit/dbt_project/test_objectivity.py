"""Markers of results that need a look, on schools whose marks were bent on purpose.

Belongs here: planted schools and independent calculations (numpy, scipy). Not here: the synthetic
city, which shows how often honest schools are marked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import jinja2
import numpy as np
import pytest
from scipy import stats

from tests.dbt_fixture import City, Row, exam, pupils, school
from warehouse.settings import DBT_PROJECT

pytestmark = pytest.mark.slow

CUTS = (7, 11, 15)  # mathematics, grade 5, spring 2021; 20 points at most
SCHOOLS = [f"S{number:02d}" for number in range(22)]
BENT = "S00"  # pupils one point below a cut were lifted over it
HIGH = "S21"  # much better than the rest, and the exams do not confirm it
SELECTIVE = "S20"  # a lyceum, as good as S21


def bell(mean: float, deviation: float = 3.5, n: int = 60) -> list[int]:
    """About n scores of 0 to 20 in the shape of a normal curve."""
    return [
        score
        for score in range(21)
        for _ in range(round(n * stats.norm.pdf(score, mean, deviation)))
    ]


def scores_of(school_id: str) -> list[int]:
    if school_id in {HIGH, SELECTIVE}:
        return bell(17.0, 2.0)
    scores = bell(10 + 0.1 * SCHOOLS.index(school_id))
    if school_id == BENT:
        return [score + 1 if score + 1 in CUTS else score for score in scores]
    return scores


def maths() -> Iterator[Row]:
    for school_id in SCHOOLS:
        scores = scores_of(school_id)
        yield from pupils(school_id, [None] * len(scores), subject="MA", scores=scores)


def russian() -> list[Row]:
    """Hand-made papers of grade 5: marks are the sender's."""
    good, poor = [4] * 16 + [3] * 4, [2] * 8 + [4] * 12
    return [
        # S01: 10 of 20 lowered, one of them by two; S02: 5 of 20 raised
        *pupils("S01", good, journal=[5] * 10 + [4] * 6 + [3] * 3 + [5]),
        *pupils("S02", good, journal=[3] * 5 + [4] * 11 + [3] * 4),
        # S03: 40 % of «2» after 5 % a year before in grade 4
        *pupils("S03", poor),
        *pupils("S03", [2] + [4] * 19, grade=4, cal_year=2020, season="autumn"),
        # S04: all «4» with 20 points of 45; S05: 20 of 30 pupils came
        *pupils("S04", [4] * 20, scores=[20] * 20),
        *pupils("S05", good, absent=10),
        # S08: grade 8 without an exam to follow; S06: two pupils
        *pupils("S08", good, grade=8),
        *pupils("S06", [2, 5], journal=[5, 5], scores=[10, 40]),
    ]


def eighth_grade() -> tuple[list[Row], list[Row]]:
    """ВПР of grade 8 and ОГЭ a year later: one order of schools, but S21 falls from first to last."""
    vpr: list[Row] = []
    oge: list[Row] = []
    for number, school_id in enumerate(SCHOOLS):
        scores = bell(8 + 0.3 * number, 3.0, 30)
        vpr += pupils(school_id, [None] * len(scores), subject="MA", grade=8, scores=scores)
        points = 5 if school_id == HIGH else 9 + number
        oge += [
            exam(
                school_id,
                f"{school_id}-{person}",
                "MA",
                3,
                cal_year=2022,
                procedure="OGE",
                primary_score=points + person % 2,
            )
            for person in range(20)
        ]
    return vpr, oge


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("objectivity"))
    kinds = {SELECTIVE: "lyceum"}
    city.deliver("reg", "school", [school(code, kinds.get(code, "sosh")) for code in SCHOOLS])
    city.deliver("maths", "vpr_pupil", list(maths()))
    city.deliver("russian", "vpr_pupil", russian())
    vpr_rows, oge_rows = eighth_grade()
    city.deliver("eighth", "vpr_pupil", vpr_rows)
    city.deliver("oge", "oge_result", oge_rows)
    city.deliver(
        "bias",
        "bias_list",
        [
            {"list_year": 2021, "school_id": "S06", "m_4ru": 1, "m_5ma": 1, "n_markers": 2},
            {"list_year": 2019, "school_id": "S07", "n_markers": 1},
        ],
    )
    city.run_dbt("seed", "--select", "path:seeds")
    city.build("+mart_objectivity_school_year", "+msr_d5_markers")
    return city


def marker(
    city: City, school_id: str, code: str, subject: str | None, grade: int | None
) -> dict[str, Any]:
    [row] = city.query(
        "select * from marts.mart_objectivity where school_id = ? and marker_code = ?"
        " and subject is not distinct from ? and programme_grade is not distinct from ?"
        " and school_year = '2020/21' and season is distinct from 'autumn'",
        [school_id, code, subject, grade],
    )
    return row


def expected_ratios() -> dict[int, float]:
    """Share of the upper score of each pair by a straight line through four logarithms."""
    histogram = np.bincount([score for code in SCHOOLS for score in scores_of(code)], minlength=21)
    ratios = {}
    for cut in CUTS:
        offsets = np.array([-3, -2, 1, 2])
        line = np.polyfit(offsets, np.log(histogram[cut + offsets]), 1)
        lower, upper = np.exp(np.polyval(line, [-1, 0]))
        ratios[cut] = upper / (lower + upper)
    return ratios


def paper_numbers(school_id: str) -> tuple[int, int, float]:
    counts = np.bincount(scores_of(school_id), minlength=21)
    upper = sum(int(counts[cut]) for cut in CUTS)
    pairs = {cut: int(counts[cut - 1] + counts[cut]) for cut in CUTS}
    total = sum(pairs.values())
    return upper, total, sum(pairs[cut] * ratio for cut, ratio in expected_ratios().items()) / total


@pytest.mark.parametrize("school_id", [BENT, "S10", HIGH])
def test_boundary_test_of_a_paper_equals_scipy(city: City, school_id: str) -> None:
    upper, total, ratio = paper_numbers(school_id)
    row = marker(city, school_id, "OBJ2", "MA", 5)
    assert row["n"] == total
    assert row["reference_value"] == pytest.approx(100 * ratio)
    assert row["p_value"] == pytest.approx(stats.binom.sf(upper - 1, total, ratio), rel=1e-9)
    assert row["fired"] is None  # one paper only explains


def test_boundary_spike_is_found_and_nobody_else_is_accused(city: City) -> None:
    rows = city.query(
        "select school_id, n, p_value, fired from marts.mart_objectivity"
        " where marker_code = 'OBJ2' and subject is null and school_year = '2020/21'"
    )
    assert {row["school_id"] for row in rows if row["fired"]} == {BENT}
    tested = [row for row in rows if row["n"] >= 30]
    adjusted = stats.false_discovery_control([row["p_value"] for row in tested])
    assert [row["fired"] for row in tested] == [bool(q < 0.05) for q in adjusted]
    assert all(row["fired"] is None for row in rows if row["n"] < 30)


def test_journal_gap_has_two_thresholds(city: City) -> None:
    lowered, raised = (marker(city, code, "OBJ1", "RU", 5) for code in ("S01", "S02"))
    assert (lowered["value"], lowered["fired"], lowered["confidence"]) == (55.0, True, "high")
    assert "разрыв в две отметки и больше: 1 чел." in lowered["note"]
    assert (raised["value"], raised["fired"], raised["confidence"]) == (25.0, True, "medium")


def test_too_high_result_is_checked_against_the_exams(city: City) -> None:
    high = marker(city, HIGH, "OBJ3", "MA", 5)
    assert (high["fired"], high["confidence"], high["reference_basis"]) == (
        True,
        "high",
        "register",
    )
    means = np.array([np.mean(scores_of(code)) for code in SCHOOLS])
    assert high["reference_value"] == pytest.approx(means.mean())
    assert high["threshold"] == pytest.approx(means.mean() + 2 * means.std(ddof=1))
    assert marker(city, SELECTIVE, "OBJ3", "MA", 5)["fired"] is None
    assert marker(city, "S10", "OBJ3", "MA", 5)["fired"] is False


def test_vpr_against_oge_of_the_same_cohort(city: City) -> None:
    row = marker(city, HIGH, "OBJ4", "MA", 8)
    assert (row["fired"], row["threshold"]) == (True, 1.5)
    assert row["delivery_ids"] == ["eighth", "oge"]
    [gap] = city.query(
        "select value from intermediate.msr_d1_vpr_oge_gap where school_id = ?", [HIGH]
    )
    assert gap["value"] == pytest.approx(-row["value"])


def test_a_paper_without_a_pair_says_why(city: City) -> None:
    row = marker(city, "S08", "OBJ4", "RU", 8)
    assert (row["value"], row["fired"], row["confidence"]) == (None, None, "no_reference")
    assert row["note"] == "Нет среднего и разброса между школами по ВПР"
    assert marker(city, "S04", "OBJ3", "RU", 5)["note"] == (
        "Нет среднего и разброса между школами: школ 1, нужно не меньше 20"
    )


def test_of_two_pupils_no_marker_tells_more_than_their_number(city: City) -> None:
    rows = city.query("select * from marts.mart_objectivity where school_id = 'S06' and n = 2")
    assert {row["marker_code"] for row in rows} >= {"OBJ1", "OBJ3", "OBJ8"}
    hidden = ("value", "p_value", "fired", "reference_value")
    assert {row[name] for row in rows for name in hidden} == {None}
    assert {row["note"] for row in rows} == {"участников меньше 3: значение не показывается"}


def test_break_between_grades_four_and_five(city: City) -> None:
    row = marker(city, "S03", "OBJ5", "RU", 5)
    assert (row["value"], row["reference_value"], row["fired"]) == (
        pytest.approx(35),
        pytest.approx(5),
        True,
    )


def test_squeezed_variance_high_marks_and_absence(city: City) -> None:
    assert marker(city, "S04", "OBJ7", "RU", 5)["value"] == 0
    assert marker(city, "S04", "OBJ8", "RU", 5)["fired"] is True
    absence = marker(city, "S05", "OBJ9", "RU", 5)
    assert (absence["value"], absence["n"], absence["fired"]) == (
        pytest.approx(100 * 20 / 30),
        30,
        True,
    )
    assert marker(city, "S01", "OBJ9", "RU", 5)["fired"] is False


def test_school_year_says_needs_a_look_and_never_more(city: City) -> None:
    rows = {
        row["school_id"]: row
        for row in city.query(
            "select * from marts.mart_objectivity_school_year where school_year = '2020/21'"
        )
    }
    assert (rows[BENT]["review_status"], rows[BENT]["review_status_ru"]) == (
        "review",
        "требует проверки",
    )
    assert rows["S06"]["review_status"] == "official_list"
    assert (rows["S06"]["official_markers"], rows["S06"]["years_in_list_last3"]) == (2, 1)
    assert (rows["S07"]["bias_ever"], rows["S07"]["years_in_list_last3"]) == (True, 1)
    assert rows["S10"]["bias_ever"] is False
    assert not city.query(
        "select 1 from marts.mart_objectivity_school_year where review_status_ru ilike '%необъективн%'"
    )


def test_measure_counts_fired_markers(city: City) -> None:
    rows = city.query(
        "select * from intermediate.msr_d5_markers where school_id = 'S01' and subject = 'RU'"
    )
    assert [(row["value"], row["value_text"], row["grade"]) for row in rows] == [(1, "OBJ1", 5)]


def test_binomial_tail_equals_scipy() -> None:
    text = (DBT_PROJECT / "macros/dialect/binomial_upper_tail.sql").read_text(encoding="utf-8")
    macro = jinja2.Environment().from_string(text).module.duckdb__binomial_upper_tail  # type: ignore[attr-defined]
    grid = [
        (x, n, p)
        for n in (1, 10, 375, 5_000, 20_000)
        for p in (0.02, 0.4, 0.5, 0.95)
        for x in sorted({0, 1, n // 2, math.ceil(n * p), min(n, math.ceil(n * p) + 40), n})
    ]
    con = duckdb.connect()
    for x, n, p in grid:
        [(value,)] = con.execute(f"select {macro(str(x), str(n), str(p))}").fetchall()
        assert value == pytest.approx(stats.binom.sf(x - 1, n, p), rel=1e-7, abs=1e-70), (x, n, p)
