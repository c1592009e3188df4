"""The only place that opens DuckDB, and the tables that describe the warehouse itself.

Belongs here: connections, schemas, the tables of schema `meta` that runs keep. Not here:
tables of sources (the contracts give those) and models (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.settings import Settings

_Config = dict[str, str | bool | int | float | list[str]]
_ROW_GROUP = 122_880
SCHEMAS = ("incoming", "raw", "meta")

META_TABLES = """
create table if not exists meta.delivery (
    delivery_id varchar primary key, file_sha256 varchar not null, original_name varchar not null,
    seq integer not null, kind varchar not null, source varchar, layout varchar,
    table_name varchar, sender varchar, procedure varchar, cal_year smallint, season varchar,
    school_year varchar, subject varchar, grade_label tinyint, programme_grade tinyint,
    document_date date, status varchar not null, reason_code varchar, reason varchar,
    rows_read integer, rows_accepted integer, rows_rejected integer,
    rows_outside_register integer, rows_structural integer,
    superseded_by varchar, bytes bigint, read_seconds double, received_at timestamp not null
);
create table if not exists meta.delivery_part (
    delivery_id varchar not null, part_no smallint not null, table_name varchar not null,
    logical_key varchar not null, rows_hash varchar not null, rows_accepted integer not null,
    document_date date, authority smallint not null, in_force boolean not null,
    primary key (delivery_id, part_no)
);
create table if not exists meta.raw_part (
    table_name varchar not null, delivery_id varchar not null, part_no smallint not null,
    primary key (table_name, delivery_id, part_no)
);
create table if not exists meta.delivery_structure (
    delivery_id varchar not null, sheet varchar not null, kind varchar not null, n integer not null
);
create table if not exists meta.rejection (
    delivery_id varchar not null, sheet varchar not null, row_no integer not null,
    column_name varchar, code varchar not null, sentence varchar not null
);
create table if not exists meta.check_result (
    run_id varchar not null, checked_at timestamp not null, table_name varchar not null,
    check_name varchar not null, title varchar not null, severity varchar not null,
    success boolean not null, n_checked bigint, n_failed bigint, detail varchar
);
create table if not exists meta.check_failure (
    run_id varchar not null, table_name varchar not null, check_name varchar not null,
    delivery_id varchar not null, sheet varchar, row_no integer
);
create table if not exists meta.acceptance (
    delivery_id varchar not null, rule_name varchar not null, reason varchar not null,
    document_no varchar not null, valid_until date not null, accepted_at timestamp not null
);
create table if not exists meta.acceptance_use (
    table_name varchar not null, check_name varchar not null, delivery_id varchar not null
);
create table if not exists meta.table_state (
    table_name varchar primary key, state varchar not null, rows_in_force bigint not null,
    deliveries_in_force integer not null, stands_at timestamp, stale_since timestamp, run_id varchar
);
create table if not exists meta.coverage (
    table_name varchar not null, source varchar not null, title varchar not null,
    owed_by varchar not null, school_id varchar, school_year varchar not null,
    due_on date not null, status varchar not null, delivery_id varchar, received_at timestamp,
    n_rows bigint
);
"""


@contextmanager
def open_database(
    settings: Settings, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the private build database and close it again.

    Only one process can have it open for writing, so hold the connection no longer than
    needed and never while dbt runs.
    """
    settings.scratch.mkdir(parents=True, exist_ok=True)
    connection = _connect(settings.database, read_only, _config(settings.scratch))
    try:
        if not read_only:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            connection.execute(META_TABLES)
        yield connection
    finally:
        connection.close()


@contextmanager
def open_file(
    path: Path,
    *,
    read_only: bool = True,
    storage_version: str | None = None,
    scratch: Path | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open any other DuckDB file, such as a release.

    Args:
        path: the file; created if it is opened for writing.
        read_only: open it so that nothing can be written.
        storage_version: format of a new file, for example 'v1.2.0'.
        scratch: folder for spill files of heavy writing.
    """
    config: _Config = _config(scratch) if scratch else {}
    if storage_version:
        config["storage_compatibility_version"] = storage_version
    connection = _connect(path, read_only, config)
    try:
        yield connection
    finally:
        connection.close()


def fit_threads(connection: duckdb.DuckDBPyConnection, coming: int = 0) -> None:
    """Use one thread where no table is longer than a row group, DuckDB's unit of parallel work.

    There a second thread finds nothing to do, and looking for it costs a third of the time.

    Args:
        connection: a database that is not closed before the work is done.
        coming: rows of the longest table that is about to be loaded.
    """
    longest = connection.execute("select max(estimated_size) from duckdb_tables()").fetchone()
    if longest and max(longest[0] or 0, coming) <= _ROW_GROUP:
        connection.execute("set threads = 1")


def _connect(path: Path, read_only: bool, config: _Config) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("set enable_progress_bar = false")
    return connection


def _config(scratch: Path) -> _Config:
    """Settings of every connection to the build database.

    dbt's profile repeats them, because two connections of one process must agree.
    """
    return {
        "temp_directory": str(scratch),
        "memory_limit": "600MB",
        "threads": 2,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
