"""What a person reads of deliveries and of schools that the register does not know."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from ingestion.deliveries import create_tables
from orchestration.questions import (
    AcceptanceError,
    check_acceptable,
    list_deliveries,
    review_schools,
    trace_figure,
)
from orchestration.summary import _accepted, _unknown_schools, _warnings
from warehouse.database import META_TABLES


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema meta; create schema marts")
        connection.execute(META_TABLES)
        create_tables(connection)
        connection.executemany(
            "insert into meta.delivery by name select ? as delivery_id, '' as file_sha256,"
            " ? as original_name, ? as seq, 'real' as kind, ? as status, now() as received_at",
            [["d1", "а.xlsx", 1, "accepted"], ["d2", "б.xlsx", 2, "superseded"],
             ["d3", "в.xlsx", 3, "held"]],
        )  # fmt: skip
        yield connection


def test_states_of_deliveries_are_russian_words(con: duckdb.DuckDBPyConnection) -> None:
    assert [line.split()[:2] for line in list_deliveries(con, True, False)] == [
        ["d1", "принята"], ["d2", "заменена"], ["d3", "задержана"],
    ]  # fmt: skip


def test_schools_outside_the_register_are_named_while_their_rows_wait(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.executemany(
        "insert into meta.school_resolution values ('vpr_marks', ?, ?, ?, ?, ?, ?)",
        [["d1", "edu239999", "Школа", None, None, 4], ["d3", None, "Лицей", None, None, 1],
         ["d1", "edu230001", "Школа 1", "GK-001", "name", 2],
         ["d2", "edu238888", None, None, None, 9]],
    )  # fmt: skip
    _, *lines = _unknown_schools(con, 0)
    assert lines == ["  edu239999: строк 4", "  Лицей: строк 1"]
    assert not _unknown_schools(con, 3)


def test_schools_found_by_name_alone_wait_for_a_person(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema raw")
    con.execute("create table raw.school as select 'GK-001' as school_id, 'СОШ 1' as short_name")
    assert review_schools(con) == ["школ, найденных по одному названию, нет"]
    con.executemany(
        "insert into meta.school_resolution values (?, 'd1', null, 'Школа 1', 'GK-001', ?, ?)",
        [["vpr_marks", "name", 2], ["staff", "name", 3], ["leaver", "alias", 4]],
    )
    line, *_, remedy = review_schools(con)
    assert line == "«Школа 1» → GK-001, СОШ 1: строк 5 (staff, vpr_marks)"
    assert "Другие названия" in remedy


def test_a_state_is_shown_by_its_word_and_a_figure_with_its_reason(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        "create table marts.indicator_value as select * from (values"
        " ('M', 'S', '2020/21', 'school', 'RU', 4, 'all', 2021, 'spring', null, 'watch', '', 12,"
        "  null, cast([] as varchar[])),"
        " ('M', 'S', '2020/21', 'school', 'RU', 5, 'all', 2021, 'spring', 90.5, null, '%', 20,"
        "  null, []),"
        " ('M', 'S', '2020/21', 'school', 'RU', 6, 'all', 2021, 'spring', null, null, '%', null,"
        "  'форма не сдана', []))"
        " as t (measure_code, school_id, school_year, level, subject, grade, breakdown, cal_year,"
        " season, value, value_text, unit, n, status_reason, delivery_ids)"
    )
    con.execute(
        "create table marts.indicator_reference as select 'M' as measure_code,"
        " '2020/21' as school_year, cast(null as varchar) as season, ['d1', 'd2'] as delivery_ids"
    )
    assert trace_figure(con, "M", "S", "2020/21") == [
        "M: RU, 4 класс, spring: watch; n = 12",
        "M: RU, 5 класс, spring: 90.5 %; n = 20",
        "M: RU, 6 класс, spring: нет; форма не сдана",
        "стоит на поставках: 0",
        "и на эталоне всех школ: поставок 2, их называет marts.indicator_reference",
    ]
    assert "год — 2020/21" in trace_figure(con, "M", "S", "2020")[0]


def fail(con: duckdb.DuckDBPyConnection, check: str, severity: str = "critical") -> None:
    con.execute(
        "insert into meta.check_result values ('run', timestamp '2026-09-01', 'volunteer_count',"
        " ?, 'Правило', ?, false, 9, 1, '')",
        [check, severity],
    )
    con.execute(
        "insert into meta.delivery_part values ('d3', 1, 'volunteer_count', 'k', 'h', 1, null, 1,"
        " false)"
    )


def test_what_may_be_doubted_can_be_accepted(con: duckdb.DuckDBPyConnection) -> None:
    fail(con, "far_beyond_contingent")
    assert check_acceptable(con, "d3", "") == []
    assert check_acceptable(con, "d3", "far_beyond_contingent") == []


@pytest.mark.parametrize(
    ("delivery", "rule", "words"),
    [("d9", "", "нет"), ("d1", "", "не задержана"), ("d3", "near_last_year", "не задерживает"),
     ("d3", "", "обязательное: Обязательные столбцы заполнены")],
)  # fmt: skip
def test_what_cannot_be_accepted_is_said(
    con: duckdb.DuckDBPyConnection, delivery: str, rule: str, words: str
) -> None:
    fail(con, "required_columns")
    with pytest.raises(AcceptanceError, match=words):
        check_acceptable(con, delivery, rule)


def test_warnings_and_acceptances_are_in_the_summary(con: duckdb.DuckDBPyConnection) -> None:
    fail(con, "near_last_year", "warning")
    con.execute(
        "insert into meta.acceptance values ('d3', '', 'школа подтвердила', '77-р',"
        " date '2027-01-31', now()::timestamp)"
    )
    con.execute("insert into meta.acceptance_use values ('volunteer_count', 'rule', 'd3')")
    assert _warnings(con) == [
        "Предупреждений проверки: 1 (подробно — в отчёте о качестве)",
        "  volunteer_count: Правило: нарушений 1",
    ]
    (line,) = _accepted(con)
    assert line.startswith("Принята вопреки проверке до 31.01.2027: поставка d3")
