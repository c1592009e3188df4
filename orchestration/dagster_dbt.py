"""dagster-dbt without dbt.

Belongs here: its names, imported while dbt is hidden. dagster-dbt takes what it needs from the
manifest where dbt is not installed; importing dbt costs more than a second of every run, and a run
executes compiled statements. Who needs dbt itself (`orchestration.manifest`) imports it as ever.
"""

import sys

_IS_LOADED = "dbt" in sys.modules
if not _IS_LOADED:
    sys.modules["dbt"] = None  # type: ignore[assignment]

from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets  # noqa: E402

if not _IS_LOADED:
    del sys.modules["dbt"]

__all__ = ["DagsterDbtTranslator", "DbtProject", "dbt_assets"]
