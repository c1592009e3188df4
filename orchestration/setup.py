"""Getting an installation ready: folders, key, Dagster instance, parsed dbt project.

Belongs here: what must exist before the first run; doing it twice changes nothing.
"""

from __future__ import annotations

from ingestion.pseudonym import load_key
from orchestration.instance import open_instance
from orchestration.manifest import parsed_folder
from warehouse.lock import warehouse_lock
from warehouse.settings import Settings


def set_up(settings: Settings) -> None:
    """Make folders, the pseudonym key, the Dagster instance and the dbt manifest if they lack."""
    settings.make_folders()
    with warehouse_lock(settings):
        load_key(settings)
    open_instance(settings).dispose()
    parsed_folder(settings)
