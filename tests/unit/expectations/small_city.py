"""A tiny clean city that is put straight into `incoming` by SQL, with seeds of its own."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest

from expectations import reference
from ingestion.contracts import load_contracts, table_ddl
from ingestion.deliveries import create_tables
from tests.unit.expectations.small_city_forms import FORMS
from warehouse.settings import load_settings

NOW = dt.datetime.fromisoformat("2022-09-01T02:00")
PID = "abcdefghijklmnopqrstuvwxy2"
PID_2 = "abcdefghijklmnopqrstuvwxy3"

SEED_FILES = {
    "subjects": "code\nRU\nMA\nEN\n",
    "fsn_cell_map": (
        "form,edition,section,row_code,column_code,variable,grade,subject,source,confidence\n"
        "oo1,2021,2.1,02,3,n_pupils_total,,,x,official_text\n"
        "oo1,2021,2.1,02,8,n_pupils,5,,x,official_text\n"
        "oo1,2021,2.1,02,12,n_pupils,9,,x,official_text\n"
        "oo1,2021,2.1,03,3,n_shift2_total,,,x,memory\n"
        "oo1,2021,2.1,03,8,n_shift2,5,,x,memory\n"
        "oo1,2021,3.1,01,3,n_teachers,,,x,memory\n"
    ),
    "vpr_scale": (
        "cal_year,season,programme_grade,subject,max_score,cut3,cut4,cut5,source,confidence\n"
        "2021,spring,5,RU,45,18,29,39,x,official_text\n"
        "2021,spring,5,MA,20,7,11,15,x,memory\n"
    ),
    "oge_scale": (
        "cal_year,subject,max_score,cut3,cut4,cut5,extra_condition,source,confidence\n"
        "2022,RU,33,15,23,29,,x,official_text\n"
    ),
    "exam_max_primary": (
        "procedure,cal_year,subject,level,max_primary,source,confidence\n"
        "EGE,2021,RU,none,58,x,official_text\n"
    ),
    "assessment_calendar": (
        "procedure,cal_year,season,grade_label,programme_grade,subject,held,selection,source,"
        "confidence\n"
        "VPR,2021,spring,5,5,RU,true,all,x,secondary\n"
        "VPR,2020,spring,5,5,RU,false,all,x,secondary\n"
        "VPR,2019,spring,5,5,RU,false,all,x,memory\n"
        "VPR,2022,spring,5,5,RU,true,all,x,memory\n"
        "EGE,2021,main,11,11,*,true,,x,official_text\n"
        "EGE,2021,main,11,11,MA_base,false,,x,official_text\n"
        "EGE,2022,main,11,11,*,true,,x,memory\n"
        "OGE,2022,main,9,9,*,true,,x,memory\n"
        "OGE,2020,main,9,9,*,false,,x,secondary\n"
    ),
}

VPR = {
    "procedure": "VPR", "cal_year": 2021, "season": "spring", "school_year": "2020/21",
    "subject": "RU", "grade_label": 5, "programme_grade": 5,
}  # fmt: skip
EXAM = {
    "cal_year": 2021,
    "season": "main",
    "school_year": "2020/21",
    "subject": "RU",
    "level": "none",
    "participant_pid": PID,
    "name_pid": PID,
    "pid_basis": "code",
}
SAT = {"exam_form": "EGE", "full_name_pid": PID}
SAT_9 = {**SAT, "exam_form": "OGE"}  # fmt: skip
SCHOOL = {"school_code": "edu230001", "school_id": "A", "school_match": "login"}
REPORT = {**VPR, **SCHOOL, "unit_level": "school", "unit_name": "МБОУ СОШ № 1", "n_part": 3}
REGION = {
    **VPR, "unit_level": "region", "unit_name": "край", "n_part": 3, "school_code": None,
    "school_id": None, "school_match": None,
}  # fmt: skip
PUPIL = {**VPR, **SCHOOL, "is_present": True, "journal_mark": 3}

CLEAN: dict[str, list[dict[str, object]]] = {
    "school": [
        {
            "school_id": "A", "short_name": "СОШ № 1", "fis_login": "edu230001",
            "rcoi_code": "001", "inn": "2305000001", "ogrn": "1022300000001",
            "school_kind": "sosh", "place_type": "city", "municipality_id": "gk",
            "municipality_name": "город Горячий Ключ", "opened_on": dt.date(1980, 9, 1),
        },
        {
            "school_id": "B", "short_name": "НОШ № 2", "fis_login": "edu230002",
            "rcoi_code": "002", "school_kind": "nosh", "place_type": "village",
            "municipality_id": "gk", "municipality_name": "город Горячий Ключ",
        },
    ],
    "vpr_pupil": [
        {**PUPIL, "pupil_code": "50001", "primary_score": 5, "mark": 2, "scores": [2, 3]},
        {**PUPIL, "pupil_code": "50002", "primary_score": 30, "mark": 4, "scores": [15, 15]},
        {**PUPIL, "pupil_code": "50003", "primary_score": 19, "scores": [19, -1]},
        {**PUPIL, "pupil_code": "50004", "is_present": False, "scores": None},
    ],
    "vpr_paper_task": [
        {**VPR, "task_position": 1, "task_label": "1", "is_running_number": False, "max_score": 20},
        {**VPR, "task_position": 2, "task_label": "2К1", "is_running_number": False},
    ],
    "vpr_marks": [
        {**REPORT, "pct_2": 33.33, "pct_3": 33.33, "pct_4": 33.33, "pct_5": 0.0},
        {**REGION, "pct_2": 33.33, "pct_3": 33.33, "pct_4": 33.33, "pct_5": 0.0},
    ],
    "vpr_journal": [
        {
            **{k: v for k, v in REPORT.items() if k != "n_part"},
            "n_compared": 3, "n_lowered": 1, "n_confirmed": 1, "n_raised": 1,
            "pct_lowered": 33.33, "pct_confirmed": 33.33, "pct_raised": 33.33,
        },
    ],
    "vpr_score_distribution": [
        {**REPORT, "primary_score": 5, "pct": 33.33, "row_no": 9},
        {**REPORT, "primary_score": 19, "pct": 33.33, "row_no": 9},
        {**REPORT, "primary_score": 30, "pct": 33.34, "row_no": 9},
    ],
    "vpr_task_result": [
        {**REPORT, "task_label": "1", "max_score": 20, "pct_done": 60.0},
    ],
    "ege_result": [
        {
            **SCHOOL, **EXAM, **SAT, "procedure": "EGE", "exam_date": dt.date(2021, 5, 31),
            "is_present": True, "primary_score": 50, "test_score": 82,
        },
        {
            **SCHOOL, **EXAM, **SAT, "procedure": "EGE", "participant_pid": PID_2,
            "exam_date": dt.date(2021, 5, 31), "is_present": False,
        },
        {
            **SCHOOL, **EXAM, **SAT, "procedure": "EGE", "cal_year": 2022, "school_year": "2021/22",
            "subject": "MA", "level": "base", "exam_date": dt.date(2022, 6, 3),
            "is_present": True, "primary_score": 15, "mark": 4,
        },
    ],
    "oge_result": [
        {
            **SCHOOL, **EXAM, **SAT_9, "procedure": "OGE", "cal_year": 2022, "school_year": "2021/22",
            "exam_date": dt.date(2022, 5, 31), "is_present": True, "primary_score": 27, "mark": 4,
        },
    ],
    "exam_change": [
        {
            **SCHOOL, **EXAM, "procedure": "OGE", "cal_year": 2022, "school_year": "2021/22",
            "exam_date": dt.date(2022, 5, 31), "changed_at": NOW, "score_after": 5,
        },
    ],
    "bias_list": [
        {**SCHOOL, "list_year": 2021, "m_4ru": 0, "m_5ru": 1, "n_markers": 1},
    ],
    "shnor_official": [
        {
            **SCHOOL, "list_school_year": "2021/22", "document_no": "1",
            "document_date": dt.date(2021, 10, 1),
        },
    ],
    "shnor_decision": [
        {
            **SCHOOL, "decision_school_year": "2021/22", "decision": "watch", "document_no": "1",
            "document_date": dt.date(2021, 10, 1),
        },
    ],
    **FORMS,
}  # fmt: skip


def delivery_of(table: str) -> str:
    """The clean delivery of a table; a derived table has those of the table it comes from."""
    owner = load_contracts()[table].derived_from or table
    return f"d{list(CLEAN).index(owner):015d}"


class City:
    """The build database with helpers that write to it as no reader would."""

    def __init__(self, con, settings):
        self.con = con
        self.settings = settings

    def insert(self, table, rows, delivery_id=None, part_no=1, schema="incoming"):
        for row_no, row in enumerate(rows, start=2):
            full = {
                "delivery_id": delivery_id or delivery_of(table),
                "part_no": part_no,
                "sheet": "Лист1",
                "row_no": row_no,
                **row,
            }
            marks = ", ".join("?" for _ in full)
            self.con.execute(
                f"insert into {schema}.{table} ({', '.join(full)}) values ({marks})",
                list(full.values()),
            )

    def add_part(self, table, *, delivery_id=None, part_no=1, key=None, seq=1, rows=1):
        delivery_id = delivery_id or delivery_of(table)
        self.con.execute(
            "insert or ignore into meta.delivery (delivery_id, file_sha256, original_name, seq, "
            "kind, table_name, status, received_at) "
            "values (?, ?, 'f.xlsx', ?, 'synthetic', ?, 'accepted', ?)",
            [delivery_id, delivery_id * 4, seq, table, NOW + dt.timedelta(hours=seq)],
        )
        self.con.execute(
            "insert into meta.delivery_part values (?, ?, ?, ?, ?, ?, null, 1, true)",
            [delivery_id, part_no, table, key or f"{table}|*", f"hash{part_no}", rows],
        )

    def spoil(self, table, *, where="true", **changes):
        """Put a copy of the first clean row into `incoming`, with wrong values in it."""
        values = {"row_no": "9999", **changes}
        replaced = ", ".join(f"{sql} as {column}" for column, sql in values.items())
        self.con.execute(
            f"insert into incoming.{table} select * replace ({replaced}) "
            f"from incoming.{table} where {where} limit 1"
        )

    def candidate_views(self):
        for name, contract in load_contracts().items():
            owner = contract.derived_from or name
            self.con.execute(
                f"create or replace view incoming.candidate_{name} as "
                f"select raw.* from raw.{name} raw "
                "where exists (select 1 from meta.delivery_part p "
                f"where p.table_name = '{owner}' and p.delivery_id = raw.delivery_id "
                "and p.part_no = raw.part_no and p.in_force) "
                f"and not exists (select 1 from incoming.{name} i "
                "where i.delivery_id = raw.delivery_id and i.part_no = raw.part_no) "
                f"union all by name select * from incoming.{name}"
            )


def build_city(con, settings):
    """All tables, empty."""
    create_tables(con)
    for contract in load_contracts().values():
        for schema in ("raw", "incoming"):
            con.execute(table_ddl(contract, schema))
    city = City(con, settings)
    city.candidate_views()
    return city


def fill(city):
    """A clean row or two of each table in `incoming`, under a register that is in force."""
    for table, rows in CLEAN.items():
        if load_contracts()[table].derived_from is None:
            city.add_part(table)
        city.insert(table, rows)
    city.insert("school", CLEAN["school"], delivery_id="d-before", schema="raw")


def open_city(root: Path):
    settings = load_settings({"MSOKO_WAREHOUSE": str(root), "MSOKO_KEY_FILE": str(root / "key")})
    settings.make_folders()
    return settings


@contextmanager
def rolled_back(city, seeds):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "SEEDS", seeds)
        city.con.execute("begin")
        yield city
        city.con.execute("rollback")
