"""Which parts of deliveries ought to be in force.

Belongs here: supersession, conflicts, what a change of the register or of the readers touches.
Not here: the rows themselves (`ingestion.load`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from ingestion.contracts import load_contracts
from ingestion.deliveries import refresh_deliveries
from warehouse.database import transaction

REGISTER = "school"


@dataclass(frozen=True)
class TablePlan:
    """What would change in a table: numbers of parts.

    Attributes:
        keep: parts that stay as they are.
        add: parts to stage: new ones, and ones read or matched to schools anew.
        drop: parts in `raw` that leave it.
    """

    table: str
    keep: int
    add: int
    drop: int


@dataclass(frozen=True)
class Plan:
    """Tables whose rows in force would change, the school register first."""

    tables: Mapping[str, TablePlan]

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(self.tables)


def plan(con: duckdb.DuckDBPyConnection, without: Collection[str] = ()) -> Plan:
    """Decide which parts ought to be in force and compare them with what `raw` holds.

    Of the parts with one logical key the newest is in force: by document date if all have one,
    else by arrival. Different parts of one key that came together and that no date tells apart
    are all out, and the one before them stays. The decision hangs on the journal and the
    readings alone, so a rebuild comes to the same one.

    Without a school register nothing that needs it moves.

    Args:
        con: the build database.
        without: deliveries to leave out, as if they had not come.
    """
    with transaction(con):
        _judge_parts(con, without)
        _plan_parts(con)
        filled = con.execute(
            "select table_name from duckdb_tables()"
            " where schema_name = 'incoming' and estimated_size > 0"
        ).fetchall()
        for (table,) in filled:
            con.execute(f"delete from incoming.{table}")
    refresh_deliveries(con)
    return Plan(_changes(con))


def _judge_parts(con: duckdb.DuckDBPyConnection, without: Collection[str]) -> None:
    """`meta.part_verdict`: in_force, superseded, same_rows, conflict or withdrawn.

    Parts of one delivery with one key (an exam continued on the next sheet) are one unit.
    """
    con.execute(
        """
        create or replace temp table _unit as
        with units as (
            select
                part.logical_key, part.delivery_id, arrival.seq, arrival.received_at,
                max(part.document_date) as document_date,
                string_agg(part.rows_hash, ',' order by part.part_no) as rows_hash
            from meta.delivery_part as part
            inner join meta.reading on reading.delivery_id = part.delivery_id
            inner join meta.arrival on arrival.delivery_id = part.delivery_id
            where reading.outcome = 'read' and not arrival.is_withdrawn
                and not list_contains(cast($without as varchar[]), part.delivery_id)
            group by all
        ),
        in_conflict as (
            select one.logical_key, one.delivery_id, min(other.delivery_id) as rival
            from units as one
            inner join units as other
                on other.logical_key = one.logical_key
                and other.received_at = one.received_at
                and other.rows_hash <> one.rows_hash
            where one.document_date is null or other.document_date is null
                or one.document_date = other.document_date
            group by all
        ),
        ordered as (
            select
                units.*,
                row_number() over (
                    partition by logical_key
                    order by case when all_dated then document_date end, seq
                ) as place
            from (
                select
                    units.*,
                    count(document_date) over (partition by logical_key)
                        = count(*) over (partition by logical_key) as all_dated
                from units
                anti join in_conflict
                    on in_conflict.logical_key = units.logical_key
                    and in_conflict.delivery_id = units.delivery_id
            ) as units
        ),
        compared as (
            select
                *,
                rows_hash is not distinct from
                    lag(rows_hash) over (partition by logical_key order by place) as is_same
            from ordered
        ),
        judged as (
            select
                *,
                place = max(place) filter (where not is_same) over (partition by logical_key)
                    as is_in_force,
                arg_max(delivery_id, place) filter (where not is_same)
                    over (partition by logical_key) as newest
            from compared
        )
        select
            logical_key, delivery_id,
            case
                when is_in_force then 'in_force' when is_same then 'same_rows' else 'superseded'
            end as verdict,
            case when not is_in_force and not is_same then newest end as superseded_by,
            null as rival
        from judged
        union all
        select logical_key, delivery_id, 'conflict', null, rival from in_conflict
        """,
        {"without": list(without)},
    )
    con.execute("delete from meta.part_verdict")
    con.execute(
        """
        insert into meta.part_verdict
        select part.delivery_id, part.part_no, _unit.verdict, _unit.superseded_by, _unit.rival
        from meta.delivery_part as part
        inner join _unit
            on _unit.delivery_id = part.delivery_id and _unit.logical_key = part.logical_key
        """
    )


def _plan_parts(con: duckdb.DuckDBPyConnection) -> None:
    """`meta.plan_part`: parts that ought to be in `raw`, to keep or to add.

    A part is kept if it was loaded from the same reading and, where rows name schools, under the
    same register.
    """
    contracts = load_contracts()
    with_school = [table for table, contract in contracts.items() if contract.school]
    derived = {
        table: contract.derived_from
        for table, contract in contracts.items()
        if contract.derived_from
    }
    fills = [(table, table) for table in contracts if table not in derived]
    fills += [(source, table) for table, source in derived.items()]
    values = ", ".join(f"('{source}', '{table}')" for source, table in fills)
    register_key = con.execute(
        """
        select md5(string_agg(part.rows_hash, ',' order by part.logical_key, part.rows_hash))
        from meta.delivery_part as part
        inner join meta.part_verdict as verdict
            on verdict.delivery_id = part.delivery_id and verdict.part_no = part.part_no
        where part.table_name = ? and verdict.verdict = 'in_force'
        """,
        [REGISTER],
    ).fetchall()[0][0]
    con.execute("delete from meta.plan_part")
    con.execute(
        f"""
        insert into meta.plan_part
        with wanted as (
            select
                fills.table_name, part.delivery_id, part.part_no,
                md5(concat_ws(
                    '|', reading.generation, reading.segment, part.rows_hash,
                    case when list_contains($with_school, fills.table_name) then $register_key end
                )) as stage_key
            from meta.delivery_part as part
            inner join meta.part_verdict as verdict
                on verdict.delivery_id = part.delivery_id and verdict.part_no = part.part_no
            inner join meta.reading on reading.delivery_id = part.delivery_id
            inner join (values {values}) as fills (source, table_name)
                on fills.source = part.table_name
            where verdict.verdict = 'in_force'
        )
        select
            wanted.table_name, wanted.delivery_id, wanted.part_no,
            case when loaded.stage_key = wanted.stage_key then 'keep' else 'add' end as action,
            wanted.stage_key
        from wanted
        left join meta.loaded_part as loaded
            on loaded.table_name = wanted.table_name
            and loaded.delivery_id = wanted.delivery_id
            and loaded.part_no = wanted.part_no
        """,
        {"with_school": with_school, "register_key": register_key},
    )
    if register_key is None:
        _stand_still(con, [*with_school, REGISTER])


def _stand_still(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """Without a register: what is loaded stays, what is new waits."""
    con.execute(
        """
        update meta.part_verdict as verdict set verdict = 'no_register'
        from meta.delivery_part as part
        where part.delivery_id = verdict.delivery_id and part.part_no = verdict.part_no
            and list_contains($tables, part.table_name) and verdict.verdict = 'in_force'
        """,
        {"tables": tables},
    )
    con.execute(
        "delete from meta.plan_part where list_contains($tables, table_name)", {"tables": tables}
    )
    con.execute(
        """
        insert into meta.plan_part
        select table_name, delivery_id, part_no, 'keep', stage_key
        from meta.loaded_part
        where list_contains($tables, table_name)
        """,
        {"tables": tables},
    )


def _changes(con: duckdb.DuckDBPyConnection) -> dict[str, TablePlan]:
    rows = con.execute(
        """
        select
            table_name,
            count(*) filter (where action = 'keep'),
            count(*) filter (where action = 'add'),
            count(*) filter (where action is null)
        from (
            select
                coalesce(planned.table_name, loaded.table_name) as table_name, planned.action
            from meta.plan_part as planned
            full join meta.raw_part as loaded
                on loaded.table_name = planned.table_name
                and loaded.delivery_id = planned.delivery_id
                and loaded.part_no = planned.part_no
        )
        group by table_name
        having bool_or(action is distinct from 'keep')
        order by table_name <> ?, table_name
        """,
        [REGISTER],
    ).fetchall()
    return {table: TablePlan(table, keep, add, drop) for table, keep, add, drop in rows}
