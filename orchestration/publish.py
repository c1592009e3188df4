"""The last two steps of a run: the release, and the verdict on the night.

Belongs here: publishing what the models built, writing down what the run stood on, failing the
run visibly if a table is held. Not here: how a release is made (`warehouse.release`), what it
holds (`orchestration.publication`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from expectations.acceptance import first_end
from expectations.report import write_report
from ingestion.coverage import measure_coverage
from ingestion.journal import open_journal
from ingestion.reply.outbox import write_due
from orchestration import INTAKE_STEP, REBUILD, REFRESH
from orchestration.fingerprints import product_hashes
from orchestration.instance import remove_old_runs
from orchestration.manifest import Manifest, released_models, remove_old_parses
from orchestration.progress import say
from orchestration.publication import builder
from orchestration.resources import WarehouseResource
from orchestration.standing import fingerprints, held_tables, input_fingerprint, warehouse_kind
from orchestration.summary import summarise
from warehouse.database import open_database
from warehouse.release import current_release, new_release, publish, remove_old
from warehouse.state import State, read_state, write_state

RELEASE_KEY = dg.AssetKey(["release", "current"])
GATE_SUMMARY_KEY = dg.AssetKey(["release", "gate_summary"])


def build_release_assets(
    manifest: Manifest, raw_keys: Sequence[dg.AssetKey]
) -> list[dg.AssetsDefinition]:
    """The release and the gate summary."""
    models = released_models(manifest)
    mart_keys = [dg.AssetKey(["marts", node["name"]]) for node in models]

    @dg.asset(
        key=RELEASE_KEY,
        deps=mart_keys,
        group_name="release",
        kinds={"duckdb"},
        description="Выпуск, который читает BI: витрины и справочники одним неизменным файлом",
    )
    def release(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult[None]:
        settings = warehouse.settings
        with open_database(settings) as connection:
            fingerprint = input_fingerprint(connection, product_hashes())
            kind = warehouse_kind(connection)
            held = held_tables(connection)
            checks = dict(
                connection.execute(
                    "select case when success then 'passed' else severity end, count(*)"
                    " from meta.check_result group by 1"
                ).fetchall()
            )
        before = current_release(settings)
        if before and before.fingerprint == fingerprint:
            say(context.log, f"выпуск без изменений: {before.release_id}")
            return dg.MaterializeResult(
                metadata={"выпуск": before.release_id, "состояние": "без изменений"}
            )
        with open_database(settings) as connection:
            today = datetime.now(ZoneInfo(settings.time_zone)).date()
            measure_coverage(connection, today, settings.first_school_year)
            report = write_report(
                settings, connection, context.run_id, datetime.now(UTC).replace(tzinfo=None)
            )
        head = new_release(settings, run_id=context.run_id, kind=kind, fingerprint=fingerprint)
        made = publish(
            settings,
            head,
            builder(settings, head, models),
            {**checks, "held": len(held)},
            beside=[report],
        )
        removed = remove_old(settings)
        say(context.log, f"опубликован выпуск {made.release_id}")
        return dg.MaterializeResult(
            metadata={
                "выпуск": made.release_id,
                "предыдущий": made.parent or "нет",
                "файл": dg.MetadataValue.path(str(settings.published)),
                "отчёт о качестве": dg.MetadataValue.path(str(report)),
                "байт": made.size,
                "строк": sum(made.tables.values()),
                "убрано старых выпусков": len(removed),
                "таблицы": dg.MetadataValue.md(
                    "| таблица | строк |\n|---|---|\n"
                    + "\n".join(f"| {name} | {rows} |" for name, rows in made.tables.items())
                ),
            }
        )

    @dg.asset(
        key=GATE_SUMMARY_KEY,
        deps=[RELEASE_KEY, *raw_keys],
        group_name="release",
        kinds={"python"},
        description=(
            "Итог прогона. Не выполняется, если проверка задержала хотя бы одну таблицу: "
            "выпуск уже вышел, но ночь не была хорошей"
        ),
    )
    def gate_summary(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> dg.MaterializeResult[None]:
        settings = warehouse.settings
        before = read_state(settings)
        current = current_release(settings)
        with open_database(settings) as connection:
            held = held_tables(connection)
            text = summarise(connection, settings, before.journal_seq if before else 0)
            sources = fingerprints(connection)
            accepted_until = first_end(connection)
            answered = write_due(settings, connection)
        if answered:
            say(context.log, f"ответов отправителям: {answered}, в {settings.outbox}")
        if _is_whole(context.run):
            write_state(
                settings,
                State(
                    run_id=context.run_id,
                    completed_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    release_id=current.release_id if current else "",
                    journal_seq=len(open_journal(settings).events),
                    hashes=product_hashes(),
                    sources=sources,
                    held={table.table: len(table.failed) for table in held},
                    accepted_until=accepted_until,
                ),
            )
        remove_old_parses(settings)
        remove_old_runs(context.instance, settings.runs_keep_days)
        if held:
            raise dg.Failure(
                "выпуск вышел, но таблицы задержаны: " + "; ".join(map(str, held)),
                metadata={"итог": dg.MetadataValue.md(text)},
                allow_retries=False,
            )
        return dg.MaterializeResult(metadata={"итог": dg.MetadataValue.md(text)})

    return [release, gate_summary]


def _is_whole(run: dg.DagsterRun) -> bool:
    """Whether a run does all the steps, so that its end says that nothing is left to do.

    A run that a person composed, or resumed in the middle, does not: the next refresh looks again.
    """
    steps = run.step_keys_to_execute
    return (
        run.job_name in (REFRESH, REBUILD)
        and not run.asset_selection
        and (not steps or INTAKE_STEP in steps)
    )
