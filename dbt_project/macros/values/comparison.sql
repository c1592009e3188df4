{#- What a figure is held against: the norm, the means of the krai and РФ, the spread of schools. -#}
{% macro value_comparison(reference) %}
    -- the spread of the schools of one municipality, for figures that nothing else judges
    spread as (
        select
            unit_id as municipality_id,
            {{ cut_of("whole") }},
            median_estimate as municipal_median,
            1.4826 * estimate_deviation as municipal_deviation
        from whole
        where unit_level = 'municipality'
    ),

    held_against as (
        select
            valued.*,
            norm.value as norm_value,
            norm.bad_side,
            coalesce(norm.norm_level = 'proposal', false) as is_proposed_norm,
            {{ is_unconfirmed("norm.confidence") }} as norm_row_unconfirmed,
            reference.krai_value,
            reference.rf_value,
            reference.is_unconfirmed as reference_unconfirmed,
            coalesce(reference.krai_value, reference.rf_value) as mean_value,
            measure_state.stale_since,
            case
                when valued.level = 'school' and spread.municipal_deviation > 0
                then (valued.estimate - spread.municipal_median) / spread.municipal_deviation
            end as z_robust
        from valued
        left join
            {{ ref("int_norm") }} as norm
            on valued.measure_code = norm.measure_code
            and {{ in_force("norm", "valued") }}
            and (norm.breakdown is null or valued.breakdown = norm.breakdown)
            and valued.value is not null
        left join
            {{ ref(reference) }} as reference
            on valued.measure_code = reference.measure_code
            and valued.cal_year = reference.cal_year
            and valued.season = reference.season
            and valued.grade = reference.grade
            and valued.subject = reference.subject
            and valued.breakdown = reference.breakdown
        left join
            {{ ref("int_measure_state") }} as measure_state
            on valued.measure_code = measure_state.measure_code
        left join
            spread
            on valued.municipality_id = spread.municipality_id
            and {{ same_cut("valued", "spread") }}
    ),

    compared as (
        select
            *,
            -- how far on the bad side of the mean, in points of percent
            good_sign
            * (mean_value - value)
            * case when unit in ('%', 'п.п.') then 1 else 100 end as gap,
            case
                good_sign when 1 then ci_high < mean_value when -1 then ci_low > mean_value
            end as excludes_mean
        from held_against
    )
{% endmacro %}

{#- Zone: a norm goes before the mean of the krai or РФ, this before the spread of schools. A norm
    that is only proposed makes nothing red. Grey is not green: it is a figure that nothing judges. -#}
{% macro zone_of_figure() -%}
    case
        when status <> 'ok' or value is null
        then 'grey'
        when norm_value is not null
        then
            case
                when bad_side = 'below' and value >= norm_value
                then 'green'
                when bad_side = 'above' and value <= norm_value
                then 'green'
                when bad_side = 'beyond' and abs(value) <= norm_value
                then 'green'
                when is_proposed_norm
                then 'yellow'
                when interval_method = 'none'
                then 'red'
                when bad_side = 'below' and ci_high < norm_value
                then 'red'
                when bad_side = 'above' and ci_low > norm_value
                then 'red'
                when bad_side = 'beyond' and (ci_low > norm_value or ci_high < - norm_value)
                then 'red'
                else 'yellow'
            end
        when good_sign is null
        then 'grey'
        when mean_value is not null
        then
            case
                when excludes_mean and gap >= zone_gap_red
                then 'red'
                when gap >= zone_gap_yellow
                then 'yellow'
                else 'green'
            end
        when z_robust * good_sign <= - zone_z_municipal
        then 'yellow'
        when z_robust is null
        then 'grey'
        else 'green'
    end
{%- endmacro %}
