{#- Cells as they are and totals of the school year, by school (or none, for the municipality). The
    catalogue says where a total comes from: `sum` of the cells, or `own`: the measure gives it as a
    row without season, grade and subject, because pupils of several cuts may be the same. -#}
{% macro value_totals() %}
    cut_row as (
        select
            {{ cut_of("cell") }},
            school_id,
            cal_year,
            x,
            d,
            base_numerator as bx,
            base_denominator as bd,
            case when kind in ('flag', 'count', 'enum') then coalesce(n, 1) else n end as n,
            ss,
            value_text,
            given_low,
            given_high,
            delivery_ids,
            has_unconfirmed,
            {{ break_columns() | join(", ") }},
            cast(null as string) as absence,
            cast(null as string) as absence_reason
        from cell
        where
            season is not null
            or grade is not null
            or subject is not null
            or breakdown <> total_breakdown
    ),

    total_row as (
        select
            measure_code,
            school_year,
            cast(null as string) as season,
            cast(null as integer) as grade,
            cast(null as string) as subject,
            total_breakdown as breakdown,
            school_id,
            case when min(cal_year) = max(cal_year) then min(cal_year) end as cal_year,
            sum(x) as x,
            sum(d) as d,
            -- what cannot be counted into the whole does not enter it
            sum(base_numerator) as bx,
            sum(base_denominator) as bd,
            cast(
                case
                    when max(kind) in ('flag', 'enum')
                    then max(n)
                    when max(kind) = 'ratio' and sum(d) > 0
                    then sum(d)
                    else sum(n)
                end as bigint
            ) as n,
            case when count(ss) = count(*) then sum(ss) end as ss,
            case
                when count(*) = 1
                then max(value_text)
                else
                    {{ joined_text("case breakdown when 'all' then value_text else breakdown || ': ' || value_text end", "; ") }}
            end as value_text,
            case when count(*) = 1 then max(given_low) end as given_low,
            case when count(*) = 1 then max(given_high) end as given_high,
            {{ union_of_lists("delivery_ids") }} as delivery_ids,
            bool_or(has_unconfirmed) as has_unconfirmed,
            {%- for name in break_columns() %} bool_or({{ name }}) as {{ name }}, {%- endfor %}
            cast(null as string) as absence,
            cast(null as string) as absence_reason
        from cell
        where
            total = 'sum'
            or (
                season is null and grade is null and subject is null and breakdown = total_breakdown
            )
        group by measure_code, school_year, total_breakdown, school_id
    )
{% endmacro %}
