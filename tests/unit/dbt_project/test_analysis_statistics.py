"""Links, expectations and groups of schools against scipy and statsmodels.

Belongs here: marts of the analysis that reckon statistics, on tables made by hand in place of the
models that they read. Not here: tail probabilities by themselves (`test_distributions`).
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy import stats

from tests.dbt_fixture import City

pytestmark = pytest.mark.slow

YEARS = ("2018/19", "2019/20", "2020/21")
# 24 schools of one town, 12 of another, which has too few for Fisher's limits
TOWNS = {f"s{n:02d}": "big" if n < 24 else "small" for n in range(36)}
CHANCE = random.Random(5)
CONTEXT = {
    (school, year): {"index": CHANCE.gauss(0, 1), "pupils": CHANCE.randint(40, 900)}
    for school in TOWNS
    for year in YEARS
}
MARKS = {
    (school, year): (CHANCE.randint(40, 90), CHANCE.randint(0, 40))
    for school in TOWNS
    for year in YEARS
}
TYPES = {"cal_year": "integer", "programme_grade": "integer"} | dict.fromkeys(
    ("season", "subject"), "varchar"
)
GROUP = {school: "abc"[number % 3] for number, school in enumerate(TOWNS)}


def share(place: tuple[str, str]) -> float:
    marked, failed = MARKS[place]
    return 100 * (marked - failed) / marked


def rows_of() -> dict[str, list[dict[str, Any]]]:
    """Tables in place of models, with the columns that the marts read."""
    basis = {"has_unconfirmed": False, "delivery_ids": ["d"]}
    figures, context, index, own, papers, results = [], [], [], [], [], []
    for (school, year), known in CONTEXT.items():
        town = TOWNS[school]
        marked, failed = MARKS[school, year]
        place = {"school_id": school, "school_year": year}
        figures.append(
            {**place, "measure_code": "D1.03a", "breakdown": "all", "municipality_id": town}
            | {"level": "school", "season": None, "grade": None, "subject": None, "status": "ok"}
            | {"value": share((school, year)), "comparability": "comparable"}
        )
        conditions = dict.fromkeys(
            (
                *("class_size", "ovz_share", "non_native_share", "low_income_share"),
                *("parents_higher_share", "distance_km", "head_tenure_years"),
            )
        )
        context.append(
            {**place, **conditions, "n_pupils": known["pupils"], "context_index": known["index"]}
        )
        index.append({**place, **basis, "municipality_id": town, "context_index": known["index"]})
        own.append(
            {**place, "n_pupils": known["pupils"], "pupils_unconfirmed": False}
            | {"pupils_delivery_ids": ["d"]}
        )
        papers.append(
            {**place, **basis, "n3": marked - failed, "n4": 0, "n5": 0, "n_marked": marked}
            | {"marks_delivery_ids": ["d"]}
        )
        results.append(
            {**place, **basis, "municipality_id": town, "procedure": "VPR", "season": "spring"}
            | {"cal_year": int(year[:4]) + 1, "programme_grade": 4, "subject": "RU"}
            | {"exam_level": "none", "n_basic": marked - failed, "n_quality": None, "n_high": 0}
            | {"n_marked": marked, "sum_score": None, "n_scored": None, "sum_sq": None}
        )
    bridge = [
        {"school_id": school, "school_year": year, "municipality_id": town, "group_type": "g"}
        | {"group_value": GROUP[school], "group_name": "г", "delivery_ids": ["d"]}
        for school, town in TOWNS.items()
        for year in YEARS
    ]
    trend = [
        {"level": "none", "municipality_id": "-", "procedure": "-", "school_year": "-"}
        | {"cal_year": 0, "season": "-", "programme_grade": 0, "subject": "-", "exam_level": "-"}
        | {"krai_share_basic": 0.0, "krai_mean_score": 0.0}
    ]
    return {
        "marts.indicator_value": figures,
        "intermediate.int_school_context": context,
        "intermediate.int_context_index": index,
        "intermediate.int_school_year": own,
        "intermediate.int_vpr_school_paper": papers,
        "intermediate.int_school_result": results,
        "marts.bridge_school_group": bridge,
        "marts.mart_result_trend": trend,
    }


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("statistics"))
    city.run_dbt("seed", "--select", "link_variable", "parameters", "t_quantile")
    with city.connection() as con:
        for schema in ("intermediate", "marts"):
            con.execute(f"create schema if not exists {schema}")
        for name, rows in rows_of().items():
            con.register("whole", pa.table({key: [row[key] for row in rows] for key in rows[0]}))
            types = {key: "double" for key in rows[0] if all(row[key] is None for row in rows)}
            types |= {key: TYPES[key] for key in rows[0] if key in TYPES}
            typed = ", ".join(
                f"cast({key} as {types[key]}) as {key}" if key in types else key for key in rows[0]
            )
            con.execute(f"create table {name} as select {typed} from whole")
    names = ("mart_context_link", "mart_context_expected", "mart_school_group_result")
    city.run_dbt("run", "--select", *names)
    return city


def test_links_are_those_of_scipy(city):
    found = city.query("select * from marts.mart_context_link where span not like '%–%'")
    assert len(found) == 2 * len(YEARS) * 2 * 2  # towns, years, variables, methods
    for row in found:
        places = [(s, row["span"]) for s, town in TOWNS.items() if town == row["municipality_id"]]
        key = "pupils" if row["variable_code"] == "pupils" else "index"
        x, y = [CONTEXT[p][key] for p in places], [share(p) for p in places]
        spearman = row["method"] == "spearman"
        told = stats.spearmanr(x, y) if spearman else stats.pearsonr(x, y)
        assert row["n_schools"] == len(places)
        assert row["coef"] == pytest.approx(told.statistic)
        assert row["p_value"] == pytest.approx(told.pvalue)
        t = stats.t.ppf(0.975, len(places) - 2)
        assert row["r_critical"] == pytest.approx(t / np.sqrt(len(places) - 2 + t * t))
        if row["municipality_id"] == "small":
            assert row["ci_method"] == "bootstrap"
            assert row["ci_low"] < row["coef"] < row["ci_high"]
        elif not spearman:
            told_limits = told.confidence_interval()
            assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(told_limits))
        if not spearman:
            without = {
                p[0]: np.corrcoef(np.delete(x, i), np.delete(y, i))[0, 1]
                for i, p in enumerate(places)
            }
            most = max(without, key=lambda school: abs(without[school] - row["coef"]))
            assert row["influential_school_id"] == most
            assert row["coef_without_influential"] == pytest.approx(without[most])


def test_one_page_of_links_is_adjusted_together(city):
    found = city.query("select * from marts.mart_context_link")
    pages: dict[Any, list[dict[str, Any]]] = {}
    for row in found:
        pages.setdefault((row["municipality_id"], row["span"], row["method"]), []).append(row)
    for rows in pages.values():
        told = stats.false_discovery_control([row["p_value"] for row in rows])
        assert [row["p_adj"] for row in rows] == pytest.approx(list(told))


def test_bootstrap_limits_are_near_those_of_scipy(city):
    found = city.query(
        "select * from marts.mart_context_link where municipality_id = 'small'"
        " and method = 'pearson' and variable_code = 'pupils' and span = '2018/19'"
    )
    places = [(s, "2018/19") for s, town in TOWNS.items() if town == "small"]
    sample = ([CONTEXT[p]["pupils"] for p in places], [share(p) for p in places])
    told = stats.bootstrap(
        sample,
        lambda x, y: np.corrcoef(x, y)[0, 1],
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=2000,
        rng=1,
    ).confidence_interval
    assert (found[0]["ci_low"], found[0]["ci_high"]) == pytest.approx(tuple(told), abs=0.12)


def test_expectations_are_those_of_least_squares(city):
    for town, n_predictors in (("big", 2), ("small", 1)):
        rows = city.query(
            "select * from marts.mart_context_expected where measure_code = 'D1.03a'"
            " and span = '2020/21' and municipality_id = ? order by school_id",
            [town],
        )
        places = [(row["school_id"], "2020/21") for row in rows]
        known = [
            [CONTEXT[p]["index"], float(np.log(CONTEXT[p]["pupils"]))][:n_predictors]
            for p in places
        ]
        told = sm.OLS([share(p) for p in places], sm.add_constant(np.array(known))).fit()
        influence = told.get_influence()
        assert {row["n_predictors"] for row in rows} == {n_predictors}
        assert [row["residual"] for row in rows] == pytest.approx(list(told.resid))
        assert [row["leverage"] for row in rows] == pytest.approx(list(influence.hat_matrix_diag))
        assert [row["standardised_residual"] for row in rows] == pytest.approx(
            list(influence.resid_studentized_internal)
        )
        t = stats.t.ppf(0.975, told.df_resid)
        assert [row["is_distinct"] for row in rows] == [
            bool(abs(value) > t) for value in influence.resid_studentized_internal
        ]


def test_groups_are_held_against_the_rest(city):
    rows = city.query(
        "select * from marts.mart_school_group_result where municipality_id = 'big'"
        " and outcome = 'basic' and cal_year = 2021"
    )
    schools = [s for s, town in TOWNS.items() if town == "big"]
    values = {s: share((s, "2020/21")) for s in schools}
    told = stats.kruskal(*([values[s] for s in schools if GROUP[s] == one] for one in "abc"))
    assert {row["group_value"] for row in rows} == set("abc")
    for row in rows:
        sides = [
            [s for s in schools if (GROUP[s] == row["group_value"]) == own] for own in (True, False)
        ]
        (p, variance, n), (q, rest_variance, m) = (ratio(side) for side in sides)
        assert row["value"] == pytest.approx(100 * p)
        assert row["gap_rest"] == pytest.approx(100 * (p - q))
        df = (variance + rest_variance) ** 2 / (variance**2 / (n - 1) + rest_variance**2 / (m - 1))
        half = stats.t.ppf(0.975, int(df)) * np.sqrt(variance + rest_variance)
        assert row["gap_rest_ci_low"] == pytest.approx(100 * (p - q - half))
        assert row["effect_size"] == pytest.approx(
            2 * np.arcsin(np.sqrt(p)) - 2 * np.arcsin(np.sqrt(q))
        )
        assert row["school_q1"] == pytest.approx(np.quantile([values[s] for s in sides[0]], 0.25))
        assert row["kruskal_p"] == pytest.approx(told.pvalue, abs=1e-7)


def ratio(schools: list[str]) -> tuple[float, float, int]:
    """A pooled share, its variance by schools, and their number."""
    d = np.array([MARKS[s, "2020/21"][0] for s in schools], dtype=float)
    x = d - np.array([MARKS[s, "2020/21"][1] for s in schools])
    p = x.sum() / d.sum()
    n = len(schools)
    return p, n / (n - 1) * ((x - p * d) ** 2).sum() / d.sum() ** 2, n


def test_small_groups_are_not_shown(city):
    (row,) = city.query(
        "select min(n_schools) as least, count(case when kruskal_p is not null then 1 end) as tests"
        " from marts.mart_school_group_result where municipality_id = 'small'"
    )
    assert row == {"least": 4, "tests": 0}
