"""Cells: what each becomes, by hand; parse∘render is the identity, normal forms are idempotent."""

# ruff: noqa: DTZ001  moments in files are local and carry no zone

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import Column, load_contracts
from ingestion.read.converters import converter
from ingestion.read.layouts import task_label
from ingestion.read.rows_exam import document_of
from ingestion.read.rows_pupil import school_of
from ingestion.read.rows_units import unit_of
from ingestion.read.typing import (
    ABSENT,
    Memo,
    Reject,
    class_label,
    score_converter,
    variant,
    write_plain,
    write_score,
)
from ingestion.read.words import cell_text, fold, parse_moment, plain
from samples.scales import profile_names


def typed(column, cell, form=None):
    value = converter(column, form)[0](cell)
    return value.code if isinstance(value, Reject) else value


COUNT = Column("n", "int", "", "", minimum=0)
PERCENT = Column("p", "number", "", "", minimum=0, maximum=100, unit="%")
CODE = Column("c", "code", "", "", pattern=r"\d{1,9}")
DAY = Column("d", "date", "", "")
MOMENT = Column("t", "timestamp", "", "")
MARK = load_contracts()["vpr_pupil"].column("journal_mark")
SEX = load_contracts()["vpr_pupil"].column("sex")
PROFILE = load_contracts()["pupil_year"].column("class_profile")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("89", 89), (89.0, 89), (" 89\xa0", 89), ("1,722,202", 1722202), ("60\xa0000", 60000),
        ("1 234", 1234), ("", None), ("-", None), ("х", None), ("5,0", 5), ("5.5", "NOT_A_NUMBER"),
        ("много", "NOT_A_NUMBER"), (-1, "OUT_OF_RANGE"), (True, "NOT_A_NUMBER"),
        (math.nan, "NOT_A_NUMBER"), (math.inf, "NOT_A_NUMBER"), ("#ДЕЛ/0!", "ERROR_CELL"),
        ("#DIV/0!", "ERROR_CELL"), ("=A1+B1", "FORMULA_TEXT"), ("1e400", "NOT_A_NUMBER"),
    ],
)  # fmt: skip
def test_whole_numbers(cell, value):
    assert typed(COUNT, cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (35.5, 35.5), ("35,5", 35.5), ("35,5%", 35.5), ("35.5 %", 35.5), ("100", 100.0),
        ("100,01", "OUT_OF_RANGE"), ("1 000,5", "OUT_OF_RANGE"), ("н/д", None),
        ("SUPP", None), ("<10", None), ("NE", None), ("s", None),
    ],
)  # fmt: skip
def test_percents(cell, value):
    assert typed(PERCENT, cell) == value


@pytest.mark.parametrize(("cell", "value"), [(0.355, 35.5), ("35,5%", 35.5), ("0,355", 35.5)])
def test_fractions_where_the_layout_says_so(cell, value):
    assert typed(PERCENT, cell, "fraction") == value


def test_suppressed_value_of_a_required_column_rejects():
    required = Column("p", "number", "", "", required=True)
    assert [typed(required, cell) for cell in ("SUPP", "<10")] == ["SUPPRESSED_VALUE"] * 2


@pytest.mark.parametrize(
    ("cell", "value"),
    [("50001", "50001"), (50001.0, "50001"), ("50001.0", "50001"), ("006036", "006036"),
     ("5000а", "BAD_CODE"), ("", None)],
)  # fmt: skip
def test_codes_stay_text(cell, value):
    assert typed(CODE, cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("4", 4), ("4\xa0", 4), ("\xa04", 4), (5.0, 5), ("", None), ("нет отметки", None),
        ("н/а", None), ("отсутствовал", None), ("1", "OUT_OF_RANGE"), ("6", "OUT_OF_RANGE"),
        ("ж", "SHIFTED_COLUMNS"), ("М", "SHIFTED_COLUMNS"), ("отл", "NOT_A_NUMBER"),
    ],
)  # fmt: skip
def test_marks(cell, value):
    assert typed(MARK, cell, "mark") == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("Технологический", "technological"), ("естественно-научный", "science"),
     ("естественнонаучный", "science"), ("гуманитарный", "humanitarian"),
     ("социально–экономический ", "socioeconomic"), ("универсальный", "universal"),
     ("science", "science"), ("", None), ("спортивный", "NOT_IN_VOCABULARY")],
)  # fmt: skip
def test_profile_of_a_class_is_a_code_of_the_reference_lists(cell, value):
    """Subjects and specialties of a profile are found by its code."""
    assert typed(PROFILE, cell) == value
    assert set(PROFILE.vocabulary) == set(profile_names())


@pytest.mark.parametrize(
    ("cell", "value"),
    [("м", "m"), ("\xa0Ж", "f"), (" ж", "f"), ("", None), ("4", "SHIFTED_COLUMNS"),
     ("муж.", "m"), ("да", "NOT_IN_VOCABULARY")],
)  # fmt: skip
def test_sex(cell, value):
    assert typed(SEX, cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", 0), (2.0, 2), ("1\xa0", 1), ("X", -1), ("x", -1), ("Х", -1), ("х", -1), (" Х", -1),
        ("не пройд.", -2), ("Не пройд", -2), ("", None), ("отсутствовал", ABSENT),
        ("-1", "TASK_SCORE_INVALID"), (-2, "TASK_SCORE_INVALID"), ("30", "TASK_SCORE_INVALID"),
        ("?", "TASK_SCORE_INVALID"), ("H", "TASK_SCORE_INVALID"), ("3", "TASK_SCORE_INVALID"),
        ("1,5", "TASK_SCORE_INVALID"), ("ж", "SHIFTED_COLUMNS"), ("#Н/Д", "ERROR_CELL"),
    ],
)  # fmt: skip
def test_task_scores_up_to_two(cell, value):
    found = score_converter(2)(cell)
    assert (found.code if isinstance(found, Reject) else found) == value


@pytest.mark.parametrize(
    ("cell", "label"),
    [("а", "А"), ("A", "А"), ("a", "А"), ("нет", None), ("НЕТ", None), ("", None), ("7б", "7Б"),
     ("а(2)", "А(2)"), (11.0, "11"), ("Быстрянка", "БЫСТРЯНКА"), ("\xa0б ", "Б"),
     ("#ДЕЛ/0!", None), ("#NAME?", None), ("=A1", None)],
)  # fmt: skip
def test_class_labels(cell, label):
    assert class_label(cell) == label


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1", "1"), (2.0, "2"), ("2\xa0", "2"), ("10", "10"), ("0", "0"), ("Var1", "Var1"),
     ("", None), ("отсутствовал", ABSENT), ("ОТСУТствовал", ABSENT)],
)  # fmt: skip
def test_variants(cell, value):
    assert variant(cell) == value


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("20.04.2026", dt.datetime(2026, 4, 20)),
        ("15.03.2022 19:27:37", dt.datetime(2022, 3, 15, 19, 27, 37)),
        ("2025.05.30", dt.datetime(2025, 5, 30)),
        ("05.07.2021 9:54:41", dt.datetime(2021, 7, 5, 9, 54, 41)),
        ("2022-03-15T19:27", dt.datetime(2022, 3, 15, 19, 27)),
        (45810, dt.datetime(2025, 6, 2)),
        (45810.5, dt.datetime(2025, 6, 2, 12)),
        (dt.date(2025, 6, 2), dt.datetime(2025, 6, 2)),
        (dt.datetime(2025, 6, 2, 1), dt.datetime(2025, 6, 2, 1)),
        ("31.02.2022", None), ("вчера", None), (12, None), ("20.04.26", None),
    ],
)  # fmt: skip
def test_moments(cell, moment):
    assert parse_moment(cell) == moment


def test_dates_of_a_column():
    assert typed(DAY, "20.04.2026") == dt.date(2026, 4, 20)
    assert typed(DAY, "завтра") == "BAD_DATE"
    assert typed(MOMENT, "05.07.2021 9:54:41") == dt.datetime(2021, 7, 5, 9, 54, 41)


@pytest.mark.parametrize(
    ("cell", "pair"),
    [
        ('edu220164 | МБОУ "Гимназия №131"', ("edu220164", 'МБОУ "Гимназия №131"')),
        ("МБОУ «СОШ №1 г.Урус-Мартан»(edu203389)", ("edu203389", "МБОУ «СОШ №1 г.Урус-Мартан»")),
        ("SCH220164", ("sch220164", None)),
        ("ksh220002", ("ksh220002", None)),
        ("СОШ №1", (None, "СОШ №1")),
        ("", (None, None)),
    ],
)
def test_school_of_a_cell(cell, pair):
    assert school_of(cell) == pair


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("Вся выборка", "sample"), ("Чеченская Республика", "region"),
        ("Краснодарский край", "region"), ("Ростовская область", "region"),
        ("Урус-Мартановский муниципальный район(reg20_m012)", "municipality"),
        ("г. Горячий Ключ", "municipality"), ("город Горячий Ключ", "municipality"),
        ("Комитет образования администрации района", "municipality"),
        ("МБОУ «СОШ №1 г.Урус-Мартан»(edu203389)", "school"), ("МАОУ лицей № 3", "school"),
    ],
)  # fmt: skip
def test_level_of_a_report_row(label, level):
    assert unit_of(label)[0] == level


@pytest.mark.parametrize(
    ("text", "label"), [("11.3 k1", "11.3К1"), ("16 (1)", "16(1)"), ("10К2", "10К2")]
)
def test_task_labels(text, label):
    assert task_label(text) == label


def test_documents_with_lost_zeros_are_one():
    assert document_of("0312", "001234") == document_of("312", "1234") == "0312001234"
    assert document_of("", "0312 001234") == document_of("", "312001234") == "0312001234"
    assert document_of("II-АК", "123456") == "IIАК123456"
    assert document_of("", "") == document_of("0312", "") == ""


def test_memo_types_a_column_and_points_at_odd_cells():
    memo = Memo(*converter(MARK, "mark"))
    assert memo.column(["4", 4.0, "\xa04", "ж"])[:3] == [4, 4, 4]
    assert memo.odd == {"\xa04", "ж"}
    assert memo.fragment('"Отметка"', "\xa04") == '"\\"Отметка\\"": "\xa04"'


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_whole_numbers_survive_writing(number):
    assert typed(COUNT, write_plain(number)) == number


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 100, allow_nan=False))
def test_numbers_survive_writing(number):
    assert typed(PERCENT, write_plain(number)) == number


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.none(), st.integers(-2, 9)))
def test_scores_survive_writing(score):
    assert score_converter(9)(write_score(score)) == score


@settings(max_examples=60, deadline=None)
@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 1, 1)))
def test_moments_survive_writing(moment):
    moment = moment.replace(microsecond=0)
    assert typed(MOMENT, write_plain(moment)) == moment
    assert typed(DAY, write_plain(moment.date())) == moment.date()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SEX.vocabulary)))
def test_vocabulary_survives_writing(code):
    convert, write = converter(SEX)
    assert convert(write(code)) == code


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_normal_forms_are_idempotent(text):
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)
    label = class_label(text)
    assert label is None or class_label(label) == label
    assert task_label(task_label(text)) == task_label(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [("Koд OO", "Код ОО"), ("Дeйcтвyeт c", "Действует с"), ("Ha yчётe", "На учёте"),
     ("K1 балл", "К1 балл")],
)  # fmt: skip
def test_latin_look_alikes_of_a_cyrillic_text_are_cyrillic(text, same):
    assert plain(text) == plain(same)


def test_latin_texts_and_words_of_other_letters_stay_latin():
    assert plain("MA") == "ma"
    assert "stem" in plain("Код STEM")


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates()))
def test_no_cell_breaks_a_converter(cell):
    for contract in load_contracts().values():
        for column in contract.columns:
            if column.type not in ("pid", "scores"):
                converter(column)[0](cell)
    score_converter(5)(cell)
    cell_text(cell)
