"""What a release holds: marts by an allow-list and schema `meta`.

Belongs here: filling the empty database of a candidate. Not here: how a candidate becomes the
current release (`warehouse.release`), which texts schema `meta` carries (`publication.yml`).

The file is built from allowed relations, never made by removing tables from the build database:
DELETE and DROP leave the bytes of rows behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.standing import held_tables
from warehouse.database import fit_threads, open_file, transaction
from warehouse.release import FILE, Release, ReleaseError, current_release
from warehouse.settings import Settings

_TEXTS = Path(__file__).with_suffix(".yml")
# Columns that name or stand for a person; no mart may hold one.
_PERSONAL = ("pupil_pid", "person_pid", "source_text", "participant_code")
_CHANGE_KEY = (
    "measure_code",
    "level",
    "school_id",
    "municipality_id",
    "school_year",
    "cal_year",
    "season",
    "grade",
    "subject",
    "breakdown",
)


def builder(
    settings: Settings, release: Release, models: Sequence[Mapping[str, Any]]
) -> Callable[[duckdb.DuckDBPyConnection], None]:
    """A function that fills a candidate.

    Args:
        settings: the installation.
        release: head of the release.
        models: manifest nodes of the marts to copy, in alphabetical order.
    """
    texts = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))

    def build(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"attach '{_quoted(settings.database)}' as work (read_only)")
        fit_threads(connection)
        # One commit: each comment by itself would wait for the disk.
        with transaction(connection):
            connection.execute("create schema marts")
            connection.execute("create schema meta")
            tables = _built_tables(connection)
            for model in models:
                _copy_mart(connection, model, *tables.get(str(model["name"]), ("", [])))
            for table in (
                "delivery",
                "rejection",
                "check_result",
                "acceptance",
                "coverage",
                "indicator",
            ):
                _make(connection, table, texts[table], texts[table]["query"])
            _make(connection, "change", texts["change"], _change_query(settings, connection))
            _make(
                connection,
                "release",
                texts["release"],
                _release_query(settings, connection, release),
            )
            _make(connection, "column", texts["column"], _COLUMN_QUERY)
        connection.execute("detach work")
        connection.execute("detach database if exists previous")

    return build


def _built_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, list[str]]]:
    """Definition and columns of each table that models may have built in schema `marts`."""
    rows = connection.execute(
        """
        select table_name, any_value(sql), list(column_name)
        from duckdb_tables() join duckdb_columns() using (database_name, schema_name, table_name)
        where database_name = 'work' and schema_name = 'marts'
        group by table_name
        """
    ).fetchall()
    return {name: (definition, columns) for name, definition, columns in rows}


def _copy_mart(
    connection: duckdb.DuckDBPyConnection,
    model: Mapping[str, Any],
    definition: str,
    columns: Sequence[str],
) -> None:
    """Copy one table with its constraints; its comments are the descriptions of the model."""
    name = str(model["name"])
    if not definition:
        raise ReleaseError(f"витрина {name} не построена")
    personal = sorted({*columns} & {*_PERSONAL})
    if personal:
        raise ReleaseError(f"витрина {name} держит личные столбцы: {', '.join(personal)}")
    connection.execute(definition)
    connection.execute(f"insert into marts.{name} select * from work.marts.{name}")
    comments = {column["name"]: column["description"] for column in model["columns"].values()}
    _comment(connection, f"marts.{name}", model["description"], comments)


def _make(
    connection: duckdb.DuckDBPyConnection, table: str, text: Mapping[str, Any], query: str
) -> None:
    """Create one table of schema `meta` with the listed columns and their comments."""
    comments: Mapping[str, str] | None = text.get("columns")
    columns = ", ".join(comments) if comments else "*"
    rows = f"select {columns} from ({query})"
    connection.execute(f'create table meta."{table}" as from ({rows}) limit 0')
    if comments is None:
        comments = dict(
            connection.execute(
                "select column_name, comment from duckdb_columns()"
                " where database_name = current_database()"
                f" and schema_name = 'marts' and table_name = 'dim_{table}'",
            ).fetchall()
        )
    # Comments first, so that the dictionary of columns finds its own.
    _comment(connection, f'meta."{table}"', text["comment"], comments)
    connection.execute(f'insert into meta."{table}" {rows}')


def _comment(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    comment: str | None,
    columns: Mapping[str, str | None],
) -> None:
    if comment:
        connection.execute(f"comment on table {relation} is '{_quoted(comment)}'")
    for column, description in columns.items():
        if description:
            connection.execute(
                f"comment on column {relation}.\"{column}\" is '{_quoted(description)}'"
            )


def _release_query(
    settings: Settings, connection: duckdb.DuckDBPyConnection, release: Release
) -> str:
    connection.execute("use work")
    held = [table.table for table in held_tables(connection)]
    connection.execute(f"use {FILE.removesuffix('.duckdb')}")
    values = {
        "release_id": release.release_id,
        "run_id": release.run_id,
        "parent_release_id": release.parent,
        "kind": release.kind,
        "municipality": settings.municipality_name,
        "region": settings.region_name,
        "held": ", ".join(held) or None,
    }
    literals = ", ".join(
        f"cast({_literal(value)} as varchar) as {name}" for name, value in values.items()
    )
    return f"""
        select {literals}, {release.seq} as seq,
               cast({_literal(release.built_at)} as timestamptz) at time zone 'UTC' as built_at,
               {len(held)} as tables_held,
               (select max(methodology_version) from marts.indicator_value) as methodology_version,
               (select min(school_year) from marts.indicator_value where value is not null)
                   as first_school_year,
               (select max(school_year) from marts.indicator_value where value is not null)
                   as last_school_year,
               (select count(*) from meta.delivery where status = 'accepted')
                   as deliveries_accepted,
               (select count(*) from meta.delivery where status = 'refused')
                   as deliveries_refused,
               (select max(received_at) from meta.delivery) as last_received_at,
               (select count(*) from meta.check_result where success) as checks_passed,
               (select count(*) from meta.check_result
                where not success and severity = 'warning') as checks_warned
    """


def _change_query(settings: Settings, connection: duckdb.DuckDBPyConnection) -> str:
    """Figures that differ from the release before; none if there is no release before."""
    before = current_release(settings)
    columns = ", ".join(
        [f"new.{name}" for name in _CHANGE_KEY]
        + ["new.value as old_value", "new.value as new_value", "new.n as old_n", "new.n as new_n"]
        + ["new.status as old_status", "new.status as new_status"]
    )
    nothing = (
        f"select cast(null as varchar) as previous_release_id, {columns},"
        " cast(null as varchar) as reason from marts.indicator_value as new where false"
    )
    if before is None:
        return nothing
    previous = settings.releases / before.release_id / FILE
    with open_file(previous) as old:
        known = {
            row[0]
            for row in old.execute(
                "select column_name from duckdb_columns()"
                " where schema_name = 'marts' and table_name = 'indicator_value'"
            ).fetchall()
        }
    needed = {*_CHANGE_KEY, "value", "n", "status", "delivery_ids", "methodology_version"}
    if not needed <= known:
        return nothing
    connection.execute(f"attach '{_quoted(previous)}' as previous (read_only)")
    key = ", ".join(f"coalesce(new.{name}, old.{name}) as {name}" for name in _CHANGE_KEY)
    same = " and ".join(f"new.{name} is not distinct from old.{name}" for name in _CHANGE_KEY)
    return f"""
        select {_literal(before.release_id)} as previous_release_id, {key},
               old.value as old_value, new.value as new_value, old.n as old_n, new.n as new_n,
               old.status as old_status, new.status as new_status,
               case when old.methodology_version <> new.methodology_version then 'methodology'
                    when old.delivery_ids is distinct from new.delivery_ids then 'delivery'
                    else 'register' end as reason
        from marts.indicator_value as new
        full join previous.marts.indicator_value as old on {same}
        where round(new.value, 9) is distinct from round(old.value, 9)
           or new.n is distinct from old.n or new.status is distinct from old.status
    """


_COLUMN_QUERY = """
    select columns.schema_name, columns.table_name, tables.comment as table_comment,
           columns.column_index as position, columns.column_name, columns.data_type,
           columns.is_nullable, columns.comment as description
    from duckdb_columns() as columns
    join duckdb_tables() as tables using (database_name, schema_name, table_name)
    where database_name = current_database() and schema_name in ('marts', 'meta')
    order by schema_name, table_name, position
"""


def _literal(value: str | None) -> str:
    return "null" if value is None else f"'{_quoted(value)}'"


def _quoted(value: object) -> str:
    return str(value).replace("'", "''")
