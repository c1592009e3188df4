{#- The error of a pooled figure above the school: a delete-one jackknife over schools, because pupils
    of one school are alike and a pooled Wilson interval would cover far too rarely. -#}
{% macro value_jackknife() %}
    -- the whole without one school, once for each school
    left_out as (
        select
            whole.unit_level,
            whole.unit_id,
            {{ cut_of("whole") }},
            (whole.x - unit.x) / nullif(whole.d - unit.d, 0) - case
                when whole.bd > 0
                then (whole.bx - coalesce(unit.bx, 0)) / nullif(whole.bd - coalesce(unit.bd, 0), 0)
                else 0
            end as estimate_without
        from unit
        inner join
            whole
            on unit.unit_level = whole.unit_level
            and unit.unit_id is not distinct from whole.unit_id
            and {{ same_cut("unit", "whole") }}
        where unit.d > 0
    ),

    jackknife as (
        select
            unit_level,
            unit_id,
            {{ cut_of("left_out") }},
            count(estimate_without) as n_estimates,
            sqrt((count(estimate_without) - 1) * var_pop(estimate_without)) as jackknife_error
        from left_out
        group by unit_level, unit_id, {{ cut_of("left_out") }}
    ),

    -- schools and the units above them in one form
    every_row as (
        select
            level,
            school_id,
            municipality_id,
            {{ cut_of("school_base") }},
            cal_year,
            x,
            d,
            bx,
            bd,
            n,
            estimate,
            ss,
            value_text,
            given_low,
            given_high,
            delivery_ids,
            has_unconfirmed,
            {{ break_columns() | join(", ") }},
            absence,
            absence_reason,
            cast(null as bigint) as n_estimates,
            cast(null as double) as jackknife_error,
            cast(null as double) as median_estimate,
            cast(null as double) as estimate_deviation
        from school_base
        union all
        select
            whole.unit_level,
            null,
            whole.unit_id,
            {{ cut_of("whole") }},
            whole.cal_year,
            whole.x,
            whole.d,
            whole.bx,
            whole.bd,
            whole.n,
            whole.x / nullif(whole.d, 0) - coalesce(whole.bx / nullif(whole.bd, 0), 0),
            null,
            whole.value_text,
            null,
            null,
            whole.delivery_ids,
            whole.has_unconfirmed,
            {%- for name in break_columns() %} whole.{{ name }}, {%- endfor %}
            whole.absence,
            whole.absence_reason,
            jackknife.n_estimates,
            jackknife.jackknife_error,
            whole.median_estimate,
            whole.estimate_deviation
        from whole
        left join
            jackknife
            on whole.unit_level = jackknife.unit_level
            and whole.unit_id is not distinct from jackknife.unit_id
            and {{ same_cut("whole", "jackknife") }}
    )
{% endmacro %}
