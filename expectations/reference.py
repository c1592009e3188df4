"""Reference seeds and sizes as temporary tables of the gate's session.

Belongs here: the columns that rules join with, sizes of schools that many rules compare with.
Not here: the facts (seeds of the dbt project;
the gate runs before dbt loads them, so it reads the same files).
"""

from __future__ import annotations

from collections.abc import Mapping
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


# Pupils of a school by grade, as the contingent says or, without it, form ОО-1; on 1 October and
# ever in the year, so that newcomers of spring are no surplus.
_SCHOOL_GRADE = """
create or replace temp table school_grade as
select
    school_id, school_year, grade_label,
    arg_min(n_october, basis) as n_october, arg_min(n_ever, basis) as n_ever,
    max(n_october) filter (where basis = 1) as n_contingent,
    max(n_october) filter (where basis = 2) as n_form
from (
    select
        school_id, school_year, grade_label, 1 as basis, count(distinct person_pid) as n_ever,
        count(distinct person_pid) filter (
            where coalesce(enrolled_on <= first_day, true) and coalesce(left_on > first_day, true)
        ) as n_october
    from (
        select *, make_date(try_cast(left(school_year, 4) as integer), 10, 1) as first_day
        from {pupil_year}
    )
    group by all
    union all
    select
        c.school_id, c.form_year || '/' || right(cast(c.form_year + 1 as varchar), 2),
        m.grade, 2, sum(c.cell_value), sum(c.cell_value)
    from {fsn_cell} as c
    inner join ref_fsn_cell as m
        on m.form = c.form and m.edition = c.edition and m.section = c.section
        and m.row_code = c.row_code and m.column_code = c.column_code
    where m.variable = 'n_pupils' and m.grade is not null and c.cell_value > 0
    group by all
)
group by all
"""


def load_sizes(con: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> None:
    """Create `school_grade`, pupils of each school by year and grade.

    Args:
        con: the build database; `load_reference` has been called.
        names: what names of tables in the SQL stand for.
    """
    con.execute(_SCHOOL_GRADE.format_map(names))
