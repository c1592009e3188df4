"""The gate: a clean city passes, warnings pass and are recorded, results are plain and safe."""

from __future__ import annotations

import pytest

from expectations import gate, places, reference
from expectations.gate import RowKey, check_rows, check_tables
from expectations.suites import HAND_WRITTEN, rules_of
from ingestion.contracts import load_contracts
from tests.unit.expectations.planted import rows
from tests.unit.expectations.small_city import build_city, delivery_of, fill, open_city
from warehouse.database import open_database
from warehouse.settings import SEEDS

TABLES = tuple(load_contracts())


def _failed(verdict):
    return {item.name for item in verdict.failures}


def _check(city, judge, table):
    return check_tables(city.settings, city.con, [table], judge)[table]


def test_a_clean_city_passes_without_a_warning(city, judge):
    verdicts = check_tables(city.settings, city.con, TABLES, judge)
    assert {name: _failed(verdict) for name, verdict in verdicts.items()} == {
        name: set() for name in TABLES
    }
    assert all(verdict.passed for verdict in verdicts.values())


def test_the_real_seeds_load(city, monkeypatch):
    monkeypatch.setattr(reference, "SEEDS", SEEDS)
    assert {"RU", "MA"} <= set(reference.load_reference(city.con))
    assert city.con.execute(
        "select count(*) from ref_calendar where procedure = 'OGE' and cal_year = 2020 "
        "and not held and confirmed"
    ).fetchone() == (1,)


def test_no_tables_need_no_child(city):
    assert check_tables(city.settings, city.con, []) == {}


def test_one_failed_table_leaves_the_others_passing(city, judge):
    city.spoil("vpr_marks", pct_5="50")
    verdicts = check_tables(city.settings, city.con, TABLES, judge)
    assert [name for name, verdict in verdicts.items() if not verdict.passed] == ["vpr_marks"]


def test_a_failure_names_its_rows_and_no_value(city, judge):
    city.spoil("ege_result", participant_pid="'Канарейка Анна'")
    result = _check(city, judge, "ege_result").failures[0]
    assert result.name == "pattern_participant_pid"
    assert (result.n_checked, result.n_failed) == (4, 1)
    assert [(row.sheet, row.row_no) for row in result.rows] == [("Лист1", 9999)]
    assert "9999" in result.detail
    assert "Канарейка" not in repr(result)


def test_counts_are_of_rows_not_of_distinct_values(city, judge):
    for _ in range(3):
        city.spoil("vpr_pupil", journal_mark="7")
    results = _check(city, judge, "vpr_pupil").results
    result = next(item for item in results if item.name == "range_journal_mark")
    assert (result.n_checked, result.n_failed) == (7, 3)


def test_row_keys_are_limited(city, judge, monkeypatch):
    monkeypatch.setattr(places, "MAX_ROW_KEYS", 2)
    city.con.execute("update incoming.vpr_pupil set journal_mark = 7")
    result = next(
        item
        for item in _check(city, judge, "vpr_pupil").results
        if item.name == "range_journal_mark"
    )
    assert result.n_failed == 4
    assert len(result.rows) == 2


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batches_give_the_same_verdict(city, judge, monkeypatch, size):
    city.spoil("vpr_pupil", pupil_code="'x'", subject="'ZZ'")
    whole = _check(city, judge, "vpr_pupil")
    monkeypatch.setattr(gate, "_BATCH_VALUES", size)
    assert _check(city, judge, "vpr_pupil") == whole


def test_an_unconfirmed_scale_only_warns(city, judge):
    city.spoil("vpr_pupil", subject="'MA'", primary_score="21", mark="2")
    verdict = _check(city, judge, "vpr_pupil")
    assert verdict.passed
    assert {
        "primary_within_maximum_unconfirmed",
        "mark_follows_scale_unconfirmed",
    } <= _failed(verdict)


def test_an_unconfirmed_calendar_only_warns(city, judge):
    city.spoil("vpr_marks", cal_year="2019", school_year="'2018/19'")
    verdict = _check(city, judge, "vpr_marks")
    assert verdict.passed
    assert _failed(verdict) == {"held_by_calendar_unconfirmed"}


def test_autumn_works_follow_the_programme_of_the_year_before(city, judge):
    autumn = {
        "cal_year": "2022", "season": "'autumn'", "school_year": "'2022/23'",
        "grade_label": "6", "programme_grade": "5",
    }  # fmt: skip
    city.spoil("vpr_marks", **autumn)
    assert _check(city, judge, "vpr_marks").passed
    city.spoil("vpr_marks", **{**autumn, "programme_grade": "6", "unit_name": "'x'"})
    assert _failed(_check(city, judge, "vpr_marks")) == {"programme_grade_fits"}


WARNINGS = {
    ("vpr_pupil", "school_found_by_name"): {"school_match": "'name'"},
    ("vpr_pupil", "present_has_score"): {"primary_score": "null", "mark": "null"},
    ("vpr_pupil", "total_is_sum_of_tasks"): {"scores": "[2, 2]"},
    ("vpr_pupil", "journal_mark_known"): {"journal_mark": "null"},
    ("vpr_pupil", "unique_across_deliveries"): {"delivery_id": "'d000000000000003'"},
    ("vpr_pupil", "report_agrees_with_pupils"): {"pupil_code": "'50009'"},
    ("vpr_marks", "report_agrees_with_pupils"): {"n_part": "6"},
    ("vpr_marks", "participants_within_listed"): {"n_part": "6"},
    ("vpr_score_distribution", "percents_are_pupils"): {"pct": "10", "row_no": "9"},
    ("vpr_journal", "compared_within_participants"): {
        "n_compared": "6", "n_lowered": "2", "n_confirmed": "2", "n_raised": "2",
    },
    ("oge_result", "mark_follows_scale"): {"mark": "5"},
    ("exam_change", "change_has_result"): {"cal_year": "2020"},
    ("bias_list", "listed_school_took_part"): {"school_id": "'B'"},
    ("shnor_official", "document_not_in_future"): {"document_date": "date '2999-01-01'"},
    ("shnor_decision", "document_not_in_future"): {"document_date": "date '2999-01-01'"},
    ("school", "unique_inn"): {"school_id": "'C'", "fis_login": "null", "rcoi_code": "null"},
    ("school", "unique_ogrn"): {"school_id": "'C'", "fis_login": "null", "rcoi_code": "null"},
    ("school", "opened_before_closed"): {"closed_on": "date '1970-01-01'"},
    ("school", "known_successor"): {"successor_school_id": "'X'"},
}  # fmt: skip


@pytest.mark.parametrize(("table", "name"), WARNINGS)
def test_a_warning_is_recorded(city, judge, table, name):
    city.spoil(table, **WARNINGS[table, name])
    read_too = {"vpr_pupil", "vpr_marks", "ege_result", "oge_result"}
    verdict = check_tables(city.settings, city.con, [*({table} | read_too)], judge)[table]
    result = next(item for item in verdict.results if item.name == name)
    assert (result.success, result.severity) == (False, "warning")


def test_rows_that_a_report_declares_and_does_not_hold_are_a_warning(city, judge):
    delivery = delivery_of("vpr_pupil")
    city.con.execute("insert into meta.declared_count values (?, 1, 2)", [delivery])
    verdict = check_tables(city.settings, city.con, ["vpr_pupil"], judge)["vpr_pupil"]
    (result,) = [item for item in verdict.results if item.name == "declared_participants"]
    assert (verdict.passed, result.success) == (True, False)
    assert f"поставка {delivery}, школ с расхождением: 2" in result.detail


def test_a_school_that_sent_nothing_lowers_the_coverage(city, judge):
    city.spoil("school", school_id="'C'", fis_login="null", rcoi_code="null", inn="null",
               ogrn="null")  # fmt: skip
    verdicts = check_tables(city.settings, city.con, ["school", "vpr_pupil"], judge)
    result = verdicts["vpr_pupil"].failures[0]
    assert result.name == "coverage_of_register"
    assert "ВПР 2021, программа 5 класса, RU" in result.detail


def test_volume_is_compared_with_the_last_year(city, judge):
    for n in range(9):
        city.spoil("vpr_pupil", pupil_code=f"'5100{n}'", cal_year="2022", school_year="'2021/22'")
        city.spoil("ege_result", participant_pid=f"repeat('{chr(97 + n)}', 26)", cal_year="2022",
                   school_year="'2021/22'", exam_date="date '2022-05-31'")  # fmt: skip
    before = "lpad(translate(cast(i as varchar), '0123456789', 'abcdefghij'), 26, 'y')"
    city.con.execute(rows("ege_result", "is_present", 60, participant_pid=before))
    verdicts = check_tables(city.settings, city.con, ["vpr_pupil", "ege_result"], judge)
    assert "volume_against_last_year" in _failed(verdicts["vpr_pupil"])
    assert "volume_against_last_year" in _failed(verdicts["ege_result"])


def test_a_value_that_sql_cannot_compute_with_holds_the_table(tmp_path, seeds, judge, monkeypatch):
    monkeypatch.setattr(reference, "SEEDS", seeds)
    settings = open_city(tmp_path)
    with open_database(settings) as con:
        city = build_city(con, settings)
        fill(city)
        con.execute("update incoming.vpr_journal set n_lowered = 2147483647")
        verdict = _check(city, judge, "vpr_journal")
    assert not verdict.passed
    sums = next(item for item in verdict.results if item.name == "marks_sum_to_participants")
    assert not sums.success
    assert sums.detail.startswith("Проверить не удалось")


def test_every_hand_written_rule_explains_itself():
    names = [(rule.table, rule.name) for rule in HAND_WRITTEN]
    assert len(names) == len(set(names))
    for rule in HAND_WRITTEN:
        assert all((rule.title, rule.protects, rule.when, rule.resolve)), rule.name


@pytest.mark.parametrize("table", TABLES)
def test_names_of_rules_are_unique_and_fit_for_an_asset_check(table):
    names = [rule.name for rule in rules_of(table, ("RU",))]
    assert len(names) == len(set(names))
    assert all(name.isascii() and name.isidentifier() for name in names)


def test_rows_for_people_begin_with_failures(city, judge):
    city.spoil("vpr_marks", pct_5="50")
    shown = check_rows(_check(city, judge, "vpr_marks"))
    assert [row["success"] for row in shown] == sorted(row["success"] for row in shown)
    assert shown[0]["severity"] == "critical"
    assert RowKey("a", "b", 1) != RowKey("a", "b", 2)
