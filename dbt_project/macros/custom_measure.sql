{#- Measures that the customer enters («иные показатели»): the value as given, or the share that its
    numerator and denominator make. The cut is the customer's code, the words its name and unit. -#}
{% macro custom_measure(measure_code) %}
    select
        '{{ measure_code }}' as measure_code,
        school_id,
        school_year,
        cast(null as integer) as cal_year,
        cast(null as string) as season,
        cast(null as integer) as grade,
        cast(null as integer) as grade_label,
        cast(null as string) as subject,
        custom_code as breakdown,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        cast(null as double) as base_numerator,
        cast(null as double) as base_denominator,
        cast(
            case when given_value is null and denominator > 0 then denominator else 1 end as bigint
        ) as n,
        coalesce(
            cast(given_value as double),
            numerator
            / nullif(denominator, 0)
            * case when unit_name in ('%', 'процент', 'проценты') then 100 else 1 end
        ) as value,
        cast(null as double) as sd,
        custom_name || ', ' || unit_name as value_text,
        {{ list_of(["delivery_id"]) }} as delivery_ids,
        false as has_unconfirmed
    from {{ ref("stg_custom_indicator") }}
    where measure_code = '{{ measure_code }}'
{% endmacro %}
