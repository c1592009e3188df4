"""Jobs, the nightly schedule, the inbox sensor and the failure sensor.

Belongs here: when runs start and who is told of a failed one. Not here: what a run does.
"""

import hashlib
import json
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import dagster as dg

from orchestration import INTAKE_STEP, REBUILD, REFRESH
from orchestration.instance import close_dead_runs
from orchestration.pending import look
from warehouse.settings import Settings, load_settings
from warehouse.state import write_durably

_GOING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

refresh_job = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.all(),
    description="Принять новые файлы, проверить, пересчитать то, что на них стоит, выпустить",
    executor_def=dg.in_process_executor,
)
rebuild_job = dg.define_asset_job(
    REBUILD,
    selection=dg.AssetSelection.all(),
    description="Построить всё заново из хранилища оригиналов",
    executor_def=dg.in_process_executor,
    config={"ops": {INTAKE_STEP: {"config": {"rebuild": True}}}},
)


def build_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """The nightly refresh; on by default."""

    @dg.schedule(
        job=refresh_job,
        cron_schedule=f"0 {settings.night_hour} * * *",
        execution_timezone=settings.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        name="nightly",
        description="Ночное обновление; не начинается, если ничего не изменилось",
    )
    def nightly(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        pending = look(load_settings(), wait=True)
        if not pending.reasons:
            return dg.SkipReason(pending.nothing_new)
        return dg.RunRequest(tags={"msoko/reason": "; ".join(pending.reasons)})

    return nightly


@dg.sensor(
    job=refresh_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    name="inbox",
    description="Новые файлы во входной папке, которые больше не меняются, начинают обновление",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a refresh for new stable files, once for each state of the inbox."""
    close_dead_runs(context.instance)
    going = dg.RunsFilter(job_name=REFRESH, statuses=_GOING)
    if context.instance.get_runs_count(going):
        return dg.SkipReason("обновление уже идёт")
    pending = look(load_settings())
    if not pending.scan.candidates:
        return dg.SkipReason(f"новых файлов нет; ещё копируются: {len(pending.scan.waiting)}")
    text = repr([(seen.name, seen.size, seen.mtime_ns) for seen in pending.scan.candidates])
    return dg.RunRequest(
        run_key=hashlib.sha256(text.encode()).hexdigest()[:16],
        tags={"msoko/reason": f"новых файлов: {len(pending.scan.candidates)}"},
    )


@dg.run_failure_sensor(
    name="failure",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Записывает неудачный прогон в work/last_failure.json и пишет по почте",
)
def failure_sensor(context: dg.RunFailureSensorContext) -> None:
    """Tell people of a failed run; without mail settings the file is all there is."""
    settings = load_settings()
    steps = [
        event.step_key for event in context.get_step_failure_events() if event.step_key is not None
    ]
    record_failure(
        settings,
        {
            "run_id": context.dagster_run.run_id,
            "job": context.dagster_run.job_name,
            "steps": steps,
            "message": context.failure_event.message,
            "noticed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )


def record_failure(settings: Settings, failure: dict[str, Any]) -> None:
    """Write `work/last_failure.json` and send mail if it is configured."""
    text = json.dumps(failure, ensure_ascii=False, indent=1)
    write_durably(settings.work / "last_failure.json", text)
    if not (settings.mail_to and settings.smtp_host):
        return
    message = EmailMessage()
    message["Subject"] = f"МСОКО: прогон {failure['job']} не закончен или задержан"
    message["From"] = settings.mail_to[0]
    message["To"] = ", ".join(settings.mail_to)
    message.set_content(text)
    with smtplib.SMTP(settings.smtp_host, timeout=30) as server:
        server.send_message(message)
