"""The dbt project as Dagster, the models' run and the release see it: its compiled manifest.

Belongs here: building the manifest once for each state of the project, and pure questions about
it. Not here: running models (`orchestration.transform`).

The compiled project lies in `work/dbt/<hash of the project>/`, so it is never stale and two
processes that compile at once do not disturb each other.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from orchestration.fingerprints import compiled_hash
from orchestration.instance import prepare_environment
from warehouse.settings import DBT_PROJECT, Settings

Manifest = Mapping[str, Any]


class DbtProjectError(Exception):
    """The dbt project cannot be parsed."""


def parsed_folder(settings: Settings) -> Path:
    """Folder with `manifest.json`; compiles the project if needed.

    Raises:
        DbtProjectError: the project has an error.
    """
    folder = settings.dbt_target / compiled_hash()
    if not (folder / "manifest.json").exists():
        _compile(settings, folder)
    return folder


def load_manifest(folder: Path) -> Manifest:
    """The manifest of a compiled project as a document."""
    document: Manifest = json.loads((folder / "manifest.json").read_bytes())
    return document


def remove_old_parses(settings: Settings) -> None:
    """Remove the parsed folders of earlier states of the project."""
    current = compiled_hash()
    for folder in settings.dbt_target.glob("*"):
        if folder.is_dir() and folder.name != current:
            shutil.rmtree(folder, ignore_errors=True)


def released_models(manifest: Manifest) -> list[Mapping[str, Any]]:
    """Models that a release holds: folder `marts`, tables, marked `release`."""
    return sorted(
        (
            node
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model"
            and node["fqn"][1] == "marts"
            and node["config"]["materialized"] == "table"
            and node["config"].get("meta", {}).get("release")
        ),
        key=lambda node: str(node["name"]),
    )


def source_id(manifest: Manifest, name: str) -> str | None:
    """Unique id of the source 'schema.table'; None if no model reads it."""
    for unique_id, source in manifest["sources"].items():
        if f"{source['source_name']}.{source['name']}" == name:
            return str(unique_id)
    return None


def downstream_models(manifest: Manifest, roots: Iterable[str]) -> set[str]:
    """Unique ids of all models that hang, directly or not, on the given nodes."""
    child_map: Mapping[str, list[str]] = manifest["child_map"]
    waiting = list(roots)
    found: set[str] = set()
    while waiting:
        for child in child_map.get(waiting.pop(), ()):
            if child.startswith("model.") and child not in found:
                found.add(child)
                waiting.append(child)
    return found


def in_order(manifest: Manifest) -> list[str]:
    """Unique ids of models and seeds, parents before children."""
    parent_map: Mapping[str, list[str]] = manifest["parent_map"]
    graph = {node: parent_map.get(node, []) for node in manifest["nodes"]}
    return [node for node in TopologicalSorter(graph).static_order() if node in graph]


def upstream_sources(manifest: Manifest, unique_id: str) -> set[tuple[str, str]]:
    """(schema, table) of every source that a node hangs on."""
    parent_map: Mapping[str, list[str]] = manifest["parent_map"]
    waiting, seen = [unique_id], {unique_id}
    found: set[tuple[str, str]] = set()
    while waiting:
        for parent in parent_map.get(waiting.pop(), ()):
            if parent in seen:
                continue
            seen.add(parent)
            waiting.append(parent)
            if parent.startswith("source."):
                source = manifest["sources"][parent]
                found.add((source["source_name"], source["name"]))
    return found


def _compile(settings: Settings, folder: Path) -> None:
    """Compile into a folder of its own; no model may ask the database while it is compiled."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    manager: Any = DuckDBConnectionManager
    prepare_environment(settings)
    building = folder.with_name(f".compile-{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    (building / "tmp").mkdir(parents=True)
    # dbt wants a database to connect to; an empty one by the same name does not disturb anybody.
    build_database = os.environ["MSOKO_DB"]
    os.environ["MSOKO_DB"] = str(building / settings.database.name)
    try:
        result: Any = dbtRunner().invoke(
            [
                "compile",
                *common_arguments(building),
                "--no-partial-parse",
                "--no-introspect",
                "--no-populate-cache",
            ]
        )
    finally:
        os.environ["MSOKO_DB"] = build_database
        manager.close_all_connections()
        gc.collect()
    if not result.success:
        shutil.rmtree(building, ignore_errors=True)
        told = [f"{item.node.name}: {item.message}" for item in result.result or () if item.message]
        raise DbtProjectError(f"dbt-проект не компилируется: {result.exception or '; '.join(told)}")
    for path in building.iterdir():
        if path.name != "manifest.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    try:
        building.rename(folder)
    except OSError:
        # Another process was first; its result is the same.
        shutil.rmtree(building, ignore_errors=True)


def common_arguments(target: Path) -> list[str]:
    """Arguments of every dbt command: own folders, no logs, no console."""
    return [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(target),
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--quiet",
        "--no-use-colors",
    ]
