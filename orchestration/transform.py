"""Running dbt inside this process.

Belongs here: calling `dbtRunner` with the kept manifest, progress, safe errors, closing dbt's
connection. Not here: which models (`orchestration.models`), Dagster.

In process and with the manifest kept, because the command line costs four seconds of imports and
parsing each time. No artefacts are written: results of tests and errors may quote values.
"""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.manifest import common_arguments
from warehouse.settings import Settings

# Engine errors whose text quotes values of rows; of these only the kind is told.
_QUOTING = re.compile(r"(Conversion|Constraint|Out of Range|Invalid Input|Mismatch Type) Error")
_FAILED = frozenset({"error", "fail", "runtime error", "partial success"})


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        unique_id: of the dbt node.
        status: success, pass, warn, fail, error, skipped.
        seconds: execution time.
        failures: rows that a test found.
        message: safe text of an error.
    """

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str

    @property
    def is_failed(self) -> bool:
        return self.status in _FAILED


class TransformError(Exception):
    """dbt could not run at all; the text is safe to show."""


def build(
    settings: Settings,
    folder: Path,
    select: Sequence[str] | None,
    models: int,
    on_progress: Callable[[int, int], None],
) -> list[NodeResult]:
    """Build models with their tests.

    Args:
        settings: the installation; nobody may have its build database open elsewhere.
        folder: the parsed project, the one whose manifest made the choice.
        select: names of models and seeds; None builds everything.
        models: how many models that are, for the progress.
        on_progress: called with models done and models to build.

    Raises:
        TransformError: dbt did not start.
    """
    from dbt.cli.main import dbtRunner

    arguments = [
        "build",
        *common_arguments(settings.dbt_target),
        "--no-write-json",
        "--no-version-check",
        "--exclude-resource-type",
        "unit_test",
    ]
    if select is not None:
        arguments += ["--select", *select]
    runner = dbtRunner(manifest=_kept_manifest(folder), callbacks=[_Progress(models, on_progress)])
    try:
        outcome = runner.invoke(arguments)
    finally:
        _close_connections()
    results = getattr(outcome.result, "results", None)
    if results is None:
        raise TransformError(f"dbt не запустился: {_safe(str(outcome.exception))}")
    return [
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            seconds=float(result.execution_time),
            failures=result.failures,
            message=_safe(result.message or ""),
        )
        for result in results
    ]


class _Progress:
    """dbt's event callback: counts finished models. dbt calls it from its worker threads."""

    def __init__(self, total: int, tell: Callable[[int, int], None]) -> None:
        self._total = total
        self._tell = tell
        self._done = 0
        self._lock = threading.Lock()

    def __call__(self, event: Any) -> None:
        if event.info.name != "LogModelResult":
            return
        with self._lock:
            self._done += 1
            self._tell(self._done, self._total)


def _kept_manifest(folder: Path) -> Any:
    from dbt.contracts.graph.manifest import Manifest

    manifest: Any = Manifest.from_msgpack((folder / "partial_parse.msgpack").read_bytes())
    manifest.build_flat_graph()
    return manifest


def _close_connections() -> None:
    """Release the build database: dbt leaves its connection open for writing, which would lock everybody else out."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    manager: Any = DuckDBConnectionManager
    manager.close_all_connections()
    gc.collect()


def _safe(message: str) -> str:
    """An error without values of rows."""
    if message.startswith("Got "):
        # dbt's own count of a test's rows, which `failures` holds.
        return ""
    quoting = _QUOTING.search(message)
    if quoting:
        return f"{quoting.group()} (значения не показаны)"
    return message.strip()
