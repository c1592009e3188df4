"""The school register: its own rules, and that its failure stops every table."""

from __future__ import annotations

from expectations.gate import check_tables


def _critical(verdict):
    return {item.name for item in verdict.failures if item.severity == "critical"}


def test_an_empty_register_fails(empty_city, judge):
    verdict = check_tables(empty_city.settings, empty_city.con, ["school"], judge)["school"]
    assert _critical(verdict) == {"register_not_empty"}


def test_a_register_that_loses_schools_fails(city, judge):
    city.con.execute("update raw.school set school_id = school_id || '-old'")
    verdict = check_tables(city.settings, city.con, ["school"], judge)["school"]
    assert _critical(verdict) == {"register_keeps_schools"}


def test_a_register_that_keeps_its_schools_passes(city, judge):
    assert check_tables(city.settings, city.con, ["school"], judge)["school"].passed


def test_a_failed_register_stops_every_table(city, judge):
    city.con.execute("update incoming.school set school_kind = 'дворец'")
    verdicts = check_tables(city.settings, city.con, ["school", "vpr_marks", "bias_list"], judge)
    assert [verdict.passed for verdict in verdicts.values()] == [False, False, False]
    assert _critical(verdicts["vpr_marks"]) == {"register_passed"}


def test_ksh_and_spo_of_the_same_digits_are_two_schools(city, judge):
    city.spoil("school", school_id="'C'", fis_login="'ksh230001'", rcoi_code="'003'")
    city.spoil("school", school_id="'D'", fis_login="'spo230001'", rcoi_code="'004'")
    assert check_tables(city.settings, city.con, ["school"], judge)["school"].passed
