"""Second step of a run: cached rows → candidates → the gate → schema `raw`.

Belongs here: the assets of the raw tables, their checks and figures. Not here: which parts ought
to be in force (`ingestion.load`), the rules and the move (`expectations`).

Every selected table is reported in each run, changed or not, so that nothing downstream is
skipped. A held table is reported too, with a failed check that does not block: the other
directions go on, and `gate_summary` fails the run after the release.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb

from expectations.acceptance import expired
from expectations.gate import REGISTER, Verdict, check_rows, check_tables
from expectations.promote import promote, settle
from ingestion.contracts import Contract, load_contracts
from ingestion.load import plan, refresh_deliveries, stage
from orchestration.event_log import together
from orchestration.held import forget_held, held_before
from orchestration.intake import INTAKE_KEY
from orchestration.progress import say
from orchestration.resources import WarehouseResource
from orchestration.standing import HeldTable, held_tables, last_failures
from warehouse.database import fit_threads, open_database

CHECK = "gx"


def raw_key(table: str) -> dg.AssetKey:
    """Asset of a raw table; the dbt source of the same name has the same key."""
    return dg.AssetKey(["raw", table])


@dataclass
class Outcome:
    """What a run did with one table.

    Attributes:
        changed: whether rows in force changed.
        verdict: of the last judgement; None if there was nothing to judge.
    """

    changed: bool = False
    verdict: Verdict | None = None


def build_raw_assets() -> dg.AssetsDefinition:
    """One multi-asset over all tables of the contracts."""
    contracts = load_contracts()

    @dg.multi_asset(
        name="raw",
        specs=[_spec(contract) for contract in contracts.values()],
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=raw_key(table),
                description="Правила Great Expectations для новых строк таблицы",
            )
            for table in contracts
        ],
        can_subset=True,
    )
    def raw(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        selected = [table for table in contracts if raw_key(table) in context.selected_asset_keys]
        with open_database(warehouse.settings) as connection:
            outcomes = load_tables(context, warehouse, connection, selected)
            held = {table.table: table for table in held_tables(connection)}
            figures = _figures(connection, selected)
            failed = last_failures(connection)
        with together(context.instance):
            for table in selected:
                outcome, holds = outcomes[table], held.get(table)
                check = _check(table, outcome.verdict, holds, failed.get(table, ()))
                yield _result(table, outcome, holds, figures[table], check)

    return raw


def load_tables(
    context: dg.AssetExecutionContext,
    warehouse: WarehouseResource,
    connection: duckdb.DuckDBPyConnection,
    selected: Sequence[str],
) -> dict[str, Outcome]:
    """Stage, judge and promote the tables whose rows in force ought to change.

    What stood by a person's acceptance that has ended leaves first, and is judged like new.

    A table that fails goes on without the new deliveries that fail, and is then judged once more
    with them: one school's bad form does not keep the others' out, and the table is held by it.
    """
    longest = connection.execute(
        "select sum(rows_accepted) as n from meta.delivery_part group by table_name"
        " order by n desc limit 1"
    ).fetchone()
    fit_threads(connection, coming=int(longest[0]) if longest else 0)
    loading = _Loading(context, warehouse, connection, selected)
    today = datetime.now(ZoneInfo(warehouse.settings.time_zone)).date()
    held = held_before(warehouse.settings) | expired(connection, today)
    if held:
        loading.run(without=held)
    loading.run()
    aside: set[str] = set()
    while not (culprits := loading.culprits()) <= aside:
        aside |= culprits
        say(context.log, f"без задержанных поставок ({len(aside)})")
        loading.run(without=aside, waiting=True)
    if aside:
        loading.run()
    refresh_deliveries(connection)
    forget_held(warehouse.settings)
    return loading.outcomes


class _Loading:
    """Passes over the tables of one run."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        warehouse: WarehouseResource,
        connection: duckdb.DuckDBPyConnection,
        selected: Sequence[str],
    ) -> None:
        self._context = context
        self._warehouse = warehouse
        self._connection = connection
        self._selected = selected
        self.outcomes = {table: Outcome() for table in selected}

    def run(self, without: Collection[str] = (), *, waiting: bool = False) -> None:
        """One pass, as if the deliveries `without` had not come; `waiting` if they are next."""
        log, connection = self._context.log, self._connection
        planned = plan(connection, without)
        if REGISTER in planned.changed and REGISTER not in self._selected:
            raise dg.Failure(
                "изменился реестр школ: материализуйте вместе с ним и raw/school",
                allow_retries=False,
            )
        if not waiting:
            settle(connection, planned.changed, self._context.run_id)
        tables = [table for table in planned.changed if table in self._selected]
        if not tables:
            return
        say(log, f"загружаю таблицы: {', '.join(tables)}")
        stage(connection, self._warehouse.settings, planned, *tables)
        say(log, f"проверяю таблицы: {len(tables)}")
        verdicts = check_tables(self._warehouse.settings, connection, tables, self._warehouse.gate)
        at = datetime.now(UTC).replace(tzinfo=None)
        promote(connection, list(verdicts.values()), self._context.run_id, at, waiting=waiting)
        for table, verdict in verdicts.items():
            outcome = self.outcomes[table]
            outcome.verdict = verdict
            outcome.changed |= verdict.passed
            if not verdict.passed:
                say(log, f"{table}: проверка не пройдена, остаётся прежнее состояние")

    def culprits(self) -> set[str]:
        """New deliveries with rows that hold a table.

        A register that fails holds all tables; it has no culprits, unless there is none before it.
        """
        failed = {
            table: outcome.verdict
            for table, outcome in self.outcomes.items()
            if outcome.verdict and not outcome.verdict.passed
        }
        if REGISTER in failed and self._connection.execute("from raw.school limit 1").fetchone():
            return set()
        return {
            delivery
            for verdict in failed.values()
            for result in verdict.failures
            if result.severity == "critical"
            for delivery in result.deliveries
        }


def _spec(contract: Contract) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(
            column.name,
            type=column.sql_type,
            description=f"{column.description} [{column.pd}]",
            constraints=dg.TableColumnConstraints(nullable=not column.required),
        )
        for column in contract.all_columns
    ]
    return dg.AssetSpec(
        raw_key(contract.table),
        deps=[INTAKE_KEY],
        group_name="raw",
        description=f"{contract.title}. {contract.description}. Зерно: {contract.grain}.",
        kinds={"duckdb", "python"},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "источник": contract.source,
            "кто даёт": contract.producer,
        },
    )


def _figures(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Rows and deliveries of each table."""
    found = {
        row[0]: row[1:]
        for row in connection.execute(
            """
            select table_name, count(distinct delivery_id), coalesce(sum(rows_accepted), 0),
                   coalesce(sum(rows_rejected), 0), coalesce(sum(rows_outside_register), 0)
            from meta.delivery where status = 'accepted' group by 1
            """
        ).fetchall()
    }
    figures = {}
    for table in tables:
        rows = connection.execute(f"select count(*) from raw.{table}").fetchone()
        deliveries, accepted, rejected, outside = found.get(table, (0, 0, 0, 0))
        figures[table] = {
            "dagster/row_count": rows[0] if rows else 0,
            "поставок": deliveries,
            "принято строк": int(accepted),
            "отклонено строк": int(rejected),
            "вне реестра": int(outside),
        }
    return figures


def _result(
    table: str,
    outcome: Outcome,
    held: HeldTable | None,
    figures: Mapping[str, Any],
    check: dg.AssetCheckResult,
) -> dg.MaterializeResult[None]:
    metadata: dict[str, Any] = {**figures, "изменена": outcome.changed}
    if held:
        metadata["состояние"] = _stands(held)
    return dg.MaterializeResult(asset_key=raw_key(table), metadata=metadata, check_results=[check])


def _check(
    table: str, verdict: Verdict | None, held: HeldTable | None, failed: Sequence[str]
) -> dg.AssetCheckResult:
    """The table's check; one that was not judged in this run repeats its last judgement."""
    metadata: dict[str, Any] = {"состояние": _stands(held) if held else "в силе"}
    if failed:
        metadata["не выполнены"] = "; ".join(failed)
    if verdict:
        metadata |= {
            "правил": len(verdict.results),
            "не выполнено": len(verdict.failures),
            "правила": dg.MetadataValue.md(_markdown(verdict)),
        }
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=raw_key(table),
        passed=held is None and not failed,
        severity=dg.AssetCheckSeverity.ERROR if held else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def _stands(held: HeldTable) -> str:
    return f"стоит на поставке от {held.stands_at or '—'}"


def _markdown(verdict: Verdict) -> str:
    lines = ["| правило | строгость | проверено | нарушений | пояснение |", "|---|---|---|---|---|"]
    for row in check_rows(verdict):
        mark = "" if row["success"] else "**"
        cells = (
            f"{mark}{row['title']}{mark}",
            row["severity"],
            row["n_checked"],
            row["n_failed"],
            row["detail"],
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
