{#- From rows of measures to cells that can be added up: numerator x and denominator d of every kind.
    A mean weighs by its pupils, a flag or a count is one school. Cells of the municipality itself
    have no school. -#}
{% macro value_cells(models, bounded, by_bias) %}
    msr as (
        {%- for model in models %}
            select
                {{ msr_columns() }},
                {%- if model in bounded %} ci_low as given_low, ci_high as given_high
                {%- else %} cast(null as double) as given_low, cast(null as double) as given_high
                {%- endif %}
            from {{ ref(model) }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    window_break as (select * from {{ ref("int_window_break") }}),

    {%- if by_bias %}
        bias as (
            select distinct school_id, list_year, subject, programme_grade
            from {{ ref("int_bias_mark") }}
            where mark > 0
        ),
    {%- endif %}

    cell as (
        select
            msr.*,
            measure.kind,
            measure.total,
            case when measure.keeps_breakdown then msr.breakdown else 'all' end as total_breakdown,
            case
                when measure.kind in ('flag', 'count', 'enum')
                then msr.value
                when measure.kind = 'ratio' or msr.base_denominator is not null
                then msr.numerator
                else msr.n * msr.value
            end as x,
            case
                when measure.kind in ('flag', 'count', 'enum')
                then case when msr.value is not null then 1 end
                when measure.kind = 'ratio' or msr.base_denominator is not null
                then case when msr.numerator is not null then msr.denominator end
                when msr.value is not null
                then msr.n
            end as d,
            case
                when measure.kind not in ('ratio', 'flag', 'count', 'enum') and msr.sd is not null
                then (msr.n - 1) * msr.sd * msr.sd + msr.n * msr.value * msr.value
            end as ss,
            coalesce(named.programme_shift, false)
            or (
                measure.procedure = 'VPR' and coalesce(msr.grade_label <> msr.grade, false)
            ) as programme_shift,
            coalesce(named.season_shift, false) as season_shift,
            coalesce(named.population, false) as population,
            coalesce(scaled.scale_change, false) as scale_change,
            {% if by_bias -%}
                measure.procedure = 'VPR'
                and (detailed.school_id is not null or undetailed.school_id is not null)
            {%- else -%} false
            {%- endif %} as biased
        from msr
        inner join
            measure on msr.measure_code = measure.measure_code and {{ in_force("measure", "msr") }}
        left join
            window_break as named
            on measure.procedure = named.procedure
            and msr.cal_year = named.cal_year
            and msr.season = named.season
            and named.grade is null
        left join
            window_break as scaled
            on measure.procedure = scaled.procedure
            and msr.cal_year = scaled.cal_year
            and msr.season = scaled.season
            and msr.grade = scaled.grade
            and msr.subject = scaled.subject
        {%- if by_bias %}
            left join
                bias as detailed
                on msr.school_id = detailed.school_id
                and msr.cal_year = detailed.list_year
                and msr.subject = detailed.subject
                and msr.grade = detailed.programme_grade
            left join
                bias as undetailed
                on msr.school_id = undetailed.school_id
                and msr.cal_year = undetailed.list_year
                and undetailed.subject is null
        {%- endif %}
    )
{% endmacro %}
