"""An installation whose deliveries are made by hand: journal, readings and segments.

Belongs here: what the tests of loading share. No reader runs.
"""

import datetime as dt
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion import load
from ingestion.contracts import load_contracts
from ingestion.journal import open_journal
from ingestion.read import cache
from ingestion.read.model import Part, Reading
from ingestion.read.pool import ReadBatch
from ingestion.readings import register, unread
from warehouse.database import transaction
from warehouse.settings import Settings, load_settings

GENERATION = "hand-made"
START = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)

SCHOOLS = [
    {
        "school_id": f"s{number}",
        "short_name": f"МБОУ СОШ № {number}",
        "full_name": f"Муниципальное бюджетное общеобразовательное учреждение СОШ «Имя {number}»",
        "fis_login": f"edu23000{number}",
        "rcoi_code": f"00{number}11",
        "inn": f"230000000{number}",
        "ogrn": f"102230000000{number}",
        "school_kind": "sosh",
        "place_type": "city",
        "municipality_id": "m",
        "municipality_name": "Город",
    }
    for number in (1, 2, 3)
]


def make_installation(root) -> Settings:
    settings = load_settings({"MSOKO_WAREHOUSE": str(root / "warehouse"), "HOME": str(root)})
    settings.make_folders()
    return settings


class World:
    """The installation and a connection to its build database."""

    def __init__(self, settings: Settings, con) -> None:
        self.settings = settings
        self.con = con
        self.readings: dict[str, Reading] = {}
        self.looks = 0
        load.create_raw_tables(con)

    def look(self) -> str:
        """Time of a new look at the inbox."""
        self.looks += 1
        moment = START + dt.timedelta(hours=self.looks)
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds")

    def event(self, event: str, content: str, **fields):
        sha = hashlib.sha256(content.encode()).hexdigest()
        fields = {"at": fields.pop("at", None) or self.look(), **fields}
        if event == "received":
            fields = {"kind": "real", "size": len(content), "name": f"{content}.xlsx", **fields}
        open_journal(self.settings).append([{"event": event, "sha256": sha, **fields}])
        return sha[:16]

    def deliver(self, content: str, table: str, rows: list[dict], key: str = "*", **options) -> str:
        """A received and read delivery with one part."""
        delivery = self.event("received", content, at=options.pop("at", None))
        self.reading(delivery, [(table, rows, f"{table}|{key}", options)])
        self.register()
        return delivery

    def refuse(self, delivery: str, code: str, **params) -> None:
        self.readings[delivery] = Reading(delivery, "refused", code, params)

    def reading(self, delivery: str, parts) -> None:
        segment = cache.new_segment()
        folder = cache.folder_of(self.settings, GENERATION)
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        by_table: dict[str, list[dict]] = {}
        for part_no, (table, rows, key, options) in enumerate(parts, start=1):
            found.append(
                Part(
                    part_no=part_no,
                    table=table,
                    logical_key=key,
                    envelope={},
                    rows=len(rows),
                    rows_hash=hashlib.sha256(repr(rows).encode()).hexdigest(),
                    scope="*",
                    **{"document_date": None, "authority": 1, **options},
                )
            )
            by_table.setdefault(table, []).extend(
                {
                    "delivery_id": delivery,
                    "part_no": part_no,
                    "sheet": "Лист1",
                    "row_no": row_no,
                    **row,
                }
                for row_no, row in enumerate(rows, start=2)
            )
        for table, rows in by_table.items():
            self.write_segment(segment, table, rows)
        total = sum(part.rows for part in found)
        self.readings[delivery] = Reading(
            delivery,
            "read",
            table=found[0].table,
            source=load_contracts()[found[0].table].source,
            parts=found,
            rows_read=total,
            rows_accepted=total,
            structure=[("Лист1", "header", 1)],
            segment=segment,
        )

    def write_segment(self, segment: str, table: str, rows: list[dict]) -> None:
        schema = cache.segment_schema(load_contracts()[table])
        folder = cache.folder_of(self.settings, GENERATION)
        pq.write_table(
            pa.Table.from_pylist(rows, schema), cache.segment_path(folder, segment, table)
        )

    def todo(self):
        load.sync_journal(self.con, open_journal(self.settings))
        return unread(self.con, self.settings, GENERATION)

    def register(self) -> None:
        todo = [item for item in self.todo() if item.delivery_id in self.readings]
        readings = [self.readings[item.delivery_id] for item in todo]
        register(self.con, [ReadBatch(readings, {})], todo=todo, generation=GENERATION)

    def stage(self):
        plan = load.plan(self.con)
        load.stage(self.con, self.settings, plan, *plan.changed)
        return plan

    def promote(self, *held: str):
        """A whole turn: everything passes the gate but the held tables."""
        load.sync_journal(self.con, open_journal(self.settings))
        plan = self.stage()
        with transaction(self.con):
            load.move_into_raw(self.con, *(table for table in plan.changed if table not in held))
        load.refresh_deliveries(self.con)
        return plan

    def states(self) -> dict[str, str]:
        return dict(
            self.con.execute(
                "select original_name, status from meta.delivery order by 1"
            ).fetchall()
        )

    def rows(self, query: str):
        return self.con.execute(query).fetchall()


def pupil(code: int, school: str | None = "edu230001", name: str | None = None, **fields) -> dict:
    return {
        "school_code": school,
        "school_name_given": name,
        "pupil_code": str(code),
        "is_present": True,
        "primary_score": code,
        **fields,
    }
