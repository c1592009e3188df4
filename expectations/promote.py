"""Verdict → `raw`: what passed goes in, what failed stays out, both are written down.

Belongs here: the one transaction of a table, its state in `meta.table_state`, results in
`meta.check_result`, acceptances in use. Not here: the judgement (`expectations.gate`), which parts move
(`ingestion.load`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from expectations.gate import Verdict
from ingestion.load import move_into_raw
from warehouse.database import transaction

CURRENT = "current"
HELD = "held"


def promote(
    con: duckdb.DuckDBPyConnection, table: str, verdict: Verdict, run_id: str, at: datetime
) -> bool:
    """Move a table's candidates into `raw` if it passed; else hold it where it stands.

    A table that goes on failing keeps the time of its first failure. Deliveries change their
    status with `ingestion.load.refresh_deliveries`, to be called after the last table.

    Args:
        con: the build database, outside a transaction.
        table: a table of the contracts.
        verdict: the judgement on exactly these candidates.
        run_id: the run that promotes.
        at: its time, UTC.

    Returns:
        Whether the table was promoted.
    """
    if verdict.table != table:
        raise ValueError(f"verdict on {verdict.table} offered for {table}")
    with transaction(con):
        _record_use(con, verdict)
        if verdict.passed:
            move_into_raw(con, table)
            _set_current(con, table, run_id)
        else:
            con.execute(
                "insert into meta.table_state values (?, ?, 0, 0, null, ?, ?) "
                "on conflict do update set state = excluded.state, "
                "stale_since = coalesce(table_state.stale_since, excluded.stale_since), "
                "run_id = case when table_state.stale_since is null then excluded.run_id "
                "else table_state.run_id end",
                [table, HELD, at, run_id],
            )
        _record(con, verdict, run_id, at)
    return verdict.passed


def settle(con: duckdb.DuckDBPyConnection, changed: Sequence[str], run_id: str) -> list[str]:
    """End the hold of tables that no longer wait for anything.

    When the delivery that failed is withdrawn or superseded by what is in force already, nothing
    is left to judge: the table stands where it should.

    Args:
        con: the build database.
        changed: tables that the plan would change.
        run_id: this run.

    Returns:
        The tables that are held no more.
    """
    held = con.execute(
        "select table_name from meta.table_state where state = ? order by table_name", [HELD]
    ).fetchall()
    settled = [table for (table,) in held if table not in changed]
    with transaction(con):
        for table in settled:
            _set_current(con, table, run_id)
    return settled


def _set_current(con: duckdb.DuckDBPyConnection, table: str, run_id: str) -> None:
    """The state as it follows from `raw`; it stands at its newest delivery."""
    con.execute(
        f"""
        insert or replace into meta.table_state
        select
            $table, $state, (select count(*) from raw.{table}), count(distinct part.delivery_id),
            max(delivery.received_at), null, $run_id
        from meta.raw_part as part
        left join meta.delivery as delivery on delivery.delivery_id = part.delivery_id
        where part.table_name = $table
        """,
        {"table": table, "state": CURRENT, "run_id": run_id},
    )


def _record_use(con: duckdb.DuckDBPyConnection, verdict: Verdict) -> None:
    """Which deliveries stand only because a person accepted them; those judged anew afresh."""
    con.execute(
        "delete from meta.acceptance_use where table_name = ? and list_contains(?, delivery_id)",
        [verdict.table, list(verdict.judged)],
    )
    if not verdict.passed:
        return
    for result in verdict.results:
        for delivery_id in result.accepted:
            con.execute(
                "insert into meta.acceptance_use values (?, ?, ?)",
                [verdict.table, result.name, delivery_id],
            )


def _record(con: duckdb.DuckDBPyConnection, verdict: Verdict, run_id: str, at: datetime) -> None:
    results = verdict.results
    rows = pa.table(
        {
            "check_name": [result.name for result in results],
            "title": [result.title for result in results],
            "severity": [result.severity for result in results],
            "success": [result.success for result in results],
            "n_checked": [result.n_checked for result in results],
            "n_failed": [result.n_failed for result in results],
            "detail": [result.detail for result in results],
        }
    )
    con.register("new_check_result", rows)
    con.execute(
        "insert into meta.check_result by name select ? as run_id, ? as checked_at, "
        "? as table_name, * from new_check_result",
        [run_id, at, verdict.table],
    )
    con.unregister("new_check_result")
