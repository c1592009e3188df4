{#- Aggregate: quantile with linear interpolation between the neighbours. -#}
{% macro quantile(expression, share) -%}
    quantile_cont({{ expression }}, {{ share }})
{%- endmacro %}
