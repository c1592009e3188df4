{{ config(materialized="view") }}

with
    scale as (select * from {{ ref("vpr_scale") }}),

    ranked as (
        select
            *,
            row_number() over (
                partition by cal_year, season, programme_grade, subject
                order by {{ confidence_rank("confidence") }}, source
            ) as preference
        from scale
        where cut3 is not null and cut4 is not null and cut5 is not null
    )

select
    cal_year,
    season,
    programme_grade,
    subject,
    max_score,
    cut3,
    cut4,
    cut5,
    not {{ is_unconfirmed("confidence") }} as is_confirmed
from ranked
where preference = 1
