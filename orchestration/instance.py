"""The Dagster instance of an installation.

Belongs here: its configuration file, its creation (once, under the warehouse's lock: two first
starts at once leave it corrupt), its upkeep. Not here: definitions.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import yaml

from warehouse.lock import warehouse_lock
from warehouse.settings import Settings
from warehouse.state import write_durably

if TYPE_CHECKING:
    from dagster import DagsterInstance

CLI_PID_TAG = "msoko/pid"
_READY = ".ready"

# No tool of the stack reports to its maker.
QUIET_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "true",
}


def configuration(settings: Settings) -> dict[str, object]:
    """The text of `dagster.yaml` as a document."""
    days = settings.runs_keep_days
    return {
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "event_log_storage": {
            "module": "orchestration.event_log",
            "class": "KeptSqliteEventLogStorage",
            "config": {"base_dir": str(settings.dagster_home / "history" / "runs")},
        },
        "concurrency": {"runs": {"max_concurrent_runs": 1}},
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": 300,
            "max_runtime_seconds": 6 * 3600,
        },
        # Captured output of steps would be one more place to search for personal data.
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": "NoOpComputeLogManager",
        },
        "retention": {
            "schedule": {"purge_after_days": days},
            "sensor": {"purge_after_days": {"skipped": 3, "failure": days, "success": days}},
        },
    }


def prepare_environment(settings: Settings) -> None:
    """Set the variables that Dagster, dbt and their children read."""
    os.environ.update(QUIET_ENVIRONMENT)
    # What a run is going to do, some five hundred events, is stored at once.
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = "1000"
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["MSOKO_DB"] = str(settings.database)


def open_instance(settings: Settings) -> DagsterInstance:
    """Open the instance; create it first if it does not exist yet."""
    prepare_environment(settings)
    home = settings.dagster_home
    if not (home / _READY).exists() or _is_outdated(settings):
        with warehouse_lock(settings):
            _create(settings)
    from dagster import DagsterInstance

    return DagsterInstance.from_config(str(home))


def close_dead_runs(instance: DagsterInstance) -> list[str]:
    """Mark runs of the command line whose process is gone as failed.

    A process that was killed cannot say so itself, and a run that seems to go on would keep the
    queue of the daemon shut.
    """
    from dagster import DagsterRunStatus, RunsFilter

    going = RunsFilter(
        statuses=[
            DagsterRunStatus.NOT_STARTED,
            DagsterRunStatus.STARTING,
            DagsterRunStatus.STARTED,
            DagsterRunStatus.CANCELING,
        ]
    )
    closed = []
    for run in instance.get_runs(going):
        pid = run.tags.get(CLI_PID_TAG)
        if pid and not _is_alive(int(pid)):
            instance.report_run_failed(run, "процесс прогона был прерван")
            closed.append(run.run_id)
    return closed


def remove_old_runs(instance: DagsterInstance, keep_days: int) -> int:
    """Delete finished runs that are older than `keep_days`, with their logs."""
    from dagster import DagsterRunStatus, RunsFilter

    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=keep_days)
    finished = RunsFilter(
        statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED],
        updated_before=before,
    )
    old = instance.get_run_records(finished, limit=500)
    for record in old:
        instance.delete_run(record.dagster_run.run_id)
    return len(old)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _text(settings: Settings) -> str:
    return yaml.safe_dump(configuration(settings), sort_keys=False)


def _is_outdated(settings: Settings) -> bool:
    try:
        held = (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8")
    except OSError:
        return True
    return held != _text(settings)


def _create(settings: Settings) -> None:
    from dagster import DagsterInstance

    home = settings.dagster_home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_outdated(settings):
        write_durably(home / "dagster.yaml", _text(settings))
    with DagsterInstance.from_config(str(home)) as instance:
        # Each storage makes its files when it is first asked.
        instance.get_runs_count()
        instance.get_asset_keys()
        instance.all_instigator_state()
    (home / _READY).touch()
