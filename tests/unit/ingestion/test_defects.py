"""Defects that real files have, one case each, numbered as in the census of real files.

D48–D51, D53 to D57 and D63 are about formats and bytes and stand with the format readers.
"""

# ruff: noqa: DTZ001  moments in files are local and carry no zone

import datetime as dt
import json

import pytest

from tests.unit.ingestion.layout_world import (
    APPEALS_BY_CELL,
    COMPACT,
    EXPORT_2020,
    EXPORT_2021,
    F1,
    F3,
    FOOTERS,
    FORM_2026,
    HEAD_2022,
    LANGUAGE,
    REGISTER,
    SCORES,
    SPARSE,
    STACKED,
    TASKS,
    compact_row,
    read,
    row_2022,
    table,
)

NAME = "2021/4/Математика.xlsx"
HEAD = EXPORT_2021[0]
MARK, SEX, CLASS, VARIANT, TOTAL, TASK_1, TASK_2 = 4, 5, 6, 7, 8, 9, 10


def pupils(*changes, name=NAME):
    """A file of eleven good rows, the first ones changed by {column: cell}."""
    rows = [HEAD]
    for n in range(11):
        row = ["sch230001", "город", str(n), f"4000{n}", "4", "ж", "а", "1", "2", "1", "1",
               *[""] * 5]  # fmt: skip
        for column, cell in changes[n].items() if n < len(changes) else ():
            row[column] = cell
        rows.append(row)
    return read(rows, name)


def first(reading):
    return table(reading, reading.table)[0]


def codes(reading):
    return [code for _, _, _, code, _ in reading.rejections]


def source(row):
    return json.loads(row["source_text"])


@pytest.mark.parametrize("cell", ["X", "x", "Х", "х", " Х", "Х\xa0"])
def test_d01_not_attempted(cell):
    assert first(pupils({TASK_1: cell}))["scores"] == [-1, 1]


def test_d02_topic_not_taught():
    assert first(pupils({TASK_1: "не пройд."}))["scores"] == [-2, 1]


@pytest.mark.parametrize("cell", ["отсутствовал", "Отсутствовал", "ОТСУТствовал"])
def test_d03_absent_pupil_is_an_accepted_row(cell):
    blank = dict.fromkeys((MARK, SEX, CLASS, TOTAL, TASK_1, TASK_2), "")
    reading = pupils({VARIANT: cell, **blank})
    row = first(reading)
    assert (row["is_present"], reading.rows_rejected) == (False, 0)
    assert not {"variant", "scores", "primary_score"} & row.keys()


def test_d03_absence_in_a_task_cell_or_nowhere():
    blank = dict.fromkeys((MARK, SEX, CLASS, VARIANT, TOTAL, TASK_1, TASK_2), "")
    for change in ({**blank, TASK_2: "отсутствовал"}, blank):
        row = first(pupils(change))
        assert not row["is_present"]
        assert "scores" not in row


def test_d03_absence_in_one_task_of_a_pupil_who_wrote_names_the_task():
    reading = pupils({TASK_2: "отсутствовал"})
    assert [(title, code) for _, _, title, code, _ in reading.rejections] == [
        ("задание 2", "TASK_SCORE_INVALID")
    ]


def test_d03_absent_pupil_with_points_is_rejected():
    assert codes(pupils({VARIANT: "отсутствовал"})) == ["SHIFTED_COLUMNS"]


def test_d04_no_break_spaces():
    row = first(pupils({MARK: "4\xa0", SEX: "\xa0Ж", TASK_1: "1\xa0", VARIANT: "2\xa0"}))
    assert (row["journal_mark"], row["sex"], row["scores"], row["variant"]) == (4, "f", [1, 1], "2")
    assert source(row)[HEAD[MARK]] == "4\xa0"


@pytest.mark.parametrize(
    ("cell", "label"),
    [("а", "А"), ("A", "А"), ("a", "А"), ("НЕТ", None), ("7б", "7Б"), ("а(2)", "А(2)"),
     ("11", "11"), ("Быстрянка", "БЫСТРЯНКА")],
)  # fmt: skip
def test_d05_class_spellings_never_change_the_grade(cell, label):
    reading = pupils({CLASS: cell})
    assert first(reading).get("class_label") == label
    assert reading.envelope["programme_grade"] == 4


@pytest.mark.parametrize("change", [{SEX: "4"}, {MARK: "ж"}, {TASK_1: "м"}])
def test_d06_shifted_columns(change):
    reading = pupils(change)
    assert codes(reading) == ["SHIFTED_COLUMNS"]
    assert (reading.rows_read, reading.rows_accepted) == (11, 10)


@pytest.mark.parametrize("cell", ["нет отметки", "н/а", "отсутствовал"])
def test_d07_no_mark(cell):
    assert "journal_mark" not in first(pupils({MARK: cell}))


def test_d07_mark_one_is_rejected():
    assert codes(pupils({MARK: "1"})) == ["OUT_OF_RANGE"]


@pytest.mark.parametrize("cell", ["-1", "-2", "11", "30", "?", "H"])
def test_d08_impossible_scores(cell):
    assert codes(pupils({TASK_1: cell})) == ["TASK_SCORE_INVALID"]


def test_d08_sum_above_the_maximum_of_the_scale():
    reading = pupils({TOTAL: "22"})
    assert [(code, params["maximum"]) for *_, code, params in reading.rejections] == [
        ("SCORE_ABOVE_MAX", 20)
    ]


def test_d08_score_and_sum_above_what_the_heading_declares():
    rows = [HEAD_2022, *(row_2022(str(1003 + n)) for n in range(10))]
    bad = [row_2022("2001", scores=("2", "0", "3")), row_2022("2002", total="6")]
    reading = read([*rows, *bad], "2022/11/Химия.xlsx")
    assert codes(reading) == ["TASK_SCORE_INVALID", "SCORE_ABOVE_MAX"]


def test_d09_declared_total_is_kept():
    row = first(pupils({TOTAL: "7"}))
    assert (row["primary_score"], row["scores"]) == (7, [1, 1])


@pytest.mark.parametrize("cell", ["0", "Var1", "10"])
def test_d10_variant_out_of_the_list(cell):
    assert first(pupils({VARIANT: cell}))["variant"] == cell


def test_d11_text_and_numbers_in_one_column():
    reading = pupils({3: 40000.0, TASK_1: 1.0, MARK: 4.0, TOTAL: 2.0}, {TASK_1: "1"})
    rows = table(reading, "vpr_pupil")
    assert [row["scores"] for row in rows[:2]] == [[1, 1], [1, 1]]
    assert rows[0]["pupil_code"] == "40000"
    assert "source_text" in rows[0]  # the class is lower case
    assert source(rows[0]) == {"класс": "а"}


def test_d12_codes_of_organisations_keep_their_zeros():
    rows = [[*row] for row in REGISTER]
    rows[2][4] = 9319.0
    assert [row["rcoi_code"] for row in table(read(rows, "x.xlsx"))] == ["006036", "9319"]


def test_d13_tax_number_as_number_or_of_wrong_length():
    rows = [[*row] for row in REGISTER]
    assert first(read(rows, "x.xlsx"))["inn"] == "2312345678"
    rows[1][5] = "23123456789"
    assert read(rows, "x.xlsx").reason_code == "TOO_MANY_REJECTED"


def test_d14_other_prefixes_stay_other_organisations():
    rows = [EXPORT_2021[0], *([login, *EXPORT_2021[1][1:]] for login in ("ksh220002", "spo220002"))]
    reading = read(rows, NAME)
    assert [row["school_code"] for row in table(reading, "vpr_pupil")] == ["ksh220002", "spo220002"]


def test_d19_latin_letter_in_a_heading():
    head = [*HEAD_2022]
    head[10] = "10K1 (3б)"
    head[7] = "Bариант"
    tasks = table(read([head, row_2022("1003")], "2022/11/Химия.xlsx"), "vpr_paper_task")
    assert tasks[2]["task_label"] == "10К1"


def test_d20_titles_two_header_rows_and_graph_numbers():
    reading = read(SPARSE, "x.xlsx")
    assert ("Sheet1", "column_numbers", 1) in reading.structure
    assert reading.rows_accepted == 2


@pytest.mark.parametrize("label", ["Итого по Забайкальскому краю", "ВСЕГО по региону", "Итого:"])
def test_d22_total_rows_first_or_last(label):
    total = [label, 20, 700, 5, 30, 40, 25]
    for rows in ([*F3, total], [*F3[:8], total, *F3[8:]]):
        reading = read(rows, "x.xlsx")
        assert ("Sheet1", "total", 1) in reading.structure
        assert reading.rows_read == 4


def test_d23_total_row_shifted_by_a_column():
    reading = read([*F3, ["", "ВСЕГО по региону", 805, "х"]], "x.xlsx")
    assert ("Sheet1", "total", 1) in reading.structure
    assert reading.rows_rejected == 0


def test_d25_separator_rows():
    reading = read(F1, "x.xlsx")
    assert ("Sheet1", "separator", 2) in reading.structure


def test_d26_footers():
    reading = read([*STACKED, ["Исполнитель: …, тел. 0-00-00"]], "x.xlsx")
    assert ("Sheet1", "footer", 10) in reading.structure
    assert reading.rows_rejected == 0


def test_d27_several_tables_in_one_sheet():
    assert [part.part_no for part in read(STACKED, "x.xlsx").parts] == [1, 2, 3]


def test_d28_spacer_and_nameless_columns():
    assert read(SPARSE, "x.xlsx").rows_accepted == 2
    wide = [[*row, *[""] * 20] for row in EXPORT_2020]
    assert table(read(wide, "2020/4/Математика.xlsx"), "vpr_pupil")[0]["scores"] == [1, -1, 3]


def test_d29_phantom_rows_of_the_form():
    phantoms = [["", "", "", "", "", "", 0]] * 1470
    reading = read([*FORM_2026, *phantoms], "edu230001/Русский язык 4 класс ВПР 2026.xlsx")
    assert reading.rows_read == 2
    assert ("Sheet1", "empty_template", 1472) in reading.structure


def test_d30_uncached_formulas():
    name = "edu230001/Русский язык 4 класс ВПР 2026.xlsx"
    for value in (0, ""):
        rows = [FORM_2026[0], [*FORM_2026[1][:6], value]]
        reading = read(rows, name, uncached=frozenset({(1, 6)}))
        assert first(reading)["primary_score"] == 5  # the total is the sum of the tasks
    report = [[*row] for row in F3]
    reading = read(report, "x.xlsx", uncached=frozenset({(8, 3)}))
    assert codes(reading) == ["UNCACHED_FORMULA"]


def test_d32_error_cells():
    report = [[*row] for row in SCORES]
    report[8][3] = "#DIV/0!"
    assert codes(read(report, "x.xlsx")) == ["ERROR_CELL"]


def test_d33_placeholders_of_no_data():
    rows = [COMPACT, *(compact_row(n, primary, score) for n, (primary, score) in enumerate(
        [("-", "х"), ("", "-"), (30, 70)]))]  # fmt: skip
    reading = read([["01 - Русский язык 2025.05.30"], *rows], "x.xlsx")
    assert [row["is_present"] for row in table(reading)] == [False, False, True]


@pytest.mark.parametrize(
    ("cells", "share"),
    [((0.355, 0.3, 0.3, 0.045), 35.5), ((35.5, 30, 30, 4.5), 35.5),
     (("35,5%", "30%", "30%", "4,5%"), 35.5)],
)  # fmt: skip
def test_d34_percents(cells, share):
    reading = read([*F3[:8], ["МБОУ «СОШ №1»(edu230001)", "", 200, *cells]], "x.xlsx")
    assert first(reading)["pct_2"] == share


def test_d35_decimal_and_thousands_commas_in_one_file():
    row = first(read(SCORES, "x.xlsx"))
    assert (row["n_part"], row["pct"]) == (1722202, 20.5)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("01.02.2021", (2021, 2, 1)), ("2021.02.01", (2021, 2, 1)), (44228, (2021, 2, 1)),
     (dt.date(2021, 2, 1), (2021, 2, 1)), (dt.datetime(2021, 2, 1, 9, 54), (2021, 2, 1)),
     ("1.2.2021 9:54:41", (2021, 2, 1))],
)  # fmt: skip
def test_d37_dates(cell, day):
    rows = [["Учебный год", "Код школы", "Название школы", "Номер документа", "Дата документа"],
            ["2020/21", "s1", "СОШ", "1", cell]]  # fmt: skip
    reading = read(rows, "x.xlsx")
    assert first(reading)["document_date"] == dt.date(*day)
    assert reading.document_date == dt.date(*day)


def test_d38_sheet_name_cut_at_31_characters():
    reading = read(EXPORT_2021, "2021/выгрузка.xlsx", sheet="МА 4 Сравнение отметок с отметк")
    assert reading.envelope["subject"] == "MA"


def test_d39_empty_first_column_does_not_matter():
    shifted = [["", *row] for row in F3]
    assert read(shifted, "x.xlsx").rows_accepted == 4


def test_d40_task_labels_and_running_numbers():
    labels = [row["task_label"] for row in table(read(TASKS, "x.xlsx"))[:3]]
    assert labels == ["1К1", "1К2", "2"]


def test_d41_grade_of_the_paper_is_not_the_class():
    reading = read(EXPORT_2020, "2020/4/Математика.xlsx")
    assert (reading.envelope["grade_label"], reading.envelope["programme_grade"]) == (5, 4)


@pytest.mark.parametrize("name", ["Русскому языку", "русский", "РУ", "Русского языка"])
def test_d42_subject_in_another_case(name):
    assert read(EXPORT_2021, f"2021/4/{name}.xlsx").envelope["subject"] == "RU"


def test_d43_one_exam_on_two_dates():
    row = first(read(LANGUAGE, "x.xlsx"))
    assert (row["exam_date"], row["oral_date"]) == (dt.date(2022, 6, 14), dt.date(2022, 6, 16))


def test_d44_recheck_is_a_change_of_its_own():
    rows = table(read(APPEALS_BY_CELL, "x.xlsx"))
    assert [(row["score_before"], row["score_after"]) for row in rows] == [(72, 76), (78, 80)]


def test_d45_duplicate_code_of_one_school():
    reading = pupils({}, {3: "40000"})
    assert codes(reading) == ["DUPLICATE_ROW"]


def test_d46_declared_number_of_participants_is_wrong():
    rows = [[*row] for row in F1]
    rows[8] = ["МБОУ «СОШ №1»(edu230001) | Кол-во участников: 89"]
    reading = read(rows, "x.xlsx")
    assert reading.parts[0].envelope["declared_mismatches"] == 1
    assert reading.rows_accepted == 3


def test_d47_empty_template_instead_of_results():
    reading = read([FORM_2026[0]], "edu230001/Русский язык 4 класс ВПР 2026.xlsx")
    assert reading.reason_code == "EMPTY_TEMPLATE"


@pytest.mark.parametrize("cell", ["SUPP", "NE", "<10", "s"])
def test_d52_suppressed_values(cell):
    report = [*F3, ["МБОУ «СОШ №2»(edu230002)", cell, 89, cell, 30, 40, 25]]
    reading = read(report, "x.xlsx")
    assert codes(reading) == ["SUPPRESSED_VALUE"]  # a required share
    report[-1][3] = 5
    assert read(report, "x.xlsx").rows_rejected == 0  # the number of schools may be blank


def test_d58_keys_joined_by_bars_with_empty_parts():
    rows = [HEAD_2022, row_2022("1003", school="edu230164 | | "),
            row_2022("1004", school="edu230165 | Лицей | № 1")]  # fmt: skip
    found = table(read(rows, "2022/11/Химия.xlsx"), "vpr_pupil")
    assert found[0]["school_code"] == "edu230164"
    assert "school_name_given" not in found[0]
    assert found[1]["school_name_given"] == "Лицей | № 1"


def test_d59_headings_with_tabs_line_feeds_and_blanks():
    head = [f" {name}\t".replace(" ", "\n ", 1) for name in HEAD_2022]
    assert read([head, row_2022("1003")], "2022/11/Химия.xlsx").layout == "vpr_export_2022"


def test_d60_spellings_of_municipalities():
    labels = ["г. Горячий Ключ", "город Горячий Ключ", "Комитет образования администрации района",
              "Район(reg20_m012)"]  # fmt: skip
    report = [*F3[:8], *([label, 1, 10, 5, 30, 40, 25] for label in labels)]
    levels = [row["unit_level"] for row in table(read(report, "x.xlsx"))]
    assert levels == ["municipality"] * 4


def test_d61_names_and_documents_stay_inside():
    rows = [["01 - Русский язык 2025.05.30"], COMPACT, compact_row(1, "ошибка"),
            *(compact_row(n) for n in range(2, 12)), *FOOTERS]  # fmt: skip
    reading = read(rows, "x.xlsx")
    assert codes(reading) == ["NOT_A_NUMBER"]
    assert "Фамильев" not in repr(reading)


def test_boolean_cell_is_not_the_number_one():
    reading = pupils({TASK_1: True}, {TASK_1: 1})
    assert codes(reading) == ["TASK_SCORE_INVALID"]
    assert first(reading)["scores"] == [1, 1]


def test_code_without_digits_is_a_rejected_row_not_a_lost_one():
    reading = pupils({3: "код"})
    assert codes(reading) == ["BAD_CODE"]
    assert reading.rows_read == 11
