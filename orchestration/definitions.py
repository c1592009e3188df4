"""What Dagster loads: everything is made elsewhere and only assembled here."""

from __future__ import annotations

import dagster as dg

from ingestion.contracts import load_contracts
from orchestration.automation import (
    build_schedule,
    failure_sensor,
    inbox_sensor,
    rebuild_job,
    refresh_job,
)
from orchestration.intake import deliveries
from orchestration.manifest import load_manifest, parsed_folder
from orchestration.models import build_model_assets
from orchestration.publish import build_release_assets
from orchestration.raw import build_raw_assets, raw_key
from orchestration.resources import WarehouseResource
from warehouse.settings import load_settings

_settings = load_settings()
_manifest = load_manifest(parsed_folder(_settings))

defs = dg.Definitions(
    assets=[
        deliveries,
        build_raw_assets(),
        build_model_assets(_manifest),
        *build_release_assets(_manifest, [raw_key(table) for table in load_contracts()]),
    ],
    jobs=[refresh_job, rebuild_job],
    schedules=[build_schedule(_settings)],
    sensors=[inbox_sensor, failure_sensor],
    resources={"warehouse": WarehouseResource()},
    executor=dg.in_process_executor,
)
