"""`dbt build` and the product's own run of the models come to the same tables."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.inbox import scan
from ingestion.journal import open_journal
from ingestion.load import (
    create_raw_tables,
    move_into_raw,
    plan,
    read_new,
    refresh_deliveries,
    stage,
)
from ingestion.receive import receive
from orchestration.manifest import in_order, load_manifest, parsed_folder
from orchestration.transform import build
from samples.city import write_city
from tests.dbt_fixture import run_dbt
from warehouse.database import open_database, transaction
from warehouse.settings import Settings, load_settings

pytestmark = pytest.mark.slow

Relation = tuple[list[tuple[str, str]], list[tuple[str, list[float]]]]


def settings_in(folder: Path) -> Settings:
    environ = {
        "MSOKO_WAREHOUSE": str(folder / "warehouse"),
        "MSOKO_KEY_FILE": str(folder / "key"),
        "MSOKO_SETTLE_SECONDS": "0",
    }
    settings = load_settings(environ)
    settings.make_folders()
    return settings


def fill_raw(settings: Settings) -> None:
    """A small city with all sources, in force without a judgement."""
    write_city(settings.inbox, schools=3, years=2)
    receive(settings, scan(settings))
    with open_database(settings) as connection:
        create_raw_tables(connection)
        read_new(connection, settings, open_journal(settings), lambda done, total: None)
        planned = plan(connection)
        stage(connection, settings, planned, *planned.changed)
        with transaction(connection):
            move_into_raw(connection, *planned.changed)
        refresh_deliveries(connection)


def contents(connection: duckdb.DuckDBPyConnection, relation: str) -> Relation:
    """Columns with their types; rows in a fixed order, what is no float as text."""
    found = connection.execute(f"select * from {relation}")
    columns = [(str(name), str(kind)) for name, kind, *_ in found.description or ()]
    return columns, sorted((_split(row) for row in found.fetchall()), key=_place)


def _split(row: tuple[Any, ...]) -> tuple[str, list[float]]:
    floats = [value for value in row if isinstance(value, float)]
    return repr([value for value in row if not isinstance(value, float)]), floats


def _place(row: tuple[str, list[float]]) -> tuple[str, list[float]]:
    return row[0], [round(value, 6) for value in row[1]]


def differences(ours: Relation, theirs: Relation) -> str:
    """What differs between two relations; empty if nothing does."""
    if ours[0] != theirs[0]:
        return f"columns {ours[0]} and {theirs[0]}"
    if len(ours[1]) != len(theirs[1]):
        return f"{len(ours[1])} and {len(theirs[1])} rows"
    unequal = sum(
        one[0] != other[0]
        or not all(
            math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)
            for x, y in zip(one[1], other[1], strict=True)
        )
        for one, other in zip(ours[1], theirs[1], strict=True)
    )
    return f"{unequal} rows" if unequal else ""


def test_every_model_and_seed_is_what_dbt_builds(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    fill_raw(settings)
    of_dbt = tmp_path / "dbt" / "msoko.duckdb"
    of_dbt.parent.mkdir()
    (of_dbt.parent / "tmp").mkdir()
    shutil.copy(settings.database, of_dbt)
    run_dbt(of_dbt, "build", "--resource-type", "model", "--resource-type", "seed")

    manifest = load_manifest(parsed_folder(settings))
    nodes = manifest["nodes"]
    wanted = [
        unique_id
        for unique_id in in_order(manifest)
        if nodes[unique_id]["resource_type"] in ("model", "seed")
    ]
    results = build(settings, manifest, wanted, lambda done, total: None)
    models = [result for result in results if not result.unique_id.startswith("test.")]
    assert [result.message for result in models if result.is_failed] == []

    with open_database(settings) as ours, duckdb.connect(str(of_dbt), read_only=True) as theirs:
        found = {
            relation: differences(contents(ours, relation), contents(theirs, relation))
            for relation in (nodes[unique_id]["relation_name"] for unique_id in wanted)
        }
        filled = sum(bool(contents(ours, relation)[1]) for relation in found)
    assert {relation: text for relation, text in found.items() if text} == {}
    assert filled > len(found) * 0.9
