{#- Named parameters of the methodology as numeric columns, a row for each stretch of school years in
    which none of them changes; to be joined by `of_year`. So a new edition leaves earlier years as
    they were reckoned. -#}
{% macro parameters_in_force(codes) %}
    select
        stretch.from_year,
        stretch.before_year
        {%- for code in codes %}
            ,
            max(
                case
                    when edition.parameter_code = '{{ code }}' then cast(edition.value as double)
                end
            ) as {{ code }}
        {%- endfor %}
    from
        (
            select
                first_year as from_year,
                lead(first_year, 1, '9999/99') over (order by first_year) as before_year
            from
                (
                    select distinct first_year
                    from ({{ edition_rows("parameters", ["parameter_code"]) }}) as known
                    where parameter_code in ('{{ codes | join("', '") }}')
                ) as change
        ) as stretch
    inner join
        ({{ edition_rows("parameters", ["parameter_code"]) }}) as edition
        on stretch.from_year between edition.first_year and edition.last_year
    group by stretch.from_year, stretch.before_year
{%- endmacro %}

{#- Whether a row of `parameters_in_force` is that of a school year. -#}
{% macro of_year(school_year, parameter="parameter") -%}
    {{ school_year }} >= {{ parameter }}.from_year
    and {{ school_year }} < {{ parameter }}.before_year
{%- endmacro %}
