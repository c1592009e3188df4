"""The warehouse as a Dagster resource: one writer at a time, leftovers wiped before the first step.

Belongs here: what a run needs from its first to its last step. The in-process executor makes a
resource once for a whole run, so the lock is held from before the first step until after the
last one, whoever started the run and whichever assets it holds.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from expectations.worker import GateProcess
from orchestration.instance import prepare_environment
from orchestration.progress import say
from warehouse.lock import warehouse_lock
from warehouse.release import remove_leftovers, repair
from warehouse.settings import Settings, load_settings

# A refresh writes the build database, spill files and a release beside what is there.
_SPACE_FACTOR = 3
_early_gates: list[GateProcess] = []


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The installation, locked for this run."""

    _settings: Settings | None = PrivateAttr(default=None)
    _gate: GateProcess | None = PrivateAttr(default=None)

    @property
    def settings(self) -> Settings:
        """Paths and settings of the installation."""
        if self._settings is None:
            raise RuntimeError("the warehouse is used outside a run")
        return self._settings

    @property
    def gate(self) -> GateProcess:
        """The judging process; started when it is first asked for.

        Ask early: it needs seconds to import its library, while files are being read.
        """
        if self._gate is None:
            self._gate = _early_gates.pop() if _early_gates else GateProcess()
        return self._gate

    @contextmanager
    def yield_for_execution(
        self, context: dg.InitResourceContext
    ) -> Generator[WarehouseResource, None, None]:
        """Wait for the lock, wipe leftovers of killed runs, check the disk and the release."""
        settings = load_settings()
        log = context.log or dg.get_dagster_logger()
        with warehouse_lock(settings, lambda: say(log, "жду: идёт другой прогон")):
            prepare_environment(settings)
            settings.make_folders()
            wipe_leftovers(settings)
            check_space(settings)
            repaired = repair(settings)
            if repaired:
                say(log, repaired)
            self._settings = settings
            try:
                yield self
            finally:
                if self._gate is not None:
                    self._gate.close()
                self._gate = None
                self._settings = None


def hand_over(gate: GateProcess) -> None:
    """Give the next run of this process a judging process that is already starting."""
    _early_gates.append(gate)


def wipe_leftovers(settings: Settings) -> None:
    """Remove what a killed run left: spill files, candidates of releases, half-written files.

    Vault and cache look after their own.
    """
    shutil.rmtree(settings.scratch, ignore_errors=True)
    settings.scratch.mkdir(mode=0o700, exist_ok=True)
    remove_leftovers(settings)
    for leftover in settings.work.glob(".*.part"):
        leftover.unlink(missing_ok=True)


def check_space(settings: Settings) -> None:
    """Refuse to start a run that would fill the disk.

    Raises:
        dagster.Failure: less free space than three times the build database.
    """
    used = settings.database.stat().st_size if settings.database.exists() else 0
    free = shutil.disk_usage(settings.root).free
    if free < _SPACE_FACTOR * used:
        raise dg.Failure(
            f"мало места на диске: свободно {free // 2**20} МБ, "
            f"нужно {_SPACE_FACTOR * used // 2**20} МБ",
            allow_retries=False,
        )
