-- Schools in each school year in which they were open for at least a day.
with
    school_year as (
        {%- for starts in range(2014, 2035) %}
            select {{ starts }} as starts
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    school as (select * from {{ ref("int_school") }})

select
    school.school_id,
    school.municipality_id,
    school.first_grade,
    school.last_grade,
    {{ school_year_text("school_year.starts") }} as school_year
from school_year
inner join
    school
    on coalesce(school.opened_on, date '1900-01-01') <= make_date(school_year.starts + 1, 8, 31)
    and coalesce(school.closed_on, date '2999-01-01') > make_date(school_year.starts, 9, 1)
