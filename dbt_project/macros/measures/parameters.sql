{#- Parameters of the methodology as columns, for each school year of a relation. -#}
{% macro parameters_by_year(relation, codes) %}
    select
        year.school_year
        {%- for code in codes %}
            ,
            max(
                case when parameter.parameter_code = '{{ code }}' then parameter.value end
            ) as {{ code }}
        {%- endfor %}
    from (select distinct school_year from {{ relation }}) as year
    {%- if codes %}
        inner join {{ ref("int_parameter") }} as parameter on {{ in_force("parameter", "year") }}
    {%- endif %}
    group by year.school_year
{% endmacro %}
