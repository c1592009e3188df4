{#- Aggregate: median of the absolute deviations from the median. -#}
{% macro median_deviation(expression) -%}
    {{ return(adapter.dispatch('median_deviation')(expression)) }}
{%- endmacro %}

{% macro duckdb__median_deviation(expression) -%} mad({{ expression }}) {%- endmacro %}
