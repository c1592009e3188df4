"""The models' run: what is executed, in which order, and what a failure leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.transform import build, checks_of
from warehouse.database import open_database
from warehouse.settings import Settings, load_settings


def model(name: str, sql: str, kind: str = "table", **columns: str) -> dict[str, Any]:
    return {
        "unique_id": f"model.m.{name}",
        "resource_type": "model",
        "name": name,
        "schema": "marts",
        "relation_name": f'"msoko"."marts"."{name}"',
        "config": {"materialized": kind, "contract": {"enforced": bool(columns)}},
        "compiled_code": sql,
        "columns": {key: {"name": key, "data_type": value} for key, value in columns.items()},
    }


def check(name: str, sql: str, severity: str = "ERROR") -> dict[str, Any]:
    return {
        "unique_id": f"test.m.{name}",
        "resource_type": "test",
        "name": name,
        "config": {"severity": severity},
        "compiled_code": sql,
    }


def manifest(*nodes: dict[str, Any], **parents: list[str]) -> dict[str, Any]:
    found = {node["unique_id"]: node for node in nodes}
    return {
        "nodes": found,
        "parent_map": {key: parents.get(key.rsplit(".")[-1], []) for key in found},
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {"MSOKO_WAREHOUSE": str(tmp_path / "wh"), "MSOKO_KEY_FILE": str(tmp_path / "key")}
    settings = load_settings(environ)
    settings.make_folders()
    return settings


def run(settings: Settings, document: dict[str, Any]) -> dict[str, str]:
    models = [name for name in document["nodes"] if name.startswith("model.")]
    results = build(settings, document, models, lambda done, total: None)
    return {result.unique_id: result.status for result in results}


def rows(settings: Settings, sql: str) -> list[Any]:
    with open_database(settings) as connection:
        return connection.execute(sql).fetchall()


def test_parents_go_first_and_tests_look_at_the_result(settings):
    document = manifest(
        model("b", "select n + 1 as n from msoko.marts.a -- the end"),
        model("a", "select 1 as n", "view"),
        check("none", "select * from msoko.marts.b where n <> 2"),
        check("some", "select * from msoko.marts.b"),
        check("mild", "select * from msoko.marts.b", "WARN"),
        b=["model.m.a"],
        none=["model.m.b"],
        some=["model.m.b"],
        mild=["model.m.b"],
    )
    assert run(settings, document) == {
        "model.m.a": "success",
        "model.m.b": "success",
        "test.m.none": "pass",
        "test.m.some": "fail",
        "test.m.mild": "warn",
    }
    assert checks_of(document, ["model.m.a"]) == []


def test_a_failed_statement_leaves_everything_as_it_was(settings):
    run(settings, manifest(model("a", "select 1 as n")))
    broken = manifest(
        model("a", "select 2 as n"),
        model("b", "select cast('тайна' as integer) as n"),
        b=["model.m.a"],
    )
    results = build(settings, broken, list(broken["nodes"]), lambda done, total: None)
    assert [(result.unique_id, result.is_failed) for result in results] == [("model.m.b", True)]
    assert "тайна" not in results[0].message
    assert rows(settings, "select n from marts.a") == [(1,)]


def test_a_view_may_become_a_table(settings):
    run(settings, manifest(model("a", "select 1 as n", "view")))
    assert run(settings, manifest(model("a", "select 2 as n"))) == {"model.m.a": "success"}
    assert rows(settings, "select n from marts.a") == [(2,)]


def test_columns_are_those_of_the_contract(settings):
    run(settings, manifest(model("a", "select 1 as x, 'y' as y", y="varchar", x="integer")))
    assert rows(settings, "select * from marts.a") == [("y", 1)]
    wrong = manifest(model("a", "select 'x' as x", x="integer"))
    assert run(settings, wrong) == {"model.m.a": "error"}
    missing = manifest(model("a", "select 1 as x", x="integer", y="integer"))
    assert run(settings, missing) == {"model.m.a": "error"}
    beyond = manifest(model("a", "select 1 as x, 2 as y", x="integer"))
    assert run(settings, beyond) == {"model.m.a": "error"}
    assert rows(settings, "select * from marts.a") == [("y", 1)]
