{#- Aggregate: the years of a mean, such as 2018/19–2020/21. -#}
{% macro span_of_years(school_year) -%}
    min({{ school_year }}) || '–' || max({{ school_year }})
{%- endmacro %}
