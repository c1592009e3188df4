"""First step of a run: the inbox → the vault → readings in the cache.

Belongs here: the asset and its figures. Not here: how files are received and read (`ingestion`).
"""

import shutil
from pathlib import Path

import dagster as dg

from ingestion.inbox import scan
from ingestion.journal import open_journal
from ingestion.load import create_raw_tables, read_new, refresh_deliveries
from ingestion.receive import receive
from orchestration.fingerprints import build_format
from orchestration.held import keep_held
from orchestration.progress import Counter, say
from orchestration.resources import WarehouseResource
from warehouse.database import open_database
from warehouse.settings import Settings
from warehouse.state import forget_state, write_durably

INTAKE_KEY = dg.AssetKey(["intake", "deliveries"])


class IntakeConfig(dg.Config):
    """Options of a run.

    Attributes:
        verify: hash all files of the inbox and the vault, not only new ones.
        rebuild: forget the build database and make it again from the vault.
        deep: read the files again too, without the cache.
    """

    verify: bool = False
    rebuild: bool = False
    deep: bool = False


@dg.asset(
    key=INTAKE_KEY,
    group_name="intake",
    kinds={"python", "duckdb"},
    description="Поставки: новые файлы приняты в хранилище, прочитаны, имена заменены псевдонимами",
)
def deliveries(
    context: dg.AssetExecutionContext, config: IntakeConfig, warehouse: WarehouseResource
) -> dg.MaterializeResult[None]:
    """Receive and read what is new."""
    settings = warehouse.settings
    if config.rebuild or not _fits(settings):
        forget_build(settings, deep=config.deep)
        say(context.log, "строю заново из хранилища оригиналов")
    received = receive(
        settings,
        scan(settings),
        verify=config.verify,
        on_progress=Counter(context.log, "принято {done} из {total}"),
    )
    if received.damaged:
        say(context.log, f"в хранилище повреждены поставки: {', '.join(received.damaged)}")
    if not settings.database.exists():
        write_durably(_format_file(settings), build_format())
    journal = open_journal(settings)
    with open_database(settings) as connection:
        create_raw_tables(connection)
        if received.new or config.rebuild:
            warehouse.gate  # noqa: B018  starts while files are read
        read = read_new(
            connection, settings, journal, Counter(context.log, "прочитано {done} из {total}")
        )
        refresh_deliveries(connection)
        by_status = dict(
            connection.execute("select status, count(*) from meta.delivery group by 1").fetchall()
        )
        size = connection.execute("select coalesce(sum(bytes), 0) from meta.delivery").fetchone()
    assert size
    return dg.MaterializeResult(
        metadata={
            "новых файлов": len(received.new),
            "те же байты": received.aliases + received.touched,
            "отозвано ранее": len(received.withdrawn),
            "отказано у входа": len(received.refused),
            "ещё копируются": len(received.later),
            "прочитано": read,
            "поставок всего": sum(by_status.values()),
            "байт всего": int(size[0]),
            "состояния": dg.MetadataValue.md(
                "| состояние | поставок |\n|---|---|\n"
                + "\n".join(f"| {status} | {count} |" for status, count in by_status.items())
            ),
        }
    )


def _fits(settings: Settings) -> bool:
    """Whether the build database was made by this version of the product."""
    if not settings.database.exists():
        return True
    try:
        return _format_file(settings).read_text(encoding="ascii") == build_format()
    except OSError:
        return False


def _format_file(settings: Settings) -> Path:
    return settings.work / "build_format"


def forget_build(settings: Settings, *, deep: bool) -> None:
    """Remove what can be made again; the release stays until a new one is published."""
    forget_state(settings)
    keep_held(settings)
    for path in (settings.database, settings.database.with_name("msoko.duckdb.wal")):
        path.unlink(missing_ok=True)
    if deep:
        shutil.rmtree(settings.cache, ignore_errors=True)
        settings.make_folders()
