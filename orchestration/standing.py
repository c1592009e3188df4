"""What the raw tables stand on: questions to schema `meta` of the build database.

Belongs here: read-only SQL shared by steps, summary and release. Not here: who changes it
(`ingestion.load`, `expectations.promote`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb

_SHOWN = 10


@dataclass(frozen=True)
class HeldTable:
    """A table that the gate holds at an earlier state.

    Attributes:
        table: name in schema raw.
        stands_at: UTC time of the state that stays in force, as text; empty if it was never filled.
        failed: titles of the critical rules that failed.
        deliveries: names of the files that are held.
    """

    table: str
    stands_at: str
    failed: tuple[str, ...]
    deliveries: tuple[str, ...]

    def __str__(self) -> str:
        told = (
            f"{self.table} стоит на поставке от {self.stands_at or '—'} "
            f"({'; '.join(self.failed) or 'правила не выполнены'})"
        )
        names = ", ".join(self.deliveries[:_SHOWN])
        more = len(self.deliveries) - _SHOWN
        return (
            told
            + (f"; задержано: {names}" if names else "")
            + (f" и ещё {more}" if more > 0 else "")
        )


def fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Source of the models, as 'schema.table' → hash; equal hash, equal rows.

    A raw table by its parts in force and its state; `meta.table_state` by what is held, the only
    part of it that models read.
    """
    rows = connection.execute(
        """
        select 'raw.' || state.table_name,
               concat_ws('|', state.state, state.rows_in_force, state.stands_at,
                         state.stale_since, state.run_id,
                         (select string_agg(delivery_id || ':' || part_no, ','
                                            order by delivery_id, part_no)
                          from meta.raw_part where raw_part.table_name = state.table_name))
        from meta.table_state as state
        union all
        select 'meta.table_state',
               coalesce(string_agg(table_name || stale_since, ',' order by table_name), '')
        from meta.table_state where stale_since is not null
        """
    ).fetchall()
    return {source: hashlib.sha256(text.encode()).hexdigest()[:16] for source, text in rows}


def input_fingerprint(connection: duckdb.DuckDBPyConnection, product: dict[str, str]) -> str:
    """Hash of everything that a release shows: tables, deliveries and the product itself."""
    deliveries = connection.execute(
        """
        select delivery_id, status, reason_code, rows_accepted, rows_outside_register
        from meta.delivery order by all
        """
    ).fetchall()
    accepted = connection.execute("select * from meta.acceptance order by all").fetchall()
    text = repr(
        (sorted(fingerprints(connection).items()), deliveries, accepted, sorted(product.items()))
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def held_tables(connection: duckdb.DuckDBPyConnection) -> list[HeldTable]:
    """Tables at an earlier state, with the rules that hold them."""
    rows = connection.execute(
        """
        with last_run as (
            select table_name, arg_max(run_id, checked_at) as run_id
            from meta.check_result group by table_name
        ),
        held as (
            select table_name, list(original_name order by seq) as names
            from meta.delivery where status = 'held' group by table_name
        )
        select state.table_name, coalesce(strftime(state.stands_at, '%d.%m.%Y %H:%M'), ''),
               coalesce(list(check_result.title order by check_result.check_name)
                            filter (where not check_result.success
                                    and check_result.severity = 'critical'), []),
               coalesce(any_value(held.names), [])
        from meta.table_state as state
        left join last_run on last_run.table_name = state.table_name
        left join held on held.table_name = state.table_name
        left join meta.check_result on check_result.table_name = state.table_name
                                   and check_result.run_id = last_run.run_id
        where state.stale_since is not null
        group by all
        order by state.table_name
        """
    ).fetchall()
    return [HeldTable(row[0], row[1], tuple(row[2]), tuple(row[3])) for row in rows]


def warehouse_kind(connection: duckdb.DuckDBPyConnection) -> str:
    """'real' or 'synthetic': the kind of the accepted deliveries."""
    row = connection.execute(
        "select arg_min(kind, seq) from meta.delivery where status <> 'refused'"
    ).fetchone()
    return str(row[0]) if row and row[0] else "real"


def last_failures(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Table → titles of the rules that failed when it was last judged, warnings included."""
    rows = connection.execute(
        """
        select table_name, list(title order by title)
        from meta.check_result as result
        where not success and checked_at = (
            select max(checked_at) from meta.check_result where table_name = result.table_name
        )
        group by table_name
        """
    ).fetchall()
    return {table: tuple(titles) for table, titles in rows}
