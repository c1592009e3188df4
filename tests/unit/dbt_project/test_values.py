"""`direction_value` on measures made up for the purpose: kinds, units, totals, editions.

Belongs here: what the macro makes of any measure's rows. Not here: the measures themselves. The
project is a small one of its own: the real macros and catalogue models over rows given here.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scipy import stats

from warehouse.settings import DBT_PROJECT, SEEDS

pytestmark = pytest.mark.slow

YEAR, LATER = "2020/21", "2022/23"
_REAL_MODELS = ("int_measure", "int_norm", "int_parameter", "int_school_open")
_MEASURE = {
    "indicator_code": "D7.01",
    "direction_code": "D7",
    "name_en": "x",
    "unit": "%",
    "better": "higher",
    "pd_class": "PD0",
    "audience": "school",
    "audience_above": "open",
    "kind": "ratio",
    "layer": "base",
    "interval_method": "none",
    "min_n": "0",
    "of_persons": "false",
    "implemented": "true",
    "planned_by": "",
    "total": "sum",
    "keeps_breakdown": "false",
    "main_breakdown": "all",
    "has_school_level": "true",
    "methodology_version": "2021.1",
    "valid_from": "2021-02-26",
}
MEASURES: Sequence[Mapping[str, str]] = (
    {"measure_code": "share", "of_persons": "true", "planned_by": "year", "grade_from": "10"},
    {"measure_code": "rate", "unit": "на 1000"},
    {"measure_code": "unique", "total": "own"},
    {"measure_code": "both"},
    {"measure_code": "count", "kind": "count", "unit": "шт."},
    {"measure_code": "flag", "kind": "flag", "unit": "признак"},
    {"measure_code": "mean", "kind": "mean", "unit": "балл", "interval_method": "t", "min_n": "10"},
    {"measure_code": "empty"},
    {"measure_code": "above_only", "school_min_n": "15"},
    {"measure_code": "limits", "kind": "difference", "unit": "п.п.", "interval_method": "t"},
    {"measure_code": "given", "kind": "given", "keeps_breakdown": "true"},
    {"measure_code": "nobody", "min_n": "10", "nobody_reason": "таких нет"},
    {"measure_code": "unknown", "min_n": "10"},
    {"measure_code": "half", "planned_by": "year", "nobody_reason": "таких нет"},
    {
        "measure_code": "judged",
        "kind": "flag",
        "unit": "признак",
        "planned_by": "year",
        "missing_reason": "не с чем сравнить",
        "absent_reason": "нет результатов",
    },
    {"measure_code": "listed", "planned_by": "year", "unconcerned_reason": "школы нет в списке"},
    {"measure_code": "proposed"},
    {"measure_code": "edited", "audience": "municipal", "valid_to": "2022-08-31"},
    {
        "measure_code": "edited",
        "unit": "на 100",
        "methodology_version": "2023.1",
        "valid_from": "2022-09-01",
    },
)
NORMS = (
    {"norm_code": "N0", "measure_code": "proposed", "value": "90", "norm_level": "proposal"},
    {"norm_code": "N1", "measure_code": "edited", "value": "70", "valid_to": "2022-08-31"},
    {"norm_code": "N1", "measure_code": "edited", "value": "90", "valid_from": "2022-09-01"},
)
ROWS: Sequence[Mapping[str, Any]] = (
    {"measure_code": "share", "school_id": "A", "numerator": 8, "denominator": 10},
    {"measure_code": "share", "school_id": "B", "numerator": 1, "denominator": 2},
    {"measure_code": "rate", "numerator": 3, "denominator": 600},
    {"measure_code": "unique", "school_id": "A", "subject": "RU", "numerator": 4, "denominator": 5},
    {"measure_code": "unique", "school_id": "A", "subject": "MA", "numerator": 3, "denominator": 5},
    {"measure_code": "unique", "school_id": "A", "numerator": 5, "denominator": 6},
    {"measure_code": "both", "school_id": "A", "numerator": 5, "denominator": 10},
    {"measure_code": "both", "numerator": 30, "denominator": 100},
    {"measure_code": "count", "school_id": "A", "value": 3},
    {"measure_code": "count", "school_id": "B", "value": 4},
    {"measure_code": "flag", "school_id": "A", "value": 1},
    {"measure_code": "flag", "school_id": "B", "value": 0},
    {"measure_code": "mean", "school_id": "A", "value": 60, "n": 10, "sd": 10},
    {"measure_code": "mean", "school_id": "B", "value": 70, "n": 30, "sd": 10},
    {"measure_code": "empty", "school_id": "A", "numerator": 0, "denominator": 0},
    {"measure_code": "nobody", "school_id": "A", "numerator": 0, "denominator": 0},
    {"measure_code": "unknown", "school_id": "A", "numerator": 0, "denominator": 0},
    {"measure_code": "half", "school_id": "A", "numerator": 0, "denominator": 0},
    {"measure_code": "judged", "school_id": "A", "value": None, "n": 1},
    {"measure_code": "above_only", "school_id": "A", "numerator": 7, "denominator": 12},
    {"measure_code": "above_only", "school_id": "B", "numerator": 10, "denominator": 20},
    {
        "measure_code": "given",
        "school_id": "A",
        "breakdown": "K1",
        "value": 7,
        "n": 1,
        "value_text": "Кружки, шт.",
    },
    {"measure_code": "given", "breakdown": "K2", "value": 75, "n": 40, "value_text": "Охват, %"},
    {"measure_code": "listed", "school_id": "A", "numerator": 8, "denominator": 10},
    {"measure_code": "proposed", "school_id": "A", "numerator": 1, "denominator": 10},
    {"measure_code": "proposed", "school_id": "B", "numerator": 9, "denominator": 10},
    {"measure_code": "edited", "school_id": "A", "numerator": 8, "denominator": 10},
    {
        "measure_code": "edited",
        "school_id": "A",
        "school_year": LATER,
        "numerator": 8,
        "denominator": 10,
    },
)
_ROW_TYPES = {
    "measure_code": "varchar",
    "school_id": "varchar",
    "school_year": "varchar",
    "cal_year": "integer",
    "season": "varchar",
    "grade": "integer",
    "grade_label": "integer",
    "subject": "varchar",
    "breakdown": "varchar",
    "numerator": "double",
    "denominator": "double",
    "base_numerator": "double",
    "base_denominator": "double",
    "n": "bigint",
    "value": "double",
    "sd": "double",
    "value_text": "varchar",
}
_MODELS = {
    "int_school": """
        select school_id, 'gk' as municipality_id, 1 as first_grade, last_grade,
            cast(null as date) as opened_on, cast(null as date) as closed_on
        from (values ('A', 11), ('B', 11), ('C', 11), ('N', 4)) as v(school_id, last_grade)
    """,
    "int_window_break": """
        select 'EGE' as procedure, 2020 as cal_year, 'main' as season, cast(null as integer) as grade,
            'RU' as subject, false as programme_shift, false as season_shift, true as population,
            false as scale_change
    """,
    "int_reference_given": """
        select cast(null as varchar) as measure_code, 2020 as cal_year, 'main' as season, 9 as grade,
            'RU' as subject, 'all' as breakdown, 1.0 as krai_value, 1.0 as rf_value,
            false as is_unconfirmed
        where false
    """,
    "int_measure_state": """
        select 'rate' as measure_code, timestamp '2021-01-01' as stale_since
    """,
    "msr_bounded": """
        select *, -1.0 as ci_low, 7.0 as ci_high
        from {{ ref('msr_rows') }}
        where measure_code = 'rate' and false
        union all
        select 'limits', 'A', '2020/21', null, null, null, null, null, 'all', null, null, null, null,
            20, 3.0, null, null, ['d'], false, -1.0, 7.0
    """,
    "int_d7_value": '{{ direction_value("D7", ["msr_rows", "msr_bounded"], ["msr_bounded"]) }}',
}


def _msr() -> str:
    lines = []
    for row in ROWS:
        given = {"school_year": YEAR, "breakdown": "all", **row}
        cells = ", ".join(
            f"cast({_literal(given.get(name))} as {kind}) as {name}"
            for name, kind in _ROW_TYPES.items()
        )
        lines.append(f"select {cells}, ['d'] as delivery_ids, false as has_unconfirmed")
    return "\nunion all\n".join(lines)


def _literal(value: object) -> str:
    return "null" if value is None else f"'{value}'"


def _csv(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _header(seed: str) -> list[str]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def _project(folder: Path) -> None:
    shutil.copytree(DBT_PROJECT / "macros", folder / "macros")
    shutil.copy(DBT_PROJECT / "profiles.yml", folder)
    for name in ("models", "seeds", "tmp"):
        (folder / name).mkdir()
    (folder / "dbt_project.yml").write_text(
        "name: msoko\nversion: 1.0.0\nprofile: msoko\nmodels: {+materialized: view}\n"
        "seeds: {msoko: {+schema: seeds}}\n",
        encoding="utf-8",
    )
    for name in _REAL_MODELS:
        shutil.copy(DBT_PROJECT / "models" / "intermediate" / f"{name}.sql", folder / "models")
    for name, sql in {**_MODELS, "msr_rows": _msr()}.items():
        (folder / "models" / f"{name}.sql").write_text(sql, encoding="utf-8")
    for name, rows in {
        "measures": [{**_MEASURE, **row} for row in MEASURES],
        "norms": [
            {"bad_side": "below", "methodology_version": "x", "valid_from": "2021-02-26", **row}
            for row in NORMS
        ],
    }.items():
        text = _csv(_header(f"catalogue/{name}"), rows)
        (folder / "seeds" / f"{name}.csv").write_text(text, encoding="utf-8")
    shutil.copy(SEEDS / "catalogue" / "_catalogue.yml", folder / "seeds")
    for name in ("catalogue/parameters", "reference/t_quantile", "reference/assessment_calendar"):
        shutil.copy(SEEDS / f"{name}.csv", folder / "seeds")
    shutil.copy(SEEDS / "reference" / "_reference.yml", folder / "seeds")


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[Any, ...], dict[str, Any]]:
    """(measure, level, school, year, subject, breakdown) → figure."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("values")
    _project(folder)
    database = folder / "msoko.duckdb"
    os.environ["MSOKO_DB"] = str(database)
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder), "--quiet"]
    for command in ("seed", "run"):
        outcome = dbtRunner().invoke([command, *places])
        assert outcome.success, [item.message for item in getattr(outcome.result, "results", [])]
    DuckDBConnectionManager.close_all_connections()
    with duckdb.connect(str(database)) as con:
        found = con.execute("select * from main.int_d7_value")
        names = [item[0] for item in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    keys = ("measure_code", "level", "school_id", "school_year", "subject", "breakdown")
    return {tuple(row[key] for key in keys): row for row in rows}


def school(figures: Any, measure: str, name: str = "A", year: str = YEAR, **cut: Any) -> Any:
    return figures[measure, "school", name, year, cut.get("subject"), cut.get("breakdown", "all")]


def municipality(figures: Any, measure: str, breakdown: str = "all") -> Any:
    return figures[measure, "municipality", None, YEAR, None, breakdown]


def test_a_share_is_pooled_and_a_few_persons_are_not_shown(figures):
    assert school(figures, "share")["value"] == 80
    few = school(figures, "share", "B")
    assert (few["value"], few["numerator"], few["n"], few["status"]) == (
        None, None, 2, "suppressed",
    )  # fmt: skip
    whole = municipality(figures, "share")
    assert (whole["value"], whole["numerator"], whole["n"]) == (75, 9, 12)
    assert whole["school_median"] == 65


def test_every_open_school_has_a_row_of_a_yearly_measure(figures):
    missing = school(figures, "share", "C")
    assert (missing["status"], missing["status_reason"]) == ("no_data", "форма не сдана")
    small = school(figures, "share", "N")
    assert (small["status"], small["status_reason"]) == (
        "not_applicable",
        "в школе нет таких классов",
    )


def test_a_school_beside_those_that_a_measure_is_about_is_not_concerned(figures):
    row = school(figures, "listed", "B")
    assert (row["status"], row["status_reason"]) == ("not_applicable", "школы нет в списке")
    # nobody has one in this year: the list may have been lost
    assert school(figures, "listed", "B", year=LATER)["status"] == "no_data"


def test_a_rate_is_told_in_its_unit_and_knows_that_its_table_is_stale(figures):
    whole = municipality(figures, "rate")
    assert (whole["value"], whole["numerator"], whole["denominator"]) == (5, 3, 600)
    assert whole["stale_since"] is not None
    assert figures["rate", "register", None, YEAR, None, "all"]["value"] == 5


def test_a_total_of_its_own_is_not_the_sum_of_its_cuts(figures):
    total = school(figures, "unique")
    assert (total["numerator"], total["denominator"]) == (5, 6)
    assert school(figures, "unique", subject="RU")["value"] == 80
    assert municipality(figures, "unique")["denominator"] == 6


def test_what_the_municipality_gives_goes_before_the_sum_of_schools(figures):
    whole = municipality(figures, "both")
    assert (whole["value"], whole["n"], whole["school_median"]) == (30, 100, None)
    assert school(figures, "both")["value"] == 50


def test_counts_add_up_and_flags_become_shares(figures):
    assert municipality(figures, "count")["value"] == 7
    assert (municipality(figures, "flag")["value"], municipality(figures, "flag")["unit"]) == (
        50,
        "%",
    )


def test_a_mean_has_students_interval(figures):
    row = school(figures, "mean")
    reach = stats.t.ppf(0.975, 9) * 10 / 10**0.5
    assert row["ci_low"] == pytest.approx(60 - reach)
    assert row["ci_high"] == pytest.approx(60 + reach)
    assert municipality(figures, "mean")["value"] == pytest.approx((600 + 2100) / 40)


def test_nobody_to_count_is_not_zero(figures):
    row = school(figures, "empty")
    assert (row["value"], row["status"]) == (None, "not_applicable")
    assert row["status_reason"] == "в школе нет тех, о ком показатель"


def test_a_school_below_its_smallest_n_enters_the_municipality_only(figures):
    row = school(figures, "above_only")
    assert (row["value"], row["n"], row["status"]) == (None, 12, "suppressed")
    assert municipality(figures, "above_only")["value"] == pytest.approx(100 * 17 / 32)


def test_limits_that_a_measure_brings_are_kept(figures):
    row = school(figures, "limits")
    assert (row["value"], row["ci_low"], row["ci_high"]) == (3, -1, 7)


def test_nobody_to_measure_is_told_from_nothing_known(figures):
    said = {name: school(figures, name) for name in ("empty", "nobody", "unknown")}
    assert {name: (row["status"], row["status_reason"]) for name, row in said.items()} == {
        "empty": ("not_applicable", "в школе нет тех, о ком показатель"),
        "nobody": ("not_applicable", "таких нет"),
        "unknown": ("no_data", "в сданных формах нет нужных сведений"),
    }


def test_a_school_with_nobody_does_not_speak_for_the_silent_ones(figures):
    assert school(figures, "half")["status"] == "not_applicable"
    assert school(figures, "half", "B")["status"] == "no_data"
    whole = municipality(figures, "half")
    assert (whole["status"], whole["status_reason"]) == ("no_data", "форма не сдана")
    assert municipality(figures, "nobody")["status"] == "not_applicable"


def test_what_is_missing_is_told_from_what_is_not_there(figures):
    said = {name: school(figures, "judged", name) for name in "AB"}
    assert {name: (row["status"], row["status_reason"]) for name, row in said.items()} == {
        "A": ("no_data", "не с чем сравнить"),
        "B": ("no_data", "нет результатов"),
    }
    whole = municipality(figures, "judged")
    assert (whole["value"], whole["status_reason"]) == (None, "не с чем сравнить")


def test_given_measures_keep_their_names(figures):
    assert school(figures, "given", breakdown="K1")["value_text"] == "Кружки, шт."
    row = municipality(figures, "given", "K2")
    assert (row["value"], row["value_text"]) == (75, "Охват, %")


def test_a_new_edition_leaves_earlier_years_as_they_were(figures):
    before, after = school(figures, "edited"), school(figures, "edited", year=LATER)
    assert (before["unit"], before["norm_value"], before["zone"]) == ("%", 70, "green")
    assert (after["unit"], after["norm_value"], after["zone"]) == ("на 100", 90, "red")
    assert (before["methodology_version"], after["methodology_version"]) == ("2021.1", "2023.1")
    assert (before["audience"], after["audience"]) == ("municipal", "school")


def test_a_norm_that_is_only_proposed_makes_nothing_red(figures):
    zones = {name: school(figures, "proposed", name)["zone"] for name in "AB"}
    assert zones == {"A": "yellow", "B": "green"}
    assert municipality(figures, "proposed")["zone"] == "yellow"


def test_what_nothing_judges_is_grey_and_not_green(figures):
    # no norm, no mean, no spread of schools
    assert municipality(figures, "share")["zone"] == "grey"
    assert school(figures, "both")["zone"] == "grey"
    # 80 % beside 50 %
    assert school(figures, "share")["zone"] == "green"


def test_every_figure_says_who_may_see_it(figures):
    assert school(figures, "share")["audience"] == "school"
    assert municipality(figures, "share")["audience"] == "open"
    assert not [row for row in figures.values() if row["audience"] is None]
