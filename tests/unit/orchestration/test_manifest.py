"""Questions to the manifest, and what a refresh builds."""

from __future__ import annotations

from typing import Any

from orchestration.manifest import (
    downstream_models,
    in_order,
    released_models,
    source_id,
    upstream_sources,
)
from orchestration.models import Choice, choose, group_of
from warehouse.state import State


def node(name: str, *folders: str, kind: str = "model", release: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": kind,
        "fqn": ["msoko", *folders, name],
        "config": {"materialized": "table", "meta": {"release": True} if release else {}},
    }


MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.m.stg_a": node("stg_a", "staging"),
        "model.m.stg_b": node("stg_b", "staging"),
        "model.m.int_ab": node("int_ab", "intermediate"),
        "model.m.mart_d1_a": node("mart_d1_a", "marts", release=True),
        "model.m.mart_b": node("mart_b", "marts", "analysis", release=True),
        "model.m.mart_hidden": node("mart_hidden", "marts"),
        "seed.m.s": node("s", "reference", kind="seed"),
        "test.m.t": node("t", kind="test"),
    },
    "sources": {
        "source.m.raw.a": {"source_name": "raw", "name": "a"},
        "source.m.raw.b": {"source_name": "raw", "name": "b"},
    },
    "child_map": {
        "source.m.raw.a": ["model.m.stg_a"],
        "source.m.raw.b": ["model.m.stg_b"],
        "model.m.stg_a": ["model.m.int_ab", "test.m.t"],
        "model.m.stg_b": ["model.m.mart_b", "model.m.int_ab"],
        "model.m.int_ab": ["model.m.mart_d1_a"],
    },
    "parent_map": {
        "model.m.mart_d1_a": ["model.m.int_ab"],
        "model.m.int_ab": ["model.m.stg_a", "model.m.stg_b", "seed.m.s"],
        "model.m.stg_a": ["source.m.raw.a"],
        "model.m.stg_b": ["source.m.raw.b"],
    },
}
HASHES = {"dbt": "1", "config": "1", "code": "1", "contracts": "1"}


def state(tables: dict[str, str], **hashes: str) -> State:
    return State("run", "t", "r", 1, {**HASHES, **hashes}, tables)


def test_descendants() -> None:
    assert downstream_models(MANIFEST, ["source.m.raw.a"]) == {
        "model.m.stg_a",
        "model.m.int_ab",
        "model.m.mart_d1_a",
    }
    assert downstream_models(MANIFEST, []) == set()


def test_parents_come_first() -> None:
    order = in_order(MANIFEST)
    assert len(order) == len(MANIFEST["nodes"])
    for child, parents in MANIFEST["parent_map"].items():
        for parent in parents:
            assert parent not in order or order.index(parent) < order.index(child)


def test_sources_of_a_mart() -> None:
    assert upstream_sources(MANIFEST, "model.m.mart_d1_a") == {("raw", "a"), ("raw", "b")}
    assert source_id(MANIFEST, "raw.a") == "source.m.raw.a"
    assert source_id(MANIFEST, "raw.nowhere") is None


def test_a_release_holds_marked_tables_of_the_folder_marts() -> None:
    assert [item["name"] for item in released_models(MANIFEST)] == ["mart_b", "mart_d1_a"]


def test_groups() -> None:
    groups = {
        item["name"]: group_of(item)
        for item in MANIFEST["nodes"].values()
        if item["resource_type"] != "test"
    }
    assert groups["stg_a"] == "staging"
    assert groups["int_ab"] == "intermediate"
    assert groups["mart_d1_a"] == "d1"
    assert groups["mart_b"] == "analysis"
    assert groups["mart_hidden"] == "indicators"
    assert groups["s"] == "reference"


def test_the_first_run_and_a_changed_project_build_everything() -> None:
    built = [name for name in MANIFEST["nodes"] if name.split(".")[0] in ("model", "seed")]
    everything = Choice(tuple(sorted(built)), 6)
    assert choose(MANIFEST, None, HASHES, {}, None) == everything
    assert choose(MANIFEST, state({}, dbt="0"), HASHES, {}, None) == everything
    assert choose(MANIFEST, state({}, config="0"), HASHES, {}, None) == everything


def test_a_refresh_builds_what_hangs_on_changed_tables() -> None:
    before = state({"raw.a": "1", "raw.b": "1"})
    assert choose(MANIFEST, before, HASHES, {"raw.a": "1", "raw.b": "1"}, None) == Choice((), 0)
    assert choose(MANIFEST, before, HASHES, {"raw.a": "2", "raw.b": "1"}, None) == Choice(
        ("model.m.int_ab", "model.m.mart_d1_a", "model.m.stg_a"), 3
    )


def test_a_new_table_without_readers_builds_nothing() -> None:
    assert choose(MANIFEST, state({}), HASHES, {"raw.c": "1"}, None) == Choice((), 0)


def test_a_person_gets_what_was_picked() -> None:
    picked = choose(MANIFEST, None, HASHES, {}, ["model.m.mart_b", "seed.m.s"])
    assert picked == Choice(("model.m.mart_b", "seed.m.s"), 1)
