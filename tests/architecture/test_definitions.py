"""What Dagster shows: a snapshot of names, and rules that every asset follows.

After a wanted change: `python -m tests.architecture.test_definitions` writes the snapshot anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest

from ingestion.contracts import load_contracts
from orchestration.definitions import defs

SNAPSHOT = Path(__file__).with_name("definitions.txt")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def names() -> str:
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    lines = [
        f"asset {key.to_user_string()} {graph.get(key).group_name}"
        for key in graph.executable_asset_keys
    ]
    lines += [f"job {job.name}" for job in repository.get_all_jobs() if not _is_implicit(job)]
    lines += [
        f"schedule {schedule.name} {schedule.cron_schedule} {schedule.execution_timezone}"
        f" {schedule.default_status.value}"
        for schedule in repository.schedule_defs
    ]
    lines += [
        f"sensor {sensor.name} {sensor.default_status.value}" for sensor in repository.sensor_defs
    ]
    return "\n".join(sorted(lines)) + "\n"


def _is_implicit(job: dg.JobDefinition) -> bool:
    return job.name.startswith("__")


def test_snapshot() -> None:
    assert names() == SNAPSHOT.read_text(encoding="utf-8")


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_is_described_in_russian() -> None:
    graph = defs.resolve_asset_graph()
    silent = [
        key.to_user_string()
        for key in graph.executable_asset_keys
        if not _CYRILLIC.search(graph.get(key).description or "")
    ]
    assert silent == []


@pytest.mark.parametrize("job", ["refresh", "rebuild"])
def test_a_run_has_few_steps_in_one_process(job: str) -> None:
    resolved = defs.resolve_job_def(job)
    assert resolved.executor_def is dg.in_process_executor
    assert len(resolved.graph.node_dict) == 5


def test_every_contract_is_a_raw_asset_with_columns_and_a_check() -> None:
    graph = defs.resolve_asset_graph()
    for table, contract in load_contracts().items():
        node = graph.get(dg.AssetKey(["raw", table]))
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == [
            column.name for column in contract.all_columns
        ]
        assert dg.AssetCheckKey(node.key, "gx") in node.check_keys


def test_a_raw_table_leads_to_its_staging_model() -> None:
    graph = defs.resolve_asset_graph()
    pupils = graph.get(dg.AssetKey(["raw", "vpr_pupil"]))
    assert dg.AssetKey(["staging", "stg_vpr_pupil"]) in pupils.child_keys
    assert dg.AssetKey(["intake", "deliveries"]) in pupils.parent_keys


if __name__ == "__main__":
    SNAPSHOT.write_text(names(), encoding="utf-8")
