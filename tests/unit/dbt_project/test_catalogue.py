"""The catalogue and the reference seeds against each other, the contracts and a library.

Belongs here: what rows of seeds must satisfy. Not here: what models make of them.
"""

from __future__ import annotations

import csv
import re

import pytest
import yaml
from scipy import stats

from ingestion.contracts import load_contracts
from warehouse.settings import DBT_PROJECT, SEEDS

IMPLEMENTED = {
    "D1.03a",
    "D1.03b",
    "D1.03c",
    "D1.07a",
    "D1.07b",
    "D1.07c",
    "D1.07d",
    "D1.07e",
    "D1.10b",
    "D1.10c",
    "D1.13a",
    "D2.01a",
    "D2.01b",
    "D2.01c",
    "D2.01d",
    "D2.01e",
    "D5.01a",
    "D5.01b",
    "D5.01c",
    "D5.01d",
}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_order_is_in_the_catalogue():
    measures, indicators = seed("catalogue/measures"), seed("catalogue/indicators")
    assert (len(seed("catalogue/directions")), len(indicators), len(measures)) == (9, 62, 154)
    assert {row["indicator_code"] for row in measures} == {
        row["indicator_code"] for row in indicators
    }
    assert {row["measure_code"] for row in measures if row["implemented"] == "true"} == IMPLEMENTED


def test_every_measure_is_told_in_russian():
    russian = re.compile("[а-яё]")
    for row in seed("catalogue/measures"):
        assert russian.search(row["name_ru"]), row["measure_code"]
        assert russian.search(row["formula_ru"]), row["measure_code"]
        assert bool(row["denominator_ru"]) or row["kind"] != "ratio", row["measure_code"]


def test_a_measure_rests_on_tables_of_the_contracts():
    for row in seed("catalogue/measures"):
        tables = set(filter(None, row["tables"].split(",")))
        assert tables <= set(load_contracts()), row["measure_code"]
        assert bool(tables) == (row["implemented"] == "true"), row["measure_code"]


def test_every_indicator_has_one_primary_measure():
    primary: dict[str, int] = {}
    for row in seed("catalogue/measures"):
        primary[row["indicator_code"]] = primary.get(row["indicator_code"], 0) + (
            row["is_primary"] == "true"
        )
    assert set(primary.values()) == {1}


def test_norms_are_of_known_measures():
    known = {row["measure_code"]: row["unit"] for row in seed("catalogue/measures")}
    for row in seed("catalogue/norms"):
        assert row["bad_side"] in {"below", "above", "beyond"}
        assert row["measure_code"] in known


def test_student_quantiles_equal_the_library():
    rows = seed("reference/t_quantile")
    assert [int(row["df"]) for row in rows] == list(range(1, 301))
    for row in rows:
        assert float(row["t_975"]) == pytest.approx(stats.t.ppf(0.975, int(row["df"])), rel=1e-10)


@pytest.mark.parametrize(
    "name",
    ["vpr_scale", "exam_threshold", "assessment_calendar", "reference_value", "oge_scale",
     "exam_max_primary", "comparability_break", "vpr_task_catalogue", "subjects"],
)  # fmt: skip
def test_every_reference_row_has_a_source_and_a_confidence(name):
    known = {"official_text", "secondary", "code_in_public_repo", "inferred_from_data", "memory"}
    for row in seed(f"reference/{name}"):
        assert row["source"], row
        assert row["confidence"] in known, row


def test_cuts_of_scales_rise():
    for name in ("vpr_scale", "oge_scale"):
        for row in seed(f"reference/{name}"):
            cuts = [int(row[cut]) for cut in ("cut3", "cut4", "cut5") if row[cut]]
            assert cuts == sorted(set(cuts)), row
            assert not cuts or not row["max_score"] or cuts[-1] <= int(row["max_score"]), row


def test_columns_of_seeds_have_declared_types():
    for folder in ("catalogue", "reference"):
        document = yaml.safe_load((SEEDS / folder / f"_{folder}.yml").read_text(encoding="utf-8"))
        declared = {item["name"]: item for item in document["seeds"]}
        assert set(declared) == {path.stem for path in (SEEDS / folder).glob("*.csv")}
        for name, item in declared.items():
            with (SEEDS / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file))
            assert list(item["config"]["column_types"]) == header, name


def test_direction_marts_show_every_implemented_measure():
    shown = {"D1": "mart_d1_training_quality", "D2": "mart_d2_low_result_schools"}
    shown["D5"] = "mart_d5_objectivity"
    names = {row["measure_code"]: row["name_en"] for row in seed("catalogue/measures")}
    for direction, mart in shown.items():
        path = DBT_PROJECT / "models" / "marts" / f"{mart}.yml"
        model = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
        columns = {column["name"] for column in model["columns"]}
        for code in sorted(IMPLEMENTED):
            if code.startswith(direction):
                assert {names[code], f"{names[code]}_n", f"{names[code]}_status"} <= columns, code
