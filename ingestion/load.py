"""Cached rows → schema `incoming`, and from there into `raw`: the door of the room.

Belongs here: staging of rows with today's school identity, the move of judged candidates. Not
here: what was read (`ingestion.readings`), which parts ought to be in force (`ingestion.plan`),
the judgement and its record (`expectations`).

    create_raw_tables → read_new → plan → stage the changed tables → gate
        → move_into_raw (passed tables, in the gate's transaction) → refresh_deliveries
"""

from __future__ import annotations

import duckdb

from ingestion.contracts import Contract, load_contracts, table_ddl
from ingestion.deliveries import (
    AccountingError,
    create_tables,
    refresh_deliveries,
    sync_journal,
)
from ingestion.identity import Register
from ingestion.plan import REGISTER, Plan, TablePlan, plan
from ingestion.read import cache
from ingestion.readings import read_new, register, unread
from warehouse.database import transaction
from warehouse.settings import Settings

__all__ = [
    "AccountingError",
    "Plan",
    "TablePlan",
    "create_raw_tables",
    "move_into_raw",
    "plan",
    "read_new",
    "refresh_deliveries",
    "register",
    "stage",
    "sync_journal",
    "unread",
]

_SCHOOL_LEVEL = "school"


def create_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make every contract's table exist in `raw` and `incoming`, empty if it is new.

    A table whose contract has changed is made anew and filled from the cache by the next plan.
    """
    create_tables(con)
    existing = _existing_columns(con)
    with transaction(con):
        for contract in load_contracts().values():
            wanted = [(column.name, column.sql_type) for column in contract.all_columns]
            found = [existing.get((schema, contract.table)) for schema in ("raw", "incoming")]
            if found == [wanted, wanted]:
                continue
            if any(found):
                for schema in ("raw", "incoming"):
                    con.execute(f"drop table if exists {schema}.{contract.table}")
                for table in ("raw_part", "loaded_part"):
                    con.execute(f"delete from meta.{table} where table_name = ?", [contract.table])
            for schema in ("raw", "incoming"):
                con.execute(table_ddl(contract, schema))
            con.execute(
                f"""
                create or replace view incoming.candidate_{contract.table} as
                select stays.*
                from raw.{contract.table} as stays
                semi join (
                    select delivery_id, part_no from meta.plan_part
                    where table_name = '{contract.table}' and action = 'keep'
                ) as kept on kept.delivery_id = stays.delivery_id and kept.part_no = stays.part_no
                union all by name
                select * from incoming.{contract.table}
                """
            )


def stage(con: duckdb.DuckDBPyConnection, settings: Settings, plan: Plan, *tables: str) -> None:
    """Fill `incoming` with the rows of the parts to add, schools resolved.

    Rows of schools that the register does not know stay out and are counted. The register, if it
    changes, has to come first.

    Args:
        con: the build database, outside a transaction.
        settings: the installation.
        plan: the plan as it stands.
        tables: tables to stage, all or none of them.

    Raises:
        AccountingError: the cache holds another number of rows than were read.
    """
    # One commit for all: each waits for the disk.
    with transaction(con):
        if REGISTER in tables:
            _stage(con, settings, REGISTER, None)
        schema = "incoming.candidate_" if REGISTER in plan.tables else "raw."
        register = Register(con, f"{schema}{REGISTER}")
        for table in tables:
            if table != REGISTER:
                _stage(con, settings, table, register)


def _stage(
    con: duckdb.DuckDBPyConnection, settings: Settings, table: str, register: Register | None
) -> None:
    contract = load_contracts()[table]
    con.execute(f"truncate incoming.{table}")
    con.execute(
        """
        create or replace temp table _part_to_add as
        select part.delivery_id, part.part_no, reading.generation, reading.segment, '' as path
        from meta.plan_part as part
        inner join meta.reading on reading.delivery_id = part.delivery_id
        where part.table_name = ? and part.action = 'add'
        """,
        [table],
    )
    files = _segment_files(con, settings, table)
    if files:
        if contract.school and register:
            _resolve_schools(con, contract, files, register)
        _fill(con, contract, files)
    if contract.derived_from is None:
        _count_outside(con, contract, files)


def move_into_raw(con: duckdb.DuckDBPyConnection, *tables: str) -> None:
    """Make the candidates of tables the rows in force; call it inside a transaction."""
    con.execute(
        """
        create or replace temp table _part_to_drop as
        select loaded.table_name, loaded.delivery_id, loaded.part_no
        from meta.raw_part as loaded
        anti join meta.plan_part as kept
            on kept.action = 'keep' and kept.table_name = loaded.table_name
            and kept.delivery_id = loaded.delivery_id and kept.part_no = loaded.part_no
        where list_contains($tables, loaded.table_name)
        """,
        {"tables": list(tables)},
    )
    emptied = con.execute("select distinct table_name from _part_to_drop").fetchall()
    for (table,) in emptied:
        con.execute(
            f"delete from raw.{table} where (delivery_id, part_no) in"
            " (select (delivery_id, part_no) from _part_to_drop where table_name = ?)",
            [table],
        )
    for table in tables:
        con.execute(f"insert into raw.{table} by name select * from incoming.{table}")
        con.execute(f"delete from incoming.{table}")
    for name in ("raw_part", "loaded_part"):
        con.execute(
            f"delete from meta.{name} where (table_name, delivery_id, part_no) in"
            " (select (table_name, delivery_id, part_no) from _part_to_drop)"
        )
    added = "from meta.plan_part where list_contains($tables, table_name) and action = 'add'"
    con.execute(
        f"insert or replace into meta.raw_part by name select table_name, delivery_id, part_no {added}",
        {"tables": list(tables)},
    )
    con.execute(
        "insert into meta.loaded_part by name"
        f" select table_name, delivery_id, part_no, stage_key {added}",
        {"tables": list(tables)},
    )
    con.execute(
        "update meta.plan_part set action = 'keep'"
        " where list_contains($tables, table_name) and action = 'add'",
        {"tables": list(tables)},
    )


def _existing_columns(
    con: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    rows = con.execute(
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns()"
        " where schema_name in ('raw', 'incoming') order by column_index"
    ).fetchall()
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in rows:
        found.setdefault((schema, table), []).append((column, kind))
    return found


def _segment_files(con: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> list[str]:
    """Parquet files of the parts to add; notes with each part which one holds it."""
    pairs = con.execute("select distinct generation, segment from _part_to_add").fetchall()
    files = []
    for generation, segment in pairs:
        path = cache.segment_path(cache.folder_of(settings, generation), segment, table)
        if path.exists():
            con.execute(
                "update _part_to_add set path = ? where generation = ? and segment = ?",
                [str(path), generation, segment],
            )
            files.append(str(path))
    return sorted(files)


# A row of a sheet whose columns are tasks becomes several rows of the table.
_SHEET_ROWS = "count(distinct (sheet, row_no))"
_ROWS = """
    read_parquet($files, filename = true) as given
    inner join _part_to_add as part
        on part.delivery_id = given.delivery_id
        and part.part_no = given.part_no
        and part.path = given.filename
"""


def _resolve_schools(
    con: duckdb.DuckDBPyConnection, contract: Contract, files: list[str], register: Register
) -> None:
    con.execute(
        f"""
        create or replace temp table _school_given as
        select distinct given.school_code, given.school_name_given
        from {_ROWS}
        where {_of_school(contract, "given")}
        """,
        {"files": files},
    )
    register.resolve(contract.source)


def _fill(con: duckdb.DuckDBPyConnection, contract: Contract, files: list[str]) -> None:
    resolved = ("school_id", "school_match") if contract.school else ()
    own = [column.name for column in contract.all_columns if column.name not in resolved]
    columns = ", ".join(f"given.{name}" for name in own)
    if not contract.school:
        con.execute(
            f"insert into incoming.{contract.table} by name select {columns} from {_ROWS}",
            {"files": files},
        )
        return
    of_school = _of_school(contract, "given")
    con.execute(
        f"""
        insert into incoming.{contract.table} by name
        select {columns}, found.school_id, found.school_match
        from {_ROWS}
        left join _school_found as found
            on {of_school}
            and found.school_code is not distinct from given.school_code
            and found.school_name_given is not distinct from given.school_name_given
        where found.school_id is not null or not ({of_school})
        """,
        {"files": files},
    )


def _of_school(contract: Contract, relation: str) -> str:
    """Condition of rows that name a school.

    Reports have rows of regions as well, registers rows of the municipality.
    """
    if not contract.school_required:
        return f"coalesce({relation}.school_code, {relation}.school_name_given) is not null"
    if any(column.name == "unit_level" for column in contract.columns):
        return f"{relation}.unit_level = '{_SCHOOL_LEVEL}'"
    return "true"


def _count_outside(con: duckdb.DuckDBPyConnection, contract: Contract, files: list[str]) -> None:
    """Rows of the parts that the register does not know, and which schools they name."""
    if files:
        con.execute(
            f"create or replace temp table _row_count as"
            f" select given.delivery_id, given.part_no, {_SHEET_ROWS} as n from {_ROWS} group by all",
            {"files": files},
        )
    else:
        con.execute(
            "create or replace temp table _row_count as"
            " select delivery_id, part_no, 0 as n from _part_to_add where false"
        )
    wrong = con.execute(
        """
        select part.delivery_id, part.part_no, part.rows_accepted, coalesce(counted.n, 0)
        from meta.delivery_part as part
        inner join _part_to_add as added
            on added.delivery_id = part.delivery_id and added.part_no = part.part_no
        left join _row_count as counted
            on counted.delivery_id = part.delivery_id and counted.part_no = part.part_no
        where part.rows_accepted <> coalesce(counted.n, 0)
        order by all
        limit 1
        """
    ).fetchall()
    for delivery_id, part_no, accepted, found in wrong:
        raise AccountingError(
            f"{contract.table}: part {part_no} of delivery {delivery_id}:"
            f" {accepted} rows accepted, {found} in the cache"
        )
    con.execute(
        "delete from meta.part_outside where (delivery_id, part_no) in"
        " (select (delivery_id, part_no) from _part_to_add)"
    )
    con.execute(
        f"""
        insert into meta.part_outside
        select counted.delivery_id, counted.part_no, counted.n - coalesce(staged.n, 0)
        from _row_count as counted
        left join (
            select delivery_id, part_no, {_SHEET_ROWS} as n
            from incoming.{contract.table}
            group by all
        ) as staged
            on staged.delivery_id = counted.delivery_id and staged.part_no = counted.part_no
        """
    )
    con.execute(
        "delete from meta.school_resolution where table_name = ? and delivery_id in"
        " (select delivery_id from _part_to_add)",
        [contract.table],
    )
    if files and contract.school:
        con.execute(
            f"""
            insert into meta.school_resolution
            select
                '{contract.table}', given.delivery_id, given.school_code,
                given.school_name_given, found.school_id, found.school_match, count(*)
            from {_ROWS}
            left join _school_found as found
                on found.school_code is not distinct from given.school_code
                and found.school_name_given is not distinct from given.school_name_given
            where {_of_school(contract, "given")}
                and (found.school_id is null or found.school_match = 'name')
            group by all
            """,
            {"files": files},
        )
