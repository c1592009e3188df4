{#- Whether a figure has a value, and what its catalogue row says of it. -#}
{% macro value_states() %}
    parameter as (
        select
            year.school_year,
            {%- for code in [
                "value_n_show",
                "value_low_confidence_n",
                "zone_gap_red",
                "zone_gap_yellow",
                "zone_z_municipal",
            ] %}
                max(
                    case when parameter.parameter_code = '{{ code }}' then parameter.value end
                ) as {{ code }}
                {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from (select distinct school_year from every_row) as year
        inner join {{ ref("int_parameter") }} as parameter on {{ in_force("parameter", "year") }}
        group by year.school_year
    ),

    catalogued as (
        select
            every_row.*,
            measure.indicator_code,
            measure.direction_code,
            measure.kind,
            measure.interval_method,
            measure.min_n,
            measure.missing_reason,
            measure.nobody_reason,
            measure.good_sign,
            measure.methodology_version,
            case
                when every_row.level = 'school' then measure.audience else measure.audience_above
            end as audience,
            case
                when every_row.level <> 'school' and measure.kind = 'flag'
                then '%'
                else measure.unit
            end as unit,
            -- shares are kept as fractions until here
            case
                when measure.kind = 'ratio' or every_row.bd is not null
                then measure.multiplier
                when measure.kind = 'flag' and every_row.level <> 'school'
                then 100.0
                else 1.0
            end as multiplier,
            parameter.value_n_show,
            parameter.value_low_confidence_n,
            parameter.zone_gap_red,
            parameter.zone_gap_yellow,
            parameter.zone_z_municipal,
            coalesce(
                every_row.estimate is null
                and every_row.d = 0
                and measure.kind = 'ratio'
                and (measure.min_n = 0 or measure.nobody_reason is not null),
                false
            ) as is_of_nobody,
            measure.of_persons and every_row.n < parameter.value_n_show as is_tiny,
            every_row.level = 'school' and every_row.n < measure.school_min_n as is_municipal_only
        from every_row
        inner join
            measure
            on every_row.measure_code = measure.measure_code
            and {{ in_force("measure", "every_row") }}
        inner join parameter on every_row.school_year = parameter.school_year
        where measure.has_school_level or every_row.level <> 'school'
    ),

    judged as (
        select
            *,
            case
                when absence is not null
                then absence
                when kind = 'enum' and value_text in ('no_data', 'insufficient_n')
                then value_text
                when kind = 'enum' and value_text is not null
                then 'ok'
                when is_of_nobody
                then 'not_applicable'
                when estimate is null
                then 'no_data'
                when min_n > 0 and coalesce(n, 0) < greatest(min_n, value_n_show)
                then 'insufficient_n'
                when is_tiny or is_municipal_only
                then 'suppressed'
                else 'ok'
            end as status,
            case
                when absence is not null
                then absence_reason
                when kind = 'enum'
                then null
                when is_of_nobody
                then coalesce(nobody_reason, 'в школе нет тех, о ком показатель')
                when estimate is null
                then missing_reason
                when is_tiny
                then
                    'участников меньше '
                    || cast(cast(value_n_show as integer) as string)
                    || ': значение не показывается'
                when is_municipal_only
                then 'в школе слишком мало участников: значение только по муниципалитету'
                when min_n > 0 and n < min_n
                then 'участников меньше ' || cast(min_n as string)
            end as status_reason,
            coalesce(is_tiny or is_municipal_only, false) as is_hidden,
            coalesce(
                min_n > 0 and n >= min_n and n < value_low_confidence_n and estimate is not null,
                false
            ) as low_confidence
        from catalogued
    )
{% endmacro %}
