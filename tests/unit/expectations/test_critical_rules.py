"""Each critical expectation of every suite stops a bad row that was put into `incoming` by SQL.

No reader runs here, so nothing but Great Expectations can stop the row. A critical rule without
a case fails the first test.
"""

from __future__ import annotations

import pytest

from expectations.gate import check_tables
from expectations.suite import required_columns
from expectations.suites import rules_of
from expectations.suites.forms import EVENTS, PARTS, PERIODS, WITHIN_YEAR
from ingestion.contracts import load_contracts
from tests.unit.expectations.planted import GROUPS

SUBJECTS = ("RU", "MA", "EN")
RULES = {
    (table, rule.name): rule
    for table in load_contracts()
    for rule in rules_of(table, SUBJECTS)
    if rule.severity == "critical"
}

# What to put into a copy of the first clean row, as SQL, by rule: of one table, else of any.
# `where` picks another clean row, `keys` says that the rule is about groups without own rows.
SPOILT: dict[str, dict[str, str]] = {
    "source_procedure": {"procedure": "'XXX'"},
    "source_season": {"season": "'winter'"},
    "source_subject": {"subject": "'ZZ'"},
    "school_year_fits": {"school_year": "'2015/16'"},
    "programme_grade_fits": {"programme_grade": "4"},
    "required_school_id": {"school_id": "null"},
    "known_school": {"school_id": "'NOWHERE'"},
    "vocabulary_school_match": {"school_match": "'guess'"},
    "known_delivery": {"delivery_id": "'d-unknown'"},
    "unique_key": {},
    "unique_across_deliveries": {"part_no": "2"},
    "range_min_scores": {"scores": "[-3, 1]"},
    "range_max_scores": {"scores": "[21, 1]"},
    "ege_result.held_by_calendar": {"subject": "'MA'", "level": "'base'"},
    "oge_result.held_by_calendar": {"cal_year": "2020", "school_year": "'2019/20'"},
    "vpr.held_by_calendar": {"cal_year": "2020", "school_year": "'2019/20'"},
    "present_has_result": {"is_present": "false"},
    "exam_date_in_year": {"exam_date": "exam_date + interval 1 year"},
    "level_fits_subject": {"level": "'profile'"},
    "base_has_mark": {"mark": "null", "test_score": "5", "where": "level = 'base'"},
    "ege_result.primary_within_maximum": {"primary_score": "59"},
    "oge_result.primary_within_maximum": {"primary_score": "34"},
    "primary_within_maximum": {"primary_score": "46"},
    "changed_mark_is_mark": {"score_after": "27"},
    "absent_has_no_score": {"is_present": "false"},
    "mark_follows_scale": {"mark": "5"},
    "scores_match_tasks": {"scores": "[1, 2, 2]"},
    "tasks_without_gaps": {"task_position": "4"},
    "vpr_marks.percents_sum_to_100": {"pct_5": "33.33"},
    "vpr_score_distribution.percents_sum_to_100": {},
    "percents_are_pupils": {"pct_2": "23.33", "pct_3": "43.33"},
    "marks_sum_to_participants": {"n_lowered": "2"},
    "percents_follow_counts": {"pct_lowered": "50"},
    "markers_counted": {"n_markers": "0"},
    "unique_fis_login": {"school_id": "'C'", "fis_login": "'sch230001'"},
    "unique_rcoi_code": {"school_id": "'C'"},
    "two_years_school_year": {"school_year": "'2021/23'"},
    "two_years_list_school_year": {"list_school_year": "'2021/23'"},
    "two_years_decision_school_year": {"decision_school_year": "'2021/23'"},
    "begun_school_year": {"school_year": "'2098/99'"},
    "begun_list_school_year": {"list_school_year": "'2098/99'"},
    "begun_decision_school_year": {"decision_school_year": "'2098/99'"},
    "begun_cal_year": {"cal_year": "2050"},
    "begun_form_year": {"form_year": "2050"},
    "begun_list_year": {"list_year": "2050"},
    "source_direction": {"direction_code": "'D0'"},
    "kdr_result.parts_make_whole": {"n2": "n2 + 1"},
    "pass_follows_points": {"passed": "false"},
    "destination_fits_grade": {"destination": "'university'"},
    "total_is_mean": {"total": "1"},
    "value_is_given": {"denominator": "null"},
    **{
        f"{table}.parts_within_whole": {pairs[0][0].split(" + ")[0]: f"{pairs[0][1]} + 1"}
        for table, pairs in PARTS.items()
    },
    **{
        f"{table}.period_in_order": {later: f"{earlier} - 1"}
        for table, (earlier, later) in PERIODS.items()
    },
    **{
        f"{table}.event_not_in_future": {columns[0]: "date '2999-01-01'"}
        for table, columns in EVENTS.items()
    },
    **{
        f"{table}.date_within_school_year": {column: f"{column} - interval 1 year"}
        for table, (column, _) in WITHIN_YEAR.items()
    },
}


def _cases():
    for (table, name), rule in RULES.items():
        kind, _, column = name.partition("_")
        family = "vpr" if table.startswith("vpr_") else table
        own = next(
            (SPOILT[key] for key in (f"{table}.{name}", f"{family}.{name}", name) if key in SPOILT),
            None,
        )
        if own is not None:
            yield pytest.param(table, name, own, id=f"{table}-{name}")
        elif name == "required_columns":
            for needed in required_columns(load_contracts()[table]):
                yield pytest.param(
                    table, name, {needed.name: "null"}, id=f"{table}-required-{needed.name}"
                )
        elif kind == "vocabulary":
            yield pytest.param(table, name, {column: "'нет такого'"}, id=f"{table}-{name}")
        elif kind == "pattern":
            for bad in ("'Иванов Иван'", "''", f"{column} || chr(10)"):
                yield pytest.param(table, name, {column: bad}, id=f"{table}-{name}-{bad}")
        elif kind == "range":
            bounds = dict(rule.expectation.arguments)
            if bounds["min_value"] is not None:
                low = f"{bounds['min_value']:g} - 1"
                yield pytest.param(table, name, {column: low}, id=f"{table}-{name}-below")
            if bounds["max_value"] is not None:
                high = f"{bounds['max_value']:g} + 1"
                yield pytest.param(table, name, {column: high}, id=f"{table}-{name}-above")
            if load_contracts()[table].column(column).type == "number":
                yield pytest.param(table, name, {column: "'nan'"}, id=f"{table}-{name}-nan")


CASES = list(_cases())
# Row numbers of bad rows.
# Rules about a whole table have tests of their own in test_register.py, those about groups in
# test_group_rules.py.
FIRST_ROW = 10_000
ELSEWHERE = {("school", "register_not_empty"), ("school", "register_keeps_schools"), *GROUPS}


def test_every_critical_rule_has_a_case():
    covered = {(case.values[0], case.values[1]) for case in CASES}
    assert set(RULES) - covered == ELSEWHERE & set(RULES)


@pytest.fixture(scope="module")
def verdicts(spoilt, judge):
    """For each table one verdict on all its bad rows, each with a row number of its own."""
    found = {}
    derived = {c.derived_from: c.table for c in load_contracts().values() if c.derived_from}
    for table in load_contracts():
        with spoilt() as city:
            for number, case in enumerate(CASES):
                if case.values[0] == table:
                    city.spoil(table, **{"row_no": str(FIRST_ROW + number), **case.values[2]})
            together = [table, derived[table]] if table in derived else [table]
            found[table] = check_tables(city.settings, city.con, together, judge)[table]
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_great_expectations_alone_stops_a_bad_row(verdicts, number):
    table, name, changes = CASES[number].values
    result = next(item for item in verdicts[table].results if item.name == name)
    assert (result.success, result.severity) == (False, "critical")
    assert not verdicts[table].passed
    row_no = None if changes.get("row_no") == "null" else FIRST_ROW + number
    assert row_no in [row.row_no for row in result.rows]
    if name == "required_columns":
        (column,) = changes
        assert load_contracts()[table].column(column).title in result.detail


def test_a_single_bad_row_is_enough(city, judge):
    city.spoil("vpr_journal", n_lowered="2", unit_name="'другая'")
    verdict = check_tables(city.settings, city.con, ["vpr_journal"], judge)["vpr_journal"]
    assert [item.name for item in verdict.failures] == [
        "marks_sum_to_participants", "percents_follow_counts",
    ]  # fmt: skip
    assert not verdict.passed
