"""The Dagster instance: quiet, made once, kept tidy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.instance import CLI_PID_TAG, close_dead_runs, open_instance, remove_old_runs
from warehouse.settings import PROJECT, Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("DAGSTER_HOME", "MSOKO_DB"):
        monkeypatch.setenv(name, "")
    made = load_settings({"MSOKO_WAREHOUSE": str(tmp_path / "w")})
    made.make_folders()
    return made


def test_telemetry_is_off_and_one_run_at_a_time(settings: Settings) -> None:
    with open_instance(settings) as instance:
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False
        assert instance.run_monitoring_enabled is True
    document = yaml.safe_load((settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8"))
    assert document["concurrency"]["runs"]["max_concurrent_runs"] == 1


def test_opening_twice_changes_nothing(settings: Settings) -> None:
    open_instance(settings).dispose()
    before = (settings.dagster_home / "dagster.yaml").stat().st_mtime_ns
    open_instance(settings).dispose()
    assert (settings.dagster_home / "dagster.yaml").stat().st_mtime_ns == before


def test_a_run_whose_process_is_gone_is_closed(settings: Settings) -> None:
    @dg.job
    def nothing() -> None:
        pass

    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    with open_instance(settings) as instance:
        dead = instance.create_run_for_job(
            nothing, tags={CLI_PID_TAG: str(gone.pid)}, status=dg.DagsterRunStatus.STARTED
        )
        alive = instance.create_run_for_job(
            nothing, tags={CLI_PID_TAG: "1"}, status=dg.DagsterRunStatus.STARTED
        )
        assert close_dead_runs(instance) == [dead.run_id]
        run = instance.get_run_by_id(dead.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE
        run = instance.get_run_by_id(alive.run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.STARTED


def test_old_finished_runs_are_deleted(settings: Settings) -> None:
    @dg.job
    def nothing() -> None:
        pass

    with open_instance(settings) as instance:
        made = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.SUCCESS)
        going = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        assert remove_old_runs(instance, 30) == 0
        assert remove_old_runs(instance, -1) == 1
        assert instance.get_run_by_id(made.run_id) is None
        assert instance.get_run_by_id(going.run_id) is not None


def test_two_first_starts_at_once(settings: Settings) -> None:
    code = (
        "from warehouse.settings import load_settings;"
        "from orchestration.instance import open_instance;"
        "i = open_instance(load_settings()); print(i.get_runs_count()); i.dispose()"
    )
    env = {
        "MSOKO_WAREHOUSE": str(settings.root),
        "PATH": "/usr/bin:/bin",
        "HOME": str(settings.root),
    }
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [child.communicate(timeout=120)[0].strip() for child in both] == ["0", "0"]
