{#- Measures D6.12a and D6.13a: the mean of two published measures of a school. A school that has no
    pupils for one of them is judged by the other; if one is only not delivered, there is no index. -#}
with
    part as (
        select *, 'D6.12a' as index_code
        from {{ ref("int_d3_value") }}
        where measure_code = 'D3.03a'
        union all
        select *, 'D6.12a'
        from {{ ref("int_d4_value") }}
        where measure_code = 'D4.04a'
        union all
        select *, 'D6.13a'
        from {{ ref("int_d1_value") }}
        where measure_code in ('D1.11a', 'D1.11b')
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
    cast(max(n) as bigint) as n,
    case
        when count(value) + count(case when status = 'not_applicable' then 1 end) = 2
        then avg(value)
    end as value,
    cast(null as double) as sd,
    cast(null as varchar) as value_text,
    {{ union_of_lists("delivery_ids") }} as delivery_ids,
    bool_or(norm_unconfirmed) as has_unconfirmed
from part
where level = 'school' and season is null and grade is null and subject is null
group by index_code, school_id, school_year
having count(value) > 0
