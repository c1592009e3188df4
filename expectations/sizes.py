"""What many rules compare with, as temporary tables of the gate's session.

Belongs here: pupils of each school and grade, who is in which school, who is in two. Not here:
the rules (`expectations.suites`), reference facts (`expectations.reference`).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

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


_PUPIL_OF_SCHOOL = """
create or replace temp table pupil_of_school as
select distinct school_id, school_year, person_pid from {pupil_year}
"""

# Listed in two schools for more than a fortnight of the same school year.
_IN_TWO_SCHOOLS = """
create or replace temp table pupil_in_two_schools as
with moved as (
    select
        school_year, person_pid,
        make_date(try_cast(left(school_year, 4) as integer), 9, 1) as first_day,
        make_date(try_cast(left(school_year, 4) as integer) + 1, 8, 31) as last_day
    from pupil_of_school group by all having count(*) > 1
),
span as (
    select
        pupil.school_id, pupil.school_year, pupil.person_pid,
        greatest(coalesce(pupil.enrolled_on, moved.first_day), moved.first_day) as starts,
        coalesce(pupil.left_on, moved.last_day) as ends
    from {pupil_year} as pupil inner join moved using (school_year, person_pid)
)
select distinct span.school_id, school_year, person_pid
from span inner join span as other using (school_year, person_pid)
where span.school_id <> other.school_id
    and date_diff(
        'day', greatest(span.starts, other.starts), least(span.ends, other.ends)
    ) > 14
"""


def load_sizes(con: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> None:
    """Create `school_grade`, `pupil_of_school`, `pupil_in_two_schools`.

    Args:
        con: the build database; `load_reference` has been called.
        names: what names of tables in the SQL stand for.
    """
    for sql in (_SCHOOL_GRADE, _PUPIL_OF_SCHOOL, _IN_TWO_SCHOOLS):
        con.execute(sql.format_map(names))
