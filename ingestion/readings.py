"""What the readers found in each delivery → schema `meta`.

Belongs here: what has to be read, keeping readings, parts, structure and rejected rows. Not
here: reading (`ingestion.read`), the state of a delivery that follows (`ingestion.deliveries`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.deliveries import (
    AccountingError,
    columns_of,
    insert,
    sync_journal,
    to_json,
)
from ingestion.journal import Journal
from ingestion.pseudonym import load_key
from ingestion.read import cache
from ingestion.read.model import Reading
from ingestion.read.pool import ReadBatch, ToRead, read_deliveries
from ingestion.reasons import sentence
from warehouse.database import transaction
from warehouse.settings import Settings

_ENVELOPE = ("procedure", "cal_year", "season", "school_year", "subject")
_GRADES = ("grade_label", "programme_grade")
_RENAMED_HELPS = ("ENVELOPE_MISSING", "ENVELOPE_CONTRADICTION")


def read_new(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    journal: Journal,
    on_progress: Callable[[int, int], None],
) -> int:
    """Read whatever has to be read and keep what was found; returns the number of deliveries.

    Readings that lie in the cache and not in the build database (it was lost, or a run was
    killed in between) are taken from there.

    Raises:
        KeyProblem: the pseudonym key cannot be used.
        ReadError: the readers cannot work at all.
        AccountingError: a reader lost rows.
    """
    sync_journal(con, journal)
    generation = cache.generation_of(settings, load_key(settings).key_id)
    tried: set[str] = set()
    while todo := [item for item in unread(con, settings, generation) if item.key not in tried]:
        cached = _cached(con, settings, generation, todo)
        known = {reading.delivery_id for reading in cached}
        rest = [item for item in todo if item.delivery_id not in known]
        batches = read_deliveries(settings, rest, on_progress)
        register(con, [ReadBatch(cached, {}), *batches], todo=todo, generation=generation)
        tried |= {item.key for item in todo}
    return len(tried)


def unread(con: duckdb.DuckDBPyConnection, settings: Settings, generation: str) -> list[ToRead]:
    """Deliveries that have to be read, in the order of arrival.

    Those never read, read by another generation of readers or before something was told of them,
    those whose cached rows are gone or whose content was damaged, and those refused for their
    envelope that have another name to try. Ask again after `register`: a second name may help.

    Args:
        con: the build database, after `sync_journal`.
        settings: the installation.
        generation: name of today's cache (`ingestion.read.pool.cache_generation`).
    """
    lost = _lost_segments(con, settings)
    rows = con.execute(
        """
        select arrival.delivery_id, arrival.sha256, arrival.names, arrival.told, reading.name,
               reading.generation = $generation and reading.told = arrival.told
                   and reading.reason_code is distinct from 'VAULT_DAMAGED' as is_current,
               reading.segment, list_contains($renamed_helps, reading.reason_code) as helps
        from meta.arrival
        left join meta.reading on reading.delivery_id = arrival.delivery_id
        where is_current is distinct from true
            or list_contains($lost, reading.segment)
            or (helps and reading.name <> arrival.names[-1])
        order by arrival.seq
        """,
        {"generation": generation, "renamed_helps": list(_RENAMED_HELPS), "lost": lost},
    ).fetchall()
    todo = []
    for delivery_id, sha256, names, told, read_as, is_current, segment, renaming_helps in rows:
        name = names[0]
        if renaming_helps and is_current and segment not in lost and read_as in names:
            name = names[names.index(read_as) + 1]
        todo.append(ToRead(delivery_id, sha256, name, json.loads(told)))
    return todo


def register(
    con: duckdb.DuckDBPyConnection,
    batches: Iterable[ReadBatch],
    *,
    todo: Sequence[ToRead],
    generation: str,
) -> None:
    """Keep what the readers found.

    Args:
        con: the build database.
        batches: from `ingestion.read.pool.read_deliveries(settings, todo, …)`.
        todo: what was to be read (`unread`).
        generation: the cache that the batches lie in.

    Raises:
        AccountingError: rows read are not rows accepted plus rows rejected.
    """
    asked = {item.delivery_id: item for item in todo}
    readings = [reading for batch in batches for reading in batch.readings]
    if not readings:
        return
    for reading in readings:
        _check_accounting(reading)
    ids = pa.table({"delivery_id": pa.array([r.delivery_id for r in readings], pa.string())})
    con.register("_read_now", ids)
    with transaction(con):
        for table in ("reading", "delivery_structure", "rejection", "declared_count"):
            con.execute(
                f"delete from meta.{table} where delivery_id in (select delivery_id from _read_now)"
            )
        insert(con, "reading", _reading_columns(readings, asked, generation))
        insert(
            con,
            "delivery_structure",
            columns_of(
                ("delivery_id", "sheet", "kind", "n"),
                [(r.delivery_id, *item) for r in readings for item in r.structure],
            ),
        )
        insert(
            con,
            "rejection",
            columns_of(
                ("delivery_id", "sheet", "row_no", "column_name", "code", "sentence"),
                [
                    (r.delivery_id, sheet, row_no, title, code, sentence(code, params))
                    for r in readings
                    for sheet, row_no, title, code, params in r.rejections
                ],
            ),
        )
        insert(
            con,
            "declared_count",
            columns_of(
                ("delivery_id", "part_no", "n_schools_differ"),
                [
                    (r.delivery_id, part.part_no, part.envelope["declared_mismatches"])
                    for r in readings
                    for part in r.parts
                    if "declared_mismatches" in part.envelope
                ],
            ),
        )
        _replace_parts(con, readings)
    con.unregister("_read_now")


def _check_accounting(reading: Reading) -> None:
    of_parts = sum(part.rows for part in reading.parts)
    if reading.status == "read" and of_parts != reading.rows_accepted:
        raise AccountingError(
            f"{reading.delivery_id}: parts hold {of_parts} of {reading.rows_accepted} rows"
        )
    if reading.rows_read != reading.rows_accepted + reading.rows_rejected:
        raise AccountingError(
            f"{reading.delivery_id}: {reading.rows_read} rows read,"
            f" {reading.rows_accepted} accepted, {reading.rows_rejected} rejected"
        )


def _reading_columns(
    readings: Sequence[Reading], asked: Mapping[str, ToRead], generation: str
) -> dict[str, list[Any]]:
    rows = []
    for reading in readings:
        item = asked[reading.delivery_id]
        reason = sentence(reading.reason_code, reading.params) if reading.reason_code else None
        envelope = reading.envelope
        rows.append(
            {
                "delivery_id": reading.delivery_id,
                "generation": generation,
                "segment": reading.segment,
                "name": item.name,
                "told": to_json(item.told),
                "outcome": reading.status,
                "reason_code": reading.reason_code,
                "reason": reason,
                "layout": reading.layout,
                "source": reading.source,
                "table_name": reading.table,
                **{name: envelope.get(name) for name in ("sender", *_ENVELOPE, *_GRADES)},
                "document_date": reading.document_date,
                "rows_read": reading.rows_read,
                "rows_accepted": reading.rows_accepted,
                "rows_rejected": reading.rows_rejected,
                "rows_structural": sum(n for _, _, n in reading.structure),
                "read_seconds": reading.seconds,
            }
        )
    return {name: [row[name] for row in rows] for name in rows[0]}


def _replace_parts(con: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> None:
    rows = [
        (
            reading.delivery_id,
            part.part_no,
            part.table,
            part.logical_key,
            part.rows_hash,
            part.rows,
            part.document_date,
            part.authority,
            False,
        )
        for reading in readings
        for part in reading.parts
    ]
    names = (
        *("delivery_id", "part_no", "table_name", "logical_key", "rows_hash", "rows_accepted"),
        *("document_date", "authority", "in_force"),
    )
    con.register("_part", pa.table(columns_of(names, rows)))
    con.execute(
        """
        delete from meta.delivery_part
        where delivery_id in (select delivery_id from _read_now)
            and (delivery_id, part_no) not in (select (delivery_id, part_no) from _part)
        """
    )
    con.execute("insert or replace into meta.delivery_part by name select * from _part")
    con.unregister("_part")


def _lost_segments(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Segments with rows whose files are gone: somebody has emptied the cache."""
    rows = con.execute(
        "select distinct generation, segment, table_name from meta.reading where outcome = 'read'"
    ).fetchall()
    return [
        segment
        for generation, segment, table in rows
        if not cache.segment_path(cache.folder_of(settings, generation), segment, table).exists()
    ]


def _cached(
    con: duckdb.DuckDBPyConnection, settings: Settings, generation: str, todo: Sequence[ToRead]
) -> list[Reading]:
    """What the cache already holds of `todo`, looking only where the database has not been."""
    folder = cache.folder_of(settings, generation)
    seen = {
        segment
        for (segment,) in con.execute("select distinct segment from meta.reading").fetchall()
    }
    asked = {item.key for item in todo}
    found = {
        key: reading
        for path in sorted(folder.glob("readings-*.jsonl"))
        if (segment := path.stem.removeprefix("readings-")) not in seen
        for key, reading in cache.load_readings(folder, segment)
        if key in asked
    }
    return list(found.values())
