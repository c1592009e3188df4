"""The rule of приказ № 41 about low-result schools: ten hand-made schools and its edge cases.

Belongs here: expected states that were worked out by hand. Not here: measures of other directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.dbt_fixture import City, Row, exam, pupils, school

pytestmark = pytest.mark.slow

TEN_SCHOOLS = {
    "A": "shnor_candidate",  # two clear worsenings
    "B": "risk_zone",  # no ЕГЭ, one worsening
    "C": "insufficient_data",  # six pupils
    "D": "objectivity_review",  # honest after a year in the official list
    "E": "shnor_candidate",  # 40 % of «2» in both years
    "F": "insufficient_data",  # wrote in 2019 only
    "G": "no_signs",
    "H": "shnor_candidate",  # ЕГЭ alone fell
    "I": "watch",  # a rise that 12 pupils cannot prove
    "J": "shnor_candidate",  # 2020 only, and bad
}
KRAI_MEANS = {("RU", "none"): {2019: 71.0, 2020: 73.0}, ("MA", "profile"): {2019: 56.0, 2020: 54.0}}

Pair = tuple[int, int] | None  # participants, of them with mark 2
Deliveries = dict[str, list[Row]]


def paper(
    rows_of: Deliveries, school_id: str, subject: str, grade: int, pairs: tuple[Pair, Pair]
) -> None:
    """ВПР of spring 2019 and of autumn 2020 on the programme of one grade."""
    for pair, cal_year, season in zip(pairs, (2019, 2020), ("spring", "autumn"), strict=True):
        if pair is None:
            continue
        n_part, n_fail = pair
        marks = [2] * n_fail + [4] * (n_part - n_fail)
        rows = pupils(
            school_id, marks, cal_year=cal_year, season=season, grade=grade, subject=subject
        )
        rows_of.setdefault(f"vpr-{cal_year}", []).extend(rows)


def all_papers(rows_of: Deliveries, school_id: str, before: Pair, after: Pair) -> None:
    for subject in ("RU", "MA"):
        for grade in (5, 6):
            paper(rows_of, school_id, subject, grade, (before, after))


def spread(n: int, mean: int, deviation: int) -> list[int]:
    """An even number of scores with that mean and about that standard deviation."""
    return [mean - deviation, mean + deviation] * (n // 2)


def ege(
    rows_of: Deliveries, school_id: str, subject: str, level: str, years: dict[int, Sequence[int]]
) -> None:
    for cal_year, scores in years.items():
        rows = [
            exam(
                school_id,
                f"{school_id}{subject}{cal_year}-{number}",
                subject,
                score,
                cal_year=cal_year,
                level=level,
            )
            for number, score in enumerate(scores)
        ]
        rows_of.setdefault(f"ege-{cal_year}", []).extend(rows)


def ten_schools(rows_of: Deliveries) -> None:
    paper(rows_of, "A", "RU", 5, ((50, 5), (50, 20)))
    paper(rows_of, "A", "MA", 5, ((50, 5), (50, 18)))
    paper(rows_of, "A", "RU", 6, ((50, 5), (50, 6)))
    paper(rows_of, "A", "MA", 6, ((50, 5), (50, 5)))
    paper(rows_of, "B", "RU", 5, ((60, 6), (60, 20)))
    for subject, grade in (("MA", 5), ("RU", 6), ("MA", 6)):
        paper(rows_of, "B", subject, grade, ((60, 6), (60, 7)))
    all_papers(rows_of, "C", (6, 1), (6, 4))
    all_papers(rows_of, "D", (50, 1), (50, 12))
    all_papers(rows_of, "E", (50, 20), (50, 20))
    all_papers(rows_of, "F", (50, 5), None)
    for quiet in ("G", "H"):
        all_papers(rows_of, quiet, (50, 4), (50, 4))
    ege(rows_of, "G", "RU", "none", {2019: spread(30, 72, 12), 2020: spread(20, 74, 12)})
    ege(rows_of, "H", "RU", "none", {2019: spread(60, 74, 10), 2020: spread(60, 68, 10)})
    ege(rows_of, "H", "MA", "profile", {2019: spread(40, 57, 12), 2020: spread(40, 47, 12)})
    all_papers(rows_of, "I", (12, 1), (12, 3))
    all_papers(rows_of, "J", None, (40, 16))


def edge_cases(rows_of: Deliveries) -> None:
    """K evening; L took over D; M official and decided; N low and small; P with ЕГЭ, no krai mean."""
    all_papers(rows_of, "K", (50, 20), (50, 25))
    all_papers(rows_of, "L", (50, 4), (50, 4))
    all_papers(rows_of, "M", (50, 20), (50, 4))
    all_papers(rows_of, "N", (12, 4), (12, 6))
    all_papers(rows_of, "P", (50, 4), (50, 4))
    ege(rows_of, "P", "MA", "profile", {2021: spread(40, 30, 10)})
    for season, n_fail in (("spring", 0), ("autumn", 20)):
        rows = pupils("P", [2] * n_fail + [4] * 20, cal_year=2022, season=season, grade=5)
        rows_of[f"vpr-2022-{season}"] = rows


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("shnor"))
    register: list[Row] = [school(code) for code in [*TEN_SCHOOLS, "L", "M", "N", "P"]]
    register = [
        {**row, "successor_school_id": "L"} if row["school_id"] == "D" else row for row in register
    ]
    city.deliver("reg", "school", [*register, school("K", "evening")])
    rows_of: Deliveries = {}
    ten_schools(rows_of)
    edge_cases(rows_of)
    for delivery_id, rows in rows_of.items():
        city.deliver(delivery_id, "ege_result" if "ege" in delivery_id else "vpr_pupil", rows)
    city.deliver("bias", "bias_list", [{"list_year": 2019, "school_id": "D", "n_markers": 1}])
    city.deliver("list", "shnor_official", [_official("M"), _official("E")])
    city.deliver(
        "decided",
        "shnor_decision",
        [_decision("M", "watch", "2020-10-01", "1"), _decision("M", "include", "2020-12-01", "2")],
    )
    city.run_dbt("seed", "--select", "path:seeds")
    with city.connection() as con:
        for (subject, level), means in KRAI_MEANS.items():
            for year, mean in means.items():
                con.execute(
                    "insert into seeds.reference_value (measure, procedure, cal_year, subject, level,"
                    " breakdown, territory, value, source, confidence)"
                    " values ('ege_mean', 'EGE', ?, ?, ?, 'all', 'krai', ?, 'test', 'official_text')",
                    [year, subject, level, mean],
                )
    city.build("+msr_d2_shnor", "mart_shnor_component")
    return city


def _official(school_id: str) -> Row:
    return {
        "list_school_year": "2020/21",
        "school_id": school_id,
        "document_no": "7",
        "document_date": "2020-09-15",
    }


def _decision(school_id: str, decision: str, day: str, number: str) -> Row:
    return {
        "decision_school_year": "2020/21",
        "school_id": school_id,
        "decision": decision,
        "document_no": number,
        "document_date": day,
        "reason": "основание",
    }


def rules(city: City, school_id: str, y2: int = 2020) -> dict[str, dict[str, Any]]:
    rows = city.query(
        "select * from marts.mart_shnor where school_id = ? and y2 = ?", [school_id, y2]
    )
    return {row["rule_code"]: row for row in rows}


def component(city: City, school_id: str, code: str, y2: int = 2020) -> dict[str, Any]:
    [row] = city.query(
        "select * from marts.mart_shnor_component"
        " where school_id = ? and component_code = ? and y2 = ?",
        [school_id, code, y2],
    )
    return row


@pytest.mark.parametrize(("school_id", "status"), TEN_SCHOOLS.items())
def test_ten_schools_get_the_status_worked_out_by_hand(
    city: City, school_id: str, status: str
) -> None:
    row = rules(city, school_id)["seed_operational"]
    assert (row["status"], row["school_year"], row["y1"]) == (status, "2020/21", 2019)


def test_component_numbers_of_a_clear_worsening(city: City) -> None:
    row = component(city, "A", "V_RU5")
    assert (row["n1"], row["n2"], row["fail1"], row["fail2"]) == (50, 50, 5, 20)
    assert (row["p1"], row["p2"], row["delta_pp"]) == pytest.approx((10, 40, 30))
    assert (row["state"], row["low_level"], row["counted"]) == ("worse", True, 1)
    assert row["delivery_ids"] == ["vpr-2019", "vpr-2020"]


def test_ege_is_measured_against_the_krai(city: City) -> None:
    row = component(city, "H", "E_RU")
    assert (row["rel1"], row["rel2"]) == pytest.approx((74 / 71, 68 / 73))
    assert (row["state"], row["low_level"], row["selection_shift"]) == ("worse", False, True)
    maths = component(city, "H", "E_MA")
    assert (maths["state"], maths["low_level"]) == ("worse", True)


def test_without_a_krai_mean_the_ege_component_has_no_data(city: City) -> None:
    row = component(city, "P", "E_MA", 2021)
    assert (row["state"], row["low_level"], row["counted"]) == ("no_data", None, 0)
    assert row["state_reason"] == "нет среднего балла по краю"


def test_a_listed_first_year_is_not_compared_but_the_level_counts(city: City) -> None:
    row = component(city, "D", "V_MA6")
    assert (row["state"], row["low_level"], row["biased1"]) == ("not_comparable", False, True)


def test_school_of_one_year_has_a_level_only(city: City) -> None:
    assert component(city, "J", "V_RU5")["state"] == "level_only"
    assert component(city, "F", "V_RU5")["state"] == "no_data"


def test_small_grades_are_also_shown_together_without_counting(city: City) -> None:
    row = component(city, "C", "V_RU56")
    assert (row["pooled"], row["n1"], row["n2"], row["counted"]) == (True, 12, 12, 0)
    assert component(city, "C", "V_RU5")["state"] == "insufficient_n"
    assert not city.query(
        "select 1 from marts.mart_shnor_component where school_id = 'A' and pooled"
    )


def test_literal_rule_counts_signs_and_proposes_nobody(city: City) -> None:
    row = rules(city, "A")["seed_literal"]
    assert (row["score"], row["status"], row["is_proposed"]) == (3, "negative_signs", None)
    assert rules(city, "G")["seed_literal"]["score"] == 1  # ЕГЭ: 74/73 is below 72/71


def test_federal_rule_needs_two_papers_or_two_years(city: City) -> None:
    assert rules(city, "A")["federal_30pct"]["status"] == "shnor_candidate"
    assert rules(city, "B")["federal_30pct"]["status"] == "no_signs"  # one paper at 33 %
    assert rules(city, "C")["federal_30pct"]["status"] == "insufficient_data"


def test_evening_school_is_listed_apart(city: City) -> None:
    found = rules(city, "K")
    assert {
        found[code]["status"] for code in ("seed_literal", "seed_operational", "federal_30pct")
    } == {"excluded_kind"}
    assert found["seed_operational"]["is_proposed"] is None


def test_successor_inherits_the_official_mark(city: City) -> None:
    row = rules(city, "L")["seed_operational"]
    assert (row["status"], row["bias_ever"], row["bias_inherited"]) == (
        "objectivity_review",
        True,
        True,
    )
    assert rules(city, "D")["seed_operational"]["bias_inherited"] is False


def test_official_list_agreement_and_last_decision(city: City) -> None:
    found = rules(city, "M")
    row = found["seed_operational"]
    assert (row["is_official"], row["is_proposed"], row["agrees_with_official"]) == (
        True,
        False,
        False,
    )
    assert (row["decision"], row["decision_document_no"]) == ("include", "2")
    assert found["official_list"]["status"] == "listed"
    assert rules(city, "E")["seed_operational"]["agrees_with_official"] is True
    assert rules(city, "A")["official_list"]["status"] == "not_listed"
    assert rules(city, "P", 2021)["official_list"]["status"] == "no_list"


def test_candidate_on_small_numbers_needs_a_person(city: City) -> None:
    row = rules(city, "N")["seed_operational"]
    assert (row["status"], row["needs_review"]) == ("shnor_candidate", True)
    assert "12 участниками" in row["false_alarm_note"]
    assert rules(city, "E")["seed_operational"]["needs_review"] is False


def test_two_seasons_of_one_year_use_the_larger(city: City) -> None:
    row = component(city, "P", "V_RU5", 2022)
    assert (row["n2"], row["season2"], row["two_seasons"]) == (40, "autumn", True)


def test_measures_of_direction_two(city: City) -> None:
    rows = city.query("select * from intermediate.msr_d2_shnor where school_year = '2020/21'")
    by_key = {(row["measure_code"], row["school_id"], row["breakdown"]): row for row in rows}
    assert by_key["D2.01a", "A", "V_RU5"]["value_text"] == "worse"
    assert by_key["D2.01a", "D", "BIAS"]["value_text"] == "biased_ever"
    assert by_key["D2.01a", "D", "BIAS"]["n"] == 1
    assert by_key["D2.01b", "A", "V_RU5"]["value"] == pytest.approx(30)
    positive = {key[1]: row["numerator"] for key, row in by_key.items() if key[0] == "D2.01d"}
    assert positive == {"M": 1, "E": 0}
    assert by_key["D2.01e", "A", "all"]["value"] == 1
    assert ("D2.01e", "K", "all") not in by_key
