"""Figures of a tiny city, worked out by hand or by an independent statistics library.

Belongs here: what `indicator_value` and the direction marts must hold. Not here: ШНОР and the
analysis marts.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import shutil
from typing import Any

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.dbt_fixture import City, exam, pupils, school

pytestmark = pytest.mark.slow

# marks of Russian, programme 5, spring 2021: school → (n2, n3, n4, n5)
SPRING = {"A": (4, 6, 5, 5), "B": (3, 3, 3, 3), "C": (0, 10, 12, 8), "D": (10, 15, 12, 3)}
# the same children half a year earlier, programme 4 in autumn 2020
AUTUMN = {"A": (1, 9, 8, 2), "C": (0, 12, 12, 6)}
EGE = {"A": [20, 30, 36, 40, 55, 60, 72, 81, 90, 95, 100, 35], "D": [24] * 10 + [80] * 5}


def marks(counts: tuple[int, int, int, int]) -> list[int]:
    return list(
        itertools.chain(*([mark] * n for mark, n in zip((2, 3, 4, 5), counts, strict=True)))
    )


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("city"))
    city.deliver(
        "register",
        "school",
        [
            school("A"),
            school("B", "oosh"),
            school("C", "gymnasium"),
            school("D", municipality="other"),
            school("N", "nosh"),
            school("closed", closed_on=dt.date(2019, 8, 31)),
            school("empty", municipality="third"),
        ],
    )
    for name, counts in SPRING.items():
        city.deliver(f"v5-{name}", "vpr_pupil", pupils(name, marks(counts), absent=5))
    # an older delivery of the same paper by a more authoritative sender has other marks
    city.deliver("v5-B-weak", "vpr_pupil", pupils("B", [5] * 30), authority=0)
    for name, counts in AUTUMN.items():
        rows = pupils(name, marks(counts), cal_year=2020, season="autumn", grade=4)
        city.deliver(f"v4-{name}", "vpr_pupil", rows)
    # no scale exists for literature: points are known, marks are not
    city.deliver(
        "no-scale", "vpr_pupil", pupils("A", [None] * 12, scores=range(12), subject="LI", grade=5)
    )
    # the scale of mathematics is 7, 11, 15 of 20: two of each mark
    scores = [0, 6, 7, 10, 11, 14, 15, 20, 20, 20]
    city.deliver("scaled", "vpr_pupil", pupils("A", [None] * 10, scores=scores, subject="MA"))
    envelope = {
        "procedure": "VPR", "cal_year": 2021, "season": "spring", "school_year": "2020/21",
        "subject": "RU", "grade_label": 6, "programme_grade": 6,
    }  # fmt: skip
    city.deliver(
        "f3",
        "vpr_marks",
        [
            {**envelope, "unit_level": "school", "school_id": "B", "unit_name": "B", "n_part": 30,
             "pct_2": 6.67, "pct_3": 40.0, "pct_4": 33.33, "pct_5": 20.0},
            {**envelope, "unit_level": "school", "school_id": "C", "unit_name": "C", "n_part": 30,
             "pct_2": 10.0, "pct_3": 10.0, "pct_4": 10.0, "pct_5": 10.0},
            # 0 of 50 have mark 5, 19 of 50 marks 4 and 5
            {**envelope, "unit_level": "school", "school_id": "A", "unit_name": "A", "n_part": 50,
             "pct_2": 2.0, "pct_3": 60.0, "pct_4": 38.0, "pct_5": 0.0},
            {**envelope, "unit_level": "region", "unit_name": "край", "n_part": 50000,
             "pct_2": 15.0, "pct_3": 40.0, "pct_4": 35.0, "pct_5": 10.0},
        ],
    )  # fmt: skip
    for name, points in EGE.items():
        rows = [exam(name, f"{name}{i}", "RU", score) for i, score in enumerate(points)]
        city.deliver(f"ege-{name}", "ege_result", rows)
    low = {"A": (7, 13, 0, 0), "D": (28, 12, 0, 0)}
    for name, counts in low.items():
        city.deliver(f"geo-{name}", "vpr_pupil", pupils(name, marks(counts), subject="GG"))
    city.deliver("two-pupils", "vpr_pupil", pupils("B", [2, 3], subject="IS"))
    city.deliver("seven-pupils", "vpr_pupil", pupils("C", [2, 3, 3, 4, 4, 5, 5], subject="IS"))
    listed = [
        {"school_id": "D", "list_year": 2021, "m_5ru": 1, "n_markers": 1},
        {"school_id": "A", "list_year": 2020, "m_4ma": 1, "n_markers": 1},
    ]
    for row in listed:
        city.deliver(f"bias-{row['list_year']}", "bias_list", [row])
    with city.connection() as con:
        con.execute(
            "insert into meta.table_state values"
            " ('oge_result', 'held', 0, 0, null, timestamp '2021-08-01', 'run'),"
            " ('vpr_pupil', 'ok', 0, 0, null, null, 'run')"
        )
    city.run_dbt("seed")
    with city.connection() as con:
        # the customer types the means of the krai; none is known to the product
        con.execute(
            "insert into seeds.reference_value (measure, procedure, cal_year, subject, level,"
            " breakdown, territory, value, confidence)"
            " values ('ege_mean', 'EGE', 2021, 'RU', 'none', 'all', 'krai', 50, 'secondary')"
        )
    city.run_dbt("run")
    city.run_dbt("test", "--exclude-resource-type", "unit_test")
    return city


def test_unit_tests_of_the_models(city: City) -> None:
    """The cases worked out by hand beside the models."""
    city.run_dbt("test", "--select", "resource_type:unit_test")


def figures(city: City, measure: str, **where: Any) -> list[dict[str, Any]]:
    conditions = "".join(f" and {name} is not distinct from ?" for name in where)
    return city.query(
        f"select * from marts.indicator_value where measure_code = ?{conditions}",
        [measure, *where.values()],
    )


def figure(city: City, measure: str, **where: Any) -> dict[str, Any]:
    found = figures(city, measure, **where)
    assert len(found) == 1, (measure, where, len(found))
    return found[0]


RU5 = {"subject": "RU", "grade": 5, "season": "spring"}
TOTAL = {"subject": None, "grade": None, "season": None}


@pytest.mark.parametrize("name", SPRING)
@pytest.mark.parametrize(
    ("measure", "counted"), [("D1.03a", (1, 2, 3)), ("D1.07a", (3,)), ("D1.07b", (2, 3))]
)
def test_shares_of_a_school_have_wilson_intervals(city, name, measure, counted):
    counts = SPRING[name]
    x, n = sum(counts[place] for place in counted), sum(counts)
    low, high = proportion_confint(x, n, method="wilson")
    row = figure(city, measure, level="school", school_id=name, **RU5)
    assert (row["numerator"], row["denominator"], row["n"], row["status"]) == (x, n, n, "ok")
    assert row["value"] == pytest.approx(100 * x / n)
    assert row["ci_low"] == pytest.approx(100 * low, abs=1e-9)
    assert row["ci_high"] == pytest.approx(100 * high, abs=1e-9)
    assert row["low_confidence"] == (n < 20)


def jackknife(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Pooled share and its delete-one interval, in percent."""
    x, n = (sum(values) for values in zip(*pairs, strict=True))
    without = [(x - a) / (n - b) for a, b in pairs]
    k = len(pairs)
    middle = sum(without) / k
    error = math.sqrt((k - 1) / k * sum((value - middle) ** 2 for value in without))
    reach = stats.t.ppf(0.975, k - 1) * error
    return 100 * x / n, max(0, 100 * (x / n - reach)), min(100, 100 * (x / n + reach))


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"level": "register"}, "ABCD"),
        ({"level": "municipality", "municipality_id": "gk"}, "ABC"),
    ],
)
def test_pooled_share_has_a_clustered_interval_and_a_median(city, where, names):
    pairs = [(sum(SPRING[name][1:]), sum(SPRING[name])) for name in names]
    value, low, high = jackknife(pairs)
    row = figure(city, "D1.03a", **where, **RU5)
    assert row["value"] == pytest.approx(value)
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low), pytest.approx(high))
    shares = sorted(100 * x / n for x, n in pairs)
    middle = len(shares) // 2
    median = shares[middle] if len(shares) % 2 else (shares[middle - 1] + shares[middle]) / 2
    assert row["school_median"] == pytest.approx(median)
    assert row["n"] == sum(n for _, n in pairs)


def test_one_school_gives_no_clustered_interval(city):
    row = figure(city, "D1.03a", level="municipality", municipality_id="other", **RU5)
    assert row["value"] == pytest.approx(75)
    assert row["ci_low"] is None
    assert row["ci_high"] is None


def test_of_two_deliveries_of_a_paper_the_more_authoritative_counts(city):
    row = figure(city, "D1.03a", level="school", school_id="B", **RU5)
    assert row["n"] == 12
    assert row["delivery_ids"] == ["v5-B"]


def test_without_a_scale_no_mark_is_invented(city):
    row = figure(city, "D1.03a", level="school", school_id="A", subject="LI")
    assert (row["value"], row["status"], row["status_reason"]) == (None, "no_data", "нет шкалы")
    assert figure(city, "D1.13a", level="school", school_id="A", subject="LI")["value"] == 100
    paper = city.query("select * from intermediate.int_vpr_school_paper where subject = 'LI'")[0]
    assert paper["mean_score"] == pytest.approx(5.5)
    assert paper["n2"] is None


def test_marks_by_an_unconfirmed_scale_say_so(city):
    row = figure(
        city, "D1.03a", level="school", school_id="A", subject="MA", grade=5, season="spring"
    )
    assert (row["numerator"], row["n"]) == (8, 10)
    assert row["norm_unconfirmed"]
    assert not figure(city, "D1.03a", level="school", school_id="A", **RU5)["norm_unconfirmed"]


def test_a_report_gives_counts_only_if_they_sum_up(city):
    where = {"subject": "RU", "grade": 6, "level": "school", "season": "spring"}
    row = figure(city, "D1.03a", school_id="B", **where)
    assert (row["numerator"], row["denominator"]) == (28, 30)
    assert row["krai_value"] == 85
    assert row["delivery_ids"] == ["f3"]
    assert figure(city, "D1.03a", school_id="C", **where)["status"] == "no_data"


def test_participation_counts_the_absent(city):
    row = figure(city, "D1.13a", level="school", school_id="D", **RU5)
    assert (row["numerator"], row["denominator"]) == (40, 45)
    assert row["zone"] == "green"
    # the norm is only proposed
    assert figure(city, "D1.13a", level="school", school_id="A", **RU5)["zone"] == "yellow"


def test_zone_by_a_norm_asks_whether_the_interval_lies_on_the_bad_side(city):
    zones = {
        name: figure(city, "D1.03a", level="school", school_id=name, **where)["zone"]
        for name, where in {
            "C": RU5,  # 30 of 30
            "A": {**RU5, "subject": "GG"},  # 13 of 20: below 70 %, the interval reaches beyond
            "D": {**RU5, "subject": "GG"},  # 12 of 40: wholly below
        }.items()
    }
    assert zones == {"C": "green", "A": "yellow", "D": "red"}


def test_zone_by_the_mean_of_the_krai_asks_for_the_gap_too(city):
    where = {"subject": "RU", "grade": 6, "season": "spring", "level": "school"}
    # the krai has 10 % of mark 5 and 45 % of marks 4 and 5
    assert figure(city, "D1.07a", school_id="A", **where)["zone"] == "red"
    assert figure(city, "D1.07b", school_id="A", **where)["zone"] == "yellow"
    assert figure(city, "D1.07a", school_id="B", **where)["zone"] == "green"


def test_cohort_difference_has_newcombe_limits(city):
    row = figure(city, "D1.10b", level="school", school_id="A", subject="RU", season="spring")
    after, before = (4, 20), (1, 20)
    low, high = confint_proportions_2indep(*after, *before, method="newcomb")
    assert row["value"] == pytest.approx(15)
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(100 * low), pytest.approx(100 * high))
    whole = figure(city, "D1.10b", level="register", subject="RU", season="spring")
    assert whole["value"] == pytest.approx(100 * (4 / 50 - 1 / 50))


def test_thresholds_are_kept_apart(city):
    where = {"level": "school", "school_id": "A", "subject": "RU"}
    certificate = figure(city, "D1.03c", breakdown="certificate", **where)
    entry = figure(city, "D1.03c", breakdown="entry_rosobrnadzor", **where)
    assert (certificate["numerator"], entry["numerator"]) == (11, 9)
    assert figure(city, "D1.07d", **where)["numerator"] == 4
    assert certificate["comparability"] == "population"


def test_a_school_without_the_grade_is_not_asked_for_it(city):
    for measure, breakdown in (("D1.07d", "all"), ("D1.03c", "certificate")):
        row = figure(city, measure, level="school", school_id="B", breakdown=breakdown, **TOTAL)
        assert (row["status"], row["value"]) == ("not_applicable", None)
    row = figure(city, "D1.07d", level="school", school_id="C", **TOTAL)
    assert (row["status"], row["status_reason"]) == ("no_data", "форма не сдана")


def test_a_procedure_that_was_not_held_is_not_missing(city):
    row = figure(
        city, "D1.03c", level="school", school_id="C", subject="MA_base", breakdown="certificate"
    )
    assert (row["status"], row["status_reason"]) == ("not_applicable", "процедура не проводилась")


def test_closed_schools_and_empty_municipalities(city):
    assert not city.query("select 1 from marts.indicator_value where school_id = 'closed'")
    row = figure(city, "D1.03a", level="municipality", municipality_id="third", **TOTAL)
    assert (row["status"], row["n"]) == ("no_data", None)


def test_comparability_names_every_break(city):
    autumn = figure(
        city, "D1.03a", level="school", school_id="A", **{**RU5, "season": "autumn", "grade": 4}
    )
    assert autumn["comparability"] == "programme_shift, season"
    listed = figure(city, "D1.03a", level="school", school_id="D", **RU5)
    assert listed["comparability"] == "biased"
    assert (
        figure(city, "D1.03a", level="school", school_id="B", **RU5)["comparability"]
        == "comparable"
    )


def test_official_list_of_a_year_is_a_share_of_the_schools_that_wrote(city):
    # in 2020 A and C wrote Russian on programme 4, A is in the list; in 2021 nobody wrote it
    shares = figures(city, "D5.01a", level="register", **TOTAL)
    given = [row for row in shares if row["status"] != "no_data"]
    assert [(row["school_year"], row["numerator"], row["denominator"]) for row in given] == [
        ("2019/20", 1, 2)
    ]
    assert {row["status_reason"] for row in shares} == {None, "нет списка"}
    assert given[0]["delivery_ids"] == ["bias-2020", "v4-A", "v4-C"]
    ever = {
        (row["school_id"], row["school_year"]): row["value"]
        for row in figures(city, "D5.01b", level="school")
    }
    assert ever["A", "2020/21"] == 1
    assert ever["D", "2019/20"] == 0
    assert ever["D", "2020/21"] == 1
    assert figure(city, "D5.01b", level="register", school_year="2020/21")["numerator"] == 2


def test_stale_tables_mark_their_own_measures(city):
    stale = {
        row["measure_code"]
        for row in city.query(
            "select distinct measure_code from marts.indicator_value where stale_since is not null"
        )
    }
    assert "D1.03b" in stale
    assert not stale & {"D1.03a", "D1.03c", "D1.13a", "D5.01b"}


def test_few_pupils(city):
    where = {"subject": "IS", "grade": 5, "season": "spring"}
    hidden = figure(city, "D1.03a", level="school", school_id="B", **where)
    assert (hidden["n"], hidden["status"]) == (2, "insufficient_n")
    assert {hidden[name] for name in ("value", "numerator", "ci_low", "ci_high")} == {None}
    marked = figure(city, "D1.03a", level="school", school_id="C", **where)
    assert (marked["n"], marked["status"]) == (7, "insufficient_n")
    assert marked["value"] == pytest.approx(600 / 7)
    assert marked["zone"] == "grey"
    assert figure(city, "D1.03a", level="register", **where)["n"] == 9


def test_mean_relative_to_the_krai_has_a_student_interval(city):
    row = figure(city, "D2.01c", level="school", school_id="A", subject="RU")
    points = [value / 50 for value in EGE["A"]]
    mean, error = sum(points) / len(points), stats.sem(points)
    low, high = stats.t.interval(0.95, len(points) - 1, loc=mean, scale=error)
    assert row["value"] == pytest.approx(mean)
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low), pytest.approx(high))
    assert row["krai_value"] == 1
    year = {"school_year": "2020/21", **TOTAL}
    total = figure(city, "D2.01c", level="school", school_id="A", **year)
    assert (total["value"], total["ci_low"]) == (pytest.approx(mean), pytest.approx(low))
    everyone = [value / 50 for name in EGE for value in EGE[name]]
    whole = figure(city, "D2.01c", level="register", subject="RU")
    assert whole["value"] == pytest.approx(sum(everyone) / len(everyone))


def test_totals_pool_all_papers_of_the_year(city):
    row = figure(city, "D1.13a", level="school", school_id="A", **TOTAL)
    assert (row["numerator"], row["denominator"]) == (
        20 + 20 + 12 + 10 + 20,
        25 + 20 + 12 + 10 + 20,
    )
    assert row["cal_year"] is None
    wide = city.query(
        "select * from marts.mart_d1_training_quality where school_id = 'A' and school_year = '2020/21'"
    )
    assert len(wide) == 1
    assert wide[0]["vpr_participation_share"] == pytest.approx(100 * 82 / 87)
    assert wide[0]["vpr_participation_share_n"] == 87


def test_counts_reconcile_with_the_source(city):
    listed = city.query("select count(*) as n from raw.vpr_pupil where delivery_id <> 'v5-B-weak'")
    parts = city.query(
        "select sum(n) as n from marts.indicator_value where measure_code = 'D1.13a'"
        " and level = 'school' and subject is not null and status <> 'no_data'"
    )
    assert parts == listed
    whole = figure(city, "D1.13a", level="register", **TOTAL)
    assert whole["n"] == listed[0]["n"]


def test_a_listed_delivery_changes_the_figure_and_another_does_not(city, tmp_path):
    where = {"level": "municipality", "municipality_id": "gk", **RU5}
    before = figure(city, "D1.03a", **where)
    assert before["delivery_ids"] == ["v5-A", "v5-B", "v5-C"]
    shutil.copy(city.path, tmp_path / city.path.name)
    (tmp_path / "tmp").mkdir()
    copy = City(tmp_path / city.path.name)
    for unlisted in ("v5-D", "v5-B-weak", "f3", "ege-A"):
        copy.withdraw(unlisted)
    copy.run_dbt("run", "--exclude", "path:models/marts/analysis")
    assert figure(copy, "D1.03a", **where) == before
    copy.withdraw("v5-B")
    copy.run_dbt(
        "run", "--select", "int_vpr_pupil_paper+", "--exclude", "path:models/marts/analysis"
    )
    after = figure(copy, "D1.03a", **where)
    assert (after["n"], after["delivery_ids"]) == (50, ["v5-A", "v5-C"])
