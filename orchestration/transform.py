"""Running the compiled models on the build database.

Belongs here: seeds, models and tests as statements, their order, progress, safe errors. Not here:
compiling them (`orchestration.manifest`), which ones to run (`orchestration.models`), Dagster.

dbt compiles the project once for each of its states; a run executes what came out. dbt's own runner
costs some 45 ms of Python a node, four times what DuckDB needs for the SQL itself.

All of it is one transaction: if a statement fails, the database stays as it was. Results of tests
are counts, because rows and error texts may quote values.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.manifest import Manifest, in_order
from warehouse.database import fit_threads, open_database
from warehouse.settings import DBT_PROJECT, Settings

# Engine errors whose text quotes values of rows; of these only the kind is told.
_QUOTING = re.compile(r"(Conversion|Constraint|Out of Range|Invalid Input|Mismatch Type) Error")
_FAILED = frozenset({"error", "fail"})


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        unique_id: of the dbt node.
        status: success, pass, warn, fail, error.
        seconds: execution time.
        failures: rows that a test found.
        message: safe text of an error.
    """

    unique_id: str
    status: str
    seconds: float
    failures: int | None = None
    message: str = ""

    @property
    def is_failed(self) -> bool:
        return self.status in _FAILED


class _StatementError(Exception):
    def __init__(self, result: NodeResult) -> None:
        super().__init__(result.unique_id)
        self.result = result


def build(
    settings: Settings,
    manifest: Manifest,
    wanted: Collection[str],
    on_progress: Callable[[int, int], None],
) -> list[NodeResult]:
    """Build models and seeds, then test them.

    Args:
        settings: the installation; nobody may have its build database open elsewhere.
        manifest: the compiled project.
        wanted: unique ids of models and seeds.
        on_progress: called with models done and models to build.

    Returns:
        What was built and tested; if a statement failed, its result alone, for nothing was built.
    """
    nodes = manifest["nodes"]
    ordered = [nodes[unique_id] for unique_id in in_order(manifest) if unique_id in wanted]
    total = sum(node["resource_type"] == "model" for node in ordered)
    with open_database(settings) as connection:
        fit_threads(connection)
        connection.execute("begin")
        try:
            results = list(_built(connection, ordered, total, on_progress))
        except _StatementError as error:
            connection.execute("rollback")
            return [error.result]
        mismatched = _mismatched(connection, ordered)
        if mismatched:
            connection.execute("rollback")
            return mismatched
        connection.execute("commit")
        tests = checks_of(manifest, wanted)
        return results + [_tested(connection, nodes[unique_id]) for unique_id in tests]


def checks_of(manifest: Manifest, wanted: Collection[str]) -> list[str]:
    """Unique ids of the tests that look at any of the given models."""
    parent_map: Mapping[str, list[str]] = manifest["parent_map"]
    return sorted(
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and not set(parent_map[unique_id]).isdisjoint(wanted)
    )


def _built(
    connection: duckdb.DuckDBPyConnection,
    ordered: Iterable[Mapping[str, Any]],
    total: int,
    on_progress: Callable[[int, int], None],
) -> Iterable[NodeResult]:
    done = 0
    for schema in sorted({node["schema"] for node in ordered}):
        connection.execute(f'create schema if not exists "{schema}"')
    kinds = {
        f"{schema}.{name}": kind
        for schema, name, kind in connection.execute(
            "select schema_name, view_name, 'view' from duckdb_views() where not internal"
            " union all select schema_name, table_name, 'table' from duckdb_tables()"
        ).fetchall()
    }
    for node in ordered:
        started = time.perf_counter()
        try:
            for statement in _statements(node, kinds):
                connection.execute(statement)
        except duckdb.Error as error:
            seconds = time.perf_counter() - started
            raise _StatementError(
                NodeResult(node["unique_id"], "error", seconds, message=_safe(str(error)))
            ) from None
        yield NodeResult(node["unique_id"], "success", time.perf_counter() - started)
        if node["resource_type"] == "model":
            done += 1
            on_progress(done, total)


def _statements(node: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterable[str]:
    relation, name = node["relation_name"], f"{node['schema']}.{node['name']}"
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    before = kinds.get(name, kind)
    if before != kind:
        yield f"drop {before} {relation}"
    if node["resource_type"] == "seed":
        types = node["config"]["column_types"]
        path = (DBT_PROJECT / node["original_file_path"]).as_posix()
        columns = ", ".join(f'"{column}" {data_type}' for column, data_type in types.items())
        yield f"create or replace table {relation} ({columns})"
        yield f"copy {relation} from '{path}' (format csv, header true, delimiter ',')"
    else:
        yield f"create or replace {kind} {relation} as select {_columns(node)} from ({_sql(node)})"


def _columns(node: Mapping[str, Any]) -> str:
    """Columns of a contract in its order; what is beyond them comes last, to be found there."""
    if not _promises(node):
        return "*"
    promised = ", ".join(f'"{name}"' for name in node["columns"])
    return f"{promised}, * exclude ({promised})"


def _sql(node: Mapping[str, Any]) -> str:
    """The compiled SQL; the line break ends a comment in its last line."""
    return f"{node['compiled_code']}\n"


def _promises(node: Mapping[str, Any]) -> bool:
    return bool(node["config"].get("contract", {}).get("enforced"))


def _mismatched(
    connection: duckdb.DuckDBPyConnection, ordered: Iterable[Mapping[str, Any]]
) -> list[NodeResult]:
    """Models whose columns are more, or of other types, than their contract says."""
    promising = {
        (node["schema"], node["name"]): node["unique_id"] for node in ordered if _promises(node)
    }
    promised = {
        (node["schema"], node["name"], column["name"]): str(column["data_type"]).lower()
        for node in ordered
        if _promises(node)
        for column in node["columns"].values()
    }
    wrong: dict[str, list[str]] = {}
    for schema, table, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
    ).fetchall():
        unique_id = promising.get((schema, table))
        promise = promised.get((schema, table, column))
        if unique_id is not None and promise != data_type.lower():
            wrong.setdefault(unique_id, []).append(
                f"{column}: {data_type.lower()}, а не {promise}"
                if promise
                else f"{column}: лишний столбец"
            )
    return [
        NodeResult(node, "error", 0.0, message="не по контракту: " + "; ".join(columns))
        for node, columns in sorted(wrong.items())
    ]


def _tested(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> NodeResult:
    started = time.perf_counter()
    try:
        row = connection.execute(f"select count(*) from ({_sql(node)})").fetchone()
    except duckdb.Error as error:
        seconds = time.perf_counter() - started
        return NodeResult(node["unique_id"], "error", seconds, message=_safe(str(error)))
    failures = int(row[0]) if row else 0
    severity = "warn" if node["config"]["severity"].lower() == "warn" else "fail"
    return NodeResult(
        node["unique_id"],
        severity if failures else "pass",
        time.perf_counter() - started,
        failures,
    )


def _safe(message: str) -> str:
    """An error without values of rows."""
    quoting = _QUOTING.search(message)
    if quoting:
        return f"{quoting.group()} (значения не показаны)"
    return message.strip()
