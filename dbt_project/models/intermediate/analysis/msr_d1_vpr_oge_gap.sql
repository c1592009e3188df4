{#- Measure D1.10c: ОГЭ of a cohort against its ВПР on the programme of grade 8 the year before. -#}
with
    result as (select * from {{ ref('int_school_result') }} where z_score is not null),

    oge as (select * from result where procedure = 'OGE'),

    vpr as (
        select
            *,
            row_number() over (
                partition by school_id, subject, cal_year order by n_part desc, season
            ) as season_rank
        from result
        where procedure = 'VPR' and programme_grade = 8
    )

select
    'D1.10c' as measure_code,
    oge.school_id,
    oge.school_year,
    oge.cal_year,
    oge.season,
    9 as grade,
    9 as grade_label,
    oge.subject,
    'all' as breakdown,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(least(oge.n_part, vpr.n_part) as bigint) as n,
    oge.z_score - vpr.z_score as value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    {{ merged_list('oge.delivery_ids', 'vpr.delivery_ids') }} as delivery_ids,
    oge.has_unconfirmed or vpr.has_unconfirmed as has_unconfirmed
from oge
inner join
    vpr
    on oge.school_id = vpr.school_id
    and oge.subject = vpr.subject
    and oge.cal_year - 1 = vpr.cal_year
    and vpr.season_rank = 1
