"""Emptying a warehouse that holds the synthetic city.

Belongs here: what may be removed and what must not. Never removes real files: they are the only
copy that the product is sure of.
"""

from __future__ import annotations

import shutil

from ingestion.journal import open_journal
from ingestion.receive import SYNTHETIC_LIST
from warehouse.lock import warehouse_lock
from warehouse.settings import Settings
from warehouse.state import forget_state


class ResetRefused(Exception):  # noqa: N818  it is a refusal, not an error
    """The warehouse may not be emptied; the text says why."""


def reset_warehouse(settings: Settings) -> None:
    """Remove vault, cache, work, releases and the city's files in the inbox.

    Raises:
        ResetRefused: the vault holds real files.
    """
    with warehouse_lock(settings):
        journal = open_journal(settings)
        real = sum(event.kind == "real" for event in journal.events if event.event == "received")
        if real:
            raise ResetRefused(f"в хранилище настоящие файлы ({real}): очистка запрещена")
        forget_state(settings)
        settings.current.unlink(missing_ok=True)
        for name in journal.content_of:
            (settings.inbox / name).unlink(missing_ok=True)
        (settings.inbox / SYNTHETIC_LIST).unlink(missing_ok=True)
        for folder in sorted(settings.inbox.rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        for folder in (settings.releases, settings.cache, settings.outbox):
            shutil.rmtree(folder, ignore_errors=True)
        for entry in settings.work.iterdir():
            # The history of runs stays: the UI may have it open.
            if entry in (settings.dagster_home, settings.dbt_target):
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
        # The journal goes last: as long as it is there, a killed reset can be repeated.
        shutil.rmtree(settings.vault)
        settings.make_folders()
