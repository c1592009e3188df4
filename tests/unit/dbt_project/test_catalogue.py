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
from orchestration import direction_marts
from warehouse.settings import SEEDS

# from the narrowest to the widest
AUDIENCES = ("municipal", "school", "open")
# a school has one head and a few deputies: a figure names them
STAFF_OF_ONE = {"D6.01", "D6.02", "D6.05", "D6.10"}


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_whole_order_is_in_the_catalogue():
    measures, indicators = seed("catalogue/measures"), seed("catalogue/indicators")
    assert (len(seed("catalogue/directions")), len(indicators), len(measures)) == (9, 62, 154)
    assert {row["indicator_code"] for row in measures} == {
        row["indicator_code"] for row in indicators
    }


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
        assert row["norm_level"] in {"federal", "krai", "municipal", "proposal"}
        assert row["basis"], row["norm_code"]
        assert row["valid_from"], row["norm_code"]
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


def test_direction_marts_are_written_from_the_catalogue():
    for path, text in direction_marts.rendered().items():
        remedy = "run: python -m orchestration.direction_marts"
        assert path.read_text(encoding="utf-8") == text, remedy


def test_audience_narrows_with_the_class_of_personal_data():
    for row in seed("catalogue/measures"):
        assert row["audience"] in AUDIENCES, row["measure_code"]
        assert row["audience_above"] in AUDIENCES, row["measure_code"]
        wider = AUDIENCES.index(row["audience_above"]) >= AUDIENCES.index(row["audience"])
        assert wider, row["measure_code"]
        if row["pd_class"] == "PD3" or row["indicator_code"] in STAFF_OF_ONE:
            assert row["audience"] == "municipal", row["measure_code"]
        if row["pd_class"] in ("PD1", "PD2"):
            assert row["audience"] != "open", row["measure_code"]


def test_a_measure_says_how_its_figures_are_made():
    for row in seed("catalogue/measures"):
        assert row["total"] in {"sum", "own"}, row["measure_code"]
        assert row["planned_by"] in {"calendar", "year", ""}, row["measure_code"]
        if row["layer"] == "derived" and row["planned_by"] == "year":
            assert row["missing_reason"], row["measure_code"]
        if row["interval_method"] == "none":
            # a complete count has no smallest n
            assert row["min_n"] == "0", row["measure_code"]


def test_every_measure_has_a_status_for_each_school_and_year():
    """What is not planned has no row where it is missing; only the customer's own rows may."""
    for row in seed("catalogue/measures"):
        assert bool(row["planned_by"]) == (row["kind"] != "given"), row["measure_code"]


def test_every_row_of_the_customer_has_a_measure():
    columns = load_contracts()["custom_indicator"].columns
    pattern = next(column.pattern for column in columns if column.name == "measure_code")
    assert pattern
    for row in seed("catalogue/measures"):
        is_given = re.fullmatch(pattern, row["measure_code"]) is not None
        assert is_given == (row["kind"] == "given"), row["measure_code"]


def test_shares_of_people_hide_one_or_two_of_them():
    """Of what counts people, only counts of posts, rooms, documents and the whole city do not."""
    open_ones = {
        row["measure_code"]
        for row in seed("catalogue/measures")
        if row["pd_class"] in ("PD1", "PD2", "PD3")
        and row["kind"] == "ratio"
        and row["has_school_level"] == "true"
        and row["of_persons"] == "false"
        and row["min_n"] == "0"
    }
    assert open_ones == {"D1.01a", "D1.02a", "D5.02b", "D5.05a"}
