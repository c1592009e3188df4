"""What a file does not say of itself: places, spellings, calendar, contradictions."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.read.envelope import resolve
from ingestion.read.scanner import Said, Scanner
from ingestion.reasons import Refusal
from ingestion.reference import load_reference
from tests.unit.ingestion.layout_world import (
    EXPORT_2020,
    EXPORT_2021,
    FORM_2026,
    HEAD_2022,
    head,
    read,
    row_2022,
)

REFERENCE = load_reference()
SCANNER = Scanner(REFERENCE)
PROGRAMME = {"procedure": "VPR", "grade_means": "programme"}
LABEL = {"procedure": "VPR", "grade_means": "label"}
TODAY = dt.date(2026, 11, 24)


def envelope(name, spec=PROGRAMME, told=None, cells=()):
    said = [
        *(Said("заголовок таблицы", SCANNER.scan(text)) for text in cells),
        *SCANNER.path(name),
        SCANNER.told(told or {}),
    ]
    found = resolve(REFERENCE, spec, said, TODAY)
    return tuple(
        found[field]
        for field in ("subject", "cal_year", "season", "grade_label", "programme_grade")
    )


def refusal(name, spec=PROGRAMME, told=None, cells=()):
    with pytest.raises(Refusal) as caught:
        envelope(name, spec, told, cells)
    return caught.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2020/4/Математика.xlsx", ("MA", 2020, "autumn", 5, 4)),
        ("2020/8/Английский_язык.xlsx", ("EN", 2020, "autumn", 9, 8)),
        ("2020/11/Химия.xlsx", ("HI", 2020, "spring", 11, 11)),
        ("2021/4/Проведение работы по математике, 4 класс. ВПР 2021.xlsx",
         ("MA", 2021, "spring", 4, 4)),
        ("2021/7/Проведение_работы_по_биологии,_7_класс_(по_образцу_7_класса)._ВПР_2021.xlsx",
         ("BI", 2021, "spring", 7, 7)),
        ("ВПР 2021/Русскому языку 6 класс.xlsx", ("RU", 2021, "spring", 6, 6)),
        ("ВПР/2021/4 класс/окружающему миру.xlsx", ("OM", 2021, "spring", 4, 4)),
        ("ВПР 2020. Математика, 5 класс (по программе 4 класса).xlsx",
         ("MA", 2020, "autumn", 5, 4)),
        ("ВПР осень 2022/5/Математика.xlsx", ("MA", 2022, "autumn", 6, 5)),
        ("ВПР весна 2022/5/Математика.xlsx", ("MA", 2022, "spring", 5, 5)),
        ("2020-2021 учебный год/осень/4/Математика.xlsx", ("MA", 2020, "autumn", 5, 4)),
        ("Школа № 5/2021/4/РУ.xlsx", ("RU", 2021, "spring", 4, 4)),
        ("2021/МА 4.xlsx", ("MA", 2021, "spring", 4, 4)),
    ],
)  # fmt: skip
def test_names_and_folders(name, expected):
    assert envelope(name) == expected


@pytest.mark.parametrize(
    ("text", "subject"),
    [("Русскому языку", "RU"), ("русский", "RU"), ("МАТЕМАТИКЕ", "MA"), ("МА", "MA"),
     ("окружающему миру", "OM"), ("истории", "IS"), ("География", "GG"), ("обществознанию", "OB"),
     ("Информатика (КЕГЭ)", "IN"), ("ИКТ", "IN"), ("Английский язык", "EN"),
     ("немецкому языку", "DE"), ("Иностранный язык (английский)", "EN"),
     ("Литературному чтению", "LC"), ("литературе", "LI"),
     ("Математика (с углублённым изучением)", "MU"), ("физике с углубленным изучением", "FU"),
     ("Биология (обр. 7 кл.)", "BI"), ("Сводка", None), ("Русский язык и математика", None)],
)  # fmt: skip
def test_spellings_of_subjects(text, subject):
    assert SCANNER.scan(text).get("subject") == subject


def test_class_label_of_a_report_becomes_the_programme_by_the_calendar():
    cells = ["ВПР 2020 Математика 5 класс", "Дата: 22.09.2020"]
    assert envelope("x.xlsx", LABEL, cells=cells) == ("MA", 2020, "autumn", 5, 4)
    assert envelope("2020/4/x.xlsx", LABEL, cells=cells) == ("MA", 2020, "autumn", 5, 4)


def test_date_gives_year_and_season():
    cells = ["Русский язык 4 класс", "Дата: 20.04.2026"]
    assert envelope("x.xlsx", LABEL, cells=cells) == ("RU", 2026, "spring", 4, 4)


def test_told_fills_what_is_missing():
    told = {"subject": "математике", "year": "2021", "grade": "4"}
    assert envelope("выгрузка.xlsx", told=told) == ("MA", 2021, "spring", 4, 4)
    told = {"subject": "MA", "cal_year": "2022", "season": "autumn", "programme_grade": "5"}
    assert envelope("выгрузка.xlsx", told=told) == ("MA", 2022, "autumn", 6, 5)


@pytest.mark.parametrize(
    ("name", "missing", "option"),
    [
        ("4/Математика.xlsx", "год", "--year"),
        ("2021/Математика.xlsx", "класс", "--grade"),
        ("2021/4/Результаты.xlsx", "предмет", "--subject"),
        ("2022/5/Математика.xlsx", "сезон", "--season"),
        ("2021/5-8 классы/Математика.xlsx", "класс", "--grade"),
        ("2021/4А/Математика.xlsx", "класс", "--grade"),
        ("Результаты.xlsx", "год, предмет, класс", "--year"),
    ],
)
def test_missing_field_says_how_to_name_the_file(name, missing, option):
    error = refusal(name)
    assert error.code == "ENVELOPE_MISSING"
    assert error.params["fields"] == missing
    assert "/4/Математика.xlsx" in str(error)
    assert f"msoko deliver ФАЙЛ {option}" in str(error)


def test_exam_without_a_title_says_how_to_name_it():
    error = refusal("протокол.xlsx", spec={"procedure": "EGE"})
    assert error.params["fields"] == "дата экзамена, предмет"
    assert "01 - Русский язык 2025.05.30.xlsx" in str(error)
    assert "--date 30.05.2025" in str(error)


def test_what_a_person_tells_must_be_known():
    assert refusal("2021/4/Математика.xlsx", told={"subject": "Матиматика"}).code == "TOLD_UNKNOWN"


@pytest.mark.parametrize(
    ("name", "told", "cells", "field", "places"),
    [
        ("2021/4/Математика.xlsx", {"subject": "RU"}, (),
         "Предмет", ["имя файла: Математика", "указано при передаче: Русский язык"]),
        ("2020/4/Математика ВПР 2021.xlsx", {}, (), "Год", ["папка: 2020", "имя файла: 2021"]),
        ("2021/4/Математика 5 класс.xlsx", {}, (),
         "Класс программы", ["папка: 4", "имя файла: 5"]),
        ("2021/5/Математика.xlsx", {}, ["ВПР 2020 Математика 4 класс"], "Год", ["2020", "2021"]),
        ("ЕГЭ/2021/4/Математика.xlsx", {}, (), "Процедура", ["вид таблицы: VPR", "папка: EGE"]),
    ],
)  # fmt: skip
def test_contradiction_names_both_places_and_values(name, told, cells, field, places):
    error = refusal(name, told=told, cells=cells)
    assert error.code == "ENVELOPE_CONTRADICTION"
    assert error.params["field"] == field
    for place in places:
        assert place in error.params["places"]


def test_label_and_programme_that_the_calendar_does_not_know_together():
    error = refusal("2021/Математика 5 класс (по программе 4 класса).xlsx")
    assert error.code == "ENVELOPE_CONTRADICTION"


def test_stated_school_year_must_fit():
    assert refusal("2021-2022/2021/4/Математика.xlsx").params["field"] == "Учебный год"


@pytest.mark.parametrize("year", [2014, 2031])
def test_impossible_years_are_refused(year):
    error = refusal("4/Математика.xlsx", told={"year": str(year), "season": "spring"})
    assert error.code == "ENVELOPE_CONTRADICTION"
    assert str(year) in error.params["places"]


def test_class_letters_and_codes_never_give_a_grade():
    # codes 50001, class «7б»: only the folder counts
    rows = [[*row] for row in EXPORT_2020]
    rows[1][6] = "7б"
    assert read(rows, "2020/4/Математика.xlsx").envelope["programme_grade"] == 4
    assert read(rows, "2020/Математика.xlsx").reason_code == "ENVELOPE_MISSING"


def test_form_needs_its_sender():
    name = "Форма сбора результатов Русский язык 4 класс ВПР 2026.xlsx"
    silent = read(FORM_2026, name)
    assert silent.params["fields"] == "школа-отправитель"
    assert silent.params["options"] == "--sender edu230001"
    assert read(FORM_2026, name, {"school": "edu230001"}).envelope["sender"] == "edu230001"
    assert read(FORM_2026, f"edu230001_{name}").envelope["sender"] == "edu230001"


def test_upload_date_contradicts_the_folder():
    reading = read([HEAD_2022, row_2022("1003")], "2021/11/Химия.xlsx")
    assert reading.params["places"] == "строка таблицы: 2022; папка: 2021"


def test_sheet_name_is_a_place():
    reading = read(EXPORT_2021, "2021/4/отчёт.xlsx", sheet="МА 4 Протокол")
    assert reading.envelope["subject"] == "MA"
    reading = read(EXPORT_2021, "2021/4/Математика.xlsx", sheet="РУ 4 Протокол")
    assert reading.reason_code == "ENVELOPE_CONTRADICTION"


def test_copied_year_in_a_title_is_noticed():
    title = head(report="Протокол", paper="ВПР 2023 Математика 4 класс", subject="Математика",
                 date="")  # fmt: skip
    reading = read([*title, *EXPORT_2021], "ВПР.xlsx", sheet="2022")
    assert reading.reason_code == "ENVELOPE_CONTRADICTION"
    assert reading.params["field"] == "Год"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("01 - Русский язык 2025.05.30", ("01", "RU", "2025-05-30", None)),
        ("Английский язык п:2022.06.14; у:2022.06.16", (None, "EN", "2022-06-14", "2022-06-16")),
        ("Английский язык п.: 2021.06.14, у.: 2021.06.16",
         (None, "EN", "2021-06-14", "2021-06-16")),
        ("Математика(2026.06.02)", (None, "MA", "2026-06-02", None)),
        ("25 - Информатика (КЕГЭ) 2023.06.19", ("25", "IN", "2023-06-19", None)),
        ("01_2025.05.30", ("01", None, "2025-05-30", None)),
    ],
)  # fmt: skip
def test_exam_titles(title, expected):
    facts = SCANNER.exam(title)
    dates = [str(facts[key]) if key in facts else None for key in ("exam_date", "oral_date")]
    assert (facts.get("number"), facts.get("subject"), *dates) == expected


@pytest.mark.parametrize("title", ["20 - Чеченская Республика", "Протокол проверки", "", "01"])
def test_other_titles_are_no_exams(title):
    assert SCANNER.exam(title) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_scanner(text):
    SCANNER.scan(text)
    SCANNER.exam(text)
    SCANNER.path(text)
