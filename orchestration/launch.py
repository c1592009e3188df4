"""Running a job from the command line, in this process, in the instance that the UI shows.

Belongs here: the Dagster run itself and its outcome in words. Not here: arguments and exit
(`orchestration.cli`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from expectations.worker import GateProcess
from orchestration import INTAKE_STEP, REFRESH, RELEASE_STEP
from orchestration.instance import CLI_PID_TAG, close_dead_runs, open_instance
from orchestration.progress import listening
from orchestration.setup import set_up
from orchestration.summary import summarise
from warehouse.database import open_database
from warehouse.lock import warehouse_lock
from warehouse.settings import Settings
from warehouse.state import read_state

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

FAILED, HELD = 1, 3


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        exit_code: 0 good, 1 failed, 3 published with a held table.
        text: what a person reads.
    """

    exit_code: int
    text: str


def launch(
    settings: Settings, job: str, config: Mapping[str, bool], tell: Callable[[str], None]
) -> Outcome:
    """Run a job to its end and say what it did.

    Args:
        settings: the installation.
        job: name of the job.
        config: options of the intake step.
        tell: shows one line of progress.
    """
    before = read_state(settings)
    with GateProcess() as gate:
        result = _execute(settings, job, config, tell, gate)
    if not _step_succeeded(result, INTAKE_STEP):
        return Outcome(FAILED, _unfinished(result))
    with warehouse_lock(settings), open_database(settings, read_only=True) as connection:
        since = 0 if before is None or job != REFRESH else before.journal_seq
        text = summarise(connection, settings, since)
    if not _step_succeeded(result, RELEASE_STEP):
        return Outcome(FAILED, f"{text}\n{_unfinished(result)}")
    if not result.success and read_state(settings) == before:
        return Outcome(FAILED, "\n".join([text, *_failures(result)]))
    return Outcome(0 if result.success else HELD, text)


def _execute(
    settings: Settings,
    job: str,
    config: Mapping[str, bool],
    tell: Callable[[str], None],
    gate: GateProcess,
) -> ExecuteInProcessResult:
    """The run itself; the judging process imports its library while this one imports Dagster."""
    set_up(settings)
    from orchestration.definitions import defs
    from orchestration.resources import hand_over

    hand_over(gate)
    with open_instance(settings) as instance, listening(tell):
        close_dead_runs(instance)
        return defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={
                CLI_PID_TAG: str(os.getpid()),
                # Lets the job's page in the UI list this run too.
                ".dagster/repository": "__repository__@msoko",
            },
            run_config={
                "ops": {INTAKE_STEP: {"config": dict(config)}},
                # The terminal gets our own sentences, the run's page everything.
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )


def _unfinished(result: ExecuteInProcessResult) -> str:
    return "\n".join([f"прогон {result.run_id} не закончен, выпуск прежний:", *_failures(result)])


def _failures(result: ExecuteInProcessResult) -> list[str]:
    """The sentences of the failed steps."""
    sentences = []
    for event in result.all_events:
        if not (event.is_step_failure and event.step_key):
            continue
        data = event.step_failure_data
        error = data.error.cause or data.error if data.error else None
        told = data.user_failure_data.description if data.user_failure_data else None
        if told or error:
            sentences.append(told or f"{event.step_key}: {error.message.strip() if error else ''}")
    return sentences or ["причина записана в журнале прогона (make ui)"]


def _step_succeeded(result: ExecuteInProcessResult, step: str) -> bool:
    return any(event.is_step_success and event.step_key == step for event in result.all_events)
