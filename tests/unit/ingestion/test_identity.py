"""Which school a code or a name means."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion.identity import Register, fold_name

REGISTER = """
    create table register as
    select *, case school_id when 's3' then 'Лицей искусств; Лицей при консерватории' end as other_names
    from (values
        ('s1', 'МБОУ СОШ № 1', null, 'edu230001', '006036', '2300000001', '1022300000001'),
        ('s2', 'МБОУ СОШ № 2', 'Школа имени Ф. Е. Героя', 'sch230002', '111002', '2300000002', null),
        ('s3', 'Лицей', null, null, '13450', '2300000003', null),
        ('ksh', 'Интернат', null, 'ksh230001', null, '2300000004', null),
        ('twin a', 'СОШ № 7', null, null, '00700', '2300000009', null),
        ('twin b', 'МАОУ "СОШ №7"', null, null, '0700', '2300000009', null),
        ('13450x', 'Закрытая школа', null, null, null, null, null),
        ('2', 'Школа с кодом два', null, null, '000009', null, null),
        ('9', 'Школа с кодом девять', null, null, '000002', null, null)
    ) as t (school_id, short_name, full_name, fis_login, rcoi_code, inn, ogrn)
"""


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as connection:
        connection.execute(REGISTER)
        yield connection


def find(con, code, name=None, source="S01"):
    con.execute(
        "create or replace temp table _school_given as"
        " select cast(? as varchar) as school_code, cast(? as varchar) as school_name_given",
        [code, name],
    )
    Register(con, "register").resolve(source)
    rows = con.execute("select school_id, school_match from _school_found").fetchall()
    assert len(rows) <= 1
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("code", "school", "match"),
    [
        ("s1", "s1", "id"),
        ("S1 ", "s1", "id"),
        ("edu230001", "s1", "login"),
        ("sch230001", "s1", "login"),
        ("EDU230001\u00a0", "s1", "login"),
        ("edu230002", "s2", "login"),
        ("ksh230001", "ksh", "login"),
        ("edu230001 | МБОУ СОШ № 1", "s1", "login"),
        ("006036", "s1", "rcoi_code"),
        ("6036", "s1", "rcoi_code"),
        ("6036.0", "s1", "rcoi_code"),
        ("00006036", "s1", "rcoi_code"),
        ("111002", "s2", "rcoi_code"),
        ("2300000003", "s3", "inn"),
        ("1022300000001", "s1", "ogrn"),
        ("00700", "twin a", "rcoi_code"),
    ],
)
def test_found_by_code(con, code, school, match) -> None:
    assert find(con, code) == (school, match)


@pytest.mark.parametrize(
    "code",
    [
        "spo230001",  # another organisation with the digits of a school
        "edu239999",
        "edu23000",
        "2300000009",  # one ИНН, two schools
        "700",  # two codes differ in their zeros only
        "13451",
        "",
        "s1; drop table register",
    ],
)
def test_not_found(con, code) -> None:
    assert find(con, code) is None


def test_code_of_an_exam_centre_wins_in_its_files_only(con) -> None:
    assert find(con, "2", source="S01") == ("2", "id")
    assert find(con, "2", source="S03") == ("9", "rcoi_code")
    assert find(con, "000002", source="S04") == ("9", "rcoi_code")


def test_name_is_a_fallback_for_what_has_no_code(con) -> None:
    assert find(con, None, 'мбоу "Cош №1"') == ("s1", "name")
    assert find(con, None, "Школа им. Ф.Е. Героя") == ("s2", "name")
    assert find(con, None, "СОШ № 7") is None, "two schools have that name"
    assert find(con, None, "СОШ № 8") is None
    assert find(con, None, None) is None


def test_a_name_that_the_register_lists_is_confirmed(con) -> None:
    assert find(con, None, "ЛИЦЕЙ ПРИ КОНСЕРВАТОРИИ") == ("s3", "alias")
    assert find(con, None, "Лицей при театре") is None


def test_name_does_not_overrule_a_code(con) -> None:
    assert find(con, "edu990001", "МБОУ СОШ № 1") is None, "the same name in another town"
    assert find(con, "9999", "МБОУ СОШ № 1") is None
    assert find(con, "unknown", "МБОУ СОШ № 1") is None
    assert find(con, "edu230077", "Лицей") == ("s3", "name"), "the register has no login of it"
    assert find(con, "edu230001", "Лицей") == ("s1", "login")


def test_closed_school_stays_itself(con) -> None:
    assert find(con, "13450x") == ("13450x", "id")


@pytest.mark.parametrize(
    ("given_name", "folded"),
    [
        ("МБОУ «СОШ №1»", "сош 1"),
        ("МАОУ-СОШ № 1", "сош 1"),
        ("CОШ-1", "сош 1"),
        (
            "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 1»",
            "сош 1",
        ),
        ("муниципальное казённое общеобразовательное учреждение ООШ 5", "оош 5"),
        ("МБОУ СОШ №1 им. Героя", "сош 1 имени героя"),
        ("МБОУ «СОШ №1 г.Урус-Мартан»(edu203389)", "сош 1 г урус мартан"),
        ("Гимназия", "гимназия"),
        ("", ""),
    ],
)
def test_folded_names(given_name, folded) -> None:
    assert fold_name(given_name) == folded


@given(st.text(alphabet=st.sampled_from('МБОУмбоу СШсш№«»"-–1 2Ёеим.cC'), max_size=30) | st.text())
@hypothesis_settings(max_examples=200, deadline=None)
def test_folding_twice_is_folding_once(name) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("СОШ № 2", None, ("s2", "name")),
        ("МБОУ СОШ №2", "Школа имени Ф. Е. Героя", ("s2", "name")),
        ("Лицей искусств", None, ("s3", "alias")),
        ("СОШ № 2", "МБОУ СОШ № 1", None),
        ("СОШ № 7", None, None),
        (None, "СОШ № 2", ("s2", "name")),
        ("нет", "СОШ № 2", None),
    ],
)
def test_a_name_in_the_column_of_codes_is_a_name(con, code, name, expected):
    assert find(con, code, name) == expected
