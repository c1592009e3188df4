with calendar as (select * from {{ ref("assessment_calendar") }})

select
    procedure,
    school_year,
    cal_year,
    season,
    programme_grade as grade,
    grade_label,
    subject,
    held as is_held,
    date_from,
    date_to,
    selection,
    confidence,
    note
from calendar
