"""Reference seeds as temporary tables of the gate's session.

Belongs here: the columns that rules join with. Not here: the facts (seeds of the dbt project;
the gate runs before dbt loads them, so it reads the same files).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.settings import SEEDS

# Facts of these confidences were remembered or read off data: rules that rest on them warn.
UNCONFIRMED = ("memory", "inferred_from_data")

_CONFIRMED = f"confidence not in {UNCONFIRMED} as confirmed"
# The best row of a key wins, as in the models.
_BEST = (
    "qualify row_number() over (partition by {key} order by case confidence "
    "when 'official_text' then 1 when 'secondary' then 2 when 'code_in_public_repo' then 3 "
    "when 'inferred_from_data' then 4 else 5 end, source) = 1"
)
_SCALE = (
    "cast(max_score as integer) as max_score, cast(cut3 as integer) as cut3, "
    f"cast(cut4 as integer) as cut4, cast(cut5 as integer) as cut5, {_CONFIRMED}"
)


@dataclass(frozen=True)
class _Seed:
    """A seed as a temporary table: its file, the columns that rules need, its key."""

    file: str
    columns: str
    key: str


_TABLES = {
    "ref_vpr_scale": _Seed(
        file="vpr_scale.csv",
        columns="cast(cal_year as integer) as cal_year, season, "
        f"cast(programme_grade as integer) as programme_grade, subject, {_SCALE}",
        key="cal_year, season, programme_grade, subject",
    ),
    "ref_oge_scale": _Seed(
        file="oge_scale.csv",
        columns=f"cast(cal_year as integer) as cal_year, subject, extra_condition, {_SCALE}",
        key="cal_year, subject",
    ),
    "ref_exam_max": _Seed(
        file="exam_max_primary.csv",
        columns="procedure, cast(cal_year as integer) as cal_year, subject, level, "
        f"cast(max_primary as integer) as max_score, {_CONFIRMED}",
        key="procedure, cal_year, subject, level",
    ),
    "ref_fsn_cell": _Seed(
        file="fsn_cell_map.csv",
        columns="form, edition, section, row_code, column_code, variable, "
        f"cast(grade as integer) as grade, subject, {_CONFIRMED}",
        key="form, edition, section, row_code, column_code",
    ),
    "ref_calendar": _Seed(
        file="assessment_calendar.csv",
        columns="procedure, cast(cal_year as integer) as cal_year, season, "
        "cast(programme_grade as integer) as programme_grade, "
        "case when subject = 'MA_base' then 'MA' else subject end as subject, "
        "case when subject = 'MA_base' then 'base' end as level, "
        f"held = 'true' as held, selection, {_CONFIRMED}",
        key="procedure, cal_year, season, programme_grade, grade_label, subject",
    ),
}


def load_reference(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Create the `ref_*` tables of this session; returns the codes of the subject seed."""
    for table, seed in _TABLES.items():
        con.execute(
            f"create or replace temp table {table} as select {seed.columns} from "
            f"read_csv(?, header = true, all_varchar = true) {_BEST.format(key=seed.key)}",
            [str(SEEDS / "reference" / seed.file)],
        )
    subjects = con.execute(
        "select code from read_csv(?, header = true, all_varchar = true) order by code",
        [str(SEEDS / "reference" / "subjects.csv")],
    ).fetchall()
    return tuple(code for (code,) in subjects)
