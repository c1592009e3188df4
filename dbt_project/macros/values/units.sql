{#- From schools to the units above them: a municipality and the whole register. Pooled: the sum of
    numerators over the sum of denominators, the unweighted median of schools beside it. What the
    municipality itself gives takes the place of the sum over its schools; it has no school, and it
    belongs to the municipality of the register if there is but one. -#}
{% macro value_units() %}
    every_cell as (
        select *
        from cut_row
        union all
        select *
        from total_row
        union all
        select
            {{ cut_of("missing") }},
            school_id,
            cal_year,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            {{ empty_list() }},
            false,
            {%- for name in break_columns() %} false, {%- endfor %}
            absence,
            absence_reason
        from missing
    ),

    school_base as (
        select
            'school' as level,
            every_cell.*,
            school.municipality_id,
            x / nullif(d, 0) - coalesce(bx / nullif(bd, 0), 0) as estimate
        from every_cell
        inner join school on every_cell.school_id = school.school_id
    ),

    own_municipality as (
        select min(municipality_id) as municipality_id
        from school
        having count(distinct municipality_id) = 1
    ),

    municipal_base as (
        select
            'municipality' as level,
            every_cell.*,
            own_municipality.municipality_id,
            x / nullif(d, 0) - coalesce(bx / nullif(bd, 0), 0) as estimate
        from every_cell
        left join own_municipality on true
        where every_cell.school_id is null
    ),

    -- schools that enter the units above them
    counted_school as (
        select school_base.*
        from school_base
        left join municipal_base on {{ same_cut("school_base", "municipal_base") }}
        where municipal_base.measure_code is null
    ),

    unit as {{ computed_where_used() }} (
        select 'municipality' as unit_level, municipality_id as unit_id, counted_school.*
        from counted_school
        union all
        select 'register' as unit_level, null as unit_id, counted_school.*
        from counted_school
        union all
        select 'municipality' as unit_level, municipality_id as unit_id, municipal_base.*
        from municipal_base
        where municipality_id is not null
        union all
        select 'register' as unit_level, null as unit_id, municipal_base.*
        from municipal_base
    ),

    whole as (
        select
            unit_level,
            unit_id,
            {{ cut_of("unit") }},
            case when min(cal_year) = max(cal_year) then min(cal_year) end as cal_year,
            sum(x) as x,
            sum(d) as d,
            sum(bx) as bx,
            sum(bd) as bd,
            cast(
                coalesce(
                    case when max(measure.kind) in ('ratio', 'flag', 'count') then sum(d) end,
                    sum(case when d is not null or absence is null then n end)
                ) as bigint
            ) as n,
            median(
                case when school_id is not null and d > 0 and n >= measure.min_n then estimate end
            ) as median_estimate,
            {{ median_deviation("case when school_id is not null and d > 0 and n >= measure.min_n then estimate end") }}
            as estimate_deviation,
            max(case when school_id is null then value_text end) as value_text,
            {{ union_of_lists("delivery_ids") }} as delivery_ids,
            coalesce(bool_or(has_unconfirmed), false) as has_unconfirmed,
            {%- for name in break_columns() %}
                {% if name == "biased" %} false
                {% else %} bool_or({{ name }})
                {% endif %} as {{ name }},
            {%- endfor %}
            -- schools that have nobody do not speak for those of which nothing is known
            case
                when count(*) filter (where absence is null and coalesce(d, 1) <> 0) > 0
                then null
                when count(*) filter (where absence = 'no_data') > 0
                then 'no_data'
                when count(*) filter (where absence is null) > 0
                then null
                else 'not_applicable'
            end as absence,
            case
                when count(*) filter (where absence = 'no_data') > 0
                then max(absence_reason) filter (where absence = 'no_data')
                else min(absence_reason)
            end as absence_reason
        from unit
        inner join
            measure
            on unit.measure_code = measure.measure_code
            and {{ in_force("measure", "unit") }}
        where measure.kind <> 'enum'
        group by unit_level, unit_id, {{ cut_of("unit") }}
    )
{% endmacro %}
