"""Who owes which form: three schools, worked out by hand."""

import csv
import datetime as dt

import pytest

from ingestion.contracts import load_contracts
from ingestion.coverage import CALENDAR, measure_coverage
from ingestion.load import create_raw_tables
from tests.unit.ingestion.intake_world import make_installation
from warehouse.database import open_database

SCHOOLS = """
insert into raw.school (school_id, short_name, fis_login, school_kind, opened_on, closed_on) values
    ('s1', 'СОШ № 1', null, 'sosh', null, null),
    ('s2', 'ООШ № 2', 'edu230002', 'oosh', null, null),
    ('s3', 'СОШ № 3', null, 'sosh', date '2022-06-20', null)
"""
ROWS = """
insert into raw.leaver (delivery_id, school_id, school_year, grade_label) values
    ('d1', 's1', '2020/21', 9), ('d1', 's1', '2020/21', 11), ('d2', 's2', '2021/22', 9);
insert into raw.essay_result (delivery_id, school_id, exam_date) values
    ('d3', 's1', date '2021-12-01');
insert into raw.fsn_cell (delivery_id, school_id, form_year) values ('d4', 's2', 2020);
insert into raw.procedure_check (delivery_id, school_id, school_year)
    values ('d5', 's2', '2021/22');
insert into meta.delivery (delivery_id, file_sha256, original_name, seq, kind, table_name, sender,
    status, received_at)
values
    ('d6', 'x', 'f.xlsx', 6, 'real', 'leaver', 'edu230002', 'refused', timestamp '2021-10-01'),
    ('d7', 'y', 'СОШ_№_1/g.xlsx', 7, 'real', 'contest_result', null, 'refused',
        timestamp '2021-10-02'),
    ('d8', 'z', 'h.xlsx', 8, 'real', 'contest_result', null, 'held', timestamp '2021-10-03');
insert into meta.delivery_part (delivery_id, part_no, table_name, logical_key, rows_hash,
    rows_accepted, authority, in_force)
values ('d8', 1, 'contest_result', 'contest_result|edu230002|2020/21', 'h', 1, 1, false),
    ('d8', 2, 'contest_result', 'contest_result|s4|2020/21', 'i', 1, 1, false)
"""


@pytest.fixture
def coverage(tmp_path):
    settings = make_installation(tmp_path)
    with open_database(settings) as con:
        create_raw_tables(con)
        con.execute(SCHOOLS)
        con.execute(ROWS)
        measure_coverage(con, dt.date(2022, 3, 1), "2020/21")
        yield {
            (row[0], row[1], row[2]): row[3:]
            for row in con.execute(
                "select table_name, school_id, school_year, status, delivery_id, due_on"
                " from meta.coverage"
            ).fetchall()
        }


def test_delivered_names_the_delivery(coverage):
    assert coverage["leaver", "s1", "2020/21"][:2] == ("delivered", "d1")
    assert coverage["essay_result", "s1", "2021/22"][:2] == ("delivered", "d3")
    assert coverage["fsn_cell", "s2", "2020/21"][:2] == ("delivered", "d4")


def test_a_form_is_due_on_its_day_of_the_calendar(coverage):
    status, _, due_on = coverage["leaver", "s1", "2021/22"]
    assert (status, due_on) == ("not_due", dt.date(2022, 10, 5))
    assert coverage["staff", "s1", "2021/22"][0] == "missing"


def test_a_refused_file_is_told_from_a_missing_one(coverage):
    assert coverage["leaver", "s2", "2020/21"][:2] == ("refused", "d6")


def test_a_file_without_a_sender_counts_for_the_schools_of_its_parts_or_its_folder(coverage):
    assert coverage["contest_result", "s2", "2020/21"][:2] == ("held", "d8")
    assert coverage["contest_result", "s2", "2021/22"][0] == "not_due"
    assert coverage["contest_result", "s1", "2020/21"][:2] == ("refused", "d7")


def test_a_school_without_the_grade_owes_nothing(coverage):
    assert ("ege_result", "s2", "2020/21") not in coverage
    assert ("ege_result", "s1", "2020/21") in coverage


def test_a_school_that_was_not_open_owes_nothing(coverage):
    assert not [key for key in coverage if key[1] == "s3"]


def test_what_the_municipality_owes_has_no_school(coverage):
    assert coverage["procedure_check", None, "2021/22"][:2] == ("delivered", "d5")
    assert coverage["procedure_check", None, "2020/21"][0] == "missing"
    assert ("procedure_check", "s1", "2021/22") not in coverage


def test_the_calendar_names_tables_and_columns_of_the_contracts():
    with CALENDAR.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            contract = load_contracts()[row["table_name"]]
            names = {column.name for column in contract.all_columns}
            assert not row["period_column"] or row["period_column"] in names
            assert row["owed_by"] in ("school", "municipality")


FORMS = ("leaver", "social_passport", "volunteer_count", "staff", "mentor_pair")


def years_owed(tmp_path, today, *, kind="real", first=None):
    """School years of the calendar: five forms of 2020/21, one row of years far away."""
    settings = make_installation(tmp_path)
    with open_database(settings) as con:
        create_raw_tables(con)
        con.execute(SCHOOLS)
        for year, forms in (("2016/17", FORMS[:1]), ("2020/21", FORMS), ("2026/27", FORMS[:1])):
            for form in forms:
                con.execute(
                    f"insert into raw.{form} (delivery_id, school_id, school_year) values"
                    f" ('d', 's1', '{year}')"
                )
        con.execute(
            "insert into meta.delivery (delivery_id, file_sha256, original_name, seq, kind, status,"
            " received_at) values ('d', 'x', 'f.xlsx', 1, ?, 'accepted', timestamp '2021-01-01')",
            [kind],
        )
        measure_coverage(con, today, first)
        rows = con.execute("select distinct school_year from meta.coverage order by 1").fetchall()
    return [year for (year,) in rows]


def test_the_calendar_reaches_from_the_first_full_year_to_today(tmp_path):
    assert years_owed(tmp_path, dt.date(2022, 9, 2)) == ["2020/21", "2021/22", "2022/23"]


def test_the_first_year_may_be_given(tmp_path):
    assert years_owed(tmp_path, dt.date(2022, 3, 1), first="2019/20")[0] == "2019/20"


def test_the_time_of_a_made_up_city_stands_still(tmp_path):
    assert years_owed(tmp_path, dt.date(2026, 11, 1), kind="synthetic") == ["2020/21"]
