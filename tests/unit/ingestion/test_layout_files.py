"""Every real layout, as a file: recognised, every row accounted for, first row as by hand."""

# ruff: noqa: DTZ001  moments in files are local and carry no zone

import datetime as dt
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest
import xlwt

from ingestion.contracts import load_contracts
from ingestion.read.layout import read_file
from tests.unit.ingestion.layout_world import (
    APPEALS_TWO_ROWS,
    BASE,
    BIAS,
    COMPACT,
    DELIVERY,
    EXAMPLES,
    EXPORT_2020,
    EXPORT_2021,
    F1,
    F3,
    FORM_2026,
    HEAD_2022,
    LANGUAGE,
    OGE_DENSE,
    REGISTER,
    SPARSE,
    STACKED,
    compact_row,
    context,
    head,
    read,
    row_2022,
    semicolons,
    table,
    workbook,
)
from tests.unit.ingestion.test_export_files import EXPORTS


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_layout_is_read(example):
    reading = example.reading()
    assert reading.status == "read", (reading.reason_code, reading.params)
    assert reading.layout == example.layout
    assert (reading.rows_read, reading.rows_rejected) == (example.read, 0)
    assert [part.logical_key for part in reading.parts] == example.keys
    kinds = Counter()
    for _, kind, n in reading.structure:
        kinds[kind] += n
    assert dict(kinds) == example.structure
    first = table(reading, reading.table)[0]
    assert {name: first.get(name) for name in example.first} == example.first
    assert first["part_no"] == 1


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_row_of_the_file_is_accounted_for(example):
    reading = example.reading()
    last = sum(len(rows) for rows in example.sheets.values())
    structural = sum(n for _, _, n in reading.structure)
    assert structural + reading.rows_read == last
    assert reading.rows_accepted + reading.rows_rejected == reading.rows_read


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_columns_are_those_of_the_contract(example):
    for rows in example.reading().tables:
        contract = load_contracts()[rows.table]
        later = {"delivery_id"} | ({"school_id", "school_match"} if contract.school else set())
        assert set(rows.columns) == {c.name for c in contract.all_columns} - later
        assert len({len(values) for values in rows.columns.values()}) == 1


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_no_name_or_document_leaves_the_reader(example):
    reading = replace(example.reading(), seconds=0.0)
    for personal in ("фамильев", "отчеств", "имён", "001234", "77000"):
        assert personal not in repr(reading).lower()


def test_every_layout_of_the_contracts_has_an_example():
    known = {
        layout.id
        for contract in load_contracts().values()
        for layout in contract.layouts
        if layout.spec["columns"] != "titles"  # forms are written and read in the tests of forms
    }
    exports = {layout for _, _, layout, *_ in EXPORTS.values()}
    assert known <= {example.layout for example in EXAMPLES.values()} | exports


def test_name_of_the_file_never_decides_the_layout():
    reading = read(F3, "Форма сбора результатов.xlsx")
    assert reading.layout == "vpr_f3"


def test_unknown_table_names_what_was_looked_for():
    reading = read([["Ведомость"], ["Товар", "Цена"], ["…", "…"]], "x.xlsx")
    assert (reading.status, reading.reason_code) == ("refused", "UNKNOWN_LAYOUT")
    assert "ни один не похож" in reading.params["nearest"]
    assert reading.structure == [("Sheet1", "auxiliary", 3)]


def test_unknown_table_names_what_it_is_nearest_to():
    reading = read([["Группы участников", "Кол-во", "2", "3", "4", "5"], ["Школа"] * 6], "x.xlsx")
    assert reading.reason_code == "UNKNOWN_LAYOUT"
    assert "Ф3 «Статистика по отметкам» (Группы участников" in reading.params["nearest"]
    assert "нет столбцов «Кол-во участников»" in reading.params["nearest"]


def test_header_without_rows_is_refused():
    assert read(EXPORT_2021[:1], "2021/4/Математика.xlsx").reason_code == "NO_DATA_ROWS"


def test_unfilled_form_is_refused_with_its_own_reason():
    name = "edu230001/Русский язык 4 класс ВПР 2026.xlsx"
    reading = read([FORM_2026[0], *FORM_2026[3:]], name, sheet="Протокол")
    assert reading.reason_code == "EMPTY_TEMPLATE"
    assert read(REGISTER[:1], "Реестр.xlsx").reason_code == "EMPTY_TEMPLATE"


def test_binary_xls_is_read():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for i, row in enumerate(STACKED):
        for j, cell in enumerate(row):
            if cell != "":
                sheet.write(i, j, cell)
    stream = BytesIO()
    book.save(stream)
    reading = read_file(stream.getvalue(), "x.xls", {}, DELIVERY, context())
    assert (reading.layout, reading.rows_accepted) == ("ege_compact", 4)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig"])
def test_delimited_text_in_any_encoding(encoding):
    reading = read_file(semicolons(OGE_DENSE, encoding), "x.csv", {}, DELIVERY, context())
    assert [row["mark"] for row in table(reading)] == [4, 2]


def test_hidden_sheet_is_no_table():
    data = workbook({"Протокол": EXPORT_2021, "Скрытый": EXPORT_2021}, hidden=("Скрытый",))
    reading = read_file(data, "2021/4/Математика.xlsx", {}, DELIVERY, context())
    assert reading.rows_read == 2
    assert ("лист № 2", "auxiliary", 3) in reading.structure


def test_separator_gives_the_school_and_its_count_is_checked():
    reading = read(F1, "x.xlsx", sheet="РУ 4 Индивидуальные результаты")
    assert [row["school_code"] for row in table(reading, "vpr_pupil")] == [
        "edu230001", "edu230001", "edu230002",
    ]  # fmt: skip
    assert reading.parts[0].envelope["declared_mismatches"] == 0
    short = [*F1[:-1], [*F1[-1]], [*F1[-1][:3], 40009, *F1[-1][4:]]]
    assert read(short, "x.xlsx").parts[0].envelope["declared_mismatches"] == 1


def test_task_list_of_a_paper():
    tasks = table(read(F1, "x.xlsx"), "vpr_paper_task")
    assert [(t["task_position"], t["task_label"], t["max_score"]) for t in tasks] == [
        (1, "1", 2), (2, "12.2", 1),
    ]  # fmt: skip
    assert not tasks[0]["is_running_number"]
    assert tasks[0]["row_no"] == 8
    running = table(read(EXPORT_2020, "2020/4/Математика.xlsx"), "vpr_paper_task")
    assert [t["task_label"] for t in running] == ["1", "2", "3"]
    assert running[0]["is_running_number"]
    assert "max_score" not in running[0]


def test_latest_upload_wins_and_the_loser_is_rejected():
    rows = [
        HEAD_2022,
        *(row_2022(str(code)) for code in range(1003, 1008)),
        row_2022("1003", uploaded="16.03.2022 08:00:00", scores=("1", "1", "3"), total="5"),
    ]
    reading = read(rows, "2022/11/Химия.xlsx", sheet="Протокол")
    assert [(r[1], r[3]) for r in reading.rejections] == [(2, "DUPLICATE_ROW")]
    totals = {row["pupil_code"]: row["primary_score"] for row in table(reading, "vpr_pupil")}
    assert totals["1003"] == 5
    assert reading.document_date == dt.date(2022, 3, 16)


def test_both_seasons_of_one_file_are_two_parts():
    rows = [HEAD_2022, row_2022("50001"), row_2022("50002", uploaded="20.09.2022 10:00:00")]
    reading = read(rows, "2022/5/Математика.xlsx")
    assert [(p.envelope["season"], p.envelope["grade_label"]) for p in reading.parts] == [
        ("spring", 5), ("autumn", 6),
    ]  # fmt: skip


def test_same_person_has_one_pseudonym_in_results_and_appeals():
    result = table(read(SPARSE, "x.xlsx"))[0]
    language = table(read(LANGUAGE, "x.xlsx"))[0]
    appeal = table(read(APPEALS_TWO_ROWS, "x.xlsx"))[0]
    # series 0312 number 001234: two text cells, one cell, two numbers without their zeros
    assert result["participant_pid"] == language["participant_pid"] == appeal["participant_pid"]
    assert appeal["changed_at"] == dt.datetime(2021, 7, 5, 9, 54, 41)
    assert language["oral_date"] == dt.date(2022, 6, 16)


def test_absent_participant_is_an_accepted_row():
    rows = table(read(STACKED, "x.xlsx"))
    assert [row["is_present"] for row in rows] == [True, False, True, True]
    assert [row.get("mark") for row in rows] == [None, None, 5, None]


def test_exam_number_that_contradicts_the_subject():
    rows = [["12 - Физика 2022.06.06"], COMPACT, compact_row(1)]
    reading = read(rows, "x.xlsx")
    assert reading.reason_code == "ENVELOPE_CONTRADICTION"
    assert "номер экзамена 12: Обществознание" in reading.params["places"]


def test_the_same_number_is_another_subject_in_the_other_procedure():
    oge = read([["11 - Английский язык 2023.06.02"], *OGE_DENSE[1:]], "x.xlsx")
    ege = read([["11 - Французский язык 2023.06.13"], COMPACT, compact_row(1)], "x.xlsx")
    assert (oge.envelope["subject"], ege.envelope["subject"]) == ("EN", "FR")


@pytest.mark.parametrize(
    ("date", "season"),
    [("2022.03.28", "early"), ("2022.05.30", "main"), ("2022.06.27", "reserve"),
     ("2022.09.05", "september")],
)  # fmt: skip
def test_period_of_an_exam(date, season):
    reading = read([[f"01 - Русский язык {date}"], COMPACT, compact_row(1)], "x.xlsx")
    assert reading.envelope["season"] == season
    assert reading.envelope["school_year"] == "2021/22"


def test_reports_of_two_schools_do_not_replace_each_other():
    one = read(EXPORT_2021, "2021/4/Математика.xlsx")
    other = [EXPORT_2021[0], ["sch230009", *EXPORT_2021[1][1:]]]
    two = read(other, "2021/4/Математика.xlsx")
    assert one.parts[0].logical_key != two.parts[0].logical_key


def test_prefixes_sch_and_edu_are_one_sender():
    old = read(EXPORT_2021, "2021/4/Математика.xlsx")
    new = [[*row] for row in EXPORT_2021]
    for row in new[1:]:
        row[0] = row[0].replace("sch", "edu")
    assert read(new, "2021/4/Математика.xlsx").parts[0].logical_key == old.parts[0].logical_key


def test_hash_does_not_depend_on_order_place_or_delivery():
    one = read(BIAS, "a.xlsx")
    other = read([["Перечень"], [], BIAS[0], BIAS[2], BIAS[1]], "b.xlsx", sheet="Лист")
    hashes = [{part.logical_key: part.rows_hash for part in r.parts} for r in (one, other)]
    assert hashes[0] == hashes[1]
    changed = [BIAS[0], BIAS[1], [*BIAS[2][:8], 3]]
    assert {p.rows_hash for p in read(changed, "a.xlsx").parts} != set(hashes[0].values())


def test_too_many_rejected_rows_refuse_the_file_and_name_the_rows():
    bad = [[*row] for row in EXPORT_2021]
    bad[1][9] = "?"
    reading = read(bad, "2021/4/Математика.xlsx")
    assert reading.reason_code == "TOO_MANY_REJECTED"
    assert reading.params == {"rejected": 1, "rows": 2, "limit": "20%"}
    assert reading.rejections == [("Sheet1", 2, "задание 1", "TASK_SCORE_INVALID", {"maximum": 9})]
    assert not reading.tables
    assert not reading.parts


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("22 - Математика базовая 2025.05.29.xlsx", {}),
        ("ЕГЭ/база.xlsx", {"subject": "Математика базовая", "exam_date": "29.05.2025"}),
    ],
)
def test_base_maths_without_a_title_is_no_oge(name, told):
    (part,) = read(BASE[1:], name, told).parts
    assert part.logical_key == "ege_result|006036|EGE|2025|main|11|MA|base|2025-05-29"


def test_a_folder_does_not_make_an_exam_a_base_one():
    oge = [["02 - Математика 2023.06.06"], *BASE[1:]]
    (part,) = read(oge, "Базовые школы/базовый.xlsx").parts
    assert part.table == "oge_result"


def test_title_above_another_report_of_the_same_sheet():
    two = [*F3, [], *head(report="Статистика по отметкам", paper="ВПР 2026 Математика 4 класс",
                          subject="Математика"), *F3[7:]]  # fmt: skip
    reading = read(two, "x.xlsx")
    assert [part.envelope["subject"] for part in reading.parts] == ["RU", "MA"]
