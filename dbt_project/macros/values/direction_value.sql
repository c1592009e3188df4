{#- One direction's figures from its measures: school, municipality and register; cuts and totals
    of the school year; interval, status, comparability, norm, means of the krai and РФ, zone,
    deliveries. Each step is a macro of this folder that writes its CTEs; they follow each other
    here in the order in which they are reckoned.

    direction: code of the direction.
    models: its msr models, all with the columns of `msr_columns`.
    bounded: those of them that bring their own limits at school level (ci_low, ci_high).
    reference: the model with the means of the krai and РФ.
    by_bias: whether rows of schools in the official list are marked; only for directions that have
        that list among their sources. -#}
{% macro direction_value(
    direction, models, bounded=[], reference="int_reference_given", by_bias=false
) %}
    with
        measure as (
            select * from {{ ref("int_measure") }} where direction_code = '{{ direction }}'
        ),

        school as (select * from {{ ref("int_school") }}),

        {{ value_cells(models, bounded, by_bias) }},

        {{ value_totals() }},

        {{ value_missing() }},

        {{ value_units() }},

        {{ value_jackknife() }},

        {{ value_states() }},

        {{ value_intervals() }},

        {{ value_comparison(reference) }}

    select
        measure_code,
        indicator_code,
        direction_code,
        level,
        school_id,
        municipality_id,
        school_year,
        cast(cal_year as integer) as cal_year,
        season,
        cast(grade as integer) as grade,
        subject,
        breakdown,
        case when kind in ('ratio', 'flag', 'count') and not is_hidden then x end as numerator,
        case when kind in ('ratio', 'flag', 'count') then d end as denominator,
        -- sums of fractions depend on the order of rows in their last digits
        round(value, 9) as value,
        value_text,
        unit,
        n,
        round(ci_low, 9) as ci_low,
        round(ci_high, 9) as ci_high,
        case when not is_hidden then round(multiplier * median_estimate, 9) end as school_median,
        status,
        status_reason,
        {{ comparability_text() }} as comparability,
        low_confidence,
        norm_value,
        has_unconfirmed
        or (norm_value is not null and norm_row_unconfirmed)
        or coalesce(reference_unconfirmed, false) as norm_unconfirmed,
        krai_value,
        rf_value,
        {{ zone_of_figure() }} as zone,
        stale_since,
        delivery_ids,
        audience,
        methodology_version
    from compared
{% endmacro %}
