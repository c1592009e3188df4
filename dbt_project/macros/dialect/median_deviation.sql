{#- Aggregate: median of the absolute deviations from the median. -#}
{% macro median_deviation(expression) -%} mad({{ expression }}) {%- endmacro %}
