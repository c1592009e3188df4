"""Promotion on a real plan: passed tables move, failed ones stay, holds begin and end."""

from __future__ import annotations

import datetime as dt

import pytest

from expectations.gate import CheckResult, Verdict
from expectations.places import RowKey
from expectations.promote import promote, settle
from ingestion.load import create_raw_tables
from tests.unit.expectations.small_city import CLEAN, City, open_city
from warehouse.database import open_database

FIRST, SECOND, THIRD = (dt.datetime.fromisoformat(f"2026-09-0{day}T02:00") for day in (1, 2, 3))
TABLE = "vpr_marks"


def verdict(passed, table=TABLE):
    result = CheckResult(
        table, "rule", "Правило", "critical", passed, 2, 0 if passed else 1, "подробности"
    )
    return Verdict(table, passed, (result,))


@pytest.fixture
def base(tmp_path):
    settings = open_city(tmp_path)
    with open_database(settings) as con:
        create_raw_tables(con)
        city = City(con, settings)
        plan(city, [("d-old", 1, "add")])
        yield city


def plan(city, parts, table=TABLE):
    """What `ingestion.load` leaves: planned parts, the rows of those to add in `incoming`."""
    city.con.execute("delete from meta.plan_part where table_name = ?", [table])
    city.con.execute(f"delete from incoming.{table}")
    for delivery_id, part_no, action in parts:
        city.con.execute(
            "insert into meta.plan_part values (?, ?, ?, ?, 'k')",
            [table, delivery_id, part_no, action],
        )
        if action == "add":
            city.insert(table, CLEAN[table], delivery_id=delivery_id, part_no=part_no)
            city.con.execute(
                "insert or ignore into meta.delivery (delivery_id, file_sha256, original_name, "
                "seq, kind, status, received_at) values (?, '', '', 1, 'real', 'accepted', ?)",
                [delivery_id, FIRST if delivery_id == "d-old" else SECOND],
            )


def raw_parts(city, table=TABLE):
    rows = city.con.execute(
        f"select distinct delivery_id, part_no from raw.{table} order by all"
    ).fetchall()
    listed = city.con.execute(
        "select delivery_id, part_no from meta.raw_part where table_name = ? order by all", [table]
    ).fetchall()
    assert rows == listed
    return rows


def state(city, table=TABLE):
    return city.con.execute(
        "select state, rows_in_force, deliveries_in_force, stands_at, stale_since, run_id "
        "from meta.table_state where table_name = ?",
        [table],
    ).fetchone()


def test_a_passed_table_moves_and_incoming_is_empty(base):
    promote(base.con, [verdict(True)], "run1", FIRST)
    assert raw_parts(base) == [("d-old", 1)]
    assert state(base) == ("current", 2, 1, FIRST, None, "run1")
    assert base.con.execute(f"select count(*) from incoming.{TABLE}").fetchone() == (0,)


def test_of_several_judgements_of_a_run_the_last_is_kept(base):
    promote(base.con, [verdict(False)], "run1", FIRST)
    promote(base.con, [verdict(True)], "run1", SECOND)
    assert base.con.execute("select success from meta.check_result").fetchall() == [(True,)]


def test_a_failed_table_stays_at_its_last_good_state(base):
    promote(base.con, [verdict(True)], "run1", FIRST)
    plan(base, [("d-new", 1, "add")])
    promote(base.con, [verdict(False)], "run2", SECOND)
    assert raw_parts(base) == [("d-old", 1)]
    assert state(base) == ("held", 2, 1, FIRST, SECOND, "run2")


def test_the_first_failure_dates_the_hold(base):
    promote(base.con, [verdict(False)], "run1", FIRST)
    promote(base.con, [verdict(False)], "run2", SECOND)
    assert state(base) == ("held", 0, 0, None, FIRST, "run1")


def test_a_good_correction_ends_the_hold(base):
    promote(base.con, [verdict(False)], "run1", FIRST)
    plan(base, [("d-new", 1, "add")])
    promote(base.con, [verdict(True)], "run2", THIRD)
    assert raw_parts(base) == [("d-new", 1)]
    assert state(base) == ("current", 2, 1, SECOND, None, "run2")


def test_parts_that_leave_are_deleted_and_the_rest_is_untouched(base):
    plan(base, [("d-old", 1, "add"), ("d-old", 2, "add")])
    promote(base.con, [verdict(True)], "run1", FIRST)
    plan(base, [("d-old", 2, "keep"), ("d-new", 1, "add")])
    promote(base.con, [verdict(True)], "run2", SECOND)
    assert raw_parts(base) == [("d-new", 1), ("d-old", 2)]
    assert state(base) == ("current", 4, 2, SECOND, None, "run2")


def test_a_withdrawn_bad_delivery_ends_the_hold(base):
    promote(base.con, [verdict(True)], "run1", FIRST)
    plan(base, [("d-new", 1, "add")])
    promote(base.con, [verdict(False)], "run2", SECOND)
    assert settle(base.con, [TABLE], "run3") == []
    plan(base, [("d-old", 1, "keep")])
    assert settle(base.con, [], "run3") == [TABLE]
    assert state(base) == ("current", 2, 1, FIRST, None, "run3")


def test_results_are_recorded_for_both(base):
    promote(base.con, [verdict(False)], "run1", FIRST)
    promote(base.con, [verdict(True)], "run2", SECOND)
    assert base.con.execute(
        "select run_id, checked_at, table_name, check_name, title, severity, success, n_checked, "
        "n_failed, detail from meta.check_result order by run_id"
    ).fetchall() == [
        ("run1", FIRST, TABLE, "rule", "Правило", "critical", False, 2, 1, "подробности"),
        ("run2", SECOND, TABLE, "rule", "Правило", "critical", True, 2, 0, "подробности"),
    ]


def test_a_crash_inside_leaves_everything_as_it_was(base, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("expectations.promote._record", crash)
    with pytest.raises(KeyboardInterrupt):
        promote(base.con, [verdict(True)], "run1", FIRST)
    assert raw_parts(base) == []
    assert state(base) is None
    assert base.con.execute(f"select count(*) from incoming.{TABLE}").fetchone() == (2,)


def test_a_hold_goes_on_while_deliveries_wait(base):
    promote(base.con, [verdict(False)], "run1", FIRST)
    plan(base, [("d-new", 1, "add")])
    promote(base.con, [verdict(True)], "run2", SECOND, waiting=True)
    assert raw_parts(base) == [("d-new", 1)]
    promote(base.con, [verdict(False)], "run2", THIRD)
    assert state(base)[:5] == ("held", 2, 1, SECOND, FIRST)


def test_whose_rows_break_a_rule_is_kept(base):
    rows = (RowKey("d-new", "Лист1", 4), RowKey("d-old", "Лист1", 5))
    failed = CheckResult(
        TABLE, "rule", "Правило", "critical", False, 2, 2, "", rows, ("d-new", "d-whole")
    )
    for _ in range(2):
        promote(base.con, [Verdict(TABLE, False, (failed,))], "run", SECOND)
    found = base.con.execute(
        "select delivery_id, sheet, row_no from meta.check_failure order by 1"
    ).fetchall()
    assert found == [("d-new", "Лист1", 4), ("d-whole", None, None)]
