{#- Measures D6.12a and D6.13a: the mean of two measures of a school; without
    either of them there is no index, because a mean of one is another figure than a mean of two. -#}
with
    part as (
        select *, 'D6.12a' as index_code
        from {{ ref("msr_d3_talent") }}
        where measure_code = 'D3.03a'
        union all
        select *, 'D6.12a'
        from {{ ref("msr_d4_guidance") }}
        where measure_code = 'D4.04a'
        union all
        select *, 'D6.13a'
        from {{ ref("msr_d1_sen") }}
        where measure_code in ('D1.11a', 'D1.11b')
    ),

    -- the cuts of a measure together
    share as (
        select
            index_code,
            measure_code,
            school_id,
            school_year,
            sum(numerator) as numerator,
            sum(denominator) as denominator,
            {{ union_of_lists("delivery_ids") }} as delivery_ids,
            bool_or(has_unconfirmed) as has_unconfirmed
        from part
        where school_id is not null
        group by index_code, measure_code, school_id, school_year
    ),

    paired as (
        select
            share.index_code,
            share.school_id,
            share.school_year,
            min(share.denominator) as n,
            avg(100 * share.numerator / share.denominator) as value,
            {{ union_of_lists("share.delivery_ids") }} as delivery_ids,
            bool_or(share.has_unconfirmed) as has_unconfirmed
        from share
        where share.denominator > 0
        group by share.index_code, share.school_id, share.school_year
        having count(*) = 2
    )

select
    index_code as measure_code,
    school_id,
    school_year,
    cast(null as integer) as cal_year,
    cast(null as string) as season,
    cast(null as integer) as grade,
    cast(null as integer) as grade_label,
    cast(null as string) as subject,
    'all' as breakdown,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(n as bigint) as n,
    value,
    cast(null as double) as sd,
    cast(null as string) as value_text,
    delivery_ids,
    has_unconfirmed
from paired
