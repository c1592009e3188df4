"""What a release holds, and what it must not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publication import builder
from warehouse.database import open_database, open_file
from warehouse.release import ReleaseError, new_release, publish
from warehouse.settings import Settings, load_settings

INDICATOR = """
    create or replace table marts.indicator_value (
        measure_code varchar not null, level varchar, school_id varchar, municipality_id varchar,
        school_year varchar, cal_year smallint, season varchar, grade tinyint, subject varchar,
        breakdown varchar, value double, n integer, status varchar, delivery_ids varchar[],
        methodology_version varchar)
"""
MODELS: list[dict[str, Any]] = [
    {
        "name": "dim_indicator",
        "description": "Показатели 'по плану'",
        "columns": {"indicator_code": {"name": "indicator_code", "description": "Код"}},
    },
    {"name": "indicator_value", "description": "Значения", "columns": {}},
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings({"MSOKO_WAREHOUSE": str(tmp_path / "w")})
    made.make_folders()
    with open_database(made) as con:
        con.execute("create schema marts")
        con.execute("create table marts.dim_indicator (indicator_code varchar not null, x integer)")
        con.execute("insert into marts.dim_indicator values ('D1.07', 1)")
        con.execute(INDICATOR)
        con.execute(
            "insert into meta.delivery (delivery_id, file_sha256, original_name, seq, kind, status,"
            " received_at) values ('d1', 'x', 'файл.xlsx', 1, 'synthetic', 'accepted', now())"
        )
        con.execute("insert into meta.rejection values ('d1', 'Лист1', 7, null, 'C', 'Почему')")
        for run, at in (("old", "2026-01-01"), ("new", "2026-01-02")):
            con.execute(
                "insert into meta.check_result values"
                f" ('{run}', '{at}', 'vpr_pupil', 'c', 'Правило', 'warning', false, 3, 1, null)"
            )
    return made


def figure(
    settings: Settings, value: float, *, deliveries: str = "['d1']", method: str = "1"
) -> None:
    with open_database(settings) as con:
        con.execute(INDICATOR)
        con.execute(
            "insert into marts.indicator_value values ('D1.07a', 'school', 's1', 'm', '2020/21',"
            f" 2021, null, null, null, 'all', {value}, 10, 'ok', {deliveries}, '{method}'),"
            " ('D1.07a', 'school', 's2', 'm', '2020/21', 2021, null, null, null, 'all', 0.5, 5,"
            " 'ok', ['d0'], '1')"
        )


def make(settings: Settings) -> Path:
    head = new_release(settings, run_id="r", kind="synthetic", fingerprint="f")
    made = publish(settings, head, builder(settings, head, MODELS), {})
    return settings.releases / made.release_id / "msoko.duckdb"


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with open_file(path) as con:
        return con.execute(query).fetchall()


def test_schemas_comments_constraints(settings: Settings) -> None:
    figure(settings, 0.5)
    path = make(settings)
    assert rows(path, "select distinct schema_name from duckdb_tables() order by 1") == [
        ("marts",),
        ("meta",),
    ]
    assert rows(
        path,
        "select comment from duckdb_tables() where table_name = 'dim_indicator'",
    ) == [("Показатели 'по плану'",)]
    assert rows(
        path,
        "select comment, is_nullable from duckdb_columns() where schema_name = 'marts'"
        " and table_name = 'dim_indicator' and column_name = 'indicator_code'",
    ) == [("Код", False)]
    uncommented = rows(
        path,
        "select table_name, column_name from duckdb_columns() where schema_name = 'meta'"
        " and comment is null and table_name not in ('indicator')",
    )
    assert uncommented == []
    assert rows(path, "select count(*) from duckdb_views() where not internal") == [(0,)]


def test_meta_tables(settings: Settings) -> None:
    figure(settings, 0.5)
    path = make(settings)
    assert rows(path, "select delivery_id, original_name from meta.delivery") == [
        ("d1", "файл.xlsx")
    ]
    assert rows(path, "select run_id from meta.check_result") == [("new",)]
    assert rows(path, "select sheet, row_no, code from meta.rejection") == [("Лист1", 7, "C")]
    assert rows(path, "select indicator_code from meta.indicator") == [("D1.07",)]
    assert rows(
        path,
        "select kind, tables_held, methodology_version, first_school_year, deliveries_accepted,"
        " checks_warned from meta.release",
    ) == [("synthetic", 0, "1", "2020/21", 1, 1)]
    described = rows(path, "select count(*) from meta.column where table_name = 'indicator_value'")
    assert described == [(15,)]
    assert rows(path, "select count(*) from meta.change") == [(0,)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"deliveries": "['d2']"}, "delivery"),
        ({"method": "2"}, "methodology"),
        ({}, "register"),
    ],
)
def test_what_changed_and_why(settings: Settings, change: dict[str, str], reason: str) -> None:
    figure(settings, 0.5)
    first = make(settings)
    figure(settings, 0.75, **change)
    second = make(settings)
    assert rows(
        second,
        "select school_id, old_value, new_value, old_n, new_n, reason, previous_release_id"
        " from meta.change",
    ) == [("s1", 0.5, 0.75, 10, 10, reason, first.parent.name)]


def test_a_personal_column_stops_the_release(settings: Settings) -> None:
    figure(settings, 0.5)
    with open_database(settings) as con:
        con.execute("alter table marts.dim_indicator add column pupil_pid varchar")
    with pytest.raises(ReleaseError, match="pupil_pid"):
        make(settings)


def test_a_missing_mart_stops_the_release(settings: Settings) -> None:
    with open_database(settings) as con:
        con.execute("drop table marts.dim_indicator")
    with pytest.raises(ReleaseError, match="dim_indicator"):
        make(settings)


def test_the_work_database_is_free_afterwards(settings: Settings) -> None:
    figure(settings, 0.5)
    make(settings)
    with duckdb.connect(str(settings.database)) as con:
        assert con.execute("select 1").fetchone() == (1,)
