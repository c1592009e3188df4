"""Exports of the systems: each layout is recognised, typed and says what the file says."""

import datetime as dt
from dataclasses import replace

import pytest

from ingestion.contracts import load_contracts
from ingestion.read.layout import read_file
from tests.unit.ingestion import export_world as world
from tests.unit.ingestion.layout_world import DELIVERY, context, table, workbook

SCHOOL = "МБОУ СОШ № 1"
FSN = {
    "Титул": world.FSN_TITLE, "Раздел 2": world.FSN_ROWS,
}  # fmt: skip

# name of the file, bytes, layout, source, rows read, rows of the table, logical keys, first row
EXPORTS = {
    "essay": (
        "x.xlsx", world.book(world.ESSAY), "essay_result", "S05", 2, 2,
        ["essay_result|6036|2023-12-06"],
        {"school_code": "006036", "exam_date": dt.date(2023, 12, 6), "work_kind": "essay",
         "class_label": "11А", "passed": True, "pid_basis": "document"},
    ),
    "essay, tab text named xls": (
        "x.xls", world.tabs(world.ESSAY[:4]), "essay_result", "S05", 2, 2,
        ["essay_result|6036|2023-12-06"], {"school_code": "006036", "passed": True},
    ),
    "interview": (
        "x.xlsx", world.book(world.INTERVIEW), "interview_result", "S06", 2, 2,
        ["interview_result|111002|2024-02-14"],
        {"school_code": "111002", "points": 17.0, "passed": True, "class_label": "9Б"},
    ),
    "КДР, titles": (
        "x.xlsx", world.book(world.KDR), "kdr_result", "S07", 1, 1,
        [f"kdr_result|2024/25|КДР-9-МА-1|9|2024-10-15|{SCHOOL.lower()}"],
        {"school_name_given": SCHOOL, "work_kind": "kdr", "subject": "MA", "grade_label": 9,
         "n_listed": 60, "n_part": 55, "n2": 5, "n5": 10, "mean_pct": 61.5, "krai_mean_pct": 58.2,
         "test_date": dt.date(2024, 10, 15), "school_year": "2024/25"},
    ),
    "КДР, columns": (
        "x.csv", world.text(world.KDR_COLUMNS), "kdr_result", "S07", 1, 1,
        ["kdr_result|2024/25|КР-4|4|2025-03-20|edu230001"],
        {"work_kind": "complex", "n_low": 2, "n_base": 13, "n_high": 10},
    ),
    "НИКО": (
        "x.xlsx", world.book(world.NIKO), "niko_result", "S09", 1, 1,
        ["niko_result|НИКО|2021|MA|5|edu230001"],
        {"n_part": 25, "mean_pct": 55.5, "rf_mean": 57.1, "sd_pct": 12.0},
    ),
    "ОО-1": (
        "x.xlsx", workbook(FSN), "fsn_oo1", "S10", 4, 8,
        ["fsn_cell|oo1|2023|2312345678"],
        {"form": "oo1", "form_year": 2023, "edition": "2021", "section": "2.1", "row_code": "01",
         "column_code": "3", "cell_value": 4.0, "school_code": "2312345678",
         "school_name_given": SCHOOL},
    ),
    "ОО-2": (
        "x.xls", world.xml_2003(world.OO2_ROWS), "fsn_oo2", "S11", 1, 1,
        ["fsn_cell|oo2|2023|111002"],
        {"form": "oo2", "section": "3", "row_code": "01", "column_code": "3", "cell_value": 120.0},
    ),
    "1-ДО": (
        "x.xlsx", world.book(world.DO_ROWS), "fsn_do1", "S12", 1, 1,
        ["fsn_cell|do1|2023|edu239001"], {"form": "do1", "school_code": "edu239001"},
    ),
    "contingent, page": (
        "x.xls", world.page(world.CONTINGENT, world.CONTINGENT_TITLES), "pupil_year", "S13", 2, 2,
        ["pupil_year|мбоу «сош № 1»|2021/22"],
        {"school_name_given": "МБОУ «СОШ № 1»", "school_year": "2021/22", "class_label": "5А",
         "grade_label": 5, "movement_type": "stays", "enrolled_on": dt.date(2016, 9, 1)},
    ),
    "contingent, book": (
        "edu230001/Контингент.xlsx",
        world.book([[t] for t in world.CONTINGENT_TITLES[1:]] + world.CONTINGENT), "pupil_year",
        "S13", 2, 2, ["pupil_year|edu230001|2021/22"], {"school_code": "edu230001"},
    ),
    "attendance, page": (
        "x.xls", world.page(world.ATTENDANCE, world.CONTINGENT_TITLES), "attendance", "S13", 3, 3,
        ["attendance|мбоу «сош № 1»|2021/22"],
        {"class_label": "5А", "grade_label": 5, "month": 9, "n_pupils": 25, "lessons_due": 3000,
         "missed_excused": 120, "missed_unexcused": 10},
    ),
    "Навигатор": (
        "x.xlsx", world.book(world.NAVIGATOR), "extra_enrolment", "S14", 2, 2,
        ["extra_enrolment|2023/24"],
        {"school_name_given": SCHOOL, "age": 13, "grade_label": 7, "programme_id": "10045",
         "programme_direction": "technical", "is_profile": True},
    ),
    "ВСОШ": (
        "x.xlsx", world.book(world.olympiad()), "vsosh_result", "S15", 2, 2,
        [f"vsosh_result|2022/23|municipal|MA|{SCHOOL.lower()}",
         f"vsosh_result|2022/23|school|IN|{SCHOOL.lower()}"],
        {"school_name_given": SCHOOL, "grade_label": 8, "stage": "municipal",
         "result_status": "prize", "subject": "MA"},
    ),
    "ВСОШ, protocol": (
        "x.csv", world.text(world.OLYMPIAD_PROTOCOL), "vsosh_protocol", "S15", 2, 2,
        [f"vsosh_result|2022/23|school|FI|{SCHOOL.lower()}"],
        {"grade_label": 7, "grade_of_task": 8, "points": 17.0, "max_points": 30.0,
         "result_status": "winner"},
    ),
    "НОКО": (
        "x.xlsx", world.book(world.NOKO), "noko_score", "S29", 1, 1, ["noko_score|2022"],
        {"cal_year": 2022, "k1": 95.5, "k3": 60.0, "k4": 99.1, "k5": 97.0, "total": 88.3},
    ),
    "accreditation": (
        "data-20260401.xml", world.ACCREDITATION.encode(), "accreditation", "REG", 2, 2,
        ["accreditation|*"],
        {"certificate_no": "0123", "region_code": "05", "inn": "0512345678", "kpp": "051201001",
         "ogrn": "1022300000000", "is_active": True, "issued_on": dt.date(2015, 6, 18),
         "organisation_name": '«СОШ … с. Зириклы"'},
    ),
    "ГВЭ-9": (
        "x.xlsx", world.book(world.gve(9, grade="9А")), "gve9_protocol", "S04", 2, 2,
        ["oge_result|006036|GVE9|2023|main|9|MA|none|2023-05-30"],
        {"exam_form": "GVE", "mark": 4, "primary_score": 10, "procedure": "GVE9",
         "is_present": True},
    ),
    "ГВЭ-11": (
        "x.xlsx", world.book(world.gve(11, grade="11А")), "gve11_protocol", "S03", 2, 2,
        ["ege_result|006036|GVE11|2023|main|11|MA|none|2023-05-30"],
        {"exam_form": "GVE", "mark": 4, "procedure": "GVE11", "level": "none"},
    ),
}  # fmt: skip


def read(name, data):
    return read_file(data, name, {}, DELIVERY, context())


@pytest.mark.parametrize("case", EXPORTS)
def test_an_export_is_read(case):
    name, data, layout, source, n_read, n_rows, keys, first = EXPORTS[case]
    reading = read(name, data)
    assert reading.status == "read", (reading.reason_code, reading.params)
    assert (reading.layout, reading.source) == (layout, source)
    assert (reading.rows_read, reading.rejections) == (n_read, [])
    assert [part.logical_key for part in reading.parts] == keys
    rows = table(reading)
    assert len(rows) == n_rows
    assert {column: rows[0].get(column) for column in first} == first


@pytest.mark.parametrize("case", EXPORTS)
def test_no_person_leaves_the_reader(case):
    shown = repr(replace(read(*EXPORTS[case][:2]), seconds=0)).lower()
    for personal in (
        "фамильев",
        "отчеств",
        "имён",
        "001234",
        "2010-03-02",
        "директоров",
        "900 000",
    ):
        assert personal not in shown


def test_each_layout_of_an_export_has_an_example():
    wanted = {
        layout.id
        for name in ("essay_result", "interview_result", "kdr_result", "niko_result", "fsn_cell",
                     "pupil_year", "attendance", "extra_enrolment", "vsosh_result", "noko_score",
                     "accreditation")
        for layout in load_contracts()[name].layouts
    }  # fmt: skip
    assert wanted <= {layout for _, _, layout, *_ in EXPORTS.values()}


@pytest.mark.parametrize(
    "heading",
    ["Полное наименование общеобразовательной организации", "Полное наименование ОУ", "ОУ"],
)
@pytest.mark.parametrize("grade", ["Класс", "Класс обучения"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_the_headings_of_the_olympiad_in_all_spellings(heading, grade, encoding):
    data = world.text(world.olympiad(heading, grade), encoding)
    reading = read("x.csv", data)
    assert (reading.layout, reading.rows_accepted) == ("vsosh_result", 2), reading.params


def test_cells_of_a_form_are_told_by_section_row_and_graph():
    rows = table(read("x.xlsx", workbook(FSN)))
    cells = {(r["section"], r["row_code"], r["column_code"]): r["cell_value"] for r in rows}
    assert cells == {
        ("2.1", "01", "3"): 4, ("2.1", "01", "4"): 2, ("2.1", "01", "5"): 2,
        ("2.1", "02", "5"): 1,
        ("2.1", "03", "3"): 100, ("2.1", "03", "4"): 50, ("2.1", "03", "5"): 50,
        ("2.1.3", "01", "3"): 7,
    }  # fmt: skip


def test_a_form_without_graph_numbers_is_refused():
    rows = [row for row in world.DO_ROWS if row != [1, 2, 3]]
    assert read("x.xlsx", world.book(rows)).reason_code == "TOO_MANY_REJECTED"


def test_a_form_that_names_no_organisation_is_refused_with_what_is_missing():
    rows = [["Форма 1-ДО", "за 2023 год"], *world.DO_ROWS[1:]]
    reading = read("x.xlsx", world.book(rows))
    assert (reading.reason_code, reading.params["fields"]) == ("TITLE_MISSING", "Школа")


def test_an_export_that_names_no_year_is_refused_with_what_is_missing():
    reading = read("edu230001/x.xlsx", world.book(world.CONTINGENT))
    assert (reading.reason_code, reading.params["fields"]) == ("TITLE_MISSING", "Учебный год")


def test_places_that_contradict_each_other_refuse_an_export():
    titles = [["Учебный год: 2021/2022"]]
    reading = read("2020-2021/edu230001/x.xlsx", world.book(titles + world.CONTINGENT))
    assert reading.reason_code == "ENVELOPE_CONTRADICTION"


def test_ege_and_oge_say_their_form():
    rows = world.gve(9, grade="9А")
    rows[0], rows[1] = ["Протокол проверки"], ["02 - Математика 2023.06.06"]
    assert table(read("x.xlsx", world.book(rows)))[0]["exam_form"] == "OGE"


def test_the_status_of_a_certificate_is_its_words_not_the_inverted_flag():
    rows = table(read("a.xml", world.ACCREDITATION.encode()))
    assert [row["is_active"] for row in rows] == [True, False]
