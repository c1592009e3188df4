"""The graph of dbt models: layers, lineage of directions, keys, descriptions.

Belongs here: what can be told from the parsed project without data. Not here: figures.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ingestion.contracts import load_contracts
from warehouse.settings import DBT_PROJECT, SEEDS

# layer → layers that its models may read
MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed", "source"},
    "measures": {"staging", "intermediate", "seed"},
    "values": {"intermediate", "measures", "seed", "analysis_measures"},
    # derived measures come from analysis marts, a second layer
    "analysis_measures": {
        "staging",
        "intermediate",
        "seed",
        "analysis",
        "analysis_measures",
        "measures",
    },
    "analysis": {
        "staging",
        "intermediate",
        "measures",
        "seed",
        "analysis",
        "analysis_measures",
        "marts",
    },
    "marts": {"intermediate", "values", "seed"},
}


# what figures of a direction are held against, beside the sources of its measures
# and, for the indices of heads, the models of the measures that they are made of
COMPARED = {1: {"S02"}, 6: {"S15", "S16", "S37", "S42"}}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("dbt")
    os.environ["MSOKO_DB"] = str(folder / "msoko.duckdb")
    outcome = dbtRunner().invoke(
        [
            *("parse", "--quiet", "--project-dir", str(DBT_PROJECT)),
            *("--profiles-dir", str(DBT_PROJECT), "--target-path", str(folder)),
            *("--log-path", str(folder)),
        ]
    )
    assert outcome.success, outcome.exception
    return outcome.result


def models(manifest: Any) -> Iterator[Any]:
    return (node for node in manifest.nodes.values() if node.resource_type == "model")


def layer(node: Any) -> str:
    if node.resource_type in ("source", "seed"):
        return str(node.resource_type)
    folders = node.fqn[1:-1]
    if "analysis" in folders:
        return "analysis" if folders[0] == "marts" else "analysis_measures"
    return str(folders[0])


def parents(manifest: Any, node: Any) -> list[Any]:
    return [
        manifest.sources.get(unique_id) or manifest.nodes[unique_id]
        for unique_id in node.depends_on.nodes
    ]


def sources_behind(manifest: Any, node: Any, seen: set[str] | None = None) -> set[str]:
    """Names of the raw tables behind a model."""
    seen = set() if seen is None else seen
    found: set[str] = set()
    for parent in parents(manifest, node):
        if parent.unique_id in seen:
            continue
        seen.add(parent.unique_id)
        if parent.resource_type == "source":
            if parent.source_name == "raw":
                found.add(parent.name)
        elif parent.resource_type == "model":
            found |= sources_behind(manifest, parent, seen)
    return found


def test_layers_read_only_what_lies_below_them(manifest):
    wrong = []
    for node in models(manifest):
        for parent in parents(manifest, node):
            if layer(parent) not in MAY_READ[layer(node)]:
                wrong.append(f"{node.name} ({layer(node)}) reads {parent.name} ({layer(parent)})")
    assert not wrong


def test_every_raw_table_has_a_staging_model(manifest):
    read = {
        parent.name
        for node in models(manifest)
        if layer(node) == "staging"
        for parent in parents(manifest, node)
        if parent.source_name == "raw"
    }
    assert read == set(load_contracts())


def declared_measures() -> list[dict[str, str]]:
    with (SEEDS / "catalogue" / "measures.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["implemented"] == "true"]


def written_measures(manifest: Any) -> dict[str, list[Any]]:
    """Measure → models that give it; a model may read measures of other directions."""
    found: dict[str, list[Any]] = {}
    for node in models(manifest):
        if own := re.match(r"msr_(d\d)_", node.name):
            codes = rf"[\'\"]({own[1].upper()}\.\d\d[a-z])[\'\"]"
            for code in sorted(set(re.findall(codes, node.raw_code))):
                found.setdefault(code, []).append(node)
    return found


@pytest.mark.parametrize("number", range(1, 10))
def test_a_direction_stands_on_its_own_sources(manifest, number):
    source_of = {name: contract.source for name, contract in load_contracts().items()}
    values = next(node for node in models(manifest) if node.name == f"int_d{number}_value")
    behind = {source_of[table] for table in sources_behind(manifest, values)}
    named = {
        source
        for row in declared_measures()
        if row["direction_code"] == f"D{number}"
        for source in (
            *row["sources"].split(","),
            *(source_of[table] for table in row["tables"].split(",")),
        )
    }
    assert behind <= named | COMPARED.get(number, set())
    assert "REG" in behind


def test_every_declared_measure_has_one_model_and_no_other_does(manifest):
    written = written_measures(manifest)
    assert set(written) == {row["measure_code"] for row in declared_measures()}
    several = {code: [n.name for n in found] for code, found in written.items() if len(found) > 1}
    assert not several


def test_a_measure_names_tables_that_its_model_reads(manifest):
    written = written_measures(manifest)
    wrong = {
        row["measure_code"]: foreign
        for row in declared_measures()
        for node in written.get(row["measure_code"], ())
        if (foreign := set(row["tables"].split(",")) - sources_behind(manifest, node) - {"school"})
    }
    assert not wrong


def test_every_measures_model_feeds_its_direction(manifest):
    for number in range(1, 10):
        node = next(node for node in models(manifest) if node.name == f"int_d{number}_value")
        fed = {parent.name for parent in parents(manifest, node) if parent.name.startswith("msr_")}
        assert fed == {
            node.name for node in models(manifest) if node.name.startswith(f"msr_d{number}_")
        }


def test_marts_are_described_contracted_tables(manifest):
    for node in models(manifest):
        if node.fqn[1] != "marts":
            continue
        assert node.config.materialized == "table", node.name
        assert node.contract.enforced, node.name
        undescribed = [name for name, column in node.columns.items() if not column.description]
        assert not undescribed, (node.name, undescribed)


def test_every_model_is_described_and_its_key_is_tested(manifest):
    tested = {
        node.attached_node
        for node in manifest.nodes.values()
        if node.resource_type == "test" and node.test_metadata.name == "key_is_unique"
    }
    for node in models(manifest):
        assert node.description, node.name
        # the gate checks the keys of raw tables, indicator_value has the keys of int_d*_value,
        # views of the analysis are steps of one mart
        if layer(node) in ("staging", "values"):
            continue
        if layer(node) == "analysis_measures" and node.config.materialized == "view":
            continue
        assert node.unique_id in tested, node.name


def test_a_paper_moves_only_the_directions_that_stand_on_it(manifest):
    waiting = [uid for uid, source in manifest.sources.items() if source.name == "vpr_pupil"]
    found = set()
    while waiting:
        new = set(manifest.child_map[waiting.pop()]) - found
        found |= new
        waiting += new
    names = {manifest.nodes[uid].name for uid in found if uid.startswith("model.")}
    moved = {number for number in range(1, 10) if f"int_d{number}_value" in names}
    # D6 has the results of a head against what the conditions of the school let one expect
    assert moved == {1, 2, 5, 6}


def test_marts_hold_nobody(manifest):
    """No mart has a column or a grain of one pupil, teacher or participant."""
    personal = re.compile(
        r"(^|_)(pids?|fio|surname|patronymic|snils|born|birth_(year|date)"
        r"|(participant|pupil|person|teacher|mentor|mentee|candidate)(_(id|code|key|name))?)$"
    )
    grain = re.compile("обучающ|участник|учител|педагог|сотрудник|ученик|выпускник")
    for node in models(manifest):
        if node.fqn[1] != "marts":
            continue
        held = [name for name in node.columns if personal.search(name) and "_per_" not in name]
        assert not held, (node.name, held)
        told = node.description.split("Зерно:")
        assert len(told) == 2, node.name
        assert not grain.search(told[1].split(".")[0]), (node.name, told[1])


def test_figures_reconcile_with_the_source_in_every_direction(manifest):
    test = next(
        node
        for node in manifest.nodes.values()
        if node.resource_type == "test" and node.test_metadata.name == "figures_reconcile"
    )
    reconciled = {total["measure_code"] for total in test.test_metadata.kwargs["totals"]}
    assert {code[:2] for code in reconciled} == {f"D{number}" for number in range(1, 10)}


def test_every_mart_with_a_number_of_persons_hides_the_results_of_a_few(manifest):
    tested = {
        (node.attached_node, node.test_metadata.kwargs["n"])
        for node in manifest.nodes.values()
        if node.resource_type == "test" and node.test_metadata.name == "few_are_not_shown"
    }
    # this one tells how many persons of a register were recognised, no results
    numbers = {
        (node.unique_id, column)
        for node in models(manifest)
        if layer(node) in ("marts", "analysis") and node.name != "mart_link_rate"
        for column in node.columns
        if re.fullmatch("n|n1|n_(part|counted|before|after)", column)
    }
    # who took part in the work is not who is counted in the task
    numbers -= {key for key in numbers if key[1] == "n_part" and (key[0], "n_counted") in numbers}
    assert numbers
    assert not numbers - tested
