{{ config(materialized="view") }}

-- Sources may contradict each other; the better confirmed row is used, the others stay in the seed.
with
    ranked as (
        select
            *,
            row_number() over (
                partition by
                    measure,
                    procedure,
                    cal_year,
                    season,
                    grade,
                    subject,
                    level,
                    breakdown,
                    territory
                order by {{ confidence_rank("confidence") }}, source
            ) as preference
        from {{ ref("reference_value") }}
        where value is not null
    )

select
    measure,
    procedure,
    cal_year,
    season,
    grade,
    subject,
    coalesce(level, 'none') as level,
    coalesce(breakdown, 'all') as breakdown,
    territory,
    value,
    confidence
from ranked
where preference = 1
