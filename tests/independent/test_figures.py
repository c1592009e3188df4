"""The warehouse's figures against an implementation that shares no line with it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tests.dbt_fixture import City
from tests.independent.compare import disagreements, published
from tests.independent.figures import MEASURES, work_out
from tests.independent.model import Figure, Key, Source
from tests.independent.statistics import jackknife, newcombe, wilson

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(planted: City) -> dict[Key, Figure]:
    with planted.connection() as con:
        return published(con, MEASURES)


def test_every_figure_is_the_same(planted: City, shown: dict[Key, Figure]) -> None:
    with planted.connection() as con:
        ours = work_out(Source.read(con))
    assert disagreements(ours, shown)[:20] == []
    compared = Counter((key.measure, key.level) for key in shown)
    without = {"D2.01a": {"municipality", "register"}, "D2.01d": {"school"}, "D5.01a": {"school"}}
    for measure in MEASURES:
        for level in {"school", "municipality", "register"} - without.get(measure, set()):
            assert compared[measure, level], (measure, level)


def tiny(shown: dict[Key, Figure], measure: str, subject: str, breakdown: str = "all") -> Figure:
    (found,) = [
        figure
        for key, figure in shown.items()
        if (key.measure, key.unit, key.subject, key.breakdown)
        == (measure, "tiny", subject, breakdown)
    ]
    return found


@pytest.mark.parametrize(
    "case",
    [
        ("D1.03a", "LI", None, 12, "no_data"),
        ("D1.03a", "OM", None, 2, "insufficient_n"),
        ("D1.03a", "IS", 12, 15, "ok"),
        ("D1.07a", "IS", 3, 15, "ok"),
        ("D1.07b", "IS", 7, 15, "ok"),
        ("D1.13a", "BI", 0, 7, "ok"),
        ("D1.03a", "GG", 8, 12, "ok"),
        ("D1.03a", "FI", 18, 20, "ok"),
        ("D1.03a", "HI", 0, 11, "ok"),
        ("D1.07d", "RU", 2, 6, "insufficient_n"),
    ],
)
def test_cases_by_hand(
    shown: dict[Key, Figure], case: tuple[str, str, int | None, int, str]
) -> None:
    measure, subject, hits, n, status = case
    figure = tiny(shown, measure, subject)
    assert (figure.numerator, figure.n, figure.status) == (hits, n, status)
    if hits is not None:
        assert figure.value == pytest.approx(100 * hits / n)


def test_threshold_after_an_appeal_and_a_reserve_day(shown: dict[Key, Figure]) -> None:
    # p1 70 on the reserve day, p2 81, p3 100, p4 80, p6 24 after the appeal; p5 23 fails
    figure = tiny(shown, "D1.03c", "RU", "certificate")
    assert (figure.numerator, figure.n) == (5, 6)


def test_three_best_of_four(shown: dict[Key, Figure]) -> None:
    # p1: 80 + 70 + 70 = 220; one person, so that n alone is shown
    (figure,) = [
        f for k, f in shown.items() if (k.measure, k.unit, k.season) == ("D1.07e", "tiny", "main")
    ]
    assert (figure.n, figure.value, figure.status) == (1, None, "insufficient_n")


def test_base_mathematics_only_where_it_was_held(shown: dict[Key, Figure]) -> None:
    years = {k.cal_year for k in shown if k.measure == "D1.03c" and k.subject == "MA_base"}
    assert years == {2022}


def test_low_confidence_and_breaks_of_comparison(planted: City) -> None:
    rows = planted.query(
        "select distinct n between 10 and 19 as few, low_confidence from marts.indicator_value"
        " where measure_code = 'D1.03a' and level = 'school' and status = 'ok'"
    )
    assert sorted((row["few"], row["low_confidence"]) for row in rows) == [
        (False, False),
        (True, True),
    ]
    autumn = planted.query(
        "select distinct comparability from marts.indicator_value where measure_code = 'D1.03a'"
        " and season = 'autumn' and cal_year = 2020 and level = 'register' and status = 'ok'"
    )
    assert [row["comparability"] for row in autumn] == ["programme_shift, season"]


def test_special_and_evening_schools_are_not_in_the_rule(shown: dict[Key, Figure]) -> None:
    outside = {k.measure for k in shown if k.unit in ("special", "evening")}
    assert {"D1.03a", "D1.03b", "D2.01b"} <= outside
    assert not {"D2.01a", "D2.01e"} & outside


def test_a_flag_passes_through_a_chain_of_mergers(shown: dict[Key, Figure]) -> None:
    def figure(measure: str, name: str) -> float | None:
        (found,) = [
            f
            for k, f in shown.items()
            if (k.measure, k.unit, k.school_year) == (measure, name, "2021/22")
        ]
        return found.value

    assert (figure("D5.01b", "s01"), figure("D5.01c", "s01")) == (1, 0)
    assert (figure("D5.01b", "s02"), figure("D5.01c", "s02")) == (1, 2)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 12), (19, 20), (250, 1000)])
def test_wilson(hits: int, n: int) -> None:
    assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"))


@pytest.mark.parametrize(("later", "earlier"), [((5, 20), (1, 25)), ((0, 12), (4, 30))])
def test_newcombe(later: tuple[int, int], earlier: tuple[int, int]) -> None:
    library = confint_proportions_2indep(*later, *earlier, method="newcomb", compare="diff")
    assert newcombe(later, earlier) == pytest.approx(library)


def test_jackknife_of_a_mean_is_students_interval() -> None:
    values = [61.0, 70.5, 55.0, 80.0, 66.5]
    library = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert jackknife(values, lambda some: sum(some) / len(some)) == pytest.approx(library)


def test_jackknife_of_a_pooled_ratio_by_hand() -> None:
    # without each school: 5/30, 11/40, 12/50; with all 14/60; deviations from 0.2271
    schools = [(9, 30), (3, 20), (2, 10)]
    without = np.array([5 / 30, 11 / 40, 12 / 50])
    error = np.sqrt(2 / 3 * ((without - without.mean()) ** 2).sum())
    half = stats.t.ppf(0.975, 2) * error
    got = jackknife(schools, lambda some: sum(x for x, _ in some) / sum(n for _, n in some))
    assert got == pytest.approx((14 / 60 - half, 14 / 60 + half))
