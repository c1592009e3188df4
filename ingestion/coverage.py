"""Which school owes which source for which year, and what has come.

Belongs here: the calendar of due dates against the rows in force, into `meta.coverage`. Not here:
why a delivery was refused (`meta.delivery`), pages that show it (`expectations.report`).

Missing is as visible as wrong: a figure without data names the form that was not handed in.
"""

from __future__ import annotations

import csv
import datetime as dt

import duckdb

from ingestion.contracts import load_contracts
from ingestion.senders import note_schools
from warehouse.database import transaction
from warehouse.settings import SEEDS

_SEVERAL = 5  # forms with rows of a year before anybody owes others of it
CALENDAR = SEEDS / "reference" / "delivery_calendar.csv"

# Grade that a kind of school ends with; a form about a higher one is not owed.
_LAST_GRADE = "case school_kind when 'nosh' then 4 when 'oosh' then 9 else 12 end"
# School year 'Y/Y+1' of a period column, by what the column holds.
_YEAR_TEXT = "printf('%d/%02d', {first}, ({first} + 1) % 100)"
_FIRST_YEAR = {
    "cal_year": "cal_year - 1",
    "list_year": "list_year - 1",
    "form_year": "form_year",
    "exam_date": "year(exam_date) - case when month(exam_date) < 9 then 1 else 0 end",
}


def school_year_of(day: dt.date) -> str:
    """The school year in which a day lies; it begins in September."""
    first = day.year - (day.month < 9)
    return f"{first}/{(first + 1) % 100:02d}"


def _delivered(table: str, period: str) -> str:
    """Schools (NULL: the municipality) and school years of which a table holds rows."""
    if not period:
        year = "cast(null as varchar)"
    elif period in _FIRST_YEAR:
        year = _YEAR_TEXT.format(first=f"({_FIRST_YEAR[period]})")
    else:
        year = period
    has_school = any(c.name == "school_id" for c in load_contracts()[table].all_columns)
    school = "school_id" if has_school else "cast(null as varchar)"
    return (
        f"select '{table}' as table_name, {school} as school_id, {year} as school_year,"
        f" max(delivery_id) as delivery_id, count(*) as n_rows from raw.{table} group by all"
    )


def measure_coverage(
    con: duckdb.DuckDBPyConnection, today: dt.date, first_year: str | None = None
) -> None:
    """Fill `meta.coverage` anew.

    One row for each form × who owes it × school year. The first year is the given one, else the
    first of which several forms hold rows: a single early date opens no year. The last one is the
    year of today, whether anybody has sent anything or not; in a made-up city, whose time stands
    still, the last of which several forms hold rows. Statuses: `delivered`; `held` or `refused`, when nothing is in
    force and the last file of that school stood so; `missing`, after the due date; `not_due`.

    Args:
        con: the build database with its raw tables.
        today: day by which due dates are judged.
        first_year: first school year that is asked for, such as 2020/21.
    """
    with CALENDAR.open(encoding="utf-8", newline="") as file:
        calendar = list(csv.DictReader(file))
    titles = load_contracts()
    with transaction(con):
        con.execute("delete from meta.coverage")
        con.execute(
            "create or replace temp table _calendar (table_name varchar, source varchar,"
            " title varchar, owed_by varchar, has_period boolean, due_year_offset integer,"
            " due_month integer, due_day integer, lowest_grade integer)"
        )
        con.executemany(
            "insert into _calendar values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row["table_name"],
                    titles[row["table_name"]].source,
                    titles[row["table_name"]].title,
                    row["owed_by"],
                    bool(row["period_column"]),
                    int(row["due_year_offset"]),
                    int(row["due_month"]),
                    int(row["due_day"]),
                    int(row["lowest_grade"] or 0),
                )
                for row in calendar
            ],
        )
        delivered = " union all ".join(
            _delivered(row["table_name"], row["period_column"]) for row in calendar
        )
        con.execute(f"create or replace temp table _delivered as {delivered}")
        note_schools(con)
        con.execute(
            _COVERAGE,
            {
                "today": today,
                "now": school_year_of(today),
                "first": first_year,
                "several": _SEVERAL,
            },
        )


_COVERAGE = f"""
insert into meta.coverage
with
    filled as (
        select school_year
        from _delivered
        where school_year <= $now
        group by school_year
        having count(distinct table_name) >= $several
    ),
    bounds as (
        select
            coalesce($first, min(school_year), $now) as first,
            case
                when (select bool_or(kind = 'synthetic') from meta.delivery)
                    then coalesce(max(school_year), $now)
                else $now
            end as last
        from filled
    ),
    years as (
        select {_YEAR_TEXT.format(first="y")} as school_year, y as first_year
        from bounds, range(cast(left(first, 4) as integer), cast(left(last, 4) as integer) + 1)
            as r(y)
    ),
    forms as (
        select _calendar.*, years.school_year, years.first_year,
            make_date(cast(years.first_year as integer) + due_year_offset, due_month, due_day)
                as due_on
        from _calendar cross join years
    ),
    owed as (
        select forms.*, school.school_id
        from forms
        inner join raw.school as school
            on forms.owed_by = 'school'
            and forms.lowest_grade <= {_LAST_GRADE}
            and coalesce(school.opened_on, date '1900-01-01')
                < make_date(cast(forms.first_year as integer) + 1, 6, 1)
            and coalesce(school.closed_on, date '2999-01-01')
                > make_date(cast(forms.first_year as integer), 9, 20)
        union all
        select forms.*, cast(null as varchar) from forms where forms.owed_by = 'municipality'
    ),
    came as (
        select owed.table_name, owed.school_id, owed.school_year,
            max(_delivered.delivery_id) as delivery_id, sum(_delivered.n_rows) as n_rows
        from owed
        inner join _delivered
            on owed.table_name = _delivered.table_name
            and (owed.school_id is null or owed.school_id = _delivered.school_id)
            and (not owed.has_period or owed.school_year = _delivered.school_year)
        group by all
    ),
    troubled as (
        select
            delivery.table_name, school.school_id,
            coalesce(school.school_year, delivery.school_year) as school_year,
            arg_max(delivery.status, delivery.seq) as status,
            arg_max(delivery.delivery_id, delivery.seq) as delivery_id
        from meta.delivery as delivery
        left join _delivery_school as school on school.delivery_id = delivery.delivery_id
        where delivery.status in ('refused', 'held', 'conflict')
        group by all
    )
select
    owed.table_name, owed.source, owed.title, owed.owed_by, owed.school_id, owed.school_year,
    owed.due_on,
    case
        when came.table_name is not null then 'delivered'
        when troubled.status is not null then troubled.status
        when owed.due_on < $today then 'missing'
        else 'not_due'
    end as status,
    coalesce(came.delivery_id, troubled.delivery_id) as delivery_id,
    delivery.received_at,
    came.n_rows
from owed
left join came
    on owed.table_name = came.table_name
    and owed.school_id is not distinct from came.school_id
    and owed.school_year = came.school_year
left join troubled
    on owed.table_name = troubled.table_name
    and (owed.owed_by = 'municipality' or owed.school_id = troubled.school_id)
    and (troubled.school_year is null or troubled.school_year = owed.school_year)
left join meta.delivery as delivery
    on delivery.delivery_id = coalesce(came.delivery_id, troubled.delivery_id)
qualify row_number() over (
    partition by owed.table_name, owed.school_id, owed.school_year order by troubled.status
) = 1
"""
