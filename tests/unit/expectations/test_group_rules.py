"""Each rule about groups, other tables or other years fires on a planted defect."""

from __future__ import annotations

import pytest

from expectations import gate
from expectations.gate import check_tables
from expectations.suites import HAND_WRITTEN, copies, counts, people, whole
from ingestion.contracts import load_contracts
from tests.unit.expectations.planted import GROUPS, PID, pupils, rows, update

TABLES = tuple(load_contracts())

_OF_SUITES = {(rule.table, rule.name): rule for rule in HAND_WRITTEN}


def test_every_group_rule_has_a_defect():
    rules = {
        (rule.table, rule.name)
        for suite in (copies, counts, people, whole)
        for rule in suite.RULES
        if rule.name != "schools_of_last_year"
    }
    assert rules - set(GROUPS) == set()


@pytest.fixture
def judge_rule(city, judge, monkeypatch):
    """Judges one rule alone, everything else as candidates: the whole suite takes seconds."""

    def one(table, name):
        rule = _OF_SUITES[table, name]
        monkeypatch.setattr(gate, "rules_of", lambda own, _: [rule] if own == table else [])
        (result,) = check_tables(city.settings, city.con, TABLES, judge)[table].results
        return result

    return one


@pytest.mark.parametrize(("table", "name"), GROUPS, ids=lambda part: part)
def test_a_planted_defect_is_found(city, judge_rule, table, name):
    for statement in GROUPS[table, name]:
        city.con.execute(statement)
    result = judge_rule(table, name)
    assert not result.success
    assert result.rows
    assert "Проверить не удалось" not in result.detail


def test_a_year_with_few_schools_is_a_warning(city, judge_rule):
    for school in "CDEFGH":
        city.con.execute(
            "insert into incoming.volunteer_count select * replace "
            f"('{school}' as school_id, '2020/21' as school_year) "
            "from incoming.volunteer_count limit 1"
        )
    result = judge_rule("volunteer_count", "schools_of_last_year")
    assert not result.success
    assert "школ 1 вместо 6" in result.detail


def test_participants_of_the_autumn_exam_are_compared_too(city, judge_rule):
    strangers = PID.format(n="500 + i")
    city.con.execute(rows("oge_result", n=40, season="'additional'", participant_pid=strangers))
    assert not judge_rule("oge_result", "far_beyond_contingent").success


def test_the_first_year_is_compared_with_the_one_after_it(city, judge_rule):
    city.con.execute(pupils("A", "2020/21", 5, 100, 15))
    city.con.execute(pupils("A", "2021/22", 8, 1000, 40))
    assert "2020/21" in judge_rule("pupil_year", "near_last_year").detail


def test_grades_that_a_contingent_has_lost_count_as_nothing(city, judge_rule):
    for column, grade in (("8", 5), ("12", 9)):
        city.con.execute(update("fsn_cell", f"row_code = '02' and column_code = '{column}'",
                                cell_value="60"))  # fmt: skip
        city.con.execute(pupils("A", "2021/22", grade, 1000 * grade, 60))
    assert judge_rule("pupil_year", "contingent_collapsed").success
    city.con.execute("delete from incoming.pupil_year where school_id = 'A' and grade_label = 9")
    assert judge_rule("pupil_year", "contingent_collapsed").success
    city.con.execute("delete from incoming.pupil_year where school_id = 'A' and row_no >= 5010")
    result = judge_rule("pupil_year", "contingent_collapsed")
    assert not result.success
    assert result.severity == "critical"


def test_a_small_school_may_shrink(city, judge_rule):
    city.con.execute(pupils("B", "2020/21", 5, 100, 29))
    city.con.execute(pupils("B", "2021/22", 6, 100, 5))
    assert judge_rule("pupil_year", "contingent_collapsed").success


def test_a_foreign_file_does_not_hide_among_good_ones(city, judge_rule):
    city.con.execute(pupils("A", "2021/22", 8, 1000, 30))
    of_a = {"school_id": "'A'", "school_year": "'2021/22'"}
    known, unknown = PID.format(n="1000 + i"), PID.format(n="7000 + i")
    city.con.execute(rows("vsosh_result", n=30, person_pid=known, **of_a))
    assert judge_rule("vsosh_result", "person_of_this_school").success
    city.con.execute(rows("vsosh_result", n=6, person_pid=unknown, delivery_id="'foreign'", **of_a))
    result = judge_rule("vsosh_result", "person_of_this_school")
    assert not result.success
    assert {row.delivery_id for row in result.rows} == {"foreign"}
