"""A build database for tests of dbt models, without files, readers or the gate.

Belongs here: raw tables made from the contracts, rows given by hand, dbt in process. Not here:
expected figures (the tests work them out themselves).
"""

from __future__ import annotations

import datetime as dt
import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.contracts import load_contracts, table_ddl
from warehouse.database import META_TABLES, SCHEMAS
from warehouse.settings import DBT_PROJECT

Row = Mapping[str, Any]
RECEIVED = dt.datetime.fromisoformat("2021-09-01T02:00")


@dataclass
class City:
    """Raw rows of a tiny warehouse, delivery by delivery.

    Attributes:
        path: the DuckDB file; its name is msoko, as dbt expects.
    """

    path: Path
    _deliveries: dict[str, int] = field(default_factory=dict)

    @classmethod
    def create(cls, folder: Path) -> City:
        """An empty warehouse: all raw and meta tables exist, no rows."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tmp").mkdir(exist_ok=True)
        city = cls(folder / "msoko.duckdb")
        with city.connection() as con:
            for schema in SCHEMAS:
                con.execute(f"create schema if not exists {schema}")
            con.execute(META_TABLES)
            for contract in load_contracts().values():
                con.execute(table_ddl(contract, "raw"))
        return city

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, opened with the options that dbt's profile has."""
        con = duckdb.connect(
            str(self.path),
            config={
                "temp_directory": str(self.path.parent / "tmp"),
                "memory_limit": "600MB",
                "threads": 2,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        try:
            yield con
        finally:
            con.close()

    def deliver(
        self, delivery_id: str, table: str, rows: Sequence[Row], *, authority: int = 1
    ) -> None:
        """Put rows of one delivery into a raw table, as if they had passed the gate."""
        seq = self._deliveries.setdefault(delivery_id, len(self._deliveries) + 1)
        columns = [column.name for column in load_contracts()[table].all_columns]
        system = {"delivery_id": delivery_id, "part_no": 1, "sheet": "Лист1"}
        with self.connection() as con:
            names = sorted({name for row in rows for name in row} | {*system, "row_no"})
            unknown = set(names) - set(columns)
            if unknown:
                raise KeyError(f"{table}: no column {sorted(unknown)}")
            whole = [{**system, "row_no": number, **row} for number, row in enumerate(rows, 1)]
            # one insert: DuckDB takes milliseconds a row with executemany
            con.register("whole", pa.table({n: [row.get(n) for row in whole] for n in names}))
            con.execute(f"insert into raw.{table} by name select * from whole")
            con.execute(
                "insert or ignore into meta.delivery (delivery_id, file_sha256, original_name, seq,"
                " kind, status, received_at) values (?, ?, ?, ?, 'real', 'accepted', ?)",
                [delivery_id, delivery_id * 4, f"{delivery_id}.xlsx", seq, RECEIVED],
            )
            if not self._has_part(con, delivery_id):
                con.execute(
                    "insert into meta.delivery_part values (?, 1, ?, ?, '', ?, null, ?, true)",
                    [delivery_id, table, f"{table}|{delivery_id}", len(rows), authority],
                )

    @staticmethod
    def _has_part(con: duckdb.DuckDBPyConnection, delivery_id: str) -> bool:
        found = con.execute(
            "select count(*) from meta.delivery_part where delivery_id = ?", [delivery_id]
        ).fetchone()
        return bool(found and found[0])

    def withdraw(self, delivery_id: str) -> None:
        """Take all rows of a delivery out of raw."""
        with self.connection() as con:
            for table in load_contracts():
                con.execute(f"delete from raw.{table} where delivery_id = ?", [delivery_id])

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries."""
        with self.connection() as con:
            result = con.execute(sql, list(parameters))
            names = [item[0] for item in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def run_dbt(self, *arguments: str) -> None:
        """Run dbt in this process on the file and close its connections.

        Raises:
            AssertionError: dbt failed; the text names the failed nodes.
        """
        run_dbt(self.path, *arguments)

    def build(self, *selected: str) -> None:
        """Build models and run the data tests that read nothing else; seeds are there already."""
        self.run_dbt(
            *("build", "--exclude-resource-type", "seed", "--exclude-resource-type", "unit_test"),
            *("--indirect-selection", "cautious", "--select", *selected),
        )


def run_dbt(database: Path, *arguments: str) -> None:
    """dbt in process against a build database.

    Raises:
        AssertionError: dbt failed; the text names the failed nodes.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["MSOKO_DB"] = str(database)
    target = database.parent / "target"
    command = [
        *arguments,
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(database.parent / "logs"), "--quiet"),
    ]
    try:
        outcome = dbtRunner().invoke(command)
        if not outcome.success:
            failed = [
                f"{item.node.name}: {item.message}"
                for item in getattr(outcome.result, "results", [])
                if item.status in ("error", "fail", "runtime error")
            ]
            raise AssertionError("\n".join(failed) or str(outcome.exception))
    finally:
        DuckDBConnectionManager.close_all_connections()
        gc.collect()


def pupils(
    school: str,
    marks: Iterable[int | None],
    *,
    cal_year: int = 2021,
    season: str = "spring",
    grade: int = 5,
    subject: str = "RU",
    scores: Iterable[int] | None = None,
    journal: Iterable[int | None] | None = None,
    absent: int = 0,
) -> list[Row]:
    """Rows of `vpr_pupil` for one school and paper, codes from 1."""
    marks = list(marks)
    label = grade + 1 if season == "autumn" else grade
    starts = cal_year if season == "autumn" else cal_year - 1
    envelope = {
        "procedure": "VPR",
        "cal_year": cal_year,
        "season": season,
        "school_year": f"{starts}/{(starts + 1) % 100:02d}",
        "subject": subject,
        "grade_label": label,
        "programme_grade": grade,
        "school_id": school,
        "school_match": "id",
        "school_code": school,
    }
    points = list(scores) if scores is not None else [None] * len(marks)
    journal_marks = list(journal) if journal is not None else [None] * len(marks)
    present = [
        {
            **envelope,
            "pupil_code": str(number),
            "is_present": True,
            "mark": mark,
            "primary_score": points[number - 1],
            "journal_mark": journal_marks[number - 1],
        }
        for number, mark in enumerate(marks, 1)
    ]
    gone = [
        {**envelope, "pupil_code": str(len(marks) + number), "is_present": False}
        for number in range(1, absent + 1)
    ]
    return present + gone


def school(school_id: str, kind: str = "sosh", municipality: str = "gk", **changes: Any) -> Row:
    """A row of the school register."""
    return {
        "school_id": school_id,
        "short_name": f"Школа {school_id}",
        "school_kind": kind,
        "place_type": "city",
        "municipality_id": municipality,
        "municipality_name": f"Муниципалитет {municipality}",
        **changes,
    }


def exam(
    school_id: str,
    person: str,
    subject: str,
    result: int | None,
    *,
    cal_year: int = 2021,
    level: str = "none",
    day: dt.date | None = None,
    season: str = "main",
    procedure: str = "EGE",
    **changes: Any,
) -> Row:
    """A row of `ege_result` or `oge_result`; the result is the test score or the mark."""
    grade = 11 if procedure == "EGE" else 9
    score = "mark" if procedure == "OGE" or level == "base" else "test_score"
    return {
        "procedure": procedure,
        "cal_year": cal_year,
        "season": season,
        "school_year": f"{cal_year - 1}/{cal_year % 100:02d}",
        "subject": subject,
        "grade_label": grade,
        "programme_grade": grade,
        "school_id": school_id,
        "school_match": "id",
        "participant_pid": person,
        "pid_basis": "document",
        "name_pid": f"name-{person}",
        "level": level,
        "exam_date": day or dt.date(cal_year, 6, 3),
        "is_present": result is not None,
        score: result,
        **changes,
    }
