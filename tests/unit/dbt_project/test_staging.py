"""Staging models: what they derive from the rows of `raw`, and what they leave out.

Belongs here: columns that a staging model works out. Not here: contracts of all models, which dbt
enforces and `tests/unit/ingestion/test_sources_yml.py` holds equal to the tables' contracts.
"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.dbt_fixture import City, Row

pytestmark = pytest.mark.slow

DERIVING = ("stg_staff", "stg_leaver", "stg_fsn_cell", "stg_essay", "stg_interview")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City.create(tmp_path_factory.mktemp("city"))
    posts = ("head", "deputy", "deputy_upbringing", "teacher", "adviser")
    city.deliver(
        "staff",
        "staff",
        [
            {"school_id": "A", "school_year": "2020/21", "person_pid": post, "post_kind": post}
            for post in posts
        ],
    )
    leaver = {"school_id": "A", "school_year": "2020/21", "grade_label": 9}
    city.deliver(
        "leavers",
        "leaver",
        [
            {**leaver, "person_pid": "a", "specialty_code": "09.02.07"},
            {**leaver, "person_pid": "b", "specialty_code": None},
        ],
    )
    cell = {"section": "2.1", "row_code": "01", "column_code": "3", "cell_value": 1.0}
    city.deliver("form", "fsn_cell", [{"school_id": "A", "form": "oo1", "form_year": 2020, **cell}])
    days = [dt.date(2020, 12, 2), dt.date(2021, 2, 3), dt.date(2021, 8, 31), dt.date(2021, 9, 1)]
    for table in ("essay_result", "interview_result"):
        rows: list[Row] = [
            {"school_id": "A", "participant_pid": "p", "exam_date": day} for day in days
        ]
        city.deliver(table, table, rows)
    city.run_dbt("run", "--select", *DERIVING)
    return city


def test_posts_of_staff(city: City) -> None:
    found = city.query("select post_kind, is_teacher, is_admin from staging.stg_staff")
    assert {row["post_kind"] for row in found if row["is_teacher"]} == {"teacher"}
    assert {row["post_kind"] for row in found if row["is_admin"]} == {
        "head",
        "deputy",
        "deputy_upbringing",
    }


def test_group_of_a_specialty(city: City) -> None:
    found = city.query("select person_pid, specialty_group from staging.stg_leaver order by all")
    assert [row["specialty_group"] for row in found] == ["09", None]


def test_a_form_of_september_belongs_to_the_year_that_began(city: City) -> None:
    assert city.query("select school_year from staging.stg_fsn_cell") == [
        {"school_year": "2020/21"}
    ]


@pytest.mark.parametrize("model", ["stg_essay", "stg_interview"])
def test_a_school_year_begins_in_september(city: City, model: str) -> None:
    found = city.query(f"select school_year from staging.{model} order by exam_date")
    assert [row["school_year"] for row in found] == ["2020/21", "2020/21", "2020/21", "2021/22"]


@pytest.mark.parametrize("model", DERIVING)
def test_names_and_places_of_rows_stay_behind(city: City, model: str) -> None:
    columns = {
        row["column_name"]
        for row in city.query(
            "select column_name from duckdb_columns() where table_name = ?", [model]
        )
    }
    assert {"delivery_id", "part_no", "school_id"} <= columns
    assert not columns & {"sheet", "row_no", "source_text", "school_code", "school_name_given"}
