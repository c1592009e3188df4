"""Registers that senders fill in: persons, schools, parts, spellings of cells.

The forms are made from the contracts; their values are plain ones, so what is read is known.
"""

import datetime as dt
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import Layout, load_contracts
from ingestion.contracts.form import form_columns
from ingestion.read.converters import converter
from ingestion.read.layout import read_tables
from ingestion.read.model import ReadContext, Sheet
from ingestion.read.persons import _mended, is_whole, name_of
from tests.unit.ingestion.layout_world import context, read, table

FORMS = [
    contract
    for contract in load_contracts().values()
    if any(layout.spec["columns"] == "titles" for layout in contract.layouts)
    and contract.link_key != "document"
]
PERSON, BORN = "Иванова Алёна Петровна", "05.07.2012"


def value_of(column):
    """A cell that fits a column."""
    special = {
        "school_code": "edu230001", "school_name_given": "СОШ № 1", "school_year": "2023/24",
        "list_school_year": "2023/24",
        "decision_school_year": "2023/24", "effect_measure": "D1.01a", "subject": "Математика", "fis_login": "edu230001",
        "rcoi_code": "111002", "inn": "2305000001", "ogrn": "1022300000001",
        "measure_code": "D1.13x" if "x" in (column.pattern or "") else "D1.01a",
        "direction_code": "D1", "specialty_code": "09.02.07",
    }  # fmt: skip
    if column.name.startswith("_fio"):
        return PERSON
    if column.name.startswith("_born"):
        return BORN
    if column.name in special:
        return special[column.name]
    if column.vocabulary:
        return next(iter(column.vocabulary.values()))[0]
    if column.type in ("int", "number"):
        return column.minimum or 0
    kinds = {"bool": "да", "date": "20.04.2024", "text": "слово", "code": "A1"}
    return kinds[column.type]


def form(contract, **changes):
    """Heading row and one filled row of a contract's form."""
    columns = form_columns(contract)
    cells = {column.name: value_of(column) for column in columns} | changes
    return [[column.title for column in columns], [cells[column.name] for column in columns]]


def read_form(name, *rows, file="форма.xlsx", allowed=False, **changes):
    """Read a form with one row for each of `rows`, changes of the plain row."""
    contract = load_contracts()[name]
    sheet = form(contract)[:1] + [form(contract, **changes | row)[1] for row in rows or ({},)]
    base = context()
    known = ReadContext(base.contracts, base.reference, base.pseudonymiser, "23", allowed)
    return read_tables([Sheet("Данные", True, sheet)], file, {}, "fedcbafedcbafedc", known)


@pytest.mark.parametrize("contract", FORMS, ids=lambda contract: contract.table)
def test_a_filled_form_is_recognised_and_read(contract):
    reading = read_form(contract.table, allowed=True)
    assert (reading.status, reading.table) == ("read", contract.table), reading.params
    assert (reading.rows_accepted, reading.rejections) == (1, [])
    (row,) = table(reading)
    for identity in contract.identities:
        assert row[identity.pid] == context().pseudonymiser.pid(
            "person", "иванова алена петровна", "2012-07-05"
        )
    assert not {"иванова", "2012-07-05"} & set(str(row).lower().replace("'", " ").split())


@pytest.mark.parametrize("contract", FORMS, ids=lambda contract: contract.table)
def test_titles_of_a_form_differ(contract):
    titles = [column.title.casefold() for column in form_columns(contract)]
    if contract.template:
        assert sorted(set(titles)) == sorted(titles)


def test_two_persons_of_a_row_have_their_own_pseudonyms():
    other = {"_fio.mentee_pid": "Петров Пётр", "_born.mentee_pid": dt.date(1999, 1, 2)}
    (row,) = table(read_form("mentor_pair", other))
    make = context().pseudonymiser.pid
    assert row["mentor_pid"] == make("person", "иванова алена петровна", "2012-07-05")
    assert row["mentee_pid"] == make("person", "петров петр", "1999-01-02")


def test_the_year_of_birth_and_the_name_alone():
    (row,) = table(read_form("staff", {"_born.person_pid": "1980-02-03"}))
    assert row["birth_year"] == 1980
    (row,) = table(read_form("leaver"))
    expected = context().pseudonymiser.pid("full_name", "иванова алена петровна")
    assert row["full_name_pid"] == expected


@pytest.mark.parametrize(
    ("fio", "born", "heading", "code"),
    [
        ("", BORN, "ФИО", "REQUIRED_EMPTY"),
        (PERSON, "", "Дата рождения", "REQUIRED_EMPTY"),
        (PERSON, "вчера", "Дата рождения", "BAD_DATE"),
        ("Иванова А.П.", BORN, "ФИО", "NAME_INCOMPLETE"),
        ("Иванова", BORN, "ФИО", "NAME_INCOMPLETE"),
        ("12", BORN, "ФИО", "SHIFTED_COLUMNS"),
        ("#Н/Д", BORN, "ФИО", "ERROR_CELL"),
    ],
)
def test_a_person_named_in_part_costs_the_row(fio, born, heading, code):
    bad = {"_fio.person_pid": fio, "_born.person_pid": born}
    others = [{"_fio.person_pid": f"Петров Пётр Т{'а' * n}ович"} for n in range(6)]
    reading = read_form("leaver", *others, bad)
    assert reading.rejections == [("Данные", 8, heading, code, {})]


def test_a_person_who_need_not_be_named():
    rows = [
        {"_fio.person_pid": "", "_born.person_pid": ""},
        {"event_id": "A2"},
        {"event_id": "A3", "_fio.person_pid": "", "_born.person_pid": ""},
    ]
    reading = read_form("meth_event", *rows)
    assert [row.get("person_pid") is None for row in table(reading)] == [True, False, True]
    reading = read_form("meth_event", *rows, {"event_id": "A4", "_born.person_pid": ""}, *[
        {"event_id": f"B{n}"} for n in range(4)
    ])  # fmt: skip
    assert [item[2:4] for item in reading.rejections] == [("Дата рождения", "REQUIRED_EMPTY")]


def test_rows_of_the_municipality_have_no_school():
    rows = table(read_form("custom_indicator", {}, {"school_code": "", "school_name_given": ""}))
    assert [row.get("school_code") for row in rows] == ["edu230001", None]


def test_blanks_in_a_key_are_values():
    nobody = {"school_code": "", "school_name_given": ""}
    reading = read_form("custom_indicator", nobody, nobody, *[
        {"custom_code": f"K{n}"} for n in range(8)
    ])  # fmt: skip
    assert [item[3] for item in reading.rejections] == ["DUPLICATE_ROW"]


def test_a_city_wide_file_is_one_part_for_each_school_and_year():
    rows = [
        {"school_code": school, "school_year": year}
        for school in ("edu230001", "edu230002")
        for year in ("2022/23", "2023-2024")
    ]
    reading = read_form("volunteer_count", *rows)
    assert [part.logical_key for part in reading.parts] == [
        "volunteer_count|edu230001|2022/23",
        "volunteer_count|edu230001|2023/24",
        "volunteer_count|edu230002|2022/23",
        "volunteer_count|edu230002|2023/24",
    ]
    assert [part.rows for part in reading.parts] == [1, 1, 1, 1]
    assert [row["part_no"] for row in table(reading)] == [1, 2, 3, 4]
    assert (reading.rows_read, reading.rows_accepted) == (4, 4)
    assert reading.parts[1].envelope == {"school_year": "2023/24"}


def test_a_part_changes_with_its_rows_alone():
    first = read_form("staff", {"school_code": "edu230001"}, {"school_code": "edu230002"})
    second = read_form(
        "staff", {"school_code": "edu230001"}, {"school_code": "edu230002", "subject": "RU"}
    )
    before = {part.logical_key: part.rows_hash for part in first.parts}
    after = {part.logical_key: part.rows_hash for part in second.parts}
    changed = [key for key in before if before[key] != after[key]]
    assert changed == ["staff|edu230002|2023/24"]


@pytest.mark.parametrize("code", ["sch230001", "EDU230001", " edu230001 ", "edu230001 — СОШ № 1"])
def test_one_school_has_one_key_in_all_spellings_of_its_code(code):
    (part,) = read_form("volunteer_count", {"school_code": code}).parts
    assert part.logical_key == "volunteer_count|edu230001|2023/24"


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("school_year", "2021/22", "2021/22"),
        ("school_year", "2021-2022", "2021/22"),
        ("school_year", "2021/2022", "2021/22"),
        ("school_year", "2021–2022 учебный год", "2021/22"),
        ("school_year", "2021 / 22 уч. г.", "2021/22"),
        ("school_year", "2021/23", "BAD_SCHOOL_YEAR"),
        ("school_year", "2021", "BAD_SCHOOL_YEAR"),
        ("subject", "MA", "MA"),
        ("subject", "математика", "MA"),
        ("subject", "АЯ", "EN"),
        ("subject", "Английский  язык", "EN"),
        ("subject", "Магия", "NOT_IN_VOCABULARY"),
        ("grade_label", "5", 5),
        ("grade_label", 5.0, 5),
        ("grade_label", "5 класс", 5),
        ("grade_label", "5А", 5),
        ("grade_label", "5-Б", 5),
        ("grade_label", "10 «А»", 10),
        ("grade_label", "11-й класс", 11),
        ("grade_label", "5-9", "NOT_A_NUMBER"),
        ("grade_label", "13", "OUT_OF_RANGE"),
        ("result_status", " ПРИЗЁР ", "prize"),
        ("result_status", "призер.", "prize"),
        ("contest_level", "Все российский", "russia"),
        ("in_official_list", "ДА", True),
        ("in_official_list", "0", False),
    ],
)
def test_spellings_of_cells(column, cell, value):
    of_contests = load_contracts()["contest_result"].columns
    name = "contest_result" if column in {c.name for c in of_contests} else "staff"
    keys = {"contest_result": "contest_id", "staff": "_fio.person_pid"}
    others = [{keys[name]: f"Бб{'б' * n} Бб"} for n in range(6)]
    reading = read_form(name, {column: cell}, *others)
    found = table(reading)[0][column] if not reading.rejections else reading.rejections[0][3]
    assert found == value


def test_words_of_a_yes_or_no_column():
    column = load_contracts()["essay_result"].column("passed")
    convert, write = converter(column)
    assert [convert(cell) for cell in ("Зачёт", "незачет", "да", "")] == [True, False, True, None]
    assert (write(True), write(False)) == ("зачёт", "незачёт")


@pytest.mark.parametrize("table_name", ["sen_pupil", "prevention_pupil"])
def test_lists_of_children_need_a_permission(table_name):
    reading = read_form(table_name)
    assert (reading.status, reading.reason_code) == ("refused", "RESTRICTED_ROWS")
    assert read_form(table_name, allowed=True).status == "read"


@pytest.mark.parametrize(
    "heading", ["ФИО ученика", "Фамилия", "Дата рождения", "СНИЛС", "Телефон родителя", "Адрес"]
)
def test_counts_refuse_personal_data(heading):
    rows = form(load_contracts()["volunteer_count"])
    reading = read([[*rows[0], heading], [*rows[1], "нечто"]], "форма.xlsx")
    assert (reading.status, reading.reason_code) == ("refused", "EXTRA_PERSONAL_DATA")
    assert "нечто" not in str(reading)


@pytest.mark.parametrize("heading", ["Примечание", "Адрес сайта", "Паспорт доступности"])
def test_counts_take_other_columns(heading):
    rows = form(load_contracts()["volunteer_count"])
    assert read([[*rows[0], heading], [*rows[1], "нечто"]], "форма.xlsx").status == "read"


def test_a_full_row_without_a_school_is_no_footer():
    row = {"school_code": "", "post_kind": "директор", "school_name_given": ""}
    kinds = ("учитель", "тьютор", "социальный педагог", "педагог-психолог")
    reading = read_form("staff", row, *[{"post_kind": kind} for kind in kinds])
    assert reading.rows_read == 5
    assert [item[3] for item in reading.rejections] == ["REQUIRED_EMPTY"]


NAMES = st.lists(
    st.text(st.sampled_from("абвёЁ АБХаocX -–\u00a0\u00ad'"), min_size=1, max_size=8),
    min_size=3,
    max_size=3,
)


@given(NAMES)
@settings(max_examples=300)
def test_a_name_has_one_spelling(parts):
    name = name_of(" ".join(parts))
    assert name_of(name) == name
    assert name_of(f"  {name.upper()} ") == name_of(name.upper())


@given(st.lists(st.text("абвйёЁАБ-", min_size=1, max_size=6) | st.just("нет"), max_size=4))
@settings(max_examples=300)
def test_the_short_way_of_an_ordinary_name_is_the_long_one(words):
    text = " ".join(words)
    assert name_of(text) == _mended(text)


def test_an_exam_and_a_register_name_a_person_alike():
    headings = ["Код ОО", "Фамилия", "Имя", "Отчество", "Серия", "Номер", "Код участника"]
    people = [["Иванова", "Алена", "ПЕТРОВНА"], ["Петров", "П.", ""], ["Сидорова", "Анна", "-"]]
    rows = [
        ["01 - Русский язык 2024.05.28"],
        [*headings, "Первичный балл", "Тестовый балл"],
        *[["111002", *person, "0101", f"20000{n}", "", 40, 70] for n, person in enumerate(people)],
    ]
    reading = read(rows, "ЕГЭ 2024.xlsx")
    found = [row.get("full_name_pid") for row in table(reading, "ege_result")]
    (leaver,) = table(read_form("leaver"))
    make = context().pseudonymiser.pid
    assert found == [leaver["full_name_pid"], None, make("full_name", "сидорова анна")]


EXPORT = Layout(
    "leaver_export",
    "выгрузка",
    "leaver",
    {
        "anchor": "school_code",
        "need": ["school_code", "_surname", "_born"],
        "columns": {
            "school_code": ["ОУ"],
            "_surname": ["Фамилия"],
            "_name": ["Имя"],
            "_patronymic": ["Отчество"],
            "_born": ["Родился"],
            "school_year": ["Год"],
            "grade_label": ["Класс"],
            "certificate": ["Аттестат"],
            "destination": ["Куда"],
        },
    },
)


@cache
def context_with_export():
    contracts = dict(context().contracts)
    contracts["leaver"] = replace(
        contracts["leaver"], layouts=(*contracts["leaver"].layouts, EXPORT)
    )
    return ReadContext(contracts, context().reference, context().pseudonymiser, "23")


@given(NAMES, st.dates(dt.date(1930, 1, 1), dt.date(2020, 1, 1)))
@settings(max_examples=100, deadline=None)
def test_one_cell_or_three_make_the_same_person(parts, born):
    form_rows = form(
        load_contracts()["leaver"],
        **{"_fio.person_pid": "  ".join(parts), "_born.person_pid": born},
    )
    export_rows = [
        ["ОУ", "Фамилия", "Имя", "Отчество", "Родился", "Год", "Класс", "Аттестат", "Куда"],
        ["edu230001", *parts, f"{born:%d.%m.%Y}", "2023/24", 9, "да", "ПОО"],
    ]
    known = context_with_export()
    first, second = (
        read_tables([Sheet("Лист", True, rows)], "x.xlsx", {}, "fedcbafedcbafedc", known)
        for rows in (form_rows, export_rows)
    )
    assert (first.layout, second.layout) == ("leaver", "leaver_export")
    assert first.reason_code == second.reason_code
    if first.status == "read":
        pids = [
            (rows[0]["person_pid"], rows[0]["full_name_pid"])
            for rows in (table(first), table(second))
        ]
        assert pids[0] == pids[1]
    assert is_whole(name_of(" ".join(parts))) == (first.status == "read")


def test_all_that_is_wrong_with_a_row_is_told_at_once():
    years = [{"school_year": f"20{n}/{n + 1}"} for n in range(10, 19)]
    bad = {"n_pupils": "много", "n_ovz": "#ДЕЛ/0!", "school_year": ""}
    reading = read_form("social_passport", bad, *years)
    assert [item[1:4] for item in reading.rejections] == [
        (2, "Учебный год", "REQUIRED_EMPTY"),
        (2, "Обучающихся", "NOT_A_NUMBER"),
        (2, "С ОВЗ", "ERROR_CELL"),
    ]
    assert (reading.rows_read, reading.rows_accepted, reading.rows_rejected) == (10, 9, 1)


def test_a_person_wrong_twice_is_told_twice():
    others = [{"_fio.person_pid": f"Петров Пётр Т{'а' * n}ович"} for n in range(6)]
    bad = {"_fio.person_pid": "Иванова", "_born.person_pid": "вчера"}
    reading = read_form("leaver", *others, bad)
    assert [item[2] for item in reading.rejections] == ["ФИО", "Дата рождения"]


def test_a_twin_row_is_named_with_its_key():
    years = [{"school_year": f"20{n}/{n + 1}"} for n in range(10, 19)]
    reading = read_form("social_passport", *years, years[3])
    [(_, row, _, code, params)] = reading.rejections
    assert (row, code, params["row"]) == (11, "DUPLICATE_ROW", 5)
    assert params["key"] == "«Код школы», «Учебный год»"


@pytest.mark.parametrize("first", [True, False])
def test_the_name_of_a_school_is_enough(first):
    named = {"school_code": "", "school_year": "2020/21"}
    reading = read_form("social_passport", *([named, {}] if first else [{}, named]))
    assert (reading.rejections, reading.rows_accepted) == ([], 2)
    assert read_form("social_passport", named).rows_accepted == 1
    reading = read_form("social_passport", {**named, "school_name_given": ""}, {})
    assert reading.reason_code == "TOO_MANY_REJECTED"
    assert [item[2:4] for item in reading.rejections] == [("Код школы", "REQUIRED_EMPTY")]
