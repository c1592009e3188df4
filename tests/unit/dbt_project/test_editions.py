"""Years before a new edition of the methodology's parameters, in the analysis.

Belongs here: that thresholds of a later edition leave earlier years as they were. Not here: what the
thresholds mean; figures and norms, which have editions of their own.
"""

from __future__ import annotations

import pytest

from tests.dbt_fixture import City, pupils, school
from warehouse.settings import DBT_PROJECT

# the new edition is in force from 2021/22 on
EDITED = {"shnor_d_vpr": 99, "obj9_participation": 10}
WINDOWS = {(2019, "spring"): 5, (2020, "autumn"): 20, (2021, "spring"): 5, (2022, "spring"): 20}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A school that falls from 2019 to 2020 and from 2021 to 2022; 50 of 70 come."""
    city = City.create(tmp_path_factory.mktemp("editions"))
    city.deliver("register", "school", [school("A")])
    for (year, season), n_fail in WINDOWS.items():
        marks = [2] * n_fail + [4] * (50 - n_fail)
        rows = pupils("A", marks, cal_year=year, season=season, absent=20)
        city.deliver(f"vpr-{year}", "vpr_pupil", rows)
    city.run_dbt("seed", "--select", "path:seeds")
    with city.connection() as con:
        for code, value in EDITED.items():
            con.execute(
                "update seeds.parameters set valid_to = date '2021-08-31' where parameter_code = ?",
                [code],
            )
            con.execute(
                "insert into seeds.parameters (parameter_code, value, methodology_version,"
                " valid_from) values (?, ?, '2021.2', date '2021-09-01')",
                [code, value],
            )
    city.build("+mart_shnor_component", "+mart_objectivity")
    return city


@pytest.mark.slow
def test_a_later_threshold_judges_later_lists(city: City) -> None:
    rows = city.query(
        "select school_year, state from marts.mart_shnor_component"
        " where component_code = 'V_RU5' and y2 in (2020, 2022)"
    )
    assert {row["school_year"]: row["state"] for row in rows} == {
        "2020/21": "worse",
        "2022/23": "stable",
    }


@pytest.mark.slow
def test_a_later_threshold_judges_later_papers(city: City) -> None:
    rows = city.query(
        "select cal_year, season, fired from marts.mart_objectivity where marker_code = 'OBJ9'"
    )
    assert {(row["cal_year"], row["season"]): row["fired"] for row in rows} == {
        (2019, "spring"): True,
        (2020, "autumn"): True,
        (2021, "spring"): True,
        (2022, "spring"): False,
    }


def test_no_model_takes_the_last_edition_for_every_year() -> None:
    last = [
        path.name
        for folder in ("macros", "models")
        for path in (DBT_PROJECT / folder).rglob("*.sql")
        if "valid_to is null" in path.read_text(encoding="utf-8")
    ]
    # the one gives editions their years, the other is for tests of what is shown now
    assert sorted(last) == ["editions.sql", "parameter_row.sql"]
