{#- Measures D6.12a and D6.13a: the mean of two measures of a school. A school that has no pupils for
    one of them is judged by the other; if one is only not delivered, there is no index. -#}
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
            count(*) as n_parts,
            case
                when share.index_code = 'D6.12a' and max(school.last_grade) < 8 then 1 else 2
            end as n_due,
            min(case when share.denominator > 0 then share.denominator end) as n,
            avg(100 * share.numerator / nullif(share.denominator, 0)) as value,
            {{ union_of_lists("share.delivery_ids") }} as delivery_ids,
            bool_or(share.has_unconfirmed) as has_unconfirmed
        from share
        inner join {{ ref("int_school") }} as school on share.school_id = school.school_id
        group by share.index_code, share.school_id, share.school_year
    )

select
    index_code as measure_code,
    school_id,
    school_year,
    cast(null as integer) as cal_year,
    cast(null as varchar) as season,
    cast(null as integer) as grade,
    cast(null as integer) as grade_label,
    cast(null as varchar) as subject,
    'all' as breakdown,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    cast(n as bigint) as n,
    value,
    cast(null as double) as sd,
    cast(null as varchar) as value_text,
    delivery_ids,
    has_unconfirmed
from paired
where n_parts >= n_due and n is not null
