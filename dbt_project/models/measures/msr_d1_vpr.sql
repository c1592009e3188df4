with
    paper as (select * from {{ ref("int_vpr_school_paper") }}),

    measured as (
        select 'D1.03a' as measure_code, paper.*, n3 + n4 + n5 as numerator, n_marked as denominator
        from paper
        where n_part > 0
        union all
        select 'D1.07a', paper.*, n5, n_marked
        from paper
        where n_part > 0
        union all
        select 'D1.07b', paper.*, n4 + n5, n_marked
        from paper
        where n_part > 0
        union all
        -- a paper that nobody of the list wrote has a participation of zero
        select 'D1.13a', paper.*, n_part, n_listed
        from paper
        where n_listed is not null
    )

select
    measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    programme_grade as grade,
    grade_label,
    subject,
    'all' as breakdown,
    cast(numerator as double) as numerator,
    cast(denominator as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(coalesce(denominator, n_part) as bigint) as n,
    cast(null as double) as value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    case
        when measure_code = 'D1.13a'
        then {{ list_of(["pupil_delivery_id"]) }}
        else marks_delivery_ids
    end as delivery_ids,
    has_unconfirmed and measure_code <> 'D1.13a' as has_unconfirmed
from measured
