"""The quality report: offline, escaped, complete, without values."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import pytest

from expectations.gate import CheckResult, Verdict
from expectations.promote import promote
from expectations.report import write_report
from ingestion.load import create_raw_tables
from tests.unit.expectations.small_city import CLEAN, City, open_city
from warehouse.database import open_database

AT = dt.datetime.fromisoformat("2026-09-01T23:30")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href", "xlink:href")]


@pytest.fixture
def city(tmp_path):
    settings = open_city(tmp_path)
    with open_database(settings) as con:
        create_raw_tables(con)
        yield City(con, settings)


def add_delivery(city, delivery_id, status, *, name="f.xlsx", kind="real", reason=None):
    city.con.execute(
        "insert into meta.delivery (delivery_id, file_sha256, original_name, seq, kind, table_name, "
        "status, reason_code, reason, rows_accepted, rows_rejected, rows_outside_register, "
        "received_at) values (?, '', ?, 1, ?, 'vpr_marks', ?, 'CODE', ?, 5, 2, 1, ?)",
        [delivery_id, name, kind, status, reason, AT],
    )


def page_of(city):
    path = write_report(city.settings, city.con, "run-1", AT)
    assert path == city.settings.outbox / "quality.html"
    return path.read_text(encoding="utf-8")


def test_an_empty_warehouse_has_a_report(city):
    page = page_of(city)
    assert "Поставок ещё не было" in page
    assert "Настоящие данные" in page


def test_nothing_comes_from_the_web(city):
    add_delivery(city, "d1", "accepted")
    page = page_of(city)
    tags = Tags()
    tags.feed(page)
    assert tags.links == []
    assert {"script", "link", "img", "iframe"} & set(tags.tags) == set()
    assert re.findall(r"https?:|url\(|@import", page) == []


def test_names_of_files_are_escaped(city):
    add_delivery(city, "d1", "refused", name="<script>alert(1)</script>.xlsx", reason="a < b & c")
    page = page_of(city)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt; b &amp; c" in page


def test_refused_and_held_deliveries_stand_with_their_reasons(city):
    add_delivery(city, "d1", "refused", reason="Лист пуст.")
    add_delivery(city, "d2", "held")
    add_delivery(city, "d3", "accepted", name="good.xlsx")
    page = page_of(city)
    assert "Лист пуст." in page
    assert "Таблица не прошла проверку" in page
    assert "good.xlsx" not in page


def test_times_are_local(city):
    add_delivery(city, "d1", "refused")
    assert "02.09.2026 02:30" in page_of(city)


def test_a_synthetic_city_says_so(city):
    add_delivery(city, "d1", "accepted", kind="synthetic")
    assert "Синтетический город" in page_of(city)


def test_failures_and_held_tables_are_shown(city):
    results = (
        CheckResult("vpr_marks", "bad", "Доли в сумме 100", "critical", False, 9, 2, "строки 7, 8"),
        CheckResult("vpr_marks", "odd", "Охват школ", "warning", False, 9, 1, "школа A"),
        CheckResult("vpr_marks", "fine", "Хорошее правило", "critical", True, 9, 0, ""),
    )
    promote(city.con, [Verdict("vpr_marks", False, results)], "run-1", AT)
    page = page_of(city)
    assert "Что задержано проверкой" in page
    assert page.index("Доли в сумме 100") < page.index("Охват школ")
    assert "строки 7, 8" in page
    assert "Хорошее правило" not in page
    assert "1 / 1 / 1" in page


def test_coverage_shows_results_and_gaps_where_the_grade_exists(city):
    city.insert("school", CLEAN["school"], delivery_id="d", schema="raw")
    third = {**CLEAN["school"][0], "school_id": "C", "short_name": "Гимназия № 3"}
    city.insert("school", [third], delivery_id="d", schema="raw")
    city.insert("vpr_pupil", CLEAN["vpr_pupil"], delivery_id="d", schema="raw")
    page = page_of(city)
    assert "<title>СОШ № 1: ВПР 2021 весна, 5 кл., RU</title>" in page
    assert "<title>Гимназия № 3: ВПР 2021 весна, 5 кл., RU</title>" in page
    assert "<title>НОШ № 2" not in page
    assert page.count('fill="#e3a59f"') == 1


def test_no_pupil_code_or_pseudonym_is_in_the_page(city):
    city.insert("school", CLEAN["school"], delivery_id="d", schema="raw")
    city.insert("vpr_pupil", CLEAN["vpr_pupil"], delivery_id="d", schema="raw")
    city.insert("ege_result", CLEAN["ege_result"], delivery_id="d", schema="raw")
    page = page_of(city)
    for row in (*CLEAN["vpr_pupil"], *CLEAN["ege_result"]):
        assert row.get("pupil_code", row.get("participant_pid")) not in page


def test_forms_that_schools_owe_stand_with_their_names(city):
    city.insert("school", CLEAN["school"], delivery_id="d", schema="raw")
    schools = [school["school_id"] for school in CLEAN["school"][:2]]
    for school, status in zip(schools, ("delivered", "missing"), strict=True):
        city.con.execute(
            "insert into meta.coverage (table_name, source, title, owed_by, school_id, school_year,"
            " due_on, status) values ('staff', 'S19', 'Кадры школы', 'school', ?, '2020/21',"
            " date '2020-10-05', ?)",
            [school, status],
        )
    page = page_of(city)
    owed = page[page.index("Кто какую форму должен") :]
    row = owed[owed.index("<td>Кадры школы</td>") :].split("</tr>")[0]
    assert "05.10.2020" in row
    assert "1 из 2" in row
    assert CLEAN["school"][1]["short_name"] in row
    assert CLEAN["school"][0]["short_name"] not in row
