{#- One direction, wide: a row for a school, municipality or register and school year; for each
    measure its total of the year, n, status, comparability, change on the last comparable year
    and zone.

    values: name of the model with the direction's figures.
    measures: (code, column name, breakdown, is it text, is it primary) in the order of the columns;
        what is not primary is shown with its value, n and status only.
    given: codes of measures that the customer enters; each of their rows has a name of its own, and
        they are told as one text. -#}
{% macro direction_mart(values, measures, given=[]) %}
    with
        total as (
            select
                level,
                school_id,
                municipality_id,
                school_year,
                measure_code,
                measure_code || '/' || breakdown as figure,
                value,
                value_text,
                n,
                status,
                comparability,
                zone,
                delivery_ids,
                status = 'ok' and comparability = 'comparable' as is_comparable,
                measure_code || '/' || breakdown in (
                    {%- for code, name, breakdown, is_text, is_primary in measures if is_primary -%}
                        '{{ code }}/{{ breakdown }}'{{ ", " if not loop.last }}
                    {%- endfor -%}
                ) as is_primary
            from {{ ref(values) }}
            where season is null and grade is null and subject is null
        ),

        changed as (
            select
                *,
                case
                    when is_comparable
                    then
                        value - lag(value) over (
                            partition by level, municipality_id, school_id, figure, is_comparable
                            order by school_year
                        )
                end as change
            from total
        ),

        school as (select * from {{ ref("int_school") }}),

        municipality as (
            select municipality_id, min(municipality_name) as municipality_name
            from school
            group by municipality_id
        ),

        wide as (
            select
                level,
                school_id,
                municipality_id,
                school_year
                {%- for code, name, breakdown, is_text, is_primary in measures %}
                    {#- cases, not filters: for each filter DuckDB cuts all columns anew -#}
                    {%- set own = "figure = '" ~ code ~ "/" ~ breakdown ~ "'" %},
                    max(
                        case when {{ own }} then {{ "value_text" if is_text else "value" }} end
                    ) as {{ name }},
                    max(case when {{ own }} then n end) as {{ name }}_n,
                    max(case when {{ own }} then status end) as {{ name }}_status
                    {%- if is_primary %}
                        ,
                        max(case when {{ own }} then comparability end) as {{ name }}_comparability,
                        {%- if not is_text %}
                            max(case when {{ own }} then change end) as {{ name }}_change,
                        {%- endif %}
                        max(case when {{ own }} then zone end) as {{ name }}_zone
                    {%- endif %}
                {%- endfor %},
                {%- if given %}
                    {{ joined_text("case when measure_code in ('" ~ given | join("', '") ~ "') then value_text || ': ' || replace(cast(value as string), '.', ',') end", "; ") }}
                    as other_indicators,
                {%- endif %}
                {{ union_of_lists("case when is_primary then delivery_ids end") }} as delivery_ids
            from changed
            group by level, school_id, municipality_id, school_year
        )

    select
        wide.level,
        wide.school_id,
        school.short_name as school_name,
        wide.municipality_id,
        municipality.municipality_name,
        wide.school_year
        {%- for code, name, breakdown, is_text, is_primary in measures %}
            ,
            wide.{{ name }},
            wide.{{ name }}_n,
            wide.{{ name }}_status
            {%- if is_primary %}
                ,
                wide.{{ name }}_comparability
                {%- if not is_text %}, wide.{{ name }}_change {%- endif %},
                wide.{{ name }}_zone
            {%- endif %}
        {%- endfor %},
        {%- if given %} wide.other_indicators, {%- endif %}
        wide.delivery_ids
    from wide
    left join school on wide.school_id = school.school_id
    left join municipality on wide.municipality_id = municipality.municipality_id
{% endmacro %}
