"""What is known of each delivery: journal and readings → schema `meta`.

Belongs here: the build database's copy of the journal, results of reading, and the table
`meta.delivery` that follows from them. Not here: rows of sources and which parts are in force
(`ingestion.load`).

Everything here can be made again from the vault and the cache, and comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.journal import Event, Journal
from ingestion.read.sheet_names import path_without_persons
from ingestion.reasons import sentence
from warehouse.database import transaction

_TABLES = """
create table if not exists meta.journal_event (
    seq integer not null, event varchar not null, happened_at timestamp not null,
    sha256 varchar not null, delivery_id varchar not null, name varchar, bytes bigint, kind varchar, told varchar,
    reason varchar, code varchar, params varchar
);
create table if not exists meta.arrival (
    delivery_id varchar not null, sha256 varchar not null, names varchar[] not null,
    kind varchar not null, bytes bigint not null, seq integer not null,
    received_at timestamp not null, told varchar not null, is_withdrawn boolean not null,
    withdrawn_reason varchar, withdrawn_at timestamp
);
create table if not exists meta.reading (
    delivery_id varchar not null, generation varchar not null, segment varchar not null,
    name varchar not null, told varchar not null, outcome varchar not null, reason_code varchar, reason varchar,
    layout varchar, source varchar, table_name varchar, sender varchar, procedure varchar,
    cal_year smallint, season varchar, school_year varchar, subject varchar, grade_label tinyint,
    programme_grade tinyint, document_date date, rows_read integer not null,
    rows_accepted integer not null, rows_rejected integer not null,
    rows_structural integer not null, read_seconds double
);
create table if not exists meta.part_verdict (
    delivery_id varchar not null, part_no smallint not null, verdict varchar not null,
    superseded_by varchar, rival varchar
);
create table if not exists meta.plan_part (
    table_name varchar not null, delivery_id varchar not null, part_no smallint not null,
    action varchar not null, stage_key varchar not null
);
create table if not exists meta.loaded_part (
    table_name varchar not null, delivery_id varchar not null, part_no smallint not null,
    stage_key varchar not null
);
create table if not exists meta.part_outside (
    delivery_id varchar not null, part_no smallint not null, rows_outside integer not null
);
create table if not exists meta.declared_count (
    delivery_id varchar not null, part_no smallint not null, n_schools_differ integer not null
);
create table if not exists meta.school_resolution (
    table_name varchar not null, delivery_id varchar not null, school_code varchar,
    school_name_given varchar, school_id varchar, school_match varchar, n integer not null
);
"""

# What people accept of deliveries; the last word on a delivery and a rule counts.
_ACCEPTANCES = """
    insert into meta.acceptance by name
    select
        delivery_id, coalesce(params ->> '$.rule', '') as rule_name, reason,
        params ->> '$.document' as document_no, cast(params ->> '$.until' as date) as valid_until,
        happened_at as accepted_at
    from meta.journal_event
    where event = 'accepted'
    qualify row_number() over (partition by delivery_id, rule_name order by seq desc) = 1
"""

# One row for each content in the vault. Delivering, sending again and telling make it the newest.
_ARRIVALS = """
    with events as (
        select * from meta.journal_event
        where event <> 'refused' and delivery_id in (select delivery_id from _new_event)
    ),
    names as (
        select delivery_id, list(name order by first_seq) as names
        from (
            select delivery_id, name, min(seq) as first_seq
            from events where name is not null group by all
        )
        group by delivery_id
    ),
    folded as (
        select
            delivery_id,
            any_value(sha256) as sha256,
            any_value(kind) filter (where event = 'received') as kind,
            any_value(bytes) filter (where event = 'received') as bytes,
            max(seq) filter (where event in ('received', 'again', 'told')) as seq,
            arg_max(happened_at, seq) filter (where event in ('received', 'again', 'told'))
                as received_at,
            coalesce(
                list_reduce(
                    list(told order by seq) filter (where told is not null),
                    lambda before, told: cast(json_merge_patch(before, told) as varchar)
                ),
                '{}'
            ) as told,
            arg_max(event, seq) filter (where event in ('received', 'told', 'withdrawn'))
                = 'withdrawn' as is_withdrawn,
            arg_max(reason, seq) filter (where event = 'withdrawn') as withdrawn_reason,
            arg_max(happened_at, seq) filter (where event = 'withdrawn') as withdrawn_at
        from events
        group by delivery_id
    )
    select folded.*, names.names
    from folded
    inner join names on names.delivery_id = folded.delivery_id
    where folded.kind is not null
"""


class AccountingError(Exception):
    """Rows got lost or doubled between reading and loading: a defect of the product.

    The text names the delivery and the counts; nothing may be published.
    """


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of this module and of `ingestion.load` that do not exist yet."""
    con.execute(_TABLES)


def sync_journal(con: duckdb.DuckDBPyConnection, journal: Journal) -> None:
    """Take over the events that the build database has not seen."""
    seen = _one(con, "select coalesce(max(seq), 0) from meta.journal_event")
    if seen and not _is_same(con, journal.events[seen - 1 : seen]):
        con.execute("delete from meta.journal_event")
        con.execute("delete from meta.arrival")
        seen = 0
    new = journal.events[seen:]
    if not new:
        return
    columns: dict[str, list[Any]] = {
        "seq": [event.seq for event in new],
        "event": [event.event for event in new],
        "happened_at": [event.at for event in new],
        "sha256": [event.sha256 for event in new],
        "delivery_id": [event.delivery_id for event in new],
        "name": [path_without_persons(event.name, event.sha256) or None for event in new],
        "bytes": [event.size for event in new],
        "kind": [event.kind or None for event in new],
        "told": [to_json(event.told) if event.told else None for event in new],
        "reason": [event.reason or None for event in new],
        "code": [event.code or None for event in new],
        "params": [to_json(event.params) for event in new],
    }
    with transaction(con):
        insert(con, "journal_event", columns)
        con.register("_new_event", pa.table({"delivery_id": columns["delivery_id"]}))
        con.execute(
            "delete from meta.arrival where delivery_id in (select delivery_id from _new_event)"
        )
        con.execute(f"insert into meta.arrival by name {_ARRIVALS}")
        con.unregister("_new_event")
        fill_acceptances(con)


def fill_acceptances(con: duckdb.DuckDBPyConnection) -> None:
    """`meta.acceptance` as it follows from the journal."""
    con.execute("delete from meta.acceptance")
    con.execute(_ACCEPTANCES)


def refresh_deliveries(con: duckdb.DuckDBPyConnection) -> None:
    """Bring `meta.delivery` and `meta.delivery_part.in_force` up to what is so now.

    Call it after `ingestion.load.plan` and after the gate has promoted or held a table: a
    delivery is `held` while it ought to be in force and is not.
    """
    con.execute(
        """
        update meta.delivery_part as part set in_force = now.in_force
        from (
            select part.delivery_id, part.part_no, raw_part.delivery_id is not null as in_force
            from meta.delivery_part as part
            left join meta.raw_part
                on raw_part.table_name = part.table_name
                and raw_part.delivery_id = part.delivery_id
                and raw_part.part_no = part.part_no
        ) as now
        where now.delivery_id = part.delivery_id and now.part_no = part.part_no
            and now.in_force <> part.in_force
        """
    )
    codes = con.execute(
        "select distinct code, params from meta.journal_event where event = 'refused'"
    ).fetchall()
    at_the_door = [(code, params, sentence(code, json.loads(params))) for code, params in codes]
    con.register("_door", pa.table(columns_of(("code", "params", "sentence"), at_the_door)))
    con.execute(
        f"create or replace temp table _delivery_now as {_DELIVERIES}",
        {
            "conflict": sentence("CONFLICT", {"other": "{}"}),
            "held": sentence("HELD"),
            "no_register": sentence("NO_REGISTER"),
            "again": sentence("WITHDRAWN_BEFORE") + " Причина: ",
        },
    )
    con.unregister("_door")
    con.execute(
        "delete from meta.delivery where delivery_id not in (select delivery_id from _delivery_now)"
    )
    con.execute(
        "insert or replace into meta.delivery by name"
        " (select * from _delivery_now except select * from meta.delivery)"
    )
    con.execute("drop table _delivery_now")


_DELIVERIES = """
    with of_parts as (
        select
            part.delivery_id,
            bool_or(verdict.verdict = 'conflict') as is_conflict,
            bool_or(verdict.verdict = 'no_register') as lacks_register,
            bool_or(verdict.verdict = 'in_force' and not part.in_force) as is_held,
            bool_or(part.in_force) as is_in_force,
            bool_or(verdict.verdict = 'same_rows') as is_same,
            max(verdict.superseded_by) as superseded_by,
            min(verdict.rival) as rival,
            coalesce(sum(outside.rows_outside), 0) as rows_outside
        from meta.delivery_part as part
        left join meta.part_verdict as verdict
            on verdict.delivery_id = part.delivery_id and verdict.part_no = part.part_no
        left join meta.part_outside as outside
            on outside.delivery_id = part.delivery_id and outside.part_no = part.part_no
        group by part.delivery_id
    ),
    judged as (
        select
            arrival.*,
            reading.* exclude (delivery_id, told),
            of_parts.* exclude (delivery_id),
            case
                when is_withdrawn then 'withdrawn'
                when outcome = 'refused' then 'refused'
                when is_conflict then 'conflict'
                when lacks_register and not is_in_force then 'held'
                when is_held then 'held'
                when is_in_force then 'accepted'
                when superseded_by is not null then 'superseded'
                when is_same then 'same_rows'
                else 'held'
            end as status,
            arrival.names[1] as first_name,
            (
                select other.names[1] from meta.arrival as other
                where other.delivery_id = of_parts.rival
            ) as rival_name
        from meta.arrival
        inner join meta.reading on reading.delivery_id = arrival.delivery_id
        left join of_parts on of_parts.delivery_id = arrival.delivery_id
    )
    select
        delivery_id, sha256 as file_sha256, first_name as original_name, seq, kind, source, layout,
        table_name, sender, procedure, cal_year, season, school_year, subject, grade_label,
        programme_grade, document_date, status,
        case
            when status = 'refused' then reason_code
            when status = 'conflict' then 'CONFLICT'
            when status = 'held' and lacks_register then 'NO_REGISTER'
            when status = 'held' then 'HELD'
        end as reason_code,
        case
            when status = 'refused' then reason
            when status = 'conflict' then format($conflict, rival_name)
            when status = 'held' and lacks_register then $no_register
            when status = 'held' then $held
            when status = 'withdrawn'
                then case when received_at > withdrawn_at then $again else '' end
                    || withdrawn_reason || ' (' || strftime(withdrawn_at, '%d.%m.%Y %H:%M') || ' UTC)'
        end as reason,
        rows_read,
        cast(rows_accepted - coalesce(rows_outside, 0) as integer) as rows_accepted,
        rows_rejected,
        cast(coalesce(rows_outside, 0) as integer) as rows_outside_register,
        rows_structural,
        case when status = 'superseded' then superseded_by end as superseded_by,
        bytes, read_seconds, received_at
    from judged
    union all by name
    select
        delivery_id, sha256 as file_sha256, name as original_name, seq, '' as kind,
        'refused' as status, event.code as reason_code, _door.sentence as reason, 0 as rows_read,
        0 as rows_accepted, 0 as rows_rejected, 0 as rows_outside_register, 0 as rows_structural,
        bytes, happened_at as received_at
    from meta.journal_event as event
    inner join _door on _door.code = event.code and _door.params = event.params
    where event.event = 'refused'
        and event.delivery_id not in (select delivery_id from meta.arrival)
    qualify row_number() over (partition by delivery_id order by seq) = 1
"""


def _is_same(con: duckdb.DuckDBPyConnection, events: Sequence[Event]) -> bool:
    """Is the last event that the database knows the one of the journal?"""
    last = con.execute(
        "select seq, event, sha256, strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%f') from meta.journal_event"
        " order by seq desc limit 1"
    ).fetchall()
    return [(event.seq, event.event, event.sha256, event.at) for event in events] == last


def insert(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, list[Any]]) -> None:
    """Append columns of equal length to a table of schema `meta`."""
    con.register("_new_rows", pa.table(dict(columns)))
    con.execute(f"insert into meta.{table} by name select * from _new_rows")
    con.unregister("_new_rows")


def columns_of(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Rows turned into columns."""
    turned = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: list(values) for name, values in zip(names, turned, strict=True)}


def to_json(fields: Mapping[str, Any]) -> str:
    """Fields as canonical JSON, so that equal ones are equal texts."""
    return json.dumps(dict(fields), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    assert row is not None
    return int(row[0])
