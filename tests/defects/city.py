"""A small clean city in force, and the gate's word on one more delivery.

Belongs here: the warehouse of the matrix, spoilt files brought as far as the gate and taken out
again. Not here: which files (`operator`), what was expected (`cells`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from unittest import mock

from expectations.gate import Verdict, check_tables
from expectations.promote import promote
from expectations.worker import GateProcess
from ingestion import readings
from ingestion.contracts import load_contracts
from ingestion.journal import open_journal
from ingestion.load import create_raw_tables, plan, read_new, refresh_deliveries, stage
from ingestion.pseudonym import load_key
from ingestion.read import cache, layout
from ingestion.read.model import ReadContext, Reading
from ingestion.read.pool import ReadBatch, ToRead
from ingestion.read.worker import Segment
from ingestion.readings import register
from ingestion.receive import receive, scan
from ingestion.reference import load_reference
from samples.city import write_city
from samples.layouts import registers
from samples.population import make_schools
from samples.writer import Writer
from tests.defects.cells import Found
from tests.defects.paper import use_recogniser
from warehouse.database import open_database
from warehouse.settings import Settings, load_settings

os.environ.setdefault("MSOKO_SETTLE_SECONDS", "0")  # files of a test do not change any more
_TAKEN = dt.datetime.fromisoformat("2026-01-01")
_OF_DELIVERY = (
    "arrival", "reading", "delivery_structure", "rejection", "declared_count", "delivery_part",
    "part_verdict", "delivery", "part_outside", "school_resolution",
)  # fmt: skip


def settings_of(root: Path) -> Settings:
    made = load_settings({"MSOKO_WAREHOUSE": str(root), "MSOKO_KEY_FILE": str(root / "key")})
    return replace(made, restricted_rows=True)


def write_clean(settings: Settings, *, schools: int, years: int, seed: int) -> None:
    """The files of a city in which nothing is planted, with lists of a few schools."""
    settings.make_folders()
    write_city(
        settings.inbox, schools, years, seed, plant=False, impure=False, restricted=True,
        settings=settings,
    )  # fmt: skip
    made = make_schools(settings, schools, seed, plant=False)
    last = {1: 2021, 2: 2021}.get(years, 2019 + years)
    school_year = f"{last - 1}/{last % 100:02d}"
    writer = Writer(settings.inbox)
    listed = [(last, made[0], (1, 1, 0, 1)), (last, made[1], (0, 1, 1, 1))]
    writer.workbook("Списки/Признаки необъективности.xlsx", registers.bias_list(listed))
    official = registers.shnor_official([(school_year, made[2]), (school_year, made[1])])
    writer.workbook("Списки/Перечень ШНОР.xlsx", official)
    decided = [
        (school_year, made[2], "include", "Снижение"),
        (school_year, made[0], "exclude", "-"),
    ]
    writer.workbook("Списки/Решения ШНОР.xlsx", registers.shnor_decision(decided))


def judged(settings: Settings, con: Any, judge: GateProcess) -> dict[str, Verdict]:
    """Everything in the inbox: received, read (in this process) and judged."""
    receive(settings, scan(settings))
    create_raw_tables(con)
    with mock.patch.object(readings, "read_deliveries", _read_here):
        read_new(con, settings, open_journal(settings), lambda done, of: None)
    planned = plan(con)
    stage(con, settings, planned, *planned.changed)
    return check_tables(settings, con, planned.changed, judge)


def take_in(settings: Settings, con: Any, judge: GateProcess) -> dict[str, Verdict]:
    """The same, and in force where it passes."""
    verdicts = judged(settings, con, judge)
    promote(con, list(verdicts.values()), "clean", _TAKEN)
    refresh_deliveries(con)
    return verdicts


def context_of(settings: Settings) -> ReadContext:
    """What the readers of this city know."""
    return ReadContext(
        load_contracts(), load_reference(), load_key(settings), settings.region_code, True
    )


def _read_here(
    settings: Settings, todo: Sequence[ToRead], _on_progress: object
) -> Iterator[ReadBatch]:
    """What the pool of readers does, without its processes, which cost more than the files."""
    context = context_of(settings)
    folder = cache.folder_of(settings, cache.generation_of(settings, context.pseudonymiser.key_id))
    folder.mkdir(parents=True, exist_ok=True)
    segment = Segment(folder, load_contracts())
    found = []
    for item in todo:
        data = (settings.vault / item.sha256[:2] / item.sha256).read_bytes()
        found.append(layout.read_file(data, item.name, item.told, item.delivery_id, context))
        segment.add(item.key, found[-1])
    if found:
        segment.flush()
        yield ReadBatch(found, {})


def build(root: Path, *, schools: int, years: int, seed: int) -> None:
    """Make the warehouse of the matrix, for workers to copy."""
    settings = settings_of(root)
    write_clean(settings, schools=schools, years=years, seed=seed)
    with open_database(settings) as con, GateProcess() as judge:
        verdicts = take_in(settings, con, judge)
        failed = [
            f"{table} {item.name}: {item.detail}"
            for table, verdict in verdicts.items() for item in verdict.failures
        ]  # fmt: skip
        statuses = con.execute("select status, count(*) from meta.delivery group by 1").fetchall()
    text = "\n".join([*map(str, statuses), *failed])
    (root / "clean.txt").write_text(text, encoding="utf-8")


class City:
    """The clean city, opened by one process; a context manager."""

    def __init__(self, source: Path, root: Path) -> None:
        if root != source:
            shutil.copytree(source, root)
        self.settings = settings_of(root)
        self._stack = ExitStack()
        self._seq = 1_000_000

    def __enter__(self) -> Self:
        self.con = self._stack.enter_context(open_database(self.settings))
        self.judge = self._stack.enter_context(GateProcess())
        self.context = context_of(self.settings)
        use_recogniser(layout._engine(self.context).recogniser)
        self._generation = cache.generation_of(self.settings, self.context.pseudonymiser.key_id)
        self._folder = cache.folder_of(self.settings, self._generation)
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def files(self) -> dict[str, bytes]:
        inbox = self.settings.inbox
        return {
            str(path.relative_to(inbox)): path.read_bytes()
            for path in sorted(inbox.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    def deliver(
        self, readings: Sequence[tuple[Reading, str]], without: Sequence[bytes] = ()
    ) -> dict[str, list[Found]]:
        """What the gate says of each of these readings beside the clean city; then they are gone.

        Args:
            readings: each with the name of its file.
            without: contents of clean files to leave out, as if they had never come.
        """
        tables = {reading.delivery_id: str(reading.table) for reading, _ in readings}
        ids = list(tables)
        segment = Segment(self._folder, load_contracts())
        todo = []
        for reading, name in readings:
            self._seq += 1
            item = ToRead(reading.delivery_id, reading.delivery_id * 4, name)
            todo.append(item)
            self.con.execute(
                "insert into meta.arrival by name select ? as delivery_id, ? as sha256, [?] as "
                "names, 'synthetic' as kind, 1 as bytes, ? as seq, ? as received_at, '{}' as told, "
                "false as is_withdrawn, null as withdrawn_reason, null as withdrawn_at",
                [item.delivery_id, item.sha256, name, self._seq,
                 _TAKEN + dt.timedelta(seconds=self._seq)],
            )  # fmt: skip
            segment.add(item.key, reading)
        name = segment.flush()
        try:
            batch = ReadBatch([reading for reading, _ in readings], {})
            register(self.con, [batch], todo=todo, generation=self._generation)
            gone = [hashlib.sha256(data).hexdigest()[:16] for data in without]
            return self._judged(tables, gone)
        finally:
            for table in _OF_DELIVERY:
                self.con.execute(
                    f"delete from meta.{table} where list_contains(?, delivery_id)", [ids]
                )
            for path in self._folder.glob(f"*{name}*"):
                path.unlink()

    def _judged(self, tables: Mapping[str, str], gone: Sequence[str]) -> dict[str, list[Found]]:
        planned = plan(self.con, without=gone)
        stage(self.con, self.settings, planned, *planned.changed)
        verdicts = check_tables(self.settings, self.con, planned.changed, self.judge)
        found: dict[str, list[Found]] = {delivery_id: [] for delivery_id in tables}
        for verdict in verdicts.values():
            for item in verdict.failures:
                said = Found("gate", item.name, f"{item.title}. {item.detail}", item.severity)
                own = {row.delivery_id for row in item.rows}
                for delivery_id, table in tables.items():
                    if delivery_id in own or (not own and table == verdict.table):
                        found[delivery_id].append(said)
        rows = self.con.execute(
            "select delivery_id, school_code, school_name_given, n from meta.school_resolution "
            "where list_contains(?, delivery_id) and school_id is null", [list(tables)],
        ).fetchall()  # fmt: skip
        for delivery_id, code, name, n in rows:
            text = f"Школа вне реестра: {code or ''} {name or ''} (строк {n})"
            found[delivery_id].append(Found("outside", "", text, "warning"))
        return found
