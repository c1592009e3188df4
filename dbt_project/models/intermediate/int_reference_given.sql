-- Means of the krai and РФ of measures that no procedure's report tells: typed rows only.
select
    measure as measure_code,
    cal_year,
    season,
    grade,
    subject,
    breakdown,
    max(value) filter (where territory = 'krai') as krai_value,
    max(value) filter (where territory = 'rf') as rf_value,
    bool_or({{ is_unconfirmed("confidence") }}) as is_unconfirmed
from {{ ref("int_reference_row") }}
where territory in ('krai', 'rf')
group by measure, cal_year, season, grade, subject, breakdown
