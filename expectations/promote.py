"""Verdict → `raw`: what passed goes in, what failed stays out, both are written down.

Belongs here: the one transaction of a judgement, states of tables in `meta.table_state`, results in
`meta.check_result` and `meta.check_failure`, acceptances in use. Not here: the judgement (`expectations.gate`), which parts move
(`ingestion.load`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from expectations.gate import CheckResult, Verdict
from ingestion.load import move_into_raw
from warehouse.database import transaction

CURRENT = "current"
HELD = "held"


def promote(
    con: duckdb.DuckDBPyConnection,
    verdicts: Sequence[Verdict],
    run_id: str,
    at: datetime,
    *,
    waiting: bool = False,
) -> None:
    """Move the candidates of tables that passed into `raw`; hold the others where they stand.

    All of it is one transaction. A table that goes on failing keeps the time of its first
    failure. Of several judgements of one run the last one is kept. Deliveries change their status
    with `ingestion.load.refresh_deliveries`, to be called after the last table.

    Args:
        con: the build database, outside a transaction.
        verdicts: the judgements on exactly these candidates.
        run_id: the run that promotes.
        at: its time, UTC.
        waiting: deliveries were left out that are judged next; a hold does not end before.
    """
    passed = [verdict.table for verdict in verdicts if verdict.passed]
    with transaction(con):
        _record_use(con, verdicts)
        move_into_raw(con, *passed)
        _set_current(con, passed, run_id, waiting=waiting)
        for verdict in verdicts:
            if not verdict.passed:
                con.execute(
                    "insert into meta.table_state values (?, ?, 0, 0, null, ?, ?) "
                    "on conflict do update set state = excluded.state, "
                    "stale_since = coalesce(table_state.stale_since, excluded.stale_since), "
                    "run_id = case when table_state.stale_since is null then excluded.run_id "
                    "else table_state.run_id end",
                    [verdict.table, HELD, at, run_id],
                )
        _record(con, verdicts, run_id, at)


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
        _set_current(con, settled, run_id)
    return settled


def _set_current(
    con: duckdb.DuckDBPyConnection, tables: Sequence[str], run_id: str, *, waiting: bool = False
) -> None:
    """The states as they follow from `raw`; a table stands at its newest delivery."""
    if not tables:
        return
    counts = " union all ".join(
        f"select '{table}' as table_name, count(*) as n from raw.{table}" for table in tables
    )
    con.execute(
        f"""
        insert or replace into meta.table_state
        select
            counted.table_name, $state, counted.n, count(distinct part.delivery_id),
            max(delivery.received_at), case when $waiting then any_value(before.stale_since) end,
            $run_id
        from ({counts}) as counted
        left join meta.raw_part as part on part.table_name = counted.table_name
        left join meta.delivery as delivery on delivery.delivery_id = part.delivery_id
        left join meta.table_state as before on before.table_name = counted.table_name
        group by counted.table_name, counted.n
        """,
        {"state": CURRENT, "run_id": run_id, "waiting": waiting},
    )


def _record_use(con: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict]) -> None:
    """Which deliveries stand only because a person accepted them; those judged anew afresh."""
    for verdict in verdicts:
        con.execute(
            "delete from meta.acceptance_use"
            " where table_name = ? and list_contains(?, delivery_id)",
            [verdict.table, list(verdict.judged)],
        )
        if not verdict.passed:
            continue
        for result in verdict.results:
            for delivery_id in result.accepted:
                con.execute(
                    "insert into meta.acceptance_use values (?, ?, ?)",
                    [verdict.table, result.name, delivery_id],
                )


def _record(
    con: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], run_id: str, at: datetime
) -> None:
    tables = [verdict.table for verdict in verdicts]
    con.execute(
        "delete from meta.check_result where run_id = ? and list_contains(?, table_name)",
        [run_id, tables],
    )
    con.execute("delete from meta.check_failure where list_contains(?, table_name)", [tables])
    results = [result for verdict in verdicts for result in verdict.results]
    rows = pa.table(
        {
            "table_name": [verdict.table for verdict in verdicts for _ in verdict.results],
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
        "insert into meta.check_result by name"
        " select ? as run_id, ? as checked_at, * from new_check_result",
        [run_id, at],
    )
    con.unregister("new_check_result")
    _record_failures(con, [result for result in results if not result.success], run_id)


def _record_failures(
    con: duckdb.DuckDBPyConnection, results: Sequence[CheckResult], run_id: str
) -> None:
    """Whose deliveries break critical rules, and in which rows; no rows: somewhere in the file."""
    places: list[tuple[CheckResult, str, str | None, int | None]] = []
    for result in results:
        own = set(result.deliveries)
        rows = [row for row in result.rows if row.delivery_id in own]
        named = {row.delivery_id for row in rows}
        places += [(result, row.delivery_id, row.sheet, row.row_no) for row in rows]
        places += [(result, delivery_id, None, None) for delivery_id in sorted(own - named)]
    if places:
        con.executemany(
            "insert into meta.check_failure values (?, ?, ?, ?, ?, ?)",
            [(run_id, result.table, result.name, *place) for result, *place in places],
        )
